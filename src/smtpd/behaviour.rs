//! The hook by which someone else answers in the server's place.

use std::time::Duration;

use super::inbox::Envelope;
use crate::domain::delivery::Reply;

/// What is done at one step of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// What the server would have done by itself.
    Usual,
    /// This reply. The conversation goes on as the code says: 2xx and 354 are a yes, the others a no.
    Reply(u16, String),
    /// This reply, then hang up.
    ReplyThenDrop(u16, String),
    /// These bytes as they stand. They count as a yes if they begin with a 2 or a 3.
    Raw(Vec<u8>),
    /// Hang up without a word.
    Drop,
    /// Say nothing for so long, then do the usual.
    Stall(Duration),
}

/// The other end of a connection, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Counts the connections of this server, from 1.
    pub connection: u64,
    /// The name it gave in EHLO; empty until then.
    pub hello: String,
    /// Whether the connection is encrypted.
    pub encrypted: bool,
    /// The user it has authenticated as.
    pub user: Option<String>,
}

/// Answers in the server's place. Every method does the usual unless overridden.
pub trait Behaviour: Send + Sync + 'static {
    /// A connection has been made.
    fn greeting(&self, _peer: &Peer) -> Answer {
        Answer::Usual
    }

    /// Every command line is shown here before anything is made of it: its first word only, in capitals.
    fn heard(&self, _peer: &Peer, _verb: &str) {}

    /// EHLO or HELO.
    fn on_ehlo(&self, _peer: &Peer, _hello: &str) -> Answer {
        Answer::Usual
    }

    /// STARTTLS, before the handshake.
    fn on_starttls(&self, _peer: &Peer) -> Answer {
        Answer::Usual
    }

    /// AUTH, with all its steps done.
    fn on_auth(&self, _peer: &Peer, _user: &str, _password: &str) -> Answer {
        Answer::Usual
    }

    /// MAIL FROM.
    fn on_mail(&self, _peer: &Peer, _from: &str) -> Answer {
        Answer::Usual
    }

    /// RCPT TO, once for each recipient.
    fn on_rcpt(&self, _peer: &Peer, _to: &str) -> Answer {
        Answer::Usual
    }

    /// DATA.
    fn on_data(&self, _peer: &Peer, _envelope: &Envelope) -> Answer {
        Answer::Usual
    }

    /// `bytes` of the content have arrived and the end has not. Anything but [`Answer::Usual`] and
    /// [`Answer::Stall`] ends the connection.
    fn on_content_so_far(&self, _peer: &Peer, _bytes: usize) -> Answer {
        Answer::Usual
    }

    /// The final dot has arrived; the inbox has not seen the message. Only the usual gives it to the inbox.
    fn on_content(&self, _peer: &Peer, _envelope: &Envelope, _content: &[u8]) -> Answer {
        Answer::Usual
    }

    /// The inbox has taken or refused the message; `reply` is what would be said now.
    fn on_taken(&self, _peer: &Peer, _envelope: &Envelope, _reply: &Reply) -> Answer {
        Answer::Usual
    }
}

/// The behaviour that never interferes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Courteous;

impl Behaviour for Courteous {}
