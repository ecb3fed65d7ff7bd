//! What a mail must show, and that pages and subjects show something.

use crate::render::error::TemplateError;
use crate::render::helpers::escape_html;
use crate::render::source::Source;
use crate::render::sources::Sources;

/// Refuses a part of a mail that leaves out what every copy must show, each by the name of its field.
pub(in crate::render) fn check(
    sources: &Sources,
    file: &str,
    rendered: &str,
    wanted: &[(&str, &str)],
) -> Result<(), TemplateError> {
    // Lines are wrapped, in Japanese anywhere: white space does not count.
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    let rendered = bare(rendered);
    let shows = |text: &str| rendered.contains(&bare(text)) || rendered.contains(&bare(&escape_html(text)));
    let mut missing: Vec<&str> = wanted.iter().filter(|(_, text)| !shows(text)).map(|(field, _)| *field).collect();
    missing.dedup();
    if missing.is_empty() {
        return Ok(());
    }
    let parts = parts(sources, file);
    if parts.iter().any(|(_, part)| part.original.is_some()) {
        // What has been taken out for now may be what would have shown it.
        missing.retain(|field| !parts.iter().any(|(_, part)| as_written(part).contains(first(field))));
    }
    let (Some((_, whole)), Some(field)) = (parts.first(), missing.first()) else { return Ok(()) };
    // A mail of ours shows everything; of what it includes, something is the operator's.
    let theirs = || parts.iter().filter(|(_, part)| part.overriding && !whole.overriding);
    let ours_shows_it = |name: &str| sources.ours.get(name).is_some_and(|ours| ours.text.contains(first(field)));
    let blamed = theirs().find(|(name, _)| ours_shows_it(name)).or(theirs().next()).map_or(whole, |(_, part)| part);
    let fields: Vec<_> = missing.iter().map(|field| format!("`{{{{{field}}}}}`")).collect();
    let problem = format!("the mail does not show {}, which every copy must: write it in", fields.join(", "));
    Err(blamed.at(1, None, problem))
}

/// Returns whether nothing has been taken out of this file, or of what it includes, and its MJML was compiled: only then
/// its mails are as they are meant.
pub(in crate::render) fn is_whole(sources: &Sources, file: &str) -> bool {
    let is_compiled = |part: &Source| part.mjml.as_ref().is_none_or(|mjml| mjml.compiled);
    parts(sources, file).iter().all(|(_, part)| part.original.is_none() && is_compiled(part))
}

/// Refuses an operator's page or subject that is blank.
pub(in crate::render) fn something(sources: &Sources, file: &str, rendered: &str) -> Result<(), TemplateError> {
    let Some(source) = sources.files.get(file).filter(|source| source.overriding && source.original.is_none()) else {
        return Ok(());
    };
    // A page may have nothing to show in one case or another.
    let shown = if file.starts_with("web/") { source.written() } else { rendered };
    match shown.trim().is_empty() {
        true => Err(source.at(1, None, "this shows nothing: write it, or take the file out to have the built-in one")),
        false => Ok(()),
    }
}

/// Returns the template of this file and whatever it may include, as far as its text tells.
fn parts<'a>(sources: &'a Sources, file: &str) -> Vec<(&'a str, &'a Source)> {
    let mut parts: Vec<(&str, &Source)> =
        sources.files.get_key_value(file).map(|(name, source)| (name.as_str(), source)).into_iter().collect();
    let mut at = 0;
    while let Some((_, part)) = parts.get(at).copied() {
        let text = as_written(part);
        for (name, source) in &sources.files {
            let stem = name.strip_suffix(".hbs").filter(|stem| stem.starts_with("partials/"));
            if stem.is_some_and(|stem| text.contains(stem)) && !parts.iter().any(|(known, _)| known == name) {
                parts.push((name, source));
            }
        }
        at += 1;
    }
    parts
}

fn as_written(source: &Source) -> &str {
    source.original.as_deref().unwrap_or_else(|| source.written())
}

fn first(field: &str) -> &str {
    field.split('.').next().unwrap_or(field)
}
