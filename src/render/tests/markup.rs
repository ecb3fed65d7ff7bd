//! What of a template could let out what an article says, each refused at its place.

use super::super::*;
use super::{load_with, write};

const ITEM: &str = "partials/mail/item.hbs";
const EXAMPLE: &str = include_str!("../../../docs/examples/digest.mjml.hbs");

fn ours(name: &str) -> String {
    built_in().into_iter().find(|(file, _)| file == name).unwrap().1
}

/// Returns the mistakes and the warnings, with the place below the folder.
fn found(files: &[(&str, &str)]) -> [Vec<String>; 2] {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        write(folder.path(), name, text);
    }
    let place = format!("{}/", folder.path().display());
    let Inspection { errors, warnings, .. } = inspect(folder.path()).unwrap();
    [errors, warnings].map(|told| told.iter().map(|error| error.to_string().replace(&place, "")).collect())
}

/// Asserts that `bad` in an item is refused at this column with these words, by the check and by a start.
fn refused(bad: &str, column: usize, words: &str) {
    let item = format!("{}{bad}", ours(ITEM));
    let line = ours(ITEM).lines().count() + 1;
    let [errors, _] = found(&[(ITEM, &item)]);
    let place = format!("{ITEM}:{line}:{column}: ");
    assert!(errors.iter().any(|error| error.starts_with(&place) && error.contains(words)), "{bad}: {errors:#?}");
    assert!(load_with(&[(ITEM, &item)]).is_err(), "{bad}");
}

#[test]
fn a_value_where_it_could_write_attributes_is_refused() {
    refused("<b title={{title}}>x</b>", 10, "put quotes around it: `\"{{title}}\"`");
    refused("<b title=a{{title}}>x</b>", 11, "put quotes around the whole value");
    refused("<p {{title}}>x</p>", 4, "would write attributes");
    refused("<{{title}}>", 2, "would write attributes");
    refused("<p {{#if title}}{{title}}{{/if}}>x</p>", 17, "would write attributes");
    refused("<p {{#if url}}title=\"{{else}}class='{{/if}}>", 4, "each branch of this block must close");
    refused("<b title=\"{{html summary}}\">x</b>", 11, "`html` prints tags");
    refused("<b title=\"{{> partials/mail/also_at}}\">x</b>", 11, "a partial has no place inside a tag");
    refused("<b title=\"{{title}}", 1, "is not closed in this file");
    refused("<{{!-- x --}}b title={{title}}>x</b>", 2, "between the signs that begin or end a tag");
    refused("<!-- -{{!-- x --}}-><b title={{title}}>x</b>", 7, "between the signs that begin or end a tag");
    refused("<b{{#if title~}} title=\"{{title}}\"{{/if}}>x</b>", 25, "would write attributes");
    refused("<!--[if mso]><b title={{title}}>x</b><![endif]-->", 23, "put quotes around it");
}

#[test]
fn a_value_where_it_could_run_load_or_lead_elsewhere_is_refused() {
    refused("<a href=\"{{title}}\">x</a>", 10, "could begin with `javascript:`");
    refused("<img src=\"{{url}}\">", 11, "pictures of ours are `{{image.url}}`");
    refused("<img srcset=\"{{url}} 1x\">", 6, "`srcset` has no place");
    refused("<p style=\"color:{{title}}\">x</p>", 17, "in a style could hide or load");
    refused("<p style=\"background:url({{url}})\">x</p>", 26, "none inside `url()`");
    refused("<style>.x{color:{{title}}}</style>", 17, "in a style could hide or load");
    refused("<p style=\"font:{{t \"font-serif\" x=title}}\">x</p>", 16, "in a style could hide or load");
    refused("<p style=\"{{#with image as |width|}}{{/with}}\">x</p>", 11, "known for what it is");
}

#[test]
fn what_runs_loads_or_hides_in_a_mail_is_refused() {
    refused("<p onclick=\"x()\">x</p>", 4, "`onclick` runs a script");
    refused("<a href=\" JavaScript:x()\">x</a>", 10, "`href` runs a script");
    refused("<meta http-equiv=refresh>", 7, "`http-equiv=refresh` has no place");
    refused("<p style=\"background:url(//evil.example/x)\">x</p>", 22, "has no place in a mail");
    refused("<video src=\"x\"></video>", 1, "`<video` has no place in a mail");
    refused("<p hidden>x</p>", 4, "`hidden` hides text");
    refused("<p style=\"height:0;overflow:hidden\">x</p>", 11, "`height:0` hides text");
    refused("<p style=\"position:fixed\">x</p>", 11, "`position:fixed` hides text");
    refused("<p style=\"display:\nnone\">x</p>", 11, "`display:none` hides text");
    refused("<p style=\"display:/**/none\">x</p>", 11, "`display:none` hides text");
    refused("<p style=\"display:none\">x</p>", 11, "`display:none` hides text");
}

#[test]
fn a_page_is_held_to_the_same_where_it_prints_values() {
    let page = format!("{}<b title={{{{seal}}}}>x</b>", ours("web/confirmed.hbs"));
    let line = ours("web/confirmed.hbs").lines().count() + 1;
    let [errors, _] = found(&[("web/confirmed.hbs", &page)]);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(errors[0].starts_with(&format!("web/confirmed.hbs:{line}:10: put quotes around it")), "{errors:#?}");
    assert!(load_with(&[("web/confirmed.hbs", &page)]).is_err());
    // A page may have forms and a picture of its own.
    let page = page
        .replace("<b title={{seal}}>", "<form><input name=x></form><img src=\"/assets/x.png\"><b title=\"{{seal}}\">");
    assert_eq!(found(&[("web/confirmed.hbs", &page)]), [vec![], Vec::<String>::new()]);
}

#[test]
fn a_picture_of_another_host_is_a_warning() {
    for (picture, column) in [
        ("<img src=\"https://evil.example/x.png\" alt=\"\">", 11),
        ("<img src=\"//evil.example/x.png\" alt=\"\">", 11),
        ("<table background='https://evil.example/x.png'></table>", 20),
    ] {
        let item = format!("{}{picture}", ours(ITEM));
        let [errors, warnings] = found(&[(ITEM, &item)]);
        assert_eq!(errors, Vec::<String>::new(), "{picture}");
        assert_eq!(warnings.len(), 1, "{warnings:#?}");
        let place = format!("{ITEM}:{}:{column}: ", ours(ITEM).lines().count() + 1);
        assert!(
            warnings[0].starts_with(&place) && warnings[0].contains("tells that host who reads it"),
            "{warnings:#?}"
        );
        assert!(load_with(&[(ITEM, &item)]).is_ok(), "{picture}");
    }
    let item = format!(
        "{}<img src='cid:logo' alt=''>{{{{#if image}}}}<img src='{{{{image.url}}}}' alt=''>{{{{/if}}}}",
        ours(ITEM)
    );
    assert_eq!(found(&[(ITEM, &item)]), [vec![], Vec::<String>::new()]);
}

#[test]
fn what_no_file_shows_by_itself_is_found_in_the_finished_mail() {
    for (files, words) in [
        ([("locales/en.ftl", "font-serif = serif;display:none".to_owned())], "`display:none` hides text"),
        ([("locales/en.ftl", "font-sans = x;background:url(//evil.example)".to_owned())], "it loads or runs something"),
        ([(ITEM, format!("{}<b style=\"display&#58;none\">x</b>", ours(ITEM)))], "`display:none` hides text"),
        ([(ITEM, format!("{}<b style=\"opacity&colon;0\">x</b>", ours(ITEM)))], "`opacity:0` hides text"),
        (
            [(
                "mail/digest/html.hbs",
                ours("mail/digest/html.hbs").replace("href=\"{{unsubscribe_url}}\"", "title=\"{{unsubscribe_url}}\""),
            )],
            "`{{unsubscribe_url}}` is in the mail where readers do not see it",
        ),
    ] {
        let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
        let [errors, _] = found(&files);
        assert!(errors.iter().any(|error| error.contains(words)), "{words}: {errors:#?}");
        assert!(load_with(&files).is_err(), "{words}");
    }
}

#[test]
fn mjml_is_held_to_the_same_and_told_where_it_was_written() {
    let with = |more: &str| {
        EXAMPLE.replacen("<mj-text font-size=\"32px\"", &format!("{more}\n<mj-text font-size=\"32px\""), 1)
    };
    let line = EXAMPLE.lines().position(|line| line.contains("font-size=\"32px\"")).unwrap() + 1;
    for (more, words) in [
        ("<mj-text color='{{edition_title}}'>x</mj-text>", "in a style could hide or load"),
        ("<mj-image src='{{archive_url}}' />", "pictures of ours are"),
        ("<mj-text><b style='display:/**/none'>x</b></mj-text>", "`display:none` hides text"),
        ("<mj-section background-url='https://x.example/y.png'></mj-section>", "becomes `url()` in a style"),
        ("<mj-text><b onclick='x'>x</b></mj-text>", "`onclick` runs a script"),
    ] {
        let [errors, _] = found(&[("mail/digest/html.mjml.hbs", &with(more))]);
        let place = format!("mail/digest/html.mjml.hbs:{line}:");
        assert!(errors.iter().any(|error| error.starts_with(&place) && error.contains(words)), "{more}: {errors:#?}");
    }
    let [errors, warnings] =
        found(&[("mail/digest/html.mjml.hbs", &with("<mj-image src='https://x.example/y.png' alt='' />"))]);
    assert_eq!((errors.len(), warnings.len()), (0, 1), "{errors:#?}");
}
