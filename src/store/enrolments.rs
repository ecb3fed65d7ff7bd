//! How subscribers enter: by a sign-up that waits for its confirmation, an import or an operator's hand.

use jiff::Timestamp;

use super::choices::TAKE;
use super::letters::insert_letter;
use super::sql::{in_tx, statements};
use super::subscribers::{Existing, INSERT_EVENT, insert_event};
use super::{Store, StoreError};
use crate::domain::choice::Choice;
use crate::domain::consent::ConsentEvent;
use crate::domain::delivery::DeliveryKind;
use crate::domain::issue::Letter;
use crate::domain::language::Language;
use crate::domain::subscriber::SubscriberState;

/// A subscriber entering, or entering anew.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The row there was before, which must still be as it was read.
    pub existing: Option<Existing>,
    /// The random name for links; that of the existing row, if there is one.
    pub public_id: [u8; 16],
    /// The address as typed.
    pub address: String,
    /// The normalised address.
    pub address_key: String,
    /// The keyed hash of the normalised address.
    pub address_hash: [u8; 32],
    /// The language of their mails.
    pub language: Language,
    /// The editions they take from now on, these and no others, and which part of each.
    pub editions: Vec<(String, Choice)>,
    /// The state they enter: pending or confirmed.
    pub state: SubscriberState,
    /// When a pending row is forgotten.
    pub pending_until: Option<Timestamp>,
    /// What is to be remembered of it.
    pub event: ConsentEvent,
    /// The mail that asks for confirmation, if it may be sent.
    pub confirmation: Option<Letter>,
}

statements! {
    INSERT = { "INSERT INTO subscribers
        (public_id, address, address_key, language, state, created_ms, confirmed_ms, pending_until_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id" }
    ENTER_AGAIN = { "UPDATE subscribers SET address = $3, language = $4, state = $5,
        confirmed_ms = COALESCE($6, confirmed_ms), pending_until_ms = $7
        WHERE id = $1 AND state = $2" }
    /// Whoever enters anew takes what they ask for now, and not what they took before.
    TAKE_NOTHING = { "DELETE FROM subscriptions WHERE subscriber_id = $1" }
    QUEUE_CONFIRMATION = { "INSERT INTO deliveries
        (kind, letter_id, subscriber_id, state, priority, due_ms, attempts, fence, created_ms)
        VALUES ($1, $2, $3, 'queued', $4, $5, 0, 0, $5)" }
    INSERT_CONFIRMATION_SEND = { "INSERT INTO confirmation_sends (address_hash, at_ms) VALUES ($1, $2)" }
    DELETE_SIGN_UP = { "DELETE FROM sign_ups WHERE id = $1" }
    /// The ledger keeps the line of an old confirmation or test; what it said is of no use to anybody.
    PRUNE_LETTERS = { "UPDATE letters SET text = '', html = '' WHERE issue_id IS NULL AND html <> '' AND date_ms < $1" }
    PRUNE_CONFIRMATION_SENDS = { "DELETE FROM confirmation_sends WHERE at_ms < $1" }
}

impl Store {
    /// Writes subscribers, their subscriptions, consent events and confirmation mails, all or none. `sign_up` is the
    /// sign-up this settles, if it is one.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if any row is not as it was read, or the sign-up was settled by somebody else.
    pub async fn enrol(&self, enrolments: &[Enrolment], sign_up: Option<i64>) -> Result<(), StoreError> {
        in_tx!(self, |db, sql| {
            if let Some(id) = sign_up {
                let deleted = sqlx::query(sql(DELETE_SIGN_UP)).bind(id).execute(&mut *db).await?;
                if deleted.rows_affected() != 1 {
                    return Err(StoreError::Stale);
                }
            }
            for one in enrolments {
                let at = one.event.at.as_millisecond();
                let confirmed = (one.state == SubscriberState::Confirmed).then_some(at);
                let until = one.pending_until.map(Timestamp::as_millisecond);
                let id: i64 = match one.existing {
                    None => {
                        sqlx::query_scalar(sql(INSERT))
                            .bind(&one.public_id[..])
                            .bind(&one.address)
                            .bind(&one.address_key)
                            .bind(one.language.tag())
                            .bind(one.state.as_str())
                            .bind(at)
                            .bind(confirmed)
                            .bind(until)
                            .fetch_one(&mut *db)
                            .await?
                    }
                    Some(existing) => {
                        let updated = sqlx::query(sql(ENTER_AGAIN))
                            .bind(existing.id.0)
                            .bind(existing.state.as_str())
                            .bind(&one.address)
                            .bind(one.language.tag())
                            .bind(one.state.as_str())
                            .bind(confirmed)
                            .bind(until)
                            .execute(&mut *db)
                            .await?;
                        if updated.rows_affected() != 1 {
                            return Err(StoreError::Stale);
                        }
                        sqlx::query(sql(TAKE_NOTHING)).bind(existing.id.0).execute(&mut *db).await?;
                        existing.id.0
                    }
                };
                for (edition, choice) in &one.editions {
                    sqlx::query(sql(TAKE)).bind(id).bind(edition).bind(at).bind(choice.key()).execute(&mut *db).await?;
                }
                insert_event!(db, sql, id, one.event);
                if let Some(letter) = &one.confirmation {
                    let letter_id = insert_letter!(db, sql, None, letter);
                    // By the time it is made, not the time of a sign-up that may have waited: two must not leave together.
                    let made = letter.date.as_millisecond();
                    sqlx::query(sql(QUEUE_CONFIRMATION))
                        .bind(DeliveryKind::Confirmation.as_str())
                        .bind(letter_id)
                        .bind(id)
                        .bind(DeliveryKind::Confirmation.priority())
                        .bind(made)
                        .execute(&mut *db)
                        .await?;
                    sqlx::query(sql(INSERT_CONFIRMATION_SEND))
                        .bind(&one.address_hash[..])
                        .bind(made)
                        .execute(&mut *db)
                        .await?;
                }
            }
            Ok(())
        })
    }

    /// Forgets confirmations sent before `before`, which no longer count against anybody, and what they said.
    pub async fn prune_confirmation_sends(&self, before: Timestamp) -> Result<(), StoreError> {
        in_tx!(self, |db, sql| {
            sqlx::query(sql(PRUNE_LETTERS)).bind(before.as_millisecond()).execute(&mut *db).await?;
            sqlx::query(sql(PRUNE_CONFIRMATION_SENDS)).bind(before.as_millisecond()).execute(&mut *db).await?;
            Ok(())
        })
    }
}
