//! The issues as Atom (RFC 4287), with the pages of RFC 5005 §3.

use std::fmt::Write;

use super::issue_feeds::Feed;
use super::xml::escape;

/// Returns the document.
pub(super) fn write(feed: &Feed) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    let language = feed.language;
    let _ = writeln!(out, "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{language}\">");
    element(&mut out, "id", &feed.url);
    element(&mut out, "title", &feed.title);
    element(&mut out, "updated", &feed.updated.to_string());
    element(&mut out, "icon", &feed.icon_url);
    link(&mut out, "self", "application/atom+xml", &feed.self_url);
    link(&mut out, "alternate", "text/html", &feed.home_url);
    if let Some(next) = &feed.next_url {
        link(&mut out, "next", "application/atom+xml", next);
    }
    let _ = writeln!(out, "<author><name>{}</name></author>", escape(&feed.author));
    for entry in &feed.entries {
        out.push_str("<entry>\n");
        element(&mut out, "id", &entry.id);
        element(&mut out, "title", &entry.title);
        element(&mut out, "published", &entry.at.to_string());
        element(&mut out, "updated", &entry.at.to_string());
        link(&mut out, "alternate", "text/html", &entry.url);
        element(&mut out, "summary", &entry.summary);
        let _ = writeln!(out, "<content type=\"html\">{}</content>", escape(&entry.content_html));
        out.push_str("</entry>\n");
    }
    out.push_str("</feed>\n");
    out
}

fn element(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "<{name}>{}</{name}>", escape(text));
}

fn link(out: &mut String, relation: &str, media_type: &str, href: &str) {
    let _ = writeln!(out, "<link rel=\"{relation}\" type=\"{media_type}\" href=\"{}\"/>", escape(href));
}
