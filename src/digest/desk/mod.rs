//! The editor's week: showing a draft before it goes out, what the operator does to it until then, and telling them
//! afterwards how it went.
//!
//! One action a file, each a method of [`Digests`]. What the operator saw is what goes out: a draft keeps what was
//! chosen for it, what comes in later waits for the next issue, and whatever changes in it all the same (it closed, was
//! taken back, corrected or edited) is shown in another preview. A link in a preview names what was shown, so that an
//! approval is never for something else.

mod add;
mod ask;
mod copy;
mod edit;
mod follow;
mod operator;
mod paused;
mod preview_mail;
mod report;
mod show;
mod since;
mod skipped;
mod undo;

pub use ask::{DraftLink, DraftPage, DraftView, LinkError};
pub use copy::Copy;
pub use edit::Edited;
pub use operator::Operator;
