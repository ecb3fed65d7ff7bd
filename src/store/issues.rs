//! Issues and their items, from draft to finished.

use jiff::Timestamp;

use super::letters::insert_letter;
use super::row::{DetailsRow, count, maybe_moment, moment, word};
use super::sql::{in_tx, read, statements, write};
use super::variants::INSERT_UNSERVED;
use super::{Store, StoreError};
use crate::domain::delivery::DeliveryKind;
use crate::domain::ids::{ArticleId, IssueId};
use crate::domain::issue::{AlsoAt, Desk, Issue, IssueItem, IssueState, Letter};

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

/// What a draft is frozen into.
#[derive(Debug, Clone)]
pub struct SealedIssue {
    /// The draft.
    pub id: IssueId,
    /// The revision of the draft that was rendered.
    pub revision: i64,
    /// The items as printed. Those of the draft that are missing here go back to waiting.
    pub items: Vec<IssueItem>,
    /// One letter for each language, and for each part of the edition that somebody takes.
    pub letters: Vec<Letter>,
    /// The choices of which nothing is left: whoever has made one of them gets no mail.
    pub unserved: Vec<String>,
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
    INSERT_ITEM = { "INSERT INTO issue_items (issue_id, edition, article_id, section, position)
        VALUES ($1, $2, $3, $4, $5)" }
    BY_ID = { concat!("SELECT ", issue_columns!(), " FROM issues WHERE id = $1") }
    BY_NUMBER = { concat!("SELECT ", issue_columns!(), " FROM issues WHERE number = $1") }
    BY_SLOT = { concat!("SELECT ", issue_columns!(), " FROM issues WHERE edition = $1 AND slot = $2") }
    IN_STATE = { concat!("SELECT ", issue_columns!(), " FROM issues WHERE state = $1 ORDER BY id") }
    LATEST = { concat!("SELECT ", issue_columns!(), " FROM issues
        WHERE id < $1 AND ($2 = '' OR state = $2) ORDER BY id DESC LIMIT $3") }
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
    SEAL = { "UPDATE issues SET state = 'sealed', sealed_ms = $3, revision = revision + 1
        WHERE id = $1 AND revision = $2 AND state = 'draft' RETURNING edition" }
    DELETE_ITEMS = { "DELETE FROM issue_items WHERE issue_id = $1" }
    PRINT_ITEM = { "INSERT INTO issue_items (issue_id, edition, article_id, section, position, title, url, summary,
            source, language, published_ms, closes_ms, kind, place, company, pay, image_url, image_alt, image_credit,
            pinned, lead, also_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)" }
    /// One line in the ledger for every confirmed subscriber of the edition, in one statement: what readers choose at the
    /// same moment is seen before or after it, and never in between. Whose choice has no letter, because it was made
    /// after the letters were written, gets all of the issue rather than nothing; unless it is known to have nothing.
    FAN_OUT = { "INSERT INTO deliveries
            (kind, letter_id, issue_id, subscriber_id, state, priority, due_ms, attempts, fence, created_ms)
        SELECT CAST($2 AS TEXT), l.id, l.issue_id, s.id, 'queued', CAST($3 AS BIGINT), CAST($4 AS BIGINT), 0, 0,
            CAST($4 AS BIGINT)
        FROM subscriptions t
        JOIN subscribers s ON s.id = t.subscriber_id
        JOIN letters l ON l.issue_id = $1 AND l.language = s.language AND l.variant = t.variant
        WHERE t.edition = $5 AND s.state = 'confirmed'
        UNION ALL
        SELECT CAST($2 AS TEXT), l.id, l.issue_id, s.id, 'queued', CAST($3 AS BIGINT), CAST($4 AS BIGINT), 0, 0,
            CAST($4 AS BIGINT)
        FROM subscriptions t
        JOIN subscribers s ON s.id = t.subscriber_id
        JOIN letters l ON l.issue_id = $1 AND l.language = s.language AND l.variant = ''
        WHERE t.edition = $5 AND t.variant <> '' AND s.state = 'confirmed'
            AND NOT EXISTS (SELECT 1 FROM letters o
                WHERE o.issue_id = $1 AND o.language = s.language AND o.variant = t.variant)
            AND NOT EXISTS (SELECT 1 FROM issue_unserved u WHERE u.issue_id = $1 AND u.variant = t.variant)" }
    /// The ledger is another one now. PostgreSQL would plan for the old one until it looks by itself, a minute or so later.
    LOOK_AGAIN = { PerEngine { sqlite: "SELECT 0", postgres: "ANALYZE deliveries" } }
    SET_RECIPIENTS = { "UPDATE issues SET recipients = $2 WHERE id = $1" }
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

/// Returns the other sources of a story as they are stored: none, if there are none.
fn also_at(others: &[AlsoAt]) -> Option<String> {
    (!others.is_empty()).then(|| serde_json::to_string(others).expect("structs of strings can be written as JSON"))
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
    /// [`StoreError::Stale`] if one of the articles was taken by another issue of the edition in the meantime.
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
                    sqlx::query(sql(INSERT_ITEM))
                        .bind(row.id)
                        .bind(&new.edition)
                        .bind(article.0)
                        .bind(section)
                        .bind(position)
                        .execute(&mut *db)
                        .await?;
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

    /// Returns an issue's items, section by section: as printed once it is sealed, with today's text before.
    pub async fn issue_items(&self, id: IssueId) -> Result<Vec<IssueItem>, StoreError> {
        let rows: Vec<ItemRow> =
            read!(self, |db, sql| sqlx::query_as(sql(ITEMS)).bind(id.0).fetch_all(&mut *db).await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Freezes a draft: items, texts and recipients, in one transaction. Returns how many people it is addressed to.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the draft has changed since it was read, or is a draft no longer.
    pub async fn seal_issue(&self, sealed: &SealedIssue, now: Timestamp) -> Result<i64, StoreError> {
        let at = now.as_millisecond();
        in_tx!(self, |db, sql| {
            let edition: Option<String> = sqlx::query_scalar(sql(SEAL))
                .bind(sealed.id.0)
                .bind(sealed.revision)
                .bind(at)
                .fetch_optional(&mut *db)
                .await?;
            let edition = edition.ok_or(StoreError::Stale)?;
            sqlx::query(sql(DELETE_ITEMS)).bind(sealed.id.0).execute(&mut *db).await?;
            for item in &sealed.items {
                sqlx::query(sql(PRINT_ITEM))
                    .bind(sealed.id.0)
                    .bind(&edition)
                    .bind(item.article_id.0)
                    .bind(&item.section)
                    .bind(item.position)
                    .bind(&item.title)
                    .bind(&item.url)
                    .bind(&item.summary)
                    .bind(&item.source)
                    .bind(&item.language)
                    .bind(item.published.as_millisecond())
                    .bind(item.closes.map(Timestamp::as_millisecond))
                    .bind(item.details.kind.as_str())
                    .bind(&item.details.place)
                    .bind(&item.details.company)
                    .bind(&item.details.pay)
                    .bind(item.details.image.as_ref().map(|image| &image.url))
                    .bind(item.details.image.as_ref().map(|image| &image.alt))
                    .bind(item.details.image.as_ref().and_then(|image| image.credit.as_ref()))
                    .bind(i64::from(item.pinned))
                    .bind(i64::from(item.lead))
                    .bind(also_at(&item.also_at))
                    .execute(&mut *db)
                    .await?;
            }
            for letter in &sealed.letters {
                insert_letter!(db, sql, Some(sealed.id.0), letter);
            }
            for variant in &sealed.unserved {
                sqlx::query(sql(INSERT_UNSERVED)).bind(sealed.id.0).bind(variant).execute(&mut *db).await?;
            }
            let recipients = sqlx::query(sql(FAN_OUT))
                .bind(sealed.id.0)
                .bind(DeliveryKind::Issue.as_str())
                .bind(DeliveryKind::Issue.priority())
                .bind(at)
                .bind(&edition)
                .execute(&mut *db)
                .await?
                .rows_affected();
            let recipients = i64::try_from(recipients).unwrap_or(i64::MAX);
            sqlx::query(sql(SET_RECIPIENTS)).bind(sealed.id.0).bind(recipients).execute(&mut *db).await?;
            sqlx::query(sql(LOOK_AGAIN)).execute(&mut *db).await?;
            Ok(recipients)
        })
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
        let rows: Vec<IssueRow> =
            write!(self, |db, sql| sqlx::query_as(sql(FINISH)).bind(now.as_millisecond()).fetch_all(&mut *db).await?);
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
