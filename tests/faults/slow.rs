//! R7: relays that are slow, and relays that say nothing at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use kawaraban::clock::ManualClock;
use kawaraban::config::RelayConfig;
use kawaraban::mail::Deadlines;
use kawaraban::smtpd::Answer;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::kit::house::{Engine, House, Plan};
use crate::kit::report::{report, sized};
use crate::kit::server::{At, FaultServer};
use crate::kit::tempo::{Tempo, short_deadlines};
use crate::kit::truth::Truth;

/// The deadline of every step but the final dot in these tests: a second stands for five minutes.
const DEADLINE: Duration = Duration::from_secs(1);
/// What a worker may need beyond its deadline.
const BEYOND: Duration = Duration::from_secs(5);

fn start() -> Timestamp {
    "2026-11-26T23:00:00Z".parse().unwrap()
}

/// One connection falls into a black hole at `at`; the others go on, and it comes out again at its deadline.
async fn black_hole(at: At) -> (Duration, usize) {
    let relay = FaultServer::plain(move |moment| {
        let hole = moment.at == at && moment.peer.connection == 1;
        if hole { Answer::Stall(Duration::from_secs(60)) } else { Answer::Usual }
    })
    .await;
    let recipients = 24;
    let plan = Plan { now: start(), body_bytes: 60_000, ..Plan::new(Engine::Sqlite, recipients) };
    let house = House::new(plan, relay).await;
    let clock = Arc::new(ManualClock::at(start()));
    let tempo = Tempo::new(&house, &clock, short_deadlines(DEADLINE), house.plain_relay());
    let mut truth = Truth::default();
    let begun = Instant::now();
    tempo.settle(&house).await;
    let took = begun.elapsed();
    truth.look(&house).await;
    let others = house.relay.journal.since(0).iter().filter(|taken| taken.connection != 1).count();
    assert!(took < DEADLINE + BEYOND, "{at:?}: {took:?}");
    assert!(others > 0, "{at:?}: the other connections go on");
    tempo.run(&house, &mut truth, SignedDuration::from_hours(48)).await;
    let verdict = truth.judge(&house).await;
    assert_eq!((verdict.accepted, verdict.lost), (recipients, 0), "{at:?}");
    (took, verdict.duplicates)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_black_hole_takes_one_connection_for_one_deadline() {
    let mut cases = JoinSet::new();
    for at in [At::Greeting, At::Ehlo, At::Mail, At::Rcpt, At::Data, At::Body, At::Dot, At::Taken] {
        cases.spawn(black_hole(at));
    }
    let seen = cases.join_all().await;
    report(
        "R7",
        &format!("a black hole at {} steps, deadlines of {} s", seen.len(), DEADLINE.as_secs()),
        &format!(
            "the worker is free after {:.1} s at most, others go on, lost 0, duplicates {} (in doubt)",
            seen.iter().map(|(took, _)| *took).max().unwrap().as_secs_f64(),
            seen.iter().map(|(_, duplicates)| duplicates).sum::<usize>()
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_answers_just_in_time_is_not_given_up() {
    let relay = FaultServer::plain(|moment| match moment.at {
        // Nine tenths of the deadline below, as nine minutes are of ten.
        At::Dot => Answer::Stall(Duration::from_millis(1_800)),
        At::Greeting | At::Mail | At::Rcpt | At::Data => Answer::Stall(Duration::from_millis(300)),
        _ => Answer::Usual,
    })
    .await;
    let plan = Plan { now: start(), connections: 8, ..Plan::new(Engine::Sqlite, 16) };
    let house = House::new(plan, relay).await;
    let deadlines = Deadlines { final_dot: Duration::from_secs(2), ..short_deadlines(DEADLINE) };
    let tempo = Tempo::new(&house, &Arc::new(ManualClock::at(start())), deadlines, house.plain_relay());
    let mut truth = Truth::default();
    let took = tempo.run(&house, &mut truth, SignedDuration::from_secs(1)).await;
    let verdict = truth.judge(&house).await;
    assert_eq!((verdict.accepted, verdict.lost, verdict.duplicates), (16, 0, 0));
    assert!(took.is_zero(), "no attempt failed");
    report("R7", "every dot answered after 9/10 of its deadline", "16 recipients, given up 0, duplicates 0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_greeting_that_drips_is_waited_for_until_its_deadline_and_no_longer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                for byte in b"220 localhost ESMTP with a very long name ".iter().cycle() {
                    if stream.write_all(&[*byte]).await.is_err() {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            });
        }
    });
    let house =
        House::new(Plan { now: start(), ..Plan::new(Engine::Sqlite, 8) }, FaultServer::plain(|_| Answer::Usual).await)
            .await;
    let clock = Arc::new(ManualClock::at(start()));
    let dripping = RelayConfig::plain("main", "127.0.0.1", port);
    let tempo = Tempo::new(&house, &clock, short_deadlines(DEADLINE), dripping);
    let begun = Instant::now();
    tempo.settle(&house).await;
    let took = begun.elapsed();
    assert!(took >= DEADLINE && took < DEADLINE + BEYOND, "{took:?}");
    let troubles = tempo.delivery.troubles();
    assert!(troubles.iter().any(|trouble| trouble.contains("in time")), "{troubles:?}");
    let mut truth = Truth::default();
    let tempo = Tempo::new(&house, &clock, Deadlines::default(), house.plain_relay());
    tempo.run(&house, &mut truth, SignedDuration::from_hours(1)).await;
    let verdict = truth.judge(&house).await;
    assert_eq!((verdict.accepted, verdict.lost, verdict.duplicates), (8, 0, 0));
    report(
        "R7",
        "a greeting of one byte every 0.1 s, without an end",
        &format!("given up after {:.1} s, lost 0", took.as_secs_f64()),
    );
}

/// The program itself, with the deadlines of the RFC: nine minutes of silence after one dot are not too long.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nine_minutes_on_one_dot_are_borne() {
    let pause = sized(Duration::from_secs(6), Duration::from_secs(9 * 60));
    let once = AtomicBool::new(false);
    let relay = FaultServer::plain(move |moment| match moment.at {
        At::Dot if !once.swap(true, Ordering::SeqCst) => Answer::Stall(pause),
        _ => Answer::Usual,
    })
    .await;
    let house = House::new(Plan { connections: 2, ..Plan::new(Engine::Sqlite, 100) }, relay).await;
    let sender = house.sender("");
    let begun = Instant::now();
    // A claim or two may wait behind the one that waits.
    assert!(house.relay.journal.reaches(80, Duration::from_secs(60)).await, "{}", house.log());
    let others = begun.elapsed();
    house.finished(pause * 3 + Duration::from_secs(60)).await;
    assert_eq!(sender.stop().await, Some(0));
    let verdict = Truth::default().judge(&house).await;
    assert_eq!((verdict.accepted, verdict.lost, verdict.duplicates), (100, 0, 0));
    report(
        "R7",
        &format!("one dot answered after {} s, deadlines as delivered", pause.as_secs()),
        &format!("80 of 100 were through after {:.1} s, given up 0, duplicates 0", others.as_secs_f64()),
    );
}
