//! Issues and their items, from draft to finished. Freezing one is next door, in `sealing`.

use jiff::Timestamp;

use super::row::{DetailsRow, count, maybe_moment, moment, word};
use super::sql::{in_tx, read, statements};
use super::stories::story_unprinted;
use super::{Store, StoreError};
use crate::crash;
use crate::domain::ids::{ArticleId, IssueId};
use crate::domain::issue::{Desk, Issue, IssueItem, IssueState};

/// An issue about to be made.
#[derive(Debug, Clone)]
pub struct NewIssue {
    /// The edition.
    pub edition: String,
    /// The civil time that names it.
    pub slot: String,
    /// The instant that stands for.
    pub scheduled: Timestamp,
    /// Why there is nothing to publish; `None` makes a draft.
    pub skipped: Option<String>,
    /// What the draft takes: article, section, position.
    pub items: Vec<(ArticleId, String, i64)>,
}

macro_rules! issue_columns {
    () => {
        "id, edition, slot, number, state, reason, scheduled_ms, created_ms, sealed_ms, released_ms, finished_ms, \
         recipients, revision, subject, introduction, previewed_revision, previewed_ms, held_ms, approved_ms, reported_ms"
    };
}

pub(super) use issue_columns;

statements! {
    /// Whatever unique key is taken (the slot, the one draft, the number), nothing is made and the caller looks again.
    INSERT = { concat!(
        "INSERT INTO issues (edition, slot, number, state, reason, scheduled_ms, created_ms, recipients, revision)
         SELECT $1, $2, CASE WHEN $3 = 'draft' THEN COALESCE(MAX(number), 0) + 1 END, $3, $4, $5, $6, 0, 1 FROM issues
         WHERE true ON CONFLICT DO NOTHING RETURNING ", issue_columns!()) }
    /// Nothing is put in whose story the edition has, whoever told it there: of two who choose at the same moment, the
    /// second may have chosen another teller.
    INSERT_ITEM = { concat!("INSERT INTO issue_items (issue_id, edition, article_id, section, position)
        SELECT $1, $2, a.id, $4, $5 FROM articles a WHERE a.id = $3", story_unprinted!("$2")) }
    BY_ID = { concat!("SELECT ", issue_columns!(), " FROM issues WHERE id = $1") }
    BY_NUMBER = { concat!("SELECT ", issue_columns!(), " FROM issues WHERE number = $1") }
    BY_SLOT = { concat!("SELECT ", issue_columns!(), " FROM issues WHERE edition = $1 AND slot = $2") }
    IN_STATE = { concat!("SELECT ", issue_columns!(), " FROM issues WHERE state = $1 ORDER BY id") }
    LATEST = { concat!("SELECT ", issue_columns!(), " FROM issues
        WHERE id < $1 AND ($2 = '' OR state = $2) ORDER BY id DESC LIMIT $3") }
    COUNT = { "SELECT COUNT(*) FROM issues" }
    /// An article that was withdrawn while its draft was being made is not in the draft.
    ITEMS = { "SELECT i.article_id, i.section, i.position,
            CASE WHEN i.title IS NULL THEN COALESCE(i.edited_title, a.title) ELSE i.title END AS title,
            CASE WHEN i.title IS NULL THEN a.url ELSE i.url END AS url,
            CASE WHEN i.title IS NULL THEN COALESCE(i.edited_summary, a.summary) ELSE i.summary END AS summary,
            CASE WHEN i.title IS NULL THEN a.source ELSE i.source END AS source,
            CASE WHEN i.title IS NULL THEN a.language ELSE i.language END AS language,
            CASE WHEN i.title IS NULL THEN a.published_ms ELSE i.published_ms END AS published_ms,
            CASE WHEN i.title IS NULL THEN a.closes_ms ELSE i.closes_ms END AS closes_ms,
            CASE WHEN i.title IS NULL THEN a.place ELSE i.place END AS place,
            CASE WHEN i.title IS NULL THEN a.company ELSE i.company END AS company,
            CASE WHEN i.title IS NULL THEN a.pay ELSE i.pay END AS pay,
            CASE WHEN i.title IS NULL THEN a.image_url ELSE i.image_url END AS image_url,
            CASE WHEN i.title IS NULL THEN a.image_alt ELSE i.image_alt END AS image_alt,
            CASE WHEN i.title IS NULL THEN a.image_credit ELSE i.image_credit END AS image_credit,
            COALESCE(CASE WHEN i.title IS NULL THEN a.kind ELSE i.kind END, 'news') AS kind,
            i.pinned, i.lead, i.also_at
        FROM issue_items i JOIN articles a ON a.id = i.article_id
        WHERE i.issue_id = $1 AND (i.title IS NOT NULL OR a.withdrawn_ms IS NULL)
        ORDER BY i.section, i.position, i.article_id" }
    DELETE_ITEMS = { "DELETE FROM issue_items WHERE issue_id = $1" }
    RELEASE = { concat!("UPDATE issues SET state = 'sending', released_ms = $2 WHERE id = $1 AND state = 'sealed'
        RETURNING ", issue_columns!()) }
    /// Parked unknowns (no due time) wait for the operator and do not hold the issue open.
    /// It names the states alone, so that the index leads to them: what is accepted is not read again and again.
    FINISH = { concat!("UPDATE issues SET state = 'finished', finished_ms = $1 WHERE state = 'sending'
            AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.issue_id = issues.id
                AND d.state IN ('queued', 'claimed', 'offered', 'unknown')
                AND (d.state <> 'unknown' OR d.due_ms IS NOT NULL))
        RETURNING ", issue_columns!()) }
    SKIP = { "UPDATE issues SET state = 'skipped', reason = $3, revision = revision + 1
        WHERE id = $1 AND revision = $2 AND state = 'draft'" }
    CANCEL = { "UPDATE issues SET state = 'cancelled', finished_ms = $3, revision = revision + 1
        WHERE id = $1 AND state = $2" }
    WITHDRAW = { "UPDATE deliveries SET state = 'withdrawn', settled_ms = $2 WHERE issue_id = $1 AND state = 'queued'" }
    PARK = { "UPDATE deliveries SET due_ms = NULL WHERE issue_id = $1 AND state = 'unknown'" }
}

#[derive(sqlx::FromRow)]
pub(super) struct IssueRow {
    id: i64,
    edition: String,
    slot: String,
    number: Option<i64>,
    state: String,
    reason: Option<String>,
    scheduled_ms: i64,
    created_ms: i64,
    sealed_ms: Option<i64>,
    released_ms: Option<i64>,
    finished_ms: Option<i64>,
    recipients: i64,
    revision: i64,
    subject: Option<String>,
    introduction: Option<String>,
    previewed_revision: Option<i64>,
    previewed_ms: Option<i64>,
    held_ms: Option<i64>,
    approved_ms: Option<i64>,
    reported_ms: Option<i64>,
}

impl TryFrom<IssueRow> for Issue {
    type Error = StoreError;

    fn try_from(row: IssueRow) -> Result<Self, StoreError> {
        const TABLE: &str = "issues";
        Ok(Self {
            id: IssueId(row.id),
            edition: row.edition,
            slot: row.slot,
            number: row.number,
            state: word(TABLE, "state", &row.state, |state| IssueState::from_stored(state, row.reason))?,
            scheduled: moment(TABLE, "scheduled_ms", row.scheduled_ms)?,
            created: moment(TABLE, "created_ms", row.created_ms)?,
            sealed: maybe_moment(TABLE, "sealed_ms", row.sealed_ms)?,
            released: maybe_moment(TABLE, "released_ms", row.released_ms)?,
            finished: maybe_moment(TABLE, "finished_ms", row.finished_ms)?,
            recipients: row.recipients,
            revision: row.revision,
            desk: Desk {
                subject: row.subject,
                introduction: row.introduction,
                previewed_revision: row.previewed_revision,
                previewed: maybe_moment(TABLE, "previewed_ms", row.previewed_ms)?,
                held: maybe_moment(TABLE, "held_ms", row.held_ms)?,
                approved: maybe_moment(TABLE, "approved_ms", row.approved_ms)?,
                reported: maybe_moment(TABLE, "reported_ms", row.reported_ms)?,
            },
        })
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct ItemRow {
    article_id: i64,
    section: String,
    position: i64,
    title: String,
    url: String,
    summary: String,
    source: Option<String>,
    language: Option<String>,
    published_ms: i64,
    closes_ms: Option<i64>,
    pinned: i64,
    lead: i64,
    also_at: Option<String>,
    #[sqlx(flatten)]
    details: DetailsRow,
}

impl TryFrom<ItemRow> for IssueItem {
    type Error = StoreError;

    fn try_from(row: ItemRow) -> Result<Self, StoreError> {
        const TABLE: &str = "issue_items";
        Ok(Self {
            article_id: ArticleId(row.article_id),
            section: row.section,
            position: row.position,
            title: row.title,
            url: row.url,
            summary: row.summary,
            source: row.source,
            language: row.language,
            published: moment(TABLE, "published_ms", row.published_ms)?,
            closes: maybe_moment(TABLE, "closes_ms", row.closes_ms)?,
            details: row.details.into_details(TABLE)?,
            also_at: match row.also_at {
                Some(json) => serde_json::from_str(&json).map_err(|_| StoreError::Corrupt {
                    table: TABLE,
                    column: "also_at",
                    value: json,
                })?,
                None => Vec::new(),
            },
            pinned: row.pinned != 0,
            lead: row.lead != 0,
        })
    }
}

/// Returns the issue of a one-row statement.
macro_rules! one_issue {
    ($run:ident, $store:expr, $statement:expr, $($argument:expr),+) => {{
        let row: Option<IssueRow> = $run!($store, |db, sql| sqlx::query_as(sql($statement))
            $(.bind($argument))+
            .fetch_optional(&mut *db)
            .await?);
        row.map(Issue::try_from).transpose()
    }};
}

impl Store {
    /// Makes a draft with its items, or records that a slot was skipped, in one transaction. `None` if the slot has an
    /// issue already, the edition has a draft, or somebody else made one at the same moment.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if another issue of the edition has taken one of the articles in the meantime, or its story.
    pub async fn create_issue(&self, new: &NewIssue, now: Timestamp) -> Result<Option<Issue>, StoreError> {
        let state = if new.skipped.is_some() { "skipped" } else { "draft" };
        let row: Option<IssueRow> = in_tx!(self, |db, sql| {
            let row: Option<IssueRow> = sqlx::query_as(sql(INSERT))
                .bind(&new.edition)
                .bind(&new.slot)
                .bind(state)
                .bind(&new.skipped)
                .bind(new.scheduled.as_millisecond())
                .bind(now.as_millisecond())
                .fetch_optional(&mut *db)
                .await?;
            if let Some(row) = &row {
                for (article, section, position) in &new.items {
                    let put = sqlx::query(sql(INSERT_ITEM))
                        .bind(row.id)
                        .bind(&new.edition)
                        .bind(article.0)
                        .bind(section)
                        .bind(position)
                        .execute(&mut *db)
                        .await?;
                    if put.rows_affected() != 1 {
                        return Err(StoreError::Stale);
                    }
                }
            }
            Ok(row)
        })?;
        row.map(TryInto::try_into).transpose()
    }

    /// Returns the issue in this row.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is none.
    pub async fn issue(&self, id: IssueId) -> Result<Issue, StoreError> {
        one_issue!(read, self, BY_ID, id.0)?.ok_or(StoreError::NotFound("issue"))
    }

    /// Returns the issue with this number.
    pub async fn issue_by_number(&self, number: i64) -> Result<Option<Issue>, StoreError> {
        one_issue!(read, self, BY_NUMBER, number)
    }

    /// Returns the issue an edition has for a slot.
    pub async fn issue_by_slot(&self, edition: &str, slot: &str) -> Result<Option<Issue>, StoreError> {
        one_issue!(read, self, BY_SLOT, edition, slot)
    }

    /// Returns the issues in this state, oldest first.
    pub async fn issues_in_state(&self, state: &IssueState) -> Result<Vec<Issue>, StoreError> {
        let rows: Vec<IssueRow> =
            read!(self, |db, sql| sqlx::query_as(sql(IN_STATE)).bind(state.as_str()).fetch_all(&mut *db).await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns up to `limit` issues before the row `before`, newest first; only those stored as `state`, if given.
    pub async fn latest_issues(
        &self,
        before: Option<IssueId>,
        state: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Issue>, StoreError> {
        let rows: Vec<IssueRow> = read!(self, |db, sql| sqlx::query_as(sql(LATEST))
            .bind(before.map_or(i64::MAX, |id| id.0))
            .bind(state.unwrap_or_default())
            .bind(count(limit))
            .fetch_all(&mut *db)
            .await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns how many issues there are, whatever became of them.
    pub async fn issue_count(&self) -> Result<i64, StoreError> {
        Ok(read!(self, |db, sql| sqlx::query_scalar(sql(COUNT)).fetch_one(&mut *db).await?))
    }

    /// Returns an issue's items, section by section: as printed once it is sealed, with today's text before.
    pub async fn issue_items(&self, id: IssueId) -> Result<Vec<IssueItem>, StoreError> {
        let rows: Vec<ItemRow> =
            read!(self, |db, sql| sqlx::query_as(sql(ITEMS)).bind(id.0).fetch_all(&mut *db).await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Lets the deliverers have a sealed issue. `None` if it is not sealed, or no longer.
    pub async fn release_issue(&self, id: IssueId, now: Timestamp) -> Result<Option<Issue>, StoreError> {
        // In a transaction: by itself, SQLite's driver would not tell if the commit of a RETURNING statement failed.
        let row: Option<IssueRow> = in_tx!(self, |db, sql| Ok(sqlx::query_as(sql(RELEASE))
            .bind(id.0)
            .bind(now.as_millisecond())
            .fetch_optional(&mut *db)
            .await?))?;
        row.map(Issue::try_from).transpose()
    }

    /// Finishes the issues whose last delivery has come to an end, and returns them.
    pub async fn finish_issues(&self, now: Timestamp) -> Result<Vec<Issue>, StoreError> {
        // In a transaction: by itself, SQLite's driver would not tell if the commit of a RETURNING statement failed.
        let rows: Vec<IssueRow> = in_tx!(self, |db, sql| {
            let rows: Vec<IssueRow> =
                sqlx::query_as(sql(FINISH)).bind(now.as_millisecond()).fetch_all(&mut *db).await?;
            if !rows.is_empty() {
                crash::point("finish.before_commit");
            }
            Ok(rows)
        })?;
        if !rows.is_empty() {
            crash::point("finish.after_commit");
        }
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Turns a draft into a skipped issue; its articles go back to waiting.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the draft has changed since it was read, or is a draft no longer.
    pub async fn skip_draft(&self, id: IssueId, revision: i64, reason: &str) -> Result<(), StoreError> {
        in_tx!(self, |db, sql| {
            let updated =
                sqlx::query(sql(SKIP)).bind(id.0).bind(revision).bind(reason).execute(&mut *db).await?.rows_affected();
            if updated != 1 {
                return Err(StoreError::Stale);
            }
            sqlx::query(sql(DELETE_ITEMS)).bind(id.0).execute(&mut *db).await?;
            Ok(())
        })
    }

    /// Cancels an issue: what is queued is withdrawn, what is offered is finished. As long as nobody can have read it,
    /// its articles go back to waiting. Returns how many deliveries were withdrawn.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the issue is no longer in `state`.
    pub async fn cancel_issue(&self, id: IssueId, state: &IssueState, now: Timestamp) -> Result<u64, StoreError> {
        let at = now.as_millisecond();
        in_tx!(self, |db, sql| {
            let updated = sqlx::query(sql(CANCEL)).bind(id.0).bind(state.as_str()).bind(at).execute(&mut *db).await?;
            if updated.rows_affected() != 1 {
                return Err(StoreError::Stale);
            }
            if *state != IssueState::Sending {
                sqlx::query(sql(DELETE_ITEMS)).bind(id.0).execute(&mut *db).await?;
            }
            sqlx::query(sql(PARK)).bind(id.0).execute(&mut *db).await?;
            Ok(sqlx::query(sql(WITHDRAW)).bind(id.0).bind(at).execute(&mut *db).await?.rows_affected())
        })
    }
}
