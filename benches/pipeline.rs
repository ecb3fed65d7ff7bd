//! What the ledger costs, and whether sealing grows with the list and no faster. Each figure is a ratio of two runs side
//! by side, because machines differ and ratios do not.
//!
//! `make bench`, or `cargo bench --bench pipeline -- MAILS SUBSCRIBERS` for other sizes.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing to say")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use kawaraban::clock::{Clock, SystemClock, random_bytes};
use kawaraban::config::RelayConfig;
use kawaraban::delivery::{Delivery, Policy};
use kawaraban::domain::consent::{ConsentEvent, ConsentKind, Visit};
use kawaraban::domain::delivery::{OnUnknown, Outcome};
use kawaraban::domain::ids::IssueId;
use kawaraban::domain::issue::{Letter, LetterHead};
use kawaraban::domain::language::Language;
use kawaraban::domain::links::Links;
use kawaraban::domain::subscriber::SubscriberState;
use kawaraban::domain::token::Signer;
use kawaraban::mail::{Relay, Session, compose};
use kawaraban::smtpd::{MemoryInbox, Options, Server};
use kawaraban::store::{Enrolment, NewIssue, SealedIssue, Store};
use tokio_util::sync::CancellationToken;

const CONNECTIONS: usize = 4;
/// About the size of a digest of ten items.
const BODY_BYTES: usize = 10_000;

#[tokio::main]
async fn main() {
    let mut sizes = std::env::args().skip(1).filter_map(|argument| argument.parse::<usize>().ok());
    let mails = sizes.next().unwrap_or(2_000);
    let subscribers = sizes.next().unwrap_or(50_000);
    ledger(mails).await;
    sealing(subscribers).await;
}

/// The whole pipeline (claim, compose, offer, send, record, each durably on SQLite) against the bare connections.
async fn ledger(mails: usize) {
    let inbox = Arc::new(MemoryInbox::new(1));
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), Options::default(), inbox.clone()).await.unwrap();
    let mut config = RelayConfig::plain("bench", "127.0.0.1", server.local_addr().unwrap().port());
    config.connections = CONNECTIONS;
    let relay = Relay::new(config, "localhost");
    let stop = CancellationToken::new();
    tokio::spawn(server.run(stop.clone()));

    let bare = bare(&relay, mails).await;
    let (store, _folder) = filled(mails).await;
    let issue = sealed(&store).await;
    store.release_issue(issue, SystemClock.now()).await.unwrap();
    let policy = Policy {
        on_unknown: OnUnknown::Resend,
        unknown_delay: Duration::from_secs(900),
        give_up_after: Duration::from_secs(3600),
        rate_per_minute: 0,
    };
    let delivery = Arc::new(Delivery::new(store.clone(), Arc::new(SystemClock), links(), policy, vec![relay], None));
    let begin = Instant::now();
    let end = CancellationToken::new();
    let running = tokio::spawn(Arc::clone(&delivery).run(true, end.clone()));
    while store.delivery_counts(issue).await.unwrap().open() > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let whole = begin.elapsed();
    end.cancel();
    running.await.unwrap().unwrap();
    assert_eq!(inbox.taken(), 2 * u64::try_from(mails).unwrap());
    println!(
        "{mails} mails of {} kB over {CONNECTIONS} connections: bare {:.0}/s, with the ledger {:.0}/s, ratio {:.2}",
        BODY_BYTES / 1000,
        per_second(mails, bare),
        per_second(mails, whole),
        bare.as_secs_f64() / whole.as_secs_f64(),
    );
    stop.cancel();
}

async fn bare(relay: &Relay, mails: usize) -> Duration {
    let begin = Instant::now();
    let workers: Vec<_> = (0..CONNECTIONS)
        .map(|worker| {
            let relay = relay.clone();
            let share = mails / CONNECTIONS + usize::from(worker < mails % CONNECTIONS);
            tokio::spawn(async move {
                let letter = letter();
                let mut session = Session::connect(&relay).await.unwrap();
                for n in 0..share {
                    let to = format!("reader-{n}@example.jp");
                    let content = compose(&letter, &to, "<bench@example.jp>", Some("token")).unwrap();
                    session.begin("news@example.jp", &to).await.map_err(|refusal| refusal.outcome).unwrap();
                    assert!(matches!(session.finish(&content).await, Outcome::Accepted(_)));
                }
                session.quit().await;
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    begin.elapsed()
}

/// Sealing for a tenth of the subscribers against sealing for all of them, per subscriber.
async fn sealing(subscribers: usize) {
    let time = async |count: usize| {
        let (store, _folder) = filled(count).await;
        let begin = Instant::now();
        sealed(&store).await;
        begin.elapsed()
    };
    let (few, all) = (time(subscribers / 10).await, time(subscribers).await);
    println!(
        "sealing: {} subscribers {:.0} ms, {subscribers} subscribers {:.0} ms, per subscriber {:.2} times",
        subscribers / 10,
        few.as_secs_f64() * 1000.0,
        all.as_secs_f64() * 1000.0,
        all.as_secs_f64() / 10.0 / few.as_secs_f64(),
    );
}

async fn filled(subscribers: usize) -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("sqlite://{}/bench.db", folder.path().display()).into()).await.unwrap();
    store.migrate().await.unwrap();
    let all: Vec<_> = (0..subscribers).map(enrolment).collect();
    for batch in all.chunks(1000) {
        store.enrol(batch, None).await.unwrap();
    }
    (store, folder)
}

async fn sealed(store: &Store) -> IssueId {
    let now = SystemClock.now();
    let new = NewIssue {
        edition: "weekly".to_owned(),
        slot: "2026-11-27T08:00".to_owned(),
        scheduled: now,
        skipped: None,
        items: Vec::new(),
    };
    let draft = store.create_issue(&new, now).await.unwrap().unwrap();
    let issue = SealedIssue { id: draft.id, revision: draft.revision, items: Vec::new(), letters: vec![letter()] };
    store.seal_issue(&issue, now).await.unwrap();
    draft.id
}

fn enrolment(n: usize) -> Enrolment {
    Enrolment {
        existing: None,
        public_id: random_bytes(&SystemClock),
        address: format!("reader-{n}@example.jp"),
        address_key: format!("reader-{n}@example.jp"),
        address_hash: [0; 32],
        language: Language::En,
        editions: vec!["weekly".to_owned()],
        state: SubscriberState::Confirmed,
        pending_until: None,
        event: ConsentEvent::new(ConsentKind::Imported, SystemClock.now(), &Visit::default()),
        confirmation: None,
    }
}

fn letter() -> Letter {
    let line = "The harbour market opens an hour earlier from Friday, says the town. ";
    let html = format!("<p>{}</p>", line.repeat(BODY_BYTES / line.len()));
    Letter {
        language: Language::En,
        subject: "Benchmark".to_owned(),
        text: "Benchmark\n".to_owned(),
        html,
        splice_key: "kwb-none".to_owned(),
        head: LetterHead {
            from_name: "Bench".to_owned(),
            from_email: "news@example.jp".to_owned(),
            reply_to: None,
            list: None,
        },
        date: SystemClock.now(),
    }
}

fn links() -> Links {
    Links::new(&"https://news.example.jp/".parse().unwrap(), Signer::new(&"x".repeat(32).into(), &[]))
}

fn per_second(count: usize, time: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / time.as_secs_f64()
}
