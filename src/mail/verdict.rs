//! What a relay's reply means for the message at hand. Pure rules, no network.
//!
//! | | MAIL | RCPT | DATA | final dot |
//! |---|---|---|---|---|
//! | 2xx | go on | go on | out of step | accepted |
//! | 354 | out of step | out of step | go on | out of step |
//! | 421 | relay | deferred, relay | deferred, relay | deferred, relay |
//! | 4xx | relay | deferred | deferred | deferred |
//! | 530, 535, 538 | relay | relay | relay | rejected |
//! | 552 | relay | deferred, unless it says "too large" | same | same |
//! | 5xx | relay | rejected | rejected | rejected |
//!
//! "relay" means: not this recipient's fault, not sent, and the relay is in trouble. A refusal of MAIL is always that,
//! the temporary ones too: the relay has not been told who the mail is for, so the next recipient would hear the same,
//! and ten thousand deliveries would each have spent an attempt on one cause.

use super::wire::WireReply;
use crate::domain::delivery::{Outcome, Reply};

/// The step a reply answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Mail,
    Rcpt,
    Data,
    Dot,
}

/// What follows from a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It said yes.
    GoOn(Reply),
    /// It said no; this is how the attempt ended. `trouble` is set if the relay itself is in trouble, and tells
    /// whether for good.
    No { outcome: Outcome, trouble: Option<bool> },
    /// A reply that has no meaning here: the conversation is out of step.
    OutOfStep(Reply),
}

pub(super) fn judge(step: Step, answer: &WireReply) -> Verdict {
    let reply = answer.to_reply();
    let no = |outcome, trouble| Verdict::No { outcome, trouble };
    match (answer.code, step) {
        (200..300, Step::Mail | Step::Rcpt | Step::Dot) | (354, Step::Data) => Verdict::GoOn(reply),
        (421, Step::Mail) => no(Outcome::NotSent(reply), Some(false)),
        (421, _) => no(Outcome::Deferred(reply), Some(false)),
        (400..500, Step::Mail) => no(Outcome::NotSent(reply), Some(false)),
        (400..500, _) => no(Outcome::Deferred(reply), None),
        (500..600, Step::Mail) | (530 | 535 | 538, Step::Rcpt | Step::Data) => no(Outcome::NotSent(reply), Some(true)),
        // RFC 5321 §4.5.3.1.10 wants a 552 to RCPT taken for a 452; a full mailbox (5.2.2) empties one day. A message
        // that is too large (5.2.3, 5.3.4) stays so.
        (552, _) if !matches!(answer.enhanced(), Some("5.3.4" | "5.2.3")) => no(Outcome::Deferred(reply), None),
        (500..600, _) => no(Outcome::Rejected(reply), None),
        _ => Verdict::OutOfStep(reply),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(step: Step, code: u16, text: &str) -> &'static str {
        match judge(step, &WireReply { code, lines: vec![text.to_owned()] }) {
            Verdict::GoOn(_) => "go on",
            Verdict::OutOfStep(_) => "out of step",
            Verdict::No { outcome, trouble } => match (outcome, trouble) {
                (Outcome::Deferred(_), None) => "deferred",
                (Outcome::Deferred(_), Some(false)) => "deferred, relay",
                (Outcome::Rejected(_), None) => "rejected",
                (Outcome::NotSent(_), Some(false)) => "relay for now",
                (Outcome::NotSent(_), Some(true)) => "relay for good",
                _ => "nonsense",
            },
        }
    }

    #[test]
    fn every_step_has_its_yes() {
        assert_eq!(verdict(Step::Mail, 250, "ok"), "go on");
        assert_eq!(verdict(Step::Rcpt, 251, "will forward"), "go on");
        assert_eq!(verdict(Step::Data, 354, "go"), "go on");
        assert_eq!(verdict(Step::Dot, 250, "ok"), "go on");
        for (step, code) in [(Step::Mail, 354), (Step::Rcpt, 354), (Step::Data, 250), (Step::Dot, 354)] {
            assert_eq!(verdict(step, code, "?"), "out of step", "{step:?} {code}");
        }
    }

    #[test]
    fn a_refused_sender_is_the_relays_trouble() {
        for code in [530, 535, 550, 552, 554, 571] {
            assert_eq!(verdict(Step::Mail, code, "5.7.1 not you"), "relay for good", "{code}");
        }
        for code in [421, 450, 451, 452] {
            assert_eq!(verdict(Step::Mail, code, "4.3.2 busy"), "relay for now", "{code}");
        }
        assert_eq!(verdict(Step::Rcpt, 530, "5.7.0 authenticate"), "relay for good");
    }

    #[test]
    fn a_refused_recipient_is_the_recipients() {
        for step in [Step::Rcpt, Step::Data, Step::Dot] {
            for code in [550, 551, 553, 554, 571] {
                assert_eq!(verdict(step, code, "5.1.1 no such user"), "rejected", "{step:?} {code}");
            }
            for code in [450, 451, 452] {
                assert_eq!(verdict(step, code, "4.2.1 later"), "deferred", "{step:?} {code}");
            }
            assert_eq!(verdict(step, 421, "4.3.2 closing"), "deferred, relay");
        }
    }

    #[test]
    fn a_full_mailbox_may_empty_and_a_large_message_stays_large() {
        assert_eq!(verdict(Step::Rcpt, 552, "5.2.2 mailbox full"), "deferred");
        assert_eq!(verdict(Step::Dot, 552, "storage exceeded"), "deferred");
        assert_eq!(verdict(Step::Dot, 552, "5.3.4 message too big"), "rejected");
        assert_eq!(verdict(Step::Rcpt, 452, "4.2.2 mailbox full"), "deferred");
    }
}
