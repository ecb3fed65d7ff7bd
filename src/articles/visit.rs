//! One visit to one feed.

use jiff::{SignedDuration, Timestamp};

use super::{Articles, ArticlesError};
use crate::domain::article::{Details, NewArticle};
use crate::domain::feed::{Feed, FeedItem};
use crate::feeds::{Fetched, FetchedFeed};
use crate::store::FeedVisit;

/// A date further ahead than this is a clock that goes wrong, not news of tomorrow: such an item counts from the time
/// it was first seen. A day leaves room for zones that were left out.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// How a visit to a feed ended.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FeedReport {
    /// Where the feed is.
    pub url: String,
    /// The name it gives itself.
    pub title: Option<String>,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: FeedOutcome,
}

/// How a visit to a feed ended.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum FeedOutcome {
    /// The server says that nothing has changed.
    NotModified,
    /// There were items.
    Items {
        /// How many we had not seen before.
        new: usize,
        /// How many there were.
        seen: usize,
        /// How many were left out because they are older than what was new at the last visit.
        too_old: usize,
        /// Items that could not be used, and why.
        skipped: Vec<String>,
    },
    /// Nothing usable came, and why, in words.
    Failed {
        /// Why.
        reason: String,
    },
}

impl Articles {
    /// Fetches a feed and stores what is new in it. A feed that fails is a report, not an error.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub(super) async fn visit(&self, feed: &Feed) -> Result<FeedReport, ArticlesError> {
        let fetched = self.fetcher.fetch(&feed.url, &feed.validators).await;
        let now = self.clock.now();
        let mut title = feed.title.clone();
        let (outcome, visit) = match fetched {
            Ok(Fetched::NotModified) => (FeedOutcome::NotModified, FeedVisit::Good { title: None, validators: None }),
            Ok(Fetched::Modified(fetched)) => {
                title = fetched.title.clone().or(title);
                let validators = Some(fetched.validators.clone());
                let outcome = self.take(feed, fetched, now).await?;
                (outcome, FeedVisit::Good { title: title.clone(), validators })
            }
            Err(error) => {
                let reason = error.to_string();
                tracing::warn!(feed.id = %feed.id, "A feed failed: {reason}");
                (FeedOutcome::Failed { reason: reason.clone() }, FeedVisit::Bad(reason))
            }
        };
        self.store.record_feed_visit(feed.id, &visit, now).await?;
        Ok(FeedReport { url: feed.url.clone(), title, outcome })
    }

    async fn take(&self, feed: &Feed, fetched: FetchedFeed, now: Timestamp) -> Result<FeedOutcome, ArticlesError> {
        let seen = fetched.items.len();
        let oldest = self.oldest_taken(feed, now);
        let source = fetched.title.or_else(|| host_of(&feed.url));
        let articles: Vec<_> = fetched
            .items
            .into_iter()
            .filter(|item| item.published.is_none_or(|published| published >= oldest))
            .map(|item| article(feed, source.clone(), item, now))
            .collect();
        let too_old = seen - articles.len();
        let new = self.store.store_articles(&articles, now).await?;
        Ok(FeedOutcome::Items { new, seen, too_old, skipped: fetched.skipped })
    }

    /// Returns how far back an item's date may lie.
    ///
    /// A first visit takes what is younger than `first_fetch_max_age`. The items it left out are still in the feed on
    /// the next one, and as unknown as before; so the same age is allowed before the last good visit, not before now.
    /// Whatever appeared while we were away is taken, however long that was; and a feed that gives all its old items
    /// new names does not bring them all back.
    fn oldest_taken(&self, feed: &Feed, now: Timestamp) -> Timestamp {
        let age = SignedDuration::try_from(self.first_fetch_max_age).unwrap_or(SignedDuration::MAX);
        feed.last_success.unwrap_or(now).checked_sub(age).unwrap_or(Timestamp::MIN)
    }
}

fn article(feed: &Feed, source: Option<String>, item: FeedItem, now: Timestamp) -> NewArticle {
    NewArticle {
        feed_id: Some(feed.id),
        section: feed.section_of(&item.categories).to_owned(),
        guid: item.guid,
        source,
        title: item.title,
        url: item.url,
        summary: item.summary,
        language: item.language,
        published: item.published.filter(|published| published.duration_since(now) <= AHEAD),
        closes: None,
        details: Details { kind: feed.items.kind, ..Details::default() },
    }
}

fn host_of(url: &str) -> Option<String> {
    url::Url::parse(url).ok()?.host_str().map(str::to_owned)
}
