//! What may go into an issue of an edition, and the record of what does not and why.

use jiff::Timestamp;

use super::row::moment;
use super::sql::{in_tx, read, statements};
use super::stories::story_unprinted;
use super::{Store, StoreError};
use crate::domain::choosing::{Candidate, Source};
use crate::domain::edition::Edition;
use crate::domain::ids::{ArticleId, FeedId};
use crate::domain::set_aside::{CLOSED, SetAside, TOO_OLD};

/// SQL: articles `a` of the sections in the JSON list `$1`, not taken back, whose story no issue of the edition `$2` has.
macro_rules! of_sections {
    ($in:literal) => {
        concat!("a.section ", $in, " AND a.withdrawn_ms IS NULL", story_unprinted!("$2"))
    };
}

/// SQL: the edition has a heading for what `t` tells.
macro_rules! has_a_heading {
    ($in:literal) => {
        concat!("t.section ", $in, " AND t.withdrawn_ms IS NULL")
    };
}

/// SQL: the edition could print `t` now.
macro_rules! can_be_printed {
    ($in:literal) => {
        concat!(has_a_heading!($in), " AND (t.closes_ms IS NULL OR t.closes_ms > $3) AND t.published_ms >= $4")
    };
}

/// SQL: of those who tell the story of `a`, none of whom this is true told it before.
macro_rules! told_first {
    ($true:ident, $in:literal) => {
        concat!(
            " AND (a.story_id IS NULL OR (
                NOT EXISTS (SELECT 1 FROM articles t WHERE t.id = a.story_id AND ",
            $true!($in),
            ") AND NOT EXISTS (SELECT 1 FROM articles t WHERE t.story_id = a.story_id AND t.id < a.id AND ",
            $true!($in),
            ")))"
        )
    };
}

/// What is set aside by its dates is told by them and not by the record, which is written for people: a dry run, which
/// writes nothing, chooses the same. A story of which the editor has struck one telling is struck.
macro_rules! candidates {
    ($in:literal) => {
        concat!(
            "SELECT a.id, a.feed_id, CASE WHEN a.feed_id IS NULL THEN a.source END AS source, a.section,
                a.first_seen_ms, a.published_ms
            FROM articles a WHERE ",
            of_sections!($in),
            told_first!(can_be_printed, $in),
            " AND (a.closes_ms IS NULL OR a.closes_ms > $3) AND a.published_ms >= $4
            AND NOT EXISTS (SELECT 1 FROM set_asides x WHERE x.edition = $2
                AND x.article_id = COALESCE(a.story_id, a.id) AND x.reason NOT IN ($5, $6))
            AND NOT EXISTS (SELECT 1 FROM articles t CROSS JOIN set_asides x
                WHERE t.story_id = COALESCE(a.story_id, a.id) AND x.article_id = t.id AND x.edition = $2
                AND x.reason NOT IN ($5, $6))"
        )
    };
}

/// Of a story that several tell, the one who told it first under a heading of the edition is put on record: the others
/// have been told before.
macro_rules! set_aside {
    ($in:literal) => {
        concat!(
            "INSERT INTO set_asides (edition, article_id, reason, at_ms)
            SELECT $2, a.id, CASE WHEN a.closes_ms <= $3 THEN $5 ELSE $6 END, $3 FROM articles a WHERE ",
            of_sections!($in),
            told_first!(has_a_heading, $in),
            " AND (a.closes_ms <= $3 OR a.published_ms < $4)
            ON CONFLICT (edition, article_id) DO NOTHING"
        )
    };
}

statements! {
    CANDIDATES = { PerEngine {
        sqlite: candidates!("IN (SELECT value FROM json_each($1))"),
        postgres: candidates!("IN (SELECT jsonb_array_elements_text(CAST($1 AS jsonb)))"),
    } }
    SET_ASIDE = { PerEngine {
        sqlite: set_aside!("IN (SELECT value FROM json_each($1))"),
        postgres: set_aside!("IN (SELECT jsonb_array_elements_text(CAST($1 AS jsonb)))"),
    } }
    /// What is open again, or young enough, is set aside no longer.
    BACK = { "DELETE FROM set_asides WHERE edition = $1 AND reason IN ($4, $5) AND EXISTS (SELECT 1 FROM articles a
        WHERE a.id = set_asides.article_id AND (a.closes_ms IS NULL OR a.closes_ms > $2) AND a.published_ms >= $3)" }
    OF_ARTICLE = { "SELECT edition, article_id, reason, at_ms FROM set_asides WHERE article_id = $1 ORDER BY edition" }
    REASONS = { "SELECT reason, COUNT(*) AS n FROM set_asides WHERE edition = $1 GROUP BY reason ORDER BY reason" }
    /// What the editor took out stays out, whatever its dates say.
    SET_ONE = { "INSERT INTO set_asides (edition, article_id, reason, at_ms) VALUES ($1, $2, $3, $4)
        ON CONFLICT (edition, article_id) DO UPDATE SET reason = excluded.reason, at_ms = excluded.at_ms" }
    TAKE_BACK = { "DELETE FROM set_asides WHERE edition = $1 AND article_id = $2" }
}

#[derive(sqlx::FromRow)]
struct CandidateRow {
    id: i64,
    feed_id: Option<i64>,
    source: Option<String>,
    section: String,
    first_seen_ms: i64,
    published_ms: i64,
}

impl TryFrom<CandidateRow> for Candidate {
    type Error = StoreError;

    fn try_from(row: CandidateRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: ArticleId(row.id),
            source: match (row.feed_id, row.source) {
                (Some(feed), _) => Source::Feed(FeedId(feed)),
                (None, Some(name)) => Source::Named(name),
                (None, None) => Source::ByHand,
            },
            section: row.section,
            first_seen: moment("articles", "first_seen_ms", row.first_seen_ms)?,
            published: moment("articles", "published_ms", row.published_ms)?,
        })
    }
}

/// Returns the earliest publication the edition still prints, in unix milliseconds.
fn oldest_printed(edition: &Edition, now: Timestamp) -> i64 {
    let age = edition.policy.max_age.and_then(|age| i64::try_from(age.as_millis()).ok());
    age.map_or(i64::MIN, |age| now.as_millisecond().saturating_sub(age))
}

fn sections(edition: &Edition) -> String {
    serde_json::to_string(&edition.sections).expect("a list of strings can be written as JSON")
}

impl Store {
    /// Returns every article an issue of the edition could take `now`: of its sections, open, not too old, its story in
    /// no issue of it and not struck by hand. Of those who tell one story it is the first of whom all this is true. In
    /// no order.
    pub async fn candidates_of(&self, edition: &Edition, now: Timestamp) -> Result<Vec<Candidate>, StoreError> {
        let rows: Vec<CandidateRow> = read!(self, |db, sql| sqlx::query_as(sql(CANDIDATES))
            .bind(sections(edition))
            .bind(&edition.name)
            .bind(now.as_millisecond())
            .bind(oldest_printed(edition, now))
            .bind(CLOSED)
            .bind(TOO_OLD)
            .fetch_all(&mut *db)
            .await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Puts on record which articles of the edition's sections have closed or become too old before an issue took them,
    /// and takes back what was on record of others. Returns how many were set aside just now. Doing it again changes
    /// nothing.
    pub async fn set_aside(&self, edition: &Edition, now: Timestamp) -> Result<u64, StoreError> {
        let (at, oldest) = (now.as_millisecond(), oldest_printed(edition, now));
        in_tx!(self, |db, sql| {
            sqlx::query(sql(BACK))
                .bind(&edition.name)
                .bind(at)
                .bind(oldest)
                .bind(CLOSED)
                .bind(TOO_OLD)
                .execute(&mut *db)
                .await?;
            let set_aside = sqlx::query(sql(SET_ASIDE))
                .bind(sections(edition))
                .bind(&edition.name)
                .bind(at)
                .bind(oldest)
                .bind(CLOSED)
                .bind(TOO_OLD)
                .execute(&mut *db)
                .await?;
            Ok(set_aside.rows_affected())
        })
    }

    /// Sets an article aside for an edition, for a reason in words. An issue that has it already keeps it.
    pub async fn set_article_aside(&self, aside: &SetAside) -> Result<(), StoreError> {
        in_tx!(self, |db, sql| {
            sqlx::query(sql(SET_ONE))
                .bind(&aside.edition)
                .bind(aside.article_id.0)
                .bind(&aside.reason)
                .bind(aside.at.as_millisecond())
                .execute(&mut *db)
                .await?;
            Ok(())
        })
    }

    /// Lets an edition print an article again. Returns whether it was set aside.
    pub async fn take_article_back(&self, edition: &str, article: ArticleId) -> Result<bool, StoreError> {
        in_tx!(self, |db, sql| Ok(sqlx::query(sql(TAKE_BACK))
            .bind(edition)
            .bind(article.0)
            .execute(&mut *db)
            .await?
            .rows_affected()
            > 0))
    }

    /// Returns which editions have set an article aside.
    pub async fn set_asides_of(&self, article: ArticleId) -> Result<Vec<SetAside>, StoreError> {
        let rows: Vec<(String, i64, String, i64)> =
            read!(self, |db, sql| sqlx::query_as(sql(OF_ARTICLE)).bind(article.0).fetch_all(&mut *db).await?);
        rows.into_iter()
            .map(|(edition, id, reason, ms)| {
                let at = moment("set_asides", "at_ms", ms)?;
                Ok(SetAside { edition, article_id: ArticleId(id), reason, at })
            })
            .collect()
    }

    /// Returns how many articles an edition has set aside, by reason.
    pub async fn set_aside_counts(&self, edition: &str) -> Result<Vec<(String, i64)>, StoreError> {
        Ok(read!(self, |db, sql| sqlx::query_as(sql(REASONS)).bind(edition).fetch_all(&mut *db).await?))
    }
}
