//! A slot that came and went while nobody was there.

use super::digests::LOOKS;
use super::{DigestError, Digests};
use crate::domain::issue::Issue;
use crate::domain::schedule::Slot;
use crate::domain::skip::Skip;
use crate::store::NewIssue;

impl Digests {
    /// Records that a slot was missed, and why. Its articles wait for the next one. If the slot has an issue already,
    /// that is returned as it is.
    ///
    /// # Errors
    /// [`DigestError::UnknownEdition`]; [`DigestError::Store`] or [`DigestError::Contended`], which pass.
    pub async fn record_missed(&self, edition: &str, slot: &Slot, reason: Skip) -> Result<Issue, DigestError> {
        let edition = self.edition(edition)?;
        let missed = NewIssue {
            edition: edition.name.clone(),
            slot: slot.key(),
            scheduled: slot.instant,
            skipped: Some(reason.to_string()),
            items: Vec::new(),
        };
        for _ in 0..LOOKS {
            if let Some(issue) = self.store.create_issue(&missed, self.clock.now()).await? {
                tracing::warn!(edition = %edition.name, slot = %issue.slot, "Skipped a slot: {reason}");
                return Ok(issue);
            }
            if let Some(issue) = self.store.issue_by_slot(&edition.name, &missed.slot).await? {
                return Ok(issue);
            }
        }
        Err(DigestError::Contended)
    }
}
