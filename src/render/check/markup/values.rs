//! Where in the HTML of a template values may be printed: in text, and in quoted attributes that neither run nor load
//! nor lead anywhere, whatever the value is. Elsewhere only what is known to be harmless there.

use super::scan::{Attribute, Element, PRINTED, Printed, Scan};
use crate::render::check::tags::{self, Kind};

/// Attributes that lead somewhere when they are pressed.
const LEADING: [&str; 7] = ["href", "xlink:href", "action", "formaction", "cite", "longdesc", "codebase"];
/// Attributes that fetch what they name.
const FETCHING: [&str; 6] = ["src", "background", "background-url", "poster", "data", "lowsrc"];
/// Attributes that no value may be in: they fetch, run or navigate in ways of their own.
const CLOSED: [&str; 6] = ["srcset", "imagesrcset", "srcdoc", "ping", "http-equiv", "manifest"];

/// A place, and what is wrong there.
pub(super) type Finding = (usize, String);

/// Returns what is wrong with the places where a template of a mail or of a page prints values.
pub(super) fn look(text: &str, scan: &Scan, mail: bool) -> Vec<Finding> {
    let mut found = aliases(text);
    for element in &scan.elements {
        for attribute in &element.attributes {
            self::attribute(scan, element, attribute, mail, &mut found);
        }
    }
    for (name, start, end) in &scan.raw {
        for printed in within(scan, (*start, *end)) {
            match name.as_str() {
                "style" | "mj-style" => found.extend(in_style(scan, *start, printed)),
                "title" | "textarea" => {}
                _ => {
                    let problem = format!("`{{{{{}}}}}` inside `<{name}>` could run: take it out", printed.inner);
                    found.push((printed.at, problem));
                }
            }
        }
    }
    found
}

fn within(scan: &Scan, (start, end): (usize, usize)) -> impl Iterator<Item = &Printed> {
    scan.printed.iter().filter(move |printed| (start..end).contains(&printed.at))
}

fn attribute(scan: &Scan, element: &Element, attribute: &Attribute, mail: bool, found: &mut Vec<Finding>) {
    let Attribute { name, at, value: (start, end) } = attribute;
    let name = name.as_str();
    if name.len() > 2 && name.starts_with("on") {
        found.push((*at, format!("`{name}` runs a script, which mail programs and our pages refuse: take it out")));
        return;
    }
    let leads = LEADING.contains(&name);
    let fetches = FETCHING.contains(&name);
    if leads || fetches {
        let written: String = scan.masked[*start..*end].chars().filter(|c| !c.is_whitespace()).collect();
        let written = written.trim_start_matches(char::is_control).to_ascii_lowercase();
        if ["javascript:", "vbscript:", "data:text"].iter().any(|scheme| written.starts_with(scheme)) {
            found.push((*start, format!("`{name}` runs a script here: write the address of a page")));
        }
    }
    for printed in within(scan, (*start, *end)) {
        let words = format!("`{{{{{}}}}}`", printed.inner);
        let problem = match name {
            "style" => in_style(scan, *start, printed),
            "content" if element.attributes.iter().any(|other| other.name == "http-equiv") => (last(&printed.inner)
                != Some("refresh_s"))
            .then(|| (printed.at, format!("{words} could lead elsewhere here: write a number"))),
            _ if CLOSED.contains(&name) => {
                Some((printed.at, format!("{words} has no place in `{name}`, where it could load or run: take it out")))
            }
            _ if fetches && !is_picture(printed) && (mail || !is_address(&printed.inner)) => {
                let problem = format!(
                    "{words} in `{name}` would be fetched from wherever it says; pictures of ours are `{{{{image.url}}}}`, or \
                     `{{{{url}}}}` inside `{{{{#with image}}}}`"
                );
                Some((printed.at, problem))
            }
            _ if fetches && scan.masked[*start..*end].contains(|c: char| !c.is_control() && !c.is_whitespace()) => {
                Some((printed.at, format!("{words} is a whole address: let it stand alone in `{name}`")))
            }
            _ if leads && !is_address(&printed.inner) && !is_begun(&scan.masked[*start..printed.at]) => {
                let problem = format!(
                    "{words} in `{name}` could begin with `javascript:`; fields that end in `url` or `href` are addresses, \
                     and anything may stand behind `https://example.jp/` or `mailto:`"
                );
                Some((printed.at, problem))
            }
            _ => None,
        };
        found.extend(problem);
    }
}

/// Returns why an expression may not stand in CSS: only our words and the size of a picture may, and no address.
fn in_style(scan: &Scan, start: usize, printed: &Printed) -> Option<Finding> {
    let before = &scan.masked[start..printed.at];
    let in_address = before.to_ascii_lowercase().rfind("url(").is_some_and(|open| !before[open..].contains(')'));
    let key = printed.inner.strip_prefix("t ").map(str::trim);
    let word = key.is_some_and(|key| key.len() > 2 && key.split(['"', '\'']).count() == 3 && !key.contains('='));
    let size = matches!(last(&printed.inner), Some("width" | "height"));
    if !in_address && (word || size) {
        return None;
    }
    let problem = format!(
        "`{{{{{}}}}}` in a style could hide or load something: only `{{{{t \"key\"}}}}`, `{{{{width}}}}` and `{{{{height}}}}` may \
         stand there, and none inside `url()`",
        printed.inner
    );
    Some((printed.at, problem))
}

/// Returns the last name of a path, nothing if it is another expression.
fn last(inner: &str) -> Option<&str> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | '@');
    inner.chars().all(plain).then(|| inner.rsplit(['.', '/']).next().unwrap_or_default())
}

/// Returns whether a field of this name is an address: ours, or one that was read as `http` or `https`.
fn is_address(inner: &str) -> bool {
    last(inner).is_some_and(names_address)
}

fn names_address(name: &str) -> bool {
    ["url", "href", "action"].iter().any(|end| name == *end || name.ends_with(&format!("_{end}")))
}

/// Returns whether it is the address of a picture we serve.
fn is_picture(printed: &Printed) -> bool {
    let inner = printed.inner.as_str();
    let of_one = inner.strip_suffix("image.url").is_some_and(|of| of.is_empty() || of.ends_with(['.', '/']));
    of_one && last(inner).is_some() || printed.of_image && matches!(inner, "url" | "this.url" | "./url")
}

/// Returns whether an address has begun in such a way that what follows cannot change what kind it is.
fn is_begun(before: &str) -> bool {
    // What is inside a block may be left out.
    let tail = before.rsplit(|c: char| c.is_control() && c != PRINTED).next().unwrap_or_default();
    let written: String = tail.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    let written = written.to_ascii_lowercase();
    let host = ["https://", "http://", "//"].iter().find_map(|scheme| written.strip_prefix(scheme));
    match host {
        Some(host) => host.contains('/'),
        None => ["#", "?", "/", "mailto:", "tel:"].iter().any(|begin| written.starts_with(begin)),
    }
}

/// Returns every place where something else is given the name of a field that is trusted for its name.
fn aliases(text: &str) -> Vec<Finding> {
    let trusted = |name: &str| names_address(name) || matches!(name, "image" | "width" | "height" | "refresh_s");
    let mut found = Vec::new();
    for tag in tags::scan(text) {
        let written = &text[tag.start..tag.end];
        let partial = tag.kind == Kind::PartialBlock || tag.kind == Kind::Value && tag.name.starts_with('>');
        let block = written.split_once('|').map_or("", |(_, names)| names).split('|').next().unwrap_or_default();
        let mut names: Vec<&str> = block.split_whitespace().collect();
        if partial {
            let given = written.match_indices('=').filter_map(|(at, _)| written[..at].split_whitespace().next_back());
            names.extend(given.map(|name| name.trim_start_matches('(')));
        }
        for name in names.into_iter().filter(|name| trusted(name)) {
            found.push((
                tag.start,
                format!("`{name}` is the name of a field that is known for what it is: choose another"),
            ));
        }
    }
    found
}
