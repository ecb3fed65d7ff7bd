//! The last issue, for those who confirmed after it was sealed.

use jiff::Timestamp;

use super::sql::{in_tx, read, statements};
use super::{Store, StoreError};
use crate::domain::delivery::DeliveryKind;
use crate::domain::ids::SubscriberId;
use crate::domain::issue::Issue;

/// Who is sent an issue as a welcome: `$1` is the issue, `$2` its edition, `$3` when it was sealed.
///
/// Consent was given by pressing the button: whoever was imported, or came back by one press, was not waiting for an issue.
/// The edition is compared so that no index is taken for it: the few who are new lead, and not all who read.
macro_rules! newcomers {
    () => {
        "FROM subscribers s
        JOIN subscriptions t ON t.subscriber_id = s.id AND t.edition || '' = $2
        JOIN letters whole ON whole.issue_id = $1 AND whole.language = s.language AND whole.variant = ''
        LEFT JOIN letters own ON own.issue_id = $1 AND own.language = s.language AND own.variant = t.variant
        WHERE s.state = 'confirmed' AND s.confirmed_ms > $3
            AND EXISTS (SELECT 1 FROM consent_events e
                WHERE e.subscriber_id = s.id AND e.kind = 'confirmed' AND e.at_ms > $3)
            AND NOT EXISTS (SELECT 1 FROM issue_unserved u WHERE u.issue_id = $1 AND u.variant = t.variant)
            AND NOT EXISTS (SELECT 1 FROM deliveries d JOIN issues i ON i.id = d.issue_id
                WHERE d.subscriber_id = s.id AND i.edition = $2)"
    };
}

statements! {
    /// Holds the issue until the line count is written, so that no two write it at a time and none is added to one that
    /// is cancelled.
    HOLD = { "UPDATE issues SET recipients = recipients WHERE id = $1 AND state IN ('sending', 'finished')" }
    WELCOME = { concat!("INSERT INTO deliveries
            (kind, letter_id, issue_id, subscriber_id, state, priority, due_ms, attempts, fence, created_ms)
        SELECT CAST($4 AS TEXT), COALESCE(own.id, whole.id), whole.issue_id, s.id, 'queued', CAST($5 AS BIGINT),
            CAST($6 AS BIGINT), 0, 0, CAST($6 AS BIGINT) ", newcomers!(), " ON CONFLICT DO NOTHING") }
    IS_WELCOME = { concat!("SELECT COUNT(*) ", newcomers!(), " AND s.id = $4") }
    ADD_RECIPIENTS = { "UPDATE issues SET recipients = recipients + $2 WHERE id = $1" }
}

impl Store {
    /// Addresses an issue that went out to those who confirmed since it was sealed and never had one of its edition:
    /// each once. Returns how many; they count among its recipients from now on.
    pub async fn welcome(&self, issue: &Issue, now: Timestamp) -> Result<i64, StoreError> {
        let Some(sealed) = issue.sealed else { return Ok(0) };
        in_tx!(self, |db, sql| {
            if sqlx::query(sql(HOLD)).bind(issue.id.0).execute(&mut *db).await?.rows_affected() != 1 {
                return Ok(0);
            }
            let welcomed = sqlx::query(sql(WELCOME))
                .bind(issue.id.0)
                .bind(&issue.edition)
                .bind(sealed.as_millisecond())
                .bind(DeliveryKind::Issue.as_str())
                .bind(DeliveryKind::Issue.priority())
                .bind(now.as_millisecond())
                .execute(&mut *db)
                .await?
                .rows_affected();
            let welcomed = i64::try_from(welcomed).unwrap_or(i64::MAX);
            if welcomed > 0 {
                sqlx::query(sql(ADD_RECIPIENTS)).bind(issue.id.0).bind(welcomed).execute(&mut *db).await?;
            }
            Ok(welcomed)
        })
    }

    /// Returns whether [`Self::welcome`] would address the issue to this subscriber now.
    pub async fn is_welcome(&self, issue: &Issue, subscriber: SubscriberId) -> Result<bool, StoreError> {
        let Some(sealed) = issue.sealed else { return Ok(false) };
        let lines: i64 = read!(self, |db, sql| sqlx::query_scalar(sql(IS_WELCOME))
            .bind(issue.id.0)
            .bind(&issue.edition)
            .bind(sealed.as_millisecond())
            .bind(subscriber.0)
            .fetch_one(&mut *db)
            .await?);
        Ok(lines > 0)
    }
}
