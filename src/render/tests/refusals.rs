//! What is refused at start, each with its file and line.

use super::super::*;
use super::load_with;
use crate::render::check::nesting::MAX_DEPTH;

/// Asserts that these files are refused, at this place, with these words.
fn refused(files: &[(&str, &str)], file: &str, line: usize, words: &str) {
    match load_with(files) {
        Err(error @ TemplateError::Refused { .. }) => {
            let shown = error.to_string();
            let TemplateError::Refused { place, problem } = error else { unreachable!() };
            assert!(place.file.ends_with(file), "{shown}");
            assert_eq!(place.line, line, "{shown}");
            assert!(problem.contains(words), "{shown}");
            assert!(!shown.contains('\n'), "{shown}");
        }
        other => panic!("{file} gave {other:?}"),
    }
}

#[test]
fn a_misspelt_variable() {
    refused(
        &[("partials/text/sender.hbs", "\n\n  {{sender.nmae}}\n")],
        "partials/text/sender.hbs",
        3,
        "`sender.nmae` is not there; did you mean `sender.name`? in `sender` there are: contact, contact_href, name,",
    );
    refused(&[("web/confirmed.hbs", "a\n{{#if pgae}}\nb\n{{/if}}\n")], "web/confirmed.hbs", 2, "`pgae`");
    refused(
        &[("web/confirmed.hbs", "\n{{t \"confirmed-text\" site=page.titel}}")],
        "web/confirmed.hbs",
        2,
        "page.titel",
    );
    refused(
        &[("web/confirmed.hbs", "\n{{> partials/web/subscribe title=page.x}}")],
        "web/confirmed.hbs",
        2,
        "not a variable",
    );
}

#[test]
fn a_syntax_error() {
    refused(&[("mail/digest/html.hbs", "a\nb\n{{#if date}}\n{{/each}}")], "mail/digest/html.hbs", 4, "write `{{/if}}`");
    refused(&[("mail/digest/html.hbs", "a\n{{#if date}}\n")], "mail/digest/html.hbs", 2, "`{{#if}}` is never closed");
    refused(&[("mail/digest/html.hbs", "a\n\n{{date\n")], "mail/digest/html.hbs", 3, "`{{date` is never closed");
}

#[test]
fn partials_that_include_each_other() {
    let circle = [
        ("partials/web/item.hbs", "one\n{{#if language}}\n{{> partials/web/subscribe}}\n{{/if}}\n"),
        ("partials/web/subscribe.hbs", "\n\n\n{{> partials/web/item}}\n"),
    ];
    refused(&circle, "partials/web/subscribe.hbs", 4, "partials/web/item → partials/web/subscribe → partials/web/item");
}

#[test]
fn a_partial_that_includes_itself() {
    refused(
        &[("partials/web/item.hbs", "x\n{{#if url}}{{> partials/web/item}}{{/if}}")],
        "partials/web/item.hbs",
        2,
        "partials/web/item → partials/web/item",
    );
}

#[test]
fn nesting_too_deep_for_the_stack() {
    let nested = |levels: usize| format!("{}{}", "{{#if seal}}\n".repeat(levels), "{{/if}}\n".repeat(levels));
    for levels in [MAX_DEPTH + 1, 2000, 10_000] {
        refused(&[("web/confirmed.hbs", &nested(levels))], "web/confirmed.hbs", MAX_DEPTH + 1, "100 levels");
    }
    // Each alone would pass.
    let including = nested(60).replacen("{{/if}}", "{{> partials/web/subscribe}}{{/if}}", 1);
    refused(
        &[("web/confirmed.hbs", &including), ("partials/web/subscribe.hbs", &nested(60))],
        "web/confirmed.hbs",
        61,
        "with what it includes",
    );
}

#[test]
fn what_is_let_through_renders_on_the_stack_of_a_worker() {
    let levels = MAX_DEPTH - 1;
    let nested = format!("{}deep{}", "{{#if seal}}".repeat(levels), "{{/if}}".repeat(levels));
    let templates = load_with(&[("web/confirmed.hbs", &nested)]).unwrap();
    let render = move || templates.page(Language::En, &Confirmed::samples(Language::En)[0]).unwrap();
    // Half of what a worker of tokio has.
    let page = std::thread::Builder::new().stack_size(1024 * 1024).spawn(render).unwrap().join().unwrap();
    assert_eq!(page, "deep");
}

#[test]
fn partials_helpers_and_messages_that_are_not_there() {
    // In a branch that no sample takes.
    let never = |tag: &str| format!("\n{{{{#if (eq seal \"never\")}}}}\n\n{tag}\n{{{{/if}}}}");
    let case = |tag: &str, words: &str| refused(&[("web/confirmed.hbs", &never(tag))], "web/confirmed.hbs", 4, words);
    case("{{> partials/web/sidebar}}", "no partial `partials/web/sidebar` here; there are: partials/mail/also_at, ");
    case("{{> partials/web/isue}}", "did you mean `partials/web/issue`?");
    case("{{#> partials/web/sidebar}}x{{/partials/web/sidebar}}", "no partial");
    case("{{> partials/text/sender}}", "no partial `partials/text/sender` here");
    case("{{> (lookup this \"seal\")}}", "not by a variable");
    case("{{shout seal}}", "no helper `shout`");
    case("{{trunctate seal 3}}", "did you mean `truncate`?");
    case("{{#repeat 3}}x{{/repeat}}", "no helper `repeat`");
    case("{{t (shout seal)}}", "in quotes");
    case("{{t \"confirmed-txet\"}}", "no message `confirmed-txet` in every locale; did you mean `confirmed-text`?");
    case("{{t seal}}", "in quotes");
    case("{{{seal}}}", "unescaped");
    case("{{& seal}}", "unescaped");
    case("{{#*inline \"x\"}}{{/inline}}", "inline partials");
    case("{{#each page.lang_links}}x{{else}}y{{/each}}", "`each` takes no `else`");
    case("{{log seal}}", "no helper `log`");
}

#[test]
fn a_file_that_replaces_nothing() {
    let told = |name: &str| load_with(&[(name, "")]).unwrap_err().to_string();
    let error = told("web/welcome.hbs");
    assert!(error.contains("web/welcome.hbs: no template, locale or asset has this name; there are: "), "{error}");
    assert!(error.contains("web/sign_up.hbs") && !error.contains("locales/ja.ftl"), "those beside it: {error}");
    assert!(told("web/signup.hbs").ends_with("did you mean web/sign_up.hbs?"), "{}", told("web/signup.hbs"));
    assert!(told("sign_up.hbs").ends_with("did you mean web/sign_up.hbs?"), "{}", told("sign_up.hbs"));
    assert!(told("html.hbs").contains("did you mean one of mail/confirmation/html.hbs, mail/digest/html.hbs, "));
    assert!(load_with(&[("locales/de.ftl", "")]).is_err());
    assert!(load_with(&[("a/b/c/d/e/f/g.hbs", "")]).is_err());
}

#[test]
fn a_folder_or_file_that_cannot_be_read() {
    let nowhere = tempfile::tempdir().unwrap().path().join("gone");
    assert!(Templates::load(Some(&nowhere)).unwrap_err().to_string().contains("gone: "));
    let huge = " ".repeat(300 * 1024);
    assert!(load_with(&[("web/confirmed.hbs", &huge)]).unwrap_err().to_string().contains("262144 at most"));
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("web")).unwrap();
    std::fs::write(folder.path().join("web/confirmed.hbs"), b"one\ntwo \xe9\n").unwrap();
    let error = Templates::load(Some(folder.path())).unwrap_err().to_string();
    assert!(error.ends_with("web/confirmed.hbs:2:5: this is not UTF-8: save the file as UTF-8"), "{error}");
}

#[test]
fn a_locale_with_a_mistake() {
    let case = |text: &str, line, words: &str| refused(&[("locales/en.ftl", text)], "locales/en.ftl", line, words);
    case("# words\n\nsign-up-headline = X\n", 3, "no message `sign-up-headline`; did you mean `sign-up-heading`?");
    case("\nsign-up-heading = { $ }\n", 2, "Expected");
    case("\nsign-up-heading\n", 2, "Expected");
    case(
        "\n# x\nconfirmed-text = Hello { $name }\n",
        3,
        "`confirmed-text` is not given `{ $name }`; it is given: $site",
    );
}

#[test]
fn a_mail_without_a_way_out_or_without_its_sender_is_refused() {
    refused(&[("mail/digest/html.hbs", "hi")], "mail/digest/html.hbs", 1, "which every copy must");
    refused(&[("mail/digest/text.hbs", "{{unsubscribe_url}}")], "mail/digest/text.hbs", 1, "which every copy must");
    refused(&[("mail/confirmation/text.hbs", "hi")], "mail/confirmation/text.hbs", 1, "which every copy must");
}
