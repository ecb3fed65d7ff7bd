//! Bringing readers in, and letting them go.

use super::house::{House, has};
use super::relay::Relay;

#[test]
fn a_spreadsheets_csv_is_read_and_every_bad_line_is_told() {
    let house = House::with("");
    let csv = "\u{feff}email,language\r\nhana@example.jp,ja\r\n\r\nnot an address\r\nＴＡＲＯ@example.jp,ja\r\n\
               jiro@example.jp,fr\r\nHANA@example.jp,ja\r\nsaburo@example.jp,\r\n";
    house.write("list.csv", csv.as_bytes());
    let words = ["subscribers", "import", "list.csv", "--confirmed", "--consent", "paper form"];
    let dry = house.run(&[&words[..], &["--dry-run"]].concat());
    assert_eq!(dry.code, 0, "{dry:#?}");
    assert!(dry.out.contains("nothing was written"));
    assert_eq!(house.json(&["subscribers", "list"]), serde_json::json!([]));

    let ran = house.run(&words);
    assert_eq!(ran.code, 0, "{ran:#?}");
    for line in ["list.csv:4:", "list.csv:5:", "did you mean TARO@example.jp?", "list.csv:6:", "list.csv:7:"] {
        assert!(ran.out.contains(line), "{line} is not in {}", ran.out);
    }
    assert!(
        ran.out.contains("6 lines read as UTF-8: 2 added, 0 invited, 0 subscribed already, 4 refused."),
        "{}",
        ran.out
    );

    let again = house.json(&words);
    assert_eq!((&again["added"], &again["already"]), (&0.into(), &2.into()));
    assert_eq!(again["refused"].as_array().unwrap().len(), 4);
    let hana = house.json(&["subscribers", "show", "hana@example.jp"]);
    assert_eq!(hana["consent"][0]["detail"], "paper form");
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
