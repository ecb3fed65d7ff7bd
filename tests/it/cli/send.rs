//! `send` with no daemon: it does the whole job.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use kawaraban::mail::read;
use kawaraban::smtpd::Options;

use super::house::{House, Ran, send_signal};
use super::relay::{Picky, Relay, Stalling};

#[test]
fn the_weekly_job_by_hand_reaches_everybody_once() {
    let relay = Relay::courteous();
    let house = House::with_relay(relay.port);
    house.subscribers(&["hana@example.jp", "taro@example.com", "yuki@example.net"]);
    house.done(&["subscribers", "unsubscribe", "yuki@example.net"]);
    house.article("Tea from Uji");

    let plan = house.json(&["send", "weekly", "--dry-run"]);
    assert_eq!(plan["recipients"][0]["count"], 2);
    assert_eq!(
        (&plan["not_reached"][0]["reason"], &plan["not_reached"][0]["count"]),
        (&"unsubscribed".into(), &1.into())
    );
    assert_eq!(plan["sections"][0]["items"][0]["title"], "Tea from Uji");
    assert_eq!(house.json(&["issues", "list"]), serde_json::json!([]), "a dry run leaves nothing");

    let ran = house.run(&["send", "weekly"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    assert!(ran.out.contains("accepted  2"), "{}", ran.out);
    assert!(ran.err.contains("Compiled issue 1 of weekly: 1 news, 0 openings."), "{}", ran.err);
    assert_eq!(relay.recipients(), ["hana@example.jp", "taro@example.com"]);
    let mail = read(&relay.inbox.mails()[0].content);
    assert!(mail.header("List-Unsubscribe-Post").is_some());
    assert_eq!(house.json(&["issues", "show", "1"])["state"], "finished");

    let again = house.json(&["send", "weekly"]);
    assert!(again["delivery"].is_null(), "{again}");
    assert_eq!(relay.inbox.taken(), 2, "nothing new, and so nothing is sent");
}

#[test]
fn two_sends_at_the_same_moment_make_one_issue() {
    let relay = Relay::courteous();
    let house = House::with_relay(relay.port);
    let readers: Vec<String> = (0..20).map(|n| format!("reader{n}@example.jp")).collect();
    house.subscribers(&readers.iter().map(String::as_str).collect::<Vec<_>>());
    house.article("Tea");
    let start =
        || house.command(&["send", "weekly", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    for child in [start(), start()] {
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!(ran.code, 0, "{ran:#?}");
    }
    assert_eq!(relay.inbox.taken(), 20);
    let sent = house.json(&["issues", "list"]).as_array().unwrap().iter().filter(|i| i["state"] == "finished").count();
    assert_eq!(sent, 1);
}

#[test]
fn who_is_refused_is_reported_and_who_is_put_off_is_left_for_later() {
    let picky = Picky { refused: Some("taro@example.jp"), put_off: None };
    let relay = Relay::picky(picky);
    let house = House::with_relay(relay.port);
    house.subscribers(&["hana@example.jp", "taro@example.jp"]);
    house.article("Tea");
    let sent = house.json(&["send", "weekly"]);
    assert_eq!(
        (&sent["delivery"]["counts"]["accepted"], &sent["delivery"]["counts"]["rejected"]),
        (&1.into(), &1.into())
    );

    let relay = Relay::picky(Picky { refused: None, put_off: Some("taro@example.jp") });
    let house = House::with_relay(relay.port);
    house.subscribers(&["hana@example.jp", "taro@example.jp"]);
    house.article("Tea");
    let ran = house.run(&["send", "weekly"]);
    assert_eq!(ran.code, 5, "{ran:#?}");
    assert!(ran.out.contains("put off by the relay") && ran.out.contains("still queued  1"), "{}", ran.out);
    // Nothing is due, so sending again ends at once, and with the same word.
    let again = house.run(&["send", "weekly", "--json"]);
    assert_eq!(again.code, 5, "{again:#?}");
    let again: serde_json::Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(again["delivery"]["ending"]["kind"], "deferred");
    assert_eq!(again["sending"], serde_json::json!([1]));
    assert_eq!(relay.recipients(), ["hana@example.jp"]);
}

#[test]
fn ctrl_c_finishes_what_is_on_its_way_and_keeps_the_rest() {
    let relay = Relay::with(Options { behaviour: Arc::new(Stalling(Duration::from_secs(2))), ..Options::default() });
    let house = House::with_relay(relay.port);
    let readers: Vec<String> = (0..20).map(|n| format!("reader{n}@example.jp")).collect();
    house.subscribers(&readers.iter().map(String::as_str).collect::<Vec<_>>());
    house.article("Tea");
    let child = house.command(&["send", "weekly"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    house.wait_until_something_is_claimed();
    send_signal(&child, "INT");
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 5, "{ran:#?}");
    let stats = house.json(&["deliveries", "stats"]);
    assert_eq!((&stats["claimed"], &stats["offered"], &stats["unknown"]), (&0.into(), &0.into(), &0.into()));
    assert_eq!(stats["accepted"], relay.inbox.taken());
    assert!(stats["queued"].as_i64().unwrap() > 0, "{stats}");
}

#[test]
fn an_issue_can_be_moved_along_step_by_step() {
    let relay = Relay::courteous();
    let house = House::with_relay(relay.port);
    house.subscribers(&["hana@example.jp"]);
    house.article("Tea");
    assert_eq!(house.json(&["issues", "compile", "weekly"])["state"], "draft");
    let text = house.done(&["issues", "preview", "1", "--lang", "ja"]);
    assert!(text.starts_with("Subject: ") && text.contains("Tea"), "{text}");
    house.done(&["issues", "preview", "1", "--out", "proof"]);
    for name in ["subject.txt", "text.txt", "index.html", "message.eml"] {
        assert!(super::house::has(&house.path("proof"), name), "{name}");
    }
    let eml = read(&std::fs::read(house.path("proof/message.eml")).unwrap());
    assert_eq!(eml.header("To"), Some("reader@example.com"));

    let tested = house.json(&["issues", "test", "1", "--to", "editor@example.jp"]);
    assert_eq!(tested["state"], "accepted");
    assert_eq!(relay.recipients(), ["editor@example.jp"]);

    assert_eq!(house.json(&["issues", "seal", "1"])["state"], "sealed");
    let released = house.done(&["issues", "send", "1"]);
    assert!(released.contains("Nobody delivers at the moment"), "{released}");
    assert_eq!(relay.inbox.taken(), 1);
    assert_eq!(house.json(&["issues", "send", "1", "--wait"])["counts"]["accepted"], 1);
    assert_eq!(relay.recipients(), ["editor@example.jp", "hana@example.jp"]);
    assert_eq!(house.run(&["issues", "cancel", "1"]).code, 1, "what is finished cannot be stopped");
}

#[test]
fn a_cancelled_issue_gives_its_articles_back() {
    let house = House::with_relay(1);
    house.subscribers(&["hana@example.jp"]);
    house.article("Tea");
    house.done(&["issues", "compile", "weekly"]);
    house.done(&["issues", "seal", "1"]);
    let cancelled = house.json(&["issues", "cancel", "1"]);
    assert_eq!((&cancelled["withdrawn"], &cancelled["articles_returned"]), (&1.into(), &true.into()));
    assert_eq!(house.json(&["articles", "list", "--waiting", "weekly"]).as_array().unwrap().len(), 1);
}
