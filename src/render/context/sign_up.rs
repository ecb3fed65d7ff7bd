//! The context of the sign-up page.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Page, PageContext, Tick, samples, seal};
use crate::domain::language::Language;

/// The sign-up page, fresh or sent back with what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignUp {
    /// The frame.
    pub page: Page,
    /// Where the form is sent.
    pub action: String,
    /// The domain our mails come from, for readers who must let it through.
    pub mail_domain: String,
    /// What the visitor typed, or nothing.
    pub email: String,
    /// The editions to choose from; none where there is only one.
    pub editions: Vec<Tick>,
    /// How often that one appears: `daily`, `weekly`, `monthly`, or `other` if there are several.
    pub often: &'static str,
    /// What is wrong with it.
    pub error: Option<SignUpError>,
    /// What was probably meant.
    pub suggestion: Option<String>,
    /// What is wrong with the rest of the form.
    #[serde(flatten)]
    pub faults: SignUpFaults,
}

/// What a sign-up asked for and cannot have. What was sent is told again, so that it can be found and mended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SignUpFaults {
    /// Whether there was a choice of editions, and nothing was ticked.
    pub no_edition: bool,
    /// An edition there is not.
    pub unknown_edition: Option<String>,
    /// A language no mail is written in.
    pub unknown_language: Option<String>,
    /// A section, or a language of articles: a sign-up is for whole editions.
    pub part: Option<String>,
}

/// Why a sign-up was sent back. None of these tells whether an address is on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignUpError {
    /// Nothing was typed.
    Empty,
    /// There is no `@` in it.
    NoAt,
    /// The part after the `@` is no domain.
    Domain,
    /// It is longer than an address can be.
    TooLong,
    /// There is a control or an invisible character in it.
    Invisible,
    /// It is `postmaster` or the like.
    NotAllowed,
    /// Too many forms were sent in a short time.
    TooMany,
    /// It is wrong in some other way.
    Malformed,
}

impl SignUpError {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::Empty,
        Self::NoAt,
        Self::Domain,
        Self::TooLong,
        Self::Invisible,
        Self::NotAllowed,
        Self::TooMany,
        Self::Malformed,
    ];
}

impl PageContext for SignUp {
    const NAME: &'static str = "sign_up";

    fn samples(language: Language) -> Vec<Self> {
        samples::sign_ups(language)
    }

    fn derived(&self) -> Map<String, Value> {
        let edition_wrong = self.faults.no_edition || self.faults.unknown_edition.is_some();
        Map::from_iter([
            ("seal".to_owned(), seal(&self.page.site_title)),
            ("edition_wrong".to_owned(), Value::from(edition_wrong)),
        ])
    }
}
