//! A feed: where articles come from, and what we remember of it between two visits.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::article::{ArticleKind, Image};
use super::ids::FeedId;
use super::visits::Health;

/// A source of articles.
#[derive(Debug, Clone)]
pub struct Feed {
    /// The row.
    pub id: FeedId,
    /// Where it is fetched.
    pub url: String,
    /// The section its items go to, unless a category says otherwise.
    pub section: String,
    /// Which of the feed's own categories lead to which section, compared without case.
    pub category_sections: BTreeMap<String, String>,
    /// The name it gives itself, once fetched.
    pub title: Option<String>,
    /// The validators of the last answer, to be sent back verbatim.
    pub validators: Validators,
    /// When it was last fetched, well or not.
    pub last_fetch: Option<Timestamp>,
    /// When it last gave something usable; `None` until the first time.
    pub last_success: Option<Timestamp>,
    /// What went wrong last, in words, until it goes right again.
    pub last_error: Option<String>,
    /// What holds for its items where they say nothing.
    pub items: ItemDefaults,
    /// The address it was added with, once a permanent redirect has changed it.
    pub added_as: Option<String>,
    /// How its visits go, and when the next one may be.
    pub health: Health,
}

/// What holds for the items of a feed where they say nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct ItemDefaults {
    /// News or openings.
    pub kind: ArticleKind,
    /// How long an opening is open.
    pub opening_life: Option<Duration>,
    /// The language, as a BCP 47 tag.
    pub language: Option<String>,
}

/// What a conditional GET (RFC 9110 §13.1) sends back, byte for byte as the server wrote it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The `ETag`, quotes and weakness mark included.
    pub etag: Option<String>,
    /// The `Last-Modified` date.
    pub last_modified: Option<String>,
}

/// One item as a feed tells it: cleaned, capped, and not yet an article of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedItem {
    /// What the feed knows the item by; unique within the feed.
    pub guid: String,
    /// The headline, as text.
    pub title: String,
    /// Where it leads; `http` or `https`.
    pub url: String,
    /// The summary, as text.
    pub summary: String,
    /// The feed's categories for it.
    pub categories: Vec<String>,
    /// The language it says it is in, as a BCP 47 tag.
    pub language: Option<String>,
    /// When it says it was published.
    pub published: Option<Timestamp>,
    /// When it says it is over.
    pub closes: Option<Timestamp>,
    /// Where the work of an opening is.
    pub place: Option<String>,
    /// Whose opening it is.
    pub company: Option<String>,
    /// A picture that belongs to it.
    pub image: Option<Image>,
}

impl ItemDefaults {
    /// Returns when an opening that does not say closes: its life after it was published. News never closes by itself.
    pub fn closes(&self, published: Timestamp) -> Option<Timestamp> {
        let life = self.opening_life.filter(|_| self.kind == ArticleKind::Opening)?;
        published.checked_add(jiff::SignedDuration::try_from(life).ok()?).ok()
    }
}

impl Feed {
    /// Returns what people call it: the name it gives itself, or its address.
    pub fn name(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.url)
    }

    /// Returns the section an item of this feed belongs to: that of its first mapped category, or the feed's own.
    pub fn section_of(&self, categories: &[String]) -> &str {
        categories
            .iter()
            .find_map(|category| {
                self.category_sections.iter().find(|(from, _)| from.to_lowercase() == category.trim().to_lowercase())
            })
            .map_or(&self.section, |(_, section)| section)
    }
}
