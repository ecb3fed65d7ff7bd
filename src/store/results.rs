//! What became of claims: offered, and how each attempt ended. Many of them in one transaction, because a commit waits
//! for the disk, and the disk takes as long for one line as for a hundred.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::deliveries::unwanted;
use super::sql::{in_tx, statements};
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
        concat!("CASE WHEN subscriber_id IS NULL AND kind <> 'test' THEN NULL ELSE ", $words, " END")
    };
}

/// SQL: the lines bound as `$1`, a JSON array of arrays, as a table.
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
        FROM jsonb_array_elements(CAST($1 AS JSONB)) e) r"
    };
}

/// SQL: whose line it is.
macro_rules! held {
    () => {
        " WHERE deliveries.id = r_id AND deliveries.node = r_node AND deliveries.fence = r_fence AND deliveries.state "
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

// A caller whose commit was made and whose answer was lost writes the same once more: what it has offered already is
// offered.
macro_rules! offer {
    ($engine:ident) => {
        update!(
            $engine,
            "state = 'offered', offered_ms = r_at, relay = r_relay",
            concat!("IN ('claimed', 'offered') AND NOT ", unwanted!())
        )
    };
}

macro_rules! settle {
    ($engine:ident) => {
        update!(
            $engine,
            concat!(
                "state = r_state, settled_ms = r_at, relay = r_relay, reply_code = r_code, reply_text = ",
                kept!("r_text"),
                ", node = NULL, attempts = attempts + 1"
            ),
            "IN ('claimed', 'offered')"
        )
    };
}

macro_rules! requeue {
    ($engine:ident) => {
        update!(
            $engine,
            concat!(
                "state = CASE WHEN ",
                unwanted!(),
                " THEN 'withdrawn' ELSE 'queued' END, settled_ms = CASE WHEN ",
                unwanted!(),
                " THEN r_at END, due_ms = r_due, relay = r_relay, reply_code = r_code, reply_text = ",
                kept!("r_text"),
                ", node = NULL, attempts = attempts + 1"
            ),
            "IN ('claimed', 'offered')"
        )
    };
}

macro_rules! doubt {
    ($engine:ident) => {
        update!(
            $engine,
            concat!(
                "state = 'unknown', due_ms = r_due, relay = r_relay, reply_code = r_code, reply_text = ",
                kept!("r_text"),
                ", node = NULL, attempts = attempts + 1"
            ),
            "= 'offered'"
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
    OFFER = { PerEngine { sqlite: offer!(sqlite), postgres: offer!(postgres) } }
    SETTLE = { PerEngine { sqlite: settle!(sqlite), postgres: settle!(postgres) } }
    REQUEUE = { PerEngine { sqlite: requeue!(sqlite), postgres: requeue!(postgres) } }
    DOUBT = { PerEngine { sqlite: doubt!(sqlite), postgres: doubt!(postgres) } }
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
        let (mut settled, mut later, mut doubted) = (Vec::new(), Vec::new(), Vec::new());
        for result in results {
            match result.entry {
                Entry::Accepted(_) | Entry::Rejected(_) => settled.push(result.line(now)),
                Entry::Later(..) => later.push(result.line(now)),
                Entry::Unknown(..) => doubted.push(result.line(now)),
            }
        }
        let offered =
            offers.iter().map(|offer| line(&offer.hold, None, None, Some((&offer.relay, None)), now)).collect();
        let written = in_tx!(self, |db, sql| {
            let mut written = Written::default();
            if !later.is_empty() {
                hold_wants_of!(db, sql, Value::Array(later.clone()).to_string());
            }
            for (statement, lines, offers) in
                [(SETTLE, settled, false), (REQUEUE, later, false), (DOUBT, doubted, false), (OFFER, offered, true)]
            {
                if lines.is_empty() {
                    continue;
                }
                let lines = Value::Array(lines).to_string();
                let ids: Vec<(i64, i64)> = sqlx::query_as(sql(statement)).bind(lines).fetch_all(&mut *db).await?;
                let done = if offers { &mut written.offered } else { &mut written.recorded };
                done.extend(ids);
            }
            pass(&written, ["offer.before_commit", "result.before_commit"]);
            Ok(written)
        })?;
        pass(&written, ["offer.after_commit", "result.after_commit"]);
        Ok(written)
    }

    /// Gives back claims whose content was certainly not sent.
    pub async fn give_back(&self, holds: &[Hold], now: Timestamp) -> Result<(), StoreError> {
        let lines = holds.iter().map(|hold| line(hold, None, None, None, now)).collect();
        let lines = Value::Array(lines).to_string();
        in_tx!(self, |db, sql| {
            hold_wants_of!(db, sql, &lines);
            sqlx::query(sql(GIVE_BACK)).bind(lines).execute(&mut *db).await?;
            Ok(())
        })
    }
}

/// Comes by the crash points of what was written.
fn pass(written: &Written, [offers, results]: [&'static str; 2]) {
    if !written.offered.is_empty() {
        crash::point(offers);
    }
    if !written.recorded.is_empty() {
        crash::point(results);
    }
}

impl Attempted {
    fn line(&self, now: Timestamp) -> Value {
        let (state, due, reply) = match &self.entry {
            Entry::Accepted(reply) => (Some(DeliveryState::Accepted), None, reply),
            Entry::Rejected(reply) => (Some(DeliveryState::Rejected), None, reply),
            Entry::Later(reply, due) => (None, Some(*due), reply),
            Entry::Unknown(reply, due) => (None, *due, reply),
        };
        line(&self.hold, state, due, Some((&self.relay, Some(reply))), now)
    }
}

/// Returns a line in the order in which `lines!` reads it.
fn line(
    hold: &Hold,
    state: Option<DeliveryState>,
    due: Option<Timestamp>,
    said: Option<(&str, Option<&Reply>)>,
    now: Timestamp,
) -> Value {
    let reply = said.and_then(|(_, reply)| reply);
    json!([
        hold.id.0,
        &*hold.node,
        hold.fence,
        state.map(DeliveryState::as_str),
        due.map(Timestamp::as_millisecond),
        said.map(|(relay, _)| relay),
        reply.and_then(|reply| reply.code),
        reply.map(|reply| &reply.text),
        now.as_millisecond(),
    ])
}
