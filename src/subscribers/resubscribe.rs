//! "I did not mean to leave", pressed on the page that says goodbye.

use super::desk::{LOOKS, as_read};
use super::{LinkError, Subscribers};
use crate::domain::consent::{ConsentEvent, ConsentKind, Visit};
use crate::domain::subscriber::{NoSuchStep, Subscriber};
use crate::domain::token::Purpose;
use crate::store::StoreError;

impl Subscribers {
    /// Takes back an unsubscribe. The link in the mail is proof enough of who presses.
    ///
    /// # Errors
    /// [`LinkError::NotAllowed`] if the address was never confirmed, or must not be written to.
    pub async fn resubscribe(&self, token: &str, visit: &Visit) -> Result<Subscriber, LinkError> {
        let token = self.verify(Purpose::Unsubscribe, token)?;
        for _ in 0..LOOKS {
            let mut subscriber = self.subscriber_of(&token).await?;
            let next = subscriber.state.resubscribe()?;
            if next == subscriber.state {
                return Ok(subscriber);
            }
            if subscriber.confirmed.is_none() {
                // There is no consent to come back to.
                return Err(NoSuchStep { from: subscriber.state, step: "resubscribe" }.into());
            }
            let taken = self.taken_by(&subscriber).await?;
            let event = ConsentEvent::new(ConsentKind::Resubscribed, self.clock.now(), visit)
                .detail(self.publication.agreed_to(&taken, subscriber.language));
            match self.store.change_subscriber(as_read(&subscriber), next, &event).await {
                Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => {
                    subscriber.state = next;
                    return Ok(subscriber);
                }
            }
        }
        Err(StoreError::Stale.into())
    }
}
