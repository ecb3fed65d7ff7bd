//! `deliveries pace`: how fast mail may leave, and why no faster.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::cli::exit::{Exit, Outcome};
use crate::cli::output::{Output, table};
use crate::cli::words::{Wall, digits};
use crate::domain::pace::{Pace, PaceKey, Rate};

/// Everything that has a limit, or was given one.
#[derive(Serialize)]
struct Paces {
    paces: Vec<Line>,
    warm_up: Option<WarmUpDay>,
}

#[derive(Serialize)]
struct Line {
    /// `installation`, `relay` or `domain`.
    of: &'static str,
    name: String,
    /// What is configured; none is no limit.
    limit_per_minute: Option<f64>,
    /// What is in force.
    now_per_minute: Option<f64>,
    /// How many deliveries wait for their turn.
    waiting: i64,
    slowed_since: Option<Timestamp>,
    /// Until when nothing is sent at all.
    paused_until: Option<Timestamp>,
    /// The codes of the complaint.
    why: Option<String>,
}

/// Where the warm-up stands.
#[derive(Serialize)]
struct WarmUpDay {
    day: String,
    /// How many mails of issues may leave on it; none once the warm-up is over.
    limit: Option<u64>,
    sent: u64,
}

pub(super) async fn show(app: &App, out: &Output) -> Outcome {
    let now = app.clock.now();
    let mut stored: BTreeMap<String, Pace> =
        app.store.paces().await?.into_iter().map(|pace| (pace.key.clone(), pace)).collect();
    let mut waiting = app.store.lane_lengths().await?;
    let config = &app.config;

    let mut paces = vec![line(&PaceKey::Installation, config.delivery.rate_per_minute, &mut stored, &mut waiting, now)];
    for relay in &config.relays {
        paces.push(line(&PaceKey::Relay(&relay.name), relay.rate_per_minute, &mut stored, &mut waiting, now));
    }
    let slowed =
        stored.values().filter(|pace| pace.slowed.is_some()).filter_map(|pace| match PaceKey::from_stored(&pace.key) {
            Some(PaceKey::Domain(domain)) => Some((domain.to_owned(), 0)),
            _ => None,
        });
    let mut domains: BTreeMap<String, u32> = slowed.chain(waiting.keys().map(|domain| (domain.clone(), 0))).collect();
    domains.extend(config.delivery.domains.iter().map(|(domain, per_minute)| (domain.clone(), *per_minute)));
    for (domain, per_minute) in domains {
        paces.push(line(&PaceKey::Domain(&domain), per_minute, &mut stored, &mut waiting, now));
    }

    let warm_up = match &config.delivery.warm_up {
        None => None,
        Some(plan) => {
            let day = now.to_zoned_datetime(config.first_zone()).date();
            let sent = app.store.sent_on(&day.to_string()).await?;
            Some(WarmUpDay { day: day.to_string(), limit: plan.limit_on(day), sent })
        }
    };
    let wall = Wall::of(config, None);
    out.answer(&Paces { paces, warm_up }, |paces| in_words(paces, &wall))?;
    Ok(Exit::Done)
}

fn line(
    key: &PaceKey<'_>,
    per_minute: u32,
    stored: &mut BTreeMap<String, Pace>,
    waiting: &mut BTreeMap<String, i64>,
    now: Timestamp,
) -> Line {
    let limit = Rate::per_minute(per_minute);
    let mut pace = stored.remove(&key.stored()).unwrap_or_else(|| Pace::new(key.stored()));
    pace.forget(now);
    let (of, name) = match key {
        PaceKey::Installation => ("installation", ""),
        PaceKey::Relay(name) => ("relay", *name),
        PaceKey::Domain(domain) => ("domain", *domain),
    };
    let (rate, paused_until) = (pace.rate(limit), pace.pause_end(now));
    Line {
        of,
        name: name.to_owned(),
        limit_per_minute: limit.map(a_minute),
        now_per_minute: rate.map(a_minute),
        waiting: if of == "domain" { waiting.remove(name).unwrap_or_default() } else { 0 },
        slowed_since: pace.slowed.as_ref().map(|slowed| slowed.since),
        paused_until,
        why: pace.slowed.map(|slowed| slowed.why),
    }
}

fn in_words(paces: &Paces, wall: &Wall) -> String {
    let rows = paces.paces.iter().map(|line| {
        let rate = |rate: Option<f64>| rate.map_or_else(|| "-".to_owned(), |rate| rate.to_string());
        let state = match (line.paused_until, line.slowed_since) {
            (Some(end), _) => format!("paused until {}", wall.at(end)),
            (None, Some(since)) => format!("slowed since {}", wall.at(since)),
            (None, None) => "-".to_owned(),
        };
        let name = if line.name.is_empty() { "-".to_owned() } else { line.name.clone() };
        let why = line.why.clone().unwrap_or_default();
        [
            line.of.to_owned(),
            name,
            rate(line.limit_per_minute),
            rate(line.now_per_minute),
            digits(line.waiting),
            state,
            why,
        ]
    });
    let mut text =
        table(["of", "name", "limit a minute", "now a minute", "waiting", "state", "reason"], rows.collect(), "");
    if let Some(day) = &paces.warm_up {
        let limit =
            day.limit.map_or_else(|| "no limit any more".to_owned(), |limit| format!("{} at most", digits(limit)));
        let sent = digits(day.sent);
        text.push_str(&format!("\nWarm-up on {}: {sent} mails of issues so far, {limit}.\n", day.day));
    }
    text
}

fn a_minute(rate: Rate) -> f64 {
    // An hour's number is far below 2^32, and one place behind the point is enough for anybody.
    let tenths = u32::try_from(rate.an_hour() / 6).unwrap_or(u32::MAX);
    f64::from(tenths) / 10.0
}
