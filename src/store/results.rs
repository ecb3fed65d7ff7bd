//! What became of claims: offered, and how each attempt ended. Many of them in one transaction, because a commit waits
//! for the disk, and the disk takes as long for one line as for a hundred.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::deliveries::unwanted;
use super::sql::{in_tx, statements, write};
use super::{Store, StoreError};
use crate::crash;
use crate::domain::delivery::{Claim, DeliveryState, Reply};
use crate::domain::ids::DeliveryId;

/// What the ledger is told of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// The relay has it.
    Accepted(Reply),
    /// Refused for good.
    Rejected(Reply),
    /// Not sent; to be tried again at this time.
    Later(Reply, Timestamp),
    /// The fate is unknown; to be sent again at this time, or to wait for the operator.
    Unknown(Reply, Option<Timestamp>),
}

/// A claim as its holder names it: no other is touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The node it was made under.
    pub node: std::sync::Arc<str>,
    /// The row.
    pub id: DeliveryId,
    /// The fence it was made with.
    pub fence: i64,
}

impl Hold {
    /// Returns the hold that `node` has on `claim`.
    pub fn new(node: &std::sync::Arc<str>, claim: &Claim) -> Self {
        Self { node: std::sync::Arc::clone(node), id: claim.id, fence: claim.fence }
    }
}

/// A claim whose content is about to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The claim.
    pub hold: Hold,
    /// The relay it is offered to, as the operator calls it: whom to ask, should nobody know what became of it.
    pub relay: String,
}

/// How one attempt ended, and at which relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempted {
    /// The claim it was made for.
    pub hold: Hold,
    /// The relay, as the operator calls it.
    pub relay: String,
    /// How it ended.
    pub entry: Entry,
}

/// Which lines were written. The others are no longer held by whoever wanted to write them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows and fences: two holders of one row, one of whom has lost it, may stand in one batch.
    recorded: HashSet<(i64, i64)>,
    offered: HashSet<(i64, i64)>,
}

impl Written {
    /// Returns whether the result of this claim is recorded.
    pub fn recorded(&self, hold: &Hold) -> bool {
        self.recorded.contains(&(hold.id.0, hold.fence))
    }

    /// Returns whether this claim is now offered.
    pub fn offered(&self, hold: &Hold) -> bool {
        self.offered.contains(&(hold.id.0, hold.fence))
    }
}

/// SQL: a relay's words as they are kept. Relays repeat addresses in them, so nothing is kept of somebody erased.
macro_rules! kept {
    ($words:literal) => {
        concat!("CASE WHEN subscriber_id IS NULL AND kind NOT IN ('test', 'notice') THEN NULL ELSE ", $words, " END")
    };
}

/// SQL: the lines bound as `$1`, a JSON array of arrays, as a table. The condition is always true. By it PostgreSQL's
/// planner expects one line instead of a hundred, goes by the row for each, and does not read the whole ledger.
macro_rules! lines {
    (sqlite) => {
        "(SELECT value ->> 0 AS r_id, value ->> 1 AS r_node, value ->> 2 AS r_fence, value ->> 3 AS r_state,
            value ->> 4 AS r_due, value ->> 5 AS r_relay, value ->> 6 AS r_code, value ->> 7 AS r_text,
            value ->> 8 AS r_at
        FROM json_each($1)) r"
    };
    (postgres) => {
        "(SELECT CAST(e ->> 0 AS BIGINT) AS r_id, e ->> 1 AS r_node, CAST(e ->> 2 AS BIGINT) AS r_fence,
            e ->> 3 AS r_state, CAST(e ->> 4 AS BIGINT) AS r_due, e ->> 5 AS r_relay,
            CAST(e ->> 6 AS BIGINT) AS r_code, e ->> 7 AS r_text, CAST(e ->> 8 AS BIGINT) AS r_at
        FROM jsonb_array_elements(CAST($1 AS JSONB)) e WHERE jsonb_typeof(e) = 'array') r"
    };
}

/// SQL: whose line it is. The state is hidden from PostgreSQL's planner, which would take it for a hint to read the
/// index of all that is held, with everything that was held since it was cleaned, instead of going by the row.
macro_rules! held {
    () => {
        " WHERE deliveries.id = r_id AND deliveries.node = r_node AND deliveries.fence = r_fence
            AND deliveries.state || '' "
    };
}

/// SQL: an update of every line that is still held.
macro_rules! update {
    ($engine:ident, $set:expr, $state:expr) => {
        concat!(
            "UPDATE deliveries SET ",
            $set,
            " FROM ",
            lines!($engine),
            held!(),
            $state,
            " RETURNING deliveries.id, deliveries.fence"
        )
    };
}

/// SQL: what becomes of each line. `r_state` is where it goes: offered, or the end of an attempt. A caller
/// whose commit was made and whose answer was lost writes the same once more: what it has offered already is offered.
macro_rules! write_down {
    ($engine:ident) => {
        update!(
            $engine,
            concat!(
                "state = CASE WHEN r_state = 'queued' AND ",
                unwanted!(),
                " THEN 'withdrawn' ELSE r_state END,
                settled_ms = CASE WHEN r_state IN ('accepted', 'rejected') OR (r_state = 'queued' AND ",
                unwanted!(),
                ") THEN r_at END,
                due_ms = CASE WHEN r_state IN ('queued', 'unknown') THEN r_due ELSE due_ms END,
                offered_ms = CASE WHEN r_state = 'offered' THEN r_at ELSE offered_ms END,
                node = CASE WHEN r_state = 'offered' THEN node END,
                attempts = attempts + CASE WHEN r_state = 'offered' THEN 0 ELSE 1 END,
                relay = r_relay,
                reply_code = CASE WHEN r_state = 'offered' THEN reply_code ELSE r_code END,
                reply_text = CASE WHEN r_state = 'offered' THEN reply_text ELSE ",
                kept!("r_text"),
                " END"
            ),
            concat!(
                "IN ('claimed', 'offered')
                AND (r_state <> 'offered' OR NOT ",
                unwanted!(),
                ") AND (r_state <> 'unknown' OR deliveries.state = 'offered')"
            )
        )
    };
}

// What is offered can be given back, too: its holder, and nobody else, knows that the content was not sent.
macro_rules! give_back {
    ($engine:ident) => {
        update!(
            $engine,
            concat!(
                "state = CASE WHEN ",
                unwanted!(),
                " THEN 'withdrawn' ELSE 'queued' END, settled_ms = CASE WHEN ",
                unwanted!(),
                " THEN r_at END, node = NULL"
            ),
            "IN ('claimed', 'offered')"
        )
    };
}

/// SQL: holds the readers, or the issues, of lines that are queued again as they are. Leaving and cancelling withdraw
/// what is queued, and must see what we queue; in their order, and before any line, so that nobody waits in a circle.
/// SQLite has one writer, and it is us.
macro_rules! hold_wants {
    ($table:literal, $column:literal) => {
        concat!(
            "SELECT w.id FROM ",
            $table,
            " w WHERE w.id IN (SELECT d.",
            $column,
            " FROM deliveries d WHERE d.id IN (SELECT CAST(e ->> 0 AS BIGINT)
                FROM jsonb_array_elements(CAST($1 AS JSONB)) e)) ORDER BY w.id FOR SHARE OF w"
        )
    };
}

/// SQL: takes a parameter and does nothing.
macro_rules! nothing {
    () => {
        "SELECT 0 WHERE $1 IS NULL"
    };
}

/// Holds what decides whether lines that are queued again are wanted; see `hold_wants`.
macro_rules! hold_wants_of {
    ($db:ident, $sql:ident, $lines:expr) => {
        for statement in [$crate::store::results::HOLD_ISSUES, $crate::store::results::HOLD_READERS] {
            sqlx::query($sql(statement)).bind($lines).execute(&mut *$db).await?;
        }
    };
}
pub(super) use hold_wants_of;

statements! {
    HOLD_ISSUES = { PerEngine { sqlite: nothing!(), postgres: hold_wants!("issues", "issue_id") } }
    HOLD_READERS = { PerEngine { sqlite: nothing!(), postgres: hold_wants!("subscribers", "subscriber_id") } }
    WRITE_DOWN = { PerEngine { sqlite: write_down!(sqlite), postgres: write_down!(postgres) } }
    GIVE_BACK = { PerEngine { sqlite: give_back!(sqlite), postgres: give_back!(postgres) } }
}

impl Store {
    /// Records results and marks claims as offered, durably and in one transaction. A line that is no longer held by
    /// whoever writes it is left alone, and is missing from what is returned. So is an offer nobody wants any more,
    /// because the issue was cancelled or the reader has left since the claim: its message must not be completed.
    pub async fn write_down(
        &self,
        results: &[Attempted],
        offers: &[Offer],
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        let mut lines: Vec<Value> = results.iter().map(|result| result.line(now)).collect();
        lines.extend(offers.iter().map(|offer| offer.line(now)));
        if lines.is_empty() {
            return Ok(Written::default());
        }
        let lines = Value::Array(lines).to_string();
        pass(results, offers, ["offer.before_commit", "result.before_commit"]);
        let ids: Vec<(i64, i64)> = if results.iter().any(|result| matches!(result.entry, Entry::Later(..))) {
            in_tx!(self, |db, sql| {
                hold_wants_of!(db, sql, &lines);
                Ok(sqlx::query_as(sql(WRITE_DOWN)).bind(&lines).fetch_all(&mut *db).await?)
            })?
        } else {
            // One statement is a transaction of its own. All its rows are fetched, because on SQLite it commits with the
            // last.
            write!(self, |db, sql| sqlx::query_as(sql(WRITE_DOWN)).bind(lines).fetch_all(&mut *db).await?)
        };
        pass(results, offers, ["offer.after_commit", "result.after_commit"]);
        let written: HashSet<(i64, i64)> = ids.into_iter().collect();
        let of = |holds: &mut dyn Iterator<Item = &Hold>| {
            holds.map(|hold| (hold.id.0, hold.fence)).filter(|hold| written.contains(hold)).collect()
        };
        Ok(Written {
            recorded: of(&mut results.iter().map(|result| &result.hold)),
            offered: of(&mut offers.iter().map(|offer| &offer.hold)),
        })
    }

    /// Gives back claims whose content was certainly not sent.
    pub async fn give_back(&self, holds: &[Hold], now: Timestamp) -> Result<(), StoreError> {
        let lines = holds.iter().map(|hold| line(hold, DeliveryState::Queued, None, None, now)).collect();
        let lines = Value::Array(lines).to_string();
        in_tx!(self, |db, sql| {
            hold_wants_of!(db, sql, &lines);
            sqlx::query(sql(GIVE_BACK)).bind(lines).execute(&mut *db).await?;
            crash::point("give_back.before_commit");
            Ok(())
        })?;
        crash::point("give_back.after_commit");
        Ok(())
    }
}

/// Comes by the crash points of what is written.
fn pass(results: &[Attempted], offers: &[Offer], [offer, result]: [&'static str; 2]) {
    if !offers.is_empty() {
        crash::point(offer);
    }
    if !results.is_empty() {
        crash::point(result);
    }
}

impl Attempted {
    fn line(&self, now: Timestamp) -> Value {
        let (state, due, reply) = match &self.entry {
            Entry::Accepted(reply) => (DeliveryState::Accepted, None, reply),
            Entry::Rejected(reply) => (DeliveryState::Rejected, None, reply),
            Entry::Later(reply, due) => (DeliveryState::Queued, Some(*due), reply),
            Entry::Unknown(reply, due) => (DeliveryState::Unknown, *due, reply),
        };
        line(&self.hold, state, due, Some((&self.relay, Some(reply))), now)
    }
}

impl Offer {
    fn line(&self, now: Timestamp) -> Value {
        line(&self.hold, DeliveryState::Offered, None, Some((&self.relay, None)), now)
    }
}

/// Returns a line in the order in which `lines!` reads it.
fn line(
    hold: &Hold,
    state: DeliveryState,
    due: Option<Timestamp>,
    said: Option<(&str, Option<&Reply>)>,
    now: Timestamp,
) -> Value {
    let reply = said.and_then(|(_, reply)| reply);
    json!([
        hold.id.0,
        &*hold.node,
        hold.fence,
        state.as_str(),
        due.map(Timestamp::as_millisecond),
        said.map(|(relay, _)| relay),
        reply.and_then(|reply| reply.code),
        reply.map(|reply| &reply.text),
        now.as_millisecond(),
    ])
}
