//! Which slots are due, and what becomes of those that were missed.

use jiff::{SignedDuration, Timestamp};

use super::{Fetching, Scheduler, SchedulerError};
use crate::domain::edition::Edition;
use crate::domain::issue::IssueState;
use crate::domain::schedule::Slot;
use crate::domain::skip::Skip;

/// How many missed slots are put on record, at most, when a daemon comes back. An edition that is due every minute
/// and slept for a year would fill the list with nothing else.
const MISSED_ON_RECORD: usize = 100;

impl Scheduler {
    /// Does what is due, and returns when the next slot of any edition is. Each slot since the last one dealt with
    /// becomes an issue or the record of why not: of several that were missed only the newest is sent, and that only
    /// if it is not later than the edition allows; the articles of the others go into the next issue.
    ///
    /// # Errors
    /// [`SchedulerError`]. What was not done is due again at the next call.
    pub async fn step(&self) -> Result<Option<Timestamp>, SchedulerError> {
        let mut next: Option<Timestamp> = None;
        let mut failed = None;
        for edition in self.digests.editions() {
            // One edition that cannot be made must not keep the others from going out.
            let opens = match self.step_edition(edition).await {
                Ok(opens) => opens,
                Err(error) => {
                    tracing::error!(edition = edition.name, "An edition could not be made and is tried again: {error}");
                    failed = Some(error);
                    None
                }
            };
            let due = edition.schedule.next_after(self.clock.now()).map(|slot| slot.instant);
            next = [next, due, opens].into_iter().flatten().min();
        }
        self.tell_operator().await;
        failed.map_or(Ok(next), Err)
    }

    /// Tells the operator what they have not been told of. Nothing waits for this: it is tried again at the next step.
    pub(super) async fn tell_operator(&self) {
        if let Err(error) = self.digests.tell_operator().await {
            tracing::error!("The operator could not be told how issues and feeds went: {error}");
        }
    }

    /// Returns when the next draft is to be made, if that is still to come.
    async fn step_edition(&self, edition: &Edition) -> Result<Option<Timestamp>, SchedulerError> {
        let now = self.clock.now();
        let considered = self.store.edition_cursor(&edition.name, now).await?;
        let slots = edition.schedule.slots_between(considered, now, MISSED_ON_RECORD);
        if let Some((newest, missed)) = slots.split_last() {
            for slot in missed {
                self.miss(edition, slot, Skip::LaterSlotDue).await?;
            }
            if is_late(edition, newest, now) {
                self.give_up(edition, newest).await?;
            } else {
                let issue = self.run_slot(&edition.name, newest, Fetching::All, |_| ()).await?;
                if issue.state == IssueState::Draft {
                    // It waits for the operator. The slot stays due until they have decided, or it is too late.
                    self.digests.show_draft(issue.id, newest).await?;
                    return Ok(None);
                }
                let slot = newest.key();
                tracing::info!(issue.id = %issue.id, slot, "The slot of {} is {}", edition.name, issue.state);
            }
            // Last of all: whoever dies before this line finds the slot due again, and its issue as far as it came.
            self.store.advance_edition(&edition.name, newest.instant).await?;
        }
        self.let_go(edition).await?;
        self.prepare(edition).await
    }

    /// Sends a draft that was made by hand, once it is approved and its time has come: no slot of the schedule does.
    async fn let_go(&self, edition: &Edition) -> Result<(), SchedulerError> {
        let Some(draft) = self.digests.draft_of(&edition.name).await? else { return Ok(()) };
        if draft.desk.approved.is_none() || draft.desk.held.is_some() || draft.scheduled > self.clock.now() {
            return Ok(());
        }
        let sealed = self.digests.seal(draft.id).await?.issue;
        if sealed.state == IssueState::Sealed {
            self.digests.release(sealed.id).await?;
        }
        Ok(())
    }

    /// Puts on record that a slot was missed. A draft that was made for it is not kept for another: it was shown for this
    /// one.
    async fn miss(&self, edition: &Edition, slot: &Slot, reason: Skip) -> Result<(), SchedulerError> {
        match self.store.issue_by_slot(&edition.name, &slot.key()).await? {
            Some(draft) if draft.state == IssueState::Draft => {
                let reason = edition.review.waits(&draft.desk).map_or(reason, Skip::from);
                self.store.skip_draft(draft.id, draft.revision, &reason.to_string()).await?;
            }
            _ => {
                self.digests.record_missed(&edition.name, slot, reason).await?;
            }
        }
        Ok(())
    }

    /// Puts on record that a slot was missed by too much. An issue that was begun for it is not sent either.
    async fn give_up(&self, edition: &Edition, slot: &Slot) -> Result<(), SchedulerError> {
        // What waited for the operator was not late by itself.
        let draft = self.digests.draft_of(&edition.name).await?;
        let waited = draft.and_then(|draft| edition.review.waits(&draft.desk));
        let reason = waited.map_or(Skip::TooLate(edition.late_limit.as_secs() / 60), Skip::from);
        match self.store.issue_by_slot(&edition.name, &slot.key()).await? {
            None => {
                self.digests.record_missed(&edition.name, slot, reason).await?;
            }
            Some(issue) if issue.state == IssueState::Draft => {
                self.store.skip_draft(issue.id, issue.revision, &reason.to_string()).await?;
            }
            Some(issue) if issue.state == IssueState::Sealed => {
                self.digests.cancel(issue.id).await?;
            }
            Some(_) => {}
        }
        Ok(())
    }
}

fn is_late(edition: &Edition, slot: &Slot, now: Timestamp) -> bool {
    let limit = SignedDuration::try_from(edition.late_limit).unwrap_or(SignedDuration::MAX);
    now.duration_since(slot.instant) > limit
}
