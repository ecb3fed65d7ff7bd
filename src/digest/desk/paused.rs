//! Telling the operator of feeds that are visited no more.

use crate::digest::{DigestError, Digests};
use crate::domain::ids::FeedId;
use crate::domain::visits::PauseReason;
use crate::render::{PausedFeeds, PausedLine};

/// A feed that was paused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PausedFeed {
    /// The row.
    pub id: FeedId,
    /// What it is called, or else its address.
    pub name: String,
    /// Why.
    pub reason: PauseReason,
    /// What was seen last, in technical words; empty if nothing was.
    pub detail: String,
}

impl Digests {
    /// Puts a mail about these feeds into the ledger. Where there is nobody to mail, it is in the log. It must be done
    /// only once by whoever calls it.
    ///
    /// # Errors
    /// [`DigestError::Store`] or [`DigestError::Render`].
    pub async fn tell_of_paused(&self, feeds: &[PausedFeed]) -> Result<(), DigestError> {
        if self.operator.addresses.is_empty() {
            for feed in feeds {
                tracing::warn!(feed.id = %feed.id, "Feed {} is visited no more: {}", feed.id, feed.detail);
            }
            return Ok(());
        }
        let lines = feeds.iter().map(|feed| PausedLine {
            name: feed.name.clone(),
            why: if feed.reason == PauseReason::Gone { "gone" } else { "failing" },
            detail: feed.detail.clone(),
            command: format!("kawaraban feeds resume {}", feed.id),
        });
        let paused = PausedFeeds {
            // A feed may serve several editions, and one that is wanted by none is told of too.
            publication_title: self.imprint.head.from_name.clone(),
            count: i64::try_from(feeds.len()).unwrap_or(i64::MAX),
            paused: lines.collect(),
            sender: self.imprint.sender.clone(),
        };
        let now = self.clock.now();
        let mail = self.to_operator(self.templates.mail(self.operator.language, &paused)?, now);
        Ok(self.store.queue_notice(&mail, now).await?)
    }
}
