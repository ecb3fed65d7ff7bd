//! An article as those who push articles see it, and what becomes of one that is pushed.

use jiff::Timestamp;

use super::article::Article;

/// Where an article came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Pushed, under this id of its owner's.
    Api(ExternalId),
    /// Written by hand.
    Hand,
    /// From a feed.
    Feed,
}

/// An article with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushedArticle {
    /// The article.
    pub article: Article,
    /// Where it came from.
    pub origin: Origin,
    /// When its words were last changed by whoever pushed it.
    pub updated: Option<Timestamp>,
    /// When it was taken back: no issue takes it after that.
    pub withdrawn: Option<Timestamp>,
    /// Whether an issue was sealed with it. It stays as it was printed then.
    pub printed: bool,
}

/// What became of an article that was pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// It is new.
    Created,
    /// It was here with other words.
    Updated,
    /// It was here just so.
    Unchanged,
    /// An issue was sealed with it: it stays as it was printed.
    Printed,
    /// It was withdrawn, and stays so.
    Withdrawn,
    /// It is over and was never here: no issue would take it.
    Closed,
}

/// No id of a job board or a CMS is longer, not even a URL that serves as one.
const MAX_ID_CHARS: usize = 200;

/// What the owner of a pushed article knows it by: printable ASCII without spaces, so that it can stand in a path and is
/// spelt in one way only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalId(String);

/// The text cannot be an external id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write 1 to 200 letters, digits and signs of ASCII without a space, and not just dots")]
pub struct BadExternalId;

impl ExternalId {
    /// Returns the id as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for ExternalId {
    type Err = BadExternalId;

    fn from_str(text: &str) -> Result<Self, BadExternalId> {
        let printable = text.bytes().all(|b| b.is_ascii_graphic());
        // `.` and `..` are no names in a path: clients take them out.
        let dots = text.bytes().all(|b| b == b'.');
        (printable && !dots && text.len() <= MAX_ID_CHARS).then(|| Self(text.to_owned())).ok_or(BadExternalId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_spelt_in_one_way() {
        for good in ["1", "job-1", "https://example.jp/?p=1", "a.b", &"x".repeat(200)] {
            assert_eq!(good.parse::<ExternalId>().unwrap().as_str(), good);
        }
        for bad in ["", ".", "..", "a b", " a", "a\u{0}", "a\nb", "求人", "é", &"x".repeat(201)] {
            assert!(bad.parse::<ExternalId>().is_err(), "{bad:?}");
        }
    }
}
