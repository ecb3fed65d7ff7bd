//! One reader's copy of an issue: their language, their part of the edition, their own links. Nothing is written.

use crate::digest::audience::{Terms, Verdict};
use crate::digest::{DigestError, Digests};
use crate::domain::address::EmailAddress;
use crate::domain::choice::Choice;
use crate::domain::delivery::Claim;
use crate::domain::ids::{DeliveryId, IssueId};
use crate::domain::issue::{Issue, IssueState, Letter};
use crate::domain::subscriber::{Subscriber, SubscriberState};
use crate::store::Standing;

/// What a reader gets, or would get.
#[derive(Debug, Clone)]
pub struct Copy {
    /// The letter, with the splice key where their token goes.
    pub letter: Letter,
    /// Whose copy it is.
    pub reader: Subscriber,
    /// Their token.
    pub token: String,
    /// Their line in the ledger, once the issue is sealed.
    pub claim: Option<Claim>,
    /// Why they would be sent nothing, if that is so: this is the copy they would have otherwise.
    pub unsent: Option<String>,
}

impl Digests {
    /// Returns the copy of an issue that a reader gets: of a draft as it would be if it were sealed now.
    ///
    /// # Errors
    /// [`DigestError::NoReader`] if they do not get it; [`DigestError::Empty`] if there is no letter.
    pub async fn copy_for(&self, id: IssueId, address: &EmailAddress) -> Result<Copy, DigestError> {
        let reader = self.store.subscriber_by_key(&address.key()).await?;
        let reader = reader.ok_or(DigestError::NoReader("nobody of this address is on the list"))?;
        let issue = self.store.issue(id).await?;
        let variant = self.store.variant_of(reader.id, &issue.edition).await?;
        let variant = variant.ok_or(DigestError::NoReader("the reader does not take this edition"))?;
        let claim = self.store.copy_of(id, reader.id, reader.public_id, &reader.address).await?;
        let letter = match &claim {
            Some(claim) => self.store.letter(claim.letter_id).await?,
            None => self
                .preview_for(id, reader.language, &Choice::from_key(&variant).unwrap_or_default())
                .await?
                .ok_or(DigestError::NoReader("there is nothing for this reader in the issue"))?,
        };
        let token = self.links.unsubscribe_token(reader.public_id, id.0);
        let unsent = self.unsent(&issue, &reader, variant, claim.is_some());
        Ok(Copy { letter, reader, token, claim, unsent })
    }

    /// Returns why a reader who takes the edition would be sent nothing of an issue.
    fn unsent(&self, issue: &Issue, reader: &Subscriber, variant: String, has_a_line: bool) -> Option<String> {
        if has_a_line && reader.state == SubscriberState::Confirmed {
            return None;
        }
        let welcomes = self.edition(&issue.edition).is_ok_and(|edition| edition.policy.welcome_issue);
        let terms = Terms { sealed: issue.state != IssueState::Draft, welcomes, ..Terms::default() };
        let (state, language) = (reader.state, reader.language);
        match terms.verdict(&Standing { state, language, choice: Some(variant), delivery: None }) {
            Verdict::Not(why) => Some(why),
            Verdict::Gets | Verdict::NotConcerned => None,
        }
    }

    /// Puts a reader's copy into the ledger, to an address of the operator's. Its links to leave are dead: the operator's
    /// press must not unsubscribe the reader.
    ///
    /// # Errors
    /// [`DigestError::Store`].
    pub async fn queue_copy(&self, copy: &Copy, to: &EmailAddress) -> Result<DeliveryId, DigestError> {
        Ok(self.store.queue_test(&copy.letter, &to.as_typed(), self.clock.now()).await?)
    }
}
