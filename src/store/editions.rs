//! How far each edition's schedule has been worked off.

use jiff::Timestamp;

use super::row::moment;
use super::sql::{statements, write};
use super::{Store, StoreError};

statements! {
    CURSOR = { "INSERT INTO editions (name, considered_ms) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET considered_ms = editions.considered_ms RETURNING considered_ms" }
    ADVANCE = { "UPDATE editions SET considered_ms = $2 WHERE name = $1 AND considered_ms < $2" }
}

impl Store {
    /// Returns the instant up to which the edition's slots have been dealt with. An edition never seen before begins
    /// `now`: it has missed nothing.
    pub async fn edition_cursor(&self, name: &str, now: Timestamp) -> Result<Timestamp, StoreError> {
        let ms: i64 = write!(self, |db, sql| sqlx::query_scalar(sql(CURSOR))
            .bind(name)
            .bind(now.as_millisecond())
            .fetch_one(&mut *db)
            .await?);
        moment("editions", "considered_ms", ms)
    }

    /// Moves the cursor forward to `to`; never back. Do it after the slots up to there are rows of their own.
    pub async fn advance_edition(&self, name: &str, to: Timestamp) -> Result<(), StoreError> {
        write!(self, |db, sql| sqlx::query(sql(ADVANCE))
            .bind(name)
            .bind(to.as_millisecond())
            .execute(&mut *db)
            .await?
            .rows_affected());
        Ok(())
    }
}
