//! What is waited for: issues, or lines of the ledger.

use jiff::Timestamp;

use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{DeliveryId, IssueId};
use crate::domain::issue::IssueState;
use crate::store::{DeliveryFilter, IssueTally, Store, StoreError};

/// Lines of the ledger read at a time.
const PAGE: usize = 500;

/// What is waited for.
#[derive(Debug, Clone)]
pub(in crate::cli) enum Matter {
    /// Every delivery of these issues.
    Issues(Vec<IssueId>),
    /// These deliveries.
    Lines(Vec<DeliveryId>),
}

impl Matter {
    /// Returns where its deliveries stand, beside the number of people it was addressed to.
    pub(in crate::cli) async fn tally(&self, store: &Store) -> Result<IssueTally, StoreError> {
        let mut sum = IssueTally::default();
        match self {
            Self::Lines(ids) => {
                for id in ids {
                    sum.recipients += 1;
                    *sum.counts.of(store.delivery_state(*id).await?.0) += 1;
                }
            }
            Self::Issues(issues) => {
                for issue in issues {
                    let mut tally = store.issue_tally(*issue).await?;
                    sum.recipients += tally.recipients;
                    for state in DeliveryState::ALL {
                        *sum.counts.of(state) += *tally.counts.of(state);
                    }
                }
            }
        }
        Ok(sum)
    }

    /// Returns when the first of its queued deliveries is due. It stops looking at one that is due by `now`, so that a
    /// ledger in which work is going on is not read to its end.
    pub(super) async fn next_due(&self, store: &Store, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let mut first: Option<Timestamp> = None;
        let queued = DeliveryFilter { state: Some(DeliveryState::Queued), ..DeliveryFilter::default() };
        match self {
            Self::Lines(ids) => {
                for id in ids {
                    let filter = DeliveryFilter { after: Some(DeliveryId(id.0 - 1)), ..queued.clone() };
                    let line = store.deliveries(&filter, 1).await?.pop().filter(|line| line.id == *id);
                    first = line.and_then(|line| line.due).into_iter().chain(first).min();
                }
            }
            Self::Issues(issues) => {
                for issue in issues {
                    let mut filter = DeliveryFilter { issue: Some(*issue), ..queued.clone() };
                    loop {
                        let lines = store.deliveries(&filter, PAGE).await?;
                        first = lines.iter().filter_map(|line| line.due).chain(first).min();
                        let Some(last) = lines.last().filter(|_| lines.len() == PAGE) else { break };
                        if first.is_some_and(|due| due <= now) {
                            break;
                        }
                        filter.after = Some(last.id);
                    }
                }
            }
        }
        Ok(first)
    }

    /// Returns whether whoever sends has closed the books on it: the last reply comes before that.
    pub(super) async fn is_closed(&self, store: &Store) -> Result<bool, StoreError> {
        if let Self::Issues(issues) = self {
            for issue in issues {
                if store.issue(*issue).await?.state == IssueState::Sending {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}
