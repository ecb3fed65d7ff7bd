//! Nodes: the processes that send, each with a lease, and what is saved from one that died.

use std::time::Duration;

use jiff::Timestamp;

use super::deliveries::unwanted;
use super::recoveries::insert_recovery;
use super::sql::{in_tx, read, statements, write};
use super::{Store, StoreError};
use crate::crash;

/// What a dead node had in hand, and what became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Claimed and certainly not sent: queued again.
    pub requeued: u64,
    /// Offered without a result: nobody can know (RFC 1047).
    pub unknown: u64,
}

/// SQL: holds the readers, or the issues, of what a dead node has claimed as they are: whoever leaves at this moment
/// must see what is queued again. SQLite has one writer, and it is us.
macro_rules! hold_wants {
    ($table:literal, $column:literal) => {
        concat!(
            "SELECT w.id FROM ",
            $table,
            " w WHERE w.id IN (SELECT d.",
            $column,
            " FROM deliveries d WHERE d.node = $1 AND d.state = 'claimed') ORDER BY w.id FOR SHARE OF w"
        )
    };
}

statements! {
    HOLD_ISSUES_OF = { PerEngine { sqlite: "SELECT 0 WHERE $1 IS NULL", postgres: hold_wants!("issues", "issue_id") } }
    HOLD_READERS_OF = { PerEngine {
        sqlite: "SELECT 0 WHERE $1 IS NULL",
        postgres: hold_wants!("subscribers", "subscriber_id"),
    } }
    JOIN = { "INSERT INTO nodes (id, started_ms, lease_until_ms) VALUES ($1, $2, $3)" }
    RENEW = { "UPDATE nodes SET lease_until_ms = $2 WHERE id = $1" }
    /// A node that still holds something stays on the list until its lease runs out, so that somebody looks after it.
    LEAVE = { "DELETE FROM nodes WHERE id = $1
        AND NOT EXISTS (SELECT 1 FROM deliveries WHERE node = $1 AND state IN ('claimed', 'offered'))" }
    DELIVERING = { "SELECT COUNT(*) FROM nodes WHERE lease_until_ms > $1" }
    DEAD = { "SELECT id FROM nodes WHERE (lease_until_ms <= $1 OR $2) AND id <> $3" }
    /// Takes the row's lock: a node that renews at the same moment either keeps its lease or finds it gone.
    BURY = { "DELETE FROM nodes WHERE id = $1 AND (lease_until_ms <= $2 OR $3)" }
    REQUEUE_CLAIMED = { concat!("UPDATE deliveries SET node = NULL, settled_ms = CASE WHEN ", unwanted!(), " THEN CAST($2 AS BIGINT) END,
            state = CASE WHEN ", unwanted!(), " THEN 'withdrawn' ELSE 'queued' END
        WHERE node = $1 AND state = 'claimed'") }
    DOUBT_OFFERED = { "UPDATE deliveries SET node = NULL, state = 'unknown', attempts = attempts + 1, due_ms = $2,
            reply_code = NULL, reply_text = 'the sender died between the final dot and the reply'
        WHERE node = $1 AND state = 'offered' RETURNING id" }
}

impl Store {
    /// Registers a node that will claim deliveries, with a lease.
    pub async fn join(&self, node: &str, now: Timestamp, lease: Duration) -> Result<(), StoreError> {
        write!(self, |db, sql| sqlx::query(sql(JOIN))
            .bind(node)
            .bind(now.as_millisecond())
            .bind(lease_end(now, lease))
            .execute(&mut *db)
            .await?
            .rows_affected());
        Ok(())
    }

    /// Renews a node's lease. `false` means that it was lost: others have taken over what the node held.
    pub async fn renew_lease(&self, node: &str, now: Timestamp, lease: Duration) -> Result<bool, StoreError> {
        let updated = write!(self, |db, sql| sqlx::query(sql(RENEW))
            .bind(node)
            .bind(lease_end(now, lease))
            .execute(&mut *db)
            .await?
            .rows_affected());
        Ok(updated == 1)
    }

    /// Takes leave, unless the node still holds something: then its lease runs out, and it is recovered like a dead one.
    pub async fn leave(&self, node: &str) -> Result<(), StoreError> {
        write!(self, |db, sql| sqlx::query(sql(LEAVE)).bind(node).execute(&mut *db).await?.rows_affected());
        Ok(())
    }

    /// Returns whether a node with a valid lease delivers.
    pub async fn somebody_delivers(&self, now: Timestamp) -> Result<bool, StoreError> {
        let nodes: i64 = read!(self, |db, sql| sqlx::query_scalar(sql(DELIVERING))
            .bind(now.as_millisecond())
            .fetch_one(&mut *db)
            .await?);
        Ok(nodes > 0)
    }

    /// Saves what dead nodes held: claimed deliveries are queued again, offered ones become unknown, to be sent again
    /// at `resend_at` or, if that is `None`, to be decided on by the operator. Dead is whose lease has run out; with
    /// `alone`, every node but `node`, because the caller knows that no other process works on this database. Whatever
    /// is saved is on record in [`Store::recoveries`].
    pub async fn recover(
        &self,
        node: &str,
        alone: bool,
        resend_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Recovery, StoreError> {
        let at = now.as_millisecond();
        let recovery = in_tx!(self, |db, sql| {
            let mut recovery = Recovery::default();
            let mut unknown: Vec<i64> = Vec::new();
            let dead: Vec<String> =
                sqlx::query_scalar(sql(DEAD)).bind(at).bind(alone).bind(node).fetch_all(&mut *db).await?;
            for id in dead {
                let buried = sqlx::query(sql(BURY)).bind(&id).bind(at).bind(alone).execute(&mut *db).await?;
                if buried.rows_affected() != 1 {
                    continue;
                }
                for hold in [HOLD_ISSUES_OF, HOLD_READERS_OF] {
                    sqlx::query(sql(hold)).bind(&id).execute(&mut *db).await?;
                }
                recovery.requeued +=
                    sqlx::query(sql(REQUEUE_CLAIMED)).bind(&id).bind(at).execute(&mut *db).await?.rows_affected();
                let offered: Vec<i64> = sqlx::query_scalar(sql(DOUBT_OFFERED))
                    .bind(&id)
                    .bind(resend_at.map(Timestamp::as_millisecond))
                    .fetch_all(&mut *db)
                    .await?;
                unknown.extend(offered);
            }
            recovery.unknown = u64::try_from(unknown.len()).unwrap_or(u64::MAX);
            insert_recovery!(db, sql, node, recovery, unknown, at);
            if recovery != Recovery::default() {
                crash::point("recovery.before_commit");
            }
            Ok(recovery)
        })?;
        if recovery != Recovery::default() {
            crash::point("recovery.after_commit");
        }
        Ok(recovery)
    }
}

pub(super) fn lease_end(now: Timestamp, lease: Duration) -> i64 {
    now.as_millisecond().saturating_add(i64::try_from(lease.as_millis()).unwrap_or(i64::MAX))
}
