//! `templates export` and `templates check`, as an operator goes about them.

use super::house::House;

#[test]
fn an_export_is_good_and_what_is_broken_in_it_is_told_all_at_once() {
    let house = House::bare();
    house.done(&["templates", "export", "mine"]);
    let told = house.done(&["templates", "check", "mine"]);
    assert!(told.contains("files are the same as built in, and good. The HTML of a full issue has "), "{told}");
    assert!(told.contains(" bytes of 80,000.\n"), "{told}");
    let report = house.json(&["templates", "check", "mine"]);
    assert_eq!(
        (&report["ok"], &report["files"], &report["findings"]),
        (&true.into(), &0.into(), &serde_json::json!([]))
    );

    house.write("mine/web/confirmed.hbs", b"{{{titel}}}\n<p>{{shout seal}}\n{{#if page}}");
    house.write("mine/confirmed.hbs", b"");
    let ran = house.run(&["templates", "check", "mine"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{ran:#?}");
    for wanted in [
        "error: mine/confirmed.hbs: no template, locale or asset has this name; did you mean web/confirmed.hbs?",
        "error: mine/web/confirmed.hbs:1:1: `{{{ }}}` and `{{& }}` would print a value unescaped; use `{{ }}`",
        "error: mine/web/confirmed.hbs:1:1: `titel` is not there; here there are: ",
        "error: mine/web/confirmed.hbs:2:4: there is no helper `shout`; there are: ",
        "error: mine/web/confirmed.hbs:3:1: `{{#if}}` is never closed: end it with `{{/if}}`",
        "5 mistakes in 2 files.",
    ] {
        assert!(ran.out.contains(wanted), "{wanted} is not in {}", ran.out);
    }
    let report: serde_json::Value =
        serde_json::from_str(&house.run(&["templates", "check", "mine", "--json"]).out).unwrap();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!((findings.len(), &report["ok"]), (5, &false.into()));
    assert_eq!((&findings[4]["line"], &findings[4]["column"]), (&3.into(), &1.into()), "{findings:#?}");
}

#[test]
fn a_folder_of_something_else_is_no_folder_of_templates() {
    let house = House::bare();
    std::fs::create_dir(house.path("empty")).unwrap();
    house.write("notes.txt", b"x");
    for (folder, words) in [
        ("empty", "empty: there is no template here; a folder of templates has files such as mail/digest/html.hbs"),
        ("gone", "gone: No such file or directory"),
        ("notes.txt", "notes.txt: Not a directory"),
    ] {
        let ran = house.run(&["templates", "check", folder]);
        assert_eq!(ran.code, 1, "{ran:#?}");
        assert!(ran.out.contains(words) && ran.out.ends_with("1 mistake in 1 file.\n"), "{ran:#?}");
        let report = house.run(&["templates", "check", folder, "--json"]);
        assert_eq!(report.code, 1);
        assert!(report.out.contains("\"severity\": \"error\""), "{report:#?}");
    }
}
