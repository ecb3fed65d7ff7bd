//! A look at an issue in a real mail program, before everybody has it there.

use super::{DigestError, Digests};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{DeliveryId, IssueId};
use crate::domain::language::Language;

impl Digests {
    /// Puts the letter an issue has (or would have, if it were sealed now) in `language` into the ledger, to an
    /// address of the operator's.
    ///
    /// # Errors
    /// As [`Digests::preview`].
    pub async fn queue_test(
        &self,
        id: IssueId,
        language: Language,
        address: &EmailAddress,
    ) -> Result<DeliveryId, DigestError> {
        let preview = self.preview(id).await?;
        let letter = preview
            .letters
            .iter()
            .find(|letter| letter.language == language)
            .ok_or_else(|| DigestError::empty(&preview.issue))?;
        Ok(self.store.queue_test(letter, &address.as_typed(), self.clock.now()).await?)
    }
}
