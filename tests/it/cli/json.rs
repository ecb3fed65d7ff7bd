//! `--json` wherever something is read: one document, with keys that stay.

use serde_json::Value;

use super::house::House;
use super::relay::Relay;

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn what_scripts_read_keeps_its_keys() {
    let relay = Relay::courteous();
    let house = House::with_relay(relay.port);
    house.subscribers(&["hana@example.jp"]);
    house.article("Tea");
    house.done(&[
        "feeds",
        "add",
        "https://example.jp/rss",
        "--section",
        "news",
        "--category",
        "Jobs=openings",
        "--no-check",
    ]);
    house.done(&["send", "weekly", "--no-fetch"]);
    let first = |words: &[&str]| house.json(words)[0].clone();

    assert_eq!(
        keys(&first(&["issues", "list"])),
        [
            "approval",
            "approved",
            "created",
            "edition",
            "finished",
            "held",
            "late_ms",
            "number",
            "previewed",
            "recipients",
            "released",
            "scheduled",
            "sealed",
            "slot",
            "state",
            "waits"
        ]
    );
    assert_eq!(
        keys(&first(&["subscribers", "list"])),
        ["address", "confirmed", "created", "editions", "language", "state", "suppress_reason"]
    );
    let mut exported = first(&["subscribers", "export"]);
    let takes = exported.as_object_mut().unwrap().remove("takes").unwrap();
    assert_eq!(takes, serde_json::json!([{"edition": "weekly", "sections": null, "languages": null}]));
    assert_eq!(exported, first(&["subscribers", "list"]));
    assert_eq!(
        keys(&first(&["articles", "list"])),
        [
            "closes",
            "company",
            "feed_id",
            "first_seen",
            "id",
            "image",
            "kind",
            "language",
            "pay",
            "place",
            "published",
            "section",
            "source",
            "summary",
            "title",
            "told_after",
            "url"
        ]
    );
    let feed = first(&["feeds", "list"]);
    assert_eq!(
        keys(&feed),
        [
            "added_as",
            "categories",
            "failing_since",
            "failures",
            "id",
            "items_a_week",
            "kind",
            "language",
            "last_error",
            "last_fetch",
            "last_success",
            "next_visit",
            "opening_life_s",
            "paused",
            "section",
            "title",
            "url"
        ]
    );
    assert_eq!(feed["categories"]["jobs"], "openings");
    let line = first(&["deliveries", "list", "--issue", "1", "--state", "accepted"]);
    assert_eq!(
        keys(&line),
        ["address", "attempts", "created", "due", "id", "issue", "kind", "relay", "reply", "settled", "state"]
    );
    assert_eq!(line["reply"]["code"], 250);
    assert!(line["settled"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "RFC 3339");
    assert_eq!(
        keys(&house.json(&["deliveries", "stats"])),
        ["accepted", "by_kind", "claimed", "expired", "offered", "queued", "rejected", "unknown", "withdrawn"]
    );
    assert_eq!(house.json(&["deliveries", "stats", "--issue", "1"])["accepted"], 1);
    let pace = house.json(&["deliveries", "pace"]);
    assert_eq!(keys(&pace), ["paces", "warm_up"]);
    assert_eq!(
        keys(&pace["paces"][0]),
        ["limit_per_minute", "name", "now_per_minute", "of", "paused_until", "slowed_since", "waiting", "why"]
    );
    let issue = house.json(&["issues", "show", "1"]);
    assert_eq!((&issue["items"][0]["title"], &issue["deliveries"]["accepted"]), (&"Tea".into(), &1.into()));
    for key in ["approval", "introduction", "previewed", "subject", "waits"] {
        assert!(keys(&issue).contains(&key), "{key}");
    }
    let preview = house.json(&["issues", "preview", "1"]);
    assert_eq!(keys(&preview), ["files", "html", "language", "subject", "text"]);
    assert_eq!(house.json(&["migrate"])["before"], "current");
    let check = house.json(&["check"]);
    assert!(check["findings"].as_array().unwrap().iter().all(|f| f["verdict"] == "fine"), "{check:#}");
}

#[test]
fn tables_are_flush_and_plain() {
    let house = House::with("");
    house.subscribers(&["hana@example.jp"]);
    let table = house.done(&["subscribers", "list"]);
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("ADDRESS  "), "{table}");
    assert!(lines[1].starts_with("hana@example.jp  ") && lines[1].contains(" JST"), "{table}");
    assert!(lines.iter().all(|line| line.trim_end() == *line), "{table:?}");
    assert_eq!(house.done(&["issues", "list"]), "There is no issue yet.\n");
}
