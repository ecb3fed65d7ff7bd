//! The issues as JSON Feed 1.1.

use serde_json::{Value, json};

use super::issue_feeds::Feed;
use crate::render::without_controls as clean;

/// Returns the document.
pub(super) fn write(feed: &Feed) -> String {
    let items: Vec<Value> = feed
        .entries
        .iter()
        .map(|entry| {
            let mut item = json!({
                "id": entry.id,
                "url": entry.url,
                "title": clean(&entry.title),
                "summary": clean(&entry.summary),
                "content_html": clean(&entry.content_html),
                "date_published": entry.at.to_string(),
                "date_modified": entry.at.to_string(),
                "language": feed.language,
            });
            if let Some(image) = &entry.image_url {
                item["image"] = json!(image);
            }
            item
        })
        .collect();
    let mut document = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": clean(&feed.title),
        "home_page_url": feed.home_url,
        "feed_url": feed.self_url,
        "language": feed.language,
        "authors": [{ "name": clean(&feed.author) }],
        "items": items,
    });
    if let Some(next) = &feed.next_url {
        document["next_url"] = json!(next);
    }
    // A "<" stands in strings only. Written this way it is the same to a reader of JSON, and no tag to anything else.
    document.to_string().replace('<', "\\u003c")
}
