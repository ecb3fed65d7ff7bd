//! A small SMTP server: what the demo sends its mail to, and what the tests of the sending side stand on.
//!
//! It speaks RFC 5321 with PIPELINING, SIZE, 8BITMIME, SMTPUTF8, ENHANCEDSTATUSCODES, and, where told to, STARTTLS or
//! TLS from the first byte and AUTH PLAIN or LOGIN. Everything a peer can make it hold is bounded: connections, line
//! length, recipients, message size, silence. It listens on loopback unless told otherwise, relays nothing and has no
//! opinion about recipients.
//!
//! A message ends at `CRLF . CRLF` and nowhere else, so that no peer can smuggle a second one. What becomes of a
//! message is the [`Inbox`]'s business. A [`Behaviour`] may answer in the server's place at every step, which is how a
//! test makes it refuse, stall, lie or hang up.

mod behaviour;
mod command;
mod conversation;
mod dialogue;
mod inbox;
mod options;
mod server;

pub use behaviour::{Answer, Behaviour, Courteous, Peer};
pub use inbox::{Envelope, Inbox, MemoryInbox, Received, TakeFuture};
pub use options::{Options, Tls};
pub use server::Server;

#[cfg(test)]
mod tests;
