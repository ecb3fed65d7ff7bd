//! Where mail is handed over, how, and what can be wrong with it.

use std::{fmt, time::Duration};

use secrecy::ExposeSecret;

use crate::{config::RelayConfig, domain::delivery::Reply};

/// A relay and how we present ourselves to it.
#[derive(Debug, Clone)]
pub struct Relay {
    /// What the operator wrote down: where it is, how it is protected, who we are to it.
    pub config: RelayConfig,
    /// The name given in EHLO: a host name or an address.
    pub hello_name: String,
    /// How long to wait for what.
    pub deadlines: Deadlines,
}

/// How long each step may take. The defaults are those of RFC 5321 §4.5.3.2, which counts by command: giving up
/// earlier, above all on the final dot, makes the duplicates it was meant to avoid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// The TCP connection, for each address of the host. Not in the RFC; Postfix waits as long.
    pub connect: Duration,
    /// The TLS handshake. Not in the RFC either; a few round trips.
    pub handshake: Duration,
    /// The greeting (§4.5.3.2.1).
    pub greeting: Duration,
    /// EHLO, STARTTLS, AUTH and RSET: as long as MAIL.
    pub command: Duration,
    /// MAIL (§4.5.3.2.2).
    pub mail: Duration,
    /// RCPT (§4.5.3.2.3).
    pub rcpt: Duration,
    /// DATA, up to its 354 (§4.5.3.2.4).
    pub data: Duration,
    /// Each block of the content that the network takes (§4.5.3.2.5).
    pub block: Duration,
    /// The reply to the final dot (§4.5.3.2.6).
    pub final_dot: Duration,
    /// QUIT. Nothing depends on its reply.
    pub quit: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        const fn minutes(n: u64) -> Duration {
            Duration::from_secs(n * 60)
        }
        Self {
            connect: Duration::from_secs(30),
            handshake: Duration::from_secs(60),
            greeting: minutes(5),
            command: minutes(5),
            mail: minutes(5),
            rcpt: minutes(5),
            data: minutes(2),
            block: minutes(3),
            final_dot: minutes(10),
            quit: Duration::from_secs(5),
        }
    }
}

/// Where in a conversation something happened; in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Before a word was said: the configuration does not allow it.
    Configuration,
    /// Finding and reaching the host.
    Connect,
    /// The TLS handshake.
    Tls,
    /// The greeting.
    Greeting,
    /// EHLO.
    Hello,
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA.
    Data,
    /// The content and its final dot.
    Content,
}

impl Phase {
    /// Returns what failed there, in an operator's words.
    const fn trouble(self) -> &'static str {
        match self {
            Self::Configuration => "is not set up for this",
            Self::Connect => "cannot be reached",
            Self::Tls => "cannot be talked to under TLS",
            Self::Greeting => "did not let us in",
            Self::Hello => "did not take our EHLO",
            Self::StartTls => "does not start TLS",
            Self::Auth => "did not let us authenticate",
            Self::Mail => "did not take our sender (MAIL FROM)",
            Self::Rcpt => "failed at a recipient (RCPT TO)",
            Self::Data => "did not want the message (DATA)",
            Self::Content => "failed while it took the message",
        }
    }
}

/// Something is wrong between us and the relay. No recipient is to blame, and other recipients will fare no better
/// until it is over. Its words carry no secret and no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct RelayTrouble {
    /// The relay, as the operator calls it.
    pub relay: String,
    /// Where it happened.
    pub phase: Phase,
    /// What the relay said, or what we saw.
    pub reply: Reply,
    /// Whether it will stay so until somebody does something. Otherwise time may heal it.
    pub permanent: bool,
}

impl fmt::Display for RelayTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "relay {} {}: ", self.relay, self.phase.trouble())?;
        match self.reply.code {
            Some(code) => write!(f, "{code} {}", self.reply.text),
            None => f.write_str(&self.reply.text),
        }
    }
}

impl Relay {
    /// Returns the relay that `config` describes, to which we are `hello_name`, with the deadlines of the RFC.
    pub fn new(config: RelayConfig, hello_name: &str) -> Self {
        Self { config, hello_name: hello_name.to_owned(), deadlines: Deadlines::default() }
    }

    /// Returns user and password, if there are any.
    pub(super) fn credentials(&self) -> Option<(&str, &str)> {
        let password = self.config.password.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default();
        self.config.username.as_deref().map(|user| (user, password))
    }

    /// Returns a trouble with this relay. Addresses and the password are taken out of `reply`: relays like to repeat
    /// what they were told, and an operator reads this in a log.
    pub(super) fn trouble(&self, phase: Phase, reply: &Reply, permanent: bool) -> RelayTrouble {
        let mut text = reply.text.clone();
        if let Some((_, password)) = self.credentials()
            && !password.is_empty()
        {
            text = text.replace(password, "…");
        }
        let text = text.split(' ').map(|w| if w.contains('@') { "<…>" } else { w }).collect::<Vec<_>>().join(" ");
        RelayTrouble { relay: self.config.name.clone(), phase, reply: Reply::new(reply.code, &text), permanent }
    }

    /// Returns a trouble in our own words.
    pub(super) fn own_trouble(&self, phase: Phase, words: &str, permanent: bool) -> RelayTrouble {
        self.trouble(phase, &Reply::new(None, words), permanent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_one_line_without_secrets() {
        let config = RelayConfig {
            username: Some("me".into()),
            password: Some("hunter2".into()),
            ..RelayConfig::plain("main", "smtp.example.jp", 465)
        };
        let relay = Relay::new(config, "news.example.jp");
        let reply = Reply::new(535, "5.7.8 hunter2 is wrong for <me@example.jp> here");
        let trouble = relay.trouble(Phase::Auth, &reply, true);
        assert_eq!(trouble.to_string(), "relay main did not let us authenticate: 535 5.7.8 … is wrong for <…> here");
        assert!(!format!("{relay:?}").contains("hunter2"));
    }

    #[test]
    fn no_deadline_is_shorter_than_the_rfc_asks() {
        let d = Deadlines::default();
        let minutes = |d: Duration| d.as_secs() / 60;
        assert_eq!([d.greeting, d.mail, d.rcpt, d.data, d.block, d.final_dot].map(minutes), [5, 5, 5, 2, 3, 10]);
    }
}
