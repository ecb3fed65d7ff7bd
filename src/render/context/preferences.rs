//! The context of the page where a reader chooses.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Page, PageContext, field, samples, seal};
use crate::domain::language::Language;

/// The page where a reader chooses editions, sections and languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preferences {
    /// The frame.
    pub page: Page,
    /// Where the form is sent.
    pub action: String,
    /// The reader's address, most of it covered: whoever has a forwarded mail has the link, too.
    pub address: String,
    /// The editions there are.
    pub editions: Vec<PreferredEdition>,
    /// Whether there are several to choose from.
    pub several: bool,
    /// The languages mails are written in.
    pub mail_languages: Vec<Tick>,
    /// Whether it has just been saved.
    pub saved: bool,
    /// The edition of which nothing at all was left, and so nothing saved.
    pub nothing_of: Option<String>,
    /// What was ticked and does not exist, so that nothing was saved.
    pub unknown: Option<UnknownTick>,
    /// The page with the button that unsubscribes.
    pub unsubscribe_url: String,
}

/// An edition, and which part of it is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreferredEdition {
    /// Its name, as the form sends it.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Whether it is taken.
    pub taken: bool,
    /// Its sections; none where there is only one and no choice.
    pub sections: Vec<Tick>,
    /// The languages of articles.
    pub languages: Vec<Tick>,
}

/// Something that was sent and is on no form of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnknownTick {
    /// The field it stood in: `edition`, `section`, `language` or `mail_language`.
    pub field: &'static str,
    /// What stood there.
    pub value: String,
}

/// A box to tick.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tick {
    /// What the form sends.
    pub value: String,
    /// What stands beside it.
    pub label: String,
    /// Whether it is ticked.
    pub checked: bool,
    /// The language the words beside it are in, if not that of the page.
    pub language: Option<Language>,
}

impl Tick {
    /// Returns a box for each language, named by its speakers; `value` and `checked` are asked for each.
    pub fn languages(
        page: Language,
        value: impl Fn(Language) -> String,
        checked: impl Fn(Language) -> bool,
    ) -> Vec<Self> {
        let tick = |language: Language| Self {
            value: value(language),
            label: language.name().to_owned(),
            checked: checked(language),
            language: (language != page).then_some(language),
        };
        Language::ALL.into_iter().map(tick).collect()
    }
}

impl PageContext for Preferences {
    const NAME: &'static str = "preferences";

    fn samples(language: Language) -> Vec<Self> {
        samples::preferences(language)
    }

    fn derived(&self) -> Map<String, Value> {
        field("seal", seal(&self.page.site_title))
    }
}
