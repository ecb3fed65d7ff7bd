//! R8: certificates that are no good, encryption that is taken away, and what of all that can be read on the wire.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use kawaraban::clock::ManualClock;
use kawaraban::config::{RelayConfig, RelayTls};
use kawaraban::smtpd::{Answer, Tls};
use tokio::net::TcpListener;

use crate::kit::certificates::Authority;
use crate::kit::house::{Engine, House, Plan};
use crate::kit::report::{report, sized};
use crate::kit::server::{At, FaultServer, Moment};
use crate::kit::tap::{Change, Tap};
use crate::kit::tempo::{Tempo, short_deadlines};
use crate::kit::truth::Truth;

const PATIENCE: Duration = Duration::from_secs(1);

fn start() -> Timestamp {
    "2026-11-26T23:00:00Z".parse().unwrap()
}

fn courteous(_: &Moment<'_>) -> Answer {
    Answer::Usual
}

/// A relay that is no good, and how it is to be talked to.
struct Bad {
    name: &'static str,
    tls: RelayTls,
    /// What the operator must be told.
    words: &'static str,
    relay: Option<FaultServer>,
    change: Change,
}

/// Takes STARTTLS out of what a relay offers, as somebody in the middle would.
fn strip(said: Vec<u8>) -> Vec<u8> {
    String::from_utf8_lossy(&said).replace("STARTTLS", "XXXXXXXX").into_bytes()
}

/// Refuses STARTTLS in the relay's name.
fn refuse(said: Vec<u8>) -> Vec<u8> {
    if said.starts_with(b"220 2.0.0 go ahead") { b"454 4.7.0 not now\r\n".to_vec() } else { said }
}

async fn bad_relays(good: &Authority, stranger: &Authority) -> Vec<Bad> {
    let mut all = Vec::new();
    for tls in [RelayTls::StartTls, RelayTls::Implicit] {
        for (name, config, words) in [
            ("expired", good.server("localhost", true), "has expired"),
            ("for another host", good.server("other.example", false), "is not for localhost"),
            ("of a stranger", stranger.server("localhost", false), "nobody we trust"),
        ] {
            let server = if tls == RelayTls::StartTls { Tls::StartTls(config) } else { Tls::Implicit(config) };
            let relay = Some(FaultServer::with_tls(server, courteous).await);
            all.push(Bad { name, tls, words, relay, change: None });
        }
    }
    let server = || Tls::StartTls(good.server("localhost", false));
    for (name, words, change) in [
        ("STARTTLS stripped", "does not offer STARTTLS", strip as fn(Vec<u8>) -> Vec<u8>),
        ("STARTTLS refused", "does not start TLS", refuse),
    ] {
        let relay = Some(FaultServer::with_tls(server(), courteous).await);
        all.push(Bad { name, tls: RelayTls::StartTls, words, relay, change: Some(change) });
    }
    all.push(Bad {
        name: "a silent handshake",
        tls: RelayTls::Implicit,
        words: "did not answer in time",
        relay: None,
        change: None,
    });
    all
}

/// Returns whether the bytes have a command in the clear that must not be there.
fn in_clear(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_ascii_uppercase();
    ["AUTH ", "MAIL FROM", "RCPT TO", "HUNTER2", "AG1LAGH1BNRLCJI", "@EXAMPLE.JP"]
        .iter()
        .any(|word| text.contains(word))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_said_to_a_relay_that_does_not_prove_who_it_is() {
    let (good, stranger) = (Authority::new(), Authority::new());
    let relay = FaultServer::with_tls(Tls::StartTls(good.server("localhost", false)), courteous).await;
    let house = House::new(Plan { now: start(), ..Plan::new(Engine::Sqlite, 12) }, relay).await;
    let clock = Arc::new(ManualClock::at(start()));
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = |port: u16, tls: RelayTls| RelayConfig {
        tls,
        username: Some("me".to_owned()),
        password: Some("hunter2".into()),
        ca_file: Some(good.pem.path().to_owned()),
        ..RelayConfig::plain("main", "localhost", port)
    };
    let mut bytes = 0;
    let cases = bad_relays(&good, &stranger).await;
    for case in &cases {
        let port = case.relay.as_ref().map_or_else(|| silent.local_addr().unwrap().port(), |relay| relay.port);
        let tap = Tap::on(port, case.change).await;
        let tempo = Tempo::new(&house, &clock, short_deadlines(PATIENCE), config(tap.port, case.tls));
        let begun = Instant::now();
        tempo.settle(&house).await;
        let troubles = tempo.delivery.troubles();
        let name = format!("{} ({:?})", case.name, case.tls);
        assert!(troubles.iter().any(|trouble| trouble.contains(case.words)), "{name}: {troubles:?}");
        assert!(begun.elapsed() < PATIENCE + Duration::from_secs(5), "{name}: {:?}", begun.elapsed());
        assert!(!in_clear(&tap.sent()), "{name}: {:?}", String::from_utf8_lossy(&tap.sent()));
        bytes += tap.sent().len();
        if let Some(relay) = &case.relay {
            assert_eq!(relay.journal.len(), 0, "{name}");
            assert!(relay.heard().iter().all(|heard| ["EHLO", "STARTTLS"].contains(&heard.verb.as_str())), "{name}");
        }
        let counts = house.counts().await;
        assert_eq!((counts.queued, counts.total()), (12, 12), "{name}: {counts:?}");
        assert!(house.lines().await.iter().all(|line| line.attempts == 0), "{name}: nobody pays for it");
    }

    // The healthy relay, through a tap: all is sent, and none of it can be read.
    let tap = Tap::on(house.relay.port, None).await;
    let mut truth = Truth::default();
    let tempo = Tempo::new(&house, &clock, short_deadlines(PATIENCE * 5), config(tap.port, RelayTls::StartTls));
    tempo.run(&house, &mut truth, SignedDuration::from_hours(1)).await;
    assert!(!in_clear(&tap.sent()));
    let verdict = truth.judge(&house).await;
    assert_eq!((verdict.accepted, verdict.lost, verdict.duplicates), (12, 0, 0));
    report(
        "R8",
        &format!("{} relays with bad or no TLS, read at the socket", cases.len()),
        &format!("{bytes} bytes read, of AUTH, MAIL or an address in clear 0; lost 0, duplicates 0, blamed 0"),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tls_session_that_ends_in_the_middle_loses_nothing() {
    let authority = Authority::new();
    let recipients = sized(24, 240);
    let mut cases = 0;
    for implicit in [false, true] {
        for at in [At::Mail, At::Rcpt, At::Data, At::Dot, At::Taken] {
            let config = authority.server("localhost", false);
            let tls = if implicit { Tls::Implicit(config) } else { Tls::StartTls(config) };
            // Hanging up, this server says close_notify first.
            let relay = FaultServer::with_tls(tls, move |moment| {
                if moment.at == at && moment.nth == 1 && moment.recipient.ends_with("3@example.jp")
                    || at == At::Mail && moment.at == at && moment.nth.is_multiple_of(7)
                {
                    Answer::Drop
                } else {
                    Answer::Usual
                }
            })
            .await;
            let house = House::new(Plan { now: start(), ..Plan::new(Engine::Sqlite, recipients) }, relay).await;
            let clock = Arc::new(ManualClock::at(start()));
            let tap = Tap::on(house.relay.port, None).await;
            let relay = RelayConfig {
                tls: if implicit { RelayTls::Implicit } else { RelayTls::StartTls },
                username: Some("me".to_owned()),
                password: Some("hunter2".into()),
                ca_file: Some(authority.pem.path().to_owned()),
                ..RelayConfig::plain("main", "localhost", tap.port)
            };
            let mut truth = Truth::default();
            let tempo = Tempo::new(&house, &clock, short_deadlines(PATIENCE * 5), relay);
            tempo.run(&house, &mut truth, SignedDuration::from_hours(48)).await;
            let verdict = truth.judge(&house).await;
            assert_eq!((verdict.accepted, verdict.lost), (recipients, 0), "{at:?}");
            assert!(verdict.duplicates == 0 || at == At::Taken, "{at:?}: {verdict:?}");
            assert!(!in_clear(&tap.sent()), "{at:?}");
            cases += 1;
        }
    }
    report(
        "R8",
        "close_notify at MAIL, RCPT, DATA, the dot and after it",
        &format!("{cases} runs of {recipients} recipients, lost 0, in clear 0"),
    );
}
