//! Every mistake of syntax in a template, and what the template would be without them.
//!
//! The parser stops at the first one, often far behind its cause: at the end of the file for a block that nobody closed.
//! So a template it refuses is read tag by tag. What comes out of it can be parsed, and the rest of the template be
//! looked at; places in it stay what they were.

use std::ops::Range;

use handlebars::Template;

use super::nesting;
use super::tags::{self, Kind, Tag};
use crate::render::error::TemplateError;
use crate::render::source::Source;
use crate::render::tidy;

/// What is wrong with a template.
pub(in crate::render) struct Mistakes {
    pub(in crate::render) found: Vec<TemplateError>,
    /// The text without them, if it can be parsed then.
    pub(in crate::render) mended: Option<String>,
}

/// Looks for mistakes of syntax; returns nothing if there are none.
pub(in crate::render) fn check(source: &Source) -> Option<Mistakes> {
    if let Err(error) = nesting::check(source) {
        return Some(Mistakes { found: vec![error], mended: None });
    }
    let text = source.written();
    let error = Template::compile(text).err()?;
    let mut look = Look { source, text, open: Vec::new(), edits: Vec::new(), found: Vec::new() };
    let mut from = 0;
    while let Some(tag) = tags::next(text, from) {
        from = look.tag(tag);
    }
    look.close_all(text.len(), 0);
    let mended = Some(edited(text, look.edits)).filter(|mended| Template::compile(mended).is_ok());
    if look.found.is_empty() || mended.is_none() {
        // The parser knows something that this does not.
        let (line, column) = error.pos().map_or((1, None), |(line, column)| (line, Some(column)));
        let problem = format!("cannot be read: {}", tidy::one_line(&error.reason().to_string()));
        look.found.push(source.at(line, column, problem));
    }
    Some(Mistakes { found: look.found, mended })
}

struct Open {
    tag: Tag,
    /// Whether its last branch has begun.
    last_branch: bool,
    /// Whether it is taken out, and its end has to go as well.
    gone: bool,
}

impl Open {
    fn new(tag: Tag) -> Self {
        Self { tag, last_branch: false, gone: false }
    }
}

struct Look<'a> {
    source: &'a Source,
    text: &'a str,
    open: Vec<Open>,
    edits: Vec<(Range<usize>, String)>,
    found: Vec<TemplateError>,
}

impl Look<'_> {
    fn refuse(&mut self, tag: &Tag, problem: String) {
        self.found.push(self.source.at_offset(tag.start, problem));
    }

    /// Writes blanks over a tag.
    fn blank(&mut self, tag: &Tag) {
        self.edits.push((tag.start..tag.end, blanks(&self.text[tag.start..tag.end])));
    }

    /// Looks at a tag, and returns where it ends.
    fn tag(&mut self, mut tag: Tag) -> usize {
        let text = self.text;
        let mut problem =
            if tag.closed && tag.kind != Kind::Close { alone(&text[tag.start..tag.end], &tag) } else { None };
        if problem.is_some() {
            // A quote that nobody closed reaches far.
            let short = tags::cut_short(text, &tag);
            if short.closed || text[tag.start + 2..tag.end].contains("{{") {
                problem = alone(&text[short.start..short.end], &short);
                tag = short;
            }
        }
        let end = tag.end;
        let words = shortened(&text[tag.start..end]);
        if !tag.closed {
            self.refuse(&tag, format!("`{words}` is never closed: end it with `}}}}`"));
            self.blank(&tag);
        } else if let Some(problem) = problem {
            self.refuse(&tag, format!("`{words}` cannot be read: {problem}"));
            self.replace(tag);
        } else {
            match tag.kind {
                Kind::Block | Kind::PartialBlock | Kind::DecoratorBlock => self.open.push(Open::new(tag)),
                Kind::Else | Kind::ElseIf => self.branch(&tag),
                Kind::Close => self.close(&tag),
                Kind::Raw | Kind::Value => {}
            }
        }
        end
    }

    /// Takes out a tag that cannot be read. What is in a block of this kind is looked at all the same.
    fn replace(&mut self, tag: Tag) {
        match tag.kind {
            Kind::Block if !tag.name.is_empty() => {
                let instead = format!("{{{{#{} 1}}}}", tag.name);
                self.edits.push((tag.start..tag.end, padded(&instead, tag.end - tag.start)));
                self.open.push(Open::new(tag));
            }
            Kind::Block | Kind::PartialBlock | Kind::DecoratorBlock => {
                self.blank(&tag);
                self.open.push(Open { gone: true, ..Open::new(tag) });
            }
            Kind::Else | Kind::ElseIf | Kind::Close | Kind::Raw | Kind::Value => self.blank(&tag),
        }
    }

    fn branch(&mut self, tag: &Tag) {
        let block = self.open.last_mut().filter(|open| open.tag.kind == Kind::Block);
        let problem = match block {
            None => "`else` stands in no block: put it between `{{#if …}}` and `{{/if}}`",
            Some(open) if open.last_branch => "there is an `else` before this one already; only one can be the last",
            Some(open) => {
                open.last_branch = tag.kind == Kind::Else;
                return;
            }
        };
        self.refuse(tag, problem.to_owned());
        self.blank(tag);
    }

    fn close(&mut self, tag: &Tag) {
        let name = tag.name.as_str();
        let closes = |open: &Open| {
            open.tag.name == name
                || name.is_empty() && matches!(open.tag.kind, Kind::PartialBlock | Kind::DecoratorBlock)
        };
        if let Some(index) = self.open.iter().rposition(closes) {
            self.close_all(tag.start, index + 1);
            if self.open.pop().is_some_and(|open| open.gone) {
                self.blank(tag);
            }
            return;
        }
        let Some(open) = self.open.pop() else {
            self.refuse(tag, format!("`{{{{/{name}}}}}` closes nothing: no block is open here"));
            return self.blank(tag);
        };
        let line = self.source.line_of(open.tag.start);
        let (wanted, sign) = (&open.tag.name, opening(open.tag.kind));
        self.refuse(
            tag,
            format!(
                "`{{{{/{name}}}}}` does not close `{{{{{sign}{wanted}}}}}` of line {line}: write `{{{{/{wanted}}}}}`"
            ),
        );
        let instead = format!("{{{{/{wanted}}}}}");
        self.edits.push((tag.start..tag.end, padded(&instead, tag.end - tag.start)));
    }

    /// Closes what is open beyond the first `keep` blocks.
    fn close_all(&mut self, offset: usize, keep: usize) {
        while self.open.len() > keep {
            let Some(Open { tag, gone, .. }) = self.open.pop() else { return };
            let (name, sign) = (tag.name.clone(), opening(tag.kind));
            self.refuse(&tag, format!("`{{{{{sign}{name}}}}}` is never closed: end it with `{{{{/{name}}}}}`"));
            if gone {
                continue;
            }
            let mut end = format!("{{{{/{name}}}}}");
            if tag.kind == Kind::Block && !["if", "unless"].contains(&name.as_str()) {
                // Nobody knows how far it was meant to go: what stands in it is looked up nowhere.
                self.edits.retain(|(range, _)| range.start != tag.start);
                self.edits.push((tag.start..tag.end, padded("{{#each []}}", tag.end - tag.start)));
                "{{/each}}".clone_into(&mut end);
            }
            self.edits.push((offset..offset, end));
        }
    }
}

const fn opening(kind: Kind) -> &'static str {
    match kind {
        Kind::PartialBlock => "#> ",
        Kind::DecoratorBlock => "#*",
        _ => "#",
    }
}

/// Parses a tag as if nothing else were there, and returns what is wrong with it.
fn alone(text: &str, tag: &Tag) -> Option<&'static str> {
    let whole = match tag.kind {
        Kind::Block | Kind::PartialBlock | Kind::DecoratorBlock => format!("{text}{{{{/{}}}}}", tag.name),
        Kind::Else | Kind::ElseIf => format!("{{{{#if 1}}}}{text}{{{{/if}}}}"),
        Kind::Raw | Kind::Value | Kind::Close => text.to_owned(),
    };
    if Template::compile(&whole).is_ok() {
        return None;
    }
    let quotes = |quote: char| text.matches(quote).count() % 2 == 1;
    Some(if quotes('"') || quotes('\'') && !text.contains('"') {
        "a quote is not closed"
    } else if text.matches('(').count() != text.matches(')').count() {
        "a parenthesis is not closed"
    } else if tag.kind != Kind::Value && tag.kind != Kind::ElseIf && tag.name.is_empty() {
        "it has no name"
    } else {
        "write `{{name}}`, `{{helper value key=value}}` or `{{#helper value}}`"
    })
}

/// Returns a tag as an error can show it.
fn shortened(tag: &str) -> String {
    tidy::truncate(&tidy::one_line(tag), 60)
}

fn blanks(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { c } else { ' ' }).collect()
}

/// Returns a tag with blanks before its end, so that it is as long as the one it stands for, if it is shorter.
pub(in crate::render) fn padded(tag: &str, length: usize) -> String {
    let blanks = " ".repeat(length.saturating_sub(tag.len()));
    format!("{}{blanks}}}}}", tag.trim_end_matches("}}"))
}

fn edited(text: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    // What was added at one place closes the innermost block first: a stable sort keeps that order.
    edits.sort_by_key(|(range, _)| range.start);
    let mut mended = String::with_capacity(text.len());
    let mut from = 0;
    for (range, instead) in edits {
        mended.push_str(&text[from..range.start]);
        mended.push_str(&instead);
        from = range.end;
    }
    mended.push_str(&text[from..]);
    mended
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let source = Source::written_as("x.hbs", text);
        let mistakes = check(&source).map(|mistakes| {
            assert!(mistakes.mended.is_some(), "{text}");
            mistakes.found
        });
        let mut found = mistakes.unwrap_or_default();
        found.sort_by_key(|error| error.place().map(|place| (place.line, place.column)));
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_mistake_of_a_file_is_told_where_it_was_made() {
        let text = "{{#if a}}\n{{#each b}}\n{{title}\n{{t \"x}}\n{{/if}}\n{{/with}}\n {{else}}\n{{#unless c}}{{/unles}}\n{{a b=}}";
        assert_eq!(
            told(text),
            [
                "x.hbs:2:1: `{{#each}}` is never closed: end it with `{{/each}}`",
                "x.hbs:3:1: `{{title}` is never closed: end it with `}}`",
                "x.hbs:4:1: `{{t \"x}}` cannot be read: a quote is not closed",
                "x.hbs:6:1: `{{/with}}` closes nothing: no block is open here",
                "x.hbs:7:2: `else` stands in no block: put it between `{{#if …}}` and `{{/if}}`",
                "x.hbs:8:14: `{{/unles}}` does not close `{{#unless}}` of line 8: write `{{/unless}}`",
                "x.hbs:9:1: `{{a b=}}` cannot be read: write `{{name}}`, `{{helper value key=value}}` or \
                 `{{#helper value}}`",
            ]
        );
    }

    #[test]
    fn what_the_parser_reads_has_none() {
        for sound in ["", "{{a}} {{{b}}} {{& c}}", "{{#if a}}{{else if b}}{{else}}{{/if}}", "\\{{a", "{{!-- {{ --}}"] {
            assert!(told(sound).is_empty(), "{sound}");
        }
    }

    #[test]
    fn a_block_that_cannot_be_read_still_has_an_end() {
        assert_eq!(told("{{#if (a}}x{{/if}}").len(), 1);
        assert_eq!(told("{{#if a}}{{else}}{{else}}{{/if}}").len(), 1);
    }
}
