//! Feeds that are visited no more, by hand, and those that are visited again. A visit that pauses its feed is in `feeds`;
//! what the operator is told of it, in `operator`.

use jiff::Timestamp;

use super::sql::{statements, write};
use super::{Store, StoreError};
use crate::domain::ids::FeedId;
use crate::domain::visits::PauseReason;

statements! {
    PAUSE = { "UPDATE feeds SET paused_ms = $2, pause_reason = $3, told_ms = NULL
        WHERE id = $1 AND removed_ms IS NULL AND paused_ms IS NULL" }
    RESUME = { "UPDATE feeds SET paused_ms = NULL, pause_reason = NULL, failures = 0, failing_since_ms = NULL,
            next_visit_ms = NULL, told_ms = NULL
        WHERE id = $1 AND removed_ms IS NULL" }
    /// Also those that have their rest. What is gone, or was paused by hand, is not what an outage did.
    RESUME_FAILED = { "UPDATE feeds SET paused_ms = NULL, pause_reason = NULL, failures = 0, failing_since_ms = NULL,
            next_visit_ms = NULL, told_ms = NULL
        WHERE removed_ms IS NULL AND failures > 0 AND (paused_ms IS NULL OR pause_reason = $1)" }
}

impl Store {
    /// Pauses a feed; one that is paused keeps its reason.
    pub async fn pause_feed(&self, id: FeedId, reason: PauseReason, now: Timestamp) -> Result<(), StoreError> {
        write!(self, |db, sql| {
            sqlx::query(sql(PAUSE))
                .bind(id.0)
                .bind(now.as_millisecond())
                .bind(reason.as_str())
                .execute(&mut *db)
                .await?;
        });
        Ok(())
    }

    /// Lets a feed be visited again, with its failures forgotten.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such feed.
    pub async fn resume_feed(&self, id: FeedId) -> Result<(), StoreError> {
        let updated =
            write!(self, |db, sql| sqlx::query(sql(RESUME)).bind(id.0).execute(&mut *db).await?.rows_affected());
        if updated == 1 { Ok(()) } else { Err(StoreError::NotFound("feed")) }
    }

    /// Lets every feed be visited again that failed, whether it was paused for it or has its rest, with its failures
    /// forgotten. Those that are gone or were paused by hand stay paused. Returns how many there were.
    pub async fn resume_failed_feeds(&self) -> Result<u64, StoreError> {
        Ok(write!(self, |db, sql| sqlx::query(sql(RESUME_FAILED))
            .bind(PauseReason::Failing.as_str())
            .execute(&mut *db)
            .await?
            .rows_affected()))
    }
}
