//! The draft of a slot that is still to come, for the operator to look at.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Scheduler, SchedulerError};
use crate::digest::DigestError;
use crate::domain::desk::Approval;
use crate::domain::edition::Edition;
use crate::domain::issue::IssueState;

/// A draft is made of feeds fetched no longer ago than this.
const FRESH: Duration = Duration::from_secs(3600);

impl Scheduler {
    /// Makes the draft of the next slot once its time has come, and shows it to the operator until they have seen it as
    /// it is. Returns when that time is, if it is still to come. Whoever dies in here does it again.
    pub(super) async fn prepare(&self, edition: &Edition) -> Result<Option<Timestamp>, SchedulerError> {
        if edition.review.approval == Approval::Auto {
            return Ok(None);
        }
        let now = self.clock.now();
        let Some(slot) = edition.schedule.next_after(now) else { return Ok(None) };
        let before = SignedDuration::try_from(edition.review.before).unwrap_or(SignedDuration::MAX);
        let opens = slot.instant.checked_sub(before).unwrap_or(Timestamp::MIN);
        if now < opens {
            return Ok(Some(opens));
        }
        let draft = match self.digests.draft_of(&edition.name).await? {
            Some(draft) => draft,
            // It was skipped or cancelled ahead of its time, and nothing else is made for it.
            None if self.store.issue_by_slot(&edition.name, &slot.key()).await?.is_some() => return Ok(None),
            None => {
                self.articles.collect_due(self.poll_feeds_every.min(FRESH)).await?;
                match self.digests.compile_ahead(&edition.name, &slot).await {
                    Ok(compiled) if compiled.issue.state == IssueState::Draft => compiled.issue,
                    // There may be something by the time of the slot.
                    Ok(_) | Err(DigestError::NothingYet) => return Ok(None),
                    Err(error) => return Err(error.into()),
                }
            }
        };
        self.digests.show_draft(draft.id, &slot).await?;
        Ok(None)
    }
}
