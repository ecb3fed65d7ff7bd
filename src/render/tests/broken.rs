//! Folders as operators break them: what is wrong is told where it can be mended, once, and in an instant.

use std::os::unix::fs::symlink;
use std::path::Path;

use super::super::*;
use super::inspections::mistakes;
use super::{load_with, write};

const DIGEST: &str = include_str!("../../../templates/mail/digest/html.hbs");
const EXAMPLE: &str = include_str!("../../../docs/examples/digest.mjml.hbs");

/// Asserts that these files have this mistake, and no other.
fn only(files: &[(&str, &str)], wanted: &str) {
    let found = mistakes(files);
    assert!(found.len() == 1 && found[0].starts_with(wanted), "{wanted} is not what is found: {found:#?}");
    let started = load_with(files).unwrap_err().to_string();
    let (_, words) = wanted.split_once(": ").unwrap();
    assert!(started.contains(words), "the start says {started}");
}

#[test]
fn a_block_that_is_never_closed_is_one_mistake() {
    let at = DIGEST.rfind("{{/each}}").unwrap();
    let lost = format!("{}{}", &DIGEST[..at], &DIGEST[at + "{{/each}}".len()..]);
    only(&[("mail/digest/html.hbs", &lost)], "mail/digest/html.hbs:20:1: `{{#each}}` is never closed");
}

#[test]
fn a_partial_of_ours_where_it_does_not_fit_is_told_where_it_is_included() {
    let including = |more: &str| DIGEST.replacen("{{#each sections}}", &format!("{more}\n{{{{#each sections}}}}"), 1);
    only(
        &[("mail/digest/html.hbs", &including("{{> partials/mail/item}}"))],
        "mail/digest/html.hbs:20:1: `partials/mail/item` does not fit here: `also_at`, `byline`, `image`, `summary`, \
         `title`, `url` are not there; here there are: archive_url, date, ",
    );
    only(
        &[("mail/digest/html.hbs", &including("{{> partials/mail/also_at sender}}"))],
        "mail/digest/html.hbs:20:1: `partials/mail/also_at` does not fit here: `also_at` is not there; here there are: contact, ",
    );
}

#[test]
fn frames_and_what_goes_into_them() {
    only(
        &[("partials/web/layout.hbs", "<html></html>")],
        "partials/web/layout.hbs:1: `{{> @partial-block}}` is missing: write it where the contents go",
    );
    only(
        &[("web/embed_form.hbs", "{{#> partials/web/subscribe}}x{{/partials/web/subscribe}}")],
        "web/embed_form.hbs:1:1: `partials/web/subscribe` has no place for a block: write `{{> partials/web/subscribe}}`",
    );
}

#[test]
fn what_the_law_asks_for_is_told_of_the_partial_that_lacks_it() {
    only(
        &[("partials/mail/sender.hbs", "{{sender.name}} {{sender.postal_address}}")],
        "partials/mail/sender.hbs:1: the mail does not show `{{sender.contact}}`, which every copy must",
    );
}

#[test]
fn helpers_take_as_many_values_as_they_take() {
    let of = |tag: &str, words: &str| only(&[("web/embed_form.hbs", tag)], &format!("web/embed_form.hbs:1:1: {words}"));
    of("{{#if}}x{{/if}}y", "`if` takes one value, and has 0");
    of("{{#if language language}}x{{/if}}y", "`if` takes one value, and has 2");
    of("{{eq language}}y", "`eq` takes two values, and has 1");
    let found = mistakes(&[("web/embed_form.hbs", "{{t \"confirmed-text\"}}")]);
    assert!(found[0].ends_with("this message needs more: write `{{t \"confirmed-text\" site=…}}`"), "{found:#?}");
}

#[test]
fn what_is_blank_is_told_and_a_blank_partial_is_not() {
    let told = "this shows nothing: write it, or take the file out to have the built-in one";
    for file in ["web/sign_up.hbs", "mail/digest/subject.hbs"] {
        only(&[(file, " \n")], &format!("{file}:1: {told}"));
    }
    assert_eq!(mistakes(&[("partials/mail/also_at.hbs", "")]), Vec::<String>::new());
}

#[test]
fn locales_with_a_message_twice_or_a_line_of_no_message() {
    let twice = "confirmed-title = a\nconfirmed-title = b\n";
    only(&[("locales/en.ftl", twice)], "locales/en.ftl:2:1: the message `confirmed-title` is here twice: take one out");
    let line = "confirmed-title = a\nsome words\n";
    only(
        &[("locales/en.ftl", line)],
        "locales/en.ftl:2:6: Expected a token starting with \"=\"; a message is `key = words`",
    );
    only(
        &[("locales/en.ftl", "confirmed-title = a\u{0}b\n")],
        "locales/en.ftl:1:20: there is a control character here: take it out, or save the file as UTF-8",
    );
}

#[test]
fn the_mistakes_that_mjml_is_known_for() {
    let of = |text: &str, wanted: &str| {
        let found = mistakes(&[("mail/digest/html.mjml.hbs", text)]);
        assert!(found.iter().any(|line| line.contains(wanted)), "{wanted} is not among {found:#?}");
    };
    of(
        &EXAMPLE.replacen("</mj-column>", "", 1),
        "html.mjml.hbs:11:7: MJML: `<mj-column>` is never closed: end it with `</mj-column>`",
    );
    of(&EXAMPLE.replace("</mj-body>", "</mj-body></p>"), "MJML: `</p>` is not expected here");
    of(
        &EXAMPLE.replace("<mj-title>", "<mj-font name='x' href='y' /><mj-title>"),
        "MJML: `mj-font` is fetched from elsewhere",
    );
    of(
        &EXAMPLE.replace("href='{{archive_url}}'", "href=\"{{t \"digest-view\"}}\""),
        "and name='{{…}}' with quotes inside",
    );
    of("", "MJML: there is no `<mjml>`");
    let found = mistakes(&[("web/sign_up.mjml.hbs", EXAMPLE)]);
    assert!(
        found[0].ends_with("MJML can be the HTML of a mail and nothing else: mail/digest/html.mjml.hbs"),
        "{found:?}"
    );
}

#[test]
fn a_name_that_is_none_is_told_with_those_beside_it() {
    let found = mistakes(&[("mail/digest/HTML.hbs", "")]);
    let beside = "there are: mail/digest/html.hbs, mail/digest/subject.hbs, mail/digest/text.hbs";
    assert!(found[0].ends_with(beside), "{found:?}");
}

/// The start would wait for ever for one, and read without an end from another.
#[test]
fn what_is_no_file_is_not_read() {
    let told = |make: &dyn Fn(&Path)| {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "locales/en.ftl", "confirmed-title = x\n");
        std::fs::create_dir(folder.path().join("web")).unwrap();
        make(&folder.path().join("web"));
        let found = inspect(folder.path()).unwrap().errors;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(Templates::load(Some(folder.path())).unwrap_err().to_string(), found[0].to_string());
        found[0].to_string()
    };
    let folder = told(&|web| std::fs::create_dir(web.join("sign_up.hbs")).unwrap());
    assert!(folder.ends_with("web/sign_up.hbs: this is a folder; put a file in its place"), "{folder}");
    let device = told(&|web| symlink("/dev/zero", web.join("sign_up.hbs")).unwrap());
    assert!(device.ends_with("web/sign_up.hbs: this is a device or a pipe; put a file in its place"), "{device}");
    let pipe = told(&|web| {
        let made = std::process::Command::new("mkfifo").arg(web.join("sign_up.hbs")).status().unwrap();
        assert!(made.success());
    });
    assert!(pipe.ends_with("this is a device or a pipe; put a file in its place"), "{pipe}");
    let circle = told(&|web| symlink("..", web.join("up")).unwrap());
    assert!(circle.ends_with("web/up: this link leads back to a folder it is in: take it out"), "{circle}");
    let dangling = told(&|web| symlink("gone.hbs", web.join("sign_up.hbs")).unwrap());
    assert!(dangling.contains("web/sign_up.hbs: No such file"), "{dangling}");
}

/// Each hides nothing, and together they would take hours.
#[test]
fn of_many_mistakes_the_first_are_told() {
    let found = mistakes(&[("web/sign_up.hbs", &"{{nope}}\n".repeat(2_000))]);
    assert_eq!(found.len(), 301);
    assert!(found[300].ends_with("there are more mistakes than are told here: mend these, and check again"));
    assert!(found[0].starts_with("web/sign_up.hbs:1:1: `nope` is not there"), "{}", found[0]);
}
