//! Hostile articles go in, through a feed and by hand. What comes out, as mail and as pages, is words.

mod bombs;
mod browser;
mod headers;
mod markup;
mod payloads;
mod server;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use jiff::{SignedDuration, Timestamp};
use kawaraban::clock::{Clock, SystemClock};
use kawaraban::domain::article::{ArticleKind, Details, NewArticle};
use kawaraban::mail::read;
use kawaraban::store::Store;
use tokio::runtime::Runtime;

use super::house::{House, SENDER, relay_section};
use super::relay::Relay;
use browser::{Browser, Seen};
use markup::tags;
use server::Server;

/// The tags a mail may have, and their attributes.
const MAIL_TAGS: &[(&str, &[&str])] = &[
    ("html", &["lang"]),
    ("head", &[]),
    ("meta", &["charset", "name", "content"]),
    ("title", &[]),
    ("style", &[]),
    ("body", &["class", "style"]),
    ("table", &["role", "class", "width", "cellpadding", "cellspacing", "border", "style", "lang"]),
    ("tr", &[]),
    ("td", &["class", "align", "valign", "width", "height", "style"]),
    ("div", &["class", "style", "lang", "aria-hidden"]),
    ("span", &["class", "style", "lang"]),
    ("p", &["class", "style", "lang"]),
    ("h1", &["class", "style"]),
    ("h2", &["class", "style", "lang"]),
    ("h3", &["class", "style", "lang"]),
    ("a", &["class", "href", "style", "rel"]),
    ("img", &["class", "src", "alt", "width", "height", "style"]),
    ("br", &[]),
];

/// What a page of the archive may be made of.
const PAGE_TAGS: &[(&str, &[&str])] = &[
    ("html", &["lang"]),
    ("head", &[]),
    ("meta", &["charset", "name", "property", "content"]),
    ("title", &[]),
    ("link", &["rel", "href", "type", "title", "hreflang"]),
    ("body", &[]),
    ("header", &["class"]),
    ("main", &[]),
    ("footer", &["class"]),
    ("section", &["class", "lang"]),
    ("article", &["class", "lang"]),
    ("aside", &["class"]),
    ("nav", &["class", "aria-label"]),
    ("span", &["class", "lang", "aria-current", "aria-hidden"]),
    ("a", &["class", "href", "rel", "lang", "hreflang", "type"]),
    ("h1", &[]),
    ("h2", &["class"]),
    ("h3", &[]),
    ("p", &["class"]),
    ("ul", &["class"]),
    ("li", &[]),
    ("dl", &["class"]),
    ("div", &["class", "lang"]),
    ("dt", &[]),
    ("dd", &[]),
    ("br", &[]),
    ("figure", &[]),
    ("figcaption", &[]),
    ("img", &["src", "width", "height", "alt", "loading"]),
];

/// The feeds are `sandbox`ed by their policy: in them a browser runs nothing, not even the test's own questions. They are
/// read by parsers instead.
const PAGES: [&str; 4] = ["/issues", "/issues?lang=ja", "/issues/1?lang=en", "/issues/1?lang=ja"];

/// The beginnings of a few payloads that any browser obeys. All of them on one page would get in each other's way.
const SURE: &[&str] = &["<img src=x onerror=doc", "<svg onload=", "<body onload=", "<video src=x", "<img/src=x/"];

/// Returns `text` as XML can carry it.
fn xml(text: &str) -> String {
    let allowed: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    allowed.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A feed of the payloads: as words in the titles, as HTML in the texts.
fn feed(payloads: &[String]) -> String {
    let mut items = String::new();
    for (n, payload) in payloads.iter().enumerate() {
        let (words, html) = (xml(&xml(payload)), xml(payload));
        write!(
            items,
            "<item><title>{n} {words}</title><link>https://example.jp/{n}</link><guid>{html}{n}</guid>\
             <description>{n} {html} end</description><category>{html}</category></item>"
        )
        .unwrap();
    }
    format!("<rss version=\"2.0\"><channel><title>{}</title>{items}</channel></rss>", xml(&xml(&payloads[0])))
}

/// The same straight into the store, as if every check before it had failed.
fn by_hand(payloads: &[String], now: Timestamp) -> Vec<NewArticle> {
    let article = |(n, payload): (usize, &String)| NewArticle {
        feed_id: None,
        guid: format!("by hand {n}"),
        source: Some(payload.clone()),
        title: format!("{payload} {n}"),
        url: if n % 2 == 0 { payload.clone() } else { format!("https://example.jp/by-hand/{n}?{payload}") },
        summary: payload.clone(),
        section: "openings".to_owned(),
        language: Some(payload.clone()),
        published: Some(now),
        closes: Some(now + SignedDuration::from_hours(24 * 30)),
        details: Details {
            kind: ArticleKind::Opening,
            place: Some(payload.clone()),
            company: Some(payload.clone()),
            pay: Some(payload.clone()),
            image: None,
        },
    };
    payloads.iter().enumerate().map(article).collect()
}

/// Returns what of a mail or page is on no list.
fn unlisted<'a>(found: impl IntoIterator<Item = (&'a str, Option<&'a str>)>, list: &[(&str, &[&str])]) -> Vec<String> {
    let allowed = |name: &str, attribute: Option<&str>| {
        list.iter().any(|(tag, attributes)| *tag == name && attribute.is_none_or(|a| attributes.contains(&a)))
    };
    let odd = found.into_iter().filter(|(name, attribute)| !allowed(name, *attribute));
    odd.map(|(name, attribute)| format!("{name} {}", attribute.unwrap_or_default())).collect()
}

fn check_mail(html: &str, canary: &str) {
    let (tags, comments) = tags(html);
    let found = tags.iter().flat_map(|tag| {
        std::iter::once((tag.name.as_str(), None))
            .chain(tag.attributes.iter().map(|(name, _)| (tag.name.as_str(), Some(name.as_str()))))
    });
    assert_eq!(unlisted(found, MAIL_TAGS), Vec::<String>::new());
    assert_eq!(comments, 0);
    assert_eq!(tags.iter().filter(|tag| tag.name == "style").count(), 1, "ours alone");
    for tag in &tags {
        for (name, value) in &tag.attributes {
            // A language is a word wherever it comes from; what fetches or leads somewhere is not.
            let leads = name == "href" && value.starts_with("https://example.jp/");
            assert!(!value.contains(canary) || leads || name == "lang", "{tag:?}");
            assert!(!matches!(name.as_str(), "style" | "class") || !value.contains("url("), "{tag:?}");
        }
    }
    let hrefs: Vec<_> = tags.iter().filter_map(|tag| tag.get("href")).collect();
    for href in &hrefs {
        assert!(["https://", "http://", "mailto:"].iter().any(|scheme| href.starts_with(scheme)), "{href}");
    }
    // After the way out there is nothing of an article.
    let last = hrefs.iter().rposition(|href| href.contains("/unsubscribe/v1.")).expect("the way out");
    assert!(hrefs[last..].iter().all(|href| !href.contains("example.jp/") || href.contains("news.example.jp/")));
}

/// Checks that a page of ours did nothing but load our own files.
fn harmless(seen: &Seen, base: &str, what: &str) {
    assert!(seen.loaded && !seen.marked && seen.dialogs == 0, "{what}: {seen:?}");
    let outside: Vec<_> = seen.requests.iter().filter(|url| !url.starts_with(base)).collect();
    assert!(outside.is_empty(), "{what} asked for {outside:?}");
    assert_eq!(seen.refused, 0, "{what}: there was nothing for the policy to refuse");
}

#[test]
fn hostile_articles_become_words_in_the_mail_and_on_the_pages() {
    let canary = Server::of(vec![("/a.js", "text/javascript", "document.documentElement.dataset.ran=1".to_owned())]);
    let payloads = payloads::all(&canary.url);
    let source = Server::of(vec![("/feed", "application/rss+xml", feed(&payloads))]);
    let relay = Relay::courteous();
    let edition = "[[editions]]\nname = \"weekly\"\ntitle = \"Weekly <b>&\"\nschedule = \"0 8 * * Fri\"\n\
                   timezone = \"Asia/Tokyo\"\nsections = [\"news\", \"openings\"]\nmax_per_section = 500\n";
    let feeds = "[feeds]\nallow_networks = [\"127.0.0.1/32\"]\n";
    let house = House::with(&format!("{SENDER}{}{feeds}{edition}", relay_section(relay.port)));
    house.subscribers(&["hana@example.jp"]);
    house.done(&["feeds", "add", &format!("{}/feed", source.url), "--section", "news"]);
    house.done(&["feeds", "fetch"]);
    let (title, summary) = (&payloads[0], &payloads[40]);
    let link = "https://example.jp/by-hand";
    let words = ["articles", "add", "--title", title, "--summary", summary, "--url", link, "--section", "news"];
    house.done(&words);
    let now = SystemClock.now();
    Runtime::new().unwrap().block_on(async {
        let store =
            Store::open(&format!("sqlite://{}", house.path("data/kawaraban.db").display()).into()).await.unwrap();
        store.store_articles(&by_hand(&payloads, now), now).await.unwrap();
        store.close().await;
    });
    assert_eq!(house.run(&["send", "weekly"]).code, 0);
    let mails = relay.inbox.mails();
    assert_eq!(mails.len(), 1);
    let mail = read(&mails[0].content);
    let html = mail.html.clone();
    assert!(html.matches("<h3").count() > 300, "{} articles", html.matches("<h3").count());
    check_mail(&html, &canary.url);
    assert!(html.contains("{{unsubscribe_url}}") && html.contains("{{{"), "a template in a title is shown, not obeyed");

    let daemon = house.serve(&[]);
    let base = format!("http://{}", daemon.address());
    let mut browser = Browser::start();

    // The traps work: without us in between, they do what they are for.
    let sure = |payload: &&String| SURE.iter().any(|sure| payload.starts_with(sure));
    let raw: String = payloads.iter().filter(sure).map(|payload| format!("<div>{payload}</div>\n")).collect();
    let wild = Server::of(vec![("/wild", "text/html", format!("<!DOCTYPE html>{raw}")), ("/mail", "text/html", html)]);
    let seen = Browser::start().visit(&format!("{}/wild", wild.url));
    assert!(seen.marked && seen.dialogs > 2, "the traps are blunt: {} dialogs", seen.dialogs);
    assert!(!canary.asked().is_empty(), "the canary hears nothing: {:?}", canary.asked());
    let (dialogs, heard) = (seen.dialogs, canary.asked().len());

    for policy in [true, false] {
        // Even a browser without a policy finds nothing to run.
        browser.ignore_policy(!policy);
        for page in PAGES {
            let seen = browser.visit(&format!("{base}{page}"));
            harmless(&seen, &base, page);
            let parts = seen.made_of.iter().map(|part| match part.split_once('@') {
                Some((tag, attribute)) => (tag, Some(attribute)),
                None => (part.as_str(), None),
            });
            assert_eq!(unlisted(parts, PAGE_TAGS), Vec::<String>::new(), "{page}");
            let odd = "[...document.links].filter(a => !/^(https?|mailto):/.test(a.protocol)).length";
            assert_eq!(browser.evaluate(odd), 0, "{page}");
        }
        let seen = browser.visit(&format!("{}/mail", wild.url));
        harmless(&seen, &wild.url, "the mail");
        let on_top = browser.evaluate(
            "(() => { const a = [...document.links].filter(a => a.href.includes('/unsubscribe/v1.')).pop(); \
             a.scrollIntoView({block: 'center'}); const r = a.getBoundingClientRect(); \
             const top = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2); \
             const style = getComputedStyle(a); \
             return r.width > 40 && r.height > 8 && a.contains(top) && style.visibility === 'visible' && \
             parseFloat(style.fontSize) >= 11 && style.opacity === '1'; })()",
        );
        assert_eq!(on_top, true, "the way out can be seen and pressed");
    }
    assert_eq!(canary.asked().len(), heard, "nobody else came: {:?}", &canary.asked()[heard..]);
    println!("{} payloads: {dialogs} dialogs and {heard} requests in the wild, none from our pages", payloads.len());

    feeds_can_be_read(daemon.address());
}

/// Fetches a page without a browser.
fn fetch(address: &str, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{path}");
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    answer.split_off(head + 4)
}

/// Reads the feeds as feed readers do.
fn feeds_can_be_read(address: &str) {
    for path in ["/issues.atom", "/issues.json", "/issues.atom?lang=ja", "/issues.json?lang=ja"] {
        let feed = feed_rs::parser::parse(&fetch(address, path)[..]).unwrap();
        assert_eq!(feed.entries.len(), 1, "{path}");
        let entry = &feed.entries[0];
        assert!(entry.id.starts_with("tag:news.example.jp,"), "{}", entry.id);
        let content = match &entry.content {
            Some(content) => content.body.clone().unwrap(),
            None => panic!("{path}: an entry without content"),
        };
        let (tags, comments) = tags(&content);
        let names: BTreeSet<_> = tags.iter().map(|tag| tag.name.as_str()).collect();
        assert!(names.is_subset(&BTreeSet::from(["h2", "h3", "p", "a", "strong"])), "{path}: {names:?}");
        assert_eq!(comments, 0);
        for tag in &tags {
            assert!(tag.attributes.iter().all(|(name, _)| matches!(name.as_str(), "href" | "rel")), "{tag:?}");
        }
        assert!(content.len() > 50_000, "{path}: {} bytes", content.len());
    }
    for path in ["/issues.atom", "/sitemap.xml"] {
        let xml = fetch(address, path);
        // A second opinion, and a strict one.
        let program = "import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.stdin.buffer)";
        let mut python = Command::new("python3").args(["-c", program]).stdin(Stdio::piped()).spawn().unwrap();
        python.stdin.take().unwrap().write_all(&xml).unwrap();
        assert!(python.wait().unwrap().success(), "{path} is not well-formed");
    }
}
