//! The editor's desk: drafts as they are edited, the record of it, and one reader's copy.

use jiff::Timestamp;

use super::row::{maybe_moment, moment};
use super::sql::{in_tx, read, statements};
use super::{Store, StoreError};
use crate::domain::delivery::{Claim, DeliveryKind};
use crate::domain::desk::{Draft, DraftItem};
use crate::domain::ids::{ArticleId, DeliveryId, IssueId, LetterId, SubscriberId};
use crate::domain::issue::Issue;

/// One line of the record of what was done to a draft.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct EditLine {
    /// The row.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who: a user of the system, or `link`.
    pub who: String,
    /// What, in a few words.
    pub action: String,
    /// The draft before it.
    pub before: Draft,
    /// The draft after it.
    pub after: Draft,
    /// When it was undone.
    pub undone: Option<Timestamp>,
    /// Who undid it; none if nobody did, or before that was kept.
    pub undone_by: Option<String>,
}

statements! {
    ITEMS = { "SELECT article_id, section, position, pinned, lead, edited_title, edited_summary, also_at
        FROM issue_items WHERE issue_id = $1 ORDER BY section, position, article_id" }
    TOUCH = { "UPDATE issues SET subject = $3, introduction = $4, held_ms = $5, approved_ms = $6, revision = revision + 1
        WHERE id = $1 AND revision = $2 AND state = 'draft' RETURNING edition" }
    /// An article that another issue of the edition has is refused by its unique key.
    PUT = { "INSERT INTO issue_items
            (issue_id, edition, article_id, section, position, pinned, lead, edited_title, edited_summary, also_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (issue_id, article_id) DO UPDATE SET section = excluded.section, position = excluded.position,
            pinned = excluded.pinned, lead = excluded.lead, edited_title = excluded.edited_title,
            edited_summary = excluded.edited_summary, also_at = excluded.also_at" }
    TAKE = { "DELETE FROM issue_items WHERE issue_id = $1 AND article_id = $2" }
    SET_ASIDE = { "INSERT INTO set_asides (edition, article_id, reason, at_ms) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING" }
    TAKE_BACK = { "DELETE FROM set_asides WHERE edition = $1 AND article_id = $2" }
    LOG = { "INSERT INTO issue_edits (issue_id, at_ms, who, action, before_json, after_json)
        VALUES ($1, $2, $3, $4, $5, $6)" }
    LAST = { "SELECT id, at_ms, who, action, before_json, after_json, undone_ms, undone_by FROM issue_edits
        WHERE issue_id = $1 AND undone_ms IS NULL ORDER BY id DESC LIMIT 1" }
    EDITS = { "SELECT id, at_ms, who, action, before_json, after_json, undone_ms, undone_by FROM issue_edits
        WHERE issue_id = $1 ORDER BY id" }
    LAST_TOUCHED = { "SELECT MAX(COALESCE(undone_ms, at_ms)) FROM issue_edits WHERE issue_id = $1" }
    UNDONE = { "UPDATE issue_edits SET undone_ms = $2, undone_by = $3 WHERE id = $1 AND undone_ms IS NULL" }
    COPY = { "SELECT id, letter_id FROM deliveries WHERE issue_id = $1 AND subscriber_id = $2" }
    TAKEN = { "SELECT COUNT(*) FROM issue_items WHERE edition = $1 AND article_id = $2" }
    VARIANT = { "SELECT variant FROM subscriptions WHERE subscriber_id = $1 AND edition = $2" }
}

#[derive(sqlx::FromRow)]
struct ItemRow {
    article_id: i64,
    section: String,
    position: i64,
    pinned: i64,
    lead: i64,
    edited_title: Option<String>,
    edited_summary: Option<String>,
    also_at: Option<String>,
}

impl From<ItemRow> for DraftItem {
    fn from(row: ItemRow) -> Self {
        Self {
            article: row.article_id,
            section: row.section,
            position: row.position,
            pinned: row.pinned != 0,
            lead: row.lead != 0,
            title: row.edited_title,
            summary: row.edited_summary,
            also_at: row.also_at,
        }
    }
}

#[derive(sqlx::FromRow)]
struct EditRow {
    id: i64,
    at_ms: i64,
    who: String,
    action: String,
    before_json: String,
    after_json: String,
    undone_ms: Option<i64>,
    undone_by: Option<String>,
}

impl TryFrom<EditRow> for EditLine {
    type Error = StoreError;

    fn try_from(row: EditRow) -> Result<Self, StoreError> {
        const TABLE: &str = "issue_edits";
        let draft = |column, json: String| {
            serde_json::from_str(&json).map_err(|_| StoreError::Corrupt { table: TABLE, column, value: json })
        };
        Ok(Self {
            id: row.id,
            at: moment(TABLE, "at_ms", row.at_ms)?,
            who: row.who,
            action: row.action,
            before: draft("before_json", row.before_json)?,
            after: draft("after_json", row.after_json)?,
            undone: maybe_moment(TABLE, "undone_ms", row.undone_ms)?,
            undone_by: row.undone_by,
        })
    }
}

/// Brings a draft from what it is to what it is to be.
macro_rules! change_draft {
    ($db:ident, $sql:ident, $id:expr, $revision:expr, $before:expr, $after:expr, $at:expr) => {{
        let (before, after): (&Draft, &Draft) = ($before, $after);
        let edition: Option<String> = sqlx::query_scalar($sql(TOUCH))
            .bind($id)
            .bind($revision)
            .bind(&after.subject)
            .bind(&after.introduction)
            .bind(after.held_ms)
            .bind(after.approved_ms)
            .fetch_optional(&mut *$db)
            .await?;
        let edition = edition.ok_or(StoreError::Stale)?;
        for item in before.items.iter().filter(|old| after.items.iter().all(|new| new.article != old.article)) {
            sqlx::query($sql(TAKE)).bind($id).bind(item.article).execute(&mut *$db).await?;
        }
        for item in after.items.iter().filter(|new| !before.items.contains(new)) {
            sqlx::query($sql(PUT))
                .bind($id)
                .bind(&edition)
                .bind(item.article)
                .bind(&item.section)
                .bind(item.position)
                .bind(i64::from(item.pinned))
                .bind(i64::from(item.lead))
                .bind(&item.title)
                .bind(&item.summary)
                .bind(&item.also_at)
                .execute(&mut *$db)
                .await?;
        }
        for article in before.set_aside.keys().filter(|article| !after.set_aside.contains_key(article)) {
            sqlx::query($sql(TAKE_BACK)).bind(&edition).bind(article).execute(&mut *$db).await?;
        }
        for (article, reason) in after.set_aside.iter().filter(|(article, _)| !before.set_aside.contains_key(article)) {
            sqlx::query($sql(SET_ASIDE)).bind(&edition).bind(article).bind(reason).bind($at).execute(&mut *$db).await?;
        }
    }};
}

pub(super) fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("structs of strings and numbers can be written as JSON")
}

impl Store {
    /// Returns an issue, and what lies on the editor's desk of it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such issue.
    pub async fn draft(&self, id: IssueId) -> Result<(Issue, Draft), StoreError> {
        // The issue first: what changes after it was read makes its revision an old one, and nothing can be written.
        let issue = self.issue(id).await?;
        let (items, last): (Vec<ItemRow>, Option<EditRow>) = read!(self, |db, sql| (
            sqlx::query_as(sql(ITEMS)).bind(id.0).fetch_all(&mut *db).await?,
            sqlx::query_as(sql(LAST)).bind(id.0).fetch_optional(&mut *db).await?
        ));
        let set_aside = last.map(EditLine::try_from).transpose()?.map(|line| line.after.set_aside).unwrap_or_default();
        let ms = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
        let draft = Draft {
            subject: issue.desk.subject.clone(),
            introduction: issue.desk.introduction.clone(),
            held_ms: ms(issue.desk.held),
            approved_ms: ms(issue.desk.approved),
            items: items.into_iter().map(Into::into).collect(),
            set_aside,
        };
        Ok((issue, draft))
    }

    /// Changes a draft from `before` to `after` and keeps a line of it.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the draft is no longer of this revision, or an article it takes is in another issue.
    #[expect(clippy::too_many_arguments, reason = "each is a column of the line that is kept")]
    pub async fn edit_draft(
        &self,
        id: IssueId,
        revision: i64,
        before: &Draft,
        after: &Draft,
        who: &str,
        action: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let at = now.as_millisecond();
        in_tx!(self, |db, sql| {
            change_draft!(db, sql, id.0, revision, before, after, at);
            sqlx::query(sql(LOG))
                .bind(id.0)
                .bind(at)
                .bind(who)
                .bind(action)
                .bind(json(before))
                .bind(json(after))
                .execute(&mut *db)
                .await?;
            Ok(())
        })
    }

    /// Undoes the last edit of a draft that is not undone, and returns it; `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the draft is no longer of this revision, or an article it takes back is in another issue
    /// by now.
    pub async fn undo_edit(
        &self,
        id: IssueId,
        revision: i64,
        who: &str,
        now: Timestamp,
    ) -> Result<Option<EditLine>, StoreError> {
        let at = now.as_millisecond();
        let last: Option<EditRow> =
            read!(self, |db, sql| sqlx::query_as(sql(LAST)).bind(id.0).fetch_optional(&mut *db).await?);
        let Some(line) = last.map(EditLine::try_from).transpose()? else { return Ok(None) };
        in_tx!(self, |db, sql| {
            change_draft!(db, sql, id.0, revision, &line.after, &line.before, at);
            let undone = sqlx::query(sql(UNDONE)).bind(line.id).bind(at).bind(who).execute(&mut *db).await?;
            if undone.rows_affected() != 1 {
                return Err(StoreError::Stale);
            }
            Ok(())
        })?;
        Ok(Some(line))
    }

    /// Returns what was done to an issue while it was a draft, oldest first.
    pub async fn edits(&self, id: IssueId) -> Result<Vec<EditLine>, StoreError> {
        let rows: Vec<EditRow> =
            read!(self, |db, sql| sqlx::query_as(sql(EDITS)).bind(id.0).fetch_all(&mut *db).await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns when a draft was edited last, by whatever hand.
    pub async fn last_edited(&self, id: IssueId) -> Result<Option<Timestamp>, StoreError> {
        let at: Option<i64> =
            read!(self, |db, sql| sqlx::query_scalar(sql(LAST_TOUCHED)).bind(id.0).fetch_one(&mut *db).await?);
        maybe_moment("issue_edits", "at_ms", at)
    }

    /// Returns the line of the ledger that is a subscriber's copy of an issue, as whoever sends it would hold it.
    pub async fn copy_of(
        &self,
        issue: IssueId,
        subscriber: SubscriberId,
        public_id: [u8; 16],
        address: &str,
    ) -> Result<Option<Claim>, StoreError> {
        let row: Option<(i64, i64)> = read!(self, |db, sql| sqlx::query_as(sql(COPY))
            .bind(issue.0)
            .bind(subscriber.0)
            .fetch_optional(&mut *db)
            .await?);
        Ok(row.map(|(id, letter)| Claim {
            id: DeliveryId(id),
            fence: 0,
            kind: DeliveryKind::Issue,
            letter_id: LetterId(letter),
            issue_id: Some(issue),
            subscriber_id: Some(subscriber),
            public_id: Some(public_id),
            address: address.to_owned(),
            attempts: 0,
        }))
    }

    /// Returns whether an issue of the edition has the article.
    pub async fn is_taken(&self, edition: &str, article: ArticleId) -> Result<bool, StoreError> {
        let n: i64 = read!(self, |db, sql| sqlx::query_scalar(sql(TAKEN))
            .bind(edition)
            .bind(article.0)
            .fetch_one(&mut *db)
            .await?);
        Ok(n > 0)
    }

    /// Returns which part of an edition a subscriber takes (`""`: all of it); `None` if they do not take it.
    pub async fn variant_of(&self, subscriber: SubscriberId, edition: &str) -> Result<Option<String>, StoreError> {
        Ok(read!(self, |db, sql| sqlx::query_scalar(sql(VARIANT))
            .bind(subscriber.0)
            .bind(edition)
            .fetch_optional(&mut *db)
            .await?))
    }
}
