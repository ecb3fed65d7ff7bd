//! R1: the sender dies at what is done beside the sending: where a dead node's claims are saved, doubts are queued again,
//! claims are given back, and an issue is finished.

use std::time::Duration;

use kawaraban::crash::UPKEEP;
use kawaraban::domain::issue::IssueState;
use kawaraban::smtpd::Answer;
use kawaraban::store::DeliveryCounts;
use tokio::task::JoinSet;

use crate::kit::house::{Engine, House, Plan};
use crate::kit::report::report;
use crate::kit::server::{At, FaultServer};
use crate::kit::truth::{Truth, Verdict};

const CONNECTIONS: usize = 4;
/// More than the connections have in hand, so that something waits behind them.
const RECIPIENTS: usize = 80;

/// A relay that takes a mail on each of the first connections and says nothing more, if `silent`.
async fn relay(silent: bool) -> FaultServer {
    FaultServer::plain(move |moment| match moment.at {
        At::Taken if silent && moment.peer.connection <= 4 => Answer::Stall(Duration::from_secs(120)),
        At::Dot => Answer::Stall(Duration::from_millis(20)),
        _ => Answer::Usual,
    })
    .await
}

/// Lets a sender die with one mail offered over each connection.
async fn die_with_doubts(house: &House) {
    let sender = house.sender("");
    let offered = async {
        while house.relay.reached(At::Taken) < CONNECTIONS {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), offered).await.expect("four mails are under way");
    sender.kill().await;
    house.database.expire_leases().await;
}

/// Lets the process die at `point`, and returns what the ledger said before and after.
async fn die_at(house: &House, truth: &mut Truth, point: &str) -> [DeliveryCounts; 2] {
    if matches!(of(point), "recovery" | "requeue") {
        die_with_doubts(house).await;
        truth.look(house).await;
    }
    let before = house.counts().await;
    let mut sender = house.sender(&format!("{point}=return"));
    if of(point) == "give_back" {
        assert!(house.relay.journal.reaches(10, Duration::from_secs(60)).await, "{}", house.log());
        sender.signal("TERM").await;
    }
    let ended = sender.ends(Duration::from_secs(60)).await;
    let ended = ended.unwrap_or_else(|| panic!("{point} was never reached\n{}", house.log()));
    assert!(ended.code().is_none(), "{point}: {ended}\n{}", house.log());
    let after = house.counts().await;
    truth.look(house).await;
    [before, after]
}

/// Returns what a point is a step of.
fn of(point: &str) -> &str {
    point.split_once('.').expect("a point has two names").0
}

async fn survive(engine: Engine, point: &'static str) -> Verdict {
    let relay = relay(matches!(of(point), "recovery" | "requeue")).await;
    let house = House::new(Plan { connections: CONNECTIONS, ..Plan::new(engine, RECIPIENTS) }, relay).await;
    let mut truth = Truth::default();
    let [before, after] = die_at(&house, &mut truth, point).await;
    let state = async || house.store.issue(house.issue).await.unwrap().state;
    // What was not committed has not been, and what was committed has.
    let stands = match point {
        "recovery.before_commit" => (after.claimed, after.offered) == (before.claimed, 4) && after.unknown == 0,
        "recovery.after_commit" => (after.claimed, after.offered, after.unknown) == (0, 0, 4),
        "requeue.before_commit" => after.unknown == 4,
        "requeue.after_commit" => after.unknown == 0 && after.open() + after.accepted == 80,
        "give_back.before_commit" => after.claimed > 0,
        "give_back.after_commit" => after.claimed == 0 && after.queued > 0,
        "finish.before_commit" => state().await == IssueState::Sending,
        "finish.after_commit" => state().await == IssueState::Finished,
        _ => panic!("{point} is new here"),
    };
    assert!(stands, "{point}: {before:?}, then {after:?}, {}", state().await);

    house.database.expire_leases().await;
    let sender = house.sender("");
    house.finished(Duration::from_secs(120)).await;
    assert_eq!(sender.stop().await, Some(0));
    assert_eq!(state().await, IssueState::Finished, "{point}");
    let verdict = truth.judge(&house).await;
    assert_eq!((verdict.lost, verdict.accepted), (0, RECIPIENTS), "{point}");
    let doubts = if matches!(of(point), "recovery" | "requeue") { CONNECTIONS } else { 0 };
    assert_eq!(verdict.duplicates, doubts, "{point}: what nobody could know of was sent again, and nothing else");
    verdict
}

async fn survive_all(engine: Engine) {
    let mut runs = JoinSet::new();
    for point in UPKEEP {
        runs.spawn(survive(engine, point));
    }
    let verdicts = runs.join_all().await;
    report(
        "R1",
        &format!("{engine:?}, death at recovery, re-queueing, giving back and finishing"),
        &format!(
            "{} of {} crash points, each in a house of {RECIPIENTS} recipients, lost 0, duplicates {} (each of them \
             offered when a sender was killed)",
            verdicts.len(),
            UPKEEP.len(),
            verdicts.iter().map(|verdict| verdict.duplicates).sum::<usize>()
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_a_death_beside_the_sending_loses_and_repeats_nothing() {
    survive_all(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_a_death_beside_the_sending_loses_and_repeats_nothing() {
    if Engine::postgres_is_there() {
        survive_all(Engine::Postgres).await;
    }
}
