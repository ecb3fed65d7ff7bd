//! R9: the database is locked, cut off, full, or cannot be written at all.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use kawaraban::smtpd::Answer;
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::kit::house::{Engine, House, Plan};
use crate::kit::report::{report, sized};
use crate::kit::sender::Sender;
use crate::kit::server::{At, FaultServer};
use crate::kit::truth::{Truth, Verdict};
use crate::shim;

/// How much of a processor a sender may use that can only wait.
const IDLE: f64 = 0.25;

async fn unhurried_relay() -> FaultServer {
    FaultServer::plain(|moment| match moment.at {
        At::Dot => Answer::Stall(Duration::from_millis(5)),
        _ => Answer::Usual,
    })
    .await
}

/// Returns which part of a processor the sender used while `what` went on.
async fn processor_share(sender: &Sender, what: impl Future<Output = ()>) -> f64 {
    let (begun, before) = (Instant::now(), sender.processor_time());
    what.await;
    (sender.processor_time() - before).as_secs_f64() / begun.elapsed().as_secs_f64()
}

/// Reports what came of a database that could not be written for a while, and asserts that nothing was lost by it.
fn judged(what: &str, verdict: &Verdict, meanwhile: usize, share: f64) {
    let figures = format!(
        "{} recipients, taken meanwhile {meanwhile}, processor {:.0} %, lost {}, duplicates {}, integrity ok",
        verdict.recipients,
        share * 100.0,
        verdict.lost,
        verdict.duplicates
    );
    report("R9", what, &figures);
    assert_eq!((verdict.lost, verdict.accepted), (0, verdict.recipients));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_ledger_is_locked_nothing_is_sent_that_it_does_not_know_of() {
    let locked_for = sized(Duration::from_secs(14), Duration::from_secs(60));
    let house = House::new(Plan::new(Engine::Sqlite, sized(200, 2_000)), unhurried_relay().await).await;
    let sender = house.sender("");
    assert!(house.relay.journal.reaches(50, Duration::from_secs(60)).await, "{}", house.log());
    let mut db = SqliteConnection::connect(&house.database.url).await.unwrap();
    sqlx::query("PRAGMA busy_timeout = 60000").execute(&mut db).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut db).await.unwrap();
    let before = house.relay.journal.len();
    let share = processor_share(&sender, tokio::time::sleep(locked_for)).await;
    // Readers are not kept out by the lock: what was taken meanwhile must be offered already.
    let mut truth = Truth::default();
    truth.look(&house).await;
    let meanwhile = house.relay.journal.len() - before;
    sqlx::query("ROLLBACK").execute(&mut db).await.unwrap();
    db.close().await.unwrap();
    house.finished(Duration::from_secs(240)).await;
    assert_eq!(sender.stop().await, Some(0));
    let verdict = truth.judge(&house).await;
    judged(&format!("SQLite, locked for {} s", locked_for.as_secs()), &verdict, meanwhile, share);
    assert!(meanwhile <= house.plan.connections && share < IDLE, "{meanwhile} taken, processor {share:.2}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_whose_connections_are_cut_again_and_again_loses_nothing() {
    if !Engine::postgres_is_there() {
        return;
    }
    let (every, times) = sized((Duration::from_millis(400), 10), (Duration::from_secs(1), 60));
    let house = House::new(Plan::new(Engine::Postgres, sized(300, 4_000)), unhurried_relay().await).await;
    let sender = house.sender("");
    assert!(house.relay.journal.reaches(20, Duration::from_secs(60)).await, "{}", house.log());
    let mut cut = 0;
    for _ in 0..times {
        tokio::time::sleep(every).await;
        // All but ours: the test's own connections are told by the name of its program.
        let mut db = PgConnection::connect(&house.database.url).await.unwrap();
        let ended: i64 = sqlx::query_scalar(
            "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .fetch_one(&mut db)
        .await
        .unwrap();
        cut += ended;
        db.close().await.unwrap();
    }
    // What was in hand when its result could not be written is found by a lease that runs out, or by a new node.
    let deadline = Instant::now() + Duration::from_secs(120);
    let mut truth = Truth::default();
    while house.counts().await.open() > 0 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(500)).await;
        if house.counts().await.queued == 0 {
            break;
        }
    }
    assert_eq!(sender.stop().await, Some(0), "{}", house.log());
    truth.look(&house).await;
    house.database.expire_leases().await;
    let sender = house.sender("");
    house.finished(Duration::from_secs(120)).await;
    assert_eq!(sender.stop().await, Some(0));
    let verdict = truth.judge(&house).await;
    report(
        "R9",
        &format!("PostgreSQL, every connection cut every {:.1} s", every.as_secs_f64()),
        &format!(
            "{} recipients, {cut} connections cut, lost {}, duplicates {} (all of them offered)",
            verdict.recipients, verdict.lost, verdict.duplicates
        ),
    );
    assert_eq!((verdict.lost, verdict.accepted), (0, verdict.recipients));
}

/// A small file system of its own, gone when dropped.
struct Tmpfs(tempfile::TempDir);

impl Tmpfs {
    /// Returns one of `megabytes`, or none where one may not mount. Where everything is required, that is a failure.
    fn new(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = mount(&["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "none"], folder.path());
        assert!(
            mounted || std::env::var_os("CI_REQUIRE_ALL").is_none(),
            "this test needs to mount a tmpfs, to fill it: run it as root (in a container: with CAP_SYS_ADMIN)"
        );
        mounted.then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn remount(&self, how: &str) {
        assert!(mount(&["-o", &format!("remount,{how}")], self.path()), "mount -o remount,{how}");
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

fn mount(arguments: &[&str], folder: &Path) -> bool {
    Command::new("mount").args(arguments).arg(folder).output().is_ok_and(|ran| ran.status.success())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_nothing_is_sent_that_the_ledger_does_not_know_of() {
    let full_for = sized(Duration::from_secs(6), Duration::from_secs(45));
    // The log alone takes up to 16 MB before it is carried over.
    let Some(disk) = Tmpfs::new(48) else {
        println!("R9: no file system can be mounted here, so the disk is not filled");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan::new(Engine::Sqlite, sized(400, 4_000));
    let mut house = House::within(plan, unhurried_relay().await, folder, Some(disk.path().to_owned())).await;
    let sender = house.sender("");
    assert!(house.relay.journal.reaches(50, Duration::from_secs(60)).await, "{}", house.log());
    let filler = disk.path().join("filler");
    let _ = Command::new("dd").arg("if=/dev/zero").arg(format!("of={}", filler.display())).arg("bs=4k").output();
    // The log of the ledger has room of its own for a while; then nothing can be written.
    let mut before = usize::MAX;
    let begun = Instant::now();
    while house.relay.journal.len() != before && begun.elapsed() < Duration::from_secs(60) {
        before = house.relay.journal.len();
        tokio::time::sleep(Duration::from_millis(1_500)).await;
    }
    let mut truth = Truth::default();
    let taken = house.relay.journal.len();
    let share = processor_share(&sender, tokio::time::sleep(full_for)).await;
    truth.look(&house).await;
    let meanwhile = house.relay.journal.len() - taken;
    assert!(taken < house.plan.recipients, "the disk was not filled in time");
    std::fs::remove_file(filler).unwrap();
    house.finished(Duration::from_secs(240)).await;
    assert_eq!(sender.stop().await, Some(0));
    let verdict = truth.judge(&house).await;
    judged(&format!("SQLite, disk full for {} s", full_for.as_secs()), &verdict, meanwhile, share);
    assert!(meanwhile <= house.plan.connections && share < IDLE, "{meanwhile} taken, processor {share:.2}");

    // And where nothing can be written at all, the program does not even begin.
    let _away = house.leave_alone().await;
    disk.remount("ro");
    let mut sender = house.sender("");
    let ended = sender.ends(Duration::from_secs(60)).await.expect("it says so and ends");
    disk.remount("rw");
    assert!(!ended.success(), "{ended}");
    assert_eq!(house.relay.journal.len(), verdict.recipients + verdict.duplicates);
    report("R9", "SQLite, read-only", "the program ends and says so; sent 0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_may_not_grow_stops_the_sending_and_not_the_promise() {
    let house = House::new(Plan::new(Engine::Sqlite, sized(200, 1_000)), unhurried_relay().await).await;
    let size = |name: &str| std::fs::metadata(house.path(name)).map_or(0, |file| file.len());
    // In blocks of 512 bytes (POSIX): the log beside the ledger may be this long, and no longer.
    let blocks = (size("ledger.db").max(size("ledger.db-wal")) + 64 * 1024) / 512;
    let words = "serve --only delivery";
    let sender = Sender::start_after(&format!("trap '' XFSZ; ulimit -f {blocks}"), words, house.folder());
    tokio::time::sleep(sized(Duration::from_secs(4), Duration::from_secs(20))).await;
    let mut truth = Truth::default();
    truth.look(&house).await;
    assert!(house.log().contains("database is not available"), "the limit was not met: {}", house.log());
    sender.kill().await;
    truth.look(&house).await;
    let sender = house.sender("");
    house.finished(Duration::from_secs(120)).await;
    assert_eq!(sender.stop().await, Some(0));
    let verdict = truth.judge(&house).await;
    report(
        "R9",
        "SQLite, files may not grow (RLIMIT_FSIZE), then killed",
        &format!("{} recipients, lost {}, duplicates {}", verdict.recipients, verdict.lost, verdict.duplicates),
    );
    assert_eq!((verdict.lost, verdict.accepted), (0, verdict.recipients));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_does_not_keep_what_it_is_told_is_not_believed() {
    for killed in [false, true] {
        let house = House::new(Plan::new(Engine::Sqlite, sized(300, 2_000)), unhurried_relay().await).await;
        let flag = house.path("fsync-fails");
        let preparation = shim::preparation(&format!("FSYNC_FAILS={}", flag.display()));
        let sender = Sender::start_after(&preparation, "serve --only delivery", house.folder());
        assert!(house.relay.journal.reaches(50, Duration::from_secs(60)).await, "{}", house.log());
        std::fs::write(&flag, "").unwrap();
        // What is offered at this moment may still be taken.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let before = house.relay.journal.len();
        let share =
            processor_share(&sender, tokio::time::sleep(sized(Duration::from_secs(3), Duration::from_secs(30)))).await;
        let meanwhile = house.relay.journal.len() - before;
        assert!(house.log().contains("disk I/O error"), "fsync did not fail: {}", house.log());
        let mut truth = Truth::default();
        let sender = if killed {
            sender.kill().await;
            truth.look(&house).await;
            house.sender("")
        } else {
            truth.look(&house).await;
            std::fs::remove_file(&flag).unwrap();
            sender
        };
        house.finished(Duration::from_secs(240)).await;
        assert_eq!(sender.stop().await, Some(0));
        let verdict = truth.judge(&house).await;
        judged(
            &format!("SQLite, every fsync fails{}", if killed { ", then killed" } else { " for a while" }),
            &verdict,
            meanwhile,
            share,
        );
        assert!(meanwhile == 0 && share < IDLE, "{meanwhile} taken, processor {share:.2}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_does_not_answer_keeps_nobody_from_stopping() {
    if !Engine::postgres_is_there() {
        return;
    }
    let house = House::new(Plan::new(Engine::Postgres, 200), unhurried_relay().await).await;
    let mut sender = house.sender("");
    assert!(house.relay.journal.reaches(20, Duration::from_secs(60)).await, "{}", house.log());
    let mut db = PgConnection::connect(&house.database.url).await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE deliveries, nodes IN ACCESS EXCLUSIVE MODE").execute(&mut db).await.unwrap();
    let begun = Instant::now();
    sender.signal("TERM").await;
    let ended = sender.ends(Duration::from_secs(90)).await.expect("it stops, whatever the database does");
    let took = begun.elapsed();
    sqlx::raw_sql("ROLLBACK").execute(&mut db).await.unwrap();
    db.close().await.unwrap();
    let mut truth = Truth::default();
    truth.look(&house).await;
    house.database.expire_leases().await;
    let heir = house.sender("");
    house.finished(Duration::from_secs(120)).await;
    assert_eq!((ended.code(), heir.stop().await), (Some(0), Some(0)), "{}", house.log());
    let verdict = truth.judge(&house).await;
    report(
        "R13",
        "PostgreSQL, SIGTERM while it does not answer",
        &format!(
            "stopped after {:.0} s, {} recipients, lost {}, duplicates {} (all offered)",
            took.as_secs_f64(),
            verdict.recipients,
            verdict.lost,
            verdict.duplicates
        ),
    );
    assert_eq!((verdict.lost, verdict.accepted), (0, verdict.recipients));
}
