//! The contexts of mails.

use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Item, MailContext, Section, Sender, Taking, field, samples, seal};
use crate::domain::language::Language;
use crate::render::tidy::{one_line, truncate};

/// An issue, as a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Digest {
    /// The edition's name.
    pub edition_title: String,
    /// The number of the issue.
    pub number: i64,
    /// Its day, written out in full.
    pub date: String,
    /// Its day, for the helper `format_date`.
    pub day: Date,
    /// What the editor has to say, as HTML: the work of [`markdown_html`](crate::render::markdown_html).
    pub introduction_html: Option<String>,
    /// The same, as plain text: the work of [`markdown_text`](crate::render::markdown_text).
    pub introduction_text: Option<String>,
    /// The story it opens with, which stands in no section.
    pub lead: Option<Item>,
    /// What it brings besides. With the lead there is at least one item.
    pub sections: Vec<Section>,
    /// Where the reader leaves.
    pub unsubscribe_url: String,
    /// Where the reader chooses sections, languages and editions; none if there is nothing to choose.
    pub preferences_url: Option<String>,
    /// The public page of this issue, the same for every reader.
    pub archive_url: String,
    /// The sign-up page.
    pub home_url: String,
    /// Who sends it.
    pub sender: Sender,
}

/// Of each title in the first line of a digest.
const MAX_TEASER_GRAPHEMES: usize = 60;

impl Digest {
    /// Returns the title of what it leads with, or its day if there is nothing in it.
    fn headline(&self) -> String {
        let first = self.lead.iter().chain(self.sections.iter().flat_map(|section| &section.items)).next();
        first.map_or_else(|| self.date.clone(), |item| item.title.clone())
    }
}

impl MailContext for Digest {
    const NAME: &'static str = "digest";

    fn samples(language: Language) -> Vec<Self> {
        samples::digests(language)
    }

    fn must_show(&self) -> Vec<(&'static str, &str)> {
        let way_out = ("unsubscribe_url", self.unsubscribe_url.as_str());
        [way_out].into_iter().chain(self.sender.must_show()).collect()
    }

    fn derived(&self) -> Map<String, Value> {
        let mut titles = self.lead.iter().chain(self.sections.iter().flat_map(|section| &section.items)).map(|item| {
            // What inboxes show beside the subject has room for two or three.
            truncate(&one_line(&item.title), MAX_TEASER_GRAPHEMES)
        });
        let headline = self.headline();
        titles.next();
        let teaser = titles.take(2).collect::<Vec<_>>().join(" / ");
        Map::from_iter([
            ("seal".to_owned(), seal(&self.edition_title)),
            ("headline".to_owned(), Value::from(headline)),
            ("teaser".to_owned(), Value::from(teaser)),
        ])
    }
}

/// The question whether it was the owner of an address who signed it up. There is not a word in it that a visitor
/// typed: anybody can have this mail sent to anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confirmation {
    /// What was signed up for; who sends it, if it is more than one edition.
    pub publication_title: String,
    /// The editions that were signed up for, and which part of each; none if the title says it all.
    pub takes: Vec<Taking>,
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

    fn must_show(&self) -> Vec<(&'static str, &str)> {
        let way_in = ("confirm_url", self.confirm_url.as_str());
        [way_in].into_iter().chain(self.sender.must_show()).collect()
    }

    fn derived(&self) -> Map<String, Value> {
        field("seal", seal(&self.publication_title))
    }
}
