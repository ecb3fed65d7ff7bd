//! One connection to a relay: from the TCP handshake to QUIT, one message at a time.

use std::{
    fmt::{self, Display},
    time::Duration,
};

use lettre::transport::smtp::{
    authentication::{Credentials, Mechanism},
    client::AsyncSmtpConnection,
    commands::{Auth, Data, Ehlo, Quit, Rset, Starttls},
    extension::ClientId,
    response::Response,
};
use tokio_rustls::TlsConnector;

use super::{
    offers::Offers,
    path::Path,
    reach::{connector, guard_plain, hello, reach, server_name, shaken},
    relay::{Phase, Relay, RelayTrouble},
    verdict::{Step, Verdict, judge},
    wire::{Lost, Transport, Wire, WireReply, handshake},
};
use crate::{
    config::RelayTls,
    crash,
    domain::delivery::{Outcome, Reply},
};

/// A challenge and its response are one step of AUTH; LOGIN has two.
const MAX_AUTH_STEPS: u32 = 4;

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
}

impl Session {
    /// Connects, encrypts and authenticates as `relay` says.
    ///
    /// # Errors
    /// With the trouble the relay, or its configuration, is in.
    pub async fn connect(relay: &Relay) -> Result<Self, RelayTrouble> {
        let hello = hello(relay)?;
        let connector = match relay.config.tls {
            RelayTls::None => None,
            RelayTls::Implicit | RelayTls::StartTls => Some(connector(relay).await?),
        };
        let tcp = reach(relay).await?;
        let to_ourselves = tcp.peer_addr().is_ok_and(|peer| peer.ip().is_loopback());
        guard_plain(relay, to_ourselves)?;

        let transport = match &connector {
            Some(connector) if relay.config.tls == RelayTls::Implicit => {
                let name = server_name(relay)?;
                handshake(connector, name, tcp, relay.deadlines.handshake).await.map_err(|e| shaken(relay, &e))?
            }
            _ => Transport::Plain(tcp),
        };
        let wire = Wire::new(transport, relay.deadlines.greeting, relay.deadlines.command)
            .map_err(|e| relay.own_trouble(Phase::Connect, &e.to_string(), false))?;
        let greeted = AsyncSmtpConnection::connect_with_transport(Box::new(wire.clone()), &hello).await;
        // Which of the two replies lettre did not like shows in how much was said.
        let phase = if wire.said() == 0 { Phase::Greeting } else { Phase::Hello };
        let offers = expect_yes(relay, phase, wire.answer())?;
        let smtp = greeted.map_err(|e| relay.own_trouble(phase, &e.to_string(), false))?;

        let mut session =
            Self { relay: relay.clone(), smtp, wire, offers: Offers::read(&offers), state: State::Closed };
        if let (RelayTls::StartTls, Some(connector)) = (relay.config.tls, &connector) {
            session.start_tls(connector, &hello).await?;
        }
        if let Some((user, password)) = relay.credentials() {
            session.authenticate(Credentials::new(user.to_owned(), password.to_owned())).await?;
        }
        session.state = State::Idle;
        Ok(session)
    }

    /// Returns whether the session takes another message.
    pub fn is_usable(&self) -> bool {
        self.state == State::Idle && self.wire.is_in_step()
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

        // Closed until proven otherwise: should this future be dropped half-way, nobody knows what the next reply
        // would answer.
        self.state = State::Closed;
        let deadlines = self.relay.deadlines;
        // A relay that announces PIPELINING would take the three as one group: one `Display` that writes all of them,
        // and three replies. It saves two round trips, and asks of the wire to count more than one reply.
        let mail = self.exchange(MailFrom { path: &from, smtputf8 }, deadlines.mail).await;
        self.pass(Step::Mail, Phase::Mail, mail).await?;
        crash::point("session.after_mail");
        let rcpt = self.exchange(RcptTo(&to), deadlines.rcpt).await;
        self.pass(Step::Rcpt, Phase::Rcpt, rcpt).await?;
        crash::point("session.after_rcpt");
        let data = self.exchange(Data, deadlines.data).await;
        self.pass(Step::Data, Phase::Data, data).await?;
        crash::point("session.after_data");
        if !self.wire.is_in_step() {
            // A second reply behind the 354 would be taken for the one to the final dot.
            return Err(self.lost(Phase::Data, "it sent more than one reply to DATA"));
        }
        self.state = State::Open;
        Ok(())
    }

    /// Hands over the content of the message that was begun. Between the two calls is the time to write down, durably,
    /// that it is offered.
    pub async fn finish(&mut self, message: &[u8]) -> Outcome {
        if self.state != State::Open {
            return Outcome::NotSent(Reply::new(None, "no message was begun"));
        }
        self.state = State::Closed;
        if let Err(reason) = sound(message) {
            return Outcome::Rejected(Reply::new(None, reason));
        }
        self.wire.expect_content(self.relay.deadlines.block, self.relay.deadlines.final_dot);
        // lettre ends the content with CRLF dot CRLF, so the message's own last line end is left to it.
        let body = message.strip_suffix(b"\r\n").unwrap_or(message);
        // The wire knows more than the result, which cannot tell a "no" before the end from one after it.
        let _ = self.smtp.message(body).await;
        crash::point("content.after_reply");
        match self.wire.answer() {
            Ok(reply) => match judge(Step::Dot, &reply) {
                Verdict::GoOn(reply) => {
                    self.rest();
                    Outcome::Accepted(reply)
                }
                Verdict::No { outcome, trouble } => {
                    if trouble.is_none() {
                        self.rest();
                    }
                    outcome
                }
                Verdict::OutOfStep(reply) => Outcome::Unknown(reply),
            },
            Err(Lost { words, all_said: true }) => {
                Outcome::Unknown(Reply::new(None, &format!("no reply to the final dot: {words}")))
            }
            Err(Lost { words, all_said: false }) => {
                Outcome::NotSent(Reply::new(None, &format!("before the message was complete: {words}")))
            }
        }
    }

    /// Says goodbye and closes.
    pub async fn quit(mut self) {
        if self.is_usable() {
            let _ = self.exchange(Quit, self.relay.deadlines.quit).await;
        }
    }

    async fn start_tls(&mut self, connector: &TlsConnector, hello: &ClientId) -> Result<(), RelayTrouble> {
        let relay = self.relay.clone();
        if !self.offers.starttls {
            let words = "it does not offer STARTTLS, and nothing is sent in the clear";
            return Err(relay.own_trouble(Phase::StartTls, words, true));
        }
        let answer = self.exchange(Starttls, relay.deadlines.command).await;
        expect_yes(&relay, Phase::StartTls, answer)?;
        let name = server_name(&relay)?;
        self.wire.encrypt(connector, name, relay.deadlines.handshake).await.map_err(|e| shaken(&relay, &e))?;
        // RFC 3207 §4.2: what was said in the clear counts for nothing.
        let answer = self.exchange(Ehlo::new(hello.clone()), relay.deadlines.command).await;
        self.offers = Offers::read(&expect_yes(&relay, Phase::Hello, answer)?);
        Ok(())
    }

    async fn authenticate(&mut self, credentials: Credentials) -> Result<(), RelayTrouble> {
        let relay = self.relay.clone();
        let unable = |words: &str| relay.own_trouble(Phase::Auth, words, true);
        let mechanism = match self.offers {
            Offers { plain: true, .. } => Mechanism::Plain,
            Offers { login: true, .. } => Mechanism::Login,
            _ => return Err(unable("it offers neither AUTH PLAIN nor AUTH LOGIN")),
        };
        let first = Auth::new(mechanism, credentials.clone(), None).map_err(|e| unable(&e.to_string()))?;
        let mut answer = self.exchange(first, relay.deadlines.command).await;
        for _ in 0..MAX_AUTH_STEPS {
            let reply = expect_yes(&relay, Phase::Auth, answer)?;
            if reply.code != 334 {
                return Ok(());
            }
            let challenge = reply.lines.first().map(String::as_str).unwrap_or_default();
            let challenge: Response = format!("334 {challenge}\r\n").parse().map_err(|_| unable("an odd challenge"))?;
            let next = Auth::new_from_response(mechanism, credentials.clone(), &challenge)
                .map_err(|_| unable("it asks something we have no answer to"))?;
            answer = self.exchange(next, relay.deadlines.command).await;
        }
        Err(unable("it never stops asking"))
    }

    /// Says one thing and returns the reply to it.
    async fn exchange(&mut self, command: impl Display, patience: Duration) -> Result<WireReply, Lost> {
        self.wire.expect_reply(patience);
        // What lettre makes of the reply does not matter; see the wire.
        let _ = self.smtp.command(command).await;
        self.wire.answer()
    }

    /// Goes on if the relay said yes; otherwise makes the session usable again if that can be done.
    async fn pass(&mut self, step: Step, phase: Phase, answer: Result<WireReply, Lost>) -> Result<(), Refusal> {
        let reply = answer.map_err(|lost| self.lost(phase, &lost.words))?;
        match judge(step, &reply) {
            Verdict::GoOn(_) => Ok(()),
            Verdict::OutOfStep(odd) => {
                let words = format!("{} makes no sense here", odd.code.unwrap_or_default());
                Err(self.lost(phase, &words))
            }
            Verdict::No { outcome, trouble } => {
                // 421 announces that the relay closes the connection (RFC 5321 §3.8).
                if reply.code != 421 && self.wire.is_in_step() {
                    let reset = self.exchange(Rset, self.relay.deadlines.command).await;
                    if reset.is_ok_and(|r| (200..300).contains(&r.code)) {
                        self.rest();
                    }
                }
                let trouble = trouble.map(|permanent| self.relay.trouble(phase, &reply.to_reply(), permanent));
                Err(self.refusal(outcome, trouble))
            }
        }
    }

    fn rest(&mut self) {
        self.state = State::Idle;
    }

    fn refusal(&self, outcome: Outcome, trouble: Option<RelayTrouble>) -> Refusal {
        Refusal { outcome, trouble, usable: self.is_usable() }
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

struct MailFrom<'a> {
    path: &'a Path,
    smtputf8: bool,
}

impl Display for MailFrom<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameter = if self.smtputf8 { " SMTPUTF8" } else { "" };
        write!(f, "MAIL FROM:<{}>{parameter}\r\n", self.path)
    }
}

struct RcptTo<'a>(&'a Path);

impl Display for RcptTo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RCPT TO:<{}>\r\n", self.0)
    }
}

fn expect_yes(relay: &Relay, phase: Phase, answer: Result<WireReply, Lost>) -> Result<WireReply, RelayTrouble> {
    let reply = answer.map_err(|lost| relay.own_trouble(phase, &lost.words, false))?;
    let yes = (200..300).contains(&reply.code) || (phase == Phase::Auth && reply.code == 334);
    if yes { Ok(reply) } else { Err(relay.trouble(phase, &reply.to_reply(), reply.code >= 500)) }
}

/// Returns whether the bytes can travel: a lone CR or LF could be taken for a line end by the next server and not by
/// us, which is how a message is smuggled inside another.
fn sound(message: &[u8]) -> Result<(), &'static str> {
    let mut start = 0;
    for (at, byte) in message.iter().enumerate() {
        match byte {
            b'\n' if at == 0 || message[at - 1] != b'\r' => return Err("the message has a lone LF"),
            b'\r' if message.get(at + 1) != Some(&b'\n') => return Err("the message has a lone CR"),
            0 => return Err("the message has a NUL"),
            b'\n' => start = at + 1,
            _ if at - start >= 998 && *byte != b'\r' => return Err("the message has a line over 998 octets"),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsound_messages_do_not_travel() {
        assert_eq!(sound(b"Subject: x\r\n\r\n.\r\n"), Ok(()));
        assert_eq!(sound(&[&[b'x'; 998][..], b"\r\n"].concat()), Ok(()));
        for bytes in [&b"a\nb"[..], b"\n", b"a\rb", b"a\r", b"a\0b", &[b'x'; 999]] {
            assert!(sound(bytes).is_err(), "{bytes:?}");
        }
    }
}
