//! Editing a draft: pin, skip, move, lead, rewrite, introduce, subject, hold, approve.

use jiff::Timestamp;

use crate::digest::digests::LOOKS;
use crate::digest::{DigestError, Digests};
use crate::domain::desk::{Edit, Shown};
use crate::domain::edition::Edition;
use crate::domain::ids::IssueId;
use crate::domain::issue::{Issue, IssueState};
use crate::store::{EditLine, StoreError};

/// What an edit came to.
#[derive(Debug, Clone)]
pub struct Edited {
    /// The issue as it is now.
    pub issue: Issue,
    /// What was done, as it turned out.
    pub edit: Edit,
    /// Whether anything is different from before. If not, there is no line of it in the record.
    pub changed: bool,
    /// Whether an approval was given up by it: it was for what was there before.
    pub disapproved: bool,
}

impl Digests {
    /// Does something to a draft, and keeps a line of it with the name of who did it.
    ///
    /// # Errors
    /// [`DigestError::WrongState`] if it is a draft no longer; [`DigestError::Edit`] and the like if it cannot be done.
    pub async fn edit(&self, id: IssueId, edit: &Edit, who: &str) -> Result<Edited, DigestError> {
        self.edit_if(id, edit, who, None).await?.ok_or(DigestError::Contended)
    }

    /// As [`Self::edit`], if the draft still is what has this fingerprint. `None` if it is another.
    pub(super) async fn edit_if(
        &self,
        id: IssueId,
        edit: &Edit,
        who: &str,
        fingerprint: Option<[u8; 16]>,
    ) -> Result<Option<Edited>, DigestError> {
        for _ in 0..LOOKS {
            let (issue, before) = self.store.draft(id).await?;
            if issue.state != IssueState::Draft {
                return Err(DigestError::wrong_state(&issue, "edited"));
            }
            let edition = self.edition(&issue.edition)?;
            let now = self.clock.now();
            if let Some(fingerprint) = fingerprint
                && self.to_be_shown(edition, &issue, now).await?.fingerprint() != fingerprint
            {
                return Ok(None);
            }
            self.check(edition, edit, now).await?;
            let after = edit.apply(&before, now)?;
            let turned_out = edit.clone().as_it_turned_out(&after);
            if after == before {
                return Ok(Some(Edited { issue, edit: turned_out, changed: false, disapproved: false }));
            }
            let words = turned_out.in_words();
            match self.store.edit_draft(id, issue.revision, &before, &after, who, &words, now).await {
                Ok(()) => {
                    tracing::info!(issue.id = %id, issue.number, who, "Edited a draft: {words}");
                    let disapproved = before.approved_ms.is_some() && after.approved_ms.is_none();
                    let issue = self.store.issue(id).await?;
                    return Ok(Some(Edited { issue, edit: turned_out, changed: true, disapproved }));
                }
                Err(StoreError::Stale) => self.free(edition, edit, id).await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(DigestError::Contended)
    }

    /// Returns what there is to see of a draft now.
    pub(super) async fn to_be_shown(
        &self,
        edition: &Edition,
        draft: &Issue,
        now: Timestamp,
    ) -> Result<Shown, StoreError> {
        let (items, _) = self.open_items(edition, draft, now).await?;
        Ok(Shown::of(draft, &items))
    }

    /// Returns what was done to an issue while it was a draft, oldest first.
    ///
    /// # Errors
    /// [`DigestError::Store`].
    pub async fn edits(&self, id: IssueId) -> Result<Vec<EditLine>, DigestError> {
        Ok(self.store.edits(id).await?)
    }
}
