//! One visit to one feed.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::{Articles, ArticlesError};
use crate::clock::random_fraction;
use crate::domain::article::{ArticleKind, Details, NewArticle};
use crate::domain::feed::{Feed, FeedItem};
use crate::domain::ids::FeedId;
use crate::domain::visits::{Failure, PauseReason};
use crate::feeds::{FeedError, Fetched, FetchedFeed};
use crate::store::FeedVisit;

/// A date further ahead than this is a clock that goes wrong, not news of tomorrow: such an item counts from the time
/// it was first seen. A day leaves room for zones that were left out.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// How a visit to a feed ended.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FeedReport {
    /// The row.
    pub id: FeedId,
    /// Where the feed is.
    pub url: String,
    /// The name it gives itself.
    pub title: Option<String>,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: FeedOutcome,
    /// Whether its address has changed for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<FeedMove>,
    /// Why it is visited no more, if this visit was the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<PauseReason>,
}

/// A feed that has moved for good (301, 308).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FeedMove {
    /// Where to.
    pub to: String,
    /// Whether it is fetched there from now on. It is not if another feed has that address, also one that was removed:
    /// then its items come twice, and one of the two should go.
    pub followed: bool,
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

/// A visit that ended.
#[derive(Debug)]
pub(super) struct Visited {
    /// How.
    pub(super) report: FeedReport,
    /// Whether the server asked to be left alone for a while (`Retry-After`).
    pub(super) host_asks_for_time: bool,
}

impl Articles {
    /// Fetches a feed and stores what is new in it. A feed that fails is a report, not an error.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub(super) async fn visit(&self, feed: &Feed) -> Result<Visited, ArticlesError> {
        let fetched = self.fetch(feed).await?;
        let host_asks_for_time = matches!(fetched, Err(FeedError::Http { retry_after: Some(_), .. }));
        let now = self.clock.now();
        let mut title = feed.title.clone();
        let mut moved = None;
        let (outcome, visit, health) = match fetched {
            Ok(Fetched::NotModified { fresh_for }) => (
                FeedOutcome::NotModified,
                FeedVisit::Good { title: None, validators: None },
                feed.health.after_success(fresh_for, now),
            ),
            Ok(Fetched::Modified(fetched)) => {
                title = fetched.title.clone().or(title);
                let validators = Some(fetched.validators.clone());
                let health = feed.health.after_success(fetched.fresh_for, now);
                let target = Some(fetched.final_url.clone()).filter(|to| fetched.moved_for_good && *to != feed.url);
                let outcome = self.take(feed, fetched, now).await?;
                if let Some(to) = target {
                    moved = Some(self.follow(feed, to).await?);
                }
                (outcome, FeedVisit::Good { title: title.clone(), validators }, health)
            }
            Err(error) => {
                let health = feed.health.after_failure(failure(&error), random_fraction(&*self.clock), now);
                let reason = error.to_string();
                (FeedOutcome::Failed { reason: reason.clone() }, FeedVisit::Bad(reason), health)
            }
        };
        self.store.record_feed_visit(feed.id, &visit, &health, now).await?;
        let paused = health.paused.map(|pause| pause.reason).filter(|_| feed.health.paused.is_none());
        log(feed, &visit, paused);
        let report = FeedReport { id: feed.id, url: feed.url.clone(), title, outcome, moved, paused };
        Ok(Visited { report, host_asks_for_time })
    }

    /// Fetches a feed. An answer that kills whoever reads it would be asked for again as soon as the process is back,
    /// before an issue too: that the visit has begun is on disk before it is read.
    async fn fetch(&self, feed: &Feed) -> Result<Result<Fetched, FeedError>, ArticlesError> {
        let answer = match self.fetcher.ask_for(&feed.url, &feed.validators).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(error)),
        };
        if answer.has_body() {
            let now = self.clock.now();
            let passing = Failure::Passing { asked_to_wait: None };
            let begun = feed.health.after_failure(passing, random_fraction(&*self.clock), now);
            self.store.begin_feed_visit(feed.id, &begun, now).await?;
        }
        Ok(self.fetcher.read_answer(answer).await)
    }

    /// Remembers where a feed has moved to for good.
    async fn follow(&self, feed: &Feed, to: String) -> Result<FeedMove, ArticlesError> {
        let followed = self.store.move_feed(feed.id, &to).await?;
        if followed {
            tracing::info!(feed.id = %feed.id, "Feed {} has moved for good, and is fetched there from now on", feed.id);
        } else {
            tracing::warn!(
                feed.id = %feed.id,
                "Feed {} has moved for good to an address another feed has; remove one of the two",
                feed.id
            );
        }
        Ok(FeedMove { to, followed })
    }

    async fn take(&self, feed: &Feed, fetched: FetchedFeed, now: Timestamp) -> Result<FeedOutcome, ArticlesError> {
        let seen = fetched.items.len();
        let oldest = self.oldest_taken(feed, now);
        let source = fetched.title.or_else(|| host_of(&feed.url));
        let items: Vec<_> = fetched
            .items
            .into_iter()
            .filter(|item| item.published.is_none_or(|published| published >= oldest))
            .map(|item| FeedItem { published: item.published.filter(|at| at.duration_since(now) <= AHEAD), ..item })
            .collect();
        let too_old = seen - items.len();
        let first_seen = self.first_seen(feed, &items).await?;
        let articles: Vec<_> = items
            .into_iter()
            .map(|item| {
                let opened = item.published.or_else(|| first_seen.get(&item.guid).copied()).unwrap_or(now);
                article(feed, source.clone(), item, opened)
            })
            .collect();
        let new = self.store.store_articles(&articles, now).await?;
        Ok(FeedOutcome::Items { new, seen, too_old, skipped: fetched.skipped })
    }

    /// Returns since when we know the openings that say neither when they opened nor when they close: from visit to
    /// visit their closing date must not run away.
    async fn first_seen(&self, feed: &Feed, items: &[FeedItem]) -> Result<HashMap<String, Timestamp>, ArticlesError> {
        if feed.items.kind != ArticleKind::Opening || feed.items.opening_life.is_none() {
            return Ok(HashMap::new());
        }
        let silent = items.iter().filter(|item| item.published.is_none() && item.closes.is_none());
        let guids: Vec<_> = silent.map(|item| item.guid.as_str()).collect();
        Ok(self.store.first_seen(feed.id, &guids).await?)
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

fn article(feed: &Feed, source: Option<String>, item: FeedItem, opened: Timestamp) -> NewArticle {
    NewArticle {
        feed_id: Some(feed.id),
        section: feed.section_of(&item.categories).to_owned(),
        guid: item.guid,
        source,
        title: item.title,
        url: item.url,
        summary: item.summary,
        language: item.language.or_else(|| feed.items.language.clone()),
        published: item.published,
        closes: item.closes.or_else(|| feed.items.closes(opened)),
        details: Details {
            kind: feed.items.kind,
            place: item.place,
            company: item.company,
            pay: None,
            image: item.image,
        },
    }
}

fn failure(error: &FeedError) -> Failure {
    match error {
        FeedError::Gone => Failure::Gone,
        FeedError::Http { retry_after, .. } => Failure::Passing { asked_to_wait: *retry_after },
        _ => Failure::Passing { asked_to_wait: None },
    }
}

fn log(feed: &Feed, visit: &FeedVisit, paused: Option<PauseReason>) {
    let id = feed.id;
    match (visit, paused) {
        (FeedVisit::Good { .. }, _) => {}
        (FeedVisit::Bad(reason), None) => tracing::warn!(feed.id = %id, "Feed {id} failed: {reason}"),
        (FeedVisit::Bad(reason), Some(_)) => tracing::warn!(
            feed.id = %id,
            "Feed {id} is paused: {reason}. `kawaraban feeds resume {id}` tries it again, `feeds remove {id}` puts it away"
        ),
    }
}

fn host_of(url: &str) -> Option<String> {
    url::Url::parse(url).ok()?.host_str().map(str::to_owned)
}
