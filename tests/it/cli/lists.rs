//! Lists that are longer than what is shown of them, and those that are empty.

use super::house::{House, SENDER, relay_section};
use super::relay::Relay;

#[test]
fn a_list_says_how_much_of_it_is_not_shown_and_how_to_see_it() {
    let relay = Relay::courteous();
    let edition =
        |name: &str| format!("[[editions]]\nname = \"{name}\"\ntitle = \"{name}\"\nschedule = \"0 8 * * Fri\"\n");
    let editions = edition("weekly") + &edition("monthly");
    let house = House::with(&format!("{SENDER}{}{editions}", relay_section(relay.port)));
    let addresses: Vec<String> = (0..5).map(|n| format!("reader-{n}@example.jp")).collect();
    house.subscribers(&addresses.iter().map(String::as_str).collect::<Vec<_>>());
    for title in ["Tea", "Rice", "Salt"] {
        house.article(title);
    }
    let ran = house.run(&["articles", "list", "--limit", "2"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, "1 more: go on with --before 2, or see all with --all.\n"));
    assert_eq!(house.json(&["articles", "list", "--before", "2"]).as_array().unwrap().len(), 1);
    assert_eq!(house.run(&["articles", "list", "--limit", "3"]).err, "");
    assert_eq!(house.json(&["articles", "list", "--all"]).as_array().unwrap().len(), 3);

    let ran = house.run(&["subscribers", "list", "--limit", "2", "--state", "confirmed"]);
    assert_eq!(ran.err, "3 more: see them with --all or a larger --limit.\n");
    assert_eq!(house.run(&["subscribers", "list", "--limit", "5"]).err, "");
    assert_eq!(house.json(&["subscribers", "list", "--all"]).as_array().unwrap().len(), 5);

    house.done(&["send", "weekly", "--no-fetch"]);
    let ran = house.run(&["deliveries", "list", "--limit", "2", "--json"]);
    assert_eq!(ran.err, "3 more: go on with --after 2, or see all with --all.\n");
    assert_eq!(house.json(&["deliveries", "list", "--all"]).as_array().unwrap().len(), 5);
    house.done(&["articles", "add", "--title", "Soy", "--url", "https://example.jp/soy", "--section", "news"]);
    house.done(&["issues", "compile", "monthly"]);
    assert_eq!(
        house.run(&["issues", "list", "--limit", "1"]).err,
        "1 more: see them with --all or a larger --limit.\n"
    );
    assert_eq!(house.json(&["issues", "list", "--all"]).as_array().unwrap().len(), 2);
    let none = house.run(&["articles", "list", "--limit", "0"]);
    assert!(none.code == 2 && none.err.contains("write a whole number from 1 on"), "{none:#?}");
}

#[test]
fn what_waits_for_an_edition_is_what_it_could_still_print() {
    let edition = |name: &str, section: &str| {
        format!(
            "[[editions]]\nname = \"{name}\"\ntitle = \"{name}\"\nschedule = \"0 8 * * Fri\"\n\
             sections = [\"{section}\"]\n"
        )
    };
    let house = House::with(&(edition("weekly", "news") + &edition("jobs", "openings")));
    let waiting = |edition: &str| house.done(&["articles", "list", "--waiting", edition]);
    house.article("Tea");
    assert!(waiting("weekly").contains("Tea"));
    assert_eq!(waiting("jobs"), "There is no article.\n", "it has no section for it");
    house.article("Tea, told again");
    house.done(&["issues", "compile", "weekly"]);
    assert_eq!(waiting("weekly"), "There is no article.\n", "the draft has the story");
    house.done(&["issues", "cancel", "1"]);
    assert!(waiting("weekly").contains("Tea") && !waiting("weekly").contains("again"), "{}", waiting("weekly"));
}

#[test]
fn a_section_that_nobody_has_is_refused_unless_there_is_something_in_it() {
    let sections = |names: &str| {
        format!("[[editions]]\nname = \"weekly\"\ntitle = \"W\"\nschedule = \"0 8 * * Fri\"\nsections = [{names}]\n")
    };
    let house = House::with(&sections("\"news\", \"culture\""));
    assert_eq!(house.done(&["articles", "list", "--section", "culture"]), "There is no article.\n");
    let ran = house.run(&["articles", "list", "--section", "sport"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("no edition has a section \"sport\"; there are: culture, news"), "{ran:#?}");
    house.article("Tea");
    house.configure(&sections("\"culture\""));
    assert!(house.done(&["articles", "list", "--section", "news"]).contains("Tea"), "it was a section once");
    house.done(&["articles", "list", "--section", "news", "--before", "1"]);
}

#[test]
fn an_article_is_added_with_its_number() {
    let house = House::with("");
    let add = ["articles", "add", "--title", "Tea", "--url", "https://example.jp/tea", "--section", "news"];
    assert_eq!(house.done(&add), "Article 1 waits for the next issue with a section \"news\".\n");
    let added = house.json(&add);
    assert_eq!((&added["id"], &added["title"]), (&2.into(), &"Tea".into()));
    assert_eq!(house.json(&["articles", "list"])[0]["id"], added["id"]);
}

#[test]
fn a_plan_for_nobody_says_so() {
    let house = House::with("");
    house.article("Tea");
    house.done(&["issues", "compile", "weekly"]);
    let told = house.done(&["issues", "plan", "1", "--list"]);
    assert_eq!(told, "There is nobody on the list: no subscriber, and no mail of this issue.\n");
    assert_eq!(house.done(&["issues", "plan", "1", "--list", "--json"]), "");
}

#[test]
fn feeds_that_were_never_fetched_make_a_list_that_another_house_can_read() {
    let house = House::with("");
    let add =
        ["feeds", "add", "https://example.jp/rss?a=1&b=2", "--section", "openings", "--kind", "opening", "--no-check"];
    house.done(&[&add[..], &["--language", "JA-jp", "--life", "30d", "--category", "Jobs=news"]].concat());
    let list = house.done(&["feeds", "export"]);
    assert!(list.contains("<outline text=\"openings\">"), "{list}");
    assert!(
        list.contains("text=\"https://example.jp/rss?a=1&amp;b=2\" xmlUrl=\"https://example.jp/rss?a=1&amp;b=2\""),
        "{list}"
    );
    assert!(list.contains("language=\"ja-JP\"") && !list.contains(" title="), "{list}");
    let other = House::with("");
    other.write("feeds.opml", list.as_bytes());
    let told = other.done(&["feeds", "import", "feeds.opml"]);
    assert!(told.contains("https://example.jp/rss?a=1&b=2: added to openings"), "{told}");
    let [ours, theirs] = [&house, &other].map(|house| house.json(&["feeds", "list"])[0].clone());
    assert_eq!(ours, theirs);
    assert_eq!(other.done(&["feeds", "export"]), list);
}
