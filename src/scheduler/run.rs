//! The loops around the steps.

use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::Scheduler;

/// The longest sleep: a clock that is set, or a machine that was suspended, is noticed within this.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
/// How often sign-ups that were never confirmed are looked for.
const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(3600);
/// How soon a step that failed is tried again.
const RETRY: Duration = Duration::from_secs(10);

impl Scheduler {
    /// Makes issues when they are due, fetches feeds in between and keeps house, until `stop`. A step in hand is
    /// finished or dropped: each can be repeated.
    pub async fn run(&self, stop: CancellationToken) {
        let all = async { tokio::join!(self.slots(), self.feeds(), self.house()) };
        tokio::select! {
            () = stop.cancelled() => {}
            _ = all => {}
        }
    }

    async fn slots(&self) {
        loop {
            if let Err(error) = self.digests.welcome().await {
                tracing::error!("New subscribers could not be sent the last issue: {error}");
            }
            let sleep = match self.step().await {
                Ok(next) => next.map_or(LONGEST_SLEEP, |next| until(next, self.clock.now())),
                Err(_) => RETRY,
            };
            tokio::time::sleep(sleep).await;
        }
    }

    async fn feeds(&self) {
        loop {
            if let Err(error) = self.articles.collect_due(self.poll_feeds_every).await {
                tracing::error!("The feeds could not be collected: {error}");
            }
            tokio::time::sleep(LONGEST_SLEEP).await;
        }
    }

    async fn house(&self) {
        loop {
            match self.subscribers.housekeeping().await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "Forgot {count} sign-ups that were never confirmed"),
                Err(error) => tracing::error!("Old sign-ups could not be forgotten: {error}"),
            }
            tokio::time::sleep(HOUSEKEEPING_EVERY).await;
        }
    }
}

/// Returns how long to sleep so as to wake at `next`, and a minute at most.
fn until(next: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(next.duration_since(now)).unwrap_or(Duration::ZERO).min(LONGEST_SLEEP)
}
