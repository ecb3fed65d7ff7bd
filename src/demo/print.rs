//! Sending the digest by the press of a button: the weekly job, now.

use tokio::sync::Mutex;

use crate::app::App;
use crate::domain::edition::Edition;
use crate::domain::issue::{Issue, IssueState};
use crate::domain::schedule::Slot;
use crate::scheduler::{Fetching, SchedulerError};
use crate::store::StoreError;

/// Makes issues of the first edition, one after the other.
pub(super) struct Printer {
    app: App,
    turn: Mutex<()>,
}

/// What a press of the button came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Printed {
    /// An issue is on its way.
    Issue(Box<Issue>),
    /// Nobody would get one. The articles are kept for when somebody does.
    NobodySubscribed,
    /// There is nothing new, and since when.
    NothingNew(String),
}

impl Printer {
    pub(super) fn new(app: App) -> Self {
        Self { app, turn: Mutex::default() }
    }

    /// Fetches the feeds, makes an issue of what is new and lets it go.
    pub(super) async fn print(&self) -> Result<Printed, SchedulerError> {
        // Two presses at once are two presses.
        let _turn = self.turn.lock().await;
        let Some(edition) = self.app.digests.editions().first() else { return Ok(Printed::NobodySubscribed) };
        let slot = self.free_slot(edition).await?;
        if self.app.digests.plan(&edition.name, &slot).await?.recipient_count() == 0 {
            return Ok(Printed::NobodySubscribed);
        }
        let issue = self.app.scheduler.run_slot(&edition.name, &slot, Fetching::All, |_| ()).await?;
        Ok(match issue.state {
            IssueState::Skipped(reason) => Printed::NothingNew(reason),
            _ => Printed::Issue(Box::new(issue)),
        })
    }

    /// Returns this minute as a slot, or the first one after it that has no issue and that no issue was sealed in: a
    /// minute has one issue, and whoever plays with a button does not want to wait for the next.
    async fn free_slot(&self, edition: &Edition) -> Result<Slot, StoreError> {
        let mut at = self.app.clock.now();
        let newest = self.app.store.latest_issues(None, None, 1).await?.pop();
        if let Some(sealed) = newest.and_then(|issue| issue.sealed) {
            at = at.max(sealed);
            while edition.schedule.slot_at(at).instant <= sealed {
                at += jiff::SignedDuration::from_mins(1);
            }
        }
        loop {
            let slot = edition.schedule.slot_at(at);
            if self.app.store.issue_by_slot(&edition.name, &slot.key()).await?.is_none() {
                return Ok(slot);
            }
            at += jiff::SignedDuration::from_mins(1);
        }
    }
}
