//! An article: one item of news or one opening, until an issue takes it.

use jiff::Timestamp;

use super::ids::{ArticleId, FeedId};

/// An article as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// The row.
    pub id: ArticleId,
    /// The feed it came from; `None` for one written by hand.
    pub feed_id: Option<FeedId>,
    /// The name of its source, shown beside the title.
    pub source: Option<String>,
    /// The headline.
    pub title: String,
    /// Where it leads.
    pub url: String,
    /// A short text.
    pub summary: String,
    /// The heading it goes under.
    pub section: String,
    /// The language it is in, as a BCP 47 tag, where known.
    pub language: Option<String>,
    /// When it was published, or first seen if it never said.
    pub published: Timestamp,
    /// When we first saw it.
    pub first_seen: Timestamp,
    /// When it closes, for an opening; it is in no issue sealed after that.
    pub closes: Option<Timestamp>,
}

/// An article about to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArticle {
    /// The feed it comes from; `None` for one written by hand.
    pub feed_id: Option<FeedId>,
    /// What its feed knows it by.
    pub guid: String,
    /// The name of its source.
    pub source: Option<String>,
    /// The headline.
    pub title: String,
    /// Where it leads.
    pub url: String,
    /// A short text.
    pub summary: String,
    /// The heading it goes under.
    pub section: String,
    /// The language it is in, as a BCP 47 tag, where known.
    pub language: Option<String>,
    /// When it was published; `None` means when it is first seen.
    pub published: Option<Timestamp>,
    /// When it closes, for an opening.
    pub closes: Option<Timestamp>,
}
