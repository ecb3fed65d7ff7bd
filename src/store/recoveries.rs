//! The record of recoveries: what was saved from senders that died, for the operator to read.

use jiff::Timestamp;

use super::row::{count, moment};
use super::sql::{read, statements};
use super::{Store, StoreError};

statements! {
    /// The counts are those of the same transaction: what was just saved is among them.
    INSERT = { "INSERT INTO recoveries (node, at_ms, requeued, unknown, accepted, remaining) SELECT $1, $2, $3, $4,
            (SELECT COUNT(*) FROM deliveries WHERE state = 'accepted'
                AND issue_id IN (SELECT id FROM issues WHERE state = 'sending')),
            (SELECT COUNT(*) FROM deliveries WHERE state IN ('queued', 'claimed', 'offered')
                AND (issue_id IS NULL OR issue_id IN (SELECT id FROM issues WHERE state IN ('sending', 'finished'))))
        RETURNING id" }
    INSERT_UNKNOWN = { "INSERT INTO recovery_unknowns (recovery_id, delivery_id) VALUES ($1, $2)" }
    AFTER = { "SELECT id, node, at_ms, requeued, unknown, accepted, remaining FROM recoveries
        WHERE id > $1 ORDER BY id DESC LIMIT $2" }
}

/// Writes a recovery down, if it saved anything.
macro_rules! insert_recovery {
    ($db:ident, $sql:ident, $node:expr, $recovery:expr, $unknown:expr, $at:expr) => {
        if $recovery.requeued + $recovery.unknown > 0 {
            let id: i64 = sqlx::query_scalar($sql($crate::store::recoveries::INSERT))
                .bind($node)
                .bind($at)
                .bind(i64::try_from($recovery.requeued).unwrap_or(i64::MAX))
                .bind(i64::try_from($recovery.unknown).unwrap_or(i64::MAX))
                .fetch_one(&mut *$db)
                .await?;
            for delivery in $unknown {
                sqlx::query($sql($crate::store::recoveries::INSERT_UNKNOWN))
                    .bind(id)
                    .bind(delivery)
                    .execute(&mut *$db)
                    .await?;
            }
        }
    };
}
pub(super) use insert_recovery;

/// One recovery.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RecoveryReport {
    /// The row; rises from recovery to recovery.
    pub id: i64,
    /// The node that took over.
    pub node: String,
    /// When it took over, and sending was resumed.
    pub at: Timestamp,
    /// How many mails were certainly not sent and are queued again, or withdrawn where nobody wants them any more.
    pub requeued: i64,
    /// How many were in doubt from then on: see [`Store::recovery_unknowns`].
    pub unknown: i64,
    /// How many mails of the issues on their way had been accepted by then.
    pub accepted: i64,
    /// How many mails were still to be sent.
    pub remaining: i64,
}

#[derive(sqlx::FromRow)]
struct RecoveryRow {
    id: i64,
    node: String,
    at_ms: i64,
    requeued: i64,
    unknown: i64,
    accepted: i64,
    remaining: i64,
}

impl TryFrom<RecoveryRow> for RecoveryReport {
    type Error = StoreError;

    fn try_from(row: RecoveryRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            node: row.node,
            at: moment("recoveries", "at_ms", row.at_ms)?,
            requeued: row.requeued,
            unknown: row.unknown,
            accepted: row.accepted,
            remaining: row.remaining,
        })
    }
}

impl Store {
    /// Returns up to `limit` recoveries after the row `after` (0 for all), newest first.
    pub async fn recoveries(&self, after: i64, limit: usize) -> Result<Vec<RecoveryReport>, StoreError> {
        let rows: Vec<RecoveryRow> = read!(self, |db, sql| sqlx::query_as(sql(AFTER))
            .bind(after)
            .bind(count(limit))
            .fetch_all(&mut *db)
            .await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }
}
