//! Lanes: where deliveries to a domain wait that may not be sent to at full speed.
//!
//! A delivery is put into its domain's lane once, keeps its time and its place there, and is claimed when the domain's
//! pace has room. So a hundred thousand of them cost one write each, whatever becomes of the pace, and are in nobody's
//! way. A lane whose domain is free again runs dry at full speed.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::deliveries::unwanted;
use super::results::hold_wants_of;
use super::row::count;
use super::sql::{in_tx, read, statements};
use super::{Store, StoreError};
use crate::domain::delivery::Claim;

macro_rules! fill_lane {
    ($lock:literal) => {
        concat!(
            "UPDATE deliveries SET lane = $1 WHERE state = 'queued' AND lane IS NULL AND id IN (
                SELECT d.id FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id
                WHERE d.state = 'queued' AND d.id IN (
                    SELECT q.id FROM deliveries q WHERE q.state = 'queued' AND q.lane IS NULL AND q.due_ms <= $3
                    ORDER BY q.priority DESC, q.due_ms, q.id LIMIT $4)
                AND substr(s.address_key, length(s.address_key) - length($2) + 1) = $2",
            $lock,
            ")"
        )
    };
}

macro_rules! put_aside {
    ($held:literal) => {
        concat!(
            "UPDATE deliveries SET lane = $1, node = NULL,
                state = CASE WHEN ",
            unwanted!(),
            " THEN 'withdrawn' ELSE 'queued' END,
                settled_ms = CASE WHEN ",
            unwanted!(),
            " THEN CAST($4 AS BIGINT) END
            WHERE node = $2 AND state = 'claimed' AND (id, fence) IN (",
            $held,
            ")"
        )
    };
}

statements! {
    /// Looks no further than so many lines of the queue: what it finds no more than that the next call will.
    FILL_LANE = { PerEngine { sqlite: fill_lane!(""), postgres: fill_lane!(" FOR UPDATE OF d SKIP LOCKED") } }
    PUT_ASIDE = { PerEngine {
        sqlite: put_aside!("SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each($3)"),
        postgres: put_aside!("SELECT CAST(value->>0 AS BIGINT), CAST(value->>1 AS BIGINT)
            FROM json_array_elements(CAST($3 AS JSON))"),
    } }
    /// Jumps from lane to lane in the index instead of reading all that waits there.
    LANES = { "WITH RECURSIVE lanes (lane) AS (
            SELECT MIN(lane) FROM deliveries WHERE state = 'queued' AND lane IS NOT NULL
            UNION ALL
            SELECT (SELECT MIN(d.lane) FROM deliveries d
                WHERE d.state = 'queued' AND d.lane IS NOT NULL AND d.lane > lanes.lane)
            FROM lanes WHERE lanes.lane IS NOT NULL)
        SELECT lane FROM lanes WHERE lane IS NOT NULL" }
    LANE_LENGTHS = { "SELECT lane, COUNT(*) FROM deliveries WHERE state = 'queued' AND lane IS NOT NULL GROUP BY lane" }
}

impl Store {
    /// Puts what a node has claimed and may not send yet into the lane of its domain, with as much of the same domain as
    /// is found among the first `look_ahead` lines of the queue, in one transaction. It is no attempt. Returns how many
    /// lines were moved.
    pub async fn put_aside(
        &self,
        node: &str,
        by_domain: &BTreeMap<String, Vec<Claim>>,
        look_ahead: usize,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let all: Vec<[i64; 1]> = by_domain.values().flatten().map(|claim| [claim.id.0]).collect();
        let all = serde_json::to_string(&all).expect("numbers have a form in JSON");
        in_tx!(self, |db, sql| {
            let mut moved = 0;
            hold_wants_of!(db, sql, &all);
            for (domain, claims) in by_domain {
                let held: Vec<[i64; 2]> = claims.iter().map(|claim| [claim.id.0, claim.fence]).collect();
                let held = serde_json::to_string(&held).expect("numbers have a form in JSON");
                moved += sqlx::query(sql(PUT_ASIDE))
                    .bind(domain)
                    .bind(node)
                    .bind(held)
                    .bind(now.as_millisecond())
                    .execute(&mut *db)
                    .await?
                    .rows_affected();
                moved += sqlx::query(sql(FILL_LANE))
                    .bind(domain)
                    .bind(format!("@{domain}"))
                    .bind(now.as_millisecond())
                    .bind(count(look_ahead))
                    .execute(&mut *db)
                    .await?
                    .rows_affected();
            }
            Ok(moved)
        })
    }

    /// Returns the domains whose lanes hold something that is queued.
    pub async fn lanes(&self) -> Result<Vec<String>, StoreError> {
        Ok(read!(self, |db, sql| sqlx::query_scalar(sql(LANES)).fetch_all(&mut *db).await?))
    }

    /// Returns how much is queued in each lane.
    pub async fn lane_lengths(&self) -> Result<BTreeMap<String, i64>, StoreError> {
        let rows: Vec<(String, i64)> =
            read!(self, |db, sql| sqlx::query_as(sql(LANE_LENGTHS)).fetch_all(&mut *db).await?);
        Ok(rows.into_iter().collect())
    }
}
