//! Mail that goes out: a letter becomes a message, a message goes to a relay, and the relay's words become a verdict.
//!
//! - [`form`]: a letter encoded once, and the finished bytes of each copy, the same for the same input;
//! - [`relay`]: where mail is handed over and how; [`Session`]: one connection to it, one message at a time, with a
//!   pause between "the relay is ready for the content" and "the content" in which the caller can write down that the
//!   message is about to be offered;
//! - [`dkim`]: the signatures in front of a finished message;
//! - [`mod@read`]: the way back, for the demo's inbox and the tests.
//!
//! The only room that knows lettre, and mail-auth. From lettre come the MIME parts, the commands and SASL. Its pool
//! and its `send` are not used: they wrap no deadline around a reply, hide in which phase an error came, and cannot
//! tell "no" from "no answer". The stream under it is our own (see `wire`), because what is and is not known after a
//! failure is decided there.

pub mod dkim;
pub mod form;
pub mod message;
pub mod read;
pub mod relay;

mod content;
mod encode;
mod envelope;
mod offers;
mod path;
mod reach;
mod reply;
mod session;
mod tls;
mod transport;
mod verdict;
mod wire;

pub use dkim::{Dkim, DkimError};
pub use form::{Form, NO_TOKEN, compose};
pub use message::{ComposeError, message_id};
pub use read::{ReadMail, read};
pub use relay::{Deadlines, Phase, Relay, RelayTrouble};
pub use session::{Finished, Refusal, Session};

#[cfg(test)]
mod tests;
