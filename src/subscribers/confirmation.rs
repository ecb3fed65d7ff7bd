//! The question "was it you who signed up?", and the row of whoever is asked.

use jiff::{SignedDuration, Timestamp};

use super::Subscribers;
use super::desk::as_read;
use crate::clock::random_bytes;
use crate::domain::address::EmailAddress;
use crate::domain::choice::Choice;
use crate::domain::consent::ConsentEvent;
use crate::domain::issue::Letter;
use crate::domain::language::Language;
use crate::domain::subscriber::{Subscriber, SubscriberState};
use crate::render::{Confirmation, RenderError};
use crate::store::{Enrolment, SignUpContext, StoreError};

/// How long a confirmation link is good for, and how long a sign-up waits for it: a week with a holiday in it.
pub(super) const DAYS_TO_CONFIRM: i64 = 7;

/// Returns how long a confirmation link is good for.
pub(super) const fn time_to_confirm() -> SignedDuration {
    SignedDuration::from_hours(24 * DAYS_TO_CONFIRM)
}

/// What is known about an address, and under which hashes.
pub(super) struct Known {
    pub(super) hash: [u8; 32],
    pub(super) context: SignUpContext,
    /// What whoever has the address takes.
    pub(super) taken: Vec<(String, Choice)>,
}

/// How somebody enters.
pub(super) struct Entry {
    pub(super) language: Language,
    /// The editions they take from now on, and which part of each.
    pub(super) takes: Vec<(String, Choice)>,
    pub(super) state: SubscriberState,
    pub(super) event: ConsentEvent,
    /// Whether the confirmation mail goes out.
    pub(super) ask: bool,
}

impl Known {
    /// Returns what somebody takes who asks for these editions, or for none by name. Of an edition they took before,
    /// it is the part they chose then.
    pub(super) fn taking(&self, names: &[String], usual: Vec<(String, Choice)>) -> Vec<(String, Choice)> {
        let wanted = match names {
            [] => usual,
            names => names.iter().map(|name| (name.clone(), Choice::everything())).collect(),
        };
        let before = |name: &str| self.taken.iter().find(|(taken, _)| taken == name).map(|(_, choice)| choice.clone());
        wanted.into_iter().map(|(name, whole)| (name.clone(), before(&name).unwrap_or(whole))).collect()
    }
}

impl Subscribers {
    /// Returns what is known about an address, with the confirmations that count at `now`.
    pub(super) async fn known(&self, address: &EmailAddress, now: Timestamp) -> Result<Known, StoreError> {
        let key = address.key();
        let hashes = self.links.signer().address_hashes(&key);
        let context = self.store.sign_up_context(&key, &hashes, super::throttle::counts_since(now)).await?;
        let hash = *hashes.first().expect("a signer has at least the secret of today");
        let taken = match &context.subscriber {
            Some(subscriber) => self.taken_by(subscriber).await?,
            None => Vec::new(),
        };
        Ok(Known { hash, context, taken })
    }

    /// Returns the rows of somebody who enters, or enters anew.
    pub(super) fn enrolment(
        &self,
        address: &EmailAddress,
        known: &Known,
        entry: Entry,
        now: Timestamp,
    ) -> Result<Enrolment, RenderError> {
        let existing = known.context.subscriber.as_ref();
        let public_id =
            existing.map_or_else(|| random_bytes(&*self.clock), |subscriber: &Subscriber| subscriber.public_id);
        let confirmation = entry.ask.then(|| self.confirmation(public_id, &entry, now)).transpose()?;
        Ok(Enrolment {
            existing: existing.map(as_read),
            public_id,
            address: address.as_typed(),
            address_key: address.key(),
            address_hash: known.hash,
            language: entry.language,
            editions: entry.takes,
            state: entry.state,
            pending_until: (entry.state == SubscriberState::Pending).then(|| now + time_to_confirm()),
            event: entry.event,
            confirmation,
        })
    }

    fn confirmation(&self, public_id: [u8; 16], entry: &Entry, now: Timestamp) -> Result<Letter, RenderError> {
        let language = entry.language;
        let mut takes = self.templates.takings(language, &self.publication.editions, &entry.takes);
        let publication_title = match takes.as_slice() {
            [] => self.publication.title.clone(),
            [one] => one.title.clone(),
            // One title of several would be taken for all there is.
            _ => self.publication.sender.name.clone(),
        };
        if matches!(takes.as_slice(), [one] if one.is_whole()) {
            // The title says all of it.
            takes.clear();
        }
        let mail = self.templates.mail(
            language,
            &Confirmation {
                publication_title,
                takes,
                confirm_url: self.links.confirm(public_id, now),
                expires_days: DAYS_TO_CONFIRM,
                sender: self.publication.sender.clone(),
            },
        )?;
        Ok(Letter {
            language,
            subject: mail.subject,
            text: mail.text,
            html: mail.html,
            // Nothing is spliced into this letter: it has one reader, whose link is in it already. The key is random all
            // the same, so that nothing in the text can be taken for it.
            splice_key: data_encoding::HEXLOWER.encode(&random_bytes::<16>(&*self.clock)),
            head: self.publication.head.clone(),
            date: now,
            variant: String::new(),
        })
    }
}
