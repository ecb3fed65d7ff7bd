//! What a sign-up asks for and cannot have: told on the page at its field, and in JSON with field and value. None of it is
//! about the address, so it tells nobody anything.

use serde_json::{Value, json};

use crate::domain::language::Language;
use crate::render::SignUpFaults;
use crate::web::WebState;

/// More of a value is not told again.
const MAX_SHOWN_CHARS: usize = 60;

/// Something a sign-up cannot have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// An edition there is not.
    Edition(String),
    /// None at all, of a choice of editions.
    NoEdition,
    /// A language no mail is written in.
    Language(String),
    /// A part of an edition.
    Part {
        /// The field it stood in.
        field: &'static str,
        /// What stood there.
        value: String,
    },
}

impl Fault {
    /// Returns the error for a program.
    pub(super) fn json(&self, state: &WebState) -> Value {
        let editions: Vec<&str> = state.site.editions.iter().map(|edition| &*edition.name).collect();
        let editions = editions.join(", ");
        let (problem, field, value, message) = match self {
            Self::Edition(value) => (
                "unknown_edition",
                "editions",
                Some(shown(value)),
                format!("there is no edition {:?}; there are: {editions}", shown(value)),
            ),
            Self::NoEdition => (
                "no_edition",
                "editions",
                None,
                format!("name at least one edition, or leave the field out; there are: {editions}"),
            ),
            Self::Language(value) => (
                "unknown_language",
                "lang",
                Some(shown(value)),
                format!("no mail is written in {:?}; write {}", shown(value), Language::ALL.map(Language::tag).join(" or ")),
            ),
            Self::Part { field, value } => (
                "no_part",
                *field,
                Some(shown(value)),
                "a sign-up is for whole editions; sections, and languages of articles, are chosen with the link in each \
                 issue"
                    .to_owned(),
            ),
        };
        json!({ "error": { "problem": problem, "field": field, "value": value, "message": message } })
    }
}

impl From<&[Fault]> for SignUpFaults {
    fn from(faults: &[Fault]) -> Self {
        let mut told = Self::default();
        for fault in faults {
            match fault {
                Fault::Edition(value) => told.unknown_edition = Some(shown(value)),
                Fault::NoEdition => told.no_edition = true,
                Fault::Language(value) => told.unknown_language = Some(shown(value)),
                Fault::Part { value, .. } => told.part = Some(shown(value)),
            }
        }
        told
    }
}

pub(super) fn shown(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).take(MAX_SHOWN_CHARS).collect()
}
