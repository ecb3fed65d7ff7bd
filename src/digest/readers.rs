//! Whether anybody would get an issue. One that nobody gets would use up its articles, and nobody would ever read them.

use super::{DigestError, Digests};
use crate::domain::choice::Choice;
use crate::domain::edition::Edition;
use crate::domain::issue::{Issue, IssueState};
use crate::domain::skip::Skip;
use crate::store::StoreError;

impl Digests {
    /// Returns why a draft would go to nobody, and so would be skipped; `None` if somebody would get it, if its edition
    /// is published without readers, or if it is a draft no longer.
    ///
    /// # Errors
    /// [`DigestError::UnknownEdition`] or [`DigestError::Store`].
    pub async fn unread(&self, draft: &Issue) -> Result<Option<Skip>, DigestError> {
        if draft.state != IssueState::Draft {
            return Ok(None);
        }
        let edition = self.edition(&draft.edition)?;
        let (items, _) = self.open_items(edition, draft, self.clock.now()).await?;
        let items: Vec<_> = items.into_iter().map(|item| (item.section, item.language)).collect();
        Ok(self.nobody(edition, &items).await?)
    }

    /// Returns why an issue with these items, given by section and language, would go to nobody and must not.
    pub(super) async fn nobody(
        &self,
        edition: &Edition,
        items: &[(String, Option<String>)],
    ) -> Result<Option<Skip>, StoreError> {
        if edition.policy.publish_without_readers || self.store.somebody_takes_all(&edition.name).await? {
            return Ok(None);
        }
        let parts = self.store.variants_of(&edition.name).await?;
        let served = parts.iter().any(|part| match Choice::from_key(&part.key) {
            Ok(choice) => items.iter().any(|(section, language)| choice.takes(section, language.as_deref())),
            // A key that is none takes everything.
            Err(_) => true,
        });
        Ok(match (served, parts.is_empty()) {
            (true, _) => None,
            (false, true) => Some(Skip::Nobody),
            (false, false) => Some(Skip::NothingForAnybody),
        })
    }
}
