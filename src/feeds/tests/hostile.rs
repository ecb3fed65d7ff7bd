//! Documents that are meant to hurt the reader. None may take long, much memory, or the process.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use url::Url;

use super::super::{FeedError, MAX_ITEMS, ParsedFeed, parse};
use super::server::Server;

/// Unoptimised builds on busy machines included; a quadratic reader needs minutes.
const PATIENCE: Duration = Duration::from_secs(20);

fn within_reason(document: &str) -> Result<ParsedFeed, FeedError> {
    let started = Instant::now();
    let result = parse(document.as_bytes(), None, &Url::parse("https://a.example/feed").unwrap());
    let taken = started.elapsed();
    println!("{:.2} s for {} kB: {}…", taken.as_secs_f64(), document.len() / 1000, opening(document));
    assert!(taken < PATIENCE, "{taken:?} for {}…", opening(document));
    result
}

/// Returns how a document begins, behind what all of them begin with.
fn opening(document: &str) -> &str {
    let document = document.strip_prefix(BEFORE).unwrap_or(document);
    &document[..document.floor_char_boundary(60)]
}

/// What stands before the inside of an [`item`].
const BEFORE: &str = "<rss version='2.0'><channel><item><title>T</title><link>/1</link>";

fn item(inside: &str) -> String {
    format!("{BEFORE}{inside}</item></channel></rss>")
}

#[test]
fn entities_of_a_document_are_not_expanded() {
    let mut laughs = String::from("<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY l0 'ha'>");
    for n in 1..10 {
        let _ = write!(laughs, "<!ENTITY l{n} '{}'>", format!("&l{};", n - 1).repeat(10));
    }
    let feed = within_reason(&format!("{laughs}]>{}", item("<description>&l9;</description>"))).unwrap();
    assert_eq!(feed.items[0].summary, "&l9;");

    let quadratic = format!(
        "<!DOCTYPE rss [<!ENTITY a '{}'>]>{}",
        "x".repeat(100_000),
        item(&format!("<description>{}</description>", "&a;".repeat(100_000)))
    );
    assert!(within_reason(&quadratic).unwrap().items[0].summary.len() < 10_000);
}

#[tokio::test]
async fn nothing_outside_is_fetched_or_read() {
    let canary = Server::canary().await;
    let url = canary.url("/x.dtd");
    for prolog in [
        format!("<!DOCTYPE rss SYSTEM '{url}'>"),
        format!("<!DOCTYPE rss PUBLIC '-//a//b' \"{url}\">"),
        format!("<!DOCTYPE rss [<!ENTITY e SYSTEM '{url}'>]>"),
        "<!DOCTYPE rss [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>".to_owned(),
        format!("<!DOCTYPE rss [<!ENTITY % p SYSTEM '{url}'> %p;]>"),
        format!("<?xml-stylesheet type='text/xsl' href='{url}'?>"),
    ] {
        let include = format!("<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{url}'/>");
        let document = prolog + &item(&format!("<description>&e;</description>{include}"));
        assert_eq!(within_reason(&document).unwrap().items[0].summary, "&e;");
    }
    assert_eq!(canary.connections(), 0);
}

#[test]
fn depth_is_refused_before_it_costs() {
    let deep = item(&format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000)));
    assert!(matches!(within_reason(&deep), Err(FeedError::Parse { .. })));
    let bases = item(&"<a xml:base='aaaaaaaaaaaaaaaa/'>".repeat(100_000));
    assert!(matches!(within_reason(&bases), Err(FeedError::Parse { .. })));
    let json = format!("{{\"version\": {}", "[".repeat(1_000_000));
    assert!(within_reason(&json).is_err());
}

#[test]
fn namespaces_are_few() {
    let many: String = (0..64).fold(String::new(), |mut all, n| {
        let _ = write!(all, " xmlns:n{n}='u'");
        all
    });
    let deep = format!("{}{}", format!("<a{many}>").repeat(900), "<b:c/>".repeat(300_000));
    assert!(within_reason(&item(&format!("{deep}{}", "</a>".repeat(900)))).is_ok());
}

#[test]
fn width_costs_what_it_weighs() {
    let attributes: String = (0..200_000).fold(String::new(), |mut all, n| {
        let _ = write!(all, " a{n}=''");
        all
    });
    assert!(within_reason(&item(&format!("<x{attributes}/>"))).is_ok());
    assert!(within_reason(&format!("<rss{attributes}><channel/></rss>")).is_ok());
    // Tags that never end, with quotes to search through.
    for unit in
        ["<a b=\"<a\" ", "<a b='<a b=\"", "<", "<a ", "<!--", "<![CDATA[", "<?a", "&", "&a", "</", "<a/b=", "]]>"]
    {
        let _ = within_reason(&item(&unit.repeat(500_000 / unit.len())));
    }
    let data = item(&format!("<description><![CDATA[{}]]></description>", "<&>".repeat(1_500_000)));
    assert!(within_reason(&data).is_ok());
}

#[test]
fn html_that_is_dear_to_parse_is_cheap_here() {
    let formats: String = (0..500).map(|n| format!("<b id={n}>")).collect();
    for html in [
        "<div>".repeat(50_000),
        formats + &"<p>x</p>".repeat(50_000),
        "<table>".repeat(20_000),
        "<a>".repeat(50_000),
        "<svg><math>".repeat(20_000),
        "&lt;".repeat(100_000),
        format!("<p title='{}'>", "x".repeat(1_000_000)),
    ] {
        let document = item(&format!("<description><![CDATA[{html}]]></description>"));
        assert!(within_reason(&document).is_ok());
    }
}

#[test]
fn many_items_are_cut_off_and_said() {
    let items = "<item><title>T</title><link>/1</link><guid>G</guid></item>";
    let many: String = (0..20_000).map(|n| items.replace('G', &n.to_string())).collect();
    let feed = within_reason(&format!("<rss version='2.0'><channel>{many}</channel></rss>")).unwrap();
    assert_eq!(feed.items.len(), MAX_ITEMS);
    assert_eq!(feed.skipped, [format!("{} items after the first {MAX_ITEMS}", 20_000 - MAX_ITEMS)]);
}

#[test]
fn what_upsets_the_parser_does_not_reach_it() {
    let media = "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' xmlns:media='http://search.yahoo.com/mrss/'";
    let extras = "<author>編集部（a@b.example）</author><dc:creator>a@b.example（編集部）</dc:creator>\
        <itunes:duration>99999999999999999999999</itunes:duration><itunes:duration>１２</itunes:duration>\
        <itunes:author>あ（a@b.example）</itunes:author><media:content duration='１' fileSize='x'/>\
        <media:starRating count='x' average='y'/><pubDate>+99999-01-01</pubDate>";
    let document = item(extras).replace("<rss ", &format!("<rss {media} "));
    assert_eq!(within_reason(&document).unwrap().items.len(), 1);
}

#[test]
fn odd_bytes_are_not_the_end() {
    for body in [
        b"\xef\xbb\xbf\xef\xbb\xbf<rss version='2.0'><channel><item><title>T</title><link>/1</link></item></channel></rss>"
            .as_slice(),
        b"\0\0<rss version='2.0'><channel><item><title>T\0\x01\x0b</title><link>/1\0</link></item></channel></rss>",
        b"<?xml version='1.0' encoding='utf-7'?><rss><channel><item><title>T</title><link>/1</link></item></channel></rss>",
        b"<rss><channel><item><title>T\xff\xfe</title><link>/1</link></item></channel></rss>",
    ] {
        let feed = parse(body, None, &Url::parse("https://a.example/").unwrap()).unwrap();
        assert_eq!(feed.items.len(), 1, "{}", String::from_utf8_lossy(body));
    }
}
