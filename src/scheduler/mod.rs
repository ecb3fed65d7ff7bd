//! What is due now, and which service does it.
//!
//! A slot of an edition becomes an issue by steps that can each be repeated: fetch, compile, seal, release. Whoever
//! dies between two of them, the next one (or the same process, started again) goes on where the tables say. Two
//! schedulers, or a scheduler and a hand, make one issue, because the slot is a unique key.

mod ahead;
mod due;
mod job;
mod run;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use crate::articles::Articles;
use crate::clock::Clock;
use crate::digest::Digests;
use crate::store::Store;
use crate::subscribers::Subscribers;

pub use job::{Fetching, JobStep};

/// The scheduler of one process.
#[derive(Clone)]
pub struct Scheduler {
    store: Store,
    clock: Arc<dyn Clock>,
    articles: Articles,
    digests: Digests,
    subscribers: Subscribers,
    poll_feeds_every: Duration,
}

impl Scheduler {
    /// Returns a scheduler of the editions `digests` knows.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        articles: Articles,
        digests: Digests,
        subscribers: Subscribers,
        poll_feeds_every: Duration,
    ) -> Self {
        Self { store, clock, articles, digests, subscribers, poll_feeds_every }
    }
}

/// The scheduler could not do what was due. It will try again.
#[derive(Debug, thiserror::Error)]
pub enum SchedulerError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// The issue could not be made.
    #[error(transparent)]
    Digest(#[from] crate::digest::DigestError),
    /// The feeds could not be collected.
    #[error(transparent)]
    Articles(#[from] crate::articles::ArticlesError),
    /// The sign-ups could not be settled.
    #[error(transparent)]
    Subscribers(#[from] crate::subscribers::SubscribersError),
}
