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
    /// What it is, and what it shows besides its words.
    pub details: Details,
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
    /// What it is, and what it shows besides its words.
    pub details: Details,
}

/// Whether an article tells of something or asks for somebody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArticleKind {
    /// Something happened.
    #[default]
    News,
    /// A job, a call for entries, a residency: open until it closes.
    Opening,
}

impl ArticleKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::News, Self::Opening];

    /// Returns the word stored for the kind.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::News => "news",
            Self::Opening => "opening",
        }
    }

    /// Returns the kind stored as `word`, if there is one.
    pub fn from_stored(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What an article is, and what it shows besides its words. In an issue it is frozen with them.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Details {
    /// News or an opening.
    pub kind: ArticleKind,
    /// Where the work of an opening is.
    pub place: Option<String>,
    /// Whose opening it is.
    pub company: Option<String>,
    /// What an opening pays, in the words of whoever offers it.
    pub pay: Option<String>,
    /// A picture.
    pub image: Option<Image>,
}

/// A picture that belongs to an article.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Image {
    /// Where it is; `http` or `https`.
    pub url: String,
    /// What it shows, for whoever does not see it; may be empty.
    pub alt: String,
    /// Who made it.
    pub credit: Option<String>,
}
