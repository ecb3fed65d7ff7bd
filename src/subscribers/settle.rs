//! Deciding what becomes of the sign-ups that were taken down.

use jiff::Timestamp;
use tracing::{error, warn};

use super::confirmation::{Entry, Known};
use super::desk::LOOKS;
use super::{Subscribers, SubscribersError, throttle};
use crate::domain::address::EmailAddress;
use crate::domain::consent::{ConsentEvent, ConsentKind};
use crate::domain::subscriber::{SubscriberState, SuppressReason};
use crate::store::{SignUp, SignUpContext, StoreError};

/// How many sign-ups that cannot be settled for now are looked past in one step, so that they hold up nobody.
const ROOM_FOR_STUCK: usize = 100;

/// What becomes of a sign-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    /// Nothing, and nobody is told.
    Nothing,
    /// The address waits for confirmation.
    Pend {
        /// Whether its owner is asked for it by mail.
        ask: bool,
    },
}

impl Subscribers {
    /// Settles up to `limit` sign-ups, oldest first, and returns how many: the background step after
    /// [`sign_up`](Subscribers::sign_up). One that cannot be settled does not hold up the others.
    ///
    /// # Errors
    /// [`SubscribersError::Store`] if the database does not answer.
    pub async fn settle_sign_ups(&self, limit: usize) -> Result<usize, SubscribersError> {
        let mut settled = 0;
        for (id, line) in self.store.unsettled_sign_ups(limit.saturating_add(ROOM_FOR_STUCK)).await? {
            if settled == limit {
                break;
            }
            match self.settle(id, &line).await {
                Ok(()) => settled += 1,
                Err(SubscribersError::Store(StoreError::Stale)) => {
                    // Another node has it, or somebody keeps changing the row: the next step will tell.
                }
                Err(SubscribersError::Store(error @ StoreError::Unavailable(_))) => {
                    // Is it the database, or this one line?
                    self.store.ping().await?;
                    warn!(sign_up.id = id, %error, "Sign-up {id} cannot be settled for now");
                }
                Err(error) => {
                    // It will not go better next time; the visitor, who got no mail, will try again.
                    error!(sign_up.id = id, %error, "Dropped sign-up {id}, which cannot be settled");
                    self.store.enrol(&[], Some(id)).await?;
                    settled += 1;
                }
            }
        }
        Ok(settled)
    }

    async fn settle(&self, id: i64, line: &SignUp) -> Result<(), SubscribersError> {
        let Ok(address) = EmailAddress::parse(&line.address) else {
            // It was parsed when it came in, so another version with other rules wrote it.
            error!(sign_up.id = id, "Dropped sign-up {id}: its address is none");
            return Ok(self.store.enrol(&[], Some(id)).await?);
        };
        for _ in 0..LOOKS {
            let now = self.clock.now();
            let known = self.known(&address, now).await?;
            let enrolments = match decide(&known.context, now) {
                Decision::Nothing => Vec::new(),
                Decision::Pend { ask } => vec![self.pending(&address, &known, line, ask, now)?],
            };
            match self.store.enrol(&enrolments, Some(id)).await {
                Err(StoreError::Stale) => {}
                other => return Ok(other?),
            }
        }
        Err(StoreError::Stale.into())
    }

    fn pending(
        &self,
        address: &EmailAddress,
        known: &Known,
        line: &SignUp,
        ask: bool,
        now: Timestamp,
    ) -> Result<crate::store::Enrolment, SubscribersError> {
        let takes = known.taking(&line.editions, self.publication.usual());
        let event = ConsentEvent::new(ConsentKind::SignedUp, line.at, &line.visit)
            .text_version(line.text_version.as_str())
            .detail(self.publication.agreed_to(&takes, line.language));
        let entry = Entry { language: line.language, takes, state: SubscriberState::Pending, event, ask };
        Ok(self.enrolment(address, known, entry, now)?)
    }
}

/// Decides about a sign-up from what is known of its address.
fn decide(context: &SignUpContext, now: Timestamp) -> Decision {
    // Who was erased asked to be forgotten, not to be kept out. Every other reason stands.
    if context.suppressed.is_some_and(|reason| reason != SuppressReason::Erased) {
        return Decision::Nothing;
    }
    let ask = throttle::check(&context.confirmations, now).is_ok();
    match context.subscriber.as_ref().map(|subscriber| subscriber.state) {
        // Without a mail nobody could ever confirm such a row, so there would be no purpose in keeping the address.
        None if !ask => Decision::Nothing,
        None => Decision::Pend { ask },
        // The mail that is out already can still be answered; a flood of sign-ups leaves one line of consent. And who
        // has left stays so until a mail may ask them: otherwise an old one could answer in its place.
        Some(SubscriberState::Pending | SubscriberState::Unsubscribed) if !ask => Decision::Nothing,
        Some(state) => match state.sign_up() {
            Ok(SubscriberState::Pending) => Decision::Pend { ask },
            _ => Decision::Nothing,
        },
    }
}
