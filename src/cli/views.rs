//! What several commands show, as stable JSON: keys in snake_case, times as RFC 3339 says.

use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::domain::issue::{Issue, IssueState};

/// An issue.
#[derive(Debug, Clone, Serialize)]
pub(super) struct IssueView {
    pub(super) number: Option<i64>,
    pub(super) edition: String,
    pub(super) slot: String,
    #[serde(flatten)]
    pub(super) state: IssueState,
    pub(super) scheduled: Timestamp,
    pub(super) created: Timestamp,
    pub(super) sealed: Option<Timestamp>,
    pub(super) released: Option<Timestamp>,
    pub(super) finished: Option<Timestamp>,
    pub(super) recipients: i64,
    /// When the operator was shown the draft last.
    pub(super) previewed: Option<Timestamp>,
    pub(super) held: Option<Timestamp>,
    pub(super) approved: Option<Timestamp>,
    /// How long after its slot it was released; none if no slot of the schedule asked for it.
    pub(super) late_ms: Option<i64>,
}

impl IssueView {
    pub(super) fn of(app: &App, issue: &Issue) -> Self {
        // What is made by hand has the minute it was made in for a slot: nobody waited for it then.
        let edition = app.digests.edition(&issue.edition).ok();
        let due = edition.is_some_and(|edition| edition.schedule.is_due_at(issue.scheduled));
        let late = |at: Timestamp| (at.as_millisecond() - issue.scheduled.as_millisecond()).max(0);
        Self {
            number: issue.number,
            edition: issue.edition.clone(),
            slot: issue.slot.clone(),
            state: issue.state.clone(),
            scheduled: issue.scheduled,
            created: issue.created,
            sealed: issue.sealed,
            released: issue.released,
            finished: issue.finished,
            recipients: issue.recipients,
            previewed: issue.desk.previewed,
            held: issue.desk.held,
            approved: issue.desk.approved,
            late_ms: issue.released.filter(|_| due).map(late),
        }
    }
}

/// Returns what people call an issue.
pub(super) fn name(issue: &Issue) -> String {
    match issue.number {
        Some(number) => format!("issue {number} of {}", issue.edition),
        None => format!("the {} issue of {}", issue.edition, issue.slot),
    }
}
