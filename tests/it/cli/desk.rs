//! The editor at work, and what they are told.

use super::house::{House, Ran, SENDER, relay_section};
use super::relay::Relay;

const TWO_EDITIONS: &str = "
[[editions]]
name = \"weekly\"
title = \"Japan Weekly\"
schedule = \"0 8 * * Fri\"

[[editions]]
name = \"monthly\"
title = \"Japan Monthly\"
schedule = \"0 9 1 * *\"
approval = \"required\"
";

fn house(relay: &Relay) -> House {
    House::with(&format!("{SENDER}{}{TWO_EDITIONS}", relay_section(relay.port)))
}

fn with_a_reader(relay: &Relay) -> House {
    let house = house(relay);
    house.subscribers(&["hana@example.jp"]);
    house.done(&["subscribers", "set", "hana@example.jp", "--edition", "monthly"]);
    house
}

/// Asserts that a command failed and said all of these, in the answer or on standard error.
fn says(ran: &Ran, code: i32, words: &[&str]) {
    assert_eq!(ran.code, code, "{ran:#?}");
    for word in words {
        assert!(ran.out.contains(word) || ran.err.contains(word), "{word:?} is not in {ran:#?}");
    }
}

/// Returns the number of the first article.
fn first(house: &House) -> String {
    house.json(&["articles", "list"])[0]["id"].to_string()
}

#[test]
fn an_issue_nobody_would_get_is_skipped_and_its_articles_wait() {
    let relay = Relay::courteous();
    let house = house(&relay);
    house.article("Tea");
    let plan = house.run(&["send", "weekly", "--dry-run"]);
    says(&plan, 0, &["Tea", "it would be skipped", "nobody takes this edition", "--without-readers"]);
    let sent = house.run(&["send", "weekly", "--no-fetch"]);
    says(&sent, 0, &["Nothing was sent: nobody takes this edition."]);
    assert_eq!(house.json(&["articles", "list", "--waiting", "weekly"]).as_array().unwrap().len(), 1);
    assert_eq!(house.json(&["issues", "list"])[0]["number"], serde_json::Value::Null, "and no number is used up");

    // A draft that is worked on is kept.
    house.done(&["issues", "compile", "monthly"]);
    house.done(&["issues", "approve", "1"]);
    says(&house.run(&["issues", "seal", "1"]), 1, &["issue 1 of monthly is not sealed", "--without-readers"]);
    assert_eq!(house.json(&["issues", "show", "1"])["state"], "draft");
    house.done(&["issues", "seal", "1", "--without-readers"]);
    house.done(&["issues", "send", "1", "--wait"]);
    let issue = house.json(&["issues", "show", "1"]);
    assert_eq!((&issue["state"], &issue["recipients"]), (&"finished".into(), &0.into()));
    assert_eq!(relay.inbox.taken(), 0);
}

#[test]
fn a_draft_that_waits_is_not_sent_and_the_command_says_what_to_do() {
    let relay = Relay::courteous();
    let house = with_a_reader(&relay);
    house.article("Tea");
    for (edit, why) in [(None, "not approved"), (Some("hold"), "held")] {
        if let Some(edit) = edit {
            house.done(&["issues", edit, "1"]);
        }
        let ran = house.run(&["send", "monthly", "--no-fetch"]);
        let said = format!("Nothing was sent: issue 1 of monthly is {why}.");
        says(&ran, 1, &[&said, "`kawaraban issues approve 1`", "`kawaraban send monthly`"]);
        assert!(!ran.out.contains("nothing left to send"), "{ran:#?}");
    }
    let ran = house.run(&["send", "monthly", "--no-fetch", "--json"]);
    assert_eq!(
        (ran.code, serde_json::from_str::<serde_json::Value>(&ran.out).unwrap()["waits"].clone()),
        (1, "held".into())
    );
    says(&house.run(&["issues", "seal", "1"]), 1, &["issue 1 is held; `kawaraban issues approve 1`"]);
    says(&house.run(&["issues", "send", "1"]), 1, &["`kawaraban issues seal 1` freezes it first"]);
    house.done(&["issues", "approve", "1"]);
    house.done(&["send", "monthly", "--no-fetch"]);
    assert_eq!(relay.recipients(), ["hana@example.jp"]);
    says(&house.run(&["issues", "hold", "1"]), 1, &["finished and cannot be edited"]);
}

#[test]
fn a_dry_run_says_that_a_draft_waits_and_what_lets_it_go() {
    let relay = Relay::courteous();
    let house = with_a_reader(&relay);
    house.article("Tea");
    let new = house.run(&["send", "monthly", "--dry-run"]);
    says(&new, 0, &["before somebody approves it", "`kawaraban issues compile monthly`", "`kawaraban send monthly`"]);
    assert_eq!(house.json(&["send", "monthly", "--dry-run"])["waits"], "not_approved");
    house.done(&["issues", "compile", "monthly"]);
    for (edit, why) in [(None, "not approved"), (Some("hold"), "held")] {
        edit.map(|edit| house.done(&["issues", edit, "1"]));
        let said =
            format!("As it stands it would not go out: it is {why}.\n`kawaraban issues approve 1` lets it go out");
        says(&house.run(&["send", "monthly", "--dry-run"]), 0, &[&said, "`kawaraban send monthly` sends it then"]);
        says(&house.run(&["issues", "plan", "1"]), 0, &[&said]);
    }
    house.done(&["issues", "approve", "1"]);
    assert!(!house.done(&["send", "monthly", "--dry-run"]).contains("would not go out"));

    // Nothing is made for nobody, so there is nothing to approve either.
    let house = self::house(&relay);
    house.article("Tea");
    let nobody = house.done(&["send", "monthly", "--dry-run"]);
    assert!(nobody.contains("it would be skipped") && !nobody.contains("approves"), "{nobody}");
}

#[test]
fn every_edit_says_what_it_did_and_how_to_undo_it_and_who_did_it() {
    let relay = Relay::courteous();
    let house = with_a_reader(&relay);
    house.article("Tea");
    let tea = first(&house);
    house.done(&["issues", "compile", "weekly"]);
    house.article("Snow, seen again");
    let snow = first(&house);
    let edits: [(&[&str], &str); 12] = [
        (&["add", "1", &snow], &format!("In issue 1 of weekly, article {snow} stands at the end of news.")),
        (&["pin", "1", &snow], "is pinned to the top of its section."),
        (&["unpin", "1", &snow], "is pinned no longer"),
        (&["move", "1", &snow, "--position", "99"], "stands at place 2 of its section."),
        (&["move", "1", &snow, "--section", "openings"], "stands at the end of openings."),
        (&["lead", "1", &snow], &format!("it opens with article {snow}.")),
        (&["lead", "1"], "it opens with the first story that has a picture, or else with the first."),
        (&["lead", "1", &snow], &format!("it opens with article {snow}.")),
        (&["rewrite", "1", &tea, "--title", "Better tea"], "has another title, in this issue only."),
        (&["intro", "1", "Good *morning*."], "it has an introduction, which goes to readers of every language."),
        (&["subject", "1", "Snow, and tea"], "its subject is \"Snow, and tea\", for readers of every language."),
        (&["skip", "1", &tea, "--later"], "waits for the next issue."),
    ];
    for (words, said) in edits {
        let told = house.done(&[&["issues"], words].concat());
        assert!(told.contains(said) && told.contains("`kawaraban issues undo 1` undoes it."), "{words:?}: {told}");
    }
    let again = house.done(&["issues", "subject", "1", "Snow, and tea"]);
    assert!(again.starts_with("Nothing was changed."), "{again}");
    let undone = house.command(&["issues", "undo", "1"]).env("SUDO_USER", "jun").output().unwrap();
    let undone = String::from_utf8(undone.stdout).unwrap();
    assert!(undone.contains(&format!("this is undone: skip {tea} until the next issue.")), "{undone}");
    let log = house.done(&["issues", "log", "1"]);
    assert_eq!(log.matches(" by jun").count(), 1, "{log}");
    let log = house.json(&["issues", "log", "1"]);
    let undone_by: Vec<_> = log.as_array().unwrap().iter().map(|line| line["undone_by"].as_str()).collect();
    assert_eq!((undone_by[0], undone_by.last()), (None, Some(&Some("jun"))));

    let shown = house.done(&["issues", "show", "1"]);
    for part in ["subject     Snow, and tea", &format!("opens with  {snow}"), "introduction\n  Good *morning*."] {
        assert!(shown.contains(part), "{part:?} is not in {shown}");
    }
    assert!(shown.contains("Better tea  [rewritten]") && shown.contains("Snow, seen again  [lead]"), "{shown}");
    let issue = house.json(&["issues", "show", "1"]);
    assert_eq!(
        (&issue["subject"], &issue["introduction"], &issue["approval"], &issue["waits"], &issue["previewed"]),
        (&"Snow, and tea".into(), &"Good *morning*.".into(), &"auto".into(), &().into(), &().into())
    );
    assert_eq!(issue["items"].as_array().unwrap().iter().filter(|item| item["rewritten"] == true).count(), 1);

    let mut command = house.command(&["issues", "hold", "1"]);
    for name in ["SUDO_USER", "DOAS_USER", "USER", "LOGNAME"] {
        command.env_remove(name);
    }
    assert!(command.status().unwrap().success());
    assert!(house.command(&["issues", "approve", "1"]).env("SUDO_USER", "mari").status().unwrap().success());
    // The mark stays when the words are frozen.
    house.done(&["send", "weekly", "--no-fetch"]);
    let sent = house.done(&["issues", "show", "1"]);
    assert!(sent.contains("finished") && sent.contains("Better tea  [rewritten]"), "{sent}");

    let log = house.json(&["issues", "log", "1"]);
    let who: Vec<&str> =
        log.as_array().unwrap().iter().rev().take(2).map(|line| line["who"].as_str().unwrap()).collect();
    assert_eq!(who[0], "mari");
    assert!(!who[1].is_empty() && who[1] != "unknown", "{who:?}");
}

#[test]
fn an_issue_sent_by_hand_is_not_late_and_numbers_run_through_all_editions() {
    let relay = Relay::courteous();
    let house = with_a_reader(&relay);
    house.article("Tea");
    house.done(&["issues", "compile", "weekly"]);
    house.done(&["send", "weekly", "--no-fetch"]);
    let listed = house.done(&["issues", "list"]);
    assert!(!listed.contains("late") && !listed.contains("all editions"), "{listed}");
    assert_eq!(house.json(&["issues", "show", "1"])["late_ms"], serde_json::Value::Null);
    house.done(&["issues", "compile", "monthly"]);
    let listed = house.done(&["issues", "list"]);
    assert!(listed.contains("The numbers run through all editions"), "{listed}");
    let numbers = house.json(&["issues", "list"]);
    let numbers: Vec<_> = numbers.as_array().unwrap().iter().map(|issue| issue["number"].as_i64()).collect();
    assert_eq!(numbers, [Some(2), Some(1)]);
}

#[test]
fn what_is_no_number_is_told_what_was_expected() {
    let house = House::bare();
    for (words, expected) in [
        (&["issues", "pin", "twelve", "3"][..], "write the issue's number, such as 12"),
        (&["issues", "pin", "12", "tea"], "write the article's number, such as 345"),
        (&["issues", "move", "12", "345", "--position", "0"], "write a place from 1 on"),
        (&["issues", "list", "--limit", "all"], "write a whole number from 1 on"),
        (&["articles", "why", "tea"], "write the article's number"),
        (&["deliveries", "resend", "all"], "write the id of a line"),
    ] {
        let ran = house.run(words);
        says(&ran, 2, &[expected]);
        assert!(!ran.err.contains("invalid digit"), "{ran:#?}");
    }
}
