//! Why an edition does not print an article: nothing is left out silently.

use jiff::Timestamp;

use super::ids::ArticleId;

/// An article an edition does not print.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SetAside {
    /// The edition.
    pub edition: String,
    /// The article.
    #[serde(skip)]
    pub article_id: ArticleId,
    /// Why, in words: one of the two below, or what the editor said.
    pub reason: String,
    /// Since when.
    pub at: Timestamp,
}

/// An opening that closed. It comes back by itself if its date is put off.
pub const CLOSED: &str = "closed before an issue took it";
/// An article that is too old. It comes back by itself if its date is corrected, or the policy.
pub const TOO_OLD: &str = "older than the edition prints";
