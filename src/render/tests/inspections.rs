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
pub(super) fn mistakes(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        write(folder.path(), name, text);
    }
    let place = format!("{}/", folder.path().display());
    let errors = inspect(folder.path()).unwrap().errors;
    errors.iter().map(|error| error.to_string().replace(&place, "")).collect()
}

#[test]
fn our_own_templates_are_good_and_so_is_an_export_of_them() {
    let ours = built_in();
    let files: Vec<_> = ours.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    for files in [&files[..1], &files] {
        let found = inspect_with(files);
        assert!(found.errors.is_empty(), "{:?}", found.errors);
        assert_eq!((found.warnings.len(), found.files, found.same), (0, 0, files.len()));
        let bytes = found.full_issue_bytes.unwrap();
        assert!((30_000..=MAX_HTML_BYTES).contains(&bytes), "{bytes} bytes");
    }
    // What is the same as ours is ours: the words of a consent are not other words.
    assert_eq!(load_with(&files).unwrap().form_text_version(), Templates::load(None).unwrap().form_text_version());
}

#[test]
fn ours_are_good_when_they_are_looked_at_as_somebody_elses() {
    let theirs: Vec<_> = built_in()
        .into_iter()
        .filter(|(name, _)| !name.starts_with("assets/"))
        .map(|(name, text)| {
            let changed = if name.ends_with(".ftl") {
                format!("{text}\n# ours\n")
            } else {
                format!("{text}{{{{!-- ours --}}}}\n")
            };
            (name, changed)
        })
        .collect();
    let files: Vec<_> = theirs.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let found = inspect_with(&files);
    assert!(found.errors.is_empty() && found.warnings.is_empty(), "{:#?}", found.errors);
    assert_eq!((found.files, found.same), (files.len(), 0));
    assert!(load_with(&files).is_ok());
}

/// Ten mistakes of ten kinds, several in one file and two on one line; each must be told, and nothing else.
#[test]
fn no_mistake_hides_another() {
    let item = "{{#if titel}}<p style=\"display:none\">{{{summary}}}</p>{{/if}}\n\
        {{#each facts}}{{@idx}}{{../also_att}}{{/each}}\n\
        {{#with imgae}}{{url}}{{/with}}{{shuot title}}\n\
        {{> partials/mail/also_it}}{{t \"item-closses\" date=closes}}\n";
    let found = mistakes(&[
        ("partials/mail/item.hbs", item),
        ("mail/digest/text.hbs", "{{edition_title}}\n{{#each sections}}{{title}}\n{{#each items}}{{title}}{{/each}}\n"),
        ("web/confirmed.hbs", "{{> partials/web/picture}}{{format_date seal}}"),
        ("partials/web/picture.hbs", "\n {{> partials/web/also_at}}"),
        ("partials/web/also_at.hbs", "{{> partials/web/picture}}"),
        ("locales/en.ftl", "confirmed-txt = x\nconfirmed-text = { $ }\n"),
        ("sign_up.hbs", ""),
    ]);
    let wanted = [
        "locales/en.ftl:1:1: there is no message `confirmed-txt`; did you mean `confirmed-text`?",
        "locales/en.ftl:2:",
        "mail/digest/text.hbs:1: the mail does not show `{{unsubscribe_url}}`, `{{sender.name}}`, ",
        "mail/digest/text.hbs:2:1: `{{#each}}` is never closed: end it with `{{/each}}`",
        "partials/mail/item.hbs:1:1: `titel` is not there; did you mean `title`?",
        "partials/mail/item.hbs:1:24: `display:none` hides text",
        "partials/mail/item.hbs:1:38: `{{{ }}}` and `{{& }}` would print",
        "partials/mail/item.hbs:2:16: `@idx` is not there; inside `{{#each}}` there are @first",
        "partials/mail/item.hbs:2:24: `../also_att` is not there; did you mean `../also_at`?",
        "partials/mail/item.hbs:3:1: `imgae` is not there; did you mean `image`?",
        "partials/mail/item.hbs:3:32: there is no helper `shuot`",
        "partials/mail/item.hbs:4:1: there is no partial `partials/mail/also_it` here; did you mean `partials/mail/also_at`?",
        "partials/mail/item.hbs:4:28: there is no message `item-closses` in every locale; did you mean `item-closes`?",
        "partials/web/picture.hbs:2:2: a circle of partials never ends",
        "sign_up.hbs: no template, locale or asset has this name; did you mean web/sign_up.hbs?",
        "web/confirmed.hbs:1:27: `format_date` cannot read",
    ];
    for wanted in wanted {
        assert!(found.iter().any(|line| line.contains(wanted)), "{wanted} is not among {found:#?}");
    }
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
}

/// What the context has is found by every way that leads to it.
#[test]
fn variables_are_looked_up_as_handlebars_does() {
    let text = include_str!("../../../templates/mail/digest/text.hbs");
    let of = |more: &str| mistakes(&[("mail/digest/text.hbs", &format!("{text}{more}"))]);
    for good in [
        "{{#each sections as |section nth|}}{{section.title}}{{nth}}{{#each section.items as |item|}}{{item.title}}\
         {{../title}}{{@root.number}}{{@../index}}{{section.title}}{{/each}}{{/each}}",
        "{{#each sections}}{{#each items}}{{../title}}{{../../number}}{{#each facts}}{{this}}{{@last}}{{/each}}{{/each}}{{/each}}",
        "{{#with sender as |who|}}{{who.name}}{{name}}{{../number}}{{this.name}}{{./name}}{{[name]}}{{/with}}",
        "{{#if (and lead (eq number 3))}}{{lookup sender \"name\"}}{{else if lead}}{{number}}{{else}}{{date}}{{/if}}",
        "{{#if sections}}{{sections.0.title}}{{sections.[0].items.[0].title}}{{lookup (lookup sections 0) \"title\"}}{{/if}}",
    ] {
        assert_eq!(of(good), Vec::<String>::new(), "{good}");
    }
    for (bad, words) in [
        (
            "{{#each sections as |section|}}{{section.titel}}{{/each}}",
            "`section.titel` is not there; did you mean `section.title`? in `section` there are: items,",
        ),
        (
            "{{#each sections}}{{number}}{{/each}}",
            "`number` is not there; did you mean `../number`? here there are: items,",
        ),
        (
            "{{#each sections}}{{#each items}}{{../titel}}{{/each}}{{/each}}",
            "`../titel` is not there; did you mean `../title`? in `..` there are: items,",
        ),
        ("{{@root.titel}}", "`@root.titel` is not there"),
        ("{{@index}}", "`@index` is there only inside `{{#each}}`"),
        ("{{sections.title}}", "`sections` is a list; go through it with `{{#each sections}}`"),
        ("{{sender.name.first}}", "`sender.name` is a text or a number and has no fields"),
        ("{{#if number}}{{else if nmber}}{{/if}}", "`nmber` is not there; did you mean `number`?"),
        ("{{#if (eq nmber 3)}}{{/if}}", "`nmber` is not there"),
        ("{{t \"digest-number\" number=nmber}}", "`nmber` is not there"),
        ("{{#with leed}}{{title}}{{/with}}", "`leed` is not there; did you mean `lead`?"),
        ("{{> partials/text/item lead.x}}", "`lead.x` is not there"),
    ] {
        let found = of(bad);
        assert!(found.len() == 1, "{bad}: {found:#?}");
        assert!(found[0].contains(words), "{bad}: {found:#?}");
    }
    let branch = of("{{#if number}}\n{{else if date}}\n  {{else if nmber}}{{/if}}");
    assert!(branch[0].starts_with(&format!("mail/digest/text.hbs:{}:3:", text.lines().count() + 3)), "{branch:?}");
}

#[test]
fn a_mistake_in_a_partial_is_told_once_and_names_who_includes_it() {
    let found = mistakes(&[("partials/mail/sender.hbs", "{{sender.name}}{{number}}{{sender.nmae}}")]);
    let number = found.iter().find(|line| line.contains("`number`")).unwrap();
    assert!(number.ends_with("(where mail/confirmation/html and 2 more include it)"), "{number}");
    assert_eq!(found.iter().filter(|line| line.contains("`number`")).count(), 1, "{found:#?}");
    assert_eq!(found.iter().filter(|line| line.contains("nmae")).count(), 1, "{found:#?}");
}

#[test]
fn partials_that_multiply_are_refused_before_they_are_rendered() {
    let twice = |next: &str| format!("{{{{> {next}}}}}{{{{> {next}}}}}{{{{> @partial-block}}}}");
    let names = [
        "partials/web/also_at",
        "partials/web/api_field",
        "partials/web/facts",
        "partials/web/feeds",
        "partials/web/issue",
        "partials/web/item",
        "partials/web/picture",
        "partials/web/subscribe",
        "partials/mail/also_at",
        "partials/mail/item",
        "partials/mail/lead",
        "partials/mail/masthead",
        "partials/mail/opening",
        "partials/mail/sender",
        "partials/web/demo_layout",
        "partials/web/layout",
        "partials/mail/layout",
    ];
    let files: Vec<_> = names.windows(2).map(|pair| (format!("{}.hbs", pair[0]), twice(pair[1]))).collect();
    let mut files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let many = twice("partials/web/also_at").repeat(4);
    files.extend([("web/confirmed.hbs", many.as_str()), ("partials/mail/layout.hbs", "{{> @partial-block}}")]);
    let error = load_with(&files).unwrap_err().to_string();
    assert!(error.contains("more than 200000 elements"), "{error}");
}

/// Neither waits for the other to be mended.
#[test]
fn what_a_locale_refers_to_is_told_beside_the_mistakes_of_a_template() {
    let english = "confirmed-text = Hello { $nmae }\n\
        # only in one variant\nsign-up-heading = { $often ->\n    [weekly] { $site }\n   *[other] x\n  }\n\
        confirmed-title = { confirmed-titel } { -brand } { NUMBER(1) }\nconfirm-title = { confirm-text }\n\
        section-jobs = Jobs { $x }\nissues-description = { $site }\n";
    let japanese =
        "confirmed-title =\n    .label = x\nconfirm-title = { confirm-button }\nconfirm-button = { confirm-title }\n";
    let found = mistakes(&[
        ("locales/en.ftl", &english.replace('\n', "\r\n")),
        ("locales/ja.ftl", japanese),
        ("web/confirmed.hbs", "{{#if page}}{{titel}}"),
    ]);
    let wanted = [
        "locales/en.ftl:1:27: `confirmed-text` is not given `{ $nmae }`; it is given: $site",
        "locales/en.ftl:4:17: `sign-up-heading` is not given `{ $site }`; it is given: $often",
        "locales/en.ftl:7:21: there is no message `confirmed-titel` to refer to",
        "locales/en.ftl:7:42: there is no term `-brand` in this file",
        "locales/en.ftl:7:52: there are no functions here: leave `NUMBER()` out",
        "locales/en.ftl:8:19: `confirm-title` is not given `{ $often }`, nor any other variable: write words",
        "locales/en.ftl:8:19: `confirm-title` is not given `{ $site }`, nor any other variable: write words",
        "locales/en.ftl:9:24: `section-jobs` is not given `{ $x }`, nor any other variable: write words",
        "locales/ja.ftl:1:1: `confirmed-title` has no text of its own: write it behind the `=`",
        "locales/ja.ftl:3:19: messages that refer to each other never end: take `confirm-title` out",
        "locales/ja.ftl:4:20: messages that refer to each other never end: take `confirm-button` out",
        "web/confirmed.hbs:1:1: `{{#if}}` is never closed",
        "web/confirmed.hbs:1:13: `titel` is not there",
    ];
    for wanted in wanted {
        assert!(found.iter().any(|line| line.starts_with(wanted)), "{wanted} is not among {found:#?}");
    }
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
}

#[test]
fn a_folder_without_templates_is_told_what_was_expected() {
    let empty = mistakes(&[]);
    assert!(
        empty.len() == 1 && empty[0].contains("there is no template here; a folder of templates has files such as")
    );
    assert!(
        mistakes(&[("README.md", "# Templates"), ("samples/web/sign_up.en.json", "[]")])[0]
            .contains("no template here")
    );
    let names: Vec<String> = (0..30).map(|n| format!("photo-{n}.jpg")).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), "")).collect();
    let other = mistakes(&files);
    assert!(other.len() == 1 && other[0].contains("none of the 30 files here is one of ours"), "{other:#?}");
    let gone = inspect(std::path::Path::new("/there/is/no/such/folder")).unwrap();
    assert!(gone.errors.len() == 1 && gone.errors[0].to_string().contains("No such file"), "{:?}", gone.errors);
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
        "partials/mail/item.hbs:1:11: `display:none`",
        "partials/mail/item.hbs:2:",
        "partials/mail/item.hbs:4:",
        "partials/mail/item.hbs:5:",
        "web/confirmed.hbs:1:",
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
    // The other half of this circle is built in, and nobody can mend it.
    let [_, also_at] = circle;
    let found = mistakes(&[also_at]);
    assert!(found.len() == 1, "{found:#?}");
    assert!(found[0].starts_with("partials/mail/also_at.hbs:1:1: a circle of partials never ends: "), "{found:#?}");
    let deep = "{{#if title}}".repeat(5000);
    assert!(mistakes(&[("partials/mail/item.hbs", &deep)])[0].contains("100 levels"));
    let large = "<p>瓦版</p>".repeat(200);
    assert!(mistakes(&[("partials/mail/item.hbs", &large)])[0].contains("bytes of HTML"));
    let bare = mistakes(&[("mail/digest/html.hbs", "<p>{{edition_title}}</p>")]);
    assert!(
        bare.iter().any(|line| line.contains("{{unsubscribe_url}}") && line.contains("{{sender.contact}}")),
        "{bare:#?}"
    );
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
fn what_mjml_ignores_is_a_warning() {
    let text = EXAMPLE.replacen("<mj-text font-size=", "<mj-text colour=\"red\" font-size=", 1);
    let found = inspect_with(&[("mail/digest/html.mjml.hbs", &text)]);
    assert!(found.errors.is_empty(), "{:?}", found.errors);
    let [warning] = &found.warnings[..] else { panic!("{:?}", found.warnings) };
    let warning = warning.to_string();
    let wanted =
        "html.mjml.hbs:6:16: MJML: `mj-text` has no attribute `colour` here, so it is ignored; did you mean `color`?";
    assert!(warning.ends_with(wanted), "{warning}");
}

#[test]
fn mistakes_in_mjml_are_told_where_they_were_written() {
    let of = |text: &str| {
        // What the mail does not show stands before anything else.
        let found = mistakes(&[("mail/digest/html.mjml.hbs", text)]).into_iter();
        found.filter(|line| !line.contains("which every copy must")).collect::<Vec<_>>().remove(0)
    };
    let misspelt = EXAMPLE.replace("{{truncate summary 200}}", "{{truncate sumary 200}}");
    let line = EXAMPLE.lines().position(|line| line.contains("truncate summary 200")).unwrap() + 1;
    assert!(of(&misspelt).starts_with(&format!("mail/digest/html.mjml.hbs:{line}:11: `sumary`")), "{}", of(&misspelt));
    assert!(of("<mjml>\n<mj-body>\n<mj-include path=\"/etc/passwd\" />").contains(":3:1: MJML: nothing is included"));
    assert!(of(&format!("<mjml><mj-body>\n{}", "<div>".repeat(5000))).contains(":2:291: MJML: nested more than 60"));
    assert!(of("<mjml><mj-body>\n<mj-section>").contains("MJML: "));
    assert!(of("<p>x</p>").contains("MJML: "));
    let both = mistakes(&[(
        "mail/digest/html.mjml.hbs",
        &format!("{}\n<mj-include />", misspelt.replace("{{title}}", "{{titel}}")),
    )]);
    let of_title = both.iter().filter(|line| line.contains("`titel`")).count();
    assert_eq!(
        (of_title, both.iter().filter(|line| line.contains("MJML: ")).count()),
        (EXAMPLE.matches("{{title}}").count(), 1),
        "{both:#?}"
    );
    assert!(both.iter().any(|line| line.contains("`sumary`")), "{both:#?}");
    // What is not MJML is looked at as it is written, and what it does not show is told with the rest.
    let without = EXAMPLE.replace("{{> partials/mail/sender}}", "").replace("{{unsubscribe_url}}", "{{archive_url}}");
    for broken in [
        without.replacen("</mj-column>", "", 1),
        without.replace("</mj-body>", "<mj-preview>x</mj-preview><mj-include path='x' /></mj-body>"),
        without.replace("{{date}}", "{{dat}}"),
    ] {
        let found = mistakes(&[("mail/digest/html.mjml.hbs", &broken)]);
        let law = "html.mjml.hbs:1: the mail does not show `{{unsubscribe_url}}`, `{{sender.name}}`, ";
        assert!(found.len() > 1 && found.iter().any(|line| line.contains(law)), "{found:#?}");
        let found = inspect_with(&[("mail/digest/html.mjml.hbs", &broken)]);
        assert_eq!(found.full_issue_bytes.is_some(), broken.contains("{{dat}}"), "nobody gets what cannot be compiled");
    }
    let previews = EXAMPLE.replace("</mj-body>", "<mj-preview>x</mj-preview><mj-include /><mj-include /></mj-body>");
    let found = mistakes(&[("mail/digest/html.mjml.hbs", &previews)]);
    assert_eq!(found.len(), 3, "{found:#?}");
    let folder = [("mail/digest/html.hbs", "x"), ("mail/digest/html.mjml.hbs", EXAMPLE)];
    assert!(mistakes(&folder).iter().any(|line| line.contains("one of them must go")));
}
