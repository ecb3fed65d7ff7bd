//! What the dialects call things, and what feed-rs wants them called.

use std::borrow::Cow;

use url::Url;

use super::tag::Tag;

/// Longer ones are not for people. The parser copies it once an element.
pub(super) const MAX_BASE_BYTES: usize = 2048;

/// The one namespace of Atom that counts.
pub(super) const ATOM: &str = "http://www.w3.org/2005/Atom";
/// Stands for the namespaces we do not want to be understood.
const IGNORED: &str = "urn:ignored";
const IGNORED_NAMESPACES: [&str; 3] = [
    "http://search.yahoo.com/mrss/",
    "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "https://podcastindex.org/namespace/1.0",
];

/// A name of RSS, or `ignored` for what we do not print and feed-rs might stumble over.
pub(super) fn rss_name(name: &str) -> Cow<'_, str> {
    match name.rsplit(':').next().unwrap_or(name) {
        "creator" | "author" | "managingEditor" | "webMaster" => Cow::Borrowed("ignored"),
        "subject" if name.contains(':') => Cow::Borrowed("category"),
        // A library's dc:date may be a bare year; as an update it does not displace a pubDate.
        "date" if name.contains(':') => Cow::Borrowed("updated"),
        "language" => Cow::Borrowed("language"),
        _ => Cow::Borrowed(name),
    }
}

/// A name of Atom 1.0, also for what Atom 0.3 called differently.
pub(super) fn atom_name<'a>(tag: &Tag<'a>, depth: usize) -> Cow<'a, str> {
    // Feed (1), entry (2): further down it is XHTML.
    if depth > 2 {
        return Cow::Borrowed(tag.name);
    }
    let (prefix, local) = match tag.name.rsplit_once(':') {
        Some((prefix, local)) => (format!("{prefix}:"), local),
        None => (String::new(), tag.name),
    };
    let renamed = match local {
        "issued" => "published",
        "modified" => "updated",
        "tagline" => "subtitle",
        "author" | "contributor" => "ignored",
        // Content elsewhere, or in a type that is not text.
        "content" if tag.attribute("src").is_some() => "ignored",
        "content" if tag.attribute("type").is_some_and(|kind| atom_text_type(kind).is_none()) => "ignored",
        _ => return Cow::Borrowed(tag.name),
    };
    Cow::Owned(prefix + renamed)
}

pub(super) fn is_atom_text(local_name: &str) -> bool {
    matches!(local_name, "title" | "subtitle" | "tagline" | "summary" | "content" | "rights" | "copyright")
}

/// Returns which of Atom's three text types (RFC 4287 §3.1.1) a declared type amounts to, if any.
pub(super) fn atom_text_type(declared: &str) -> Option<&'static str> {
    match declared.trim().to_ascii_lowercase().as_str() {
        "html" | "text/html" | "escaped" => Some("html"),
        "xhtml" | "application/xhtml+xml" | "text/xhtml" => Some("xhtml"),
        "text" => Some("text"),
        other if other.starts_with("text/") || other.is_empty() => Some("text"),
        _ => None,
    }
}

pub(super) fn known_namespace(namespace: &str) -> Cow<'_, str> {
    match namespace {
        ignored if IGNORED_NAMESPACES.contains(&ignored) => Cow::Borrowed(IGNORED),
        "http://purl.org/atom/ns#" | "https://www.w3.org/2005/Atom" | "http://www.w3.org/2005/Atom/" => {
            Cow::Borrowed(ATOM)
        }
        // The namespaces feed-rs knows begin with http; some sites write what their browsers write.
        secure if secure.starts_with("https://purl.org/") => Cow::Owned(secure.replacen("https", "http", 1)),
        other => Cow::Borrowed(other),
    }
}

pub(super) fn is_sound_base(base: &str) -> bool {
    base.len() <= MAX_BASE_BYTES && matches!(Url::parse(base), Ok(_) | Err(url::ParseError::RelativeUrlWithoutBase))
}
