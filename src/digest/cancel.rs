//! Cancelling: what has not been offered to the relay yet stays here.

use super::digests::LOOKS;
use super::error::CANCELLED;
use super::words::count;
use super::{DigestError, Digests};
use crate::domain::ids::IssueId;
use crate::domain::issue::{Issue, IssueState};
use crate::store::StoreError;

/// A cancelled issue.
#[derive(Debug, Clone)]
pub struct Cancelled {
    /// The issue.
    pub issue: Issue,
    /// How many people will not get it.
    pub withdrawn: u64,
    /// Whether its articles wait for another issue: as long as nobody can have read it, they do.
    pub articles_returned: bool,
}

impl Digests {
    /// Stops an issue that is not finished. Cancelling it again changes nothing.
    ///
    /// # Errors
    /// [`DigestError::WrongState`] if it is finished or was skipped.
    pub async fn cancel(&self, id: IssueId) -> Result<Cancelled, DigestError> {
        for _ in 0..LOOKS {
            let issue = self.store.issue(id).await?;
            if issue.state == IssueState::Cancelled {
                let articles_returned = issue.released.is_none();
                return Ok(Cancelled { issue, withdrawn: 0, articles_returned });
            }
            if !issue.state.can_cancel() {
                return Err(DigestError::wrong_state(&issue, CANCELLED));
            }
            match self.store.cancel_issue(id, &issue.state, self.clock.now()).await {
                Ok(withdrawn) => {
                    tracing::info!(
                        issue.id = %issue.id, issue.number,
                        "Cancelled an issue and withdrew {}", count(withdrawn, "delivery", "deliveries")
                    );
                    let articles_returned = issue.state != IssueState::Sending;
                    return Ok(Cancelled { issue: self.store.issue(id).await?, withdrawn, articles_returned });
                }
                Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(DigestError::Contended)
    }
}
