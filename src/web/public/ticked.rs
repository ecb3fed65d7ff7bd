//! Reading what was ticked on the page where a reader chooses, sent as a form or as JSON, and what of it does not exist.
//!
//! JSON names the same fields, each with a word or a list of words: `editions`, `sections` and `languages` (`weekly/news`,
//! `weekly/ja`), and `mail_language`. What is left out is not ticked.

use std::collections::BTreeSet;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::fault::shown;
use crate::domain::choice::Choice;
use crate::domain::edition::Edition;
use crate::domain::language::Language;
use crate::render::UnknownTick;
use crate::store::Taken;
use crate::web::WebState;
use crate::web::failure::Failure;
use crate::web::wording::media_type;

/// What was ticked.
#[derive(Debug, Default)]
pub(super) struct Ticked {
    editions: BTreeSet<String>,
    /// `edition/section`.
    sections: BTreeSet<String>,
    /// `edition/language`.
    languages: BTreeSet<String>,
    /// Of several the last.
    mail_language: Option<String>,
}

/// Something that was ticked and does not exist.
#[derive(Debug)]
pub(super) struct Unknown {
    field: Field,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Edition,
    Section,
    Language,
    MailLanguage,
}

impl Field {
    /// Returns the field of this name: one word in a form, many in JSON, and either is understood.
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "edition" | "editions" => Self::Edition,
            "section" | "sections" => Self::Section,
            "language" | "languages" => Self::Language,
            "mail_language" => Self::MailLanguage,
            _ => return None,
        })
    }

    /// Returns every value the field can have.
    fn offered(self, editions: &[Edition]) -> Vec<String> {
        let of_each = |parts: fn(&Edition) -> Vec<&str>| {
            let values = |edition| parts(edition).into_iter().map(move |part| format!("{}/{part}", edition.name));
            editions.iter().flat_map(values).collect()
        };
        match self {
            Self::Edition => editions.iter().map(|edition| edition.name.clone()).collect(),
            Self::Section => of_each(|edition| edition.sections.iter().map(String::as_str).collect()),
            Self::Language => of_each(|_| Language::ALL.map(Language::tag).into()),
            Self::MailLanguage => Language::ALL.map(|language| language.to_string()).into(),
        }
    }
}

impl Ticked {
    fn add(&mut self, field: Field, value: &str) {
        let value = value.to_owned();
        match field {
            // As the sign-up does, nothing is made of a field that was sent empty.
            _ if value.is_empty() => {}
            Field::Edition => _ = self.editions.insert(value),
            Field::Section => _ = self.sections.insert(value),
            Field::Language => _ = self.languages.insert(value),
            Field::MailLanguage => self.mail_language = Some(value),
        }
    }

    /// Reads a form; one that makes no sense has ticked nothing.
    fn from_form(body: &[u8]) -> Self {
        let mut ticked = Self::default();
        for (name, value) in url::form_urlencoded::parse(body) {
            if let Some(field) = Field::named(&name) {
                ticked.add(field, &value);
            }
        }
        ticked
    }

    /// Reads JSON; `None` if it is not as it should be.
    fn from_json(body: &[u8]) -> Option<Self> {
        let Ok(Value::Object(fields)) = serde_json::from_slice(body) else { return None };
        let mut ticked = Self::default();
        for (name, value) in &fields {
            let Some(field) = Field::named(name) else { continue };
            let words = match value {
                Value::Array(words) => words.as_slice(),
                word => std::slice::from_ref(word),
            };
            for word in words {
                ticked.add(field, word.as_str()?);
            }
        }
        Some(ticked)
    }

    /// Returns the first thing that was ticked and does not exist.
    pub(super) fn unknown(&self, editions: &[Edition]) -> Option<Unknown> {
        let wanted = self.editions.iter().map(|value| (Field::Edition, value));
        let sections = self.sections.iter().map(|value| (Field::Section, value));
        let languages = self.languages.iter().map(|value| (Field::Language, value));
        let mails = self.mail_language.iter().map(|value| (Field::MailLanguage, value));
        let mut ticked = wanted.chain(sections).chain(languages).chain(mails);
        let (field, value) = ticked.find(|(field, value)| !field.offered(editions).contains(value))?;
        Some(Unknown { field, value: value.clone() })
    }

    /// Returns what was ticked, of the editions there are.
    pub(super) fn taken(&self, editions: &[Edition], mail_language: Language) -> Taken {
        let languages = Language::ALL.map(Language::tag);
        let of = |ticked: &BTreeSet<String>, edition: &Edition| -> Vec<String> {
            let prefix = format!("{}/", edition.name);
            ticked.iter().filter_map(|value| value.strip_prefix(&prefix)).map(str::to_owned).collect()
        };
        let choice = |edition: &Edition| {
            // Where there is one section only, the form does not ask for it.
            let sections =
                if edition.sections.len() > 1 { of(&self.sections, edition) } else { edition.sections.clone() };
            Choice::among(sections, &edition.sections, of(&self.languages, edition), &languages)
        };
        Taken {
            language: self.mail_language.as_deref().and_then(|tag| tag.parse().ok()).unwrap_or(mail_language),
            offered: editions.iter().map(|edition| edition.name.clone()).collect(),
            editions: editions
                .iter()
                .filter(|edition| self.editions.contains(&edition.name))
                .map(|edition| (edition.name.clone(), choice(edition)))
                .collect(),
        }
    }
}

impl Unknown {
    /// Returns the error for a program.
    pub(super) fn json(&self, editions: &[Edition]) -> Value {
        let (problem, field) = match self.field {
            Field::Edition => ("unknown_edition", "editions"),
            Field::Section => ("unknown_section", "sections"),
            Field::Language => ("unknown_language", "languages"),
            Field::MailLanguage => ("unknown_language", "mail_language"),
        };
        let value = shown(&self.value);
        let offered = self.field.offered(editions).join(", ");
        let message = format!("{value:?} is not one of the {field} there are: {offered}");
        json!({ "error": { "problem": problem, "field": field, "value": value, "message": message } })
    }
}

impl From<Unknown> for UnknownTick {
    fn from(unknown: Unknown) -> Self {
        let field = match unknown.field {
            Field::Edition => "edition",
            Field::Section => "section",
            Field::Language => "language",
            Field::MailLanguage => "mail_language",
        };
        Self { field, value: shown(&unknown.value) }
    }
}

impl FromRequest<WebState> for Ticked {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Failure> {
        let media_type = media_type(request.headers());
        let body = Bytes::from_request(request, state).await.map_err(|e| Failure::Unreadable(e.status()))?;
        match media_type.as_deref() {
            Some("application/json") => Self::from_json(&body).ok_or(Failure::Unreadable(StatusCode::BAD_REQUEST)),
            // What is no form at all has ticked nothing, and nothing is saved of it.
            _ => Ok(Self::from_form(&body)),
        }
    }
}
