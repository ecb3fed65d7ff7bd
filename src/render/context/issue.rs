//! What mails and the public pages of issues have in common: sections of items.

use jiff::tz::TimeZone;
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::web_url;
use crate::domain::issue::IssueItem;
use crate::domain::language::Language;
use crate::render::dates::date_short;
use crate::render::tidy::one_line;

/// A heading and what stands under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// The heading, as readers see it.
    pub title: String,
    /// The items, in order.
    pub items: Vec<Item>,
}

/// One item of an issue. Templates see each text on one line, the URL only if it is of the web, and the `byline`
/// made of source and date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The headline.
    pub title: String,
    /// Where it leads.
    pub url: String,
    /// A short text.
    pub summary: String,
    /// The name of its source.
    pub source: Option<String>,
    /// When it was published, written out.
    pub date_short: Option<String>,
    /// When it closes, written out, for an opening.
    pub closes: Option<String>,
    /// The language it is in, if not that of the issue.
    pub language: Option<String>,
}

impl Item {
    /// Returns an item as it is printed in an issue written in `language`; days are those of `zone`.
    pub fn new(language: Language, item: &IssueItem, zone: &TimeZone) -> Self {
        let day = |at: jiff::Timestamp| date_short(language, zone.to_datetime(at).date());
        Self {
            title: item.title.clone(),
            url: item.url.clone(),
            summary: item.summary.clone(),
            source: item.source.clone(),
            date_short: Some(day(item.published)),
            closes: item.closes.map(day),
            language: item.language.clone().filter(|tag| !tag.eq_ignore_ascii_case(language.tag())),
        }
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let byline = [&self.source, &self.date_short]
            .into_iter()
            .flatten()
            .map(|part| one_line(part))
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" · ");
        let mut fields = serializer.serialize_struct("Item", 6)?;
        fields.serialize_field("title", &one_line(&self.title))?;
        fields.serialize_field("url", &web_url(&self.url))?;
        fields.serialize_field("summary", &one_line(&self.summary))?;
        fields.serialize_field("byline", &byline)?;
        fields.serialize_field("closes", &self.closes)?;
        fields.serialize_field("language", &self.language)?;
        fields.end()
    }
}
