//! From a feed's HTML to plain text.
//!
//! ammonia parses it as a browser would and leaves a handful of tags without attributes; those are then easy to take
//! off. Parsing untrusted HTML has prices that grow faster than its size, so it is cut before: what a summary shows is
//! in its beginning anyway.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::text::PARAGRAPH;

/// The HTML of one item that is looked at.
const MAX_HTML_BYTES: usize = 64 * 1024;
/// Open elements cost their square.
const MAX_OPEN_TAGS: usize = 64;
/// One `<p>` may repeat every formatting element that was left open before it.
const MAX_TAGS: usize = 2000;

/// The tags that part one paragraph from the next.
const BLOCKS: [&str; 32] = [
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
/// The tags whose text is not for reading in a line; `rt` and `rp` are the readings printed above Japanese words.
const DROPPED: [&str; 20] = [
    "audio", "button", "canvas", "datalist", "iframe", "math", "noframes", "noscript", "object", "rp", "rt", "script",
    "select", "style", "svg", "template", "textarea", "title", "video", "xmp",
];
/// The tags that are inside a line.
const INLINE: [&str; 24] = [
    "a", "abbr", "b", "big", "cite", "code", "del", "em", "font", "i", "img", "ins", "kbd", "mark", "q", "ruby", "s",
    "small", "span", "strong", "sub", "sup", "u", "wbr",
];

static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = ammonia::Builder::empty();
    // Without any attribute a tag in the result ends at its first ">".
    cleaner
        .tags(BLOCKS.into())
        .clean_content_tags(DROPPED.into())
        .tag_attributes([].into())
        .tag_attribute_values([].into())
        .set_tag_attribute_values([].into())
        .generic_attributes(HashSet::new())
        .generic_attribute_prefixes(HashSet::new())
        .allowed_classes([].into())
        .link_rel(None);
    cleaner
});

/// Returns the text of `html`, its paragraphs parted by [`PARAGRAPH`].
pub(super) fn to_text(html: &str) -> String {
    let clean = CLEANER.clean(beginning(html)).to_string();
    let mut out = String::with_capacity(clean.len());
    let mut parts = clean.split('<');
    push_decoded(&mut out, parts.next().unwrap_or_default());
    for part in parts {
        let (_, text) = part.split_once('>').unwrap_or(("", part));
        out.push(PARAGRAPH);
        push_decoded(&mut out, text);
    }
    out
}

/// Returns whether `text`, which its feed calls plain, is HTML nevertheless: it has an entity, or a tag of HTML.
///
/// Titles say neither, and "Vec<String>" or "AT&T" should stay what they are.
pub(super) fn looks_like_html(text: &str) -> bool {
    let has_entity = || {
        text.split('&').skip(1).any(|part| {
            part.split_once(';').is_some_and(|(name, _)| {
                (2..=32).contains(&name.len())
                    && name.trim_start_matches('#').bytes().all(|b| b.is_ascii_alphanumeric())
            })
        })
    };
    let has_tag = || {
        text.split('<').skip(1).any(|part| {
            let name = part.strip_prefix('/').unwrap_or(part);
            let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
            let name = name.to_ascii_lowercase();
            part.contains('>') && [&BLOCKS[..], &INLINE, &DROPPED].iter().any(|names| names.contains(&name.as_str()))
        })
    };
    has_entity() || has_tag()
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

/// Decodes the references a serialiser writes (HTML §13.3): there are no others.
fn push_decoded(out: &mut String, text: &str) {
    let mut parts = text.split('&');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let known = [("amp;", '&'), ("lt;", '<'), ("gt;", '>'), ("nbsp;", ' '), ("quot;", '"')];
        match known.iter().find_map(|(name, c)| part.strip_prefix(name).map(|rest| (*c, rest))) {
            Some((c, rest)) => {
                out.push(c);
                out.push_str(rest);
            }
            None => {
                out.push('&');
                out.push_str(part);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::{clean, fold};
    use super::*;

    fn text(html: &str) -> String {
        fold(&clean(&to_text(html)))
    }

    #[test]
    fn html_becomes_one_line_of_text() {
        assert_eq!(text("<p>One&nbsp;<b>two</b></p><p>caf&eacute; &lt;3 &amp; more</p>"), "One two café <3 & more");
        assert_eq!(text("<h2>募集</h2><ul><li>東京<li>大阪</ul>"), "募集 東京 大阪");
        assert_eq!(text("<ruby>瓦版<rp>(</rp><rt>かわらばん</rt><rp>)</rp></ruby>を読む"), "瓦版を読む");
        assert_eq!(text("a<script>alert('<p>1')</script><style>b</style><svg><text>c</text></svg>d"), "ad");
        assert_eq!(text("<a title=\"a > b\" href='javascript:x'>link</a><img src=x onerror=y alt=z>"), "link");
        assert_eq!(text("5 < 6 and <unknown>7</unknown>"), "5 < 6 and 7");
    }

    #[test]
    fn only_what_has_html_in_it_looks_like_html() {
        for html in ["a &amp; b", "caf&eacute;", "&#x65e5;", "<b>a</b>", "a<br/>b", "x <EM>y</EM>"] {
            assert!(looks_like_html(html), "{html}");
        }
        for plain in ["AT&T", "Vec<String> in Rust", "a < b", "R&D; more & more", "<3", "5 <b"] {
            assert!(!looks_like_html(plain), "{plain}");
        }
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
        to_text(&(formats + &"<p>x</p>".repeat(10_000)));
    }
}
