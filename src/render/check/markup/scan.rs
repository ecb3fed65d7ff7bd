//! The HTML of a template, with each Handlebars tag as one thing in it: what tags it has, and where values are printed.

use std::collections::HashMap;

use super::reader;
use crate::render::check::tags::{self, Kind};

/// What stands in the place of every byte of a Handlebars tag that prints something.
pub(super) const PRINTED: char = '\u{1}';
/// The same of one that prints nothing.
pub(super) const SILENT: char = '\u{2}';

/// An attribute. Of one without a value, the value is empty.
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) at: usize,
    /// Where its value begins and ends.
    pub(super) value: (usize, usize),
}

/// A start tag.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) at: usize,
    pub(super) attributes: Vec<Attribute>,
}

/// What is found in a template.
pub(super) struct Scan {
    /// The text, every byte of a Handlebars tag replaced.
    pub(super) masked: String,
    pub(super) elements: Vec<Element>,
    /// The content of elements that are not read as HTML: the element's name, from where, to where.
    pub(super) raw: Vec<(String, usize, usize)>,
    /// What cannot be, and where.
    pub(super) refused: Vec<(usize, String)>,
    pub(super) printed: Vec<Printed>,
}

/// An expression that prints.
#[derive(Debug)]
pub(super) struct Printed {
    pub(super) at: usize,
    /// What is between its braces.
    pub(super) inner: String,
    /// Whether it is about a picture: `{{#with image}}` is the nearest that says so.
    pub(super) of_image: bool,
}

/// Returns what is in a template.
pub(super) fn scan(text: &str) -> Scan {
    let tags: HashMap<usize, tags::Tag> = tags::scan(text).into_iter().map(|tag| (tag.start, tag)).collect();
    let masked = masked(text, &tags);
    reader::read(text, &tags, masked)
}

/// Returns the text with each Handlebars tag and comment blotted out, and the white space that a `~` takes away.
fn masked(text: &str, tags: &HashMap<usize, tags::Tag>) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if let Some(tag) = tags.get(&at) {
            let written = &text[tag.start..tag.end];
            if written.starts_with("{{~") {
                let kept = masked.trim_end_matches(|c: char| c.is_whitespace() || c == SILENT).len();
                let taken = masked.len() - kept;
                masked.truncate(kept);
                masked.extend(std::iter::repeat_n(SILENT, taken));
            }
            let printed = tag.kind == Kind::Value || tag.kind == Kind::Raw;
            masked.extend(std::iter::repeat_n(if printed { PRINTED } else { SILENT }, written.len()));
            at = tag.end;
            if written.ends_with("~}}") {
                let taken = text[at..].len() - text[at..].trim_start().len();
                masked.extend(std::iter::repeat_n(SILENT, taken));
                at += taken;
            }
            continue;
        }
        let escaped = text[..at].ends_with('\\') && !text[..at].ends_with("\\\\");
        if rest.starts_with("{{!") && !escaped {
            let length = tags::comment_length(rest);
            masked.extend(std::iter::repeat_n(SILENT, length));
            at += length;
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        masked.push(c);
        at += c.len_utf8();
    }
    masked
}
