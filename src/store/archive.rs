//! The public archive: the issues that have gone out, for everybody to read.
//!
//! An issue is public from the moment it is released: the mails that are on their way link to it. What is a draft,
//! sealed, skipped or cancelled is not. There is nothing about a reader in what these statements return.
//!
//! The order is that of the releases. Numbers are given when a draft is made, and the draft of one edition may wait while
//! that of another goes out; within one edition they rise with time.

use jiff::Timestamp;

use super::issues::{IssueRow, ItemRow, issue_columns};
use super::row::{count, maybe_moment};
use super::sql::{read, statements};
use super::{Store, StoreError};
use crate::domain::issue::{Issue, IssueItem};

/// An issue that has gone out, and what it printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The issue.
    pub issue: Issue,
    /// Its items by section, in no particular order of sections.
    pub items: Vec<IssueItem>,
}

/// The numbers of the public issues of the same edition around one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// The issue before it.
    pub older: Option<i64>,
    /// The issue after it.
    pub newer: Option<i64>,
}

statements! {
    PUBLIC = { concat!("SELECT ", issue_columns!(), " FROM issues
        WHERE (released_ms, number) < ($1, $2) AND ($3 = '' OR edition = $3) AND state IN ('sending', 'finished')
        ORDER BY released_ms DESC, number DESC LIMIT $4") }
    /// What is public was sealed, so the words are those that were printed.
    PRINTED = { "SELECT i.issue_id, i.article_id, i.section, i.position, i.title, i.url, i.summary, i.source, i.language,
            i.published_ms, i.closes_ms, i.place, i.company, i.pay, i.image_url, i.image_alt, i.image_credit,
            COALESCE(i.kind, 'news') AS kind, i.pinned, i.lead, i.also_at
        FROM issue_items i
        WHERE i.title IS NOT NULL AND i.issue_id IN (SELECT id FROM issues
            WHERE (released_ms, number) >= ($1, $2) AND (released_ms, number) <= ($3, $4)
                AND ($5 = '' OR edition = $5) AND state IN ('sending', 'finished'))
        ORDER BY i.issue_id, i.section, i.position, i.article_id" }
    OLDER = { "SELECT MAX(number) FROM issues WHERE edition = $1 AND number < $2 AND state IN ('sending', 'finished')" }
    NEWER = { "SELECT MIN(number) FROM issues WHERE edition = $1 AND number > $2 AND state IN ('sending', 'finished')" }
    /// A cancellation is written down as the issue's end.
    CHANGED = { "SELECT MAX(COALESCE(finished_ms, released_ms)) FROM issues" }
}

/// Returns where an issue stands in the archive. One that was never released stands before all of them.
fn place(issue: &Issue) -> (i64, i64) {
    let released = issue.released.map_or(i64::MIN, Timestamp::as_millisecond);
    (released, issue.number.unwrap_or_default())
}

#[derive(sqlx::FromRow)]
struct PrintedRow {
    issue_id: i64,
    #[sqlx(flatten)]
    item: ItemRow,
}

impl Store {
    /// Returns up to `limit` public issues, the last to be released first: those released before `before`, and only
    /// those of `edition`, if given.
    pub async fn public_issues(
        &self,
        edition: Option<&str>,
        before: Option<&Issue>,
        limit: usize,
    ) -> Result<Vec<Issue>, StoreError> {
        let (released, number) = before.map_or((i64::MAX, i64::MAX), place);
        let rows: Vec<IssueRow> = read!(self, |db, sql| sqlx::query_as(sql(PUBLIC))
            .bind(released)
            .bind(number)
            .bind(edition.unwrap_or_default())
            .bind(count(limit))
            .fetch_all(&mut *db)
            .await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns the same with what they printed, in two statements however many there are.
    pub async fn published(
        &self,
        edition: Option<&str>,
        before: Option<&Issue>,
        limit: usize,
    ) -> Result<Vec<Published>, StoreError> {
        let issues = self.public_issues(edition, before, limit).await?;
        let (Some(newest), Some(oldest)) = (issues.first().map(place), issues.last().map(place)) else {
            return Ok(Vec::new());
        };
        let rows: Vec<PrintedRow> = read!(self, |db, sql| sqlx::query_as(sql(PRINTED))
            .bind(oldest.0)
            .bind(oldest.1)
            .bind(newest.0)
            .bind(newest.1)
            .bind(edition.unwrap_or_default())
            .fetch_all(&mut *db)
            .await?);
        let mut published: Vec<_> = issues.into_iter().map(|issue| Published { issue, items: Vec::new() }).collect();
        for row in rows {
            // One that was released between the two statements is not on this page.
            if let Some(one) = published.iter_mut().find(|one| one.issue.id.0 == row.issue_id) {
                one.items.push(row.item.try_into()?);
            }
        }
        Ok(published)
    }

    /// Returns the public issues of `edition` around the number `number`.
    pub async fn neighbours(&self, edition: &str, number: i64) -> Result<Neighbours, StoreError> {
        read!(self, |db, sql| {
            let older: Option<i64> =
                sqlx::query_scalar(sql(OLDER)).bind(edition).bind(number).fetch_one(&mut *db).await?;
            let newer: Option<i64> =
                sqlx::query_scalar(sql(NEWER)).bind(edition).bind(number).fetch_one(&mut *db).await?;
            Ok(Neighbours { older, newer })
        })
    }

    /// Returns when an issue was last released, finished or cancelled: the archive has not changed since.
    pub async fn archive_changed(&self) -> Result<Option<Timestamp>, StoreError> {
        let at: Option<i64> = read!(self, |db, sql| sqlx::query_scalar(sql(CHANGED)).fetch_one(&mut *db).await?);
        maybe_moment("issues", "finished_ms", at)
    }
}
