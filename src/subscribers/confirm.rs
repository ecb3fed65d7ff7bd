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
            let event = ConsentEvent::new(ConsentKind::Confirmed, self.clock.now(), visit);
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
