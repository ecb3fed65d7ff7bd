//! One entry of a feed, as feed-rs sees it, to one item, as we keep it.

use data_encoding::HEXLOWER;
use feed_rs::model::{Entry, Link, Text};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use url::Url;

use super::extras::{self, Extras};
use super::{html, text};
use crate::domain::feed::FeedItem;

/// The items of one document that are looked at. Longer feeds are archives.
pub const MAX_ITEMS: usize = 500;
/// A title is one line in a mail.
pub const MAX_TITLE_GRAPHEMES: usize = 300;
/// A summary is one short paragraph.
pub const MAX_SUMMARY_GRAPHEMES: usize = 400;
/// Browsers and mail programs disagree about longer ones.
const MAX_URL_BYTES: usize = 2048;
/// A longer guid, or one that is no line of text, is kept as its hash.
const MAX_GUID_BYTES: usize = 512;
const MAX_CATEGORIES: usize = 32;
const MAX_CATEGORY_GRAPHEMES: usize = 100;
/// How much of a text is looked at, before any of it is parsed.
const MAX_TEXT_BYTES: usize = 64 * 1024;

/// Turns an entry into an item. `base` is where the feed came from, `language` what the feed says of itself.
/// `extras` is what feed-rs does not read of it. An entry that cannot be an item gives the reason.
pub(super) fn from_entry(
    entry: Entry,
    base: &Url,
    language: Option<&str>,
    extras: Option<&Extras>,
) -> Result<FeedItem, String> {
    let title = entry.title.as_ref().map(title).unwrap_or_default();
    if title.is_empty() {
        return Err("an item without a title".to_owned());
    }
    let url = link(&entry, base).ok_or_else(|| {
        let short = text::cut(title.clone(), 60);
        format!("“{short}” has no link to http or https")
    })?;
    let published = entry.published.or(entry.updated);
    let published = published.and_then(|at| Timestamp::from_millisecond(at.timestamp_millis()).ok());
    Ok(FeedItem {
        guid: guid(&entry.id, &url),
        title,
        url: url.into(),
        summary: summary(&entry),
        categories: categories(&entry),
        language: entry.language.as_deref().and_then(language_tag).or_else(|| language.and_then(language_tag)),
        published,
        // What closed before it opened has a form filled in wrongly.
        closes: extras.and_then(|extras| extras.closes).filter(|closes| published.is_none_or(|p| *closes > p)),
        place: extras.and_then(|extras| extras.place.clone()),
        company: extras.and_then(|extras| extras.company.clone()),
        image: extras.and_then(|extras| extras.image(base)),
    })
}

/// Returns a title as one line.
pub(super) fn title(title: &Text) -> String {
    text::cut(plain(&title.content, is_html(title.content_type.subty().as_str())), MAX_TITLE_GRAPHEMES)
}

/// Returns a well-formed BCP 47 tag in its usual case.
pub fn language_tag(declared: &str) -> Option<String> {
    let mut parts = declared.trim().split(['-', '_']);
    let primary = parts.next().filter(|p| (2..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphabetic()))?;
    let mut tag = primary.to_ascii_lowercase();
    for part in parts.take(3) {
        if !(2..=8).contains(&part.len()) || !part.bytes().all(|b| b.is_ascii_alphanumeric()) {
            break;
        }
        tag.push('-');
        tag.push_str(&match part.len() {
            2 => part.to_ascii_uppercase(),
            4 => part[..1].to_ascii_uppercase() + &part[1..].to_ascii_lowercase(),
            _ => part.to_ascii_lowercase(),
        });
    }
    Some(tag)
}

fn summary(entry: &Entry) -> String {
    let summary = entry.summary.as_ref().map(|s| plain(&s.content, is_html(s.content_type.subty().as_str())));
    let content = || {
        let content = entry.content.as_ref()?;
        Some(plain(content.body.as_deref()?, is_html(content.content_type.subty().as_str())))
    };
    let chosen = summary.filter(|summary| !summary.is_empty()).or_else(content).unwrap_or_default();
    text::cut(chosen, MAX_SUMMARY_GRAPHEMES)
}

fn is_html(subtype: &str) -> bool {
    subtype.contains("html")
}

/// Returns one paragraph of text.
pub(super) fn plain(source: &str, is_html: bool) -> String {
    let source = &source[..source.floor_char_boundary(MAX_TEXT_BYTES.min(source.len()))];
    let text = if is_html || html::looks_like_html(source) { html::to_text(source) } else { source.to_owned() };
    text::fold(&text::clean(&text))
}

/// Returns where the item leads: its page rather than its comments, its sound file or itself as a feed.
fn link(entry: &Entry, base: &Url) -> Option<Url> {
    let rank = |link: &Link| match link.rel.as_deref() {
        _ if link.target.is_some() => None,
        None | Some("alternate") if link.media_type.as_deref().is_none_or(|kind| kind.contains("html")) => Some(0),
        None | Some("alternate") => Some(1),
        Some("related" | "via") => Some(2),
        Some(_) => None,
    };
    let mut ranked: Vec<_> = entry.links.iter().filter_map(|link| Some((rank(link)?, link.href.as_str()))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    // A guid is a permalink unless it says otherwise (RSS 2.0), and an Atom id may be one.
    let permalink = Some(entry.id.trim()).filter(|id| id.starts_with("http://") || id.starts_with("https://"));
    ranked.into_iter().map(|(_, href)| href).chain(permalink).find_map(|href| web_address(href, base))
}

pub(super) fn web_address(href: &str, base: &Url) -> Option<Url> {
    let href = Some(href.trim()).filter(|href| !href.is_empty() && href.len() <= MAX_URL_BYTES)?;
    let mut url = base.join(href).ok()?;
    // "https://bank.example@evil.example/" is meant to be misread.
    if !matches!(url.scheme(), "http" | "https") || url.set_username("").is_err() || url.set_password(None).is_err() {
        return None;
    }
    (url.host().is_some() && url.as_str().len() <= MAX_URL_BYTES).then_some(url)
}

/// Returns what the item is known by: its own id, or a hash of its link, which outlives a change of title.
fn guid(id: &str, url: &Url) -> String {
    let id = id.trim();
    if !id.is_empty() && id.len() <= MAX_GUID_BYTES && !id.contains(char::is_control) {
        return id.to_owned();
    }
    let source = if id.is_empty() { url.as_str() } else { id };
    HEXLOWER.encode(&Sha256::digest(source)[..16])
}

fn categories(entry: &Entry) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for category in entry.categories.iter().filter(|c| !extras::is_mark(&c.term)).take(MAX_CATEGORIES) {
        let name = category.label.as_deref().filter(|label| !label.trim().is_empty()).unwrap_or(&category.term);
        let name = text::cut(plain(name, false), MAX_CATEGORY_GRAPHEMES);
        if !name.is_empty() && !kept.contains(&name) {
            kept.push(name);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(href: &str) -> Option<String> {
        web_address(href, &Url::parse("https://news.example.jp/feed/").unwrap()).map(Into::into)
    }

    #[test]
    fn only_web_addresses_are_links() {
        assert_eq!(address(" /a?b#c ").unwrap(), "https://news.example.jp/a?b#c");
        assert_eq!(address("//cdn.example/x").unwrap(), "https://cdn.example/x");
        assert_eq!(address("https://bank.example@evil.example/").unwrap(), "https://evil.example/");
        assert_eq!(address("https://例え.jp/求人").unwrap(), "https://xn--r8jz45g.jp/%E6%B1%82%E4%BA%BA");
        for other in ["", "javascript:alert(1)", "mailto:a@b.example", "java\tscript:x", "data:text/html,x", "urn:x"] {
            assert_eq!(address(other), None, "{other}");
        }
        assert_eq!(address(&"x".repeat(3000)), None);
    }

    #[test]
    fn language_tags_have_their_usual_case() {
        for (declared, tag) in [
            ("ja", Some("ja")),
            ("ja_jp", Some("ja-JP")),
            ("EN-us", Some("en-US")),
            ("zh-hant-TW", Some("zh-Hant-TW")),
            ("japanese", None),
            ("", None),
            ("ja; x", None),
            ("en-\"x\"", Some("en")),
        ] {
            assert_eq!(language_tag(declared).as_deref(), tag, "{declared}");
        }
    }

    #[test]
    fn a_guid_is_short_and_one_line() {
        let url = Url::parse("https://a.example/").unwrap();
        assert_eq!(guid(" tag:a,2026:1 ", &url), "tag:a,2026:1");
        assert_eq!(guid("", &url).len(), 32);
        assert_ne!(guid(&"x".repeat(600), &url), guid(&"y".repeat(600), &url));
        assert_eq!(guid("a\nb", &url).len(), 32);
    }
}
