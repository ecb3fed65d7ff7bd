//! Reading a sign-up, however it is sent: as a form in either encoding, or as JSON.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::fault::Fault;
use crate::domain::choice::primary;
use crate::domain::language::Language;
use crate::web::WebState;
use crate::web::failure::Failure;
use crate::web::wording::media_type;

/// A sign-up as it was sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Form {
    pub(super) email: String,
    /// A field people do not see. Only programs fill it in.
    pub(super) website: String,
    lang: String,
    /// The editions that are ticked; `None` where there was no choice.
    #[serde(alias = "edition", deserialize_with = "one_or_more")]
    editions: Option<Vec<String>>,
    /// What else was sent: all of it in JSON; of a form, the parts of editions.
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

/// Names of fields for a part of an edition. The page where readers choose has them; a sign-up is for the whole.
const PARTS: [&str; 4] = ["section", "sections", "language", "languages"];

impl Form {
    /// Returns the language of the page the form stood on, if it says: `ja`, and of `ja-JP` too.
    pub(super) fn language(&self) -> Option<Language> {
        primary(&self.lang).parse().ok()
    }

    /// Returns the editions that are ticked, of those there are; `None` where there was no choice.
    pub(super) fn editions_of(&self, state: &WebState) -> Option<Vec<String>> {
        let wanted = self.editions.as_ref()?;
        let names = state.site.editions.iter().map(|edition| &edition.name);
        Some(names.filter(|name| wanted.contains(name)).cloned().collect())
    }

    /// Returns everything the form asks for and cannot have, but for the address.
    pub(super) fn faults(&self, state: &WebState) -> Vec<Fault> {
        let mut faults = Vec::new();
        let known = |name: &String| state.edition(name).is_some();
        if let Some(wanted) = &self.editions {
            if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
                faults.push(Fault::Edition(unknown.clone()));
            } else if wanted.is_empty() {
                faults.push(Fault::NoEdition);
            }
        }
        if !self.lang.is_empty() && self.language().is_none() {
            faults.push(Fault::Language(self.lang.clone()));
        }
        let part = PARTS.into_iter().find_map(|field| Some((field, self.others.get(field)?)));
        faults.extend(part.map(|(field, value)| Fault::Part { field, value: in_a_row(value) }));
        faults
    }

    fn set(&mut self, name: &str, value: &str) {
        if matches!(name, "edition" | "editions") {
            // An empty one comes along with a choice of editions, so that it shows when none is ticked.
            self.editions.get_or_insert_default().extend((!value.is_empty()).then(|| value.to_owned()));
        }
        if PARTS.contains(&name) {
            self.others.entry(name.to_owned()).or_insert_with(|| value.into());
        }
        let field = match name {
            "email" => &mut self.email,
            "website" => &mut self.website,
            "lang" => &mut self.lang,
            _ => return,
        };
        // Of two fields of one name the first one counts.
        if field.is_empty() {
            value.clone_into(field);
        }
    }

    async fn multipart(request: Request) -> Result<Self, Failure> {
        let mut parts = Multipart::from_request(request, &()).await.map_err(|e| Failure::Unreadable(e.status()))?;
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await.map_err(|e| Failure::Unreadable(e.status()))? {
            let name = part.name().unwrap_or_default().to_owned();
            let value = part.text().await.map_err(|e| Failure::Unreadable(e.status()))?;
            form.set(&name, &value);
        }
        Ok(form)
    }
}

/// Reads a list of words, or one word by itself.
fn one_or_more<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Words {
        One(String),
        More(Vec<String>),
    }
    Ok(Option::<Words>::deserialize(value)?.map(|words| match words {
        Words::One(word) => vec![word],
        Words::More(words) => words,
    }))
}

/// Returns the words of a JSON value, to tell them again.
fn in_a_row(value: &Value) -> String {
    match value {
        Value::String(word) => word.clone(),
        Value::Array(values) => values.iter().map(in_a_row).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

impl FromRequest<WebState> for Form {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let media_type = media_type(&parts.headers);
        // The whole body first, in every encoding: one that is too large is then told from one that makes no sense.
        let body = Bytes::from_request(Request::from_parts(parts.clone(), body), state)
            .await
            .map_err(|e| Failure::Unreadable(e.status()))?;
        match media_type.as_deref() {
            Some("application/x-www-form-urlencoded") => {
                let mut form = Self::default();
                for (name, value) in url::form_urlencoded::parse(&body) {
                    form.set(&name, &value);
                }
                Ok(form)
            }
            Some("multipart/form-data") => Self::multipart(Request::from_parts(parts, body.into())).await,
            // An object and nothing else: serde would take a list for the fields in their order.
            Some("application/json") if body.trim_ascii_start().starts_with(b"{") => {
                serde_json::from_slice(&body).map_err(|_| Failure::Unreadable(StatusCode::BAD_REQUEST))
            }
            Some("application/json") => Err(Failure::Unreadable(StatusCode::BAD_REQUEST)),
            _ => Err(Failure::Unreadable(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
        }
    }
}
