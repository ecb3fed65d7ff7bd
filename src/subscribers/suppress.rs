//! Putting an address where nothing reaches it.

use super::confirmation::Entry;
use super::desk::{LOOKS, as_read};
use super::{Subscribers, SubscribersError};
use crate::domain::address::EmailAddress;
use crate::domain::consent::{ConsentEvent, ConsentKind, Visit};
use crate::domain::language::Language;
use crate::domain::subscriber::{SubscriberState, SuppressReason};
use crate::store::StoreError;

impl Subscribers {
    /// Suppresses an address, known or not. `false` if it is suppressed already; the first reason stays.
    pub async fn suppress(&self, address: &EmailAddress, reason: SuppressReason) -> Result<bool, SubscribersError> {
        for _ in 0..LOOKS {
            let now = self.clock.now();
            let event = ConsentEvent::new(ConsentKind::Suppressed, now, &Visit::default()).detail(reason.as_str());
            let outcome = match self.find(address).await? {
                Some(subscriber) if subscriber.state.suppress_reason().is_some() => return Ok(false),
                Some(subscriber) => {
                    let to = SubscriberState::Suppressed(reason);
                    self.store.change_subscriber(as_read(&subscriber), to, &event).await
                }
                None => {
                    // A row to suppress. Should the process end here, it is a sign-up nobody confirms.
                    let known = self.known(address, now).await?;
                    let language = Language::default();
                    let (takes, state) = (self.publication.usual(), SubscriberState::Pending);
                    let entry = Entry { language, takes, state, event, ask: false };
                    let row = self.enrolment(address, &known, entry, now)?;
                    self.store.enrol(&[row], None).await.and(Err(StoreError::Stale))
                }
            };
            match outcome {
                Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => return Ok(true),
            }
        }
        Err(StoreError::Stale.into())
    }
}
