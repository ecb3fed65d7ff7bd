//! Subscribers, the editions they take, and the record of their consent.

use jiff::Timestamp;

use super::row::{count, language, maybe_moment, moment, public_id, word};
use super::sql::{in_tx, read, statements};
use super::{Store, StoreError};
use crate::domain::consent::{ConsentEvent, ConsentKind, Visit};
use crate::domain::delivery::DeliveryKind;
use crate::domain::ids::SubscriberId;
use crate::domain::language::Language;
use crate::domain::subscriber::{Subscriber, SubscriberState, SuppressReason};

/// A subscriber's row as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Existing {
    /// The row.
    pub id: SubscriberId,
    /// The state it was in.
    pub state: SubscriberState,
}

/// How many subscribers are in a state, and how many of those in a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriberCount {
    /// The state.
    pub state: SubscriberState,
    /// The language of their mails.
    pub language: Language,
    /// How many.
    pub count: i64,
}

statements! {
    BY_ID = { "SELECT id, public_id, address, language, state, suppress_reason, created_ms, confirmed_ms
        FROM subscribers WHERE id = $1" }
    BY_KEY = { "SELECT id, public_id, address, language, state, suppress_reason, created_ms, confirmed_ms
        FROM subscribers WHERE address_key = $1" }
    BY_PUBLIC_ID = { "SELECT id, public_id, address, language, state, suppress_reason, created_ms, confirmed_ms
        FROM subscribers WHERE public_id = $1" }
    PAGE = { "SELECT id, public_id, address, language, state, suppress_reason, created_ms, confirmed_ms
        FROM subscribers WHERE id > $1 AND ($2 = '' OR state = $2) ORDER BY id LIMIT $3" }
    EDITIONS = { "SELECT edition FROM subscriptions WHERE subscriber_id = $1 ORDER BY edition" }
    COUNTS = { "SELECT state, suppress_reason, language, COUNT(*) AS n FROM subscribers
        GROUP BY state, suppress_reason, language ORDER BY state, suppress_reason, language" }
    EDITION_COUNTS = { "SELECT s.state, s.suppress_reason, s.language, COUNT(*) AS n FROM subscribers s
        JOIN subscriptions t ON t.subscriber_id = s.id WHERE t.edition = $1
        GROUP BY s.state, s.suppress_reason, s.language ORDER BY s.state, s.suppress_reason, s.language" }
    INSERT_EVENT = { "INSERT INTO consent_events (subscriber_id, kind, at_ms, text_version, ip, user_agent, detail)
        VALUES ($1, $2, $3, $4, $5, $6, $7)" }
    EVENTS = { "SELECT kind, at_ms, text_version, ip, user_agent, detail FROM consent_events
        WHERE subscriber_id = $1 ORDER BY id" }
    SET_STATE = { "UPDATE subscribers SET state = $3, suppress_reason = $4,
        confirmed_ms = CASE WHEN $3 = 'confirmed' THEN $5 ELSE confirmed_ms END, pending_until_ms = NULL
        WHERE id = $1 AND state = $2" }
    WITHDRAW_KIND = { "UPDATE deliveries SET state = 'withdrawn', settled_ms = $3
        WHERE subscriber_id = $1 AND kind = $2 AND state = 'queued'" }
    /// What may have gone out stays on record as that, and is not sent again.
    PARK_KIND = { "UPDATE deliveries SET due_ms = NULL WHERE subscriber_id = $1 AND kind = $2 AND state = 'unknown'" }
    /// Whoever is erased twice keeps the stronger reason of the two: `erased` alone lets them sign up again.
    INSERT_SUPPRESSION = { "INSERT INTO suppressions (address_hash, reason, at_ms) VALUES ($1, $2, $3)
        ON CONFLICT (address_hash) DO UPDATE SET at_ms = excluded.at_ms,
            reason = CASE WHEN excluded.reason = 'erased' THEN suppressions.reason ELSE excluded.reason END" }
    /// Relays repeat addresses in their replies, so those go too.
    FORGET_RECIPIENT = { "UPDATE deliveries SET subscriber_id = NULL, reply_text = NULL, lane = NULL,
            due_ms = CASE WHEN state = 'unknown' THEN NULL ELSE due_ms END
        WHERE subscriber_id = $1" }
    WITHDRAW_ALL = { "UPDATE deliveries SET state = 'withdrawn', settled_ms = $2
        WHERE subscriber_id = $1 AND state = 'queued'" }
    DELETE = { "DELETE FROM subscribers WHERE id = $1" }
    /// Whoever has confirmed or left before is known to have: that record outlives a sign-up nobody confirms.
    EXPIRED_PENDING = { "SELECT s.id, CASE WHEN s.confirmed_ms IS NOT NULL OR EXISTS (
                SELECT 1 FROM consent_events e WHERE e.subscriber_id = s.id AND e.kind = 'unsubscribed')
            THEN 1 ELSE 0 END AS known
        FROM subscribers s
        WHERE s.state = 'pending' AND s.pending_until_ms <= $1 ORDER BY s.pending_until_ms LIMIT $2" }
}

#[derive(sqlx::FromRow)]
struct SubscriberRow {
    id: i64,
    public_id: Vec<u8>,
    address: String,
    language: String,
    state: String,
    suppress_reason: Option<String>,
    created_ms: i64,
    confirmed_ms: Option<i64>,
}

impl SubscriberRow {
    fn into_subscriber(self, editions: Vec<String>) -> Result<Subscriber, StoreError> {
        const TABLE: &str = "subscribers";
        Ok(Subscriber {
            id: SubscriberId(self.id),
            public_id: public_id(TABLE, self.public_id)?,
            address: self.address,
            language: language(TABLE, "language", &self.language)?,
            state: stored_state(&self.state, self.suppress_reason.as_deref())?,
            created: moment(TABLE, "created_ms", self.created_ms)?,
            confirmed: maybe_moment(TABLE, "confirmed_ms", self.confirmed_ms)?,
            editions,
        })
    }
}

fn stored_state(state: &str, reason: Option<&str>) -> Result<SubscriberState, StoreError> {
    word("subscribers", "state", state, |state| SubscriberState::from_stored(state, reason))
}

#[derive(sqlx::FromRow)]
struct EventRow {
    kind: String,
    at_ms: i64,
    text_version: Option<String>,
    ip: Option<String>,
    user_agent: Option<String>,
    detail: Option<String>,
}

impl TryFrom<EventRow> for ConsentEvent {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        Ok(Self {
            kind: word("consent_events", "kind", &row.kind, ConsentKind::from_stored)?,
            at: moment("consent_events", "at_ms", row.at_ms)?,
            text_version: row.text_version,
            ip: row.ip,
            user_agent: row.user_agent,
            detail: row.detail,
        })
    }
}

/// Returns the subscriber of a one-row statement with one argument.
macro_rules! one_subscriber {
    ($store:expr, $statement:expr, $argument:expr) => {
        read!($store, |db, sql| {
            let row: Option<SubscriberRow> =
                sqlx::query_as(sql($statement)).bind($argument).fetch_optional(&mut *db).await?;
            match row {
                None => Ok(None),
                Some(row) => {
                    let editions = sqlx::query_scalar(sql(EDITIONS)).bind(row.id).fetch_all(&mut *db).await?;
                    row.into_subscriber(editions).map(Some)
                }
            }
        })
    };
}

macro_rules! insert_event {
    ($db:ident, $sql:ident, $subscriber:expr, $event:expr) => {
        sqlx::query($sql(INSERT_EVENT))
            .bind($subscriber)
            .bind($event.kind.as_str())
            .bind($event.at.as_millisecond())
            .bind(&$event.text_version)
            .bind(&$event.ip)
            .bind(&$event.user_agent)
            .bind(&$event.detail)
            .execute(&mut *$db)
            .await?
    };
}
pub(super) use insert_event;

impl Store {
    /// Returns the subscriber in this row.
    pub async fn subscriber(&self, id: SubscriberId) -> Result<Option<Subscriber>, StoreError> {
        one_subscriber!(self, BY_ID, id.0)
    }

    /// Returns the subscriber with this normalised address.
    pub async fn subscriber_by_key(&self, key: &str) -> Result<Option<Subscriber>, StoreError> {
        one_subscriber!(self, BY_KEY, key)
    }

    /// Returns the subscriber a link speaks of.
    pub async fn subscriber_by_public_id(&self, public_id: [u8; 16]) -> Result<Option<Subscriber>, StoreError> {
        one_subscriber!(self, BY_PUBLIC_ID, &public_id[..])
    }

    /// Returns up to `limit` subscribers after the row `after`, oldest row first; only those stored as `state`, if
    /// given.
    pub async fn subscribers_after(
        &self,
        after: SubscriberId,
        state: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Subscriber>, StoreError> {
        read!(self, |db, sql| {
            let rows: Vec<SubscriberRow> = sqlx::query_as(sql(PAGE))
                .bind(after.0)
                .bind(state.unwrap_or_default())
                .bind(count(limit))
                .fetch_all(&mut *db)
                .await?;
            let mut subscribers = Vec::with_capacity(rows.len());
            for row in rows {
                let editions = sqlx::query_scalar(sql(EDITIONS)).bind(row.id).fetch_all(&mut *db).await?;
                subscribers.push(row.into_subscriber(editions)?);
            }
            Ok(subscribers)
        })
    }

    /// Returns how many subscribers there are of each state and language; of one edition, if given.
    pub async fn subscriber_counts(&self, edition: Option<&str>) -> Result<Vec<SubscriberCount>, StoreError> {
        let rows: Vec<(String, Option<String>, String, i64)> = read!(self, |db, sql| {
            match edition {
                Some(edition) => sqlx::query_as(sql(EDITION_COUNTS)).bind(edition).fetch_all(&mut *db).await?,
                None => sqlx::query_as(sql(COUNTS)).fetch_all(&mut *db).await?,
            }
        });
        rows.into_iter()
            .map(|(state, reason, tag, count)| {
                Ok(SubscriberCount {
                    state: stored_state(&state, reason.as_deref())?,
                    language: language("subscribers", "language", &tag)?,
                    count,
                })
            })
            .collect()
    }

    /// Moves a subscriber from the state that was read to another, remembers why, and withdraws the mails that are no
    /// longer wanted, all in one transaction: an issue after anything but `confirmed`, a confirmation after anything
    /// but `pending`. What a node has claimed already goes out.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the subscriber is no longer in that state.
    pub async fn change_subscriber(
        &self,
        existing: Existing,
        to: SubscriberState,
        event: &ConsentEvent,
    ) -> Result<(), StoreError> {
        let at = event.at.as_millisecond();
        in_tx!(self, |db, sql| {
            let updated = sqlx::query(sql(SET_STATE))
                .bind(existing.id.0)
                .bind(existing.state.as_str())
                .bind(to.as_str())
                .bind(to.suppress_reason().map(SuppressReason::as_str))
                .bind(at)
                .execute(&mut *db)
                .await?;
            if updated.rows_affected() != 1 {
                return Err(StoreError::Stale);
            }
            insert_event!(db, sql, existing.id.0, event);
            for (kind, wanted_in) in [
                (DeliveryKind::Issue, SubscriberState::Confirmed),
                (DeliveryKind::Confirmation, SubscriberState::Pending),
            ] {
                if to != wanted_in {
                    sqlx::query(sql(WITHDRAW_KIND))
                        .bind(existing.id.0)
                        .bind(kind.as_str())
                        .bind(at)
                        .execute(&mut *db)
                        .await?;
                    sqlx::query(sql(PARK_KIND)).bind(existing.id.0).bind(kind.as_str()).execute(&mut *db).await?;
                }
            }
            Ok(())
        })
    }

    /// Erases a subscriber: the row and the consent record go, the ledger keeps the delivery without the person, and a
    /// keyed hash stays, with `reason`, so that no import brings the address back.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such row.
    pub async fn erase_subscriber(
        &self,
        id: SubscriberId,
        address_hash: [u8; 32],
        reason: SuppressReason,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        in_tx!(self, |db, sql| {
            sqlx::query(sql(WITHDRAW_ALL)).bind(id.0).bind(now.as_millisecond()).execute(&mut *db).await?;
            sqlx::query(sql(FORGET_RECIPIENT)).bind(id.0).execute(&mut *db).await?;
            sqlx::query(sql(INSERT_SUPPRESSION))
                .bind(&address_hash[..])
                .bind(reason.as_str())
                .bind(now.as_millisecond())
                .execute(&mut *db)
                .await?;
            let deleted = sqlx::query(sql(DELETE)).bind(id.0).execute(&mut *db).await?;
            if deleted.rows_affected() == 1 { Ok(()) } else { Err(StoreError::NotFound("subscriber")) }
        })
    }

    /// Forgets up to `limit` sign-ups nobody confirmed by `now`, and says how many. One that had been a subscriber
    /// before becomes unsubscribed again, with the record of it.
    pub async fn expire_pending(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let at = now.as_millisecond();
        in_tx!(self, |db, sql| {
            let rows: Vec<(i64, i32)> =
                sqlx::query_as(sql(EXPIRED_PENDING)).bind(at).bind(count(limit)).fetch_all(&mut *db).await?;
            for (id, known) in &rows {
                sqlx::query(sql(WITHDRAW_ALL)).bind(id).bind(at).execute(&mut *db).await?;
                if *known == 1 {
                    sqlx::query(sql(SET_STATE))
                        .bind(id)
                        .bind(SubscriberState::Pending.as_str())
                        .bind(SubscriberState::Unsubscribed.as_str())
                        .bind(None::<&str>)
                        .bind(at)
                        .execute(&mut *db)
                        .await?;
                    let event = ConsentEvent::new(ConsentKind::Unsubscribed, now, &Visit::default())
                        .detail("did not confirm coming back in time");
                    insert_event!(db, sql, id, event);
                } else {
                    sqlx::query(sql(FORGET_RECIPIENT)).bind(id).execute(&mut *db).await?;
                    sqlx::query(sql(DELETE)).bind(id).execute(&mut *db).await?;
                }
            }
            Ok(rows.len())
        })
    }

    /// Returns what is on record about a subscriber's consent, oldest first.
    pub async fn consent_events(&self, id: SubscriberId) -> Result<Vec<ConsentEvent>, StoreError> {
        let rows: Vec<EventRow> =
            read!(self, |db, sql| sqlx::query_as(sql(EVENTS)).bind(id.0).fetch_all(&mut *db).await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }
}
