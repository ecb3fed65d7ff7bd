//! One connection to a relay, one message at a time, to QUIT.

mod opening;

use std::{
    fmt::{self, Display},
    time::Duration,
};

use lettre::transport::smtp::{
    client::AsyncSmtpConnection,
    commands::{Data, Quit, Rset},
};

use super::{
    content::Content,
    envelope::{Envelope, GROUP, MailFrom, RcptTo},
    offers::Offers,
    path::Path,
    relay::{Phase, Relay, RelayTrouble},
    verdict::{Step, Verdict, judge},
    wire::{Lost, Wire, WireReply},
};
use crate::{
    crash,
    domain::delivery::{Outcome, Reply},
};

/// A connection over which messages are handed to a relay, one after the other.
///
/// A message is handed over in two steps, [`begin`](Self::begin) and [`finish`](Self::finish). Whatever else happens, a
/// message of which `finish` was not called has not been handed over. A session whose step was cancelled or went wrong
/// is closed by being dropped, and never used again: [`is_usable`](Self::is_usable) tells.
pub struct Session {
    relay: Relay,
    smtp: AsyncSmtpConnection,
    wire: Wire,
    offers: Offers,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Ready for a message.
    Idle,
    /// The relay waits for content.
    Open,
    /// The next message was announced with the content of the one before, and the replies have not been heard.
    Announced,
    /// Something is under way, or it was and did not end well.
    Closed,
}

/// Why a message was not taken, before its content was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// How the attempt ended: deferred, rejected or not sent.
    pub outcome: Outcome,
    /// Set if it is the relay that is in trouble, so that trying the next recipient is of no use for now.
    pub trouble: Option<RelayTrouble>,
    /// Whether the session takes the next message.
    pub usable: bool,
    /// Whether a group of commands was met with silence: it may be that the relay does not understand the PIPELINING it
    /// announces.
    pub unanswered_group: bool,
}

/// How the content of a message went, and whether the next one was announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// How the attempt ended.
    pub outcome: Outcome,
    /// Whether the next message was announced. None if that was not tried.
    pub next: Option<Result<(), Refusal>>,
}

impl Finished {
    fn alone(outcome: Outcome) -> Self {
        Self { outcome, next: None }
    }
}

impl Session {
    /// Returns whether the session takes another message.
    pub fn is_usable(&self) -> bool {
        self.state == State::Idle && self.wire.is_in_step()
    }

    /// Returns whether the next message can be announced in one breath with the content of this one (RFC 2920).
    pub fn pipelines(&self) -> bool {
        self.offers.pipelining
    }

    /// Says one thing at a time from now on, whatever the relay offers.
    pub fn stop_pipelining(&mut self) {
        self.offers.pipelining = false;
    }

    /// Announces a message from `from` to the address whose wire form is `to_wire`, up to the point where the relay
    /// waits for its content.
    ///
    /// # Errors
    /// If the relay, or the address, does not allow it. The message has not been handed over.
    pub async fn begin(&mut self, from: &str, to_wire: &str) -> Result<(), Refusal> {
        if !self.is_usable() {
            return Err(self.lost(Phase::Mail, "the connection is no longer open"));
        }
        let envelope = self.envelope(from, to_wire)?;
        // Closed until proven otherwise: should this future be dropped half-way, nobody knows what the next reply
        // would answer.
        self.state = State::Closed;
        let deadlines = self.relay.deadlines;
        if self.offers.pipelining {
            let mail = self.exchange_first_of(GROUP, &envelope, deadlines.mail).await;
            return self.announced(mail).await;
        }
        let mail = self.exchange(MailFrom(&envelope), deadlines.mail).await;
        self.pass(Step::Mail, Phase::Mail, mail).await?;
        crash::point("session.after_mail");
        let rcpt = self.exchange(RcptTo(&envelope.to), deadlines.rcpt).await;
        self.pass(Step::Rcpt, Phase::Rcpt, rcpt).await?;
        crash::point("session.after_rcpt");
        let data = self.exchange(Data, deadlines.data).await;
        self.pass(Step::Data, Phase::Data, data).await?;
        self.opened()
    }

    /// Hands over the content of the message that was begun. Between the two calls is the time to write down, durably,
    /// that it is offered.
    pub async fn finish(&mut self, message: &[u8]) -> Outcome {
        self.finish_and_announce(message, None).await.outcome
    }

    /// Hands over the content, as [`finish`](Self::finish) does, and if the relay [`pipelines`](Self::pipelines)
    /// announces the `next` message, from and to, in the same breath: one round trip a message. What the relay says to
    /// that is heard by [`hear_next`](Self::hear_next); it may take its time, and must not keep the outcome from being
    /// written down.
    pub async fn finish_and_announce(&mut self, message: &[u8], next: Option<(&str, &str)>) -> Finished {
        if self.state != State::Open {
            return Finished::alone(Outcome::NotSent(Reply::new(None, "no message was begun")));
        }
        self.state = State::Closed;
        let content = match Content::new(message) {
            Ok(content) => content,
            Err(reason) => return Finished::alone(Outcome::Rejected(Reply::new(None, reason))),
        };
        let next = next.filter(|_| self.offers.pipelining).map(|(from, to)| self.envelope(from, to));
        let postscript = match &next {
            Some(Ok(envelope)) => envelope.to_string().into_bytes(),
            Some(Err(_)) | None => Vec::new(),
        };
        let replies = if postscript.is_empty() { 0 } else { GROUP };
        let deadlines = self.relay.deadlines;
        self.wire.expect_content(deadlines.block, deadlines.final_dot, postscript, replies);
        // The wire knows more than the result, which cannot tell a "no" before the end from one after it.
        let _ = self.smtp.command(content).await;
        crash::point("content.after_reply");
        let (outcome, goes_on) = self.after_dot();
        let next = match next {
            None => None,
            Some(Err(refusal)) => Some(Err(Refusal { usable: self.is_usable(), ..refusal })),
            Some(Ok(_)) if goes_on => {
                self.state = State::Announced;
                Some(Ok(()))
            }
            Some(Ok(_)) => Some(Err(self.lost(Phase::Mail, "the connection ended with the message before"))),
        };
        Finished { outcome, next }
    }

    /// Hears what the relay says to the message that was announced: `Ok` if it now waits for the content.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub async fn hear_next(&mut self) -> Result<(), Refusal> {
        if self.state != State::Announced {
            return Err(self.lost(Phase::Mail, "no message was announced"));
        }
        self.state = State::Closed;
        let mail = self.next_reply(self.relay.deadlines.mail).await;
        self.announced(mail).await
    }

    /// Judges the reply to the final dot, and whether the conversation goes on.
    fn after_dot(&mut self) -> (Outcome, bool) {
        match self.wire.answer() {
            Ok(reply) => match judge(Step::Dot, &reply) {
                Verdict::GoOn(reply) => {
                    self.rest();
                    (Outcome::Accepted(reply), true)
                }
                Verdict::No { outcome, trouble: None } => {
                    self.rest();
                    // After an early "no" nothing more was said, and nothing will be answered.
                    (outcome, !self.wire.is_interrupted())
                }
                Verdict::No { outcome, trouble: Some(_) } => (outcome, false),
                Verdict::OutOfStep(reply) => (Outcome::Unknown(reply), false),
            },
            Err(Lost { words, all_said: true, .. }) => {
                (Outcome::Unknown(Reply::new(None, &format!("no reply to the final dot: {words}"))), false)
            }
            Err(Lost { words, all_said: false, .. }) => {
                (Outcome::NotSent(Reply::new(None, &format!("before the message was complete: {words}"))), false)
            }
        }
    }

    /// Hears the replies to a pipelined MAIL, RCPT and DATA, of which the first is `mail`, and judges them together
    /// (RFC 2920 §3.1): the first "no" is the one that counts, but each has its reply.
    async fn announced(&mut self, mail: Result<WireReply, Lost>) -> Result<(), Refusal> {
        let deadlines = self.relay.deadlines;
        crash::point("session.after_mail");
        let rcpt = self.next_reply(deadlines.rcpt).await;
        crash::point("session.after_rcpt");
        let data = self.next_reply(deadlines.data).await;
        let waits_for_content = data.as_ref().is_ok_and(|reply| reply.code == 354);
        // A relay may answer the group together, so who hears nothing cannot tell which command was too much for it.
        // The recipient is what differs from message to message.
        let first = if mail.is_err() { Phase::Rcpt } else { Phase::Mail };
        let steps = [(Step::Mail, first, mail), (Step::Rcpt, Phase::Rcpt, rcpt), (Step::Data, Phase::Data, data)];
        for (step, phase, answer) in steps {
            let reply =
                answer.map_err(|lost| Refusal { unanswered_group: lost.silent, ..self.lost(phase, &lost.words) })?;
            match judge(step, &reply) {
                Verdict::GoOn(_) => {}
                Verdict::OutOfStep(odd) => return Err(self.out_of_step(phase, &odd)),
                Verdict::No { outcome, trouble } => {
                    self.start_over(&reply, waits_for_content).await;
                    let trouble = trouble.map(|permanent| self.relay.trouble(phase, &reply.to_reply(), permanent));
                    return Err(self.refusal(outcome, trouble));
                }
            }
        }
        self.opened()
    }

    /// The relay waits for content, if it said no more than that.
    fn opened(&mut self) -> Result<(), Refusal> {
        if !self.wire.is_in_step() {
            // A second reply behind the 354 would be taken for the one to the final dot.
            return Err(self.lost(Phase::Data, "it sent more than one reply to DATA"));
        }
        crash::point("session.after_data");
        self.state = State::Open;
        Ok(())
    }

    /// Returns the envelope, if it can be written in SMTP and the relay can read it.
    fn envelope(&self, from: &str, to_wire: &str) -> Result<Envelope, Refusal> {
        let Ok(from) = Path::parse(from) else {
            let trouble = self.relay.own_trouble(Phase::Mail, "the sender is not an address", true);
            return Err(self.refusal(Outcome::NotSent(trouble.reply.clone()), Some(trouble)));
        };
        let Ok(to) = Path::parse(to_wire) else {
            let reply = Reply::new(None, "the address cannot be written in SMTP");
            return Err(self.refusal(Outcome::Rejected(reply), None));
        };
        let smtputf8 = from.needs_smtputf8() || to.needs_smtputf8();
        if smtputf8 && !self.offers.smtputf8 {
            let reply = Reply::new(None, "the relay takes no addresses beyond ASCII (no SMTPUTF8)");
            return Err(self.refusal(Outcome::Rejected(reply), None));
        }
        Ok(Envelope { from, to, smtputf8 })
    }

    /// Says goodbye and closes.
    pub async fn quit(mut self) {
        if self.is_usable() {
            let _ = self.exchange(Quit, self.relay.deadlines.quit).await;
        }
    }

    /// Says one thing and returns the reply to it.
    async fn exchange(&mut self, command: impl Display, patience: Duration) -> Result<WireReply, Lost> {
        self.exchange_first_of(1, command, patience).await
    }

    /// Says a group of commands that gets so many `replies`, and returns the first.
    async fn exchange_first_of(
        &mut self,
        replies: usize,
        commands: impl Display,
        patience: Duration,
    ) -> Result<WireReply, Lost> {
        self.wire.expect_replies(replies, patience);
        // What lettre makes of the reply does not matter; see the wire.
        let _ = self.smtp.command(commands).await;
        self.wire.answer()
    }

    /// Returns the next reply to a group.
    async fn next_reply(&mut self, patience: Duration) -> Result<WireReply, Lost> {
        self.wire.expect_next(patience);
        let _ = self.smtp.read_response().await;
        self.wire.answer()
    }

    /// Goes on if the relay said yes; otherwise makes the session usable again if that can be done.
    async fn pass(&mut self, step: Step, phase: Phase, answer: Result<WireReply, Lost>) -> Result<(), Refusal> {
        let reply = answer.map_err(|lost| self.lost(phase, &lost.words))?;
        match judge(step, &reply) {
            Verdict::GoOn(_) => Ok(()),
            Verdict::OutOfStep(odd) => Err(self.out_of_step(phase, &odd)),
            Verdict::No { outcome, trouble } => {
                self.start_over(&reply, false).await;
                let trouble = trouble.map(|permanent| self.relay.trouble(phase, &reply.to_reply(), permanent));
                Err(self.refusal(outcome, trouble))
            }
        }
    }

    /// Makes the session usable again after a "no", if that can be done.
    async fn start_over(&mut self, no: &WireReply, waits_for_content: bool) {
        // 421 announces that the relay closes the connection (RFC 5321 §3.8).
        if no.code == 421 || !self.wire.is_in_step() {
            return;
        }
        if waits_for_content {
            // The recipient was refused and DATA was not: an empty message to nobody ends it (RFC 2920 §3.1).
            if self.exchange(".\r\n", self.relay.deadlines.data).await.is_ok() {
                self.rest();
            }
            return;
        }
        let reset = self.exchange(Rset, self.relay.deadlines.command).await;
        if reset.is_ok_and(|reply| (200..300).contains(&reply.code)) {
            self.rest();
        }
    }

    fn rest(&mut self) {
        self.state = State::Idle;
    }

    fn refusal(&self, outcome: Outcome, trouble: Option<RelayTrouble>) -> Refusal {
        Refusal { outcome, trouble, usable: self.is_usable(), unanswered_group: false }
    }

    fn out_of_step(&self, phase: Phase, odd: &Reply) -> Refusal {
        self.lost(phase, &format!("{} makes no sense here", odd.code.unwrap_or_default()))
    }

    fn lost(&self, phase: Phase, words: &str) -> Refusal {
        let trouble = self.relay.own_trouble(phase, words, false);
        self.refusal(Outcome::NotSent(trouble.reply.clone()), Some(trouble))
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("relay", &self.relay.config.name)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
