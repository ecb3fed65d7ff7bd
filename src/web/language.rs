//! Which language a page is shown in: `?lang=`, else what is known of the reader, else what their browser asks for,
//! else English.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};

use crate::domain::language::Language;

/// The languages a visitor asks for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked {
    query: Option<Language>,
    browser: Option<Language>,
}

impl Asked {
    pub(super) fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let query = uri.query().and_then(|query| {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            pairs.find(|(name, _)| name == "lang").and_then(|(_, tag)| tag.parse().ok())
        });
        let browser = headers.get(ACCEPT_LANGUAGE).and_then(|value| Language::negotiate(value.to_str().ok()?));
        Self { query, browser }
    }

    /// Returns the language for somebody we know nothing of.
    pub(super) fn language(self) -> Language {
        self.query.or(self.browser).unwrap_or_default()
    }

    /// Returns the language for somebody whose mails are in `theirs`.
    pub(super) fn language_or(self, theirs: Language) -> Language {
        self.query.unwrap_or(theirs)
    }

    /// Returns what keeps a choice made by hand for the next page.
    pub(super) fn query_suffix(self) -> String {
        self.query.map(|language| format!("?lang={language}")).unwrap_or_default()
    }
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(uri: &str, accept: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, accept.parse().unwrap());
        Asked::of(&uri.parse().unwrap(), &headers).language()
    }

    #[test]
    fn a_choice_made_by_hand_comes_first_and_english_last() {
        assert_eq!(asked("/?lang=ja", "en"), Language::Ja);
        assert_eq!(asked("/?lang=xx&a=b", "ja;q=0.5, fr"), Language::Ja);
        assert_eq!(asked("/", "fr"), Language::En);
    }
}
