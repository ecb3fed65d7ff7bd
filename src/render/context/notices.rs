//! The contexts of the mails that tell the operator of something beside issues that went out: slots that were skipped,
//! feeds that were paused.

use serde::Serialize;
use serde_json::{Map, Value};

use super::samples::{FRIDAY, either, sender, title};
use super::{MailContext, Sender, field, seal};
use crate::domain::language::Language;
use crate::render::dates::date_long;

/// Issues of an edition that were skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The edition's name.
    pub edition_title: String,
    /// How many.
    pub count: i64,
    /// The day of the first of them, written out in full.
    pub date: String,
    /// Each of them.
    pub skipped: Vec<SkippedLine>,
    /// Who sends it.
    pub sender: Sender,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SkippedLine {
    /// When it would have gone out, written out.
    pub when: String,
    /// Why it did not: a word for each reason, and `other`.
    pub why: &'static str,
    /// The number in the reason: of an issue, items, hours or minutes. 0 if there is none.
    pub n: i64,
    /// How many items there must be, if that is the reason.
    pub least: i64,
    /// The reason as the record has it.
    pub words: String,
}

impl MailContext for Skipped {
    const NAME: &'static str = "skipped";

    fn samples(language: Language) -> Vec<Self> {
        let line = |days: i32, why, n, words: &str| {
            let day = date_long(language, FRIDAY.saturating_add(jiff::Span::new().days(7 * days)));
            let when = either(language, &format!("{day}, 08:00 (Asia/Tokyo)"), &format!("{day}08:00（Asia/Tokyo）"));
            SkippedLine { when, why, n, least: 5, words: words.to_owned() }
        };
        let all = vec![
            line(0, "nobody", 0, "nobody takes this edition"),
            line(1, "nothing_yet", 0, "nothing to publish yet"),
            line(2, "nothing_for_anybody", 0, "nothing in it is of what its readers take"),
            line(3, "nothing_new", 12, "nothing new since issue 12"),
            line(4, "too_little", 2, "only 2 of at least 5 items"),
            line(5, "all_closed", 0, "everything in it closed before it was sealed"),
            line(6, "later_slot_due", 0, "missed; a later slot was due by then"),
            line(7, "too_late_h", 24, "missed by more than 24 h"),
            line(8, "too_late_min", 90, "missed by more than 90 min"),
            line(9, "held", 0, "held"),
            line(10, "not_approved", 0, "not approved"),
            line(11, "other", 0, "the press is broken"),
        ];
        let many = Self {
            edition_title: title(language),
            count: 12,
            date: date_long(language, FRIDAY),
            skipped: all.clone(),
            sender: sender(language),
        };
        let one = Self { count: 1, skipped: all.into_iter().take(1).collect(), ..many.clone() };
        vec![many, one]
    }

    fn must_show(&self) -> Vec<(&'static str, &str)> {
        self.skipped.iter().map(|line| ("when", line.when.as_str())).collect()
    }

    fn derived(&self) -> Map<String, Value> {
        field("seal", seal(&self.edition_title))
    }
}

/// Feeds that are visited no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PausedFeeds {
    /// The name of the publication.
    pub publication_title: String,
    /// How many.
    pub count: i64,
    /// Each of them.
    pub paused: Vec<PausedLine>,
    /// Who sends it.
    pub sender: Sender,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PausedLine {
    /// What it is called, or else its address.
    pub name: String,
    /// Why: `gone` or `failing`.
    pub why: &'static str,
    /// What was seen last, in technical words; empty if nothing was.
    pub detail: String,
    /// The command that tries it again.
    pub command: String,
}

impl MailContext for PausedFeeds {
    const NAME: &'static str = "paused";

    fn samples(language: Language) -> Vec<Self> {
        let line = |name: &str, why, detail: &str, id: i64| PausedLine {
            name: name.to_owned(),
            why,
            detail: detail.to_owned(),
            command: format!("kawaraban feeds resume {id}"),
        };
        let many = Self {
            publication_title: title(language),
            count: 2,
            paused: vec![
                line("Kanazawa Daily", "gone", "the server says that it is gone (410)", 7),
                line("https://feeds.example.jp/culture.xml", "failing", "", 12),
            ],
            sender: sender(language),
        };
        let one = Self { count: 1, paused: many.paused.iter().take(1).cloned().collect(), ..many.clone() };
        vec![many, one]
    }

    fn must_show(&self) -> Vec<(&'static str, &str)> {
        self.paused.iter().flat_map(|line| [("name", line.name.as_str()), ("command", line.command.as_str())]).collect()
    }

    fn derived(&self) -> Map<String, Value> {
        field("seal", seal(&self.publication_title))
    }
}
