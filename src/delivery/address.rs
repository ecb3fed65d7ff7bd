//! From a claim to the bytes that go out, and what a relay's words mean for the reader.

use jiff::Timestamp;

use super::connection::Addressed;
use super::{Delivery, Held};
use crate::domain::address::EmailAddress;
use crate::domain::consent::{ConsentEvent, ConsentKind, Visit};
use crate::domain::delivery::{Claim, DeliveryKind, Reply};
use crate::domain::issue::Letter;
use crate::domain::subscriber::{SubscriberState, SuppressReason};
use crate::domain::token::PREVIEW_TOKEN;
use crate::mail::{NO_TOKEN, message_id};
use crate::store::{Existing, StoreError};

impl Delivery {
    /// Returns the message, or in words why there can be none.
    ///
    /// # Errors
    /// If the letter cannot be read.
    pub(super) async fn address(&self, held: &Held) -> Result<Result<Addressed, String>, StoreError> {
        let claim = &held.claim;
        let token = match (claim.kind, claim.public_id) {
            (DeliveryKind::Confirmation, _) => NO_TOKEN.to_owned(),
            // The operator's own press must not unsubscribe anybody.
            (DeliveryKind::Test | DeliveryKind::Notice, _) => PREVIEW_TOKEN.to_owned(),
            (DeliveryKind::Issue, public_id) => {
                self.links.unsubscribe_token(public_id.unwrap_or_default(), claim.issue_id.map_or(0, |issue| issue.0))
            }
        };
        let form = self.forms.get(&self.store, claim.letter_id, token.len()).await?;
        let to = match EmailAddress::parse(&claim.address) {
            Ok(address) => address.wire().to_owned(),
            Err(error) => return Ok(Err(format!("the address cannot be written to: {error}"))),
        };
        let id = message_id(&unique_name(claim, form.letter()), self.links.host());
        Ok(form
            .fill(&to, &id, &token)
            .map_err(|error| error.to_string())
            .and_then(|content| self.signed(content, form.letter().date))
            .map(|content| Addressed { held: held.clone(), from: form.letter().head.from_email.clone(), to, content }))
    }

    /// Returns a message with its signatures. They carry the letter's date, so that a retry has the same bytes.
    fn signed(&self, content: Vec<u8>, date: Timestamp) -> Result<Vec<u8>, String> {
        let Some(dkim) = &self.dkim else { return Ok(content) };
        dkim.signed(&content, date).map_err(|error| error.to_string())
    }

    /// Puts down that a reader's mailbox does not exist.
    pub(super) async fn suppress(&self, claim: &Claim, reply: &Reply) -> Result<(), StoreError> {
        let Some(id) = claim.subscriber_id else { return Ok(()) };
        let Some(subscriber) = self.store.subscriber(id).await? else { return Ok(()) };
        if !matches!(subscriber.state, SubscriberState::Confirmed | SubscriberState::Pending) {
            return Ok(());
        }
        let code = reply.code.unwrap_or_default();
        let event = ConsentEvent::new(ConsentKind::Suppressed, self.clock.now(), &Visit::default())
            .detail(format!("the mailbox does not exist: {code} {}", reply.enhanced().unwrap_or_default()));
        let existing = Existing { id, state: subscriber.state };
        let suppressed = SubscriberState::Suppressed(SuppressReason::Bounced);
        match self.store.change_subscriber(existing, suppressed, &event).await {
            // They did something themselves at the same moment: that counts.
            Ok(()) | Err(StoreError::Stale) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Returns what makes a delivery's Message-ID its own and the same at every attempt: the row, and a part of the letter's
/// random key, because rows are counted anew in a new database.
fn unique_name(claim: &Claim, letter: &Letter) -> String {
    let key: String = letter.splice_key.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    format!("{}.{}.{key}", claim.kind.as_str(), claim.id)
}
