//! Feeds, and what is remembered of them between two visits.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::row::{maybe_moment, word};
use super::sql::{read, statements, write};
use super::{Store, StoreError};
use crate::domain::article::ArticleKind;
use crate::domain::feed::{Feed, ItemDefaults, Validators};
use crate::domain::ids::FeedId;

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

statements! {
    ADD = { "INSERT INTO feeds (url, section, category_sections, created_ms, kind, opening_life_ms, language)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (url) DO UPDATE SET section = excluded.section, category_sections = excluded.category_sections,
            kind = excluded.kind, opening_life_ms = excluded.opening_life_ms, language = excluded.language,
            removed_ms = NULL
        RETURNING id" }
    LIST = { "SELECT id, url, section, category_sections, title, etag, last_modified, last_fetch_ms, last_success_ms,
            last_error, kind, opening_life_ms, language
        FROM feeds WHERE removed_ms IS NULL ORDER BY id" }
    REMOVE = { "UPDATE feeds SET removed_ms = $2 WHERE id = $1 AND removed_ms IS NULL" }
    GOOD = { "UPDATE feeds SET title = COALESCE($3, title), last_fetch_ms = $2, last_success_ms = $2,
        last_error = NULL WHERE id = $1" }
    VALIDATORS = { "UPDATE feeds SET etag = $2, last_modified = $3 WHERE id = $1" }
    BAD = { "UPDATE feeds SET last_fetch_ms = $2, last_error = $3 WHERE id = $1" }
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
}

impl TryFrom<FeedRow> for Feed {
    type Error = StoreError;

    fn try_from(row: FeedRow) -> Result<Self, StoreError> {
        const TABLE: &str = "feeds";
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

    /// Takes down how a visit ended. Store the articles first: validators that come before them would make the next
    /// visit believe they are here.
    pub async fn record_feed_visit(&self, id: FeedId, visit: &FeedVisit, now: Timestamp) -> Result<(), StoreError> {
        let at = now.as_millisecond();
        write!(self, |db, sql| {
            match visit {
                FeedVisit::Good { title, validators } => {
                    sqlx::query(sql(GOOD)).bind(id.0).bind(at).bind(title).execute(&mut *db).await?;
                    if let Some(validators) = validators {
                        sqlx::query(sql(VALIDATORS))
                            .bind(id.0)
                            .bind(&validators.etag)
                            .bind(&validators.last_modified)
                            .execute(&mut *db)
                            .await?;
                    }
                }
                FeedVisit::Bad(why) => {
                    sqlx::query(sql(BAD)).bind(id.0).bind(at).bind(why).execute(&mut *db).await?;
                }
            }
        });
        Ok(())
    }
}
