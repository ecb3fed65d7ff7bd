//! What is waited for: issues, or one line of the ledger.

use jiff::Timestamp;

use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{DeliveryId, IssueId};
use crate::domain::issue::IssueState;
use crate::store::{DeliveryCounts, DeliveryFilter, Store, StoreError};

/// Lines of the ledger read at a time.
const PAGE: usize = 500;

/// What is waited for.
#[derive(Debug, Clone)]
pub(in crate::cli) enum Matter {
    /// Every delivery of these issues.
    Issues(Vec<IssueId>),
    /// One delivery.
    Line(DeliveryId),
}

impl Matter {
    /// Returns where its deliveries stand.
    pub(in crate::cli) async fn counts(&self, store: &Store) -> Result<DeliveryCounts, StoreError> {
        let mut sum = DeliveryCounts::default();
        match self {
            Self::Line(id) => *sum.of(store.delivery_state(*id).await?.0) += 1,
            Self::Issues(issues) => {
                for issue in issues {
                    let mut counts = store.delivery_counts(*issue).await?;
                    for state in DeliveryState::ALL {
                        *sum.of(state) += *counts.of(state);
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
        for mut filter in self.filters() {
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

    fn filters(&self) -> Vec<DeliveryFilter> {
        let queued = DeliveryFilter { state: Some(DeliveryState::Queued), ..DeliveryFilter::default() };
        match self {
            Self::Issues(issues) => {
                issues.iter().map(|issue| DeliveryFilter { issue: Some(*issue), ..queued.clone() }).collect()
            }
            // The page begins with the line itself. Younger ones come along; they are due no earlier than it was made.
            Self::Line(id) => vec![DeliveryFilter { after: Some(DeliveryId(id.0 - 1)), ..queued }],
        }
    }
}
