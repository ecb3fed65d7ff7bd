//! How fast, how large: every figure is a ratio of two runs side by side in one process and on one machine, because
//! machines differ and ratios do not. `docs/performance.md` keeps the figures and the promises.
//!
//! `make bench` runs everything; `cargo bench --bench speed -- NAME…` some of it, and `--quick` all of it on a small scale.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing to say")]

mod kit;
mod postfix;
mod proxy;

use std::sync::Arc;
use std::time::{Duration, Instant};

use kawaraban::domain::delivery::Reply;
use kawaraban::mail::{Dkim, compose};
use kawaraban::smtpd::{Answer, Behaviour, Envelope, MemoryInbox, Options, Peer, Server};
use kawaraban::store::Store;
use lettre::transport::smtp::PoolConfig;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use tokio_util::sync::CancellationToken;

/// What is run without a name.
const ALL: &[&str] = &["sqlite", "dkim", "postgres", "lettre", "far", "million", "nodes"];
/// So often each pair is run; the middle one counts.
const ROUNDS: usize = 3;

/// How much is sent.
#[derive(Clone, Copy)]
struct Scale {
    mails: usize,
    many: usize,
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let scale = if quick { Scale { mails: 2_000, many: 50_000 } } else { Scale { mails: 20_000, many: 1_000_000 } };
    let named: Vec<&str> = arguments.iter().map(String::as_str).filter(|name| ALL.contains(name)).collect();
    for name in if named.is_empty() { ALL } else { &named } {
        match *name {
            "sqlite" => against_smtp_source("SQLite", Filled::sqlite(scale.mails).await, None, scale).await,
            "dkim" => {
                let key = kit::rsa_key();
                against_smtp_source("SQLite, RSA-2048 DKIM", Filled::sqlite(scale.mails).await, Some(&key), scale)
                    .await;
            }
            "postgres" => against_smtp_source("PostgreSQL", Filled::postgres(scale.mails).await, None, scale).await,
            "lettre" => against_lettre(scale).await,
            "far" => far_away(scale).await,
            "million" => a_million(scale).await,
            "nodes" => two_nodes(scale).await,
            _ => unreachable!("only names of the list are kept"),
        }
    }
}

/// A store with people in it, and what has to live as long.
struct Filled {
    store: Store,
    url: Option<String>,
    _folder: Option<tempfile::TempDir>,
}

impl Filled {
    async fn sqlite(people: usize) -> Self {
        let (store, folder) = kit::sqlite(people).await;
        Self { store, url: None, _folder: Some(folder) }
    }

    async fn postgres(people: usize) -> Self {
        let (store, url) = kit::postgres(people).await;
        Self { store, url: Some(url), _folder: None }
    }
}

/// The whole pipeline (claim, address, offer, send, record, all durable) against `smtp-source`, into one `smtp-sink`.
async fn against_smtp_source(what: &str, house: Filled, dkim: Option<&Arc<Dkim>>, scale: Scale) {
    const CONNECTIONS: usize = 16;
    let sink = postfix::Sink::start();
    let relay = kit::relay(sink.port, CONNECTIONS);
    for bytes in [10_240, 30_720] {
        let mut pairs = Vec::new();
        for _ in 0..ROUNDS {
            let (issue, _) = kit::sealed(&house.store, bytes).await;
            let size = message_size(bytes);
            let ours = kit::sent(std::slice::from_ref(&house.store), issue, &relay, dkim, &mut || {}).await;
            let theirs = postfix::source(sink.port, CONNECTIONS, scale.mails, size);
            pairs.push((theirs, ours));
        }
        report(
            &format!("{what}, {} kB, 16 connections: pipeline against smtp-source", bytes / 1024),
            scale.mails,
            pairs,
        );
    }
}

/// The whole pipeline against lettre's pooled transport.
async fn against_lettre(scale: Scale) {
    const CONNECTIONS: usize = 16;
    const BYTES: usize = 10_240;
    let few = scale.mails / 10;
    let sink = postfix::Sink::start();
    let relay = kit::relay(sink.port, CONNECTIONS);
    let house = Filled::sqlite(scale.mails).await;
    let mut pairs = Vec::new();
    for _ in 0..ROUNDS {
        let theirs = pooled(sink.port, CONNECTIONS, few, BYTES).await * 10;
        let (issue, _) = kit::sealed(&house.store, BYTES).await;
        let ours = kit::sent(std::slice::from_ref(&house.store), issue, &relay, None, &mut || {}).await;
        pairs.push((theirs, ours));
    }
    report("SQLite, 10 kB, 16 connections: pipeline against lettre's pooled transport", scale.mails, pairs);
}

async fn pooled(port: u16, connections: usize, mails: usize, bytes: usize) -> Duration {
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
        .port(port)
        .pool_config(PoolConfig::new().max_size(u32::try_from(connections).unwrap()))
        .build();
    let envelope = lettre::address::Envelope::new(
        Some("news@example.jp".parse().unwrap()),
        vec!["reader@example.jp".parse().unwrap()],
    )
    .unwrap();
    let message = compose(&kit::letter(bytes), "reader@example.jp", "<1@example.jp>", None).unwrap();
    let begin = Instant::now();
    let workers: Vec<_> = (0..connections)
        .map(|_| {
            let (transport, envelope, message) = (transport.clone(), envelope.clone(), message.clone());
            tokio::spawn(async move {
                for _ in 0..mails / connections {
                    transport.send_raw(&envelope, &message).await.unwrap();
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    begin.elapsed()
}

/// A relay 20 ms away, there and back.
async fn far_away(scale: Scale) {
    const CONNECTIONS: usize = 8;
    const BYTES: usize = 10_240;
    let mails = scale.mails / 10;
    let sink = postfix::Sink::start();
    let port = proxy::delaying(sink.port, Duration::from_millis(10)).await;
    let relay = kit::relay(port, CONNECTIONS);
    let house = Filled::sqlite(mails).await;
    let size = message_size(BYTES);
    let mut pairs = Vec::new();
    for _ in 0..ROUNDS {
        let theirs =
            tokio::task::spawn_blocking(move || postfix::source(port, CONNECTIONS, mails, size)).await.unwrap();
        let (issue, _) = kit::sealed(&house.store, BYTES).await;
        let ours = kit::sent(std::slice::from_ref(&house.store), issue, &relay, None, &mut || {}).await;
        pairs.push((theirs, ours));
    }
    report("SQLite, 10 kB, relay 20 ms away, 8 connections: pipeline against smtp-source", mails, pairs);
}

/// A list a hundred times as long: sealing, memory, and what a message costs.
async fn a_million(scale: Scale) {
    const CONNECTIONS: usize = 16;
    const BYTES: usize = 10_240;
    let sink = postfix::Sink::start();
    let relay = kit::relay(sink.port, CONNECTIONS);
    let few = scale.many / 100;
    let mut runs = Vec::new();
    for people in [few, scale.many] {
        let house = Filled::sqlite(people).await;
        let (issue, sealing) = kit::sealed(&house.store, BYTES).await;
        println!("- {people} subscribers: sealed and fanned out in {:.2} s", sealing.as_secs_f64());
        let mut most = resident();
        let took =
            kit::sent(std::slice::from_ref(&house.store), issue, &relay, None, &mut || most = most.max(resident()))
                .await;
        println!(
            "- {people} subscribers: {:.0} messages/s, resident memory at most {} MB",
            per_second(people, took),
            most / 1024
        );
        runs.push(took.as_secs_f64() / f64::from(u32::try_from(people).unwrap()));
    }
    println!("- time per message at {} against {few}: {:.3}", scale.many, runs[1] / runs[0]);
}

/// Two nodes against one, on PostgreSQL, with a relay that takes 50 ms to answer each message.
async fn two_nodes(scale: Scale) {
    struct Slow;
    impl Behaviour for Slow {
        fn on_taken(&self, _: &Peer, _: &Envelope, _: &Reply) -> Answer {
            Answer::Stall(Duration::from_millis(50))
        }
    }
    let mails = scale.mails / 10;
    let options = Options { behaviour: Arc::new(Slow), ..Options::default() };
    let inbox = Arc::new(MemoryInbox::new(1));
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), options, inbox).await.unwrap();
    let relay = kit::relay(server.local_addr().unwrap().port(), 8);
    let stop = CancellationToken::new();
    tokio::spawn(server.run(stop.clone()));
    let house = Filled::postgres(mails).await;
    let second = Store::open(&house.url.clone().unwrap().into()).await.unwrap();
    let mut pairs = Vec::new();
    for _ in 0..ROUNDS {
        let (issue, _) = kit::sealed(&house.store, 10_240).await;
        let one = kit::sent(std::slice::from_ref(&house.store), issue, &relay, None, &mut || {}).await;
        let (issue, _) = kit::sealed(&house.store, 10_240).await;
        let two = kit::sent(&[house.store.clone(), second.clone()], issue, &relay, None, &mut || {}).await;
        pairs.push((one, two));
    }
    report("PostgreSQL, slow relay, 8 connections each: two nodes against one", mails, pairs);
    stop.cancel();
}

/// Prints the middle of several pairs: theirs, ours, and how many times as fast ours is.
fn report(what: &str, mails: usize, pairs: Vec<(Duration, Duration)>) {
    let mut ratios: Vec<(f64, Duration, Duration)> =
        pairs.into_iter().map(|(theirs, ours)| (theirs.as_secs_f64() / ours.as_secs_f64(), theirs, ours)).collect();
    ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (ratio, theirs, ours) = ratios[ratios.len() / 2];
    println!(
        "- {what}: {:.0}/s against {:.0}/s, ratio {ratio:.2} (of {ROUNDS} rounds {:.2} to {:.2})",
        per_second(mails, ours),
        per_second(mails, theirs),
        ratios[0].0,
        ratios[ratios.len() - 1].0
    );
}

/// How long a message is that our letter of about `bytes` becomes: smtp-source sends the same.
fn message_size(bytes: usize) -> usize {
    compose(
        &kit::letter(bytes),
        "reader-12345@example.jp",
        "<issue.12345.kwb0123456789abc@news.example.jp>",
        Some(&"x".repeat(83)),
    )
    .unwrap()
    .len()
}

/// The memory this process holds, in kB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn per_second(count: usize, time: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / time.as_secs_f64()
}
