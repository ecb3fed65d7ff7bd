//! R10 and R11: clocks that jump, days of 23 and 25 hours, and four schedulers at one instant.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZoneDatabase;
use jiff::{SignedDuration, Timestamp, ToSpan};
use kawaraban::app::App;
use kawaraban::clock::{Clock, ManualClock, SystemClock};
use kawaraban::config::Config;
use kawaraban::domain::article::NewArticle;
use kawaraban::domain::choice::Choice;
use kawaraban::domain::issue::{Issue, IssueState};
use kawaraban::domain::schedule::Schedule;
use kawaraban::scheduler::Fetching;
use kawaraban::smtpd::Answer;
use kawaraban::store::{Enrolment, Store};
use rand::RngExt;
use secrecy::SecretString;
use tokio::process::Command;

use crate::kit::house::{Database, Engine, enrolment};
use crate::kit::report::{dice, report, sized};
use crate::kit::server::FaultServer;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn config_text(database: &Database, schedule: &str, timezone: &str, port: u16) -> String {
    format!(
        "base_url = \"https://news.example.jp\"\nsecret = \"{}\"\n[database]\nurl = \"{}\"\n\
         [http]\nlisten = \"127.0.0.1:0\"\n\
         [sender]\nname = \"Japan Weekly\"\nemail = \"news@example.jp\"\n\
         postal_address = \"1-2-3 Nihonbashi, Chuo-ku, Tokyo\"\ncontact = \"https://news.example.jp/contact\"\n\
         [[editions]]\nname = \"weekly\"\ntitle = \"Weekly\"\nschedule = \"{schedule}\"\ntimezone = \"{timezone}\"\n\
         [[relays]]\nname = \"main\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n",
        crate::kit::house::SECRET,
        database.url
    )
}

/// Returns the program's services on a database of its own, with a clock.
async fn app(database: &Database, schedule: &str, timezone: &str, clock: Arc<dyn Clock>) -> App {
    let config = Config::from_text("test", &config_text(database, schedule, timezone, 25), &BTreeMap::new()).unwrap();
    let store = Store::open(&SecretString::from(database.url.as_str())).await.unwrap();
    store.migrate().await.unwrap();
    let templates = App::load_templates(&config).unwrap();
    App::new(config, clock, store, templates).unwrap()
}

async fn article(store: &Store, name: &str, now: Timestamp) {
    let article = NewArticle {
        feed_id: None,
        guid: name.to_owned(),
        source: None,
        title: name.to_owned(),
        url: format!("https://example.jp/{}", name.replace(' ', "-")),
        summary: String::new(),
        section: "news".to_owned(),
        language: None,
        published: None,
        closes: None,
        details: Default::default(),
    };
    store.store_articles(&[article], now).await.unwrap();
}

async fn issues(app: &App) -> Vec<Issue> {
    let mut issues = app.store.latest_issues(None, None, 100_000).await.unwrap();
    issues.reverse();
    issues
}

/// Steps from `start` to `end` in half hours, with something new to say each time.
async fn live(zone: &str, schedule: &str, start: &str, end: &str) -> Vec<Issue> {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::new(Engine::Sqlite, folder.path()).await;
    let clock = Arc::new(ManualClock::at(at(start)));
    let app = app(&database, schedule, zone, Arc::clone(&clock) as _).await;
    app.store.enrol(&[enrolment("reader@example.jp", clock.now())], None).await.unwrap();
    let mut n = 0;
    while clock.now() < at(end) {
        article(&app.store, &format!("article {n}"), clock.now()).await;
        app.scheduler.step().await.unwrap();
        clock.advance(SignedDuration::from_mins(30));
        n += 1;
    }
    let all = issues(&app).await;
    app.store.close().await;
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_of_23_or_25_hours_has_one_issue_like_any_other() {
    let mut days = 0;
    for (zone, changes) in [
        ("America/New_York", ["2026-03-08", "2026-11-01"]),
        ("Europe/Berlin", ["2026-03-29", "2026-10-25"]),
        ("Asia/Tokyo", ["2026-03-29", "2026-10-25"]),
    ] {
        for schedule in ["30 1 * * *", "30 2 * * *"] {
            for change in changes {
                let day: jiff::civil::Date = change.parse().unwrap();
                let (start, end) = (day - 2.days(), day + 3.days());
                // From noon to noon, so that every day between has its night.
                let all = live(zone, schedule, &format!("{start}T18:00:00Z"), &format!("{end}T18:00:00Z")).await;
                let slots: BTreeSet<_> = all.iter().map(|issue| issue.slot[..10].to_owned()).collect();
                let name = format!("{zone} {schedule} {change}: {slots:?}");
                assert_eq!((all.len(), slots.len()), (5, 5), "{name}");
                assert!(all.iter().all(|issue| issue.state == IssueState::Sending), "{name}");
                days += all.len();
            }
        }
    }
    report(
        "R10",
        "01:30 and 02:30 around both clock changes, New York, Berlin, Tokyo",
        &format!("{days} days, {days} issues, none skipped, none twice"),
    );
}

#[test]
fn for_ten_years_every_zone_has_one_slot_a_week() {
    let years = sized(2, 10);
    let zones: Vec<String> = TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect();
    let (start, end) = (at("2026-01-01T12:00:00Z"), at(&format!("{}-01-01T12:00:00Z", 2026 + years)));
    let mut slots = 0;
    for zone in zones.iter().step_by(sized(10, 1)) {
        for expression in ["30 1 * * Sun", "30 2 * * Sun"] {
            let weekly = Schedule::parse(expression, zone).unwrap();
            let (mut last, mut now) = (None::<jiff::civil::DateTime>, start);
            while let Some(slot) = weekly.next_after(now).filter(|slot| slot.instant < end) {
                if let Some(last) = last {
                    assert_eq!(slot.civil, last + 7.days(), "{expression} {zone}");
                }
                (last, now) = (Some(slot.civil), slot.instant);
                slots += 1;
            }
        }
    }
    report(
        "R10",
        &format!("{years} years of weekly slots at 01:30 and 02:30"),
        &format!("{} zones, {slots} slots, each a week after the last", zones.len().div_ceil(sized(10, 1))),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_makes_no_issue_twice() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::new(Engine::Sqlite, folder.path()).await;
    let start = at("2026-11-01T00:00:00Z");
    let clock = Arc::new(ManualClock::at(start));
    let app = app(&database, "0 8 * * Fri", "Asia/Tokyo", Arc::clone(&clock) as _).await;
    app.store.enrol(&[enrolment("reader@example.jp", start)], None).await.unwrap();
    let mut dice = dice("R10");
    let jumps = sized(60, 600);
    let mut furthest = start;
    for n in 0..jumps {
        article(&app.store, &format!("article {n}"), clock.now()).await;
        app.scheduler.step().await.unwrap();
        // Time goes on by hours, and is set by an hour or a week this way or that.
        clock.advance(SignedDuration::from_hours(dice.random_range(1..30)));
        let sizes = [0, 1, -1, 1, -1, 7 * 24, -7 * 24];
        clock.advance(SignedDuration::from_hours(sizes[dice.random_range(0..sizes.len())]));
        clock.set(clock.now().max(start));
        furthest = furthest.max(clock.now());
        app.scheduler.step().await.unwrap();
    }
    let all = issues(&app).await;
    let weekly = Schedule::parse("0 8 * * Fri", "Asia/Tokyo").unwrap();
    let due = weekly.slots_between(start, furthest, usize::MAX);
    let slots: BTreeSet<_> = all.iter().map(|issue| issue.slot.clone()).collect();
    assert_eq!(slots.len(), all.len(), "no slot twice");
    assert_eq!(slots, due.iter().map(kawaraban::domain::schedule::Slot::key).collect(), "every slot is on record");
    let sent = all.iter().filter(|issue| issue.state == IssueState::Sending).count();
    report(
        "R10",
        &format!("{jumps} jumps of an hour or a week, both ways"),
        &format!("{} slots, {sent} issues, {} on record as missed, none twice", all.len(), all.len() - sent),
    );
    assert!(sent > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_schedulers_at_one_instant_make_one_issue() {
    let rounds = sized(10, 250);
    for engine in Engine::all() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::new(engine, folder.path()).await;
        let start = at("2026-11-20T00:00:00Z");
        let clock = Arc::new(ManualClock::at(start));
        let mut apps = Vec::new();
        for _ in 0..4 {
            apps.push(app(&database, "0 8 * * Fri", "Asia/Tokyo", Arc::clone(&clock) as _).await);
        }
        apps[0].store.enrol(&[enrolment("reader-0000000@example.jp", start)], None).await.unwrap();
        for one in &apps {
            one.scheduler.step().await.unwrap();
        }
        for round in 0..rounds {
            article(&apps[0].store, &format!("article {round}"), clock.now()).await;
            let next = apps[0].scheduler.step().await.unwrap().expect("there is always a next Friday");
            clock.set(next);
            // Three schedulers, and a hand that sends now.
            let slot = Schedule::parse("0 8 * * Fri", "Asia/Tokyo").unwrap().slot_at(clock.now());
            let hand = apps[3].scheduler.run_slot("weekly", &slot, Fetching::None, |_| ());
            let (a, b, c, hand) =
                tokio::join!(apps[0].scheduler.step(), apps[1].scheduler.step(), apps[2].scheduler.step(), hand);
            a.unwrap();
            b.unwrap();
            c.unwrap();
            hand.unwrap();
        }
        let all = issues(&apps[0]).await;
        assert_eq!(all.len(), rounds, "{engine:?}");
        for issue in &all {
            assert_eq!((&issue.state, issue.recipients), (&IssueState::Sending, 1), "{engine:?}: {}", issue.slot);
            assert_eq!(apps[0].store.delivery_counts(issue.id).await.unwrap().total(), 1);
        }
        for one in apps {
            one.store.close().await;
        }
        report(
            "R11",
            &format!("{engine:?}, three schedulers and a hand at one instant"),
            &format!("{} triggers, {rounds} slots, {} issues, one delivery each", rounds * 4, all.len()),
        );
    }
}

async fn send(folder: &Path, edition: &str) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kawaraban"));
    command.args(["send", edition, "--no-fetch"]).current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
    let ran = tokio::time::timeout(Duration::from_secs(120), command.output()).await.expect("it ends").unwrap();
    (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_sends_at_one_instant_mail_everybody_once() {
    let (rounds, readers) = sized((2, 20), (15, 100));
    for engine in Engine::all() {
        let folder = tempfile::tempdir().unwrap();
        let relay = FaultServer::plain(|_| Answer::Usual).await;
        let database = Database::new(engine, folder.path()).await;
        let mut text = config_text(&database, "0 8 * * Fri", "Asia/Tokyo", relay.port);
        // A minute has one slot of an edition, so each round has an edition of its own.
        let editions: Vec<String> = (0..rounds).map(|round| format!("edition-{round}")).collect();
        for name in &editions {
            text += &format!("[[editions]]\nname = \"{name}\"\ntitle = \"{name}\"\nschedule = \"0 8 * * Fri\"\n");
        }
        std::fs::write(folder.path().join("kawaraban.toml"), text).unwrap();
        let store = Store::open(&SecretString::from(database.url.as_str())).await.unwrap();
        store.migrate().await.unwrap();
        let now = SystemClock.now();
        let taken: Vec<_> = editions.iter().map(|name| (name.clone(), Choice::everything())).collect();
        let reader = |n| Enrolment { editions: taken.clone(), ..enrolment(&crate::kit::house::address(n), now) };
        let people: Vec<_> = (0..readers).map(reader).collect();
        store.enrol(&people, None).await.unwrap();
        article(&store, "article", now).await;
        for edition in &editions {
            let before = relay.journal.len();
            let once = || send(folder.path(), edition);
            let ended = tokio::join!(once(), once(), once(), once());
            for (code, said) in [ended.0, ended.1, ended.2, ended.3] {
                assert_eq!(code, Some(0), "{said}");
            }
            let taken = relay.journal.since(before);
            let people: BTreeSet<_> = taken.iter().map(|taken| taken.recipient.as_str()).collect();
            assert_eq!(taken.len(), readers, "{engine:?}, {edition}");
            assert_eq!(people.len(), taken.len(), "nobody twice");
        }
        let issues = store.latest_issues(None, None, 1_000).await.unwrap();
        let released = issues.iter().filter(|issue| issue.state == IssueState::Finished).count();
        // A round may fall on the turn of a minute: the slot of the next one has nothing new, and says so.
        let skipped = issues.iter().filter(|issue| matches!(issue.state, IssueState::Skipped(_))).count();
        assert_eq!((released, skipped), (rounds, issues.len() - rounds));
        store.close().await;
        report(
            "R11",
            &format!("{engine:?}, four `send` processes at one instant"),
            &format!("{} processes, {released} issues to {readers} readers each, duplicates 0", rounds * 4),
        );
    }
}
