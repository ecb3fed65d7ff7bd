//! The web server: the pages readers see. The only room that knows axum.
//!
//! [`router`] is the public site and the API, mounted at the root and, where the base URL has a path, under that path too: a
//! reverse proxy may strip it or leave it. `public/` has one file a page, `api/` one file a call. Around every page stand, from the outside
//! in: security headers, the request log, the wording of errors, a time limit, a catch for panics, a size limit and
//! the refusal to act on a prefetch. [`serve`] puts it on a socket with limits of its own.
//!
//! GET never changes anything. There is no cookie, no script, and no address or token in a log.

mod api;
mod client;
mod desk;
mod failure;
mod headers;
mod language;
mod limit;
mod log;
mod pictures;
mod prefetch;
mod public;
mod router;
mod serve;
mod state;
#[cfg(test)]
mod tests;
mod token;
mod wording;

pub use router::router;
pub use serve::serve;
pub use state::{Site, WebState};
