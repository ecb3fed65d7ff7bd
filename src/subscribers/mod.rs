//! The people who read: signing up, confirming, leaving, and what the operator does for them.
//!
//! One action a file, each a method of [`Subscribers`]. What a visitor sends is taken down at once and decided later
//! ([`Subscribers::settle_sign_ups`]), so that neither the answer nor its time tells a stranger whether somebody is a
//! subscriber. Every change of a state goes through [`crate::domain::subscriber`] and leaves a consent event.

mod cell;
mod confirm;
mod confirmation;
mod desk;
mod erase;
mod export;
#[cfg(test)]
pub(crate) mod harness;
mod housekeeping;
mod import;
mod invite;
mod link;
mod preferences;
mod resubscribe;
mod settle;
mod sign_up;
mod suppress;
#[cfg(test)]
mod tests;
mod throttle;
mod unsubscribe;

pub use desk::{Publication, Subscribers, SubscribersError};
pub use export::ExportError;
pub use import::{Basis, Import, ImportError, ImportReport, Refusal};
pub use invite::Invited;
pub use link::LinkError;
pub use sign_up::SignUp;
pub use throttle::Throttled;
pub use unsubscribe::{Left, LeftBy};
