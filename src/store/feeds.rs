//! Feeds, and what is remembered of them between two visits.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::Timestamp;

use super::row::{maybe_moment, moment, word};
use super::sql::{read, statements, write};
use super::{Store, StoreError};
use crate::domain::article::ArticleKind;
use crate::domain::feed::{Feed, ItemDefaults, Validators};
use crate::domain::ids::FeedId;
use crate::domain::visits::{Health, Pause, PauseReason};

/// A feed about to be added.
#[derive(Debug, Clone)]
pub struct NewFeed {
    /// Where it is fetched.
    pub url: String,
    /// The section its items go to.
    pub section: String,
    /// Its own categories, in lower case, to the section each leads to.
    pub category_sections: BTreeMap<String, String>,
    /// What holds for its items where they say nothing.
    pub items: ItemDefaults,
}

/// How a visit to a feed ended.
#[derive(Debug, Clone)]
pub enum FeedVisit {
    /// It gave something usable, or said that nothing changed.
    Good {
        /// The name it gives itself, if it said.
        title: Option<String>,
        /// What to send back next time; `None` keeps what there is.
        validators: Option<Validators>,
    },
    /// It did not, and why, in words.
    Bad(String),
}

/// What stands in the place of an error while a visit is under way, and stays if it never ends.
const NEVER_ENDED: &str = "the program stopped while it was reading the answer";

statements! {
    /// One that was put away comes back without its past; one that is here keeps its pause and its rest.
    ADD = { "INSERT INTO feeds (url, section, category_sections, created_ms, kind, opening_life_ms, language)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (url) DO UPDATE SET section = excluded.section, category_sections = excluded.category_sections,
            kind = excluded.kind, opening_life_ms = excluded.opening_life_ms, language = excluded.language,
            paused_ms = CASE WHEN feeds.removed_ms IS NULL THEN feeds.paused_ms END,
            pause_reason = CASE WHEN feeds.removed_ms IS NULL THEN feeds.pause_reason END,
            failures = CASE WHEN feeds.removed_ms IS NULL THEN feeds.failures ELSE 0 END,
            failing_since_ms = CASE WHEN feeds.removed_ms IS NULL THEN feeds.failing_since_ms END,
            next_visit_ms = CASE WHEN feeds.removed_ms IS NULL THEN feeds.next_visit_ms END,
            told_ms = CASE WHEN feeds.removed_ms IS NULL THEN feeds.told_ms END,
            removed_ms = NULL
        RETURNING id" }
    LIST = { "SELECT id, url, section, category_sections, title, etag, last_modified, last_fetch_ms, last_success_ms,
            last_error, kind, opening_life_ms, language, added_as, failures, failing_since_ms, next_visit_ms, paused_ms,
            pause_reason
        FROM feeds WHERE removed_ms IS NULL ORDER BY id" }
    REMOVE = { "UPDATE feeds SET removed_ms = $2 WHERE id = $1 AND removed_ms IS NULL" }
    BEGUN = { "UPDATE feeds SET last_fetch_ms = $2, last_error = $3, failures = $4, failing_since_ms = $5,
            next_visit_ms = $6
        WHERE id = $1" }
    GOOD = { "UPDATE feeds SET title = COALESCE($3, title), last_fetch_ms = $2, last_success_ms = $2,
            last_error = NULL, failures = 0, failing_since_ms = NULL, next_visit_ms = $4,
            etag = CASE WHEN $5 THEN $6 ELSE etag END, last_modified = CASE WHEN $5 THEN $7 ELSE last_modified END
        WHERE id = $1" }
    /// Whoever paused it during the visit keeps their reason. Of a new pause the operator was not told.
    BAD = { "UPDATE feeds SET last_fetch_ms = $2, last_error = $3, failures = $4, failing_since_ms = $5,
            next_visit_ms = $6, told_ms = CASE WHEN paused_ms IS NOT NULL THEN told_ms END,
            paused_ms = COALESCE(paused_ms, $7),
            pause_reason = CASE WHEN paused_ms IS NULL THEN $8 ELSE pause_reason END
        WHERE id = $1" }
    MOVE = { "UPDATE feeds SET added_as = COALESCE(added_as, url), url = $2 WHERE id = $1" }
    ITEMS_SINCE = { "SELECT feed_id, COUNT(*) FROM articles WHERE first_seen_ms >= $1 AND feed_id IS NOT NULL
        GROUP BY feed_id" }
    FIRST_SEEN = { "SELECT first_seen_ms FROM articles WHERE feed_id = $1 AND guid = $2" }
}

#[derive(sqlx::FromRow)]
struct FeedRow {
    id: i64,
    url: String,
    section: String,
    category_sections: String,
    title: Option<String>,
    etag: Option<String>,
    last_modified: Option<String>,
    last_fetch_ms: Option<i64>,
    last_success_ms: Option<i64>,
    last_error: Option<String>,
    kind: String,
    opening_life_ms: Option<i64>,
    language: Option<String>,
    added_as: Option<String>,
    failures: i64,
    failing_since_ms: Option<i64>,
    next_visit_ms: Option<i64>,
    paused_ms: Option<i64>,
    pause_reason: Option<String>,
}

impl TryFrom<FeedRow> for Feed {
    type Error = StoreError;

    fn try_from(row: FeedRow) -> Result<Self, StoreError> {
        const TABLE: &str = "feeds";
        let paused = match (maybe_moment(TABLE, "paused_ms", row.paused_ms)?, row.pause_reason) {
            (Some(since), Some(reason)) => {
                Some(Pause { since, reason: word(TABLE, "pause_reason", &reason, PauseReason::from_stored)? })
            }
            _ => None,
        };
        Ok(Self {
            id: FeedId(row.id),
            url: row.url,
            section: row.section,
            category_sections: serde_json::from_str(&row.category_sections).map_err(|_| StoreError::Corrupt {
                table: TABLE,
                column: "category_sections",
                value: row.category_sections,
            })?,
            title: row.title,
            validators: Validators { etag: row.etag, last_modified: row.last_modified },
            last_fetch: maybe_moment(TABLE, "last_fetch_ms", row.last_fetch_ms)?,
            last_success: maybe_moment(TABLE, "last_success_ms", row.last_success_ms)?,
            last_error: row.last_error,
            items: ItemDefaults {
                kind: word(TABLE, "kind", &row.kind, ArticleKind::from_stored)?,
                opening_life: row.opening_life_ms.and_then(|ms| u64::try_from(ms).ok()).map(Duration::from_millis),
                language: row.language,
            },
            added_as: row.added_as,
            health: Health {
                failures: u32::try_from(row.failures).unwrap_or(u32::MAX),
                failing_since: maybe_moment(TABLE, "failing_since_ms", row.failing_since_ms)?,
                next_visit: maybe_moment(TABLE, "next_visit_ms", row.next_visit_ms)?,
                paused,
            },
        })
    }
}

impl Store {
    /// Adds a feed, or changes the sections of the one with this URL, and returns its row.
    pub async fn add_feed(&self, feed: &NewFeed, now: Timestamp) -> Result<FeedId, StoreError> {
        let categories =
            serde_json::to_string(&feed.category_sections).expect("a map of strings can be written as JSON");
        let id: i64 = write!(self, |db, sql| {
            sqlx::query_scalar(sql(ADD))
                .bind(&feed.url)
                .bind(&feed.section)
                .bind(&categories)
                .bind(now.as_millisecond())
                .bind(feed.items.kind.as_str())
                .bind(feed.items.opening_life.map(|life| i64::try_from(life.as_millis()).unwrap_or(i64::MAX)))
                .bind(&feed.items.language)
                .fetch_one(&mut *db)
                .await?
        });
        Ok(FeedId(id))
    }

    /// Returns every feed that was not removed, oldest first.
    pub async fn feeds(&self) -> Result<Vec<Feed>, StoreError> {
        let rows: Vec<FeedRow> = read!(self, |db, sql| sqlx::query_as(sql(LIST)).fetch_all(&mut *db).await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Puts a feed away. Its articles stay.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such feed.
    pub async fn remove_feed(&self, id: FeedId, now: Timestamp) -> Result<(), StoreError> {
        let updated = write!(self, |db, sql| sqlx::query(sql(REMOVE))
            .bind(id.0)
            .bind(now.as_millisecond())
            .execute(&mut *db)
            .await?
            .rows_affected());
        if updated == 1 { Ok(()) } else { Err(StoreError::NotFound("feed")) }
    }

    /// Takes down, before the answer is read, that a visit has begun, with the `health` a failed one would leave: should
    /// the answer kill the process, the feed has its rest like any other that fails. It pauses nothing.
    pub async fn begin_feed_visit(&self, id: FeedId, health: &Health, now: Timestamp) -> Result<(), StoreError> {
        write!(self, |db, sql| {
            sqlx::query(sql(BEGUN))
                .bind(id.0)
                .bind(now.as_millisecond())
                .bind(NEVER_ENDED)
                .bind(i64::from(health.failures))
                .bind(health.failing_since.map(Timestamp::as_millisecond))
                .bind(health.next_visit.map(Timestamp::as_millisecond))
                .execute(&mut *db)
                .await?;
        });
        Ok(())
    }

    /// Takes down how a visit ended, and what it means for the next one. Store the articles first: validators that come
    /// before them would make the next visit believe they are here.
    pub async fn record_feed_visit(
        &self,
        id: FeedId,
        visit: &FeedVisit,
        health: &Health,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let at = now.as_millisecond();
        let next_visit = health.next_visit.map(Timestamp::as_millisecond);
        write!(self, |db, sql| {
            match visit {
                FeedVisit::Good { title, validators } => {
                    sqlx::query(sql(GOOD))
                        .bind(id.0)
                        .bind(at)
                        .bind(title)
                        .bind(next_visit)
                        .bind(validators.is_some())
                        .bind(validators.as_ref().and_then(|validators| validators.etag.as_deref()))
                        .bind(validators.as_ref().and_then(|validators| validators.last_modified.as_deref()))
                        .execute(&mut *db)
                        .await?;
                }
                FeedVisit::Bad(why) => {
                    sqlx::query(sql(BAD))
                        .bind(id.0)
                        .bind(at)
                        .bind(why)
                        .bind(i64::from(health.failures))
                        .bind(health.failing_since.map(Timestamp::as_millisecond))
                        .bind(next_visit)
                        .bind(health.paused.map(|pause| pause.since.as_millisecond()))
                        .bind(health.paused.map(|pause| pause.reason.as_str()))
                        .execute(&mut *db)
                        .await?;
                }
            }
        });
        Ok(())
    }

    /// Gives a feed the address it moved to, and remembers the one it was added with. Returns `false`, with nothing
    /// changed, if another feed has that address, also one that was removed.
    pub async fn move_feed(&self, id: FeedId, to: &str) -> Result<bool, StoreError> {
        // The key decides, not a look before: two feeds may move to one address in the same moment.
        let moved = async {
            Ok(write!(self, |db, sql| sqlx::query(sql(MOVE))
                .bind(id.0)
                .bind(to)
                .execute(&mut *db)
                .await?
                .rows_affected()))
        };
        match moved.await {
            Ok(updated) => Ok(updated == 1),
            Err(StoreError::Stale) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Returns how many articles each feed brought since `since`; a feed that brought none is not in it.
    pub async fn items_since(&self, since: Timestamp) -> Result<HashMap<FeedId, i64>, StoreError> {
        let rows: Vec<(i64, i64)> = read!(self, |db, sql| {
            sqlx::query_as(sql(ITEMS_SINCE)).bind(since.as_millisecond()).fetch_all(&mut *db).await?
        });
        Ok(rows.into_iter().map(|(id, count)| (FeedId(id), count)).collect())
    }

    /// Returns when each of these items of a feed was first seen; those never seen are not in it.
    pub async fn first_seen(&self, id: FeedId, guids: &[&str]) -> Result<HashMap<String, Timestamp>, StoreError> {
        let mut seen = HashMap::new();
        read!(self, |db, sql| {
            for guid in guids {
                let ms: Option<i64> =
                    sqlx::query_scalar(sql(FIRST_SEEN)).bind(id.0).bind(*guid).fetch_optional(&mut *db).await?;
                if let Some(ms) = ms {
                    seen.insert((*guid).to_owned(), moment("articles", "first_seen_ms", ms)?);
                }
            }
        });
        Ok(seen)
    }
}
