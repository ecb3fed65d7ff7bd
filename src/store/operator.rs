//! The mail the operator gets about issues and feeds, and the marks that it was sent.
//!
//! A mark (shown, reported, told) and the mail it stands for are written in one transaction, and the mark names what it was
//! decided on: of two nodes that come to the same conclusion one writes, and a crash leaves both or neither.

use jiff::Timestamp;

use super::deliveries::QUEUE_TEST;
use super::desk::json;
use super::letters::insert_letter;
use super::row::{count, moment, word};
use super::sql::{in_tx, read, statements};
use super::{Store, StoreError};
use crate::domain::delivery::DeliveryKind;
use crate::domain::desk::Shown;
use crate::domain::ids::{FeedId, IssueId};
use crate::domain::issue::{Issue, Letter};
use crate::domain::visits::{Pause, PauseReason};

/// A mail to the operator: what it says, and the addresses it goes to.
#[derive(Debug, Clone)]
pub struct OperatorMail {
    /// What it says.
    pub letter: Letter,
    /// Where it goes, in wire form.
    pub to: Vec<String>,
}

/// A feed that was paused without a hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PausedFeed {
    /// The row.
    pub id: FeedId,
    /// What it is called, or else its address.
    pub name: String,
    /// Since when, and why.
    pub pause: Pause,
    /// What was seen last, in technical words; empty if nothing was.
    pub detail: String,
}

/// How often a relay answered the same.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ReplyCount {
    /// What it said.
    pub reply: String,
    /// How often.
    pub count: i64,
}

statements! {
    SHOWN = { "SELECT previewed_json FROM issues WHERE id = $1" }
    MARK_SHOWN = { "UPDATE issues SET previewed_revision = $2, previewed_ms = $4, previewed_json = $5
        WHERE id = $1 AND revision = $2 AND state = 'draft' AND COALESCE(previewed_ms, -1) = $3" }
    MARK_REPORTED = { "UPDATE issues SET reported_ms = $2 WHERE id = $1 AND reported_ms IS NULL" }
    /// What ended long ago, before there was anybody to tell, is left alone.
    UNREPORTED = { "SELECT id FROM issues WHERE reported_ms IS NULL AND (
            (state = 'finished' AND finished_ms >= $1)
            OR (state = 'skipped' AND (created_ms >= $1 OR scheduled_ms >= $1)))
        ORDER BY id LIMIT $2" }
    UNTOLD = { "SELECT id, COALESCE(title, url), paused_ms, pause_reason, COALESCE(last_error, '') FROM feeds
        WHERE paused_ms IS NOT NULL AND pause_reason <> $1 AND told_ms IS NULL AND removed_ms IS NULL ORDER BY id" }
    MARK_TOLD = { "UPDATE feeds SET told_ms = $3 WHERE id = $1 AND paused_ms = $2 AND told_ms IS NULL" }
    REFUSALS = { "SELECT COALESCE(reply_text, ''), COUNT(*) FROM deliveries
        WHERE issue_id = $1 AND state IN ('rejected', 'expired') GROUP BY reply_code, reply_text
        ORDER BY COUNT(*) DESC, MIN(id) LIMIT $2" }
}

/// Puts a mail to the operator into the ledger, once for each address.
macro_rules! queue_mail {
    ($db:ident, $sql:ident, $mail:expr, $at:expr) => {{
        let mail: &OperatorMail = $mail;
        if !mail.to.is_empty() {
            let letter_id = insert_letter!($db, $sql, None, mail.letter);
            for address in &mail.to {
                let _: i64 = sqlx::query_scalar($sql(QUEUE_TEST))
                    .bind(DeliveryKind::Notice.as_str())
                    .bind(letter_id)
                    .bind(address)
                    .bind(DeliveryKind::Notice.priority())
                    .bind($at)
                    .fetch_one(&mut *$db)
                    .await?;
            }
        }
    }};
}

/// Returns whether it was done: not, if somebody else was first.
fn unless_stale(outcome: Result<(), StoreError>) -> Result<bool, StoreError> {
    match outcome {
        Ok(()) => Ok(true),
        Err(StoreError::Stale) => Ok(false),
        Err(error) => Err(error),
    }
}

impl Store {
    /// Returns what of a draft the operator was shown last.
    pub async fn shown(&self, id: IssueId) -> Result<Option<Shown>, StoreError> {
        let json: Option<Option<String>> =
            read!(self, |db, sql| sqlx::query_scalar(sql(SHOWN)).bind(id.0).fetch_optional(&mut *db).await?);
        let corrupt = |value| StoreError::Corrupt { table: "issues", column: "previewed_json", value };
        json.flatten().map(|json| serde_json::from_str(&json).map_err(|_| corrupt(json))).transpose()
    }

    /// Marks that the operator is shown a draft, and queues the mail that shows it. Returns false, and does neither, if
    /// the draft is another by now, or somebody else has shown it since it was read.
    pub async fn show_draft(
        &self,
        draft: &Issue,
        shown: &Shown,
        mail: &OperatorMail,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let at = now.as_millisecond();
        in_tx!(self, |db, sql| {
            let marked = sqlx::query(sql(MARK_SHOWN))
                .bind(draft.id.0)
                .bind(draft.revision)
                .bind(draft.desk.previewed.map_or(-1, Timestamp::as_millisecond))
                .bind(at)
                .bind(json(shown))
                .execute(&mut *db)
                .await?;
            if marked.rows_affected() != 1 {
                return Ok(false);
            }
            queue_mail!(db, sql, mail, at);
            Ok(true)
        })
    }

    /// Returns up to `limit` issues that have come to an end since `since` without the operator being told.
    pub async fn unreported_issues(&self, since: Timestamp, limit: usize) -> Result<Vec<IssueId>, StoreError> {
        let rows: Vec<i64> = read!(self, |db, sql| sqlx::query_scalar(sql(UNREPORTED))
            .bind(since.as_millisecond())
            .bind(count(limit))
            .fetch_all(&mut *db)
            .await?);
        Ok(rows.into_iter().map(IssueId).collect())
    }

    /// Marks that the operator is told of these issues, and queues the mail that tells it. Returns false, and does
    /// neither, if somebody else has told of one of them.
    pub async fn report_issues(
        &self,
        ids: &[IssueId],
        mail: &OperatorMail,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let at = now.as_millisecond();
        let outcome = in_tx!(self, |db, sql| {
            for id in ids {
                let marked = sqlx::query(sql(MARK_REPORTED)).bind(id.0).bind(at).execute(&mut *db).await?;
                if marked.rows_affected() != 1 {
                    return Err(StoreError::Stale);
                }
            }
            queue_mail!(db, sql, mail, at);
            Ok(())
        });
        unless_stale(outcome)
    }

    /// Returns the feeds that were paused because they are gone or failed for a week, and of whose pause the operator has
    /// not been told, in the order they were added. Those paused by hand are known already.
    pub async fn untold_pauses(&self) -> Result<Vec<PausedFeed>, StoreError> {
        const TABLE: &str = "feeds";
        let rows: Vec<(i64, String, i64, String, String)> = read!(self, |db, sql| sqlx::query_as(sql(UNTOLD))
            .bind(PauseReason::ByHand.as_str())
            .fetch_all(&mut *db)
            .await?);
        let paused = rows.into_iter().map(|(id, name, since_ms, reason, detail)| {
            let since = moment(TABLE, "paused_ms", since_ms)?;
            let reason = word(TABLE, "pause_reason", &reason, PauseReason::from_stored)?;
            Ok(PausedFeed { id: FeedId(id), name, pause: Pause { since, reason }, detail })
        });
        paused.collect()
    }

    /// Marks that the operator is told of these pauses, and queues the mail that tells it. Returns false, and does
    /// neither, if somebody else has told of one of them, or has resumed its feed.
    pub async fn report_pauses(
        &self,
        feeds: &[PausedFeed],
        mail: &OperatorMail,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let at = now.as_millisecond();
        let outcome = in_tx!(self, |db, sql| {
            for feed in feeds {
                let since = feed.pause.since.as_millisecond();
                let told = sqlx::query(sql(MARK_TOLD)).bind(feed.id.0).bind(since).bind(at).execute(&mut *db).await?;
                if told.rows_affected() != 1 {
                    return Err(StoreError::Stale);
                }
            }
            queue_mail!(db, sql, mail, at);
            Ok(())
        });
        unless_stale(outcome)
    }

    /// Returns the commonest last words about mails of an issue that did not arrive, as the relays wrote them.
    pub async fn refusals(&self, id: IssueId, limit: usize) -> Result<Vec<ReplyCount>, StoreError> {
        let rows: Vec<(String, i64)> = read!(self, |db, sql| sqlx::query_as(sql(REFUSALS))
            .bind(id.0)
            .bind(count(limit))
            .fetch_all(&mut *db)
            .await?);
        Ok(rows.into_iter().map(|(reply, count)| ReplyCount { reply, count }).collect())
    }
}
