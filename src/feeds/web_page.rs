//! Web pages that were taken for feeds: the commonest mistake in a feed list. A page often names its feed itself.

use url::Url;

use super::document::FeedLink;
use super::error::FeedError;
use super::{item, text};

/// A page's head is in its first part; some pages have long ones.
const HEAD_WINDOW_BYTES: usize = 512 * 1024;
/// A page with more links than this in its head is not helping anybody.
const MAX_LINKS: usize = 500;
/// A line in a terminal.
const MAX_LINK_TITLE_GRAPHEMES: usize = 80;

/// Returns the error for a web page that names these feeds. `url` is where it came from.
pub(super) fn mistaken_for_a_feed(feeds: &[FeedLink], url: &Url) -> FeedError {
    // A page that was asked for with a query may repeat it, and the query may be a secret.
    let hint = feeds.iter().map(|feed| &feed.url).find(|hint| url.query().is_none() || !hint.contains('?'));
    FeedError::NotAFeed { what: "this is a web page, not a feed".to_owned(), hint: hint.cloned() }
}

/// Returns whether the first thing that counts in the document is HTML.
pub(super) fn is_web_page(document: &str) -> bool {
    let mut rest = document.trim_start();
    loop {
        let skipped = if rest.starts_with("<!--") {
            rest.split_once("-->")
        } else if rest.starts_with("<?") {
            rest.split_once("?>")
        } else {
            None
        };
        match skipped {
            Some((_, after)) => rest = after.trim_start(),
            None => break,
        }
    }
    ["<!doctype html", "<html", "<head", "<body", "<title", "<meta", "<div", "<p>", "<h1"]
        .iter()
        .any(|start| rest.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start)))
}

/// Returns the feeds that `<link rel="alternate">` names, each once, in the page's order.
pub(super) fn feed_links(document: &str, url: &Url) -> Vec<FeedLink> {
    let end = document.floor_char_boundary(HEAD_WINDOW_BYTES.min(document.len()));
    // Lower case in ASCII alone keeps every position.
    let lower = document[..end].to_ascii_lowercase();
    let mut found: Vec<FeedLink> = Vec::new();
    for (at, _) in lower.match_indices("<link").take(MAX_LINKS) {
        let tag = lower[at..].find('>').map(|length| &document[at..at + length]);
        if let Some(feed) = tag.and_then(|tag| feed_link(tag, url)).filter(|new| found.iter().all(|f| f.url != new.url))
        {
            found.push(feed);
        }
    }
    found
}

fn feed_link(tag: &str, url: &Url) -> Option<FeedLink> {
    let is_feed = attribute(tag, "type").is_some_and(|kind| {
        let kind = kind.trim().to_ascii_lowercase();
        matches!(kind.as_str(), "application/rss+xml" | "application/atom+xml" | "application/feed+json")
    });
    let is_alternate = attribute(tag, "rel")?.split_ascii_whitespace().any(|r| r.eq_ignore_ascii_case("alternate"));
    let href = attribute(tag, "href").filter(|_| is_feed && is_alternate)?;
    let mut found = url.join(href.trim().replace("&amp;", "&").as_str()).ok()?;
    found.set_fragment(None);
    let title = attribute(tag, "title").map(|title| text::cut(item::plain(title, true), MAX_LINK_TITLE_GRAPHEMES));
    let is_web =
        matches!(found.scheme(), "http" | "https") && found.username().is_empty() && found.password().is_none();
    is_web.then(|| FeedLink { url: found.into(), title: title.filter(|title| !title.is_empty()) })
}

/// Returns the value of an attribute of a tag that is not well-formed XML and need not be.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let lower = tag.to_ascii_lowercase();
    lower.match_indices(name).find_map(|(at, _)| {
        if !lower[..at].ends_with(|c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\'' | '/')) {
            return None;
        }
        let value = tag[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
        match value.chars().next()? {
            quote @ ('"' | '\'') => value[1..].split(quote).next(),
            _ => value.split(|c: char| c.is_ascii_whitespace()).next().map(|value| value.trim_end_matches('/')),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(document: &str, url: &str) -> Option<String> {
        let url = Url::parse(url).unwrap();
        is_web_page(document).then(|| mistaken_for_a_feed(&feed_links(document, &url), &url).to_string())
    }

    #[test]
    fn a_page_is_told_by_its_first_tag_and_may_name_its_feed() {
        let page = "\n<!-- x --><!DOCTYPE HTML><html><head><LINK href='/style.css' rel=stylesheet>\
            <link title=\"a feed\" TYPE=\"application/rss+xml\" rel=\"home alternate\" href=\"../feed/?a=1&amp;b=2\" />";
        assert_eq!(
            error(page, "https://news.example.jp/blog/page").unwrap(),
            "this is a web page, not a feed; it names this feed: https://news.example.jp/feed/?a=1&b=2"
        );
        // With a query in the request, the page's answer may hold it too.
        assert_eq!(error(page, "https://a.example/?token=secret").unwrap(), "this is a web page, not a feed");
        let unquoted = "<html><link rel=alternate type=application/atom+xml href=/atom.xml>";
        assert!(error(unquoted, "https://a.example/x").unwrap().ends_with("https://a.example/atom.xml"));
    }

    #[test]
    fn a_page_may_name_no_feed_and_a_feed_is_no_page() {
        assert_eq!(error("<html></html>", "https://a.example/").unwrap(), "this is a web page, not a feed");
        let script = "<html><link rel=alternate type=application/rss+xml href='javascript:alert(1)'>";
        assert_eq!(error(script, "https://a.example/").unwrap(), "this is a web page, not a feed");
        assert_eq!(error("<?xml version='1.0'?><rss></rss>", "https://a.example/"), None);
    }

    #[test]
    fn a_page_may_name_several_feeds_each_once() {
        let page = "<html><link rel=alternate type=application/rss+xml href=/news title='News &amp; &lt;b&gt;more'>\
            <link rel=alternate type=application/atom+xml href='/news#again'>\
            <link rel=alternate type=application/feed+json href='https://other.example/feed.json'>\
            <link rel=alternate hreflang=en href=/en><link rel=alternate type=application/rss+xml href=//u:p@a.example/>";
        let found = feed_links(page, &Url::parse("https://a.example/x").unwrap());
        let found: Vec<_> = found.iter().map(|feed| (feed.url.as_str(), feed.title.as_deref())).collect();
        assert_eq!(
            found,
            [("https://a.example/news", Some("News & <b>more")), ("https://other.example/feed.json", None)]
        );
    }
}
