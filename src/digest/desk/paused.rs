//! Telling the operator of feeds that are visited no more.

use crate::digest::{DigestError, Digests};
use crate::domain::visits::PauseReason;
use crate::render::{PausedFeeds, PausedLine};
use crate::store::PausedFeed;

impl Digests {
    /// Tells the operator of the feeds that were paused without a hand of theirs, each once for each pause, whoever
    /// visited it. A pause lasts until somebody resumes the feed, so one of long ago is told as well. Returns of how many.
    ///
    /// # Errors
    /// [`DigestError::Store`] or [`DigestError::Render`]; what was not told is told at the next call.
    pub(super) async fn tell_of_paused(&self) -> Result<usize, DigestError> {
        let feeds = self.store.untold_pauses().await?;
        if feeds.is_empty() {
            return Ok(0);
        }
        let paused = PausedFeeds {
            // A feed may serve several editions, and one that is wanted by none is told of too.
            publication_title: self.imprint.head.from_name.clone(),
            count: i64::try_from(feeds.len()).unwrap_or(i64::MAX),
            paused: feeds.iter().map(line).collect(),
            sender: self.imprint.sender.clone(),
        };
        let now = self.clock.now();
        let mail = self.to_operator(self.templates.mail(self.operator.language, &paused)?, now);
        Ok(if self.store.report_pauses(&feeds, &mail, now).await? { feeds.len() } else { 0 })
    }
}

fn line(feed: &PausedFeed) -> PausedLine {
    PausedLine {
        name: feed.name.clone(),
        why: if feed.pause.reason == PauseReason::Gone { "gone" } else { "failing" },
        detail: feed.detail.clone(),
        command: format!("kawaraban feeds resume {}", feed.id),
    }
}
