//! Undoing: the draft becomes what it was before the last edit, and the record says so.

use crate::digest::digests::LOOKS;
use crate::digest::{DigestError, Digests};
use crate::domain::ids::IssueId;
use crate::domain::issue::{Issue, IssueState};
use crate::store::{EditLine, StoreError};

impl Digests {
    /// Undoes the last edit of a draft that is not undone yet, a hold or an approval too, and returns it with the issue
    /// as it is now.
    ///
    /// # Errors
    /// [`DigestError::NothingToUndo`]; [`DigestError::WrongState`] if it is a draft no longer.
    pub async fn undo(&self, id: IssueId, who: &str) -> Result<(Issue, EditLine), DigestError> {
        for _ in 0..LOOKS {
            let issue = self.store.issue(id).await?;
            if issue.state != IssueState::Draft {
                return Err(DigestError::wrong_state(&issue, "edited"));
            }
            match self.store.undo_edit(id, issue.revision, who, self.clock.now()).await {
                Ok(Some(line)) => {
                    tracing::info!(issue.id = %id, issue.number, who, "Undid an edit: {}", line.action);
                    return Ok((self.store.issue(id).await?, line));
                }
                Ok(None) => return Err(DigestError::NothingToUndo),
                Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(DigestError::Contended)
    }
}
