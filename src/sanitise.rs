//! The one sanitiser: what of other people's HTML may stay, wherever it goes afterwards.
//!
//! It is a room of its own at the very bottom, because two rooms that may not know each other need the same answer:
//! `feeds` reads the HTML of articles (and takes the tags off as well: articles are plain text in the store), `render`
//! prints what an editor wrote, in mails, on pages and in feeds. Two lists would drift apart; so there is one, and only
//! this file knows ammonia.
//!
//! ammonia parses as a browser would (with html5ever), so that what it leaves means to a browser what it meant to it.
//! No tag is left that changes how what follows is parsed (no `svg`, `math`, `style`, `noscript`, `select`, `template`),
//! and with them goes every known way for a text to change its meaning when it is parsed again. Parsing untrusted HTML
//! has prices that grow faster than its size, so it is cut before.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The HTML of one item that is looked at.
pub const MAX_HTML_BYTES: usize = 64 * 1024;
/// Open elements cost their square.
pub const MAX_OPEN_TAGS: usize = 64;
/// One `<p>` may repeat every formatting element that was left open before it.
pub const MAX_TAGS: usize = 2000;

/// The tags that may stay and part one paragraph from the next.
pub const BLOCKS: [&str; 32] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "td",
    "th",
    "tr",
    "ul",
];

/// The tags that may stay inside a line.
pub const INLINE: [&str; 14] =
    ["a", "abbr", "b", "cite", "code", "del", "em", "i", "ins", "q", "s", "strong", "sub", "sup"];

/// The tags whose content goes with them; `rt` and `rp` are the readings printed above Japanese words.
pub const DROPPED: [&str; 20] = [
    "audio", "button", "canvas", "datalist", "iframe", "math", "noframes", "noscript", "object", "rp", "rt", "script",
    "select", "style", "svg", "template", "textarea", "title", "video", "xmp",
];

/// Where a link may lead.
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    // Begun from nothing, so that a newer ammonia does not allow more than is written here.
    let mut cleaner = ammonia::Builder::empty();
    cleaner
        .tags(BLOCKS.into_iter().chain(INLINE).collect())
        .clean_content_tags(DROPPED.into())
        .generic_attributes(HashSet::new())
        .generic_attribute_prefixes(HashSet::new())
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"])), ("ol", HashSet::from(["start"]))]))
        .tag_attribute_values(HashMap::new())
        .set_tag_attribute_values(HashMap::new())
        .allowed_classes(HashMap::new())
        .url_schemes(SCHEMES.into())
        // A relative link would lead into our own site, or nowhere in a mail.
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"))
        .strip_comments(true);
    cleaner
});

/// Returns as HTML what of `html` may be printed: the tags of [`BLOCKS`] and [`INLINE`] without attributes but the number
/// a list starts with, links to `http`, `https` and `mailto`, and text. What is longer than [`MAX_HTML_BYTES`] or more
/// deeply nested than [`MAX_OPEN_TAGS`] is cut there.
pub fn clean(html: &str) -> String {
    CLEANER.clean(beginning(html)).to_string()
}

/// Returns as much of `html` as is safe to parse.
fn beginning(html: &str) -> &str {
    let html = &html[..html.floor_char_boundary(MAX_HTML_BYTES.min(html.len()))];
    let mut open = 0_usize;
    for (tags, (at, _)) in html.match_indices('<').enumerate() {
        match html.as_bytes().get(at + 1) {
            Some(b'/') => open = open.saturating_sub(1),
            Some(letter) if letter.is_ascii_alphabetic() && !is_void(&html[at + 1..]) => open += 1,
            _ => {}
        }
        if open > MAX_OPEN_TAGS || tags >= MAX_TAGS {
            return &html[..at];
        }
    }
    html
}

/// Returns whether the tag never has an end, or closes its like by itself.
fn is_void(tag: &str) -> bool {
    let name = &tag[..tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len())];
    ["br", "hr", "img", "input", "wbr", "col", "source", "embed", "meta", "link"]
        .iter()
        .any(|void| void.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_editor_writes_stays_and_nothing_else_does() {
        assert_eq!(clean("<p>One <b>two</b> <em>three</em></p>"), "<p>One <b>two</b> <em>three</em></p>");
        assert_eq!(
            clean("<a href=\"https://example.jp/?a=1&amp;b=2\" onclick=x style=y id=z>link</a>"),
            "<a href=\"https://example.jp/?a=1&amp;b=2\" rel=\"noopener noreferrer\">link</a>"
        );
        for (html, left) in [
            ("a<script>alert(1)</script>b", "ab"),
            ("a<style>b{}</style><title>x</title>c", "ac"),
            ("<form action=/x><input name=a>text</form>", "text"),
            ("<base href=//x.example><meta http-equiv=refresh content=0><link rel=stylesheet href=x>t", "t"),
            ("<svg><text>x</text></svg><math><mi>y</mi></math>t", "t"),
            // A paragraph ends an SVG: to a browser it stands outside.
            ("<svg><p>x</p></svg>t", "<p>x</p>t"),
            ("<img src=x onerror=alert(1)>t", "t"),
            ("<a href=\"javascript:alert(1)\">t</a>", "<a rel=\"noopener noreferrer\">t</a>"),
            ("<a href=\"/unsubscribe/x\">t</a>", "<a rel=\"noopener noreferrer\">t</a>"),
            ("<!-- c --><p style=position:fixed class=x>t</p>", "<p>t</p>"),
            ("<p>{{unsubscribe_url}}</p>", "<p>{{unsubscribe_url}}</p>"),
        ] {
            assert_eq!(clean(html), left, "{html}");
        }
    }

    #[test]
    fn what_is_clean_stays_as_it_is() {
        let html = "<h2>募集</h2><ul><li>a &lt; b</li></ul><a href=\"mailto:a@example.jp\">x</a>";
        assert_eq!(clean(&clean(html)), clean(html));
    }

    #[test]
    fn html_that_is_dear_to_parse_is_cut() {
        assert_eq!(beginning(&"<div>".repeat(10_000)).len(), "<div>".len() * MAX_OPEN_TAGS);
        assert_eq!(beginning(&"<p>x</p>".repeat(10_000)).len(), "<p>x</p>".len() * MAX_TAGS / 2);
        assert_eq!(beginning(&"日本".repeat(100_000)).len(), MAX_HTML_BYTES - MAX_HTML_BYTES % 3);
        let ordinary = "<br><img src=x><p>a</p>".repeat(100);
        assert_eq!(beginning(&ordinary), ordinary);
        // Every paragraph would repeat all sixty-four.
        let formats: String = (0..64).map(|n| format!("<b id={n}>")).collect();
        clean(&(formats + &"<p>x</p>".repeat(10_000)));
    }
}
