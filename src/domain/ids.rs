//! The ids rows are known by. A newtype each, so that a feed is never taken for an article.

use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// A subscriber's row.
    SubscriberId,
    /// A feed's row.
    FeedId,
    /// An article's row.
    ArticleId,
    /// An issue's row. Readers and operators know an issue by its number instead.
    IssueId,
    /// A letter's row: the frozen content that one or many deliveries carry.
    LetterId,
    /// A delivery's row in the ledger.
    DeliveryId,
}
