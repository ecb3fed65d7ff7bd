//! The sending side against a server that does what it is told, however rude.

mod handover;
mod injection;
mod message;
mod pipelining;
mod replies;
mod silence;
pub(super) mod stage;
mod tls;

pub(super) use stage::letter;
