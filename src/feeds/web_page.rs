//! Web pages that were taken for feeds: the commonest mistake in a feed list. A page often names its feed itself.

use url::Url;

use super::error::FeedError;

/// A page's head is in its first part; some pages have long ones.
const HEAD_WINDOW_BYTES: usize = 512 * 1024;
/// A page with more links than this in its head is not helping anybody.
const MAX_LINKS: usize = 500;

/// Returns the error for `document` if it is a web page. `url` is where it came from.
pub(super) fn mistaken_for_a_feed(document: &str, url: &Url) -> Option<FeedError> {
    is_web_page(document).then(|| {
        // A page that was asked for with a query may repeat it, and the query may be a secret.
        let hint = feed_link(document, url).filter(|hint| url.query().is_none() || hint.query().is_none());
        FeedError::NotAFeed {
            what: "this is a web page, not a feed".to_owned(),
            hint: hint.map(|hint| hint.to_string()),
        }
    })
}

/// Returns whether the first thing that counts in the document is HTML.
fn is_web_page(document: &str) -> bool {
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

/// Returns the first `<link rel="alternate">` of a feed's type.
fn feed_link(document: &str, url: &Url) -> Option<Url> {
    let end = document.floor_char_boundary(HEAD_WINDOW_BYTES.min(document.len()));
    // Lower case in ASCII alone keeps every position.
    let lower = document[..end].to_ascii_lowercase();
    lower.match_indices("<link").take(MAX_LINKS).find_map(|(at, _)| {
        let length = lower[at..].find('>')?;
        let tag = &document[at..at + length];
        let is_feed = attribute(tag, "type").is_some_and(|kind| {
            let kind = kind.trim().to_ascii_lowercase();
            matches!(kind.as_str(), "application/rss+xml" | "application/atom+xml" | "application/feed+json")
        });
        let is_alternate = attribute(tag, "rel")?.split_ascii_whitespace().any(|r| r.eq_ignore_ascii_case("alternate"));
        let href = attribute(tag, "href").filter(|_| is_feed && is_alternate)?;
        let found = url.join(href.trim().replace("&amp;", "&").as_str()).ok()?;
        matches!(found.scheme(), "http" | "https").then_some(found)
    })
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
        mistaken_for_a_feed(document, &Url::parse(url).unwrap()).map(|error| error.to_string())
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
}
