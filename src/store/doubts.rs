//! Deliveries of unknown fate: which there are, what will become of each, and what the operator decides about them.

use jiff::Timestamp;

use super::row::{count, maybe_moment, moment, word};
use super::sql::{in_tx, read, statements};
use super::{Store, StoreError};
use crate::domain::delivery::{DeliveryKind, DeliveryState, Reply};
use crate::domain::doubt::{Decision, Obstacle, Prospect, Unwanted};
use crate::domain::ids::{DeliveryId, IssueId};
use crate::domain::issue::IssueState;

/// What the ledger says in the place of a relay's reply once the operator has found out.
const ACCEPTED_BY_HAND: &str = "accepted by hand: the operator found out that it had arrived";

/// SQL: a line of the ledger with what decides its future.
macro_rules! doubt {
    ($where:literal) => {
        concat!(
            "SELECT d.id, d.kind, n.number, n.state AS issue_state, s.state AS reader_state,
                COALESCE(d.address, s.address) AS address, d.state, d.attempts, d.due_ms, d.offered_ms, d.relay,
                d.reply_code, d.reply_text
            FROM deliveries d LEFT JOIN issues n ON n.id = d.issue_id LEFT JOIN subscribers s ON s.id = d.subscriber_id
            WHERE ",
            $where
        )
    };
}

/// SQL: holds a delivery's issue as it is. A cancellation at the same moment comes before or after, never in between.
macro_rules! hold_issue {
    ($lock:literal) => {
        concat!("SELECT n.id FROM issues n WHERE n.id IN (SELECT issue_id FROM deliveries WHERE id = $1)", $lock)
    };
}

/// SQL: holds a delivery's reader as they are: leaving withdraws what is queued, and must see what we queue.
macro_rules! hold_reader {
    ($lock:literal) => {
        concat!(
            "SELECT s.id FROM subscribers s WHERE s.id IN (SELECT subscriber_id FROM deliveries WHERE id = $1)",
            $lock
        )
    };
}

/// SQL: what a decision depends on. SQLite has one writer, and it is us; elsewhere the row is locked.
macro_rules! look {
    ($lock:literal) => {
        concat!(
            "SELECT d.kind, d.state, n.state AS issue_state, s.state AS reader_state
            FROM deliveries d LEFT JOIN issues n ON n.id = d.issue_id LEFT JOIN subscribers s ON s.id = d.subscriber_id
            WHERE d.id = $1",
            $lock
        )
    };
}

statements! {
    UNKNOWN = { doubt!("d.state = 'unknown' AND d.id > $1 AND ($2 = 0 OR d.issue_id = $2) ORDER BY d.id LIMIT $3") }
    OF_RECOVERY = { doubt!("d.id IN (SELECT u.delivery_id FROM recovery_unknowns u WHERE u.recovery_id = $1)
        ORDER BY d.id") }
    DECISIONS = { "SELECT x.decision, x.at_ms, d.id, d.kind, n.number, COALESCE(d.address, s.address) AS address, d.state
        FROM decisions x JOIN deliveries d ON d.id = x.delivery_id LEFT JOIN issues n ON n.id = d.issue_id
        LEFT JOIN subscribers s ON s.id = d.subscriber_id
        WHERE ($1 = 0 OR d.issue_id = $1) ORDER BY x.id DESC LIMIT $2" }
    RESEND = { "UPDATE deliveries SET state = 'queued', due_ms = $2 WHERE id = $1 AND state = 'unknown'" }
    ACCEPT = { "UPDATE deliveries SET state = 'accepted', settled_ms = $2, reply_code = NULL, reply_text = $3
        WHERE id = $1 AND state = 'unknown'" }
    INSERT_DECISION = { "INSERT INTO decisions (delivery_id, decision, at_ms) VALUES ($1, $2, $3)" }
    HOLD_ISSUE = { PerEngine {
        sqlite: hold_issue!(""),
        postgres: hold_issue!(" FOR SHARE"),
    } }
    HOLD_READER = { PerEngine {
        sqlite: hold_reader!(""),
        postgres: hold_reader!(" FOR SHARE"),
    } }
    LOOK = { PerEngine { sqlite: look!(""), postgres: look!(" FOR UPDATE OF d") } }
}

/// A delivery whose fate nobody knows, or did not know once.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Doubt {
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
    /// Since when: the content was sent after this, and the answer never came.
    pub since: Option<Timestamp>,
    /// The relay it was offered to, if that is known: a sender that died cannot tell.
    pub relay: Option<String>,
    /// What was seen last.
    pub reply: Option<Reply>,
    /// What will become of it; none once its fate is known.
    pub prospect: Option<Prospect>,
}

/// One decision of the operator.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DecisionRecord {
    /// The delivery.
    pub id: DeliveryId,
    /// Why the mail is sent.
    pub kind: DeliveryKind,
    /// The number of its issue.
    pub issue: Option<i64>,
    /// To whom; none once they were erased.
    pub address: Option<String>,
    /// What was decided.
    pub decision: Decision,
    /// When.
    pub at: Timestamp,
    /// Where the delivery stands now.
    pub state: DeliveryState,
}

/// What came of deciding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decided {
    /// What was decided on.
    pub done: Vec<DeliveryId>,
    /// What could not be decided on, and why.
    pub refused: Vec<(DeliveryId, Obstacle)>,
}

#[derive(sqlx::FromRow)]
struct DoubtRow {
    id: i64,
    kind: String,
    number: Option<i64>,
    issue_state: Option<String>,
    reader_state: Option<String>,
    address: Option<String>,
    state: String,
    attempts: i64,
    due_ms: Option<i64>,
    offered_ms: Option<i64>,
    relay: Option<String>,
    reply_code: Option<i64>,
    reply_text: Option<String>,
}

impl TryFrom<DoubtRow> for Doubt {
    type Error = StoreError;

    fn try_from(row: DoubtRow) -> Result<Self, StoreError> {
        const TABLE: &str = "deliveries";
        let kind = word(TABLE, "kind", &row.kind, DeliveryKind::from_stored)?;
        let state = word(TABLE, "state", &row.state, DeliveryState::from_stored)?;
        let due = maybe_moment(TABLE, "due_ms", row.due_ms)?;
        let unwanted = unwanted(kind, row.issue_state.as_deref(), row.reader_state.as_deref());
        Ok(Self {
            id: DeliveryId(row.id),
            kind,
            issue: row.number,
            address: row.address,
            state,
            attempts: row.attempts,
            since: maybe_moment(TABLE, "offered_ms", row.offered_ms)?,
            relay: row.relay,
            reply: row.reply_text.map(|text| Reply { code: row.reply_code.and_then(|c| c.try_into().ok()), text }),
            prospect: (state == DeliveryState::Unknown).then(|| Prospect::of(due, unwanted)),
        })
    }
}

#[derive(sqlx::FromRow)]
struct DecisionRow {
    id: i64,
    kind: String,
    number: Option<i64>,
    address: Option<String>,
    decision: String,
    at_ms: i64,
    state: String,
}

impl TryFrom<DecisionRow> for DecisionRecord {
    type Error = StoreError;

    fn try_from(row: DecisionRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: DeliveryId(row.id),
            kind: word("deliveries", "kind", &row.kind, DeliveryKind::from_stored)?,
            issue: row.number,
            address: row.address,
            decision: word("decisions", "decision", &row.decision, Decision::from_stored)?,
            at: moment("decisions", "at_ms", row.at_ms)?,
            state: word("deliveries", "state", &row.state, DeliveryState::from_stored)?,
        })
    }
}

/// What [`LOOK`] sees: kind, state, state of the issue, state of the reader.
type Look = (String, String, Option<String>, Option<String>);

fn unwanted(kind: DeliveryKind, issue: Option<&str>, reader: Option<&str>) -> Option<Unwanted> {
    Unwanted::of(kind, issue == Some(IssueState::Cancelled.as_str()), reader)
}

fn obstacle(decision: Decision, look: Option<Look>) -> Result<Option<Obstacle>, StoreError> {
    let Some((kind, state, issue, reader)) = look else { return Ok(Some(Obstacle::NoSuchDelivery)) };
    let kind = word("deliveries", "kind", &kind, DeliveryKind::from_stored)?;
    let state = word("deliveries", "state", &state, DeliveryState::from_stored)?;
    Ok(decision.obstacle(state, unwanted(kind, issue.as_deref(), reader.as_deref())))
}

impl Store {
    /// Returns up to `limit` deliveries of unknown fate after the row `after`, oldest first; only those of one issue,
    /// if given.
    pub async fn unknown_deliveries(
        &self,
        issue: Option<IssueId>,
        after: DeliveryId,
        limit: usize,
    ) -> Result<Vec<Doubt>, StoreError> {
        let rows: Vec<DoubtRow> = read!(self, |db, sql| sqlx::query_as(sql(UNKNOWN))
            .bind(after.0)
            .bind(issue.map_or(0, |id| id.0))
            .bind(count(limit))
            .fetch_all(&mut *db)
            .await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns the deliveries a recovery put in doubt, oldest first, as they stand now.
    pub async fn recovery_unknowns(&self, recovery: i64) -> Result<Vec<Doubt>, StoreError> {
        let rows: Vec<DoubtRow> =
            read!(self, |db, sql| sqlx::query_as(sql(OF_RECOVERY)).bind(recovery).fetch_all(&mut *db).await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Decides on deliveries of unknown fate for the operator, in one transaction, and remembers it. If one of them
    /// cannot be decided on, nothing is, unless `leave_out` says to do the others.
    pub async fn decide(
        &self,
        ids: &[DeliveryId],
        decision: Decision,
        leave_out: bool,
        now: Timestamp,
    ) -> Result<Decided, StoreError> {
        // In the order of the rows: two operators at once then wait for each other, and not in a circle.
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let at = now.as_millisecond();
        in_tx!(self, |db, sql| {
            let mut decided = Decided::default();
            for id in &ids {
                sqlx::query(sql(HOLD_ISSUE)).bind(id.0).fetch_optional(&mut *db).await?;
                sqlx::query(sql(HOLD_READER)).bind(id.0).fetch_optional(&mut *db).await?;
                let look: Option<Look> = sqlx::query_as(sql(LOOK)).bind(id.0).fetch_optional(&mut *db).await?;
                match obstacle(decision, look)? {
                    Some(obstacle) => decided.refused.push((*id, obstacle)),
                    None => decided.done.push(*id),
                }
            }
            if !leave_out && !decided.refused.is_empty() {
                decided.done.clear();
            }
            for id in &decided.done {
                let update = match decision {
                    Decision::Resend => sqlx::query(sql(RESEND)).bind(id.0).bind(at),
                    Decision::Accept => sqlx::query(sql(ACCEPT)).bind(id.0).bind(at).bind(ACCEPTED_BY_HAND),
                };
                if update.execute(&mut *db).await?.rows_affected() != 1 {
                    return Err(StoreError::Stale);
                }
                sqlx::query(sql(INSERT_DECISION)).bind(id.0).bind(decision.as_str()).bind(at).execute(&mut *db).await?;
            }
            Ok(decided)
        })
    }

    /// Returns up to `limit` decisions of the operator, newest first; only those of one issue, if given.
    pub async fn decisions(&self, issue: Option<IssueId>, limit: usize) -> Result<Vec<DecisionRecord>, StoreError> {
        let rows: Vec<DecisionRow> = read!(self, |db, sql| sqlx::query_as(sql(DECISIONS))
            .bind(issue.map_or(0, |id| id.0))
            .bind(count(limit))
            .fetch_all(&mut *db)
            .await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }
}
