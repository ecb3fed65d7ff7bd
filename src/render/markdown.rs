//! What an editor writes: Markdown in, a handful of harmless tags out.
//!
//! The editor is trusted with the words and not with the page. Raw HTML is shown as it was typed, a picture becomes its
//! description, and whatever the parser makes goes through an allow-list before anybody sees it.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::sanitise;

/// An introduction has a few hundred characters. What is beyond this is cut off.
pub(super) const MAX_MARKDOWN_BYTES: usize = 16 * 1024;
/// Deeper quotes and lists than anybody reads; the HTML parser's work grows with the square of what is open.
const MAX_DEPTH: usize = 8;

/// Returns Markdown as HTML made of paragraphs, emphasis, links (`http`, `https`, `mailto`), lists, quotes, code and
/// one size of headings. It holds no pictures, no styles and nothing that loads or runs, whatever the Markdown says;
/// what is beyond 16 KiB is left out.
pub fn markdown_html(markdown: &str) -> String {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events(markdown).into_iter());
    clean(&html)
}

/// Returns Markdown as plain text: paragraphs parted by empty lines, `*` before the items of lists, `>` before quotes,
/// and the address of each link behind its words.
pub fn markdown_text(markdown: &str) -> String {
    let mut out = Plain::default();
    events(markdown).into_iter().for_each(|event| out.event(event));
    out.text.trim().to_owned()
}

/// Returns of `html` what the allow-list lets through.
pub(super) fn clean(html: &str) -> String {
    sanitise::clean(html).trim().to_owned()
}

/// Returns what is in the Markdown and may be shown.
fn events(markdown: &str) -> Vec<Event<'_>> {
    let markdown = &markdown[..markdown.floor_char_boundary(MAX_MARKDOWN_BYTES.min(markdown.len()))];
    // What is open, and whether its tag is written.
    let mut open: Vec<bool> = Vec::new();
    let mut shown = Vec::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(tag) => {
                let written = open.len() < MAX_DEPTH && !matches!(tag, Tag::Image { .. } | Tag::HtmlBlock);
                open.push(written);
                if written {
                    shown.push(Event::Start(match tag {
                        Tag::Heading { id, classes, attrs, .. } => {
                            Tag::Heading { level: HeadingLevel::H3, id, classes, attrs }
                        }
                        other => other,
                    }));
                }
            }
            Event::End(tag) => {
                if open.pop().unwrap_or(false) {
                    shown.push(Event::End(match tag {
                        TagEnd::Heading(_) => TagEnd::Heading(HeadingLevel::H3),
                        other => other,
                    }));
                }
            }
            Event::Html(text) | Event::InlineHtml(text) => shown.push(Event::Text(text)),
            other => shown.push(other),
        }
    }
    shown
}

/// Markdown becoming plain text.
#[derive(Default)]
struct Plain {
    text: String,
    quotes: usize,
    /// Of each open list, the number of its next item (none has bullets), and whether it has begun.
    lists: Vec<(Option<u64>, bool)>,
    /// Of each open link, where it leads and where its words begin.
    links: Vec<(String, usize)>,
}

impl Plain {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Paragraph | Tag::Heading { .. } | Tag::CodeBlock(_)) => self.begin_block(),
            Event::Start(Tag::BlockQuote(_)) => self.quotes += 1,
            Event::End(TagEnd::BlockQuote(_)) => self.quotes = self.quotes.saturating_sub(1),
            Event::Start(Tag::List(first)) => self.lists.push((first, false)),
            Event::End(TagEnd::List(_)) => drop(self.lists.pop()),
            Event::Start(Tag::Item) => self.begin_item(),
            Event::Start(Tag::Link { dest_url, .. }) => self.links.push((dest_url.into_string(), self.text.len())),
            Event::End(TagEnd::Link) => self.end_link(),
            Event::Text(text) | Event::Code(text) => self.text.push_str(&text),
            Event::SoftBreak => self.text.push(' '),
            Event::HardBreak => self.text.push('\n'),
            Event::Rule => {
                self.begin_block();
                self.text.push_str("* * *");
            }
            _ => {}
        }
    }

    fn begin_block(&mut self) {
        // The first paragraph of an item stands beside its bullet.
        if self.text.ends_with("* ") || self.text.ends_with(". ") && !self.lists.is_empty() {
            return;
        }
        self.text.push_str(if self.text.is_empty() { "" } else { "\n\n" });
        (0..self.quotes).for_each(|_| self.text.push_str("> "));
    }

    fn begin_item(&mut self) {
        let inner = self.lists.len() > 1;
        let Some((number, begun)) = self.lists.last_mut() else { return };
        // A list inside an item begins right below it.
        self.text.push_str(if *begun || inner { "\n" } else { "\n\n" });
        *begun = true;
        match number {
            Some(number) => {
                self.text.push_str(&format!("{number}. "));
                *number += 1;
            }
            None => self.text.push_str("* "),
        }
    }

    fn end_link(&mut self) {
        let Some((url, from)) = self.links.pop() else { return };
        let words = self.text.get(from..).unwrap_or_default();
        let web = ["http://", "https://", "mailto:"].iter().any(|scheme| url.starts_with(scheme));
        if web && words != url && format!("mailto:{words}") != url {
            self.text.push_str(&format!(" ({url})"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sanitise::{BLOCKS, INLINE};

    #[test]
    fn what_editors_write_becomes_a_handful_of_tags() {
        let html = markdown_html(
            "# Winter\n\nA *quiet* week, **mostly**. See [the map](https://example.jp/map \"t\").\n\n- one\n- two\n\n> so",
        );
        assert_eq!(
            html,
            "<h3>Winter</h3>\n<p>A <em>quiet</em> week, <strong>mostly</strong>. See \
             <a href=\"https://example.jp/map\" rel=\"noopener noreferrer\">the map</a>.</p>\n<ul>\n<li>one</li>\n\
             <li>two</li>\n</ul>\n<blockquote>\n<p>so</p>\n</blockquote>"
        );
    }

    #[test]
    fn nothing_in_it_runs_loads_or_hides() {
        for hostile in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "![alt](https://tracker.example/p.gif)",
            "[x](javascript:alert(1))",
            "[x](data:text/html,<script>alert(1)</script>)",
            "[x](//evil.example)",
            "[x](/unsubscribe)",
            "<style>*{display:none}</style>",
            "<div style=\"display:none\">x</div>",
            "<svg/onload=alert(1)>",
            "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
            "<base href=//evil.example><meta http-equiv=refresh content=0>",
            "[a]: javascript:alert(1)\n\n[a]",
            "<a href=\"https://example.jp\" onclick=alert(1) class=b style=x>y</a>",
        ] {
            let html = markdown_html(hostile);
            // What is left of tags, once those of the allow-list are taken away.
            for tag in html.split('<').skip(1) {
                let name: String =
                    tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
                let known = BLOCKS.contains(&name.as_str()) || INLINE.contains(&name.as_str());
                assert!(known, "{hostile} gave {html}");
                let attributes = &tag[..tag.find('>').unwrap()];
                for bad in ["javascript", "data:", "onclick", "style", "class", "src", "//evil"] {
                    assert!(!attributes.contains(bad), "{hostile} gave {html}");
                }
            }
        }
        assert_eq!(markdown_html("![a map](https://tracker.example/p.gif)"), "<p>a map</p>");
    }

    #[test]
    fn what_is_long_or_deep_ends_soon() {
        for hostile in ["> ".repeat(50_000), "*_".repeat(50_000), "[".repeat(50_000), "- ".repeat(50_000)] {
            assert!(markdown_html(&hostile).len() < 4 * MAX_MARKDOWN_BYTES);
            assert!(markdown_text(&hostile).len() < 4 * MAX_MARKDOWN_BYTES);
        }
        assert!(markdown_html(&"字".repeat(MAX_MARKDOWN_BYTES)).len() <= MAX_MARKDOWN_BYTES + 16);
    }

    #[test]
    fn the_text_form_reads_as_well() {
        let text = markdown_text(
            "# Winter\n\nA *quiet* week.\nSee [the map](https://example.jp/map), <https://a.jp>.\n\n- one\n- two\n\n> so\n\n1. a\n2. b",
        );
        assert_eq!(
            text,
            "Winter\n\nA quiet week. See the map (https://example.jp/map), https://a.jp.\n\n* one\n* two\n\n> so\n\n\
             1. a\n2. b"
        );
    }
}
