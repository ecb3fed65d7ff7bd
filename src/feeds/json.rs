//! JSON Feed before the parser: keeps the fields we use, in the types feed-rs insists on.
//!
//! feed-rs refuses a whole feed for one numeric id or one attachment without a type; both are common.

use serde_json::{Map, Value, json};

use super::error::FeedError;
use super::extras::{Extras, Reader};

const VERSION: &str = "https://jsonfeed.org/version/1.1";

/// Returns the feed as feed-rs reads it, and what it does not read of the items.
pub(super) fn normalise(document: &str) -> Result<(String, Vec<Extras>), FeedError> {
    let feed: Value = serde_json::from_str(document)
        .map_err(|error| FeedError::Parse { reason: format!("its JSON is not: {error}") })?;
    let is_feed = feed["version"].as_str().is_some_and(|version| version.contains("jsonfeed.org/version/"));
    let Some(items) = feed["items"].as_array().filter(|_| is_feed) else {
        return Err(FeedError::NotAFeed {
            what: "this is a JSON document, but not a JSON Feed".to_owned(),
            hint: None,
        });
    };
    let mut kept = texts(&feed, &["language", "home_page_url"]);
    kept.insert("version".to_owned(), json!(VERSION));
    kept.insert("title".to_owned(), json!(text(&feed["title"]).unwrap_or_default()));
    let mut reader = Reader::default();
    kept.insert("items".to_owned(), items.iter().map(|one| item(one, &mut reader)).collect());
    Ok((Value::Object(kept).to_string(), reader.finish()))
}

fn item(item: &Value, reader: &mut Reader) -> Value {
    let mut kept = texts(
        item,
        &[
            "id",
            "url",
            "external_url",
            "title",
            "content_html",
            "content_text",
            "summary",
            "date_published",
            "date_modified",
        ],
    );
    let mut tags: Vec<String> = match &item["tags"] {
        Value::Array(tags) => tags.iter().filter_map(text).collect(),
        // A list in a string is what some make of it.
        Value::String(tags) => tags.split(',').map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    tags.extend(reader.keep(picture(item)));
    kept.insert("tags".to_owned(), json!(tags));
    Value::Object(kept)
}

/// Returns the item's picture: its own, that of its banner, or the first one attached.
fn picture(item: &Value) -> Extras {
    let attached = item["attachments"].as_array().into_iter().flatten().find_map(|attachment| {
        let kind = attachment["mime_type"].as_str()?;
        attachment["url"].as_str().filter(|_| kind.starts_with("image/") && !kind.contains("svg"))
    });
    let mut extras = Extras::default();
    if let Some(href) = item["image"].as_str().or(item["banner_image"].as_str()).or(attached) {
        extras.offer_link(href);
    }
    extras
}

fn texts(from: &Value, keys: &[&str]) -> Map<String, Value> {
    keys.iter().filter_map(|key| Some(((*key).to_owned(), Value::String(text(&from[*key])?)))).collect()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_ids_and_what_is_not_used_goes() {
        let feed = r#"{"version": "https://jsonfeed.org/version/1", "author": {"name": "a（a@b.example）"},
            "items": [{"id": 7, "tags": ["a", null], "attachments": [{"url": "x"}], "title": null}, {"tags": "a,b"}, 3]}"#;
        assert_eq!(
            normalise(feed).unwrap().0,
            r#"{"items":[{"id":"7","tags":["a"]},{"tags":["a","b"]},{"tags":[]}],"title":"","version":"https://jsonfeed.org/version/1.1"}"#
        );
    }

    #[test]
    fn other_json_is_not_a_feed() {
        for other in ["{}", "{\"items\": []}", "{\"version\": \"https://jsonfeed.org/version/1\"}"] {
            assert!(matches!(normalise(other), Err(FeedError::NotAFeed { .. })), "{other}");
        }
        assert!(matches!(normalise("{\"items\": ["), Err(FeedError::Parse { .. })));
        assert!(matches!(normalise(&"{\"a\":".repeat(100_000)), Err(FeedError::Parse { .. })));
    }
}
