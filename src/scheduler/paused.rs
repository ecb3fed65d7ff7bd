//! Telling the operator of feeds that are visited no more.

use super::{Scheduler, SchedulerError};
use crate::articles::{Collected, FeedOutcome};
use crate::digest::PausedFeed;

impl Scheduler {
    /// Sends the operator one mail about the feeds that were paused in this round, if any were. A feed is paused once, so
    /// it is told of once; what a process that dies here does not say is still in the log and in `feeds list`.
    pub(super) async fn tell_of_paused(&self, collected: &Collected) -> Result<(), SchedulerError> {
        let paused = collected.newly_paused().map(|(feed, reason)| PausedFeed {
            id: feed.id,
            name: feed.title.as_ref().unwrap_or(&feed.url).clone(),
            reason,
            detail: match &feed.outcome {
                FeedOutcome::Failed { reason } => reason.clone(),
                FeedOutcome::NotModified | FeedOutcome::Items { .. } => String::new(),
            },
        });
        let paused: Vec<PausedFeed> = paused.collect();
        if !paused.is_empty() {
            self.digests.tell_of_paused(&paused).await?;
        }
        Ok(())
    }
}
