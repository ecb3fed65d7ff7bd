//! What readers choose: the editions they take, and which part of each.

use super::sql::{in_tx, read, statements};
use super::subscribers::{INSERT_EVENT, insert_event};
use super::{Existing, Store, StoreError};
use crate::domain::choice::Choice;
use crate::domain::consent::ConsentEvent;
use crate::domain::ids::SubscriberId;
use crate::domain::language::Language;

/// What a reader takes from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The language of their mails.
    pub language: Language,
    /// The editions that were there to choose from; others stay as they are.
    pub offered: Vec<String>,
    /// Those of them they take, and which part of each.
    pub editions: Vec<(String, Choice)>,
}

statements! {
    OF_SUBSCRIBER = { "SELECT edition, variant FROM subscriptions WHERE subscriber_id = $1 ORDER BY edition" }
    SET_LANGUAGE = { "UPDATE subscribers SET language = $3 WHERE id = $1 AND state = $2" }
    TAKE = { "INSERT INTO subscriptions (subscriber_id, edition, since_ms, variant) VALUES ($1, $2, $3, $4)
        ON CONFLICT (subscriber_id, edition) DO UPDATE SET variant = excluded.variant" }
    LEAVE = { "DELETE FROM subscriptions WHERE subscriber_id = $1 AND edition = $2" }
    WITHDRAW_EDITION = { "UPDATE deliveries SET state = 'withdrawn', settled_ms = $3
        WHERE subscriber_id = $1 AND kind = 'issue' AND state = 'queued'
            AND issue_id IN (SELECT id FROM issues WHERE edition = $2)" }
    /// What may have gone out stays on record as that, and is not sent again.
    PARK_EDITION = { "UPDATE deliveries SET due_ms = NULL WHERE subscriber_id = $1 AND kind = 'issue'
        AND state = 'unknown' AND issue_id IN (SELECT id FROM issues WHERE edition = $2)" }
}

impl Store {
    /// Returns the editions a subscriber takes, and the key of which part of each.
    pub async fn subscriptions_of(&self, id: SubscriberId) -> Result<Vec<(String, String)>, StoreError> {
        Ok(read!(self, |db, sql| sqlx::query_as(sql(OF_SUBSCRIBER)).bind(id.0).fetch_all(&mut *db).await?))
    }

    /// Writes down what a reader takes, with the record of it, in one transaction. Mails of an edition they leave are
    /// withdrawn; those of the others are as they were sealed.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the subscriber is no longer in the state that was read.
    pub async fn choose(&self, existing: Existing, taken: &Taken, event: &ConsentEvent) -> Result<(), StoreError> {
        let at = event.at.as_millisecond();
        in_tx!(self, |db, sql| {
            let updated = sqlx::query(sql(SET_LANGUAGE))
                .bind(existing.id.0)
                .bind(existing.state.as_str())
                .bind(taken.language.tag())
                .execute(&mut *db)
                .await?;
            if updated.rows_affected() != 1 {
                return Err(StoreError::Stale);
            }
            for (edition, choice) in &taken.editions {
                sqlx::query(sql(TAKE))
                    .bind(existing.id.0)
                    .bind(edition)
                    .bind(at)
                    .bind(choice.key())
                    .execute(&mut *db)
                    .await?;
            }
            let kept = |edition: &String| taken.editions.iter().any(|(name, _)| name == edition);
            for edition in taken.offered.iter().filter(|edition| !kept(edition)) {
                sqlx::query(sql(LEAVE)).bind(existing.id.0).bind(edition).execute(&mut *db).await?;
                sqlx::query(sql(WITHDRAW_EDITION)).bind(existing.id.0).bind(edition).bind(at).execute(&mut *db).await?;
                sqlx::query(sql(PARK_EDITION)).bind(existing.id.0).bind(edition).execute(&mut *db).await?;
            }
            insert_event!(db, sql, existing.id.0, event);
            Ok(())
        })
    }
}
