//! From a feed's HTML to plain text.
//!
//! [`sanitise`] parses it as a browser would and leaves a handful of tags; those are then easy to take off.

use super::text::PARAGRAPH;
use crate::sanitise::{self, BLOCKS, DROPPED};

/// The tags that are inside a line, whether they may stay or not.
const INLINE: [&str; 24] = [
    "a", "abbr", "b", "big", "cite", "code", "del", "em", "font", "i", "img", "ins", "kbd", "mark", "q", "ruby", "s",
    "small", "span", "strong", "sub", "sup", "u", "wbr",
];

/// Returns the text of `html`, its paragraphs parted by [`PARAGRAPH`].
pub(super) fn to_text(html: &str) -> String {
    let clean = sanitise::clean(html);
    let mut out = String::with_capacity(clean.len());
    let mut rest = clean.as_str();
    while let Some(at) = rest.find('<') {
        push_decoded(&mut out, &rest[..at]);
        let (tag, after) = split_tag(&rest[at + 1..]);
        if BLOCKS.contains(&name(tag.strip_prefix('/').unwrap_or(tag))) {
            out.push(PARAGRAPH);
        }
        rest = after;
    }
    push_decoded(&mut out, rest);
    out
}

/// Returns the tag that begins `html` (its `<` is gone already), and what follows it. A serialiser puts every value in
/// double quotes, and a `>` inside them does not end the tag.
fn split_tag(html: &str) -> (&str, &str) {
    let mut quoted = false;
    let end = html.find(|c: char| {
        quoted ^= c == '"';
        c == '>' && !quoted
    });
    end.map_or((html, ""), |end| (&html[..end], &html[end + 1..]))
}

/// Returns the name of a tag.
fn name(tag: &str) -> &str {
    &tag[..tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len())]
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
            let name = name(part.strip_prefix('/').unwrap_or(part)).to_ascii_lowercase();
            part.contains('>') && [&BLOCKS[..], &INLINE, &DROPPED].iter().any(|names| names.contains(&name.as_str()))
        })
    };
    has_entity() || has_tag()
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
    fn a_tag_ends_where_its_quotes_say() {
        assert_eq!(text("a <a href=\"https://example.jp/?q=%3E&b=>x\">link</a> b"), "a link b");
        assert_eq!(split_tag("a href=\"x>y\">t"), ("a href=\"x>y\"", "t"));
        assert_eq!(split_tag("/p>t"), ("/p", "t"));
    }
}
