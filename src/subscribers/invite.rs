//! Asking an address the operator brings whether it wants to subscribe.

use jiff::Timestamp;

use super::confirmation::{Entry, Known};
use super::desk::LOOKS;
use super::throttle::{self, Throttled};
use super::{Subscribers, SubscribersError};
use crate::domain::address::EmailAddress;
use crate::domain::choice::Choice;
use crate::domain::consent::{ConsentEvent, ConsentKind, Visit};
use crate::domain::language::Language;
use crate::domain::subscriber::{SubscriberState, SuppressReason};
use crate::store::{Enrolment, StoreError};

/// What an invitation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invited {
    /// The confirmation mail is in the ledger.
    Asked,
    /// The address is subscribed already.
    Already,
    /// It was asked before, and not long ago.
    Throttled(Throttled),
    /// Its owner left. Only they can come back, by signing up themselves.
    Unsubscribed,
    /// It must not be written to.
    Suppressed(SuppressReason),
}

impl Subscribers {
    /// Asks an address to confirm, as if it had signed up. Nobody who left or is suppressed is asked.
    pub async fn invite(&self, address: &EmailAddress, language: Language) -> Result<Invited, SubscribersError> {
        self.invite_to(&[], address, language).await
    }

    /// As [`Self::invite`], to all of these editions, which there must be; to none in particular if there is no name.
    pub async fn invite_to(
        &self,
        editions: &[String],
        address: &EmailAddress,
        language: Language,
    ) -> Result<Invited, SubscribersError> {
        let all_of = |name: &String| (name.clone(), Choice::everything());
        let takes: Option<Vec<_>> = (!editions.is_empty()).then(|| editions.iter().map(all_of).collect());
        for _ in 0..LOOKS {
            let now = self.clock.now();
            let known = self.known(address, now).await?;
            let enrolment = match self.invitation(address, &known, language, takes.clone(), now)? {
                Ok(enrolment) => enrolment,
                Err(outcome) => return Ok(outcome),
            };
            match self.store.enrol(&[enrolment], None).await {
                Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => return Ok(Invited::Asked),
            }
        }
        Err(StoreError::Stale.into())
    }

    /// Returns the rows of an invitation to take this, or why there is none. Who is invited to nothing in particular is
    /// asked about what they have signed up for, or else about the first edition.
    pub(super) fn invitation(
        &self,
        address: &EmailAddress,
        known: &Known,
        language: Language,
        takes: Option<Vec<(String, Choice)>>,
        now: Timestamp,
    ) -> Result<Result<Enrolment, Invited>, SubscribersError> {
        let refused = match known.barred() {
            Some(barred) => Some(barred),
            None => throttle::check(&known.context.confirmations, now).err().map(Invited::Throttled),
        };
        if let Some(outcome) = refused {
            return Ok(Err(outcome));
        }
        let signed_up_for = || if known.taken.is_empty() { self.publication.usual() } else { known.taken.clone() };
        let takes = takes.unwrap_or_else(signed_up_for);
        let event = ConsentEvent::new(ConsentKind::Invited, now, &Visit::default())
            .detail(self.publication.agreed_to(&takes, language));
        let entry = Entry { language, takes, state: SubscriberState::Pending, event, ask: true };
        Ok(Ok(self.enrolment(address, known, entry, now)?))
    }
}

impl Known {
    /// Returns why an operator cannot bring the address in, whatever for.
    pub(super) fn barred(&self) -> Option<Invited> {
        match self.context.subscriber.as_ref().map(|subscriber| subscriber.state) {
            Some(SubscriberState::Confirmed) => Some(Invited::Already),
            Some(SubscriberState::Unsubscribed) => Some(Invited::Unsubscribed),
            Some(SubscriberState::Suppressed(reason)) => Some(Invited::Suppressed(reason)),
            // A stranger's sign-up does not undo that somebody left: only they themselves can, by confirming.
            Some(SubscriberState::Pending) if self.context.has_left => Some(Invited::Unsubscribed),
            // Who was erased may come back by herself; nobody else brings her back.
            Some(SubscriberState::Pending) | None => self.context.suppressed.map(Invited::Suppressed),
        }
    }
}
