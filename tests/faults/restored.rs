//! R9: the ledger is lost in the middle of a send, and a backup of an earlier moment takes its place.

use std::time::Duration;

use kawaraban::smtpd::Answer;

use crate::kit::house::{Engine, House, Plan};
use crate::kit::report::{report, sized};
use crate::kit::server::{At, FaultServer};
use crate::kit::truth::Truth;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_an_earlier_moment_loses_no_mail_and_repeats_only_what_it_cannot_know() {
    let relay = FaultServer::plain(|moment| match moment.at {
        At::Dot => Answer::Stall(Duration::from_millis(5)),
        _ => Answer::Usual,
    })
    .await;
    let recipients = sized(300, 5_000);
    let mut house = House::new(Plan::new(Engine::Sqlite, recipients), relay).await;
    let mut truth = Truth::default();
    let sender = house.sender("");
    let patience = Duration::from_secs(120);
    assert!(house.relay.journal.reaches(recipients / 3, patience).await, "{}", house.log());
    let backup = house.path("backup.db");
    house.database.execute(&format!("VACUUM INTO '{}'", backup.display())).await;
    assert!(house.relay.journal.reaches(recipients * 2 / 3, patience).await, "{}", house.log());

    let away = house.leave_alone().await;
    sender.kill().await;
    for file in ["ledger.db-wal", "ledger.db-shm"] {
        let _ = std::fs::remove_file(away.house().path(file));
    }
    std::fs::rename(backup, away.house().path("ledger.db")).unwrap();
    away.come_back().await;
    let forgotten = truth.restored(&house).await;
    house.database.expire_leases().await;

    let sender = house.sender("");
    house.finished(patience).await;
    assert_eq!(sender.stop().await, Some(0), "{}", house.log());
    let verdict = truth.judge(&house).await;
    report(
        "R9",
        "SQLite, killed, and a backup of the middle of the send restored",
        &format!(
            "{} recipients, sent since the backup {forgotten}, lost {}, duplicates {} (same Message-ID, same bytes)",
            verdict.recipients, verdict.lost, verdict.duplicates
        ),
    );
    assert_eq!((verdict.lost, verdict.accepted), (0, verdict.recipients));
    assert!(forgotten >= recipients / 6, "the backup is hardly older than the ledger: {forgotten}");
    assert!(verdict.duplicates <= forgotten);
}
