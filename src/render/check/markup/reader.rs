//! Reading the HTML of a template as a browser would. What stands in a block is read from where the block begins, and
//! every branch of it must end in the same place of a tag, so that nothing depends on which of them is rendered.

use std::collections::HashMap;

use super::scan::{Attribute, Element, Printed, SILENT, Scan};
use super::state::{Block, State};
use crate::render::check::tags::{Kind, Tag};

const NO_PARTIAL: &str = "a partial has no place inside a tag, a style or a comment: put it between tags";
/// Elements whose content is text to a browser. Of MJML, `mj-style` becomes such a one.
const RAW: [&str; 11] = [
    "style",
    "mj-style",
    "title",
    "textarea",
    "script",
    "noscript",
    "xmp",
    "iframe",
    "noembed",
    "noframes",
    "plaintext",
];

/// Reads a template, whose Handlebars tags begin where `tags` says and are blotted out in `masked`.
pub(super) fn read(text: &str, tags: &HashMap<usize, Tag>, masked: String) -> Scan {
    let mut reader = Reader {
        text,
        scan: Scan { masked, elements: Vec::new(), raw: Vec::new(), refused: Vec::new(), printed: Vec::new() },
        state: State::Text,
        current: None,
        blocks: Vec::new(),
    };
    let masked = reader.scan.masked.clone();
    let mut at = 0;
    while at < masked.len() {
        let silent = masked.as_bytes()[at] == SILENT as u8;
        if (silent || tags.contains_key(&at)) && reader.state.is_between_signs(&masked[..at]) {
            reader.refuse(at, "this stands between the signs that begin or end a tag or a comment: move it".into());
            return reader.scan;
        }
        let step = match tags.get(&at) {
            Some(tag) => reader.tag(tag),
            None if silent => Some(at + 1),
            None => reader.html(masked.as_bytes(), at),
        };
        match step {
            Some(next) => at = next,
            // What comes behind would be read wrongly: this is mended first.
            None => return reader.scan,
        }
    }
    if reader.state != State::Text {
        let at = match &reader.state {
            State::Raw(_, start) => *start,
            _ => reader.current.as_ref().map_or(text.len(), |element| element.at),
        };
        reader.refuse(at, "this tag, comment or element is not closed in this file: close it here".to_owned());
    }
    reader.scan
}

struct Reader<'a> {
    text: &'a str,
    scan: Scan,
    state: State,
    current: Option<Element>,
    blocks: Vec<Block>,
}

impl Reader<'_> {
    fn refuse(&mut self, at: usize, problem: String) {
        self.scan.refused.push((at, problem));
    }

    /// Returns the state, and the attribute it is in.
    fn here(&self) -> (State, usize) {
        let attribute = self.current.as_ref().map_or(0, |element| match self.state {
            State::Quoted(_) => element.attributes.last().map_or(0, |attribute| attribute.at),
            _ => element.at,
        });
        (self.state.clone(), attribute)
    }

    /// Passes a Handlebars tag. Returns where to go on, or nothing where that would be no use.
    fn tag(&mut self, tag: &Tag) -> Option<usize> {
        let written = &self.text[tag.start..tag.end];
        match tag.kind {
            Kind::Value | Kind::Raw => self.prints(tag.start, written),
            Kind::Block | Kind::PartialBlock | Kind::DecoratorBlock => {
                if tag.kind != Kind::Block && self.state != State::Text {
                    self.refuse(tag.start, NO_PARTIAL.into());
                }
                let of_image = match (tag.kind, tag.name.as_str()) {
                    (Kind::Block, "with") => {
                        let about = written.split_whitespace().nth(1).unwrap_or_default().trim_end_matches(['}', '~']);
                        about == "image" || about.ends_with(".image") || about.ends_with("/image")
                    }
                    (Kind::Block, "if" | "unless") => self.of_image(),
                    _ => false,
                };
                let start = self.here();
                self.blocks.push(Block { at: tag.start, start, ends: Vec::new(), has_else: false, of_image });
            }
            Kind::Else | Kind::ElseIf => {
                let end = self.here();
                if let Some(block) = self.blocks.last_mut() {
                    block.ends.push(end);
                    block.has_else |= tag.kind == Kind::Else;
                    self.state = block.start.0.clone();
                }
            }
            Kind::Close => {
                let end = self.here();
                let Some(mut block) = self.blocks.pop() else { return Some(tag.end) };
                block.ends.push(end);
                if !block.has_else {
                    block.ends.push(block.start.clone());
                }
                let (first, others) = block.ends.split_first().expect("the end of the block is one of them");
                let same = others.iter().all(|end| end == first);
                let between =
                    block.ends.iter().all(|(state, element)| state.ends_attribute() && *element == block.ends[0].1);
                if !same && !between {
                    let problem =
                        "each branch of this block must close what it opens of a tag, and of the quotes in it";
                    self.refuse(block.at, problem.into());
                    return None;
                }
                self.state = if same { first.0.clone() } else { State::Behind };
            }
        }
        Some(tag.end)
    }

    fn of_image(&self) -> bool {
        self.blocks.last().is_some_and(|block| block.of_image)
    }

    fn prints(&mut self, at: usize, written: &str) {
        let inner = written.trim_matches(['{', '}']).trim_matches('~').trim().to_owned();
        let partial = inner.starts_with('>');
        match &self.state {
            State::Text | State::Comment | State::Raw(..) | State::Quoted(_) if !partial => {}
            State::Text => {}
            _ if partial => {
                self.refuse(at, NO_PARTIAL.into());
            }
            State::BeforeValue => {
                let problem = format!(
                    "put quotes around it: `\"{written}\"`; without them a space in it begins another attribute"
                );
                self.refuse(at, problem);
                self.state = State::Behind;
            }
            _ => {
                let problem =
                    format!("`{written}` inside a tag would write attributes; put it into quotes behind a `name=`");
                self.refuse(at, problem);
            }
        }
        // `html` prints tags, with quotes in them.
        if inner.split_whitespace().next() == Some("html") && self.state != State::Text {
            self.refuse(at, "`html` prints tags, which have no place inside a tag: put it between tags".into());
        }
        if !partial {
            let of_image = self.of_image();
            self.scan.printed.push(Printed { at, inner, of_image });
        }
    }

    /// Passes one step of HTML. Returns where to go on, as [`Self::tag`] does.
    fn html(&mut self, text: &[u8], at: usize) -> Option<usize> {
        let byte = text[at];
        let rest = &text[at..];
        let space = byte.is_ascii_whitespace();
        match &self.state {
            State::Text => return Some(self.text(rest, at)),
            State::Raw(name, start) => {
                if rest.starts_with(b"</") && closes(&rest[2..], name) {
                    self.scan.raw.push((name.clone(), *start, at));
                    self.state = State::Declaration;
                }
            }
            State::Comment => {
                if rest.starts_with(b"-->") || rest.starts_with(b"--!>") {
                    self.state = State::Text;
                    return Some(at + if rest[2] == b'!' { 4 } else { 3 });
                }
                // What only Outlook reads, it reads as HTML.
                if rest.starts_with(b"<![endif]") {
                    self.state = State::Declaration;
                }
            }
            State::Declaration => {
                if byte == b'>' {
                    self.state = State::Text;
                }
            }
            _ if byte == b'>' && !matches!(self.state, State::Quoted(_)) => self.close_tag(at),
            State::Name if space || byte == b'/' => self.state = State::Between,
            State::Name => {
                if let Some(element) = &mut self.current {
                    element.name.push(char::from(byte.to_ascii_lowercase()));
                }
            }
            State::Behind if space || byte == b'/' => self.state = State::Between,
            State::Behind => {
                self.refuse(at, "put a space before the next attribute".into());
                self.begin_attribute(at, byte);
            }
            State::Between if space || byte == b'/' => {}
            State::Between => self.begin_attribute(at, byte),
            State::AttributeName | State::AfterName if byte == b'=' => self.state = State::BeforeValue,
            State::AttributeName if space => self.state = State::AfterName,
            State::AttributeName if byte == b'/' => self.state = State::Between,
            State::AttributeName => {
                if let Some(attribute) = self.attribute() {
                    attribute.name.push(char::from(byte.to_ascii_lowercase()));
                }
            }
            State::AfterName if space => {}
            State::AfterName if byte == b'/' => self.state = State::Between,
            State::AfterName => self.begin_attribute(at, byte),
            State::BeforeValue if space => {}
            State::BeforeValue if byte == b'"' || byte == b'\'' => {
                self.state = State::Quoted(byte);
                if let Some(attribute) = self.attribute() {
                    attribute.value = (at + 1, at + 1);
                }
            }
            State::BeforeValue => return self.unquoted(text, at),
            State::Quoted(quote) => {
                if byte == *quote {
                    self.state = State::Behind;
                    if let Some(attribute) = self.attribute() {
                        attribute.value.1 = at;
                    }
                }
            }
        }
        Some(at + 1)
    }

    /// Passes one step of text. Returns where to go on.
    fn text(&mut self, rest: &[u8], at: usize) -> usize {
        if rest.starts_with(b"<!--[if") {
            self.state = State::Declaration;
        } else if rest.starts_with(b"<!-->") {
            return at + 5;
        } else if rest.starts_with(b"<!--->") {
            return at + 6;
        } else if rest.starts_with(b"<!--") {
            self.state = State::Comment;
            return at + 4;
        } else if rest.starts_with(b"<![CDATA[") {
            self.refuse(at, "`<![CDATA[` has no place here: write the text itself".into());
            self.state = State::Declaration;
        } else if rest.starts_with(b"<!") || rest.starts_with(b"<?") || rest.starts_with(b"</") {
            self.state = State::Declaration;
        } else if rest.first() == Some(&b'<')
            && rest.get(1).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == 1)
        {
            self.current = Some(Element { name: String::new(), at, attributes: Vec::new() });
            self.state = State::Name;
        }
        at + 1
    }

    fn attribute(&mut self) -> Option<&mut Attribute> {
        self.current.as_mut()?.attributes.last_mut()
    }

    fn begin_attribute(&mut self, at: usize, byte: u8) {
        if let Some(element) = &mut self.current {
            let name = char::from(byte.to_ascii_lowercase()).to_string();
            element.attributes.push(Attribute { name, at, value: (at, at) });
        }
        self.state = State::AttributeName;
    }

    /// Passes a value without quotes. No expression and no block may be in it.
    fn unquoted(&mut self, text: &[u8], at: usize) -> Option<usize> {
        let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'>';
        let end = text[at..].iter().position(ends).map_or(text.len(), |length| at + length);
        if let Some(length) = text[at..end].iter().position(|byte| *byte <= 2) {
            self.refuse(at + length, "put quotes around the whole value, expressions and all".into());
            return None;
        }
        if let Some(attribute) = self.attribute() {
            attribute.value = (at, end);
        }
        self.state = State::Behind;
        Some(end)
    }

    fn close_tag(&mut self, at: usize) {
        let Some(element) = self.current.take() else { return };
        let raw = RAW.contains(&element.name.as_str());
        self.state = if raw { State::Raw(element.name.clone(), at + 1) } else { State::Text };
        self.scan.elements.push(element);
    }
}

/// Returns whether the end tag of `name` stands here.
fn closes(rest: &[u8], name: &str) -> bool {
    rest.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
        && rest.get(name.len()).is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'))
}
