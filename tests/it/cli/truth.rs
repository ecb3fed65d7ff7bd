//! What nobody knows: seen, decided on, and told after a crash.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kawaraban::smtpd::{Answer, Behaviour, Envelope, Options, Peer};

use super::house::{House, SENDER, relay_section};
use super::relay::Relay;

/// Takes the first few messages and hangs up in the place of an answer.
struct Silent(AtomicUsize);

impl Behaviour for Silent {
    fn on_content(&self, _: &Peer, _: &Envelope, _: &[u8]) -> Answer {
        let left = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_ok() { Answer::Drop } else { Answer::Usual }
    }
}

/// Never answers the final dot.
struct StallingAtTheDot;

impl Behaviour for StallingAtTheDot {
    fn on_content(&self, _: &Peer, _: &Envelope, _: &[u8]) -> Answer {
        Answer::Stall(Duration::from_secs(600))
    }
}

fn relay(behaviour: impl Behaviour) -> Relay {
    Relay::with(Options { behaviour: Arc::new(behaviour), ..Options::default() })
}

/// Sends an issue over a relay that keeps silent about the mail of each of three readers, and parks them.
fn a_house_in_doubt() -> (House, Relay) {
    let relay = relay(Silent(AtomicUsize::new(3)));
    let one_at_a_time = format!("{}connections = 1\n", relay_section(relay.port));
    let house = House::with(&format!("{SENDER}[delivery]\non_unknown = \"park\"\n{one_at_a_time}"));
    house.subscribers(&["hana@example.jp", "taro@example.jp", "yuki@example.jp"]);
    house.article("Tea");
    let ran = house.run(&["send", "weekly", "--no-fetch"]);
    assert_eq!(ran.code, 5, "{ran:#?}");
    // Silence gives the relay a pause, and the command does not wait for its end.
    for _ in 0..3 {
        house.run(&["send", "weekly", "--no-fetch"]);
    }
    assert_eq!(house.json(&["deliveries", "stats", "--issue", "1"])["unknown"], 3);
    (house, relay)
}

fn ids(house: &House) -> Vec<String> {
    let unknown = house.json(&["deliveries", "unknown"]);
    unknown.as_array().unwrap().iter().map(|line| line["id"].to_string()).collect()
}

#[test]
fn the_operator_decides_on_what_nobody_knows() {
    let (house, relay) = a_house_in_doubt();
    let ids = ids(&house);
    let table = house.done(&["deliveries", "unknown", "--issue", "1"]);
    assert!(table.contains("hana@example.jp") && table.contains("waits for you") && table.contains("main"), "{table}");

    assert_eq!(house.json(&["deliveries", "accept", &ids[0]])["done"][0].to_string(), ids[0]);
    let line = house.json(&["deliveries", "list", "--state", "accepted"])[0].clone();
    assert!(line["reply"]["text"].as_str().unwrap().contains("by hand"), "{line}");

    house.done(&["subscribers", "unsubscribe", "yuki@example.jp"]);
    let refused = house.run(&["deliveries", "resend", &ids[1], &ids[0], &ids[2], "4711"]);
    assert_eq!(refused.code, 1, "{refused:#?}");
    for words in
        ["it is accepted, not unknown", "its reader has left", "4711: there is no such delivery", "Nothing was"]
    {
        assert!(refused.out.contains(words), "{words:?} in {}", refused.out);
    }
    assert_eq!(house.json(&["deliveries", "stats", "--issue", "1"])["unknown"], 2, "nothing is half done");

    let nobody_to_ask = house.run(&["deliveries", "resend", "--all"]);
    assert_eq!(nobody_to_ask.code, 1);
    assert!(nobody_to_ask.err.contains("--yes"), "{nobody_to_ask:#?}");
    let resent = house.json(&["deliveries", "resend", "--all", "--issue", "1", "--yes", "--wait"]);
    assert_eq!(resent["done"].as_array().unwrap().len(), 1, "{resent}");
    assert_eq!(resent["refused"][0]["kind"], "unwanted");
    assert_eq!(resent["delivery"]["counts"]["accepted"], 1, "{resent}");
    assert_eq!(relay.inbox.taken(), 1);

    let issue = house.json(&["issues", "show", "1"]);
    assert_eq!((&issue["state"], &issue["recipients"]), (&"finished".into(), &3.into()));
    assert_eq!((&issue["deliveries"]["accepted"], &issue["deliveries"]["unknown"]), (&2.into(), &1.into()));
    let decisions = house.json(&["deliveries", "decisions"]);
    let told: Vec<_> = decisions.as_array().unwrap().iter().map(|one| one["decision"].as_str().unwrap()).collect();
    assert_eq!(told, ["resend", "accept"]);
    assert!(house.done(&["deliveries", "decisions"]).contains("resend"));
}

#[test]
fn resending_without_waiting_says_who_sends() {
    let (house, relay) = a_house_in_doubt();
    let words = house.done(&["deliveries", "resend", "--all", "--yes"]);
    assert!(words.contains("3 mails are queued again. Nobody delivers at the moment"), "{words}");
    assert!(house.done(&["deliveries", "unknown"]).starts_with("Of every mail"));
    let _daemon = house.serve(&["--only", "delivery"]);
    let patience = std::time::Instant::now() + Duration::from_secs(60);
    while relay.inbox.taken() < 3 {
        assert!(std::time::Instant::now() < patience, "the mail of a finished issue is not sent");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn after_a_crash_it_is_told_what_was_saved_and_what_is_in_doubt() {
    let stalling = relay(StallingAtTheDot);
    let house = House::with_relay(stalling.port);
    assert!(house.done(&["deliveries", "recovery"]).starts_with("No sender has died"));
    house.subscribers(&["hana@example.jp", "taro@example.jp", "yuki@example.jp"]);
    house.article("Tea");
    house.done(&["send", "weekly", "--no-fetch", "--no-wait"]);
    let mut daemon = house.serve(&[]);
    let patience = std::time::Instant::now() + Duration::from_secs(60);
    while house.json(&["deliveries", "stats"])["offered"] == 0 {
        assert!(std::time::Instant::now() < patience, "nothing is ever offered");
    }
    daemon.signal("KILL");
    daemon.ended();

    let courteous = Relay::courteous();
    house.configure(&format!("{SENDER}{}", relay_section(courteous.port)));
    let ran = house.run(&["send", "weekly", "--no-fetch"]);
    assert_eq!(ran.code, 5, "{ran:#?}");
    assert!(ran.err.contains("A sender had died. Going on from there: 0 accepted by then"), "{}", ran.err);
    assert!(ran.out.contains("kawaraban deliveries unknown"), "{}", ran.out);

    let report = house.json(&["deliveries", "recovery"])[0].clone();
    let in_doubt = report["unknown"].as_i64().unwrap();
    assert!(in_doubt >= 1, "{report}");
    assert_eq!(report["unknown_deliveries"].as_array().unwrap().len(), usize::try_from(in_doubt).unwrap());
    assert_eq!(report["unknown_deliveries"][0]["prospect"]["kind"], "resent");
    assert_eq!(report["accepted"].as_i64().unwrap() + report["remaining"].as_i64().unwrap() + in_doubt, 3, "{report}");
    let words = house.done(&["deliveries", "recovery"]);
    assert!(words.contains("certainly not sent") && words.contains("sent again at"), "{words}");
    assert_eq!(i64::try_from(courteous.inbox.taken()).unwrap(), 3 - in_doubt, "what was not offered is sent");
}

#[test]
fn a_skipped_issue_is_named_by_its_slot() {
    let house = House::with_relay(1);
    house.subscribers(&["hana@example.jp"]);
    let skipped = house.json(&["send", "weekly", "--no-fetch"]);
    assert_eq!(skipped["issue"]["state"], "skipped");
    let slot = skipped["issue"]["slot"].as_str().unwrap();
    assert!(house.done(&["issues", "list"]).contains(slot));
    assert_eq!(house.json(&["issues", "show", slot])["slot"], slot);
    assert_eq!(house.json(&["issues", "show", &format!("weekly/{slot}")])["state"], "skipped");
    let nothing = house.run(&["issues", "show", &format!("monthly/{slot}")]);
    assert_eq!(nothing.code, 1);
    assert!(nothing.err.contains("there is no issue"), "{nothing:#?}");
}

#[test]
fn a_minute_that_has_its_issue_is_said_to_have_it() {
    let house = House::with("");
    // A minute may end between two commands, but not between each two of three.
    let skipped = (0..3).map(|_| house.done(&["issues", "compile", "weekly"]));
    let skipped = skipped.into_iter().find(|told| told.starts_with("Nothing was made")).unwrap();
    assert!(skipped.contains(" was skipped: nothing to publish yet. It keeps the minute"), "{skipped}");
    assert!(skipped.contains("from the next minute on, the same command makes another"), "{skipped}");
    house.configure("[[editions]]\nname = \"daily\"\ntitle = \"D\"\nschedule = \"0 8 * * *\"\n");
    house.article("Tea");
    let daily = || house.done(&["issues", "compile", "daily"]);
    let cancelled = (1..4).find_map(|number: i32| {
        daily();
        house.done(&["issues", "cancel", &number.to_string()]);
        Some(daily()).filter(|told| told.starts_with("Nothing was made"))
    });
    let cancelled = cancelled.unwrap();
    assert!(cancelled.contains("of daily was cancelled. It keeps the minute"), "{cancelled}");
}

#[test]
fn the_demo_tells_its_steps_as_lines_of_json() {
    let told = House::bare().done(&["demo", "--once", "--json"]);
    let lines: Vec<serde_json::Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (last, steps) = lines.split_last().unwrap();
    assert!(steps.iter().all(|step| step["done"] == true && step["step"].is_string()), "{told}");
    assert_eq!(last["steps"], steps.len());
}
