//! How fast mail may leave, as all nodes see it. The rules are `domain::pace`'s; here they are applied to rows that are
//! locked for as long as it takes, so that several nodes together are granted no more than one would be.

use jiff::{SignedDuration, Timestamp};

use super::row::{moment, word};
use super::sql::{in_tx, read, statements, write};
use super::{Store, StoreError};
use crate::domain::pace::{FORGOTTEN, Pace, Rate, Slowed, Spent};

macro_rules! lock_pace {
    ($lock:literal) => {
        concat!(
            "SELECT key, paid_us, slowed_per_hour, slowed_from_per_hour, slowed_ms, changed_ms, paused_until_ms, pauses,
                why
            FROM paces WHERE key = $1",
            $lock
        )
    };
}

statements! {
    /// On SQLite there is one writer, and it is us.
    LOCK_PACE = { PerEngine { sqlite: lock_pace!(""), postgres: lock_pace!(" FOR UPDATE") } }
    ADD_PACE = { "INSERT INTO paces (key, paid_us) VALUES ($1, 0) ON CONFLICT (key) DO NOTHING" }
    WRITE_PACE = { "UPDATE paces SET paid_us = $2, slowed_per_hour = $3, slowed_from_per_hour = $4, slowed_ms = $5,
            changed_ms = $6, paused_until_ms = $7, pauses = $8, why = $9 WHERE key = $1" }
    PACES = { "SELECT key, paid_us, slowed_per_hour, slowed_from_per_hour, slowed_ms, changed_ms, paused_until_ms, pauses,
            why
        FROM paces ORDER BY key" }
    /// A domain may be one person's, so that its row does not stay for ever.
    FORGET_PACES = { "DELETE FROM paces WHERE paid_us < $1 AND (changed_ms IS NULL OR changed_ms < $2)" }
    SENDING_NODES = { "SELECT COUNT(*) FROM nodes WHERE lease_until_ms > $1" }
    SENT_ON = { "SELECT sent FROM warm_up_days WHERE day = $1" }
    /// Takes the row's lock, and makes the row.
    BEGIN_DAY = { "INSERT INTO warm_up_days (day, sent) VALUES ($1, 0)
        ON CONFLICT (day) DO UPDATE SET sent = warm_up_days.sent RETURNING sent" }
    COUNT_SENT = { "UPDATE warm_up_days SET sent = CASE WHEN sent + $2 < 0 THEN 0 ELSE sent + $2 END WHERE day = $1" }
}

/// Mails that want to leave under one pace.
#[derive(Debug, Clone)]
pub struct PaceRequest {
    /// The pace; see [`crate::domain::pace::PaceKey`].
    pub key: String,
    /// What the operator configured; `None` is no limit.
    pub limit: Option<Rate>,
    /// How many want to leave.
    pub wanted: u32,
    /// Whether mail was taken since the last request: a pace that is slowed down then speeds up.
    pub went_well: bool,
}

/// What was granted.
#[derive(Debug, Clone)]
pub struct PaceGrant {
    /// The pace.
    pub key: String,
    limit: Option<Rate>,
    /// How many mails may leave.
    pub mails: u32,
    /// When the next one may.
    pub ready: Timestamp,
    /// Whether the pace is slowed down.
    pub slowed: bool,
    spent: Spent,
}

/// A day of the warm-up plan, and how many mails may leave on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayLimit {
    /// The day, as 2026-12-01.
    pub day: String,
    /// How many mails.
    pub limit: u64,
}

/// What may leave under several paces at once.
#[derive(Debug, Clone)]
pub struct Allowance {
    /// How many mails.
    pub mails: u32,
    /// Of these, how many were counted for the day; `None` if the day's number is used up. Then only what the day does
    /// not hold up may leave.
    pub of_the_day: Option<u32>,
    /// What each pace granted.
    pub grants: Vec<PaceGrant>,
}

#[derive(sqlx::FromRow)]
struct PaceRow {
    key: String,
    paid_us: i64,
    slowed_per_hour: Option<i64>,
    slowed_from_per_hour: Option<i64>,
    slowed_ms: Option<i64>,
    changed_ms: Option<i64>,
    paused_until_ms: Option<i64>,
    pauses: Option<i64>,
    why: Option<String>,
}

impl TryFrom<PaceRow> for Pace {
    type Error = StoreError;

    fn try_from(row: PaceRow) -> Result<Self, StoreError> {
        const TABLE: &str = "paces";
        let rate = |column, n: i64| {
            word(TABLE, column, &n.to_string(), |_| u64::try_from(n).ok().filter(|n| *n > 0).map(Rate::per_hour))
        };
        let slowed = match row.slowed_per_hour {
            None => None,
            Some(per_hour) => Some(Slowed {
                rate: rate("slowed_per_hour", per_hour)?,
                from: rate("slowed_from_per_hour", row.slowed_from_per_hour.unwrap_or(per_hour))?,
                since: moment(TABLE, "slowed_ms", row.slowed_ms.unwrap_or_default())?,
                changed: moment(TABLE, "changed_ms", row.changed_ms.unwrap_or_default())?,
                paused_until: row.paused_until_ms.map(|ms| moment(TABLE, "paused_until_ms", ms)).transpose()?,
                pauses: row.pauses.and_then(|n| u32::try_from(n).ok()).unwrap_or_default(),
                why: row.why.unwrap_or_default(),
            }),
        };
        Ok(Self { key: row.key, paid_us: row.paid_us, slowed })
    }
}

/// Locks the paces of these keys, which must be in order and each there once, lets `$change` work on them, and writes
/// those that it has changed.
macro_rules! change_paces {
    ($db:ident, $sql:ident, $keys:expr, $change:expr) => {{
        let mut paces: Vec<Pace> = Vec::new();
        for key in $keys {
            let found: Option<PaceRow> = sqlx::query_as($sql(LOCK_PACE)).bind(key).fetch_optional(&mut *$db).await?;
            let row = match found {
                Some(row) => row,
                None => {
                    sqlx::query($sql(ADD_PACE)).bind(key).execute(&mut *$db).await?;
                    sqlx::query_as($sql(LOCK_PACE)).bind(key).fetch_one(&mut *$db).await?
                }
            };
            paces.push(row.try_into()?);
        }
        let before = paces.clone();
        let value = $change(&mut paces[..]);
        for pace in paces.iter().zip(&before).filter(|(pace, before)| pace != before).map(|(pace, _)| pace) {
            let slowed = pace.slowed.as_ref();
            sqlx::query($sql(WRITE_PACE))
                .bind(&pace.key)
                .bind(pace.paid_us)
                .bind(slowed.map(|slowed| stored_rate(slowed.rate)))
                .bind(slowed.map(|slowed| stored_rate(slowed.from)))
                .bind(slowed.map(|slowed| slowed.since.as_millisecond()))
                .bind(slowed.map(|slowed| slowed.changed.as_millisecond()))
                .bind(slowed.and_then(|slowed| slowed.paused_until).map(Timestamp::as_millisecond))
                .bind(slowed.map(|slowed| i64::from(slowed.pauses)))
                .bind(slowed.map(|slowed| slowed.why.as_str()))
                .execute(&mut *$db)
                .await?;
        }
        value
    }};
}

impl Store {
    /// Takes what each of `requests` may have by itself, in one transaction. The grants come in the order of the keys.
    pub async fn take_paces(&self, requests: &[PaceRequest], now: Timestamp) -> Result<Vec<PaceGrant>, StoreError> {
        let requests = in_order(requests);
        in_tx!(self, |db, sql| {
            let take = |paces: &mut [Pace]| -> Vec<PaceGrant> {
                paces.iter_mut().zip(&requests).map(|(pace, request)| grant(pace, request, u32::MAX, now)).collect()
            };
            Ok(change_paces!(db, sql, requests.iter().map(|request| &request.key), take))
        })
    }

    /// Takes mails that are under all of `requests` at once, and under the day's limit, in one transaction: as many as
    /// the narrowest of them lets through.
    pub async fn take_together(
        &self,
        requests: &[PaceRequest],
        wanted: u32,
        day: Option<&DayLimit>,
        now: Timestamp,
    ) -> Result<Allowance, StoreError> {
        let requests = in_order(requests);
        in_tx!(self, |db, sql| {
            let mut most = wanted;
            let mut left = None;
            if let Some(day) = day {
                let sent: i64 = sqlx::query_scalar(sql(BEGIN_DAY)).bind(&day.day).fetch_one(&mut *db).await?;
                let rest = day.limit.saturating_sub(u64::try_from(sent).unwrap_or_default());
                left = Some(rest).filter(|rest| *rest > 0);
                most = left.map_or(most, |left| u32::try_from(left).unwrap_or(u32::MAX).min(most));
            }
            let take = |paces: &mut [Pace]| -> (u32, Vec<PaceGrant>) {
                let free = |(pace, request): (&Pace, &PaceRequest)| pace.available(request.limit, most, now);
                let mails = paces.iter().zip(&requests).map(free).min().unwrap_or(most);
                let all = paces.iter_mut().zip(&requests);
                (mails, all.map(|(pace, request)| grant(pace, request, mails, now)).collect())
            };
            let (mails, grants) = change_paces!(db, sql, requests.iter().map(|request| &request.key), take);
            let of_the_day = match (day, left) {
                (Some(day), Some(_)) => {
                    sqlx::query(sql(COUNT_SENT)).bind(&day.day).bind(i64::from(mails)).execute(&mut *db).await?;
                    Some(mails)
                }
                (Some(_), None) => None,
                (None, _) => Some(0),
            };
            Ok(Allowance { mails, of_the_day, grants })
        })
    }

    /// Gives back what was not used of grants, each with how many of its mails were. What others have been granted
    /// since cannot be undone; then the rest is lost, and no rate is exceeded.
    pub async fn give_back_paces(&self, unused: &[(PaceGrant, u32)]) -> Result<(), StoreError> {
        let mut unused: Vec<&(PaceGrant, u32)> = unused.iter().filter(|(grant, used)| *used < grant.mails).collect();
        if unused.is_empty() {
            return Ok(());
        }
        unused.sort_by(|(a, _), (b, _)| a.key.cmp(&b.key));
        unused.dedup_by(|(a, _), (b, _)| a.key == b.key);
        in_tx!(self, |db, sql| {
            let give_back = |paces: &mut [Pace]| {
                for (pace, (grant, used)) in paces.iter_mut().zip(&unused) {
                    pace.unspend(grant.limit, &grant.spent, *used);
                }
            };
            change_paces!(db, sql, unused.iter().map(|(grant, _)| &grant.key), give_back);
            Ok(())
        })
    }

    /// Corrects how many mails were handed over on a day.
    pub async fn count_day(&self, day: &str, more: i64) -> Result<(), StoreError> {
        write!(self, |db, sql| {
            sqlx::query(sql(COUNT_SENT)).bind(day).bind(more).execute(&mut *db).await?.rows_affected()
        });
        Ok(())
    }

    /// Returns how many mails of issues were handed over on a day.
    pub async fn sent_on(&self, day: &str) -> Result<u64, StoreError> {
        let sent: Option<i64> =
            read!(self, |db, sql| sqlx::query_scalar(sql(SENT_ON)).bind(day).fetch_optional(&mut *db).await?);
        Ok(sent.and_then(|sent| u64::try_from(sent).ok()).unwrap_or_default())
    }

    /// Slows a pace down after a complaint in the words `why`. `getting` is what this node has been getting through a
    /// minute; the others are taken to get as much each. Returns what became of it, or `None` if the complaint came too
    /// soon after the last one to count.
    pub async fn slow_pace(
        &self,
        key: &str,
        limit: Option<Rate>,
        getting_per_minute: u32,
        why: &str,
        now: Timestamp,
    ) -> Result<Option<Pace>, StoreError> {
        in_tx!(self, |db, sql| {
            let nodes: i64 =
                sqlx::query_scalar(sql(SENDING_NODES)).bind(now.as_millisecond()).fetch_one(&mut *db).await?;
            let nodes = u32::try_from(nodes).unwrap_or(1).max(1);
            let getting = Rate::per_minute(getting_per_minute.saturating_mul(nodes));
            let slow_down = |paces: &mut [Pace]| {
                let [pace] = paces else { return None };
                pace.slow_down(limit, getting, why, now).then(|| pace.clone())
            };
            Ok(change_paces!(db, sql, [key], slow_down))
        })
    }

    /// Deletes the rows that say nothing any more: all granted is long paid for, and what was learnt is too old to count.
    /// Returns how many.
    pub async fn forget_paces(&self, now: Timestamp) -> Result<u64, StoreError> {
        let yesterday = now - SignedDuration::from_hours(24);
        let learnt_since = now - SignedDuration::try_from(FORGOTTEN).expect("some weeks fit into a duration");
        Ok(write!(self, |db, sql| sqlx::query(sql(FORGET_PACES))
            .bind(yesterday.as_microsecond())
            .bind(learnt_since.as_millisecond())
            .execute(&mut *db)
            .await?
            .rows_affected()))
    }

    /// Returns every pace there is a row of, by key.
    pub async fn paces(&self) -> Result<Vec<Pace>, StoreError> {
        let rows: Vec<PaceRow> = read!(self, |db, sql| sqlx::query_as(sql(PACES)).fetch_all(&mut *db).await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

fn grant(pace: &mut Pace, request: &PaceRequest, at_most: u32, now: Timestamp) -> PaceGrant {
    pace.forget(now);
    if request.went_well {
        pace.speed_up(request.limit, now);
    }
    let mails = pace.available(request.limit, request.wanted.min(at_most), now);
    let spent = pace.spend(request.limit, mails, now);
    PaceGrant {
        key: request.key.clone(),
        limit: request.limit,
        mails,
        ready: pace.ready(request.limit, now),
        slowed: pace.slowed.is_some(),
        spent,
    }
}

/// Everybody locks rows in the same order, so that nobody waits for somebody who waits for them.
fn in_order(requests: &[PaceRequest]) -> Vec<PaceRequest> {
    let mut requests = requests.to_vec();
    requests.sort_by(|a, b| a.key.cmp(&b.key));
    requests.dedup_by(|a, b| a.key == b.key);
    requests
}

fn stored_rate(rate: Rate) -> i64 {
    i64::try_from(rate.an_hour()).unwrap_or(i64::MAX)
}
