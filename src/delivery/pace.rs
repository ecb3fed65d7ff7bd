//! How fast this process may send.

use std::num::NonZeroU32;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// A limit in mails a minute, spread evenly.
#[derive(Debug)]
pub(super) struct Pace {
    limiter: Option<DefaultDirectRateLimiter>,
}

impl Pace {
    /// Returns a pace of `per_minute`; 0 means no limit.
    pub(super) fn new(per_minute: u32) -> Self {
        let limiter = NonZeroU32::new(per_minute).map(|rate| {
            // A second's worth at once: relays that count by the second or the minute both see what was configured.
            let burst = NonZeroU32::new(per_minute / 60).unwrap_or(NonZeroU32::MIN);
            RateLimiter::direct(Quota::per_minute(rate).allow_burst(burst))
        });
        Self { limiter }
    }

    /// Returns whether another mail may go now, and counts it.
    pub(super) fn is_ready(&self) -> bool {
        self.limiter.as_ref().is_none_or(|limiter| limiter.check().is_ok())
    }

    /// Waits until the next mail may go.
    pub(super) async fn wait(&self) {
        if let Some(limiter) = &self.limiter {
            limiter.until_ready().await;
        }
    }
}
