//! Choosing: which editions, which part of each, and in which language.

use super::desk::{LOOKS, as_read};
use super::{LinkError, Subscribers};
use crate::domain::choice::Choice;
use crate::domain::consent::{ConsentEvent, ConsentKind, Visit};
use crate::domain::subscriber::{NoSuchStep, Subscriber, SubscriberState};
use crate::domain::token::Purpose;
use crate::store::{StoreError, Taken};

impl Subscribers {
    /// Returns whom a link speaks of, and what they take: edition by edition, which part. The link that lets somebody
    /// leave lets them choose as well. Changes nothing.
    ///
    /// # Errors
    /// [`LinkError::NotAllowed`] if they are no reader: who has left has nothing to choose.
    pub async fn preferences(&self, token: &str) -> Result<(Subscriber, Vec<(String, Choice)>), LinkError> {
        let token = self.verify(Purpose::Unsubscribe, token)?;
        let subscriber = self.subscriber_of(&token).await?;
        may_choose(subscriber.state)?;
        let taken = self.taken_by(&subscriber).await?;
        Ok((subscriber, taken))
    }

    /// Returns what a subscriber takes. A stored choice that is none counts as everything, as it does when letters are
    /// written.
    pub async fn taken_by(&self, subscriber: &Subscriber) -> Result<Vec<(String, Choice)>, StoreError> {
        let stored = self.store.subscriptions_of(subscriber.id).await?;
        Ok(stored.into_iter().map(|(edition, key)| (edition, Choice::from_key(&key).unwrap_or_default())).collect())
    }

    /// Writes down what whoever the link speaks of takes from now on. It never lets them leave altogether: that is
    /// what unsubscribing is for.
    ///
    /// # Errors
    /// [`LinkError::NotAllowed`] if they are no reader.
    pub async fn choose(&self, token: &str, taken: &Taken, visit: &Visit) -> Result<Subscriber, LinkError> {
        let token = self.verify(Purpose::Unsubscribe, token)?;
        for _ in 0..LOOKS {
            let mut subscriber = self.subscriber_of(&token).await?;
            may_choose(subscriber.state)?;
            match self.write_choice(&subscriber, taken, visit, "").await {
                Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => {
                    subscriber.language = taken.language;
                    return Ok(subscriber);
                }
            }
        }
        Err(StoreError::Stale.into())
    }

    /// Writes down what a subscriber takes who has told the operator so. Works in every state: what somebody takes is
    /// kept for when they come back.
    pub async fn choose_by_operator(&self, subscriber: &Subscriber, taken: &Taken) -> Result<(), StoreError> {
        self.write_choice(subscriber, taken, &Visit::default(), "by the operator: ").await
    }

    async fn write_choice(
        &self,
        subscriber: &Subscriber,
        taken: &Taken,
        visit: &Visit,
        by: &str,
    ) -> Result<(), StoreError> {
        let mut takes = self.taken_by(subscriber).await?;
        takes.retain(|(edition, _)| !taken.offered.contains(edition));
        takes.extend(taken.editions.iter().cloned());
        let detail = format!("{by}{}", self.publication.agreed_to(&takes, taken.language));
        let event = ConsentEvent::new(ConsentKind::Preferences, self.clock.now(), visit).detail(detail);
        self.store.choose(as_read(subscriber), taken, &event).await
    }
}

fn may_choose(state: SubscriberState) -> Result<(), NoSuchStep> {
    if state == SubscriberState::Confirmed { Ok(()) } else { Err(NoSuchStep { from: state, step: "choose" }) }
}
