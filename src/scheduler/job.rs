//! An edition's job: fetch, compile, seal, release. The schedule starts it, or a hand.

use super::{Scheduler, SchedulerError};
use crate::articles::Collected;
use crate::digest::{Compiled, DigestError, Sealed};
use crate::domain::desk::Waits;
use crate::domain::issue::{Issue, IssueState};
use crate::domain::schedule::Slot;

/// Whether the feeds are fetched first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetching {
    /// Every feed.
    All,
    /// None: the articles that are here are enough.
    None,
}

/// A step of the job that is done.
#[derive(Debug)]
pub enum JobStep {
    /// The feeds were fetched, as far as they could be.
    Collected(Collected),
    /// The slot has an issue.
    Compiled(Compiled),
    /// The draft waits for the operator, and goes no further.
    Waits(Issue, Waits),
    /// The issue is frozen.
    Sealed(Sealed),
    /// The issue is with the deliverers.
    Released(Issue),
}

impl Scheduler {
    /// Brings a slot of an edition as far as it goes: to an issue that is being sent, to a draft that waits for the
    /// operator, or to the record of why there is none. Told of each step. Doing it again goes on where it stopped.
    ///
    /// # Errors
    /// [`SchedulerError`]; a feed that fails is none, since the issue goes out with what is there.
    pub async fn run_slot(
        &self,
        edition: &str,
        slot: &Slot,
        fetching: Fetching,
        mut done: impl FnMut(&JobStep),
    ) -> Result<Issue, SchedulerError> {
        // An issue that exists was compiled from feeds fetched then: a restart in the middle does not fetch again.
        // A draft that waits for the slot, under whatever name, takes nothing more either.
        let known = self.store.issue_by_slot(edition, &slot.key()).await?.or(self.digests.draft_of(edition).await?);
        if known.is_none() && fetching == Fetching::All {
            let collected = self.articles.collect(|_| ()).await?;
            // A hand may have started it, with no daemon to tell it later.
            self.tell_operator().await;
            done(&JobStep::Collected(collected));
        }
        let compiled = self.digests.compile_to_send(edition, slot).await?;
        let mut issue = compiled.issue.clone();
        done(&JobStep::Compiled(compiled));
        if issue.state == IssueState::Draft {
            let sealed = match self.digests.seal(issue.id).await {
                Ok(sealed) => sealed,
                Err(DigestError::Waits { why, .. }) => {
                    done(&JobStep::Waits(issue.clone(), why));
                    return Ok(issue);
                }
                Err(error) => return Err(error.into()),
            };
            issue = sealed.issue.clone();
            done(&JobStep::Sealed(sealed));
        }
        if issue.state == IssueState::Sealed {
            issue = self.digests.release(issue.id).await?;
            done(&JobStep::Released(issue.clone()));
        }
        Ok(issue)
    }
}
