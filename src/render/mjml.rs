//! MJML sources: `mail/<name>/html.mjml.hbs` in an operator's folder becomes the `html.hbs` of that mail, once, when the
//! templates are loaded. Handlebars expressions go through as they are.
//!
//! MJML would fetch what it does not have: fonts from a foundry, icons from its maker, includes from the disk. Here it
//! has nothing to fetch from.

use std::borrow::Cow;
use std::collections::HashMap;

use mrml::prelude::parser::{Error, ParserOptions};
use mrml::prelude::render::RenderOptions;

use super::error::TemplateError;
use super::source::Source;

/// What MJML sources end in.
pub(super) const SUFFIX: &str = ".mjml.hbs";
/// mrml recurses once a level and has no limit; three thousand end the process. No mail has twenty.
const MAX_DEPTH: usize = 60;
/// Elements that never have anything in them, and are often not closed.
const VOID: [&str; 6] = ["area", "br", "col", "hr", "img", "wbr"];

/// What a source became.
pub(super) struct Compiled {
    /// The template.
    pub(super) html: String,
    /// What was ignored: where it begins, and what.
    pub(super) warnings: Vec<(usize, String)>,
}

/// Turns an MJML source into a template.
pub(super) fn compile(source: &Source) -> Result<Compiled, TemplateError> {
    refuse_what_cannot_be(source)?;
    let parsed = mrml::parse_with_options(&source.text, &ParserOptions::default())
        .map_err(|error| source.at_offset(offset_of(source, &error), format!("MJML: {error}")))?;
    let warnings = parsed
        .warnings
        .iter()
        .map(|warning| (warning.span.start, format!("MJML: {} is ignored", warning.kind)))
        .collect();
    let options = RenderOptions {
        disable_comments: false,
        // Icons of networks would come from MJML's maker; an operator gives the address of their own.
        social_icon_origin: Some(Cow::Borrowed("")),
        fonts: HashMap::new(),
    };
    let html = parsed.element.render(&options).map_err(|error| source.at(1, None, format!("MJML: {error}")))?;
    Ok(Compiled { html: with_plain_quotes(&html), warnings })
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

fn refuse_what_cannot_be(source: &Source) -> Result<(), TemplateError> {
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
        let refuse = |problem: &str| Err(source.at_offset(offset, problem));
        match name.as_str() {
            "mj-include" => return refuse("MJML: nothing is included; use a Handlebars partial"),
            "mj-preview" => return refuse("MJML: `mj-preview` hides text; put what inboxes show first at the top"),
            _ => {}
        }
        let empty = rest.find('>').is_some_and(|end| rest[..end].ends_with('/')) || VOID.contains(&name.as_str());
        if closing {
            depth = depth.saturating_sub(1);
        } else if !empty {
            depth += 1;
        }
        if depth > MAX_DEPTH {
            return refuse("MJML: nested more than 60 levels deep");
        }
    }
    Ok(())
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
