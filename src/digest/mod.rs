//! Issues: choosing what goes in, freezing it, letting it go.
//!
//! One action a file, each a method of [`Digests`]. An issue goes `draft → sealed → sending → finished`; every step
//! looks at what is there before it does anything, and does it in one transaction of the store. So a step may be
//! repeated, by us after a crash or by another node at the same moment, and the issue is made once: whoever comes
//! second finds it and goes on from there.
//!
//! Nothing is sent here: [`Digests::release`] hands the deliveries to whoever delivers.

mod audience;
mod cancel;
mod choose;
mod compile;
mod desk;
mod digests;
mod error;
mod finish;
mod letters;
mod miss;
mod pictures;
mod plan;
mod preview;
mod queue_test;
mod readers;
mod release;
mod seal;
#[cfg(test)]
mod tests;
mod welcome;
mod words;

pub use audience::Listed;
pub use cancel::Cancelled;
pub use compile::{Compiled, How, SectionTally};
pub use desk::{Copy, DraftLink, DraftPage, DraftView, Edited, LinkError, Operator};
pub use digests::{Digests, Imprint};
pub use error::DigestError;
pub use plan::{NotReached, Plan, PlannedIssue, PlannedItem, PlannedSection, Recipients};
pub use preview::Preview;
pub use seal::Sealed;
