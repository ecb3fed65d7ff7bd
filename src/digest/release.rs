//! Releasing: the deliveries of a sealed issue may be claimed.

use super::words::count;
use super::{DigestError, Digests};
use crate::domain::ids::IssueId;
use crate::domain::issue::{Issue, IssueState};

impl Digests {
    /// Hands a sealed issue to whoever delivers. One that was released before is returned as it is.
    ///
    /// # Errors
    /// [`DigestError::WrongState`] if it is a draft, skipped or cancelled.
    pub async fn release(&self, id: IssueId) -> Result<Issue, DigestError> {
        if let Some(issue) = self.store.release_issue(id, self.clock.now()).await? {
            tracing::info!(
                issue.id = %issue.id, issue.number,
                "Released an issue to {}", count(issue.recipients, "subscriber", "subscribers")
            );
            return Ok(issue);
        }
        let issue = self.store.issue(id).await?;
        match issue.state {
            IssueState::Sending | IssueState::Finished => Ok(issue),
            IssueState::Draft | IssueState::Sealed | IssueState::Skipped(_) | IssueState::Cancelled => {
                Err(DigestError::wrong_state(&issue, "released"))
            }
        }
    }
}
