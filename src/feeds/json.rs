//! JSON Feed before the parser: keeps the fields we use, in the types feed-rs insists on.
//!
//! feed-rs refuses a whole feed for one numeric id or one attachment without a type; both are common.

use serde_json::{Map, Value, json};

use super::error::FeedError;

const VERSION: &str = "https://jsonfeed.org/version/1.1";

/// Returns the feed as feed-rs reads it.
pub(super) fn normalise(document: &str) -> Result<String, FeedError> {
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
    kept.insert("items".to_owned(), items.iter().map(item).collect());
    Ok(Value::Object(kept).to_string())
}

fn item(item: &Value) -> Value {
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
    let tags = match &item["tags"] {
        Value::Array(tags) => tags.iter().filter_map(text).collect(),
        // A list in a string is what some make of it.
        Value::String(tags) => tags.split(',').map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    kept.insert("tags".to_owned(), json!(tags));
    Value::Object(kept)
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
            normalise(feed).unwrap(),
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
