//! Telling the operator of feeds that are visited no more.

use super::{Scheduler, SchedulerError};
use crate::articles::{Collected, FeedOutcome};

impl Scheduler {
    /// Sends the operator one mail about the feeds that were paused in this round, if any were. A feed is paused once, so
    /// it is told of once; what a process that dies here does not say is still in the log and in `feeds list`.
    pub(super) async fn tell_of_paused(&self, collected: &Collected) -> Result<(), SchedulerError> {
        let lines: Vec<String> = collected
            .newly_paused()
            .map(|(feed, _)| {
                let why = match &feed.outcome {
                    FeedOutcome::Failed { reason } => reason.as_str(),
                    FeedOutcome::NotModified | FeedOutcome::Items { .. } => "it was paused",
                };
                let (id, name) = (feed.id, feed.title.as_ref().unwrap_or(&feed.url));
                format!("Feed {id}, {name}: {why}. `kawaraban feeds resume {id}` tries it again.")
            })
            .collect();
        if !lines.is_empty() {
            self.digests.notice("Feeds that are visited no more", &lines).await?;
        }
        Ok(())
    }
}
