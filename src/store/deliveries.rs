//! The ledger: claiming, offering, recording. See `domain::delivery` for the states.
//!
//! A node may write only what it holds: every update names the node and the fence of its claim, and changes nothing if
//! somebody has taken over since.

use std::time::Duration;

use jiff::Timestamp;

use super::letters::insert_letter;
use super::nodes::{RENEW, lease_end};
use super::row::{count, maybe_moment, moment, public_id, word};
use super::sql::{in_tx, read, statements, write};
use super::{Store, StoreError};
use crate::crash;
use crate::domain::delivery::{Claim, DeliveryKind, DeliveryState, Reply};
use crate::domain::ids::{DeliveryId, IssueId, LetterId, SubscriberId};
use crate::domain::issue::Letter;

/// SQL: whether nobody wants this delivery any more (its issue was cancelled, its reader has left). It asks for values
/// and not whether rows exist: for many lines PostgreSQL would answer EXISTS by reading all subscribers there are.
macro_rules! unwanted {
    () => {
        "((kind = 'issue' AND COALESCE((SELECT i.state FROM issues i WHERE i.id = deliveries.issue_id), '') = 'cancelled')
         OR (kind IN ('issue', 'confirmation')
            AND COALESCE((SELECT s.state FROM subscribers s WHERE s.id = deliveries.subscriber_id), '')
                <> CASE kind WHEN 'issue' THEN 'confirmed' ELSE 'pending' END))"
    };
}
pub(super) use unwanted;

/// SQL: which deliveries are due. A reader who left is left out here too, although leaving withdraws what is queued:
/// the promise to them hangs on no single statement. A finished issue has something due only if the operator wants an
/// unknown one sent again: the issue stays finished, and on the public pages. The plus signs keep SQLite from going by
/// the issue, and reading and sorting all of it for every claim.
macro_rules! due {
    ($lane:literal) => {
        concat!(
            "SELECT d.id FROM deliveries d
         WHERE d.state = 'queued' AND d.due_ms <= $2 AND d.priority >= $4 AND d.lane ",
            $lane,
            "
            AND (+d.issue_id IS NULL OR +d.issue_id IN (SELECT i.id FROM issues i WHERE i.state IN ('sending', 'finished')))
            AND (d.kind IN ('test', 'notice') OR (SELECT s.state FROM subscribers s WHERE s.id = d.subscriber_id)
                = CASE d.kind WHEN 'issue' THEN 'confirmed' ELSE 'pending' END)
         ORDER BY d.priority DESC, d.due_ms, d.id LIMIT $3"
        )
    };
}

macro_rules! claim {
    ($lane:literal, $lock:literal) => {
        concat!(
            "UPDATE deliveries SET state = 'claimed', node = $1, fence = fence + 1 WHERE id IN (",
            due!($lane),
            $lock,
            ") RETURNING id, fence, kind, letter_id, issue_id, subscriber_id, attempts,
            (SELECT s.public_id FROM subscribers s WHERE s.id = deliveries.subscriber_id) AS public_id,
            COALESCE(address, (SELECT s.address FROM subscribers s WHERE s.id = deliveries.subscriber_id)) AS address"
        )
    };
}

/// What a filter lets through.
macro_rules! listed {
    () => {
        "d.id > $1 AND ($2 = '' OR d.state = $2) AND ($3 = 0 OR d.issue_id = $3) AND ($4 = 0 OR d.subscriber_id = $4)"
    };
}

statements! {
    CLAIM = { PerEngine { sqlite: claim!("IS NULL", ""), postgres: claim!("IS NULL", " FOR UPDATE OF d SKIP LOCKED") } }
    CLAIM_LANE = { PerEngine { sqlite: claim!("= $5", ""), postgres: claim!("= $5", " FOR UPDATE OF d SKIP LOCKED") } }
    /// What nobody wants any more stays unknown, without a time: it may have gone out, and the record says so.
    RESEND_UNKNOWN = { concat!("UPDATE deliveries SET
            state = CASE WHEN ", unwanted!(), " THEN 'unknown' ELSE 'queued' END,
            due_ms = CASE WHEN ", unwanted!(), " THEN NULL ELSE due_ms END
        WHERE state = 'unknown' AND due_ms <= $1") }
    /// What the operator wanted sent again has all its time once more.
    EXPIRE = { "UPDATE deliveries SET state = 'expired', settled_ms = $2 WHERE state = 'queued'
            AND (attempts > 0 OR $3) AND (
            (issue_id IS NULL AND created_ms <= $1)
            OR (created_ms <= $1
                AND issue_id IN (SELECT id FROM issues WHERE state IN ('sending', 'finished') AND released_ms <= $1)))
            AND NOT EXISTS (SELECT 1 FROM decisions x WHERE x.delivery_id = deliveries.id AND x.at_ms > $1)" }
    ALL_COUNTS = { "SELECT kind, state, COUNT(*) AS n FROM deliveries GROUP BY kind, state" }
    LIST = { concat!("SELECT d.id, d.kind, d.issue_id, n.number, COALESCE(d.address, s.address) AS address, d.state, d.attempts,
            d.due_ms, d.relay, d.reply_code, d.reply_text, d.created_ms, d.settled_ms
        FROM deliveries d LEFT JOIN subscribers s ON s.id = d.subscriber_id LEFT JOIN issues n ON n.id = d.issue_id
        WHERE ", listed!(), " ORDER BY d.id LIMIT $5") }
    LISTED = { concat!("SELECT COUNT(*) FROM deliveries d WHERE ", listed!()) }
    QUEUE_TEST = { "INSERT INTO deliveries
            (kind, letter_id, address, state, priority, due_ms, attempts, fence, created_ms)
        VALUES ($1, $2, $3, 'queued', $4, $5, 0, 0, $5) RETURNING id" }
    STATE_OF = { "SELECT state, reply_text FROM deliveries WHERE id = $1" }
}

/// Which deliveries are claimed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Among<'a> {
    /// Those that wait for their turn in the lane of this domain; otherwise those that are in no lane.
    pub lane: Option<&'a str>,
    /// Only those of this priority or a higher one.
    pub least_priority: i64,
}

/// How many deliveries stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct DeliveryCounts {
    /// Waiting for their time.
    pub queued: i64,
    /// Held by a node; nothing sent.
    pub claimed: i64,
    /// Held by a node; perhaps sent.
    pub offered: i64,
    /// Taken over by the relay.
    pub accepted: i64,
    /// Refused for good.
    pub rejected: i64,
    /// Perhaps taken over, perhaps not.
    pub unknown: i64,
    /// Not wanted any more before they were sent.
    pub withdrawn: i64,
    /// Given up.
    pub expired: i64,
}

impl DeliveryCounts {
    /// Returns the field that counts deliveries in this state.
    pub fn of(&mut self, state: DeliveryState) -> &mut i64 {
        match state {
            DeliveryState::Queued => &mut self.queued,
            DeliveryState::Claimed => &mut self.claimed,
            DeliveryState::Offered => &mut self.offered,
            DeliveryState::Accepted => &mut self.accepted,
            DeliveryState::Rejected => &mut self.rejected,
            DeliveryState::Unknown => &mut self.unknown,
            DeliveryState::Withdrawn => &mut self.withdrawn,
            DeliveryState::Expired => &mut self.expired,
        }
    }

    /// Returns how many deliveries there are in all.
    pub fn total(&self) -> i64 {
        self.open() + self.accepted + self.rejected + self.unknown + self.withdrawn + self.expired
    }

    /// Returns how many are still to be sent or being sent.
    pub fn open(&self) -> i64 {
        self.queued + self.claimed + self.offered
    }
}

/// Which lines of the ledger are asked for.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// Only those in this state.
    pub state: Option<DeliveryState>,
    /// Only those of this issue.
    pub issue: Option<IssueId>,
    /// Only those to this subscriber.
    pub subscriber: Option<SubscriberId>,
    /// Only rows after this one; the list runs from the oldest row to the newest.
    pub after: Option<DeliveryId>,
}

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DeliveryRecord {
    /// The row.
    pub id: DeliveryId,
    /// Why the mail is sent.
    pub kind: DeliveryKind,
    /// The number of its issue.
    pub issue: Option<i64>,
    /// To whom; none once they were erased.
    pub address: Option<String>,
    /// Where it stands.
    pub state: DeliveryState,
    /// How many attempts were made.
    pub attempts: i64,
    /// When it is due again, while it is queued or unknown.
    pub due: Option<Timestamp>,
    /// The relay that answered last.
    pub relay: Option<String>,
    /// What it said.
    pub reply: Option<Reply>,
    /// When the line was written.
    pub created: Timestamp,
    /// When it came to an end.
    pub settled: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct ClaimRow {
    id: i64,
    fence: i64,
    kind: String,
    letter_id: i64,
    issue_id: Option<i64>,
    subscriber_id: Option<i64>,
    attempts: i64,
    public_id: Option<Vec<u8>>,
    address: String,
}

impl TryFrom<ClaimRow> for Claim {
    type Error = StoreError;

    fn try_from(row: ClaimRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: DeliveryId(row.id),
            fence: row.fence,
            kind: word("deliveries", "kind", &row.kind, DeliveryKind::from_stored)?,
            letter_id: LetterId(row.letter_id),
            issue_id: row.issue_id.map(IssueId),
            subscriber_id: row.subscriber_id.map(SubscriberId),
            public_id: row.public_id.map(|bytes| public_id("subscribers", bytes)).transpose()?,
            address: row.address,
            attempts: row.attempts,
        })
    }
}

#[derive(sqlx::FromRow)]
struct RecordRow {
    id: i64,
    kind: String,
    number: Option<i64>,
    address: Option<String>,
    state: String,
    attempts: i64,
    due_ms: Option<i64>,
    relay: Option<String>,
    reply_code: Option<i64>,
    reply_text: Option<String>,
    created_ms: i64,
    settled_ms: Option<i64>,
}

impl TryFrom<RecordRow> for DeliveryRecord {
    type Error = StoreError;

    fn try_from(row: RecordRow) -> Result<Self, StoreError> {
        const TABLE: &str = "deliveries";
        let state = word(TABLE, "state", &row.state, DeliveryState::from_stored)?;
        let waits = matches!(state, DeliveryState::Queued | DeliveryState::Unknown);
        Ok(Self {
            id: DeliveryId(row.id),
            kind: word(TABLE, "kind", &row.kind, DeliveryKind::from_stored)?,
            issue: row.number,
            address: row.address,
            state,
            attempts: row.attempts,
            due: maybe_moment(TABLE, "due_ms", row.due_ms.filter(|_| waits))?,
            relay: row.relay,
            reply: row.reply_text.map(|text| Reply { code: row.reply_code.and_then(|c| c.try_into().ok()), text }),
            created: moment(TABLE, "created_ms", row.created_ms)?,
            settled: maybe_moment(TABLE, "settled_ms", row.settled_ms)?,
        })
    }
}

impl Store {
    /// Claims up to `limit` due deliveries for a node and renews its lease, in one transaction. `None` if the node has
    /// lost its lease: it must claim nothing more.
    pub async fn claim(
        &self,
        node: &str,
        limit: usize,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Vec<Claim>>, StoreError> {
        self.claim_among(node, Among::default(), limit, now, lease).await
    }

    /// As [`Self::claim`], among some of the deliveries only.
    pub async fn claim_among(
        &self,
        node: &str,
        among: Among<'_>,
        limit: usize,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Vec<Claim>>, StoreError> {
        let rows: Option<Vec<ClaimRow>> = in_tx!(self, |db, sql| {
            // The row's lock keeps a node from claiming while it is being buried.
            let renewed = sqlx::query(sql(RENEW)).bind(node).bind(lease_end(now, lease)).execute(&mut *db).await?;
            if renewed.rows_affected() != 1 {
                return Ok(None);
            }
            let query = sqlx::query_as(sql(if among.lane.is_some() { CLAIM_LANE } else { CLAIM }))
                .bind(node)
                .bind(now.as_millisecond())
                .bind(count(limit))
                .bind(among.least_priority);
            let query = if let Some(lane) = among.lane { query.bind(lane) } else { query };
            let rows = query.fetch_all(&mut *db).await?;
            crash::point("claim.before_commit");
            Ok(Some(rows))
        })?;
        crash::point("claim.after_commit");
        rows.map(|rows| rows.into_iter().map(TryInto::try_into).collect()).transpose()
    }

    /// Queues the unknown deliveries whose waiting time is over, and returns how many.
    pub async fn resend_unknown(&self, now: Timestamp) -> Result<u64, StoreError> {
        // A transaction, though of one statement: a test must be able to die between the two.
        let queued = in_tx!(self, |db, sql| {
            let rows = sqlx::query(sql(RESEND_UNKNOWN)).bind(now.as_millisecond()).execute(&mut *db).await?;
            if rows.rows_affected() > 0 {
                crash::point("requeue.before_commit");
            }
            Ok(rows.rows_affected())
        })?;
        if queued > 0 {
            crash::point("requeue.after_commit");
        }
        Ok(queued)
    }

    /// Gives up what was released, or queued outside an issue, at `before` or earlier, and returns how many; what was
    /// never tried only if `untried` says so.
    pub async fn expire_overdue(&self, before: Timestamp, untried: bool, now: Timestamp) -> Result<u64, StoreError> {
        Ok(write!(self, |db, sql| sqlx::query(sql(EXPIRE))
            .bind(before.as_millisecond())
            .bind(now.as_millisecond())
            .bind(untried)
            .execute(&mut *db)
            .await?
            .rows_affected()))
    }

    /// Returns where all deliveries stand, by kind.
    pub async fn all_delivery_counts(&self) -> Result<Vec<(DeliveryKind, DeliveryCounts)>, StoreError> {
        let rows: Vec<(String, String, i64)> =
            read!(self, |db, sql| sqlx::query_as(sql(ALL_COUNTS)).fetch_all(&mut *db).await?);
        let mut all = DeliveryKind::ALL.map(|kind| (kind, DeliveryCounts::default()));
        for (kind, state, n) in rows {
            let kind = word("deliveries", "kind", &kind, DeliveryKind::from_stored)?;
            let state = word("deliveries", "state", &state, DeliveryState::from_stored)?;
            for (_, counts) in all.iter_mut().filter(|(k, _)| *k == kind) {
                *counts.of(state) += n;
            }
        }
        Ok(all.into())
    }

    /// Returns up to `limit` lines of the ledger, oldest first.
    pub async fn deliveries(&self, filter: &DeliveryFilter, limit: usize) -> Result<Vec<DeliveryRecord>, StoreError> {
        let rows: Vec<RecordRow> = read!(self, |db, sql| sqlx::query_as(sql(LIST))
            .bind(filter.after.map_or(0, |id| id.0))
            .bind(filter.state.map(DeliveryState::as_str).unwrap_or_default())
            .bind(filter.issue.map_or(0, |id| id.0))
            .bind(filter.subscriber.map_or(0, |id| id.0))
            .bind(count(limit))
            .fetch_all(&mut *db)
            .await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns how many lines of the ledger there are behind `filter`.
    pub async fn delivery_count(&self, filter: &DeliveryFilter) -> Result<i64, StoreError> {
        Ok(read!(self, |db, sql| sqlx::query_scalar(sql(LISTED))
            .bind(filter.after.map_or(0, |id| id.0))
            .bind(filter.state.map(DeliveryState::as_str).unwrap_or_default())
            .bind(filter.issue.map_or(0, |id| id.0))
            .bind(filter.subscriber.map_or(0, |id| id.0))
            .fetch_one(&mut *db)
            .await?))
    }

    /// Queues a letter to an address the operator named.
    pub async fn queue_test(&self, letter: &Letter, address: &str, now: Timestamp) -> Result<DeliveryId, StoreError> {
        let id: i64 = in_tx!(self, |db, sql| {
            let letter_id = insert_letter!(db, sql, None, letter);
            let id = sqlx::query_scalar(sql(QUEUE_TEST))
                .bind(DeliveryKind::Test.as_str())
                .bind(letter_id)
                .bind(address)
                .bind(DeliveryKind::Test.priority())
                .bind(now.as_millisecond())
                .fetch_one(&mut *db)
                .await?;
            Ok(id)
        })?;
        Ok(DeliveryId(id))
    }

    /// Returns where one delivery stands, and what was said about it last.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such line.
    pub async fn delivery_state(&self, id: DeliveryId) -> Result<(DeliveryState, Option<String>), StoreError> {
        let row: Option<(String, Option<String>)> =
            read!(self, |db, sql| sqlx::query_as(sql(STATE_OF)).bind(id.0).fetch_optional(&mut *db).await?);
        let (state, reply) = row.ok_or(StoreError::NotFound("delivery"))?;
        Ok((word("deliveries", "state", &state, DeliveryState::from_stored)?, reply))
    }
}
