//! That what is let through is safe, tried on templates that nobody would write.

use std::cell::RefCell;

use handlebars::Handlebars;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{Rawtext, Rcdata};
use html5ever::tokenizer::{BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use proptest::prelude::*;

use super::{scan, values};
use crate::render::helpers::escape_html;

const PIECES: [&str; 42] = [
    "<",
    "-",
    "</",
    "title>",
    "{{~title~}}",
    "{{#if title~}}",
    "{{~/if}}",
    "{{none}}",
    "{{title}}",
    "{{title}}",
    "{{title}}",
    "{{#if title}}",
    "{{#if none}}",
    "{{else}}",
    "{{/if}}",
    "{{/if}}",
    "{{!-- \" --}}",
    "<b",
    "<b ",
    "<b title",
    "<b title=",
    "<b title=\"",
    "<b title='",
    " lang=\"",
    " lang",
    "=",
    "\"",
    "\"",
    "'",
    ">",
    ">",
    " ",
    "/",
    "x",
    "</b",
    "<!--",
    "-->",
    "<!",
    "<style>",
    "</style>",
    "<title>",
    "</title>",
];

/// The elements of a page, and the names of their attributes.
#[derive(Default)]
struct Bones(RefCell<Vec<String>>);

impl TokenSink for Bones {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => {
                let names: Vec<_> = tag.attrs.iter().map(|attribute| attribute.name.local.to_string()).collect();
                self.0.borrow_mut().push(format!("{:?} {} {}", tag.kind, tag.name, names.join(" ")));
                match &*tag.name {
                    "style" => TokenSinkResult::RawData(Rawtext),
                    "title" => TokenSinkResult::RawData(Rcdata),
                    _ => TokenSinkResult::Continue,
                }
            }
            Token::CommentToken(_) => {
                self.0.borrow_mut().push("comment".to_owned());
                TokenSinkResult::Continue
            }
            _ => TokenSinkResult::Continue,
        }
    }
}

fn bones(template: &str, title: &str) -> Option<Vec<String>> {
    let mut handlebars = Handlebars::new();
    handlebars.register_escape_fn(escape_html);
    let html = handlebars.render_template(template, &serde_json::json!({ "title": title, "none": null })).ok()?;
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let tokenizer = Tokenizer::new(Bones::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    Some(tokenizer.sink.0.into_inner())
}

/// What stands around it, so that more of them are whole.
const AROUND: [[&str; 2]; 8] = [
    ["", ""],
    ["<b title=\"", "\">"],
    ["<b title='", "'>"],
    ["<b title=", ">"],
    ["<b ", ">"],
    ["<b{{#if title}}", "{{/if}}>"],
    ["<!--", "-->"],
    ["<title>", "</title>"],
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    /// Whatever a title says, the page has the same elements with the same attributes.
    #[test]
    fn what_is_let_through_keeps_its_elements_and_attributes(
        [before, behind] in prop::sample::select(&AROUND[..]),
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 1..7),
    ) {
        let template = format!("{before}{}{{{{title}}}}{behind}", pieces.concat());
        let scan = scan::scan(&template);
        if scan.refused.is_empty() && values::look(&template, &scan, false).is_empty() {
            let plain = bones(&template, "word");
            for hostile in ["x onx=1 y", "\" onx=1 '", "' onx=1 \"", "> <i> --> </style></title>", "--!> /", "=x", "/ >"] {
                prop_assert_eq!(&bones(&template, hostile), &plain, "{} with {}", template, hostile);
            }
        }
    }
}
