//! The daemon, and commands beside it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kawaraban::smtpd::Options;

use super::house::House;
use super::relay::{Relay, Stalling};

fn status(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: news.example.jp\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn the_daemon_serves_pages_and_ends_promptly_on_sigterm() {
    let relay = Relay::courteous();
    let house = House::with_relay(relay.port);
    let daemon = house.serve(&[]);
    assert_eq!(daemon.said["base_url"], "https://news.example.jp/");
    assert_eq!(status(daemon.address(), "/healthz"), "HTTP/1.1 200 OK");
    assert_eq!(status(daemon.address(), "/"), "HTTP/1.1 200 OK");
    let begun = Instant::now();
    let ended = daemon.stop();
    assert_eq!(ended.code, 0, "{ended:#?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn a_second_daemon_on_the_same_file_is_refused() {
    let relay = Relay::courteous();
    let house = House::with_relay(relay.port);
    let _first = house.serve(&[]);
    let second = house.run(&["serve"]);
    assert_eq!(second.code, 4, "{second:#?}");
    assert!(second.err.contains("another kawaraban daemon works on this database file"), "{}", second.err);
}

#[test]
fn a_send_beside_the_daemon_follows_it() {
    let relay = Relay::courteous();
    let house = House::with_relay(relay.port);
    let daemon = house.serve(&[]);
    house.subscribers(&["hana@example.jp", "taro@example.jp"]);
    house.article("Tea");
    let sent = house.json(&["send", "weekly"]);
    assert_eq!(sent["delivery"]["sent_here"], false, "{sent}");
    assert_eq!(sent["delivery"]["counts"]["accepted"], 2);
    assert_eq!(sent["issue"]["state"], "finished");
    let tested = house.json(&["issues", "test", "1", "--to", "editor@example.jp"]);
    assert_eq!(tested["state"], "accepted");
    assert_eq!(relay.inbox.taken(), 3);
    assert_eq!(daemon.stop().code, 0);
}

#[test]
fn a_daemon_that_does_not_send_is_not_waited_for() {
    let relay = Relay::courteous();
    let house = House::with_relay(relay.port);
    let _pages = house.serve(&["--only", "web"]);
    house.subscribers(&["hana@example.jp"]);
    house.article("Tea");
    let ran = house.run(&["send", "weekly"]);
    assert_eq!(ran.code, 5, "{ran:#?}");
    assert!(ran.out.contains("does not send"), "{}", ran.out);
}

#[test]
fn a_second_signal_ends_the_daemon_at_once_and_nothing_is_lost() {
    let relay = Relay::with(Options { behaviour: Arc::new(Stalling(Duration::from_secs(60))), ..Options::default() });
    let house = House::with_relay(relay.port);
    house.subscribers(&["hana@example.jp"]);
    house.article("Tea");
    house.done(&["send", "weekly", "--no-wait"]);
    let mut daemon = house.serve(&[]);
    house.wait_until_something_is_claimed();
    let begun = Instant::now();
    daemon.signal("TERM");
    // The first one is taken once it is answered; before that, two may arrive as one.
    daemon.hear("Stopping");
    daemon.signal("TERM");
    assert_eq!(daemon.ended().code, 143);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());

    let relay = Relay::courteous();
    house.configure(&format!("{}{}", super::house::SENDER, super::house::relay_section(relay.port)));
    let sent = house.json(&["send", "weekly", "--no-fetch"]);
    assert_eq!(sent["delivery"]["counts"]["accepted"], 1, "claimed and never offered: certainly not sent");
    assert_eq!(relay.recipients(), ["hana@example.jp"]);
}
