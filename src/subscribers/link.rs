//! What the tokens in links lead to.

use jiff::Timestamp;

use super::Subscribers;
use super::confirmation::time_to_confirm;
use crate::domain::language::Language;
use crate::domain::subscriber::{NoSuchStep, Subscriber};
use crate::domain::token::{BadToken, Purpose, Token};
use crate::store::StoreError;

/// Why a link leads nowhere.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// It was not made by us for this purpose, or a part of it is missing.
    #[error(transparent)]
    Bad(#[from] BadToken),
    /// It was good once.
    #[error("the link is too old")]
    Expired,
    /// Its subscriber is not there any more: forgotten or erased.
    #[error("nobody is subscribed under this link any more")]
    Gone,
    /// What has become of the subscriber since does not allow it.
    #[error(transparent)]
    NotAllowed(#[from] NoSuchStep),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Subscribers {
    /// Returns whom a link speaks of. Changes nothing.
    ///
    /// # Errors
    /// [`LinkError`] if the link would not work: for the page with the button, which then need not be shown.
    pub async fn look_up(&self, purpose: Purpose, token: &str) -> Result<Subscriber, LinkError> {
        let subscriber = self.subscriber_of(&self.verify(purpose, token)?).await?;
        if purpose == Purpose::Confirm {
            subscriber.state.confirm()?;
        }
        Ok(subscriber)
    }

    /// Returns the language of whoever a link was made for, if they are still known: however old it is, and whatever has
    /// become of them. It is for the words about a link that does not work, so what goes wrong here is passed over.
    pub async fn language_behind(&self, token: &str) -> Option<Language> {
        let signer = self.links.signer();
        let verified = [Purpose::Unsubscribe, Purpose::Confirm].map(|purpose| signer.verify(purpose, token));
        let token = verified.into_iter().find_map(Result::ok)?;
        self.subscriber_of(&token).await.ok().map(|subscriber| subscriber.language)
    }

    /// Returns what a token says, if it is still good.
    pub(super) fn verify(&self, purpose: Purpose, text: &str) -> Result<Token, LinkError> {
        let token = self.links.signer().verify(purpose, text)?;
        match purpose {
            // The right to leave does not expire, nor does that to choose.
            Purpose::Unsubscribe => Ok(token),
            // These speak of issues.
            Purpose::Approve | Purpose::Hold | Purpose::OpenDraft => Err(BadToken.into()),
            Purpose::Confirm => {
                let made = Timestamp::from_second(token.context).map_err(|_| BadToken)?;
                if self.clock.now() >= made + time_to_confirm() { Err(LinkError::Expired) } else { Ok(token) }
            }
        }
    }

    pub(super) async fn subscriber_of(&self, token: &Token) -> Result<Subscriber, LinkError> {
        self.store.subscriber_by_public_id(token.public_id).await?.ok_or(LinkError::Gone)
    }
}
