//! R9: the ledger is lost in the middle of a send, and a backup of an earlier moment takes its place.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kawaraban::smtpd::Answer;
use tokio::process::Command;

use crate::kit::house::{Engine, House, Plan};
use crate::kit::report::{report, sized};
use crate::kit::server::{At, FaultServer};
use crate::kit::truth::Truth;

/// Makes a backup of the ledger while it is written to.
async fn back_up(house: &House) -> PathBuf {
    let backup = house.path("backup");
    match house.plan.engine {
        Engine::Sqlite => house.database.execute(&format!("VACUUM INTO '{}'", backup.display())).await,
        Engine::Postgres => {
            let file = format!("--file={}", backup.display());
            run("pg_dump", &["--format=custom", &file, &house.database.url]).await;
        }
    }
    backup
}

/// Puts a backup in the place of the ledger, which nobody has open.
async fn restore(house: &House, backup: &Path) {
    match house.plan.engine {
        Engine::Sqlite => {
            for file in ["ledger.db-wal", "ledger.db-shm"] {
                let _ = std::fs::remove_file(house.path(file));
            }
            std::fs::rename(backup, house.path("ledger.db")).unwrap();
        }
        Engine::Postgres => {
            let database = format!("--dbname={}", house.database.url);
            run("pg_restore", &["--clean", "--if-exists", &database, &backup.display().to_string()]).await;
        }
    }
}

async fn run(program: &str, arguments: &[&str]) {
    let ran = Command::new(program).args(arguments).output().await.unwrap();
    assert!(ran.status.success(), "{program}: {}", String::from_utf8_lossy(&ran.stderr));
}

async fn lose_the_ledger(engine: Engine) {
    let relay = FaultServer::plain(|moment| match moment.at {
        At::Dot => Answer::Stall(Duration::from_millis(5)),
        _ => Answer::Usual,
    })
    .await;
    let recipients = sized(300, 5_000);
    let mut house = House::new(Plan::new(engine, recipients), relay).await;
    let mut truth = Truth::default();
    let sender = house.sender("");
    let patience = Duration::from_secs(120);
    assert!(house.relay.journal.reaches(recipients / 4, patience).await, "{}", house.log());
    let backup = back_up(&house).await;
    let more = house.relay.journal.len() + recipients / 4;
    assert!(house.relay.journal.reaches(more, patience).await, "{}", house.log());

    let away = house.leave_alone().await;
    sender.kill().await;
    restore(away.house(), &backup).await;
    away.come_back().await;
    let forgotten = truth.restored(&house).await;
    house.database.expire_leases().await;

    let sender = house.sender("");
    house.finished(patience).await;
    assert_eq!(sender.stop().await, Some(0), "{}", house.log());
    let verdict = truth.judge(&house).await;
    report(
        "R9",
        &format!("{engine:?}, killed, and a backup of the middle of the send restored"),
        &format!(
            "{} recipients, sent since the backup {forgotten}, lost {}, duplicates {} (same Message-ID, same bytes)",
            verdict.recipients, verdict.lost, verdict.duplicates
        ),
    );
    assert_eq!((verdict.lost, verdict.accepted), (0, verdict.recipients));
    assert!(forgotten >= recipients / 4, "the backup is hardly older than the ledger: {forgotten}");
    assert!(verdict.duplicates <= forgotten);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_an_earlier_moment_loses_no_mail_and_repeats_only_what_it_cannot_know() {
    for engine in Engine::all() {
        lose_the_ledger(engine).await;
    }
}
