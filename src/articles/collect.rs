//! Visiting all feeds, a few at a time.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;

use super::visit::Visited;
use super::{Articles, ArticlesError, FeedOutcome, FeedReport};
use crate::domain::feed::Feed;

/// A small machine and its line serve this many at once.
const AT_ONCE: usize = 4;
/// After this the digest goes out with what is there; the feeds that were not reached are fetched next time.
pub(super) const BUDGET: Duration = Duration::from_secs(120);

/// What a round of visits brought.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Collected {
    /// The visits that ended.
    pub feeds: Vec<FeedReport>,
    /// How many feeds there was no time for, or whose host asked for time.
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
        let visit = |feed: Feed| async move { self.visit(&feed).await };
        let asks_for_time = |visit: &Result<Visited, _>| visit.as_ref().is_ok_and(|visited| visited.host_asks_for_time);
        let all = round(feeds, visit, asks_for_time, |visit| match visit {
            Ok(Visited { report, .. }) => {
                done(&report);
                collected.feeds.push(report);
            }
            Err(error) => failed = Some(error),
        });
        // What is dropped in the middle has stored whole transactions or nothing, and is fetched again.
        if tokio::time::timeout(self.budget, all).await.is_err() {
            tracing::warn!("The feeds took longer than {} s; going on with what is there", self.budget.as_secs());
        }
        if let Some(error) = failed {
            return Err(error);
        }
        let told_before = self.find_stories().await?;
        if told_before > 0 {
            let tell = if told_before == 1 { "article tells a story" } else { "articles tell stories" };
            tracing::info!("{told_before} {tell} told before");
        }
        collected.not_reached = count - collected.feeds.len();
        if count > 0 {
            let (new, failed) = (collected.new_articles(), collected.failed());
            let feeds = if count == 1 { "feed" } else { "feeds" };
            let articles = if new == 1 { "article" } else { "articles" };
            tracing::info!(
                feeds = count,
                new,
                failed,
                "Fetched {count} {feeds}: {new} new {articles}, {failed} failed"
            );
        }
        Ok(collected)
    }
}

/// Visits the feeds of each host one after the other, and so many hosts side by side: feeds that wait for their host's
/// turn would only keep places that others can use. A host that asks for time is asked for nothing more in this round.
async fn round<V>(
    feeds: Vec<Feed>,
    visit: impl Fn(Feed) -> V + Send + Sync,
    asks_for_time: impl Fn(&V::Output) -> bool + Send + Sync,
    mut done: impl FnMut(V::Output),
) where
    V: Future<Output: Send> + Send,
{
    let (visit, asks_for_time) = (&visit, &asks_for_time);
    let hosts = by_host(feeds).into_iter().map(|feeds| {
        stream::unfold(feeds.into_iter(), move |mut feeds| async move {
            let visited = visit(feeds.next()?).await;
            let rest = if asks_for_time(&visited) { Vec::new().into_iter() } else { feeds };
            Some((visited, rest))
        })
        .boxed()
    });
    let mut visits = stream::iter(hosts).flatten_unordered(AT_ONCE);
    while let Some(visited) = visits.next().await {
        done(visited);
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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use tokio::time::Instant;

    use super::*;
    use crate::domain::feed::{ItemDefaults, Validators};
    use crate::domain::ids::FeedId;
    use crate::domain::visits::Health;

    fn feed(number: i64, host: &str) -> Feed {
        Feed {
            id: FeedId(number),
            url: format!("https://{host}/{number}.xml"),
            section: "news".to_owned(),
            category_sections: BTreeMap::new(),
            title: None,
            validators: Validators::default(),
            last_fetch: None,
            last_success: None,
            last_error: None,
            items: ItemDefaults::default(),
            added_as: None,
            health: Health::default(),
        }
    }

    /// A round of visits that take as long as those of a public host: an answer in half a second, and the gap. Returns
    /// which feeds were visited, and how many seconds into the round.
    async fn visited(feeds: &[(i64, &str)]) -> Vec<(i64, u64)> {
        let start = Instant::now();
        let visit = |feed: Feed| async move {
            let began = start.elapsed().as_secs();
            tokio::time::sleep(Duration::from_millis(1500)).await;
            (feed.id.0, began)
        };
        let mut visited = Vec::new();
        let feeds = feeds.iter().map(|(number, host)| feed(*number, host)).collect();
        let all = round(feeds, visit, |_| false, |visit| visited.push(visit));
        let _ = tokio::time::timeout(BUDGET, all).await;
        assert!(start.elapsed() <= BUDGET, "a round ends in time");
        visited
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_with_a_hundred_feeds_holds_up_neither_the_round_nor_the_others() {
        let mut waiting: Vec<(i64, &str)> = (0..100).map(|n| (n, "many.example.jp")).collect();
        let others = ["a.example.jp", "b.example.jp", "c.example.jp", "d.example.jp", "e.example.jp"];
        waiting.extend((100..).zip(others));
        let first = visited(&waiting).await;
        assert!(first.iter().filter(|(n, _)| *n >= 100).all(|(_, at)| *at < 5), "the others do not wait: {first:?}");
        let of_many: BTreeSet<i64> = first.iter().map(|(n, _)| *n).filter(|n| *n < 100).collect();
        assert!((79..=80).contains(&of_many.len()), "as many as there is time for, one at a time: {of_many:?}");
        // Those that were not reached have waited longest, and come first.
        waiting.retain(|(n, _)| !first.iter().any(|(visited, _)| visited == n));
        let left = waiting.len();
        assert_eq!(visited(&waiting).await.len(), left, "and the rest in the next round");
    }

    #[tokio::test(start_paused = true)]
    async fn no_host_waits_for_more_than_a_round_behind_hosts_with_hundreds() {
        let crowded = ["w.example.jp", "x.example.jp", "y.example.jp", "z.example.jp"];
        let mut waiting: Vec<(i64, &str)> = (0..800).map(|n| (n, crowded[usize::try_from(n % 4).unwrap()])).collect();
        waiting.push((800, "small.example.jp"));
        let first = visited(&waiting).await;
        assert!(!first.iter().any(|(n, _)| *n == 800), "all places are taken");
        let (seen, unseen): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|(n, _)| first.iter().any(|(visited, _)| visited == n));
        // The order of the next round: who was never fetched, then who was.
        let mut next = unseen;
        next.sort_by_key(|(n, _)| *n != 800);
        next.extend(seen);
        assert!(visited(&next).await.iter().any(|(n, _)| *n == 800));
    }
}
