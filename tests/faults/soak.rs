//! R15: a long send over a relay that fails now and then, and what it does to the sender's memory.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kawaraban::domain::delivery::OnUnknown;
use kawaraban::smtpd::Answer;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::kit::house::{Engine, House, Plan};
use crate::kit::report::{dice, report, sized};
use crate::kit::server::{At, FaultServer};
use crate::kit::truth::Truth;

/// One message in a hundred meets something: each goes through about five steps.
const ONE_STEP_IN: u32 = 500;
/// How often the sender's memory is looked at.
const LOOKS: usize = 40;

/// How long it lasts: `SOAK_MINUTES`, or a few seconds, or two minutes in the full form.
fn lasting() -> Duration {
    let minutes = std::env::var("SOAK_MINUTES").ok().and_then(|minutes| minutes.parse().ok());
    minutes.map_or(sized(Duration::from_secs(8), Duration::from_secs(120)), |n: u64| Duration::from_secs(60 * n))
}

/// What goes wrong at a step, if anything does.
fn mishap(at: At, dice: &mut StdRng) -> Answer {
    if !dice.random_ratio(1, ONE_STEP_IN) {
        return Answer::Usual;
    }
    let reply = |code, text: &str| Answer::Reply(code, text.to_owned());
    match (at, dice.random_range(0..4)) {
        (_, 0) => Answer::Drop,
        (_, 1) => Answer::Stall(Duration::from_secs(2)),
        // Whoever has taken a message does not say no to it.
        (At::Taken, _) => Answer::Raw(b"250 2.0.0 one\r\n250 2.0.0 two\r\n".to_vec()),
        // To a recipient, 421 would speak of their domain, which would be slowed down: that is another test.
        (At::Greeting | At::Ehlo | At::Mail, 2) => Answer::ReplyThenDrop(421, "4.3.2 shutting down".to_owned()),
        (_, 2) => reply(452, "4.2.2 not now"),
        (At::Rcpt, _) => reply(550, "5.1.1 no such user"),
        (At::Dot, _) => reply(554, "5.6.0 not this one"),
        _ => reply(451, "4.3.0 try later"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_send_over_a_shaky_relay_loses_nothing_and_needs_no_more_memory() {
    /// What may lie between an early look and a late one, beside a twentieth.
    const SLACK_KB: u64 = 3 * 1024;
    const CONNECTIONS: usize = 8;
    let lasting = lasting();
    // More than such a relay takes in that time.
    let each = Duration::from_millis(50);
    let recipients = usize::try_from(lasting.as_millis() / each.as_millis()).unwrap() * CONNECTIONS;
    let dice = Mutex::new(dice("R15 soak"));
    let mishaps = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&mishaps);
    let relay = FaultServer::plain(move |moment| {
        let answer = match moment.at {
            At::Body => Answer::Usual,
            at => mishap(at, &mut dice.lock().unwrap()),
        };
        match (moment.at, answer) {
            (At::Dot, Answer::Usual) => Answer::Stall(each),
            (_, Answer::Usual) => Answer::Usual,
            (_, mishap) => {
                counted.fetch_add(1, Ordering::Relaxed);
                mishap
            }
        }
    })
    .await;
    // Parked, a doubt stays on the list: nothing may come twice, and no doubt is missed between two looks.
    let plan = Plan { connections: CONNECTIONS, on_unknown: OnUnknown::Park, ..Plan::new(Engine::Sqlite, recipients) };
    let house = House::new(plan, relay).await;
    let sender = house.sender("");
    let begun = Instant::now();
    let mut seen = Vec::new();
    while seen.len() < LOOKS {
        tokio::time::sleep(lasting / u32::try_from(LOOKS).unwrap()).await;
        seen.push(sender.kilobytes("VmRSS"));
    }
    // What was put off for minutes is called up, again and again, until nothing is left.
    let patience = 2 * lasting + Duration::from_secs(120);
    while house.counts().await.open() > 0 {
        assert!(begun.elapsed() < lasting + patience, "{:?}\n{}", house.counts().await, house.log());
        house.database.execute("UPDATE deliveries SET due_ms = 0 WHERE state = 'queued' AND attempts > 0").await;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let took = begun.elapsed();
    let peak = sender.kilobytes("VmHWM");
    assert_eq!(sender.stop().await, Some(0));
    let mishaps = mishaps.load(Ordering::Relaxed);
    let verdict = Truth::default().judge(&house).await;
    let early = *seen[LOOKS / 4..LOOKS / 2].iter().max().unwrap();
    let late = *seen[LOOKS * 3 / 4..].iter().max().unwrap();
    report(
        "R15",
        &format!("SQLite, a soak of {:.0} minutes over a shaky relay", took.as_secs_f64() / 60.0),
        &format!(
            "{} recipients, {mishaps} mishaps, accepted {}, rejected {}, unknown {}, lost {}, duplicates {}; \
             resident {} MB in the second quarter, {} MB in the last, peak {} MB",
            verdict.recipients,
            verdict.accepted,
            verdict.rejected,
            verdict.unknown,
            verdict.lost,
            verdict.duplicates,
            early / 1024,
            late / 1024,
            peak / 1024
        ),
    );
    assert_eq!((verdict.lost, verdict.duplicates), (0, 0));
    assert_eq!(verdict.accepted + verdict.rejected + verdict.unknown, verdict.recipients);
    assert!(mishaps > 0, "nothing went wrong");
    assert!(late <= early + early / 20 + SLACK_KB, "{seen:?}");
}
