//! MJML sources: `mail/<name>/html.mjml.hbs` in an operator's folder becomes the `html.hbs` of that mail, once, when the
//! templates are loaded. Handlebars expressions go through as they are.
//!
//! MJML would fetch what it does not have: fonts from a foundry, icons from its maker, includes from the disk. Here it
//! has nothing to fetch from.

mod attributes;
mod tags;

use std::borrow::Cow;
use std::collections::HashMap;

use htmlparser::Error as Malformed;
use mrml::prelude::parser::{Error, ParserOptions, Span};
use mrml::prelude::render::RenderOptions;

use super::error::TemplateError;
use super::source::Source;
use super::tidy;

/// What MJML sources end in.
pub(super) const SUFFIX: &str = ".mjml.hbs";
/// mrml recurses once a level and has no limit; three thousand end the process. No mail has twenty.
const MAX_DEPTH: usize = 60;
/// Elements that never have anything in them, and are often not closed.
const VOID: [&str; 6] = ["area", "br", "col", "hr", "img", "wbr"];

/// What a source became.
pub(super) struct Compiled {
    /// The template. What cannot be compiled stays as it was written: what it refers to and shows can be looked at all
    /// the same.
    pub(super) html: String,
    /// Why it cannot be compiled, if so.
    pub(super) mistakes: Vec<TemplateError>,
    /// What was ignored: where it begins, and what.
    pub(super) warnings: Vec<(usize, String)>,
}

/// Turns an MJML source into a template.
pub(super) fn compile(source: &Source) -> Compiled {
    let warnings = attributes::warnings(&source.text);
    let Refused { mut mistakes, readable } = refuse_what_cannot_be(source);
    let html = if readable { rendered(source).map_err(|mistake| mistakes.push(mistake)).ok() } else { None };
    let html = html.filter(|_| mistakes.is_empty()).unwrap_or_else(|| source.text.clone());
    Compiled { html, mistakes, warnings }
}

fn rendered(source: &Source) -> Result<String, TemplateError> {
    let parsed = mrml::parse_with_options(&source.text, &ParserOptions::default()).map_err(|error| {
        // The parser notices where something else ends, or everything does.
        match tags::unclosed(&source.text) {
            Some((at, name)) => {
                source.at_offset(at, format!("MJML: `<{name}>` is never closed: end it with `</{name}>`"))
            }
            None => source.at_offset(offset_of(source, &error), format!("MJML: {}", words(source, &error))),
        }
    })?;
    let options = RenderOptions {
        disable_comments: false,
        // Icons of networks would come from MJML's maker; an operator gives the address of their own.
        social_icon_origin: Some(Cow::Borrowed("")),
        fonts: HashMap::new(),
    };
    let html = parsed.element.render(&options).map_err(|error| source.at(1, None, format!("MJML: {error}")))?;
    Ok(with_plain_quotes(&html))
}

/// Takes back what mrml does to the quotes in expressions: it repeats the title in an attribute, as Rust would write it.
fn with_plain_quotes(html: &str) -> String {
    let mut plain = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("{{") {
        let end = rest[at..].find("}}").map_or(rest.len(), |length| at + length);
        plain.push_str(&rest[..at]);
        plain.push_str(&rest[at..end].replace("\\\"", "\""));
        rest = &rest[end..];
    }
    plain + rest
}

/// Returns where in `mjml` the expression at `offset` of the template was written, as far as its words tell: of several
/// that are the same the one that is as far down, if all of them came through.
pub(super) fn written_at(mjml: &str, template: &str, offset: usize) -> Option<usize> {
    let start = offset + template.get(offset..)?.find("{{")?;
    let tag = &template[start..];
    let tag = &tag[..tag.find("}}")? + 2];
    let all = template.matches(tag).count();
    let before = template[..start].matches(tag).count();
    let nth = if mjml.matches(tag).count() == all { before } else { 0 };
    mjml.match_indices(tag).nth(nth).map(|(at, _)| at)
}

/// What is refused before MJML is parsed.
struct Refused {
    mistakes: Vec<TemplateError>,
    /// Whether parsing it may tell more.
    readable: bool,
}

fn refuse_what_cannot_be(source: &Source) -> Refused {
    let mut refused = Refused { mistakes: Vec::new(), readable: true };
    let mut depth = 0_usize;
    let mut rest = source.text.as_str();
    while let Some(at) = rest.find('<') {
        let offset = source.text.len() - rest.len() + at;
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end..]);
            continue;
        }
        let closing = rest.starts_with('/');
        let name: String = rest
            .trim_start_matches('/')
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect::<String>()
            .to_ascii_lowercase();
        if name.is_empty() {
            continue;
        }
        let mut refuse = |problem: &str, readable: bool| {
            refused.mistakes.push(source.at_offset(offset, problem));
            refused.readable &= readable;
        };
        match name.as_str() {
            "mj-include" if !closing => refuse("MJML: nothing is included; use a Handlebars partial", false),
            "mj-font" if !closing => refuse("MJML: `mj-font` is fetched from elsewhere: take it out", true),
            "mj-preview" if !closing => {
                refuse("MJML: `mj-preview` hides text; put what inboxes show first at the top", true);
            }
            _ => {}
        }
        let empty = rest.find('>').is_some_and(|end| rest[..end].ends_with('/')) || VOID.contains(&name.as_str());
        if closing {
            depth = depth.saturating_sub(1);
        } else if !empty {
            depth += 1;
        }
        if depth > MAX_DEPTH {
            refuse("MJML: nested more than 60 levels deep", false);
            break;
        }
    }
    refused
}

/// Says what is wrong, and what to do about it.
fn words(source: &Source, error: &Error) -> String {
    let shown = |span: &Span| {
        let text = source.text.get(span.start..span.end).unwrap_or_default();
        format!("`{}`", tidy::truncate(&tidy::one_line(text), 60))
    };
    match error {
        Error::UnexpectedElement { position, .. } => format!("{} cannot stand here: move it", shown(position)),
        Error::UnexpectedToken { position, .. } => {
            let shown = shown(position);
            format!("{shown} is not expected here: close what is open before it, or take it out")
        }
        Error::MissingAttribute { name, .. } => format!("the attribute `{name}` is missing: write it in"),
        Error::ParserError { source: inner, .. } => match inner {
            Malformed::InvalidAttribute(..) => {
                "this attribute cannot be read: write name=\"value\", and name='{{…}}' with quotes inside".to_owned()
            }
            Malformed::InvalidElement(..) => "this element cannot be read: write `<name>` or `</name>`".to_owned(),
            Malformed::InvalidComment(..) => "this comment cannot be read: `--` may only end it".to_owned(),
            _ => "this cannot be read: write `&lt;` for a `<` that begins no element".to_owned(),
        },
        Error::EndOfStream { .. } => "the file ends too soon: close every element".to_owned(),
        Error::NoRootNode => "there is no `<mjml>`: put everything into one".to_owned(),
        other => other.to_string(),
    }
}

fn offset_of(source: &Source, error: &Error) -> usize {
    match error {
        Error::UnexpectedElement { position, .. }
        | Error::UnexpectedToken { position, .. }
        | Error::MissingAttribute { position, .. }
        | Error::InvalidAttribute { position, .. }
        | Error::InvalidFormat { position, .. }
        | Error::IncludeLoaderError { position, .. } => position.start,
        Error::ParserError { source: inner, .. } => source.offset(inner.pos().row as usize, inner.pos().col as usize),
        // Of these it is only known that the end came too soon.
        Error::EndOfStream { .. } => source.text.len(),
        Error::SizeLimit { .. } | Error::NoRootNode => 0,
    }
}
