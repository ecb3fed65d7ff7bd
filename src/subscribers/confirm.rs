//! The confirmation button.

use super::desk::{LOOKS, as_read};
use super::{LinkError, Subscribers};
use crate::domain::consent::{ConsentEvent, ConsentKind, Visit};
use crate::domain::subscriber::Subscriber;
use crate::domain::token::Purpose;
use crate::store::StoreError;

impl Subscribers {
    /// Confirms a sign-up. Pressing the button twice is pressing it once.
    ///
    /// # Errors
    /// [`LinkError::NotAllowed`] if the subscriber has left since, or must not be written to.
    pub async fn confirm(&self, token: &str, visit: &Visit) -> Result<Subscriber, LinkError> {
        let token = self.verify(Purpose::Confirm, token)?;
        for _ in 0..LOOKS {
            let mut subscriber = self.subscriber_of(&token).await?;
            let next = subscriber.state.confirm()?;
            if next == subscriber.state {
                return Ok(subscriber);
            }
            if self.left_since(&subscriber, token.context).await? {
                return Err(LinkError::Expired);
            }
            let taken = self.taken_by(&subscriber).await?;
            let event = ConsentEvent::new(ConsentKind::Confirmed, self.clock.now(), visit)
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

    /// Returns whether they left after `made`, in unix seconds: a link from before that must not undo it.
    async fn left_since(&self, subscriber: &Subscriber, made: i64) -> Result<bool, StoreError> {
        let events = self.store.consent_events(subscriber.id).await?;
        Ok(events.iter().any(|event| event.kind == ConsentKind::Unsubscribed && event.at.as_second() > made))
    }
}
