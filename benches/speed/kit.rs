//! A list of subscribers, an issue for them, and the daemon's own delivery to send it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kawaraban::clock::{Clock, SystemClock, random_bytes};
use kawaraban::config::{DkimConfig, DkimKeyConfig, RelayConfig};
use kawaraban::delivery::{Delivery, Policy};
use kawaraban::domain::choice::Choice;
use kawaraban::domain::consent::{ConsentEvent, ConsentKind, Visit};
use kawaraban::domain::delivery::OnUnknown;
use kawaraban::domain::ids::IssueId;
use kawaraban::domain::issue::{Letter, LetterHead, ListHead};
use kawaraban::domain::language::Language;
use kawaraban::domain::links::Links;
use kawaraban::domain::subscriber::SubscriberState;
use kawaraban::domain::token::Signer;
use kawaraban::mail::Relay;
use kawaraban::mail::dkim::{Algorithm, Dkim, generate};
use kawaraban::store::{Enrolment, NewIssue, SealedIssue, Store};
use tokio_util::sync::CancellationToken;

pub(crate) const SPLICE: &str = "kwb0123456789abcdef0123456789abcdef";

/// A SQLite file of its own on the disk where temporary files are, with `subscribers` people in it.
pub(crate) async fn sqlite(subscribers: usize) -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("sqlite://{}/bench.db", folder.path().display()).into()).await.unwrap();
    fill(&store, subscribers).await;
    (store, folder)
}

/// A fresh database in the PostgreSQL at `TEST_POSTGRES_URL`, with `subscribers` people in it, and its address.
pub(crate) async fn postgres(subscribers: usize) -> (Store, String) {
    let server = std::env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL names a PostgreSQL: use `make bench`");
    let name = format!("bench_{}", data_encoding::HEXLOWER.encode(&random_bytes::<6>(&SystemClock)));
    let created =
        std::process::Command::new("psql").args([&server, "-qc", &format!("CREATE DATABASE {name}")]).status();
    assert!(created.unwrap().success(), "psql could not create a database");
    let mut url: url::Url = server.parse().unwrap();
    url.set_path(&name);
    let store = Store::open(&url.as_str().into()).await.unwrap();
    fill(&store, subscribers).await;
    (store, url.to_string())
}

async fn fill(store: &Store, subscribers: usize) {
    store.migrate().await.unwrap();
    for from in (0..subscribers).step_by(5000) {
        let batch: Vec<_> = (from..subscribers.min(from + 5000)).map(enrolment).collect();
        store.enrol(&batch, None).await.unwrap();
    }
}

/// Freezes an issue of about `bytes` for everybody, and returns it with the time that took.
pub(crate) async fn sealed(store: &Store, bytes: usize) -> (IssueId, Duration) {
    let now = SystemClock.now();
    let new = NewIssue {
        edition: "weekly".to_owned(),
        slot: now.to_string(),
        scheduled: now,
        skipped: None,
        items: Vec::new(),
    };
    let draft = store.create_issue(&new, now).await.unwrap().unwrap();
    let letters = vec![letter(bytes)];
    let issue = SealedIssue {
        id: draft.id,
        revision: draft.revision,
        items: Vec::new(),
        letters,
        unserved: Vec::new(),
        without_readers: false,
    };
    let begin = Instant::now();
    store.seal_issue(&issue, now).await.unwrap();
    (draft.id, begin.elapsed())
}

/// Sends everything an issue has, over as many nodes as there are stores, and returns how long it took from the release
/// to the last line in the ledger. Every message is signed with `dkim`, if there is a key.
pub(crate) async fn sent(
    stores: &[Store],
    issue: IssueId,
    relay: &Relay,
    dkim: Option<&Arc<Dkim>>,
    watch: &mut (dyn FnMut() + Send),
) -> Duration {
    stores[0].release_issue(issue, SystemClock.now()).await.unwrap();
    let end = CancellationToken::new();
    let begin = Instant::now();
    let nodes: Vec<_> = stores
        .iter()
        .map(|store| {
            let delivery = Delivery::new(
                store.clone(),
                Arc::new(SystemClock),
                links(),
                policy(),
                vec![relay.clone()],
                dkim.cloned(),
            );
            tokio::spawn(Arc::new(delivery).run(false, end.clone()))
        })
        .collect();
    let took = loop {
        let counts = stores[0].delivery_counts(issue).await.unwrap();
        watch();
        if counts.open() == 0 {
            assert_eq!(counts.accepted, counts.total(), "everything was accepted");
            break begin.elapsed();
        }
        tokio::time::sleep(until_next_count(begin.elapsed(), counts.total() - counts.open(), counts.open())).await;
    };
    end.cancel();
    for node in nodes {
        node.await.unwrap().unwrap();
    }
    took
}

/// How long to wait before the ledger is counted again. Counting a long one costs as much as sending a hundred messages
/// does, so it is done when about half of what was left is gone, and often only near the end. The first messages say
/// little about the rest: nobody waits longer than a quarter of what has passed.
fn until_next_count(elapsed: Duration, done: i64, open: i64) -> Duration {
    const OFTEN: Duration = Duration::from_millis(20);
    let of = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let half_of_the_rest = elapsed.checked_div(of(done)).map_or(OFTEN, |each| each * (of(open) / 2));
    half_of_the_rest.min(elapsed / 4).max(OFTEN)
}

/// A new RSA-2048 key.
pub(crate) fn rsa_key() -> Arc<Dkim> {
    let (pem, _) = generate(Algorithm::Rsa, "bench", "example.jp").unwrap();
    let rsa = DkimKeyConfig { selector: "bench".to_owned(), pem, file: None, setting: "dkim.key" };
    let config = DkimConfig { domain: "example.jp".to_owned(), rsa, ed25519: None, oversign: true };
    Arc::new(Dkim::load(&config).unwrap())
}

pub(crate) fn relay(port: u16, connections: usize) -> Relay {
    let mut config = RelayConfig::plain("bench", "127.0.0.1", port);
    config.connections = connections;
    Relay::new(config, "localhost")
}

fn policy() -> Policy {
    Policy {
        on_unknown: OnUnknown::Resend,
        unknown_delay: Duration::from_secs(900),
        give_up_after: Duration::from_secs(48 * 3600),
        rate_per_minute: 0,
    }
}

fn enrolment(n: usize) -> Enrolment {
    Enrolment {
        existing: None,
        public_id: random_bytes(&SystemClock),
        address: format!("reader-{n}@example.jp"),
        address_key: format!("reader-{n}@example.jp"),
        address_hash: [0; 32],
        language: Language::En,
        editions: vec![("weekly".to_owned(), Choice::everything())],
        state: SubscriberState::Confirmed,
        pending_until: None,
        event: ConsentEvent::new(ConsentKind::Imported, SystemClock.now(), &Visit::default()),
        confirmation: None,
    }
}

/// A digest of about `bytes` when it is encoded, with the links a real one has.
pub(crate) fn letter(bytes: usize) -> Letter {
    let line = "<p>The harbour market opens an hour earlier from Friday, says the town.</p>\n";
    let link = links().unsubscribe(SPLICE);
    let lines = line.repeat((bytes - 2200) / (line.len() + 3));
    Letter {
        language: Language::En,
        subject: "Benchmark".to_owned(),
        text: format!("Benchmark\nLeave: {link}\n"),
        html: format!("{lines}<p><a href=\"{link}\">Leave</a></p>\n"),
        splice_key: SPLICE.to_owned(),
        head: LetterHead {
            from_name: "Bench".to_owned(),
            from_email: "news@example.jp".to_owned(),
            reply_to: None,
            list: Some(ListHead {
                title: "Weekly".to_owned(),
                id: "weekly.news.example.jp".to_owned(),
                unsubscribe_url: link,
                unsubscribe_mailto: None,
                archive_url: links().issues(),
            }),
        },
        date: SystemClock.now(),
        variant: String::new(),
    }
}

pub(crate) fn links() -> Links {
    Links::new(&"https://news.example.jp/".parse().unwrap(), Signer::new(&"x".repeat(32).into(), &[]))
}
