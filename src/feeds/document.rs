//! A whole document: which kind it is, and its items.

use std::collections::HashSet;
use std::time::Duration;

use feed_rs::parser::Builder;
use url::Url;

use super::error::FeedError;
use super::extras::Extras;
use super::{charset, date, item, json, web_page, xml};
use crate::domain::feed::FeedItem;

/// What a document holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParsedFeed {
    /// The name the feed gives itself.
    pub title: Option<String>,
    /// Its items, in its order.
    pub items: Vec<FeedItem>,
    /// What was left out, and why, in words.
    pub skipped: Vec<String>,
    /// For how long it says that it holds (RSS `ttl`).
    pub ttl: Option<Duration>,
}

/// A feed that a web page names.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FeedLink {
    /// Where it is; `http` or `https`.
    pub url: String,
    /// What the page calls it.
    pub title: Option<String>,
}

/// What the bytes of an answer are.
pub(super) enum Document {
    Feed(ParsedFeed),
    /// A web page, and the feeds it names.
    Page(Vec<FeedLink>),
}

/// Parses the bytes of an answer. `content_type` is its header, `url` where it came from.
///
/// This is plain computing, up to a second of it for a hostile document: async callers put it on a blocking thread.
pub fn parse(body: &[u8], content_type: Option<&str>, url: &Url) -> Result<ParsedFeed, FeedError> {
    match read(body, content_type, url)? {
        Document::Feed(feed) => Ok(feed),
        Document::Page(feeds) => Err(web_page::mistaken_for_a_feed(&feeds, url)),
    }
}

/// Returns what the bytes of an answer are.
pub(super) fn read(body: &[u8], content_type: Option<&str>, url: &Url) -> Result<Document, FeedError> {
    let document = charset::decode(body, content_type);
    let document = document.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\0'));
    if document.is_empty() {
        return Err(FeedError::NotAFeed { what: "the answer is empty".to_owned(), hint: None });
    }
    if web_page::is_web_page(document) {
        return Ok(Document::Page(web_page::feed_links(document, url)));
    }
    feed(document, url).map(Document::Feed)
}

fn feed(document: &str, url: &Url) -> Result<ParsedFeed, FeedError> {
    let is_json = document.starts_with(['{', '[']);
    let (normal, extras, left_out) = if is_json { json::normalise(document)? } else { xml::normalise(document)? };
    let parser = Builder::new()
        .base_uri(Some(url.as_str()))
        .sanitize_content(false)
        // feed-rs would hash the title too, and an edited title would come as a new item.
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(|text| chrono::DateTime::from_timestamp_millis(date::parse(text)?.as_millisecond()))
        .build();
    let feed = parser.parse(normal.as_bytes()).map_err(|error| FeedError::Parse { reason: error.to_string() })?;

    let mut parsed = ParsedFeed {
        title: feed.title.as_ref().map(item::title).filter(|title| !title.is_empty()),
        ttl: feed.ttl.map(|minutes| Duration::from_secs(u64::from(minutes) * 60)).filter(|ttl| !ttl.is_zero()),
        ..Default::default()
    };
    let excess = left_out + feed.entries.len().saturating_sub(item::MAX_ITEMS);
    let mut seen = HashSet::new();
    for entry in feed.entries.into_iter().take(item::MAX_ITEMS) {
        let extras = Extras::of(&entry, &extras);
        match item::from_entry(entry, url, feed.language.as_deref(), extras) {
            Ok(item) if seen.insert(item.guid.clone()) => parsed.items.push(item),
            Ok(item) => parsed.skipped.push(format!("“{}” has the guid of an item above it", item.title)),
            Err(reason) => parsed.skipped.push(reason),
        }
    }
    if excess > 0 {
        parsed.skipped.push(format!("{excess} items after the first {}", item::MAX_ITEMS));
    }
    Ok(parsed)
}
