//! The contexts of mails.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{MailContext, Section, Sender, field, samples, seal};
use crate::domain::language::Language;

/// An issue, as a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Digest {
    /// The edition's name.
    pub edition_title: String,
    /// The number of the issue.
    pub number: i64,
    /// Its day, written out in full.
    pub date: String,
    /// What it brings. There is at least one item in it.
    pub sections: Vec<Section>,
    /// What the editor wrote above it, as HTML that is safe to print.
    pub introduction_html: Option<String>,
    /// The same as plain text.
    pub introduction_text: Option<String>,
    /// Where the reader leaves.
    pub unsubscribe_url: String,
    /// Where the reader chooses what to take.
    pub preferences_url: String,
    /// The public page of this issue.
    pub archive_url: String,
    /// The sign-up page.
    pub home_url: String,
    /// Who sends it.
    pub sender: Sender,
}

impl MailContext for Digest {
    const NAME: &'static str = "digest";

    fn samples(language: Language) -> Vec<Self> {
        samples::digests(language)
    }

    fn must_show(&self) -> Vec<&str> {
        vec![&self.unsubscribe_url, &self.sender.name, &self.sender.postal_address, &self.sender.contact]
    }

    fn derived(&self) -> Map<String, Value> {
        let first = self.sections.iter().flat_map(|section| &section.items).next();
        let headline = first.map_or_else(|| self.date.clone(), |item| item.title.clone());
        Map::from_iter([("seal".to_owned(), seal(&self.edition_title)), ("headline".to_owned(), Value::from(headline))])
    }
}

/// The question whether it was the owner of an address who signed it up. There is not a word in it that a visitor
/// typed: anybody can have this mail sent to anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confirmation {
    /// What was signed up for.
    pub publication_title: String,
    /// The page that confirms.
    pub confirm_url: String,
    /// How many days the link is good for.
    pub expires_days: i64,
    /// Who sends it.
    pub sender: Sender,
}

impl MailContext for Confirmation {
    const NAME: &'static str = "confirmation";

    fn samples(language: Language) -> Vec<Self> {
        samples::confirmations(language)
    }

    fn must_show(&self) -> Vec<&str> {
        vec![&self.confirm_url, &self.sender.name, &self.sender.postal_address, &self.sender.contact]
    }

    fn derived(&self) -> Map<String, Value> {
        field("seal", seal(&self.publication_title))
    }
}
