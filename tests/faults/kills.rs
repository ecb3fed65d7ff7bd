//! R1: the sender dies at random moments and at every named place.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kawaraban::crash::POINTS;
use kawaraban::domain::delivery::OnUnknown;
use kawaraban::smtpd::Answer;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::kit::house::{Engine, House, Plan};
use crate::kit::report::{dice, report, sized};
use crate::kit::server::{At, FaultServer};
use crate::kit::truth::Truth;

const CONNECTIONS: usize = 4;

struct Size {
    recipients: usize,
    kills: usize,
    /// How often the process dies at each crash point.
    each_point: usize,
}

/// A relay that needs a little while for each message, so that the moments between two commits are there to be hit.
async fn unhurried_relay() -> FaultServer {
    FaultServer::plain(|moment| match moment.at {
        At::Dot => Answer::Stall(Duration::from_millis(3)),
        _ => Answer::Usual,
    })
    .await
}

async fn die_again_and_again(engine: Engine, on_unknown: OnUnknown) {
    let size = sized(
        Size { recipients: 400, kills: 8, each_point: 1 },
        Size { recipients: 10_000, kills: 200, each_point: 3 },
    );
    let name = format!("{engine:?}, {on_unknown:?}");
    let mut dice = dice(&format!("R1 {name}"));
    let plan = Plan { on_unknown, connections: CONNECTIONS, ..Plan::new(engine, size.recipients) };
    let mut house = House::new(plan, unhurried_relay().await).await;
    let mut truth = Truth::default();
    let begun = Instant::now();
    let rounds = size.kills + POINTS.len() * size.each_point;
    let mut deaths: Vec<Option<&str>> = POINTS.iter().flat_map(|point| vec![Some(*point); size.each_point]).collect();
    deaths.resize(rounds, None);
    shuffle(&mut deaths, &mut dice);

    let (mut kills, mut struck) = (0, BTreeMap::<&str, usize>::new());
    for (round, death) in deaths.into_iter().enumerate() {
        let left = size.recipients.saturating_sub(house.relay.journal.len()) / (rounds - round + 1);
        let away = house.leave_alone().await;
        match death {
            Some(point) => {
                if die_at(away.house(), point, dice.random_range(0..=4)).await {
                    *struck.entry(point).or_default() += 1;
                }
            }
            None => {
                kill_somewhen(away.house(), left, &mut dice).await;
                kills += 1;
            }
        }
        away.come_back().await;
        truth.look(&house).await;
        house.database.expire_leases().await;
    }
    let sender = house.sender("");
    house.finished(Duration::from_secs(120)).await;
    assert_eq!(sender.stop().await, Some(0), "{}", house.log());

    let verdict = truth.judge(&house).await;
    let crashes = kills + struck.values().sum::<usize>();
    report(
        "R1",
        &name,
        &format!(
            "{} recipients, {kills} SIGKILLs, {} deaths at {} of {} crash points, lost {}, duplicates {} \
             (bound {}), unknown {}, offered at a death {} (at most {} at once), {:.0} s",
            verdict.recipients,
            struck.values().sum::<usize>(),
            struck.len(),
            POINTS.len(),
            verdict.lost,
            verdict.duplicates,
            crashes * CONNECTIONS,
            verdict.unknown,
            truth.offered,
            truth.most_offered,
            begun.elapsed().as_secs_f64(),
        ),
    );
    assert_eq!(verdict.lost, 0);
    assert_eq!(verdict.accepted + verdict.unknown, verdict.recipients);
    assert!(truth.most_offered <= CONNECTIONS, "{} lines were offered at once", truth.most_offered);
    assert!(verdict.duplicates <= crashes * CONNECTIONS);
    let missing: Vec<_> = POINTS.iter().filter(|point| !struck.contains_key(*point)).collect();
    assert!(missing.is_empty(), "these crash points were never reached: {missing:?}");
    if on_unknown == OnUnknown::Park {
        assert_eq!(verdict.duplicates, 0);
    }
}

/// Lets the process die at the `nth` passing of a crash point. Returns whether it got there.
async fn die_at(house: &House, point: &str, nth: usize) -> bool {
    let mut sender = house.sender(&format!("{point}={nth}*off->return"));
    // The claims of a large batch take long to be sent, so a point may be passed rarely.
    let struck = sender.ends(Duration::from_secs(10)).await;
    match struck {
        Some(status) => {
            assert!(!status.success() && status.code().is_none(), "{point}: {status}\n{}", house.log());
            true
        }
        None => {
            sender.kill().await;
            false
        }
    }
}

/// Kills the process after it has sent up to twice `about` messages and a few milliseconds more, or while it starts.
async fn kill_somewhen(house: &House, about: usize, dice: &mut StdRng) {
    let sender = house.sender("");
    if dice.random_ratio(9, 10) {
        let more = dice.random_range(0..=2 * about);
        house.relay.journal.reaches(house.relay.journal.len() + more, Duration::from_secs(10)).await;
        tokio::time::sleep(Duration::from_micros(dice.random_range(0..6_000))).await;
    } else {
        tokio::time::sleep(Duration::from_millis(dice.random_range(0..300))).await;
    }
    sender.kill().await;
}

fn shuffle<T>(items: &mut [T], dice: &mut StdRng) {
    for last in (1..items.len()).rev() {
        items.swap(last, dice.random_range(0..=last));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_a_killed_sender_loses_nothing_and_repeats_only_what_was_offered() {
    die_again_and_again(Engine::Sqlite, OnUnknown::Resend).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_with_park_a_killed_sender_repeats_nothing() {
    die_again_and_again(Engine::Sqlite, OnUnknown::Park).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_a_killed_sender_loses_nothing_and_repeats_only_what_was_offered() {
    if Engine::postgres_is_there() {
        die_again_and_again(Engine::Postgres, OnUnknown::Resend).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_with_park_a_killed_sender_repeats_nothing() {
    if Engine::postgres_is_there() {
        die_again_and_again(Engine::Postgres, OnUnknown::Park).await;
    }
}
