//! Visiting all feeds, a few at a time.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;

use super::{Articles, ArticlesError, FeedOutcome, FeedReport};
use crate::domain::feed::Feed;
use crate::domain::visits::PauseReason;

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
    /// How many feeds failed before and are left alone for a while.
    pub resting: usize,
    /// How many feeds are paused, those of this round not counted.
    pub paused: usize,
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

    /// Returns the feeds that were paused in this round, and why: something for the operator to decide.
    pub fn newly_paused(&self) -> impl Iterator<Item = (&FeedReport, PauseReason)> {
        self.feeds.iter().filter_map(|feed| Some((feed, feed.paused?)))
    }

    /// Returns how many feeds failed.
    pub fn failed(&self) -> usize {
        self.feeds.iter().filter(|feed| matches!(feed.outcome, FeedOutcome::Failed { .. })).count()
    }
}

impl Articles {
    /// Fetches every feed that is not paused and has no rest after a failure, telling of each as it ends. A feed that
    /// fails, or hangs, keeps no other from being fetched.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub async fn collect(&self, done: impl FnMut(&FeedReport)) -> Result<Collected, ArticlesError> {
        let now = self.clock.now();
        let mut feeds = self.store.feeds().await?;
        let all = feeds.len();
        feeds.retain(|feed| feed.health.paused.is_none());
        let paused = all - feeds.len();
        let awake = feeds.len();
        feeds.retain(|feed| feed.health.rests_until(now).is_none());
        let resting = awake - feeds.len();
        let collected = self.collect_from(feeds, done).await?;
        Ok(Collected { resting, paused, ..collected })
    }

    /// Fetches the feeds that were not fetched within the last `poll_every` and may be asked again.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub async fn collect_due(&self, poll_every: Duration) -> Result<Collected, ArticlesError> {
        let now = self.clock.now();
        let mut feeds = self.store.feeds().await?;
        feeds.retain(|feed| feed.health.is_due(feed.last_fetch, poll_every, now));
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
            // One feed after the other for each host, the hosts side by side: those that wait for their host's turn
            // would only keep places that others can use.
            let hosts = by_host(feeds);
            let visits = hosts
                .into_iter()
                .map(|feeds| stream::iter(feeds).then(|feed| async move { self.visit(&feed).await }).boxed());
            let mut visits = stream::iter(visits).flatten_unordered(AT_ONCE);
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

/// Returns the feeds of each host together, in the order they came, the hosts by their first.
fn by_host(feeds: Vec<Feed>) -> Vec<Vec<Feed>> {
    let mut hosts: Vec<Vec<Feed>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for feed in feeds {
        let host = url::Url::parse(&feed.url).ok().and_then(|url| Some(url.host_str()?.to_owned()));
        let place = *places.entry(host.unwrap_or_default()).or_insert_with(|| {
            hosts.push(Vec::new());
            hosts.len() - 1
        });
        hosts[place].push(feed);
    }
    hosts
}
