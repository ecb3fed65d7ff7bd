//! What `templates check` says, and MJML on its way through the same checks.

use super::super::*;
use super::{load_with, write};

/// The example of the documentation.
const EXAMPLE: &str = include_str!("../../../docs/examples/digest.mjml.hbs");

fn inspect_with(files: &[(&str, &str)]) -> Inspection {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        write(folder.path(), name, text);
    }
    inspect(folder.path()).unwrap()
}

/// Returns the mistakes, with the place below the folder.
fn mistakes(files: &[(&str, &str)]) -> Vec<String> {
    let errors = inspect_with(files).errors;
    let shown = errors.iter().map(ToString::to_string);
    shown
        .map(|text| {
            ["mail/", "partials/", "web/", "locales/"]
                .iter()
                .filter_map(|at| text.find(at))
                .min()
                .map_or(text.clone(), |at| text[at..].to_owned())
        })
        .collect()
}

#[test]
fn our_own_templates_are_good_and_so_is_an_export_of_them() {
    let ours = built_in();
    let files: Vec<_> = ours.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    for files in [&[][..], &files] {
        let found = inspect_with(files);
        assert!(found.errors.is_empty(), "{:?}", found.errors);
        assert_eq!((found.warnings.len(), found.files), (0, 0));
        let bytes = found.full_issue_bytes.unwrap();
        assert!((30_000..=MAX_HTML_BYTES).contains(&bytes), "{bytes} bytes");
    }
    // What is the same as ours is ours: the words of a consent are not other words.
    assert_eq!(load_with(&files).unwrap().form_text_version(), Templates::load(None).unwrap().form_text_version());
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_its_line() {
    let found = mistakes(&[
        ("partials/text/sender.hbs", "{{sender.nmae}}\n{{sender.contcat}}\n{{shout sender.name}}\n"),
        (
            "partials/mail/item.hbs",
            "<p style=\"display: none\">x</p>\n{{{title}}}\n\n{{titel}}\n{{#if urll}}{{url}}{{/if}}",
        ),
        ("web/confirmed.hbs", "{{#if page}}\n"),
        ("web/sign_in.hbs", "x"),
        ("locales/en.ftl", "no-such-key = x\n"),
    ]);
    for wanted in [
        "partials/text/sender.hbs:1:",
        "partials/text/sender.hbs:2:",
        "partials/text/sender.hbs:3:",
        "partials/mail/item.hbs:1: `display:none`",
        "partials/mail/item.hbs:2:",
        "partials/mail/item.hbs:4:",
        "partials/mail/item.hbs:5:",
        "web/confirmed.hbs:2:",
        "web/sign_in.hbs: no template",
        "locales/en.ftl:1:1: there is no message",
    ] {
        assert!(found.iter().any(|line| line.starts_with(wanted)), "{wanted} is not among {found:#?}");
    }
}

#[test]
fn circles_depth_size_and_the_law_are_looked_at() {
    let circle = [
        ("partials/mail/item.hbs", "{{> partials/mail/also_at}}"),
        ("partials/mail/also_at.hbs", "{{> partials/mail/item}}"),
    ];
    assert!(mistakes(&circle).iter().any(|line| line.contains("partials/mail/also_at → partials/mail/item")));
    let deep = "{{#if title}}".repeat(5000);
    assert!(mistakes(&[("partials/mail/item.hbs", &deep)])[0].contains("100 levels"));
    let large = "<p>瓦版</p>".repeat(200);
    assert!(mistakes(&[("partials/mail/item.hbs", &large)])[0].contains("bytes of HTML"));
    let bare = mistakes(&[("mail/digest/html.hbs", "<p>{{edition_title}}</p>")]);
    assert!(bare.iter().any(|line| line.contains("/unsubscribe/") && line.contains("contact@example.jp")), "{bare:#?}");
}

#[test]
fn the_mjml_of_the_documentation_goes_through_all_checks_and_renders() {
    let files = [("mail/digest/html.mjml.hbs", EXAMPLE)];
    let found = inspect_with(&files);
    assert!(found.errors.is_empty() && found.warnings.is_empty(), "{:?} {:?}", found.errors, found.warnings);
    assert!(found.full_issue_bytes.unwrap() <= MAX_HTML_BYTES);
    let templates = load_with(&files).unwrap();
    for language in Language::ALL {
        let mut digest = Digest::samples(language).remove(0);
        digest.sections[0].items[0].title = "<b>{{unsubscribe_url}}</b> \"x\"".to_owned();
        let html = templates.mail(language, &digest).unwrap().html;
        assert!(html.contains("&lt;b&gt;{{unsubscribe_url}}&lt;/b&gt; &quot;x&quot;"), "{html}");
        assert!(html.contains(&format!("href=\"{}\"", digest.unsubscribe_url)), "{html}");
        for fetching in ["fonts.googleapis", "<link", "@import", "<script", "mailjet"] {
            assert!(!html.contains(fetching), "{fetching} in {html}");
        }
    }
}

#[test]
fn mistakes_in_mjml_are_told_where_they_were_written() {
    let of = |text: &str| mistakes(&[("mail/digest/html.mjml.hbs", text)]).remove(0);
    let misspelt = EXAMPLE.replace("{{truncate summary 200}}", "{{truncate sumary 200}}");
    let line = EXAMPLE.lines().position(|line| line.contains("truncate summary 200")).unwrap() + 1;
    assert!(of(&misspelt).starts_with(&format!("mail/digest/html.mjml.hbs:{line}: `sumary`")), "{}", of(&misspelt));
    assert!(of("<mjml>\n<mj-body>\n<mj-include path=\"/etc/passwd\" />").contains(":3: MJML: nothing is included"));
    assert!(of(&format!("<mjml><mj-body>\n{}", "<div>".repeat(5000))).contains(":2: MJML: nested more than 60"));
    assert!(of("<mjml><mj-body>\n<mj-section>").contains("MJML: "));
    assert!(of("<p>x</p>").contains("MJML: "));
    let folder = [("mail/digest/html.hbs", "x"), ("mail/digest/html.mjml.hbs", EXAMPLE)];
    assert!(mistakes(&folder).iter().any(|line| line.contains("one of them must go")));
}
