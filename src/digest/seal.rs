//! Sealing: items, texts and recipients are frozen together. What is sent later is what was sealed.

use super::digests::LOOKS;
use super::letters::{Letters, Print};
use super::pictures::WHILE_SEALING;
use super::words::count;
use super::{DigestError, Digests};
use crate::domain::ids::IssueId;
use crate::domain::issue::{Issue, IssueState};
use crate::domain::skip::Skip;
use crate::store::{SealedIssue, StoreError};

/// An issue that is a draft no longer.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// The issue: sealed, or further on its way if others are at work on it; skipped, if nothing was left of it or nobody
    /// would get it.
    pub issue: Issue,
    /// How many items were left out because they closed after they had been chosen.
    pub closed: usize,
    /// Whether it was sealed just now, by us.
    pub by_us: bool,
}

impl Sealed {
    /// Returns how many people it is addressed to.
    pub fn recipients(&self) -> i64 {
        self.issue.recipients
    }
}

impl Digests {
    /// Freezes a draft. Items that have closed since they were chosen are left out; if nothing is left, or nobody would
    /// get it and its edition is not published without readers, the draft becomes a skipped issue and its articles wait
    /// for the next one. An issue that somebody has sealed already is returned as it is.
    ///
    /// # Errors
    /// [`DigestError::WrongState`] if it is cancelled; [`DigestError::Waits`] if the operator holds it or has to approve
    /// it first; [`DigestError::Render`] if a letter cannot be written.
    pub async fn seal(&self, id: IssueId) -> Result<Sealed, DigestError> {
        for _ in 0..LOOKS {
            let issue = self.store.issue(id).await?;
            match issue.state {
                IssueState::Draft => {}
                IssueState::Cancelled => return Err(DigestError::wrong_state(&issue, "sealed")),
                IssueState::Sealed | IssueState::Sending | IssueState::Finished | IssueState::Skipped(_) => {
                    return Ok(Sealed { issue, closed: 0, by_us: false });
                }
            }
            // A hold that comes between this look and the seal makes the revision an old one, and the seal is refused.
            if let Some(why) = self.edition(&issue.edition)?.review.waits(&issue.desk) {
                return Err(DigestError::waits(&issue, why));
            }
            match self.seal_draft(&issue).await {
                Ok(closed) => {
                    if closed > 0 {
                        // They have left the draft, and are told by the record from now on.
                        self.store.set_aside(self.edition(&issue.edition)?, self.clock.now()).await?;
                    }
                    return Ok(Sealed { issue: self.store.issue(id).await?, closed, by_us: true });
                }
                Err(DigestError::Store(StoreError::Stale)) => {}
                Err(DigestError::Store(StoreError::Unread)) => {
                    // Unless somebody has come in the meantime.
                    let Some(reason) = self.unread(&issue).await? else { continue };
                    match self.skip_draft(&issue, reason).await {
                        Ok(()) => return Ok(Sealed { issue: self.store.issue(id).await?, closed: 0, by_us: true }),
                        Err(StoreError::Stale) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Err(DigestError::Contended)
    }

    async fn skip_draft(&self, draft: &Issue, reason: Skip) -> Result<(), StoreError> {
        self.store.skip_draft(draft.id, draft.revision, &reason.to_string()).await?;
        tracing::info!(issue.id = %draft.id, issue.number = draft.number, "Skipped a draft: {reason}");
        Ok(())
    }

    /// Returns how many items were left out.
    async fn seal_draft(&self, draft: &Issue) -> Result<usize, DigestError> {
        let edition = self.edition(&draft.edition)?;
        let now = self.clock.now();
        let (items, closed) = self.open_items(edition, draft, now).await?;
        if items.is_empty() {
            self.skip_draft(draft, Skip::AllClosed).await?;
            return Ok(closed);
        }
        let pictures = self.pictures(&items, WHILE_SEALING).await;
        let print = Print { edition, issue: draft, pictures: &pictures, now };
        let Letters { letters, unserved } = self.all_letters(print, &items).await?;
        let unserved = unserved.into_iter().collect();
        let without_readers = edition.policy.publish_without_readers;
        let sealed = SealedIssue { id: draft.id, revision: draft.revision, items, letters, unserved, without_readers };
        let recipients = self.store.seal_issue(&sealed, now).await?;
        tracing::info!(
            issue.id = %draft.id, issue.number = draft.number,
            "Sealed an issue of {} for {}",
            count(sealed.items.len(), "item", "items"), count(recipients, "subscriber", "subscribers")
        );
        Ok(closed)
    }
}
