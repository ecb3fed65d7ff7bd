//! What holds for every mail and page, whatever the articles say.

use super::super::*;
use super::load_with;
use crate::domain::article::ArticleKind;
use crate::domain::consent::FORM_TEXT_VERSION;
use crate::domain::ids::ArticleId;
use crate::domain::issue::AlsoAt;
use jiff::tz::TimeZone;

/// Gmail cuts a mail off at 102 kB; we stay well below.
const MAX_HTML_BYTES: usize = 80_000;

fn digest(language: Language) -> Digest {
    Digest::samples(language).remove(0)
}

fn every_page(templates: &Templates) -> Vec<String> {
    fn add<C: PageContext>(templates: &Templates, pages: &mut Vec<String>) {
        for language in Language::ALL {
            pages.extend(C::samples(language).iter().map(|sample| templates.page(language, sample).unwrap()));
        }
    }
    let mut pages = Vec::new();
    add::<SignUp>(templates, &mut pages);
    add::<CheckInbox>(templates, &mut pages);
    add::<Confirm>(templates, &mut pages);
    add::<Confirmed>(templates, &mut pages);
    add::<Unsubscribe>(templates, &mut pages);
    add::<Unsubscribed>(templates, &mut pages);
    add::<Resubscribed>(templates, &mut pages);
    add::<Preferences>(templates, &mut pages);
    add::<BadLink>(templates, &mut pages);
    add::<LinkOver>(templates, &mut pages);
    add::<Message>(templates, &mut pages);
    add::<IssueList>(templates, &mut pages);
    add::<IssuePage>(templates, &mut pages);
    add::<IssueEntry>(templates, &mut pages);
    add::<Embed>(templates, &mut pages);
    add::<EmbedForm>(templates, &mut pages);
    add::<DeskAsk>(templates, &mut pages);
    add::<DeskDone>(templates, &mut pages);
    add::<DeskDraft>(templates, &mut pages);
    add::<DeskOver>(templates, &mut pages);
    add::<PreviewLink>(templates, &mut pages);
    pages
}

fn every_html_mail(templates: &Templates) -> Vec<String> {
    let mut mails = Vec::new();
    for language in Language::ALL {
        mails.extend(Digest::samples(language).iter().map(|sample| templates.mail(language, sample).unwrap().html));
        mails.extend(
            Confirmation::samples(language).iter().map(|sample| templates.mail(language, sample).unwrap().html),
        );
    }
    mails
}

#[test]
fn forty_items_with_long_japanese_summaries_stay_below_what_mail_programs_cut_off() {
    let templates = Templates::load(None).unwrap();
    let mut digest = digest(Language::Ja);
    let item = Item {
        kind: ArticleKind::News,
        published: None,
        place: Some("仙台市・リモート可".to_owned()),
        company: Some("東北河川研究所".to_owned()),
        pay: Some("年収620万～840万円".to_owned()),
        image: digest.lead.as_ref().and_then(|lead| lead.image.clone()),
        also_at: digest.lead.as_ref().unwrap().also_at.clone(),
        title: "東京と青森を結ぶ新しい夜行列車の運行が始まり、沿線の町に活気が戻る見込み".to_owned(),
        url: "https://www.example.co.jp/news/local/2026/11/27/a-rather-long-address-of-an-article.html".to_owned(),
        summary: "夜".repeat(400),
        source: Some("北陸日々新聞".to_owned()),
        date_short: Some("11月27日".to_owned()),
        closes: Some("12月15日".to_owned()),
        language: None,
    };
    digest.sections = [("ニュース", ArticleKind::News), ("募集情報", ArticleKind::Opening)]
        .map(|(title, kind)| Section { title: title.to_owned(), kind, items: vec![Item { kind, ..item.clone() }; 20] })
        .into();
    let size_bytes = templates.mail(Language::Ja, &digest).unwrap().html.len();
    assert!(size_bytes <= MAX_HTML_BYTES, "{size_bytes} bytes");
}

#[test]
fn mails_fetch_nothing_but_our_pictures_and_hide_nothing() {
    for html in every_html_mail(&Templates::load(None).unwrap()) {
        let html = html.to_lowercase();
        for fetching in ["url(", "@import", "<link", "<script", "<object", "<iframe", "background=\"", "srcset="] {
            assert!(!html.contains(fetching), "{fetching}");
        }
        // Pictures are ours, have their size, and say what they show.
        assert_eq!(html.matches("src=").count(), html.matches("<img src=\"https://news.example.jp/images/").count());
        for image in html.split("<img ").skip(1) {
            let tag = &image[..image.find('>').unwrap()];
            assert!(["width=\"", "height=\"", "alt=\""].iter().all(|wanted| tag.contains(wanted)), "{tag}");
        }
        for hiding in
            ["display:none", "font-size:0", "max-height:0", "mso-hide", "visibility:hidden", "opacity:0", " hidden"]
        {
            assert!(!html.replace(' ', "").contains(&hiding.replace(' ', "")), "{hiding}");
        }
        assert!(html.contains("<html lang=\""));
        assert!(html.matches("<table").count() == html.matches("<table role=\"presentation\"").count());
    }
}

#[test]
fn pages_need_nothing_that_the_content_security_policy_refuses() {
    let handler = |html: &str| {
        html.match_indices(" on").any(|(at, _)| {
            let rest = &html[at + 3..];
            let name = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_lowercase()).len();
            name > 0 && rest[name..].starts_with('=')
        })
    };
    for html in every_page(&Templates::load(None).unwrap()) {
        for refused in [
            "<script",
            "<style",
            "style=",
            "<iframe",
            "<base",
            "javascript:",
            "src=\"http",
            "<link rel=\"stylesheet\" href=\"http",
        ] {
            assert!(!html.contains(refused), "{refused} in {html}");
        }
        assert!(!handler(&html), "{html}");
    }
    let css = &Templates::load(None).unwrap().asset("site.css").unwrap().bytes.clone();
    let css = std::str::from_utf8(css).unwrap();
    assert!(!css.contains("url(") && !css.contains("@import"));
}

#[test]
fn article_text_is_never_code() {
    let templates = Templates::load(None).unwrap();
    let payloads = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</title></style></p><svg/onload=alert(1)>",
        "{{unsubscribe_url}} {{{x}}} {{> partials/mail/sender}} {{#each sections}}",
        "a\u{202e}gpj.exe\u{0}",
        "line one\r\nBcc: everybody",
        "{{email}} {{> p}} {{t \"digest-view\"}} {{html introduction_html}}",
        "</style><style>.u,a{display:none!important}",
        "x\" style=\"position:fixed;inset:0;background:#fff\" alt=\"",
        "<!--",
        "]]><![CDATA[",
        "</td></tr></table></body></html>",
        "<plaintext>",
    ];
    for payload in payloads {
        let mut digest = digest(Language::En);
        let first = &mut digest.sections[0].items[0];
        for field in [&mut first.title, &mut first.summary] {
            payload.clone_into(field);
        }
        first.image = Some(ItemImage {
            url: format!("https://news.example.jp/images/{payload}"),
            alt: payload.to_owned(),
            credit: Some(payload.to_owned()),
            width: 112,
            height: 84,
        });
        first.also_at = vec![AlsoAt { source: payload.to_owned(), url: format!("https://example.jp/{payload}") }];
        let opening = &mut digest.sections[1].items[0];
        for field in [&mut opening.place, &mut opening.company, &mut opening.pay, &mut opening.closes] {
            *field = Some(payload.to_owned());
        }
        let lead = digest.lead.as_mut().unwrap();
        for field in [&mut lead.title, &mut lead.summary] {
            payload.clone_into(field);
        }
        // In a text of its own a quote is a quote.
        digest.introduction_html = Some(payload).filter(|text| text.contains(['<', '{'])).map(str::to_owned);
        digest.introduction_text = Some(payload.to_owned());
        let first = &mut digest.sections[0].items[0];
        first.source = Some(payload.to_owned());
        first.language = Some(payload.to_owned());
        first.url = "https://example.jp/\"><script>alert(1)</script>".to_owned();
        digest.sections[0].title = payload.to_owned();
        let mail = templates.mail(Language::En, &digest).unwrap();
        assert!(!mail.subject.contains('\n') && !mail.subject.contains('\r'));
        let mut page = IssuePage::samples(Language::En).remove(0);
        for section in &mut page.entry.sections {
            payload.clone_into(&mut section.title);
            for item in &mut section.items {
                for field in [&mut item.title, &mut item.summary, &mut item.byline] {
                    payload.clone_into(field);
                }
                for field in [&mut item.company, &mut item.place, &mut item.pay, &mut item.language] {
                    *field = Some(payload.to_owned());
                }
            }
        }
        let page = templates.page(Language::En, &page).unwrap();
        let template = payload.contains("{{unsubscribe_url}}");
        for html in [&mail.html, &page] {
            for tag in [
                "<script",
                "<img src=x",
                "<svg",
                " onmouseover='",
                "</p><svg",
                "<plaintext",
                "<!--",
                "inset:0;background:#fff\"",
            ] {
                assert!(!html.contains(tag), "{tag} of {payload}");
            }
            assert!(!html.contains(['\0', '\u{202e}']));
            // A template in a title is shown, not obeyed.
            assert_eq!(html.contains("{{unsubscribe_url}}"), template);
        }
        // What ends the mail is there once, and so is the way out.
        assert_eq!(mail.html.matches("</body>").count(), 1, "{payload}");
        assert_eq!(mail.html.matches("</style>").count(), 1, "{payload}");
        assert_eq!(mail.html.matches(&format!("href=\"{}\"", digest.unsubscribe_url)).count(), 1, "{payload}");
        if template {
            assert!(mail.text.contains("{{unsubscribe_url}} {{{x}}}") && mail.subject.contains("{{unsubscribe_url}}"));
        }
    }
}

#[test]
fn a_flood_of_marks_or_of_nothing_covers_nothing() {
    let templates = Templates::load(None).unwrap();
    for flood in ["\u{301}".repeat(10_000), "\u{200b}".repeat(10_000), "\u{202e}".repeat(10_000)] {
        let mut digest = digest(Language::En);
        let plain = templates.mail(Language::En, &digest).unwrap();
        digest.sections[0].items[0].title.push_str(&flood);
        let mail = templates.mail(Language::En, &digest).unwrap();
        assert!(mail.html.len() < plain.html.len() + 100 && mail.text.len() < plain.text.len() + 100);
    }
}

#[test]
fn text_parts_and_subjects_are_not_escaped_and_html_is_once() {
    let templates = Templates::load(None).unwrap();
    let mut digest = digest(Language::En);
    digest.lead.as_mut().unwrap().title = "Fish & chips > \"sushi\"?".to_owned();
    let mail = templates.mail(Language::En, &digest).unwrap();
    assert!(mail.subject.ends_with("Fish & chips > \"sushi\"?"), "{}", mail.subject);
    assert!(mail.text.contains("* Fish & chips > \"sushi\"?"));
    assert!(mail.html.contains(">Fish &amp; chips &gt; &quot;sushi&quot;?<"));
}

#[test]
fn a_subject_is_one_short_line() {
    let templates = Templates::load(None).unwrap();
    let mut digest = digest(Language::Ja);
    digest.lead.as_mut().unwrap().title = "見出し\n".repeat(100);
    let subject = templates.mail(Language::Ja, &digest).unwrap().subject;
    assert!(subject.chars().count() <= 100 && !subject.contains('\n'), "{subject}");
}

#[test]
fn both_parts_of_a_digest_carry_what_the_law_asks_for() {
    let templates = Templates::load(None).unwrap();
    for (language, note) in
        [(Language::En, "refuse further mails at any time"), (Language::Ja, "いつでもお断りいただけます")]
    {
        let digest = digest(language);
        let mail = templates.mail(language, &digest).unwrap();
        for part in [&mail.text, &mail.html] {
            for wanted in [&digest.sender.name, &digest.sender.postal_address, &digest.sender.contact] {
                assert!(part.contains(wanted.as_str()), "{wanted}");
            }
            // The note stands right before the link.
            let note_at = part.find(note).unwrap();
            let link_at = part[note_at..].find(&digest.unsubscribe_url).unwrap();
            assert!(link_at < 120, "{link_at}");
        }
    }
}

#[test]
fn a_confirmation_leads_to_its_page_in_both_parts() {
    let templates = Templates::load(None).unwrap();
    for language in Language::ALL {
        let confirmation = Confirmation::samples(language).remove(0);
        let mail = templates.mail(language, &confirmation).unwrap();
        assert!(mail.text.lines().any(|line| line == confirmation.confirm_url));
        // The button, the plain link, and the plain link's text.
        assert_eq!(mail.html.matches(&confirmation.confirm_url).count(), 3);
    }
}

#[test]
fn an_operator_changes_single_sentences_and_single_files() {
    let ours = Templates::load(None).unwrap();
    let theirs = load_with(&[
        ("locales/en.ftl", "sign-up-heading = Fresh <news> daily\r\nsection-events = Events\r\n"),
        ("partials/text/sender.hbs", "-- {{sender.name}}\n{{sender.postal_address}}\n{{sender.contact}}\n"),
        ("assets/site.css", "body { color: green }"),
        (".git/config", "is nobody's business"),
    ])
    .unwrap();
    let sample = SignUp::samples(Language::En).remove(0);
    let page = theirs.page(Language::En, &sample).unwrap();
    assert!(page.contains("<h1>Fresh &lt;news&gt; daily</h1>") && page.contains("Keep me posted"));
    assert_eq!(theirs.section_title(Language::En, "events"), "Events");
    assert_eq!(theirs.section_title(Language::Ja, "events"), "events");
    assert!(theirs.mail(Language::En, &digest(Language::En)).unwrap().text.contains("-- Kawaraban Press\n"));
    assert_ne!(ours.asset_url("/base", "site.css"), theirs.asset_url("/base", "site.css"));
    assert!(theirs.asset_url("/base", "site.css").starts_with("/base/assets/site.css?v="));
    assert_eq!(theirs.asset("passwd"), None);
}

#[test]
fn the_record_of_a_consent_tells_an_operators_words_from_ours() {
    let version = |files: &[(&str, &str)]| load_with(files).unwrap().form_text_version().to_owned();
    let sender = "{{sender.name}} {{sender.postal_address}} {{sender.contact}}";
    assert_eq!(version(&[("partials/text/sender.hbs", sender)]), FORM_TEXT_VERSION);
    let one = version(&[("locales/en.ftl", "sign-up-heading = One")]);
    let two = version(&[("locales/en.ftl", "sign-up-heading = Two")]);
    assert!(one.starts_with(FORM_TEXT_VERSION) && two.starts_with(FORM_TEXT_VERSION));
    assert!(one != FORM_TEXT_VERSION && one != two, "{one} {two}");
}

#[test]
fn items_are_put_under_their_headings_in_the_order_of_the_sections() {
    let templates = Templates::load(None).unwrap();
    let item = |section: &str, title: &str| IssueItem {
        article_id: ArticleId(1),
        section: section.to_owned(),
        position: 0,
        title: title.to_owned(),
        url: "https://example.jp/".to_owned(),
        summary: String::new(),
        source: None,
        language: Some("en".to_owned()),
        // Already Friday in Tokyo.
        published: "2026-11-26T16:00:00Z".parse().unwrap(),
        closes: None,
        details: Default::default(),
        also_at: Vec::new(),
        pinned: false,
        lead: false,
    };
    let zone = TimeZone::get("Asia/Tokyo").unwrap();
    let items = [item("news", "a"), item("openings", "b"), item("news", "c"), item("jazz", "d")];
    let sections = templates.sections(Language::En, &items, &zone);
    let shown: Vec<_> = sections
        .iter()
        .map(|s| (s.title.as_str(), s.items.iter().map(|i| i.title.as_str()).collect::<Vec<_>>()))
        .collect();
    assert_eq!(shown, [("News", vec!["a", "c"]), ("Openings", vec!["b"]), ("jazz", vec!["d"])]);
    assert_eq!(sections[0].items[0].date_short.as_deref(), Some("27 November"));
    assert_eq!(sections[0].items[0].language, None);
    assert_eq!(templates.sections(Language::Ja, &items, &zone)[0].items[0].language.as_deref(), Some("en"));
}

#[test]
fn the_snippet_is_the_form_itself() {
    let templates = Templates::load(None).unwrap();
    let form = EmbedForm::samples(Language::En).remove(0);
    let snippet = templates.embed_snippet(Language::En, &form).unwrap();
    let page = Embed { form, snippet: snippet.clone(), ..Embed::samples(Language::En).remove(0) };
    let html = templates.page(Language::En, &page).unwrap();
    assert!(html.contains(&snippet), "at work");
    assert!(html.contains(&helpers::escape_html(&snippet)), "to copy");
    assert!(snippet.starts_with("<form action=\"https://news.example.jp/subscribe\" method=\"post\""), "{snippet}");
}

#[test]
fn templates_are_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Templates>();
}
