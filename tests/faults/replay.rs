//! R16: ten weeks of feeds as they really are, with a week of downtime, and a scheduler that dies at every step. Every
//! article ends up in exactly one issue, or in none for a reason on record, and each issue goes out on time.

mod judges;
mod press;

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use kawaraban::app::App;
use kawaraban::clock::{Clock, ManualClock};
use kawaraban::config::Config;
use kawaraban::domain::article::ArticleKind;
use kawaraban::domain::feed::ItemDefaults;
use kawaraban::domain::issue::{Issue, IssueState};
use kawaraban::store::{NewFeed, Store};
use rand::RngExt;
use secrecy::SecretString;

use self::press::{FEEDS, Press, SILENT_WEEK, WEEKS};
use crate::kit::house::{Database, Engine, SECRET, enrolment};
use crate::kit::report::{dice, report, sized};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The week the machine is off.
const OFF: i64 = 5;
/// What did not fit is printed in the weeks after the last: then nothing new happens.
const QUIET_WEEKS: i64 = 5;

fn config(database: &Database) -> Config {
    let text = format!(
        "base_url = \"https://news.example.jp\"\nsecret = \"{SECRET}\"\n[database]\nurl = \"{}\"\n\
         [feeds]\nallow_networks = [\"127.0.0.0/8\"]\n\
         [sender]\nname = \"Japan Weekly\"\nemail = \"news@example.jp\"\n\
         postal_address = \"1-2-3 Nihonbashi, Chuo-ku, Tokyo\"\ncontact = \"https://news.example.jp/contact\"\n\
         [[editions]]\nname = \"weekly\"\ntitle = \"Japan Weekly\"\nschedule = \"0 8 * * Fri\"\n",
        database.url
    );
    Config::from_text("test", &text, &BTreeMap::new()).unwrap()
}

/// A process: connections of its own, and nothing remembered.
async fn process(database: &Database, clock: &Arc<ManualClock>) -> App {
    let config = config(database);
    let store = Store::open(&SecretString::from(database.url.as_str())).await.unwrap();
    let templates = App::load_templates(&config).unwrap();
    App::new(config, Arc::clone(clock) as _, store, templates).unwrap()
}

/// Runs `work` until it has waited `waits` times and drops it there. Returns whether it died.
async fn dies_after(waits: usize, work: impl Future) -> bool {
    let (mut work, mut left) = (Box::pin(work), waits);
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(true);
        }
        left -= 1;
        work.as_mut().poll(context).map(|_| false)
    })
    .await
}

async fn furnish(app: &App, press: &Press, now: Timestamp) {
    for (feed, section) in FEEDS {
        let opening_life = Some(Duration::from_secs(40 * 24 * 3600));
        let items = if section == "openings" {
            ItemDefaults { kind: ArticleKind::Opening, opening_life, language: None }
        } else {
            ItemDefaults::default()
        };
        let new =
            NewFeed { url: press.url(feed), section: section.to_owned(), category_sections: BTreeMap::new(), items };
        app.store.add_feed(&new, now).await.unwrap();
    }
    app.store.enrol(&[enrolment("reader@example.jp", now)], None).await.unwrap();
}

/// What the ten weeks came to.
struct Weeks {
    issues: Vec<Issue>,
    deaths: usize,
}

/// Lives through the weeks, and through the quiet ones after them.
async fn live(database: &Database, clock: &Arc<ManualClock>, press: &Press, dies: bool) -> Weeks {
    let start = clock.now();
    let mut dice = dice("R16");
    let mut deaths = 0;
    let app = process(database, clock).await;
    furnish(&app, press, start).await;
    app.scheduler.step().await.unwrap();
    for week in 0..WEEKS + QUIET_WEEKS {
        let friday = friday(start, week);
        if week == OFF {
            continue;
        }
        for day in 1..7 {
            clock.set((friday - DAY * (7 - day)).max(clock.now()));
            app.articles.collect_due(Duration::from_secs(3600)).await.unwrap();
        }
        // A process that was off wakes up some time before the next slot, and does first what it missed.
        app.scheduler.step().await.unwrap();
        clock.set(friday);
        for _ in 0..if dies { sized(6, 40) } else { 0 } {
            let doomed = process(database, clock).await;
            deaths += usize::from(dies_after(dice.random_range(1..120), doomed.scheduler.step()).await);
            doomed.store.close().await;
        }
        app.scheduler.step().await.unwrap();
    }
    let paused: Vec<_> = app.store.feeds().await.unwrap();
    let paused: Vec<_> = paused.iter().filter(|feed| feed.health.paused.is_some()).map(|feed| &feed.url).collect();
    assert_eq!(paused, [&press.url("vanishes")], "what is gone for good waits for the operator, and nothing else does");
    let mut issues = app.store.latest_issues(None, None, 1000).await.unwrap();
    issues.reverse();
    app.store.close().await;
    Weeks { issues, deaths }
}

/// What became of each article: its link, and the number of the issue that printed it or the reason why none did.
const FATES: &str = "SELECT a.url, COALESCE(
        (SELECT 'issue ' || CAST(MIN(s.number) AS TEXT) || CASE WHEN COUNT(*) > 1 THEN ' and again' ELSE '' END
            FROM issue_items i JOIN issues s ON s.id = i.issue_id
            WHERE i.article_id = a.id AND s.state IN ('sending', 'finished') HAVING COUNT(*) > 0),
        (SELECT 'set aside: ' || reason FROM set_asides r WHERE r.article_id = a.id),
        CASE WHEN a.story_id IS NOT NULL THEN 'told before' END)
    FROM articles a";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_weeks_of_real_feeds_print_everything_once() {
    for engine in Engine::all() {
        for dies in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let database = Database::new(engine, folder.path()).await;
            let store = Store::open(&SecretString::from(database.url.as_str())).await.unwrap();
            store.migrate().await.unwrap();
            store.close().await;
            // A Friday, eight in the morning in Tokyo.
            let clock = Arc::new(ManualClock::at("2026-09-10T23:00:00Z".parse().unwrap()));
            let start = clock.now();
            let hangs = engine == Engine::Sqlite && !dies;
            let press = Press::open(Arc::clone(&clock), hangs).await;
            let weeks = live(&database, &clock, &press, dies).await;
            let fates: Vec<(String, Option<String>)> = database.pairs(FATES).await;
            assert_eq!(weeks.deaths > 0, dies, "{engine:?}");
            every_friday_has_its_issue(&weeks, start);
            if hangs {
                what_hangs_is_waited_for_by_no_issue(&weeks, &press, start, &fates);
            }
            judge(&format!("{engine:?}"), &weeks, &press, fates);
        }
    }
}

fn friday(start: Timestamp, week: i64) -> Timestamp {
    start + DAY * 7 * i32::try_from(week + 1).unwrap()
}

/// Each Friday has one line: an issue that left at that very moment, or the reason why there is none. That is the week in
/// which the machine was off, and those at the end for which nothing was left.
fn every_friday_has_its_issue(weeks: &Weeks, start: Timestamp) {
    let on_record: Vec<_> = weeks.issues.iter().map(|issue| issue.scheduled).collect();
    let fridays: Vec<_> = (0..WEEKS + QUIET_WEEKS).map(|week| friday(start, week)).collect();
    assert_eq!(on_record, fridays, "one line for each Friday, and none beside them");
    let mut all_told = false;
    for (week, issue) in (0..).zip(&weeks.issues) {
        match &issue.state {
            IssueState::Skipped(reason) if week == OFF => assert!(reason.contains("missed"), "week {week}: {reason}"),
            IssueState::Skipped(reason) if week >= WEEKS => {
                assert!(reason.contains("nothing"), "week {week}: {reason}");
                all_told = true;
            }
            state => {
                assert!(matches!(state, IssueState::Sending | IssueState::Finished), "week {week}: {state}");
                assert_eq!(issue.released, Some(issue.scheduled), "week {week} was late");
                assert!(week != OFF && !all_told, "week {week}: there was nothing to print");
            }
        }
    }
}

/// The feed that fell silent at a slot kept nothing from going out, and what it told then is printed later.
fn what_hangs_is_waited_for_by_no_issue(
    weeks: &Weeks,
    press: &Press,
    start: Timestamp,
    fates: &[(String, Option<String>)],
) {
    assert_eq!(press.unanswered(), 1, "it was asked at the slot, once");
    let of_that_week = weeks.issues.iter().find(|issue| issue.scheduled == friday(start, SILENT_WEEK)).unwrap();
    let url = format!("https://hangs.example.jp/articles/{SILENT_WEEK}/0");
    let (_, fate) = fates.iter().find(|(told, _)| *told == url).unwrap();
    let printed: i64 = fate.as_deref().unwrap().strip_prefix("issue ").unwrap().parse().unwrap();
    assert!(printed > of_that_week.number.unwrap(), "issue {printed} cannot have had it");
}

fn judge(engine: &str, weeks: &Weeks, press: &Press, fates: Vec<(String, Option<String>)>) {
    let everything = press.everything();
    let sent: Vec<_> = weeks.issues.iter().filter(|i| i.released.is_some()).collect();
    for issue in &sent {
        assert_eq!(issue.recipients, 1, "{engine}: issue {:?}", issue.number);
    }

    // Of every event, exactly one telling is printed; the others have a reason.
    let mut printed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut kept_out: BTreeMap<String, usize> = BTreeMap::new();
    for (url, fate) in &fates {
        let event = everything.get(url).unwrap_or_else(|| panic!("{engine}: nobody told {url}")).event.as_str();
        let fate = fate.as_deref().unwrap_or_else(|| panic!("{engine}: {url} is in no issue, and nobody knows why"));
        assert!(!fate.contains("again"), "{engine}: {url} is in {fate}");
        match fate.strip_prefix("issue ") {
            Some(number) => printed.entry(event).or_default().push(number),
            None => *kept_out.entry(fate.to_owned()).or_default() += 1,
        }
    }
    let events: BTreeSet<&str> = everything.values().map(|told| told.event.as_str()).collect();
    let lost: Vec<_> = events.iter().filter(|event| !printed.contains_key(**event)).collect();
    let repeated: Vec<_> = printed.iter().filter(|(_, issues)| issues.len() > 1).collect();
    assert!(lost.is_empty(), "{engine}: lost {lost:?}; kept out: {kept_out:?}");
    assert!(repeated.is_empty(), "{engine}: printed twice: {repeated:?}");
    report(
        "R16",
        &format!("{engine}, ten weeks of ten feeds, {} deaths", weeks.deaths),
        &format!(
            "{} events told {} times: lost 0, repeated 0, {} issues, all on time; kept out: {kept_out:?}",
            events.len(),
            fates.len(),
            sent.len()
        ),
    );
}
