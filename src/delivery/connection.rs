//! One connection to a relay, and the messages that go over it one after the other.
//!
//! The order of writes is the promise: a message is claimed before MAIL, marked as offered before its content can be
//! complete at the relay, and its result is written before the next content is. The next message is announced in one
//! breath with the content of the one before, and its offer is written in one commit with that one's result, so that a
//! message costs one round trip and one share of a commit.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::gate::Gate;
use super::policy::later;
use super::scribe::{Answer, Scribe, Unwritten};
use super::{Delivery, Held};
use crate::clock::random_fraction;
use crate::domain::delivery::{Outcome, Reply, retry_delay};
use crate::mail::{Phase, Refusal, RelayTrouble, Session};
use crate::store::{Attempted, Entry, Hold, Offer, StoreError};

/// Some relays close a connection that has been used for long, and all like to spread their load.
const OLDEST: Duration = Duration::from_secs(300);
/// How long the relay's answer to the next message may keep the result of the one before from being written down. The
/// two are one commit if it comes sooner, and it mostly comes at once.
const PROMPT: Duration = Duration::from_millis(250);
/// The first pause of a connection that is one too many for its relay. It doubles from time to time up to the longest.
const FIRST_REST: Duration = Duration::from_secs(2);
const LONGEST_REST: Duration = Duration::from_secs(60);

/// A message ready for its envelope.
#[derive(Debug)]
pub(super) struct Addressed {
    pub(super) held: Held,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) content: Vec<u8>,
}

/// A connection, open or not.
pub(super) struct Connection {
    delivery: Arc<Delivery>,
    gate: Arc<Gate>,
    scribe: Scribe,
    session: Option<Session>,
    opened: Instant,
    begun: u32,
    /// Until when nothing is tried over it, and how long that is.
    rest: Option<(Instant, Duration)>,
}

impl Connection {
    pub(super) fn new(delivery: Arc<Delivery>, gate: Arc<Gate>, scribe: Scribe) -> Self {
        Self { delivery, gate, scribe, session: None, opened: Instant::now(), begun: 0, rest: None }
    }

    /// Returns until when it is of no use, if it is one too many for its relay.
    pub(super) fn rests_until(&self) -> Option<Instant> {
        self.rest.map(|(until, _)| until).filter(|until| *until > Instant::now())
    }

    /// Returns whether there is a connection to close when nothing is to be sent.
    pub(super) fn is_open(&self) -> bool {
        self.session.is_some()
    }

    /// Says goodbye.
    pub(super) async fn close(&mut self) {
        if let Some(session) = self.session.take() {
            session.quit().await;
        }
    }

    /// Sends `first`, and then whatever `more` has at once, and records every outcome. Returns when there is no more, or
    /// when something was in the way.
    ///
    /// # Errors
    /// If the ledger cannot be written. What was claimed is recovered later.
    pub(super) async fn send(&mut self, first: Held, more: impl Fn() -> Option<Held>) -> Result<(), Unwritten> {
        let mut next = Some(first);
        while let Some(held) = next.take() {
            let Some(addressed) = self.address(held).await else { continue };
            let Some(begun) = self.begin(addressed).await? else { return Ok(()) };
            next = self.stream(begun, &more).await?;
        }
        Ok(())
    }

    /// Sends the message that was begun, and those that follow without a pause. Returns one that has still to be begun,
    /// on another connection.
    async fn stream(&mut self, first: Addressed, more: impl Fn() -> Option<Held>) -> Result<Option<Held>, Unwritten> {
        // Until the end of a content the session is in the middle of a transaction: whatever leaves this function
        // before that must drop it, and the relay then throws away what it has.
        let mut session = self.session.take().expect("a message was begun on it");
        if !self.scribe.write(None, Some(self.offer(&first.held))).await?.offered {
            self.delivery.let_go(std::slice::from_ref(&first.held)).await;
            return Ok(None);
        }
        let mut current = first;
        loop {
            let next = if session.pipelines() && !self.is_worn() {
                match more() {
                    Some(held) => self.address(held).await,
                    None => None,
                }
            } else {
                None
            };
            let envelope = next.as_ref().map(|next| (next.from.as_str(), next.to.as_str()));
            let finished = session.finish_and_announce(&current.content, envelope).await;
            match trouble_at_the_dot(&self.gate, &finished.outcome) {
                Some(trouble) => self.gate.pause(&trouble, self.delivery.clock.now()),
                None => self.gate.works(),
            }
            let mut result = Some(self.judge(&current.held, finished.outcome).await);
            let begun = match finished.next {
                Some(Ok(())) => {
                    let mut hearing = pin!(session.hear_next());
                    match tokio::time::timeout(PROMPT, &mut hearing).await {
                        Ok(begun) => Some(begun),
                        Err(_) => {
                            self.write_result(&current.held, result.take(), None).await?;
                            Some(hearing.await)
                        }
                    }
                }
                other => other,
            };
            match (next, begun) {
                (Some(next), Some(Ok(()))) => {
                    self.begun += 1;
                    let offer = Some(self.offer(&next.held));
                    if !self.write_result(&current.held, result, offer).await? {
                        // Nobody wants it any more, or others have taken it over: then this gives nothing back.
                        self.delivery.let_go(std::slice::from_ref(&next.held)).await;
                        return Ok(None);
                    }
                    current = next;
                }
                (next, begun) => {
                    if result.is_some() {
                        self.write_result(&current.held, result, None).await?;
                    }
                    if session.is_usable() {
                        self.session = Some(session);
                    }
                    let Some(next) = next else { return Ok(None) };
                    return match begun {
                        Some(Err(refusal)) if !said_goodbye(&refusal) => {
                            self.refused(&next.held, refusal).await?;
                            Ok(None)
                        }
                        // It was not begun, or the relay ended the connection behind the message before: the next one
                        // has nothing to do with that, and a new connection shows whether the relay is in trouble.
                        _ if self.gate.paused_for(self.delivery.clock.now()).is_none() => Ok(Some(next.held)),
                        _ => {
                            self.delivery.let_go(std::slice::from_ref(&next.held)).await;
                            Ok(None)
                        }
                    };
                }
            }
        }
    }

    /// Makes the message. None if it cannot be made: that is one reader's misfortune, and must not stop the others'.
    async fn address(&self, held: Held) -> Option<Addressed> {
        let why = match self.delivery.address(&held).await {
            Ok(Ok(addressed)) => return Some(addressed),
            Ok(Err(why)) => why,
            Err(error @ StoreError::Unavailable(_)) => {
                tracing::error!(delivery.id = %held.claim.id, "A letter cannot be read: {error}");
                self.delivery.let_go(std::slice::from_ref(&held)).await;
                return None;
            }
            Err(error) => {
                // It may be mended by another version of the program. Given back it would be claimed again at once, and
                // hold up all others.
                tracing::error!(delivery.id = %held.claim.id, "A letter cannot be understood: {error}");
                self.settle_unsent(&held, Outcome::NotSent(Reply::new(None, "the letter cannot be understood"))).await;
                return None;
            }
        };
        tracing::error!(delivery.id = %held.claim.id, "A mail could not be made: {why}");
        self.settle_unsent(&held, Outcome::Rejected(Reply::new(None, &why))).await;
        None
    }

    /// Records how an attempt ended that was none for the relay.
    async fn settle_unsent(&self, held: &Held, outcome: Outcome) {
        if self.settle(held, outcome).await.is_err() {
            self.delivery.node.begin_anew(&*self.delivery.clock);
        }
    }

    /// Begins a message, on a new connection if need be. None if that was not to be, and is recorded.
    async fn begin(&mut self, addressed: Addressed) -> Result<Option<Addressed>, Unwritten> {
        let reused = self.session.as_ref().is_some_and(Session::is_usable);
        let mut begun = self.try_to_begin(&addressed).await;
        if reused && matches!(&begun, Err(Begun::Refused(refusal)) if said_goodbye(refusal)) {
            // Relays close connections that were idle or took enough: that is no trouble yet.
            begun = self.try_to_begin(&addressed).await;
        }
        match begun {
            Ok(()) => return Ok(Some(addressed)),
            Err(Begun::NoConnection(trouble)) => {
                if self.gate.worked_lately() {
                    let length = self.rest.map_or(FIRST_REST, |(_, length)| (length * 2).min(LONGEST_REST));
                    self.rest = Some((Instant::now() + length, length));
                    let (relay, pause_s) = (self.gate.name(), length.as_secs());
                    tracing::warn!(relay, pause_s, "One more connection cannot be made, and others work. {trouble}");
                } else {
                    self.gate.pause(&trouble, self.delivery.clock.now());
                }
                self.delivery.let_go(std::slice::from_ref(&addressed.held)).await;
            }
            Err(Begun::Refused(refusal)) => self.refused(&addressed.held, refusal).await?,
        }
        Ok(None)
    }

    async fn try_to_begin(&mut self, addressed: &Addressed) -> Result<(), Begun> {
        if self.is_worn() {
            self.close().await;
        }
        if self.session.as_ref().is_none_or(|session| !session.is_usable()) {
            self.session = None;
            self.session = Some(Session::connect(&self.gate.relay).await.map_err(Begun::NoConnection)?);
            self.opened = Instant::now();
            self.begun = 0;
            self.rest = None;
        }
        let session = self.session.as_mut().expect("a session was opened above");
        if !self.gate.understands() {
            session.stop_pipelining();
        }
        self.begun += 1;
        session.begin(&addressed.from, &addressed.to).await.map_err(|refusal| {
            if !refusal.usable {
                self.session = None;
            }
            Begun::Refused(refusal)
        })
    }

    /// Returns whether the connection has carried enough.
    fn is_worn(&self) -> bool {
        self.begun >= self.gate.relay.config.messages_per_connection || self.opened.elapsed() >= OLDEST
    }

    /// Deals with a message the relay refused before it had the content.
    async fn refused(&self, held: &Held, refusal: Refusal) -> Result<(), Unwritten> {
        if refusal.unanswered_group {
            self.gate.misunderstands();
        }
        match &refusal.trouble {
            Some(trouble) => self.gate.pause(trouble, self.delivery.clock.now()),
            None => self.gate.works(),
        }
        // Up to MAIL the message has nothing to do with it. From RCPT on it may: were it simply given back, it would be
        // the first to be claimed again, and one poisonous recipient could hold up all the others.
        let before_rcpt = refusal.trouble.as_ref().is_some_and(|trouble| trouble.phase < Phase::Rcpt);
        if before_rcpt && matches!(refusal.outcome, Outcome::NotSent(_)) {
            self.delivery.let_go(std::slice::from_ref(held)).await;
            return Ok(());
        }
        self.settle(held, refusal.outcome).await
    }

    async fn settle(&self, held: &Held, outcome: Outcome) -> Result<(), Unwritten> {
        let result = self.judge(held, outcome).await;
        self.write_result(held, Some(result), None).await?;
        Ok(())
    }

    /// Writes down what became of `held`, if that is not done yet, and that another message is offered. Returns whether
    /// it is.
    async fn write_result(
        &self,
        held: &Held,
        result: Option<Attempted>,
        offer: Option<Offer>,
    ) -> Result<bool, Unwritten> {
        let answer = self.scribe.write(result.clone(), offer).await?;
        if let Some(result) = result {
            self.recorded(held, &result, answer).await;
        }
        Ok(answer.offered)
    }

    fn offer(&self, held: &Held) -> Offer {
        Offer { hold: held.hold(), relay: self.gate.name().to_owned() }
    }

    /// Returns what the ledger is told of an attempt, and tells the paces.
    async fn judge(&self, held: &Held, outcome: Outcome) -> Attempted {
        let (delivery, attempts) = (&self.delivery, held.claim.attempts);
        let now = delivery.clock.now();
        delivery.pace.observe(&delivery.store, &held.claim.address, &outcome, now).await;
        let entry = match outcome {
            Outcome::Accepted(reply) => Entry::Accepted(reply),
            Outcome::Rejected(reply) => Entry::Rejected(reply),
            Outcome::Deferred(reply) | Outcome::NotSent(reply) => {
                let failed = u32::try_from(attempts).unwrap_or(u32::MAX).saturating_add(1);
                Entry::Later(reply, later(now, retry_delay(failed, random_fraction(&*delivery.clock))))
            }
            Outcome::Unknown(reply) => Entry::Unknown(reply, delivery.policy.resend_at(now, attempts)),
        };
        Attempted { hold: held.hold(), relay: self.gate.name().to_owned(), entry }
    }

    /// Says what was recorded, and suppresses a reader whose mailbox does not exist.
    async fn recorded(&self, held: &Held, result: &Attempted, answer: Answer) {
        let claim = &held.claim;
        tracing::debug!(
            delivery.id = %claim.id, relay = result.relay, attempts = claim.attempts + 1,
            "An attempt ended: {}", entry_word(&result.entry)
        );
        if !answer.recorded {
            tracing::warn!(delivery.id = %claim.id, "A result came too late: others have taken the delivery over");
        }
        if let Entry::Rejected(reply) = &result.entry
            && reply.mailbox_is_gone()
            && let Err(error) = self.delivery.suppress(claim, reply).await
        {
            tracing::error!(delivery.id = %claim.id, "A reader without a mailbox could not be suppressed: {error}");
        }
    }
}

impl Held {
    /// Returns the claim as the ledger knows it.
    pub(super) fn hold(&self) -> Hold {
        Hold::new(&self.node, &self.claim)
    }
}

/// Why a message could not be begun.
enum Begun {
    /// There is no connection.
    NoConnection(RelayTrouble),
    /// The relay refused, or was lost.
    Refused(Refusal),
}

/// Returns whether a connection was found closed, or is being closed, where the next message was to be begun.
fn said_goodbye(refusal: &Refusal) -> bool {
    let Outcome::NotSent(reply) = &refusal.outcome else { return false };
    refusal.trouble.as_ref().is_some_and(|trouble| match reply.code {
        None => matches!(trouble.phase, Phase::Mail | Phase::Rcpt),
        Some(code) => code == CLOSING && trouble.phase == Phase::Mail,
    })
}

/// Returns what is wrong with a relay that answered the final dot like this. A definite reply about the message is
/// nothing; silence is, and 421 says so. Going on at full speed would put a whole list in doubt.
fn trouble_at_the_dot(gate: &Gate, outcome: &Outcome) -> Option<RelayTrouble> {
    let reply = match outcome {
        Outcome::Unknown(reply) | Outcome::NotSent(reply) => reply,
        Outcome::Deferred(reply) if reply.code == Some(CLOSING) => reply,
        Outcome::Accepted(_) | Outcome::Deferred(_) | Outcome::Rejected(_) => return None,
    };
    Some(RelayTrouble { relay: gate.name().to_owned(), phase: Phase::Content, reply: reply.clone(), permanent: false })
}

/// Service not available, closing (RFC 5321 §4.2.2).
const CLOSING: u16 = 421;

fn entry_word(entry: &Entry) -> &'static str {
    match entry {
        Entry::Accepted(_) => "accepted",
        Entry::Rejected(_) => "rejected",
        Entry::Later(..) => "to be tried again",
        Entry::Unknown(..) => "unknown",
    }
}
