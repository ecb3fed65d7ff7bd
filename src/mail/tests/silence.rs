//! Relays that stop talking or listening.

use std::time::{Duration, Instant};

use tokio::{io::AsyncWriteExt, net::TcpListener};

use super::stage::*;
use crate::{
    domain::delivery::Outcome,
    mail::{Phase, Session},
    smtpd::Answer,
};

const NEVER: Answer = Answer::Stall(Duration::from_secs(3600));
/// Far more than [`short`] asks for, and far less than the deadlines of the RFC.
const SOON: Duration = Duration::from_secs(20);

#[tokio::test]
async fn nobody_waits_for_a_silent_relay_longer_than_the_deadline() {
    let started = Instant::now();
    for (at, phase) in [(At::Greeting, Phase::Greeting), (At::Ehlo, Phase::Hello)] {
        let mut stage = Stage::told([(at, NEVER)]).await;
        stage.relay.deadlines = short();
        let trouble = stage.connect().await.unwrap_err();
        assert_eq!((trouble.phase, trouble.permanent), (phase, false), "{trouble}");
    }
    for (at, phase) in [(At::Mail, Phase::Rcpt), (At::Rcpt, Phase::Rcpt), (At::Data, Phase::Data)] {
        let mut stage = Stage::told([(at, NEVER)]).await;
        stage.relay.deadlines = short();
        let mut session = stage.connect().await.unwrap();
        let refusal = session.begin(FROM, TO).await.unwrap_err();
        assert!(matches!(refusal.outcome, Outcome::NotSent(_)) && !refusal.usable, "{at:?}");
        assert_eq!(refusal.trouble.unwrap().phase, phase);
    }
    let mut stage = Stage::told([(At::Taken, NEVER)]).await;
    stage.relay.deadlines = short();
    let mut session = stage.connect().await.unwrap();
    session.begin(FROM, TO).await.unwrap();
    assert!(matches!(session.finish(MESSAGE).await, Outcome::Unknown(_)));
    assert!(!session.is_usable());
    assert_eq!(stage.mails().len(), 1);
    assert!(started.elapsed() < SOON);
}

#[tokio::test]
async fn a_relay_that_takes_its_time_within_the_deadline_is_waited_for() {
    let pause = Answer::Stall(Duration::from_millis(150));
    let mut stage = Stage::told([(At::Taken, pause)]).await;
    stage.relay.deadlines.final_dot = Duration::from_secs(60);
    stage.relay.deadlines.block = Duration::from_millis(50);
    let mut session = stage.connect().await.unwrap();
    session.begin(FROM, TO).await.unwrap();
    assert!(matches!(session.finish(MESSAGE).await, Outcome::Accepted(_)));
}

#[tokio::test]
async fn a_relay_that_stops_listening_in_the_middle_has_not_got_the_message() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut relay = relay_at(listener.local_addr().unwrap());
    relay.deadlines = short();
    let peer = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut said = b"220 hi\r\n".to_vec();
        for reply in ["250 hi\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n"] {
            stream.write_all(&said).await.unwrap();
            let mut heard = [0; 512];
            tokio::io::AsyncReadExt::read(&mut stream, &mut heard).await.unwrap();
            said = reply.into();
        }
        stream.write_all(&said).await.unwrap();
        std::future::pending::<()>().await;
    });
    let mut session = Session::connect(&relay).await.unwrap();
    session.begin(FROM, TO).await.unwrap();
    let started = Instant::now();
    let long = [MESSAGE, "x\r\n".repeat(5_000_000).as_bytes()].concat();
    let outcome = session.finish(&long).await;
    assert!(matches!(outcome, Outcome::NotSent(_)), "{outcome:?}");
    assert!(started.elapsed() < SOON);
    peer.abort();
}

#[tokio::test]
async fn a_goodbye_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut relay = relay_at(listener.local_addr().unwrap());
    relay.deadlines = short();
    let peer = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"220 hi\r\n").await.unwrap();
        tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 512]).await.unwrap();
        stream.write_all(b"250 hi\r\n").await.unwrap();
        std::future::pending::<()>().await;
    });
    let started = Instant::now();
    Session::connect(&relay).await.unwrap().quit().await;
    assert!(started.elapsed() < SOON);
    peer.abort();
}
