//! JSON Feed before the parser: keeps the fields we use, in the types feed-rs insists on.
//!
//! feed-rs refuses a whole feed for one numeric id or one attachment without a type; both are common. It also makes a
//! tree of whatever stands in the document, where a number of two bytes takes hundreds: so nothing is made of what is not
//! used, and nothing of items after the first [`MAX_ITEMS`].

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::error::FeedError;
use super::extras::{Extras, Reader};
use super::item::MAX_ITEMS;

const VERSION: &str = "https://jsonfeed.org/version/1.1";
/// Tags and attachments of an item that are looked at.
const MAX_PARTS: usize = 50;

/// A value as it stands in the document.
type Raw<'a> = Option<&'a RawValue>;

#[derive(serde::Deserialize)]
struct Feed<'a> {
    #[serde(borrow)]
    version: Raw<'a>,
    title: Raw<'a>,
    language: Raw<'a>,
    home_page_url: Raw<'a>,
    items: Raw<'a>,
}

#[derive(serde::Deserialize, Default)]
struct Item<'a> {
    #[serde(borrow)]
    id: Raw<'a>,
    url: Raw<'a>,
    external_url: Raw<'a>,
    title: Raw<'a>,
    content_html: Raw<'a>,
    content_text: Raw<'a>,
    summary: Raw<'a>,
    date_published: Raw<'a>,
    date_modified: Raw<'a>,
    tags: Raw<'a>,
    image: Raw<'a>,
    banner_image: Raw<'a>,
    attachments: Raw<'a>,
}

#[derive(serde::Deserialize)]
struct Attachment<'a> {
    #[serde(borrow)]
    mime_type: Raw<'a>,
    url: Raw<'a>,
}

/// Returns the feed as feed-rs reads it, what it does not read of the items, and how many items were left out: those
/// after the first [`MAX_ITEMS`].
pub(super) fn normalise(document: &str) -> Result<(String, Vec<Extras>, usize), FeedError> {
    // Any JSON may stand here; one that is broken is told with its place.
    let _: IgnoredAny = serde_json::from_str(document)
        .map_err(|error| FeedError::Parse { reason: format!("its JSON is not: {error}") })?;
    let feed = serde_json::from_str::<Feed<'_>>(document)
        .ok()
        .filter(|feed| text(feed.version).is_some_and(|version| version.contains("jsonfeed.org/version/")));
    let items = feed.as_ref().and_then(|feed| list::<&RawValue, MAX_ITEMS>(feed.items));
    let (Some(feed), Some(items)) = (feed, items) else {
        return Err(FeedError::NotAFeed {
            what: "this is a JSON document, but not a JSON Feed".to_owned(),
            hint: None,
        });
    };
    let mut kept = texts(&[("language", feed.language), ("home_page_url", feed.home_page_url)]);
    kept.insert("version".to_owned(), json!(VERSION));
    kept.insert("title".to_owned(), json!(text(feed.title).unwrap_or_default()));
    let mut reader = Reader::default();
    let left_out = items.more;
    let items = items.first.iter().map(|raw| item(&serde_json::from_str(raw.get()).unwrap_or_default(), &mut reader));
    kept.insert("items".to_owned(), items.collect());
    Ok((Value::Object(kept).to_string(), reader.finish(), left_out))
}

fn item(item: &Item<'_>, reader: &mut Reader) -> Value {
    let mut kept = texts(&[
        ("id", item.id),
        ("url", item.url),
        ("external_url", item.external_url),
        ("title", item.title),
        ("content_html", item.content_html),
        ("content_text", item.content_text),
        ("summary", item.summary),
        ("date_published", item.date_published),
        ("date_modified", item.date_modified),
    ]);
    let mut tags: Vec<String> = match list::<&RawValue, MAX_PARTS>(item.tags) {
        Some(tags) => tags.first.into_iter().filter_map(|tag| text(Some(tag))).collect(),
        // A list in a string is what some make of it.
        None => string(item.tags).iter().flat_map(|tags| tags.split(',')).take(MAX_PARTS).map(str::to_owned).collect(),
    };
    tags.extend(reader.keep(picture(item)));
    kept.insert("tags".to_owned(), json!(tags));
    Value::Object(kept)
}

/// Returns the item's picture: its own, that of its banner, or the first one attached.
fn picture(item: &Item<'_>) -> Extras {
    let attached = || {
        let attachments = list::<&RawValue, MAX_PARTS>(item.attachments)?.first;
        attachments.into_iter().find_map(|raw| {
            let attachment = serde_json::from_str::<Attachment<'_>>(raw.get()).ok()?;
            let kind = string(attachment.mime_type)?;
            string(attachment.url).filter(|_| kind.starts_with("image/") && !kind.contains("svg"))
        })
    };
    let mut extras = Extras::default();
    if let Some(href) = string(item.image).or_else(|| string(item.banner_image)).or_else(attached) {
        extras.offer_link(&href);
    }
    extras
}

fn texts(fields: &[(&str, Raw<'_>)]) -> Map<String, Value> {
    fields.iter().filter_map(|(key, raw)| Some(((*key).to_owned(), Value::String(text(*raw)?)))).collect()
}

/// Returns a text, or a number as one.
fn text(raw: Raw<'_>) -> Option<String> {
    let number = |raw: &RawValue| raw.get().starts_with(|c: char| c == '-' || c.is_ascii_digit());
    string(raw).or_else(|| raw.filter(|raw| number(raw)).map(|raw| raw.get().to_owned()))
}

fn string(raw: Raw<'_>) -> Option<String> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok())
}

fn list<'a, T: Deserialize<'a>, const MOST: usize>(raw: Raw<'a>) -> Option<Beginning<T, MOST>> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok())
}

/// The first of a list, and how many more there are. Nothing is made of those.
struct Beginning<T, const MOST: usize> {
    first: Vec<T>,
    more: usize,
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Beginning<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading<T, const MOST: usize>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for Reading<T, MOST> {
            type Value = Beginning<T, MOST>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut read = Beginning { first: Vec::new(), more: 0 };
                while read.first.len() < MOST {
                    match list.next_element()? {
                        Some(one) => read.first.push(one),
                        None => return Ok(read),
                    }
                }
                while list.next_element::<IgnoredAny>()?.is_some() {
                    read.more += 1;
                }
                Ok(read)
            }
        }

        deserializer.deserialize_seq(Reading(PhantomData))
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
    fn what_is_too_much_is_counted_and_not_read() {
        let many = |one: &str, n: usize| vec![one; n].join(",");
        let version = r#""version": "https://jsonfeed.org/version/1.1""#;
        let feed = format!("{{{version}, \"items\": [{}]}}", many("1", MAX_ITEMS + 7));
        let (normal, _, left_out) = normalise(&feed).unwrap();
        assert_eq!((normal.matches("tags").count(), left_out), (MAX_ITEMS, 7));
        let tags = format!(
            "{{{version}, \"items\": [{{\"tags\": [{}]}}, {{\"tags\": \"{}\"}}]}}",
            many("\"a\"", 900),
            many("b", 900)
        );
        let normal = normalise(&tags).unwrap().0;
        assert_eq!((normal.matches("\"a\"").count(), normal.matches("\"b\"").count()), (MAX_PARTS, MAX_PARTS));
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
