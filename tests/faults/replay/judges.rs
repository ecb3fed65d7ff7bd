//! The mails of the ten weeks, judged by programs that are not ours: an e-mail linter and SpamAssassin.
//!
//! Needs Node.js 20 with what `.ci/lint/package.json` names, and Debian's `spamassassin`; `make test` sees to both.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use jiff::Timestamp;
use kawaraban::clock::ManualClock;
use kawaraban::domain::language::Language;
use kawaraban::mail::{compose, message_id};
use kawaraban::store::Store;
use secrecy::SecretString;

use super::press::Press;
use super::{live, process};
use crate::kit::house::{Database, Engine};
use crate::kit::report::report;

/// SpamAssassin calls 5.0 spam.
const MOST_POINTS: f64 = 0.1;

/// Returns what the judge needs; where everything is required, it must be there.
fn needed(there: bool, what: &str) -> bool {
    assert!(
        there || std::env::var_os("CI_REQUIRE_ALL").is_none(),
        "this test needs {what}: run the tests with `make test`, which sees to it"
    );
    there
}

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"))
}

/// Writes the letters of ten issues in both languages into `folder`, as HTML and as whole messages.
async fn ten_digests(folder: &Path) -> Vec<PathBuf> {
    let database = Database::new(Engine::Sqlite, folder).await;
    let store = Store::open(&SecretString::from(database.url.as_str())).await.unwrap();
    store.migrate().await.unwrap();
    store.close().await;
    let start: Timestamp = "2026-09-10T23:00:00Z".parse().unwrap();
    let clock = Arc::new(ManualClock::at(start));
    let press = Press::open(Arc::clone(&clock), false).await;
    let weeks = live(&database, &clock, &press, false).await;
    let app = process(&database, &clock).await;
    let mut messages = Vec::new();
    for issue in weeks.issues.iter().filter(|issue| issue.released.is_some()).take(10) {
        for language in Language::ALL {
            let (_, letter) = app.store.issue_letter(issue.id, language, "").await.unwrap().unwrap();
            let name = format!("issue-{}.{}", issue.number.unwrap(), language.tag());
            fs::write(folder.join(format!("{name}.html")), &letter.html).unwrap();
            let token = app.links.unsubscribe_token([7; 16], issue.id.0);
            let id = message_id(&format!("issue.{}.x", issue.id), app.links.host());
            let message = compose(&letter, "reader@example.jp", &id, Some(&token)).unwrap();
            let path = folder.join(format!("{name}.eml"));
            fs::write(&path, message).unwrap();
            messages.push(path);
        }
    }
    app.store.close().await;
    assert_eq!(messages.len(), 20);
    messages
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_linter_and_spamassassin_find_nothing_in_ten_digests() {
    let linter = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/lint");
    let lints = needed(linter.join("node_modules/caniemail").exists(), "Node.js 20 and the linter");
    let scores = needed(Path::new("/usr/bin/spamassassin").exists(), "spamassassin");
    let folder = tempfile::tempdir().unwrap();
    let messages = ten_digests(folder.path()).await;
    if lints {
        let script = linter.join("lint.mjs").display().to_string();
        let judged = run("node", &[&script, &folder.path().display().to_string()]);
        let said = String::from_utf8_lossy(&judged.stdout);
        assert!(judged.status.success(), "{said}{}", String::from_utf8_lossy(&judged.stderr));
        report("Looks", "emailens and caniemail, ten digests in two languages", said.trim());
    }
    if scores {
        let most = most_points(&messages);
        report("Looks", "SpamAssassin, the same twenty mails", &format!("{most} points at most"));
    }
}

/// Returns the most points SpamAssassin gives one of the mails, without asking the network. It takes seconds to wake up,
/// so it is given all of them at once.
fn most_points(paths: &[PathBuf]) -> f64 {
    let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    // That it came by no relay is worth a point; a mail that travels has to do without.
    let mut arguments = vec!["--local", "--test-mode", "--cf=score ALL_TRUSTED 0"];
    arguments.extend(paths.iter().map(String::as_str));
    let said = String::from_utf8_lossy(&run("spamassassin", &arguments).stdout).into_owned();
    let verdicts: Vec<_> = said.split("\nX-Spam-Status:").skip(1).collect();
    assert_eq!(verdicts.len(), paths.len(), "a verdict for each:\n{said}");
    let points = verdicts.iter().map(|verdict| {
        let score = verdict.split("score=").nth(1).unwrap().split_whitespace().next().unwrap();
        let points: f64 = score.parse().unwrap();
        assert!(points <= MOST_POINTS, "{}", verdict.lines().take(30).collect::<Vec<_>>().join("\n"));
        points
    });
    points.fold(f64::MIN, f64::max)
}
