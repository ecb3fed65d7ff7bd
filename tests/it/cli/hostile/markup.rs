//! The tags of an HTML mail, as a browser's tokeniser sees them.
//!
//! Tokens are enough: of the tags a mail may have, only `style` and `title` change how what follows is read, and the
//! tokeniser is told of both.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{RawKind, Rawtext, Rcdata};
use html5ever::tokenizer::{BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// One start tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
}

impl Tag {
    /// Returns the value of an attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct Tags {
    found: RefCell<Vec<Tag>>,
    comments: RefCell<usize>,
}

impl TokenSink for Tags {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                let name = tag.name.to_string();
                let attributes = tag.attrs.iter().map(|a| (a.name.local.to_string(), a.value.to_string())).collect();
                let mode: Option<RawKind> = match name.as_str() {
                    "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(Rawtext),
                    "title" | "textarea" => Some(Rcdata),
                    _ => None,
                };
                self.found.borrow_mut().push(Tag { name, attributes });
                mode.map_or(TokenSinkResult::Continue, TokenSinkResult::RawData)
            }
            Token::CommentToken(_) => {
                *self.comments.borrow_mut() += 1;
                TokenSinkResult::Continue
            }
            _ => TokenSinkResult::Continue,
        }
    }
}

/// Returns the start tags of `html` in order, and how many comments there are.
pub(super) fn tags(html: &str) -> (Vec<Tag>, usize) {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let tokenizer = Tokenizer::new(Tags::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    (tokenizer.sink.found.into_inner(), tokenizer.sink.comments.into_inner())
}
