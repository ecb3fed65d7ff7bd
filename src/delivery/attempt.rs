//! One attempt at one delivery, from the claim to the line in the ledger.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::gate::Gate;
use super::policy::later;
use super::{Delivery, DeliveryError};
use crate::clock::random_fraction;
use crate::domain::address::EmailAddress;
use crate::domain::consent::{ConsentEvent, ConsentKind, Visit};
use crate::domain::delivery::{Claim, DeliveryKind, Outcome, Reply, retry_delay};
use crate::domain::issue::Letter;
use crate::domain::subscriber::{SubscriberState, SuppressReason};
use crate::mail::{Phase, Refusal, RelayTrouble, Session, compose, message_id};
use crate::store::{Entry, Existing, StoreError};

/// How long a result that cannot be written is held on to. After that the lease is lost anyway, and others have put the
/// delivery down as unknown.
const RECORD_PATIENCE: Duration = super::node::LEASE;

/// A claim, and the node id it was made under.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) node: Arc<str>,
    pub(super) claim: Claim,
}

/// A message ready for its envelope.
struct Ready {
    from: String,
    to: String,
    content: Vec<u8>,
}

impl Delivery {
    /// Sends one claimed delivery over `session`, opening it if need be, and records the outcome.
    ///
    /// # Errors
    /// [`DeliveryError::Store`] if the ledger fails before the content was sent. What was claimed is recovered later.
    pub(super) async fn attempt(
        &self,
        gate: &Gate,
        session: &mut Option<Session>,
        held: &Held,
    ) -> Result<(), DeliveryError> {
        let ready = match self.prepare(&held.claim).await? {
            Ok(ready) => ready,
            Err(why) => {
                // One reader's mail that cannot be made must not stop the others'.
                tracing::error!(delivery.id = %held.claim.id, "A mail could not be made: {why}");
                return self.settle(gate, held, Outcome::Rejected(Reply::new(None, &why))).await;
            }
        };
        let reused = session.as_ref().is_some_and(Session::is_usable);
        let mut begun = self.begin(gate, session, &ready).await;
        if reused && matches!(&begun, Err(Begun::Refused(refusal)) if closed_while_idle(refusal)) {
            // Relays close connections that were idle or took enough, and not all say 421: that is no trouble yet.
            begun = self.begin(gate, session, &ready).await;
        }
        match begun {
            Ok(()) => {}
            Err(Begun::NoConnection(trouble)) => {
                gate.pause(&trouble, self.clock.now());
                self.pace.unsent(&self.store, &held.claim, self.clock.now()).await;
                return Ok(self.store.give_back(&held.node, &held.claim, self.clock.now()).await?);
            }
            Err(Begun::Refused(refusal)) => {
                match &refusal.trouble {
                    Some(trouble) => gate.pause(trouble, self.clock.now()),
                    None => gate.works(),
                }
                // Up to MAIL the message has nothing to do with it. From RCPT on it may: were it simply given back, it
                // would be the first to be claimed again, and one poisonous recipient could hold up all the others.
                let before_rcpt = refusal.trouble.as_ref().is_some_and(|trouble| trouble.phase < Phase::Rcpt);
                if before_rcpt && matches!(refusal.outcome, Outcome::NotSent(_)) {
                    self.pace.unsent(&self.store, &held.claim, self.clock.now()).await;
                    return Ok(self.store.give_back(&held.node, &held.claim, self.clock.now()).await?);
                }
                return self.settle(gate, held, refusal.outcome).await;
            }
        }
        // From here to the end of `finish` the session is in the middle of a transaction: whatever leaves this function
        // before that must drop it, and the relay then throws away what it has.
        let mut open = session.take().expect("a message was begun on it");
        if !self.store.offer(&held.node, &held.claim, self.clock.now()).await? {
            tracing::warn!(delivery.id = %held.claim.id, "A claim was taken over before its mail was offered");
            return Ok(());
        }
        let outcome = open.finish(&ready.content).await;
        match trouble_at_the_dot(gate, &outcome) {
            Some(trouble) => gate.pause(&trouble, self.clock.now()),
            None => gate.works(),
        }
        if open.is_usable() {
            *session = Some(open);
        }
        self.settle(gate, held, outcome).await
    }

    /// Opens a session if there is none, and begins a message on it.
    async fn begin(&self, gate: &Gate, session: &mut Option<Session>, ready: &Ready) -> Result<(), Begun> {
        if session.as_ref().is_none_or(|open| !open.is_usable()) {
            *session = None;
            *session = Some(Session::connect(&gate.relay).await.map_err(Begun::NoConnection)?);
        }
        let open = session.as_mut().expect("a session was opened above");
        open.begin(&ready.from, &ready.to).await.map_err(|refusal| {
            if !refusal.usable {
                *session = None;
            }
            Begun::Refused(refusal)
        })
    }

    /// Returns the message, or in words why there can be none.
    async fn prepare(&self, claim: &Claim) -> Result<Result<Ready, String>, StoreError> {
        let letter = self.letters.get(&self.store, claim.letter_id).await?;
        let to = match EmailAddress::parse(&claim.address) {
            Ok(address) => address.wire().to_owned(),
            Err(error) => return Ok(Err(format!("the address cannot be written to: {error}"))),
        };
        let id = message_id(&unique_name(claim, &letter), self.links.host());
        let token = match (claim.kind, claim.public_id) {
            (DeliveryKind::Confirmation, _) => None,
            // A test mail's links look like everybody's and belong to nobody.
            (_, public_id) => Some(
                self.links.unsubscribe_token(public_id.unwrap_or_default(), claim.issue_id.map_or(0, |issue| issue.0)),
            ),
        };
        Ok(compose(&letter, &to, &id, token.as_deref())
            .map(|content| Ready { from: letter.head.from_email.clone(), to, content })
            .map_err(|error| error.to_string()))
    }

    /// Records how an attempt ended, and suppresses a reader whose mailbox does not exist.
    async fn settle(&self, gate: &Gate, held: &Held, outcome: Outcome) -> Result<(), DeliveryError> {
        let claim = &held.claim;
        let now = self.clock.now();
        self.pace.observe(&self.store, &claim.address, &outcome, now).await;
        let entry = match outcome {
            Outcome::Accepted(reply) => Entry::Accepted(reply),
            Outcome::Rejected(reply) => Entry::Rejected(reply),
            Outcome::Deferred(reply) | Outcome::NotSent(reply) => Entry::Later(reply, self.next_try(claim, now)),
            Outcome::Unknown(reply) => Entry::Unknown(reply, self.policy.resend_at(now, claim.attempts)),
        };
        tracing::debug!(
            delivery.id = %claim.id, relay = gate.name(), attempts = claim.attempts + 1,
            "An attempt ended: {}", entry_word(&entry)
        );
        if !self.record(gate, held, &entry, now).await? {
            tracing::warn!(delivery.id = %claim.id, "A result came too late: others have taken the delivery over");
        }
        if let Entry::Rejected(reply) = &entry
            && reply.mailbox_is_gone()
        {
            self.suppress(claim, reply, now).await?;
        }
        Ok(())
    }

    /// Writes a result, and does not let go at the first refusal: the relay has spoken and will not say it again.
    async fn record(&self, gate: &Gate, held: &Held, entry: &Entry, now: Timestamp) -> Result<bool, StoreError> {
        let mut wait = Duration::from_millis(100);
        let mut waited = Duration::ZERO;
        loop {
            match self.store.record(&held.node, &held.claim, gate.name(), entry, now).await {
                Err(error @ StoreError::Unavailable(_)) if waited < RECORD_PATIENCE => {
                    tracing::warn!(delivery.id = %held.claim.id, "A result could not be written, trying again: {error}");
                    tokio::time::sleep(wait).await;
                    waited += wait;
                    wait = (wait * 2).min(Duration::from_secs(5));
                }
                other => return other,
            }
        }
    }

    fn next_try(&self, claim: &Claim, now: Timestamp) -> Timestamp {
        let failed = u32::try_from(claim.attempts).unwrap_or(u32::MAX).saturating_add(1);
        later(now, retry_delay(failed, random_fraction(&*self.clock)))
    }

    async fn suppress(&self, claim: &Claim, reply: &Reply, now: Timestamp) -> Result<(), StoreError> {
        let Some(id) = claim.subscriber_id else { return Ok(()) };
        let Some(subscriber) = self.store.subscriber(id).await? else { return Ok(()) };
        if !matches!(subscriber.state, SubscriberState::Confirmed | SubscriberState::Pending) {
            return Ok(());
        }
        let code = reply.code.unwrap_or_default();
        let event = ConsentEvent::new(ConsentKind::Suppressed, now, &Visit::default())
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

/// Why a message could not be begun.
enum Begun {
    /// There is no connection.
    NoConnection(RelayTrouble),
    /// The relay refused, or was lost.
    Refused(Refusal),
}

/// Returns whether a connection was found closed when the next message was to go over it.
fn closed_while_idle(refusal: &Refusal) -> bool {
    let silent = matches!(&refusal.outcome, Outcome::NotSent(reply) if reply.code.is_none());
    silent && refusal.trouble.as_ref().is_some_and(|trouble| trouble.phase == Phase::Mail)
}

/// Returns what is wrong with a relay that answered the final dot like this. A definite reply about the message is
/// nothing; silence is, and 421 says so. Going on at full speed would put a whole list in doubt.
fn trouble_at_the_dot(gate: &Gate, outcome: &Outcome) -> Option<RelayTrouble> {
    /// Service not available, closing (RFC 5321 §4.2.2).
    const CLOSING: u16 = 421;
    let reply = match outcome {
        Outcome::Unknown(reply) | Outcome::NotSent(reply) => reply,
        Outcome::Deferred(reply) if reply.code == Some(CLOSING) => reply,
        Outcome::Accepted(_) | Outcome::Deferred(_) | Outcome::Rejected(_) => return None,
    };
    Some(RelayTrouble { relay: gate.name().to_owned(), phase: Phase::Content, reply: reply.clone(), permanent: false })
}

/// Returns what makes a delivery's Message-ID its own and the same at every attempt: the row, and a part of the letter's
/// random key, because rows are counted anew in a new database.
fn unique_name(claim: &Claim, letter: &Letter) -> String {
    let key: String = letter.splice_key.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    format!("{}.{}.{key}", claim.kind.as_str(), claim.id)
}

fn entry_word(entry: &Entry) -> &'static str {
    match entry {
        Entry::Accepted(_) => "accepted",
        Entry::Rejected(_) => "rejected",
        Entry::Later(..) => "to be tried again",
        Entry::Unknown(..) => "unknown",
    }
}
