//! What somebody takes, as they are told: on the pages and in the mail that ask for their word and thank them for it.

use serde::Serialize;

use super::samples::{either, title};
use crate::domain::language::Language;

/// An edition somebody takes, and which part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taking {
    /// The edition's title.
    pub title: String,
    /// The headings of the sections they take of it, in a row; empty if they take all.
    pub sections: String,
    /// The languages of the articles they take, in a row; empty if they take all.
    pub languages: String,
}

impl Taking {
    /// Returns whether it is all of the edition.
    pub fn is_whole(&self) -> bool {
        self.sections.is_empty() && self.languages.is_empty()
    }
}

/// Returns samples that between them take every branch: a whole edition, and a part of one.
pub(super) fn takings(language: Language) -> Vec<Taking> {
    vec![
        Taking { title: title(language), sections: String::new(), languages: String::new() },
        Taking {
            title: either(language, "Kawaraban Monthly", "月刊かわら版"),
            sections: either(language, "News, Openings", "ニュース、募集情報"),
            languages: "日本語".to_owned(),
        },
    ]
}
