//! Bringing readers in, and letting them go.

use super::house::{House, SENDER, has, relay_section};
use super::relay::Relay;

#[test]
fn a_spreadsheets_csv_is_read_and_every_bad_line_is_told() {
    let house = House::with("");
    let csv = "\u{feff}email,language\r\nhana@example.jp,ja\r\n\r\nnot an address\r\nＴＡＲＯ@example.jp,ja\r\n\
               jiro@example.jp,fr\r\nHANA@example.jp,ja\r\nsaburo@example.jp,\r\n";
    house.write("list.csv", csv.as_bytes());
    let words = ["subscribers", "import", "list.csv", "--confirmed", "--consent", "paper form"];
    let dry = house.run(&[&words[..], &["--dry-run"]].concat());
    assert_eq!(dry.code, 1, "{dry:#?}");
    assert!(dry.out.contains("nothing was written"));
    assert_eq!(house.json(&["subscribers", "list"]), serde_json::json!([]));

    let ran = house.run(&words);
    assert_eq!(ran.code, 1, "what was good is in, and the code says that not all of it was: {ran:#?}");
    for line in ["list.csv:4:", "list.csv:5:", "did you mean TARO@example.jp?", "list.csv:6:", "list.csv:7:"] {
        assert!(ran.out.contains(line), "{line} is not in {}", ran.out);
    }
    assert!(
        ran.out.contains("6 lines read as UTF-8: 2 added, 0 invited, 0 subscribed already, 4 refused."),
        "{}",
        ran.out
    );

    let again = house.run(&[&words[..], &["--json"]].concat());
    assert_eq!(again.code, 1);
    let again: serde_json::Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!((&again["added"], &again["already"]), (&0.into(), &2.into()));
    assert_eq!(again["refused"].as_array().unwrap().len(), 4);
    assert_eq!((&again["refused"][2]["line"], &again["refused"][2]["column"]), (&6.into(), &"language".into()));
    let hana = house.json(&["subscribers", "show", "hana@example.jp"]);
    let detail = "paper form; weekly “Japan Weekly: news and openings” (everything); mails in ja";
    assert_eq!(hana["consent"][0]["detail"], detail);
}

#[test]
fn a_file_of_which_nothing_can_be_taken_is_a_failure() {
    let house = House::with("");
    house.write("bad.csv", b"email\nnobody\n");
    let ran = house.run(&["subscribers", "import", "bad.csv", "--confirmed", "--consent", "x"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("bad.csv:2:"));
    let ran = house.run(&["subscribers", "import", "gone.csv", "--confirmed", "--consent", "x"]);
    assert!(ran.code == 1 && ran.err.contains("cannot read gone.csv"), "{ran:#?}");
}

#[test]
fn whoever_left_stays_gone_whatever_is_imported() {
    let house = House::with_relay(1);
    house.subscribers(&["hana@example.jp", "taro@example.jp"]);
    house.done(&["subscribers", "unsubscribe", "hana@example.jp"]);
    house.done(&["subscribers", "erase", "taro@example.jp", "--yes"]);
    house.write("all.csv", b"hana@example.jp\ntaro@example.jp\n");
    for basis in [&["--invite"][..], &["--confirmed", "--consent", "again"]] {
        let ran = house.run(&[&["subscribers", "import", "all.csv"], basis].concat());
        assert_eq!(ran.code, 1, "{ran:#?}");
        assert!(ran.out.contains("has unsubscribed") && ran.out.contains("asked to be erased"), "{}", ran.out);
    }
    let ran = house.run(&["subscribers", "add", "hana@example.jp"]);
    assert!(ran.code == 1 && ran.out.contains("only its owner can come back"), "{ran:#?}");
    assert_eq!(house.json(&["subscribers", "show", "hana@example.jp"])["state"], "unsubscribed");
    assert_eq!(house.run(&["subscribers", "show", "taro@example.jp"]).code, 1);
}

#[test]
fn erasing_asks_and_where_nobody_can_be_asked_it_does_not() {
    let house = House::with("");
    house.subscribers(&["hana@example.jp"]);
    let ran = house.run(&["subscribers", "erase", "hana@example.jp"]);
    assert!(ran.code == 1 && ran.err.contains("--yes"), "{ran:#?}");
    assert_eq!(house.json(&["subscribers", "list"])[0]["address"], "hana@example.jp");
}

#[test]
fn an_invitation_leaves_through_the_ledger_and_is_not_repeated_the_same_day() {
    let relay = Relay::courteous();
    let house = House::with_relay(relay.port);
    let asked = house.json(&["subscribers", "add", "hana@example.jp", "--lang", "ja"]);
    assert_eq!(asked["outcome"], "asked");
    assert_eq!(house.run(&["subscribers", "add", "hana@example.jp"]).code, 1);
    let lines = house.json(&["deliveries", "list"]);
    assert_eq!((&lines[0]["kind"], &lines[0]["state"]), (&"confirmation".into(), &"queued".into()));
    assert_eq!(house.json(&["deliveries", "stats"])["by_kind"]["confirmation"]["queued"], 1);
}

#[test]
fn an_export_goes_to_the_terminal_or_a_file_and_comes_back_in() {
    let house = House::with("");
    house.subscribers(&["hana@example.jp", "taro@example.jp"]);
    let csv = house.done(&["subscribers", "export"]);
    assert_eq!(csv.lines().count(), 3, "{csv}");
    house.done(&["subscribers", "export", "--state", "confirmed", "--out", "out.csv"]);
    assert!(has(house.path("").as_path(), "out.csv"));
    let other = House::with("");
    other.write("out.csv", &std::fs::read(house.path("out.csv")).unwrap());
    let report = other.json(&["subscribers", "import", "out.csv", "--confirmed", "--consent", "moved house"]);
    assert_eq!(report["added"], 2);
}

#[test]
fn output_that_nobody_reads_is_no_panic() {
    let house = House::with("");
    let addresses: Vec<String> = (0..400).map(|n| format!("reader{n}@example.jp")).collect();
    house.subscribers(&addresses.iter().map(String::as_str).collect::<Vec<_>>());
    for words in [&["subscribers", "list", "--limit", "1000", "--json"][..], &["subscribers", "export"]] {
        let mut child = house
            .command(words)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
    }
}

const TWO_EDITIONS: &str = "
[[editions]]
name = \"weekly\"
title = \"Japan Weekly\"
schedule = \"0 8 * * Fri\"
[[editions]]
name = \"monthly\"
title = \"Japan Monthly\"
schedule = \"0 8 1 * *\"
";

#[test]
fn what_readers_chose_moves_house_with_them() {
    let house = House::with(TWO_EDITIONS);
    house
        .write("list.csv", b"email,language,editions\nhana@example.jp,ja,weekly monthly\ntaro@example.jp,en,monthly\n");
    let consent = ["--confirmed", "--consent", "moved house"];
    house.done(&[&["subscribers", "import", "list.csv"], &consent[..]].concat());
    house.done(&["subscribers", "set", "hana@example.jp", "--sections", "news", "--languages", "ja"]);
    house.done(&["subscribers", "export", "--out", "out.csv"]);
    let other = House::with(TWO_EDITIONS);
    other.write("out.csv", &std::fs::read(house.path("out.csv")).unwrap());
    other.done(&[&["subscribers", "import", "out.csv"], &consent[..]].concat());
    for address in ["hana@example.jp", "taro@example.jp"] {
        let takes = |house: &House| house.json(&["subscribers", "show", address])["takes"].clone();
        assert_eq!(takes(&other), takes(&house), "{address}");
    }
    let all = other.json(&["subscribers", "export"]);
    assert_eq!(all[0]["takes"][1]["sections"], serde_json::json!(["news"]), "{all}");
    other.write("bad.csv", b"email,editions\nyuki@example.jp,weekly daily\njiro@example.jp,weekly\n");
    let ran = other.run(&[&["subscribers", "import", "bad.csv"], &consent[..]].concat());
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert!(ran.out.contains("bad.csv:2: column editions: there is no edition \"daily\""), "{}", ran.out);
    assert_eq!(other.json(&["subscribers", "show", "jiro@example.jp"])["state"], "confirmed");
}

#[test]
fn somebody_is_asked_about_the_editions_that_are_named() {
    let house = House::with(&format!("{SENDER}{}{TWO_EDITIONS}", relay_section(1)));
    let refused = house.run(&["subscribers", "add", "hana@example.jp", "--edition", "daily"]);
    assert_eq!(refused.code, 1, "{refused:#?}");
    assert!(refused.err.contains("no edition \"daily\"; the configuration has: weekly, monthly"), "{refused:#?}");
    assert_eq!(house.json(&["subscribers", "list"]), serde_json::json!([]));
    let editions = |house: &House| house.json(&["subscribers", "list"])[0]["editions"].clone();
    house.done(&["subscribers", "add", "hana@example.jp", "--edition", "monthly"]);
    assert_eq!(editions(&house), serde_json::json!(["monthly"]));
    let other = House::with(&format!("{SENDER}{}{TWO_EDITIONS}", relay_section(1)));
    other.done(&["subscribers", "add", "hana@example.jp", "--edition", "weekly", "--edition", "monthly"]);
    assert_eq!(editions(&other), serde_json::json!(["monthly", "weekly"]));
}

#[test]
fn an_import_without_a_mode_is_told_both() {
    let house = House::with("");
    house.write("list.csv", b"hana@example.jp\n");
    let ran = house.run(&["subscribers", "import", "list.csv"]);
    assert!(ran.code == 2 && ran.err.contains("<--confirmed|--invite>"), "{ran:#?}");
    let ran = house.run(&["subscribers", "import", "list.csv", "--confirmed"]);
    assert!(ran.code == 2 && ran.err.contains("--consent <HOW AND WHEN>"), "{ran:#?}");
    let both = house.run(&["subscribers", "import", "list.csv", "--invite", "--consent", "x"]);
    assert_eq!(both.code, 2, "{both:#?}");
}

#[test]
fn setting_nothing_says_what_can_be_set_and_a_language_alone_takes_no_edition() {
    let house = House::with(TWO_EDITIONS);
    house.write("list.csv", b"email,editions\nhana@example.jp,monthly\n");
    house.done(&["subscribers", "import", "list.csv", "--confirmed", "--consent", "x"]);
    let ran = house.run(&["subscribers", "set", "hana@example.jp"]);
    assert_eq!(ran.code, 2, "{ran:#?}");
    for option in ["--edition", "--sections", "--languages", "--lang", "--leave"] {
        assert!(ran.err.contains(option), "{option} is not in {}", ran.err);
    }
    let hana = || house.json(&["subscribers", "show", "hana@example.jp"]);
    assert_eq!(hana()["consent"].as_array().unwrap().len(), 1);
    house.done(&["subscribers", "set", "hana@example.jp", "--lang", "ja"]);
    let hana = hana();
    assert_eq!((&hana["language"], hana["takes"].as_array().unwrap().len()), (&"ja".into(), 1), "{hana}");
    assert_eq!(hana["consent"][1]["detail"], "by the operator: monthly “Japan Monthly” (everything); mails in ja");
}
