//! The button behind a link in a preview.

use super::ask::{DraftLink, LinkError};
use crate::digest::{DigestError, Digests};
use crate::domain::desk::Edit;
use crate::domain::token::Purpose;

/// Whoever presses a button has no other name here.
const BY_LINK: &str = "link";

impl Digests {
    /// Approves a draft, if it is still what the link was made for: what was not seen cannot be approved. Doing it again
    /// changes nothing. Returns the draft, which `changed` if nothing was done.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn approve_by_link(&self, token: &str) -> Result<DraftLink, LinkError> {
        self.follow(Purpose::Approve, token, &Edit::Approve).await
    }

    /// Holds a draft, whatever it is by now: holding is the safe side.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn hold_by_link(&self, token: &str) -> Result<DraftLink, LinkError> {
        self.follow(Purpose::Hold, token, &Edit::Hold).await
    }

    async fn follow(&self, purpose: Purpose, token: &str, edit: &Edit) -> Result<DraftLink, LinkError> {
        let link = self.open_link(purpose, token).await?;
        let only =
            if purpose == Purpose::Hold { None } else { Some(self.links.signer().verify(purpose, token)?.public_id) };
        match self.edit_if(link.issue.id, edit, BY_LINK, only).await {
            Ok(Some(edited)) => {
                let changed = link.changed && purpose != Purpose::Hold;
                Ok(DraftLink { issue: edited.issue, changed, ..link })
            }
            Ok(None) => Ok(DraftLink { changed: true, ..link }),
            Err(DigestError::WrongState { .. }) => {
                Err(LinkError::Over(Some(self.store.issue(link.issue.id).await?.into())))
            }
            Err(error) => Err(error.into()),
        }
    }
}
