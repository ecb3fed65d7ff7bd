//! Visiting all feeds, a few at a time.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use jiff::SignedDuration;

use super::{Articles, ArticlesError, FeedOutcome, FeedReport};
use crate::domain::feed::Feed;

/// A small machine and its line serve this many at once.
const AT_ONCE: usize = 4;
/// After this the digest goes out with what is there; the feeds that were not reached are fetched next time.
const BUDGET: Duration = Duration::from_secs(120);

/// What a round of visits brought.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Collected {
    /// The visits that ended.
    pub feeds: Vec<FeedReport>,
    /// How many feeds there was no time for.
    pub not_reached: usize,
}

impl Collected {
    /// Returns how many articles are new.
    pub fn new_articles(&self) -> usize {
        self.feeds
            .iter()
            .map(|feed| match feed.outcome {
                FeedOutcome::Items { new, .. } => new,
                FeedOutcome::NotModified | FeedOutcome::Failed { .. } => 0,
            })
            .sum()
    }

    /// Returns how many feeds failed.
    pub fn failed(&self) -> usize {
        self.feeds.iter().filter(|feed| matches!(feed.outcome, FeedOutcome::Failed { .. })).count()
    }
}

impl Articles {
    /// Fetches every feed, telling of each as it ends. A feed that fails, or hangs, keeps no other from being fetched.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub async fn collect(&self, done: impl FnMut(&FeedReport)) -> Result<Collected, ArticlesError> {
        let feeds = self.store.feeds().await?;
        self.collect_from(feeds, done).await
    }

    /// Fetches the feeds that were not fetched within the last `poll_every`.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub async fn collect_due(&self, poll_every: Duration) -> Result<Collected, ArticlesError> {
        let now = self.clock.now();
        let wait = SignedDuration::try_from(poll_every).unwrap_or(SignedDuration::MAX);
        let mut feeds = self.store.feeds().await?;
        feeds.retain(|feed| feed.last_fetch.is_none_or(|last| now.duration_since(last) >= wait));
        self.collect_from(feeds, |_| ()).await
    }

    async fn collect_from(
        &self,
        mut feeds: Vec<Feed>,
        mut done: impl FnMut(&FeedReport),
    ) -> Result<Collected, ArticlesError> {
        let count = feeds.len();
        // Should the time not be enough for all, it is not the same ones every time that go without.
        feeds.sort_by_key(|feed| feed.last_fetch);
        let mut collected = Collected::default();
        let mut failed = None;
        {
            let visits = stream::iter(feeds).map(|feed| async move { self.visit(&feed).await });
            let mut visits = std::pin::pin!(visits.buffer_unordered(AT_ONCE));
            let all = async {
                while let Some(visit) = visits.next().await {
                    match visit {
                        Ok(report) => {
                            done(&report);
                            collected.feeds.push(report);
                        }
                        Err(error) => failed = Some(error),
                    }
                }
            };
            // What is dropped in the middle has stored whole transactions or nothing, and is fetched again.
            if tokio::time::timeout(BUDGET, all).await.is_err() {
                tracing::warn!("The feeds took longer than {} s; going on with what is there", BUDGET.as_secs());
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        let told_before = self.find_stories().await?;
        if told_before > 0 {
            tracing::info!("{told_before} articles tell stories that were told before");
        }
        collected.not_reached = count - collected.feeds.len();
        if count > 0 {
            tracing::info!(
                feeds = count,
                new = collected.new_articles(),
                failed = collected.failed(),
                "Fetched {count} feeds: {} new articles, {} failed",
                collected.new_articles(),
                collected.failed()
            );
        }
        Ok(collected)
    }
}
