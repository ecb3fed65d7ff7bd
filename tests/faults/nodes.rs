//! R12 to R15: a node that slept past its lease, one that is asked to stop, a mail that cannot be made, a long list.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use kawaraban::domain::delivery::DeliveryState;
use kawaraban::smtpd::Answer;

use crate::kit::house::{Engine, House, Plan, address};
use crate::kit::report::{report, sized};
use crate::kit::sender::Sender;
use crate::kit::server::{At, FaultServer};
use crate::kit::truth::Truth;
use crate::shim;

/// A relay that needs this long for each message.
async fn relay_at_ease(pause: Duration) -> FaultServer {
    FaultServer::plain(move |moment| match moment.at {
        At::Dot => Answer::Stall(pause),
        _ => Answer::Usual,
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_slept_past_its_lease_writes_nothing_when_it_wakes() {
    if !Engine::postgres_is_there() {
        return;
    }
    const CONNECTIONS: usize = 4;
    let rounds = sized(2, 6);
    for round in 0..rounds {
        // A second copy waits for its answer: meanwhile the heir holds the line, and the sleeper wakes.
        let relay = FaultServer::plain(|moment| match (moment.at, moment.nth) {
            (At::Dot, 1) => Answer::Stall(Duration::from_millis(4)),
            (At::Dot, _) => Answer::Stall(Duration::from_secs(8)),
            _ => Answer::Usual,
        })
        .await;
        let plan = Plan { connections: CONNECTIONS, ..Plan::new(Engine::Postgres, sized(300, 3_000)) };
        let house = House::new(plan, relay).await;
        let mut truth = Truth::default();
        let words = ["serve", "--only", "delivery"];
        let sleeper = Sender::start_apart(&words, house.folder(), "", "sleeper.log");
        assert!(house.relay.journal.reaches(40, Duration::from_secs(60)).await, "{}", house.log());
        sleeper.signal("STOP").await;
        // What it had said to the database is still done: an offer may be committed after the stop.
        tokio::time::sleep(Duration::from_secs(1)).await;
        truth.look(&house).await;
        let held = house.counts().await;
        let offered: BTreeSet<_> = house.lines_in(DeliveryState::Offered).await.iter().map(|line| line.id).collect();
        // In full the first round waits for the lease to run out; otherwise it is put into the past.
        let waited = if sized(false, true) && round == 0 {
            tokio::time::sleep(Duration::from_secs(65)).await;
            "waited for"
        } else {
            house.database.expire_leases().await;
            "put into the past"
        };
        let heir = house.sender("");
        // The heir takes over what the sleeper held, and sends. Of what was offered, it holds the second copies a while;
        // a first one, of which nothing had left yet, is through at once.
        let once_more = async || {
            let mut lines = house.lines().await;
            lines.retain(|line| offered.contains(&line.id) && line.attempts > 0);
            let mut states: Vec<_> = lines.into_iter().map(|line| line.state).collect();
            states.retain(|state| matches!(state, DeliveryState::Offered | DeliveryState::Accepted));
            states
        };
        let taken_over = async {
            while once_more().await.len() < offered.len() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(120), taken_over).await.expect("the heir offers all of it once more");
        assert!(once_more().await.contains(&DeliveryState::Offered), "the heir holds none of it any more");
        truth.look(&house).await;
        sleeper.signal("CONT").await;
        house.finished(Duration::from_secs(120)).await;
        assert_eq!((sleeper.stop().await, heir.stop().await), (Some(0), Some(0)));
        // What it wants to write of each mail it had offered is refused, though the line is offered: by the heir. Were
        // one accepted, it would be the heir that came too late.
        let too_late = |log: &str| {
            let log = std::fs::read_to_string(house.path(log)).unwrap();
            log.matches("A result came too late").count()
        };
        let refused = too_late("sleeper.log");
        assert_eq!((refused, too_late("sender.log")), (offered.len(), 0));
        let verdict = truth.judge(&house).await;
        report(
            "R12",
            &format!("PostgreSQL, a node stopped past its lease ({waited})"),
            &format!(
                "{} recipients, held when stopped: claimed {}, offered {}; results refused {refused}; lost {}, duplicates {}",
                verdict.recipients, held.claimed, held.offered, verdict.lost, verdict.duplicates
            ),
        );
        assert_eq!((verdict.lost, verdict.accepted), (0, verdict.recipients));
        assert!(verdict.duplicates <= CONNECTIONS, "{verdict:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_whose_clocks_disagree_take_nothing_from_one_another() {
    if !Engine::postgres_is_there() {
        return;
    }
    let plan = Plan::new(Engine::Postgres, sized(600, 4_000));
    let house = House::new(plan, relay_at_ease(Duration::from_millis(20)).await).await;
    let mut truth = Truth::default();
    let mut nodes = Vec::new();
    // Each looks for dead nodes when it starts: by its clock those before it died ten minutes ago.
    for ahead in [-600, 0, 600] {
        let preparation = shim::preparation(&format!("CLOCK_AHEAD={ahead}"));
        nodes.push(Sender::start_after(&preparation, "serve --only delivery", house.folder()));
        let taken = house.relay.journal.len();
        assert!(house.relay.journal.reaches(taken + 60, Duration::from_secs(60)).await, "{}", house.log());
        truth.look(&house).await;
    }
    house.finished(Duration::from_secs(120)).await;
    for node in nodes {
        assert_eq!(node.stop().await, Some(0));
    }
    let log = house.log();
    assert!(log.contains(" s ahead of") && log.contains(" s behind"), "the clocks were right: {log}");
    assert!(!log.contains("A sender died") && !log.contains("has lost it"), "{log}");
    let verdict = truth.judge(&house).await;
    report(
        "R12",
        "PostgreSQL, three nodes whose clocks are ten minutes apart",
        &format!(
            "{} recipients, taken for dead 0, lost {}, duplicates {}",
            verdict.recipients, verdict.lost, verdict.duplicates
        ),
    );
    assert_eq!((verdict.lost, verdict.duplicates, verdict.accepted), (0, 0, verdict.recipients));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_panics_takes_the_program_with_it() {
    let house = House::new(Plan::new(Engine::Sqlite, 100), relay_at_ease(Duration::from_millis(4)).await).await;
    let mut sender = house.sender("content.after_dot=20*off->panic");
    // A daemon in which one connection is missing would only look alive. 101 is what Rust ends with after a panic.
    let ended = sender.ends(Duration::from_secs(60)).await.expect("it ends");
    assert_eq!(ended.code(), Some(101), "{}", house.log());
    let mut truth = Truth::default();
    truth.look(&house).await;
    let sender = house.sender("");
    house.finished(Duration::from_secs(60)).await;
    assert_eq!(sender.stop().await, Some(0));
    let verdict = truth.judge(&house).await;
    assert_eq!((verdict.lost, verdict.accepted), (0, verdict.recipients));
    assert!(verdict.duplicates <= house.plan.connections, "{verdict:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_that_is_asked_to_stop_finishes_what_it_offered_and_nothing_else() {
    for engine in Engine::all() {
        let house =
            House::new(Plan::new(engine, sized(300, 2_000)), relay_at_ease(Duration::from_millis(20)).await).await;
        let stops = sized(3, 20);
        let mut longest = Duration::ZERO;
        for _ in 0..stops {
            let sender = house.sender("");
            let before = house.relay.journal.len();
            assert!(house.relay.journal.reaches(before + 30, Duration::from_secs(60)).await, "{}", house.log());
            let begun = Instant::now();
            assert_eq!(sender.stop().await, Some(0), "{}", house.log());
            longest = longest.max(begun.elapsed());
            let counts = house.counts().await;
            assert_eq!((counts.claimed, counts.offered, counts.unknown), (0, 0, 0), "{counts:?}");
            assert_eq!(usize::try_from(counts.accepted).unwrap(), house.relay.journal.len());
        }
        let last = house.sender("");
        house.finished(Duration::from_secs(120)).await;
        assert_eq!(last.stop().await, Some(0));
        let verdict = Truth::default().judge(&house).await;
        assert_eq!((verdict.lost, verdict.duplicates, verdict.accepted), (0, 0, verdict.recipients));
        report(
            "R13",
            &format!("{engine:?}, SIGTERM in the middle"),
            &format!(
                "{} recipients, {stops} stops, the longest {:.1} s, lost 0, duplicates 0, unknown 0",
                verdict.recipients,
                longest.as_secs_f64()
            ),
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_sigterm_ends_a_sender_whose_relay_is_silent() {
    let relay = FaultServer::plain(|moment| match moment.at {
        At::Taken if moment.nth == 1 => Answer::Stall(Duration::from_secs(20)),
        _ => Answer::Usual,
    })
    .await;
    let house = House::new(Plan::new(Engine::Sqlite, 4), relay).await;
    let mut sender = house.sender("");
    let offered = async {
        while house.relay.reached(At::Taken) < 4 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), offered).await.expect("four mails are under way");
    let begun = Instant::now();
    sender.signal("TERM").await;
    // The second signal counts once the first was taken note of.
    let heard = async {
        while !house.log().contains("Stopping") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), heard).await.expect("it says that it stops");
    sender.signal("TERM").await;
    let ended = sender.ends(Duration::from_secs(5)).await.expect("the second signal ends it");
    let took = begun.elapsed();
    assert_eq!(ended.code(), Some(143));
    let mut truth = Truth::default();
    truth.look(&house).await;
    let sender = house.sender("");
    house.finished(Duration::from_secs(60)).await;
    assert_eq!(sender.stop().await, Some(0));
    let verdict = truth.judge(&house).await;
    assert_eq!((verdict.lost, verdict.accepted), (0, 4));
    report(
        "R13",
        "a second SIGTERM while four mails wait for the reply to their dot",
        &format!("ended after {:.1} s, lost 0, duplicates {} (all offered)", took.as_secs_f64(), verdict.duplicates),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_cannot_be_made_is_reported_and_holds_up_nobody() {
    for engine in Engine::all() {
        let recipients = sized(100, 2_000);
        let house = House::new(Plan::new(engine, recipients), relay_at_ease(Duration::ZERO).await).await;
        // As if a hand or an older version had written it.
        for n in [0, recipients / 2, recipients - 1] {
            let statement =
                format!("UPDATE subscribers SET address = 'reader at nowhere {n}' WHERE address = '{}'", address(n));
            house.database.execute(&statement).await;
        }
        let sender = house.sender("");
        house.finished(Duration::from_secs(120)).await;
        assert_eq!(sender.stop().await, Some(0));
        let verdict = Truth::default().judge(&house).await;
        assert_eq!((verdict.accepted, verdict.rejected), (recipients - 3, 3));
        assert_eq!((verdict.lost, verdict.duplicates), (0, 0));
        for line in house.lines_in(DeliveryState::Rejected).await {
            let reply = line.reply.expect("the reason is kept");
            assert!(reply.text.contains("address"), "{}", reply.text);
        }
        report(
            "R14",
            &format!("{engine:?}, three addresses that cannot be written to"),
            &format!("{} of {recipients} sent, 3 rejected with the reason, lost 0, duplicates 0", verdict.accepted),
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_list_needs_no_more_memory_than_a_short_one() {
    /// What may lie between the first look and any later one, beside a twentieth.
    const SLACK_KB: u64 = 3 * 1024;
    let (recipients, sent) = sized((5_000, 1_000), (200_000, 160_000));
    let plan = Plan { connections: 8, ..Plan::new(Engine::Sqlite, recipients) };
    let house = House::new(plan, relay_at_ease(Duration::ZERO).await).await;
    let sender = house.sender("");
    let mut seen = Vec::new();
    let begun = Instant::now();
    for look in 1..=20 {
        assert!(house.relay.journal.reaches(sent * look / 20, Duration::from_secs(120)).await, "{}", house.log());
        seen.push(sender.kilobytes("VmRSS"));
    }
    let took = begun.elapsed();
    // SQLite's writer keeps up to 24 MB of pages, and has them all after some 100,000 lines.
    let first = *seen[12..15].iter().max().unwrap();
    let last = *seen[17..].iter().max().unwrap();
    let peak = sender.kilobytes("VmHWM");
    assert_eq!(sender.stop().await, Some(0));
    Truth::default().look(&house).await;
    report(
        "R15",
        &format!("SQLite, {recipients} recipients frozen, the first {sent} sent"),
        &format!(
            "resident {} MB after three quarters, {} MB at the end, peak {} MB; {:.0}/s",
            first / 1024,
            last / 1024,
            peak / 1024,
            f64::from(u32::try_from(sent).unwrap()) / took.as_secs_f64()
        ),
    );
    assert!(last <= first + first / 20 + SLACK_KB, "{seen:?}");
    assert!(peak < 100 * 1024, "{peak} kB");
}
