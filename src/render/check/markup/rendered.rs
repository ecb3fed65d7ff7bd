//! A mail as it came out, read by a browser's tokeniser: what no template shows by itself, such as a style that is
//! written half in one file and half in another, or in a locale.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{RawKind, Rawtext, Rcdata};
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use super::css::{self, Declaration, Hiding};
use super::mail;

/// Elements that never have anything in them.
const VOID: [&str; 9] = ["area", "base", "br", "col", "hr", "img", "input", "meta", "wbr"];
/// More is no mail; a browser has such a limit, too.
const MAX_DEPTH: usize = 512;

/// What is in a mail.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// What must not be in it: as it is written, and why.
    pub(super) refused: Vec<(String, String)>,
    /// The addresses of pictures.
    pub(super) pictures: Vec<String>,
    /// What readers can see, and where what they can press leads.
    visible: String,
}

impl Seen {
    /// Returns whether readers can see `text`, or press what leads there. White space does not count.
    pub(super) fn shows(&self, text: &str) -> bool {
        self.visible.contains(&text.split_whitespace().collect::<String>())
    }
}

/// Looks through a mail. What MJML makes hides in ways of its own, harmlessly: `styled` says that it may.
pub(super) fn read(html: &str, styled: bool) -> Seen {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let reader = Reader { styled, inner: RefCell::default() };
    let tokenizer = Tokenizer::new(reader, TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.inner.into_inner().seen
}

struct Reader {
    styled: bool,
    inner: RefCell<Inner>,
}

#[derive(Default)]
struct Inner {
    seen: Seen,
    open: Vec<Open>,
}

/// An element that is open, and how far readers see what is in it.
#[derive(Clone, Default)]
struct Open {
    name: String,
    /// Nothing in it is seen.
    hidden: bool,
    /// Nothing in it is seen that does not say otherwise.
    faint: bool,
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut inner = self.inner.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => inner.open(&tag, self.styled),
            Token::TagToken(tag) => {
                inner.close(&tag.name);
                TokenSinkResult::Continue
            }
            Token::CharacterTokens(text) => {
                inner.text(&text);
                TokenSinkResult::Continue
            }
            _ => TokenSinkResult::Continue,
        }
    }
}

impl Inner {
    fn open(&mut self, tag: &Tag, styled: bool) -> TokenSinkResult<()> {
        let name = tag.name.to_string();
        let mut open = Open { name: name.clone(), ..self.open.last().cloned().unwrap_or_default() };
        open.hidden |= matches!(name.as_str(), "style" | "title" | "head");
        if let Some(problem) = mail::refuse_element(&name) {
            self.seen.refused.push((format!("<{name}"), problem));
        }
        let mut leads = None;
        for attribute in &tag.attrs {
            let (attribute, value) = (attribute.name.local.to_string(), attribute.value.to_string());
            if let Some(problem) = mail::refuse_attribute(&name, &attribute, value.trim()) {
                self.seen.refused.push((attribute.clone(), problem));
            }
            if attribute.len() > 2 && attribute.starts_with("on") {
                self.seen.refused.push((attribute.clone(), format!("`{attribute}` runs a script: take it out")));
            }
            match attribute.as_str() {
                "style" => self.style(&value, styled, &mut open),
                "hidden" => open.hidden = true,
                "href" => {
                    let scheme: String = value.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
                    let scheme = scheme.to_ascii_lowercase();
                    if ["javascript:", "vbscript:", "data:"].iter().any(|runs| scheme.starts_with(runs)) {
                        let problem = "`href` runs a script here: write the address of a page".to_owned();
                        self.seen.refused.push((value.clone(), problem));
                    }
                    leads = (name == "a").then_some(value);
                }
                _ if mail::fetches(&attribute) => self.seen.pictures.push(value),
                _ => {}
            }
        }
        if let Some(value) = leads.filter(|_| !open.hidden && !open.faint) {
            self.seen.visible.extend(value.split_whitespace());
        }
        let mode: Option<RawKind> = match name.as_str() {
            "style" => Some(Rawtext),
            "title" | "textarea" => Some(Rcdata),
            _ => None,
        };
        if !VOID.contains(&name.as_str()) && self.open.len() < MAX_DEPTH {
            self.open.push(open);
        }
        mode.map_or(TokenSinkResult::Continue, TokenSinkResult::RawData)
    }

    fn close(&mut self, name: &str) {
        if let Some(at) = self.open.iter().rposition(|open| open.name == name) {
            self.open.truncate(at);
        }
    }

    fn text(&mut self, text: &str) {
        let Some(open) = self.open.last() else { return self.seen.visible.extend(text.split_whitespace()) };
        if open.name == "style" {
            for of in css::blocks(text).iter().flatten() {
                self.declaration(of);
            }
        } else if !open.hidden && !open.faint {
            self.seen.visible.extend(text.split_whitespace());
        }
    }

    fn style(&mut self, value: &str, styled: bool, open: &mut Open) {
        let blocks = css::blocks(value);
        for block in &blocks {
            for of in block {
                self.declaration(of);
                if matches!(of.property.as_str(), "font" | "font-size" | "visibility" | "color") {
                    open.faint = false;
                }
            }
            let Some((of, hiding)) = css::hides(block) else { continue };
            match hiding {
                Hiding::All => open.hidden = true,
                // A line without height is seen all the same where it may overflow.
                Hiding::Inherited => open.faint = of.property != "line-height",
            }
            if !styled {
                let problem =
                    format!("`{}` hides text, which mailbox providers punish; leave the text out", of.shown());
                self.seen.refused.push((value.to_owned(), problem));
            }
        }
    }

    fn declaration(&mut self, of: &Declaration) {
        if of.loads() || of.runs() {
            self.seen.refused.push((of.value.clone(), mail::refuse_declaration(of)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_not_shown_and_what_says_otherwise_is() {
        let shows = |html: &str| read(html, true).shows("https://x.jp/u?a&b");
        for html in [
            "<a href=\"https://x.jp/u?a&amp;b\">Leave</a>",
            "<p>https://x.jp/u?a&amp;b</p>",
            "<td style=\"font-size:0\"><p style=\"font-size:13px\"><a href='https://x.jp/u?a&amp;b'>Leave</a></p></td>",
            "<div style=\"display:none\">x</div><a href='https://x.jp/u?a&amp;b'>Leave</a>",
            "<img alt='' style='max-height:0'><br><a href='https://x.jp/u?a&amp;b'>Leave</a>",
        ] {
            assert!(shows(html), "{html}");
        }
        for html in [
            "<div style=\"display:none\"><p><a href='https://x.jp/u?a&amp;b'>Leave</a></p></div>",
            "<div style=\"display&#58;none\"><a href='https://x.jp/u?a&amp;b'>Leave</a></div>",
            "<div style=\"max-height:0;overflow:hidden\"><span>https://x.jp/u?a&amp;b</span></div>",
            "<td style=\"font-size:0\"><a href='https://x.jp/u?a&amp;b'>Leave</a></td>",
            "<section hidden><a href='https://x.jp/u?a&amp;b'>Leave</a></section>",
            "<!-- https://x.jp/u?a&amp;b -->",
            "<title>https://x.jp/u?a&amp;b</title>",
            "<p title='https://x.jp/u?a&amp;b'>x</p>",
        ] {
            assert!(!shows(html), "{html}");
        }
    }

    #[test]
    fn what_runs_hides_or_loads_is_found_behind_every_disguise() {
        let refused = |html: &str| read(html, false).refused.len();
        for html in [
            "<p ONCLICK=x>",
            "<p/onclick=x>",
            "<a href=\"java\nscript&#58;x\">",
            "<b style=\"display&#x3a;none\">",
            "<b style='background&colon;url(&#47;/evil.example)'>",
            "<style>a{background:u\\72l(//evil.example)}</style>",
            "<meta http-equiv='Refresh' content='0;x'>",
            "<svg>",
            "<img srcset='x 1x'>",
        ] {
            assert_eq!(refused(html), 1, "{html}");
        }
        assert_eq!(refused("<p style=\"color:red\"><a href=https://x.jp>x</a></p><style>a{color:red}</style>"), 0);
        assert_eq!(read("<table background='https://evil.example/x'><img src=a>", false).pictures.len(), 2);
    }
}
