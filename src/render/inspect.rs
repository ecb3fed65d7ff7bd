//! Looking at an operator's templates before the daemon does: everything that is wrong with them, at once.

use std::path::Path;

use super::Templates;
use super::blame::Blame;
use super::check::hiding;
use super::check::markup;
use super::check::syntax::{self, Mistakes};
use super::context::{self, Digest, MailContext};
use super::error::TemplateError;
use super::load;
use super::source::Source;
use super::sources::{EXPECTED, Sources};
use crate::domain::language::Language;

/// Gmail cuts a mail off at 102 kB, its headers and its encoding included.
pub const MAX_HTML_BYTES: usize = 80_000;
/// The template whose size matters.
const DIGEST: &str = "mail/digest/html.hbs";
/// Each round finds what the mistakes of the one before it hid: of what only rendering finds, one in each template.
const MAX_ROUNDS: usize = 200;

/// What was found.
#[derive(Debug)]
pub struct Inspection {
    /// What must be mended before these templates can be used, in the order of the files.
    pub errors: Vec<TemplateError>,
    /// What works, and may not be meant.
    pub warnings: Vec<TemplateError>,
    /// How many files stand in the place of ours and differ from them.
    pub files: usize,
    /// How many files are the same as ours.
    pub same: usize,
    /// How large the HTML of a full issue is, in the language in which it is larger; none if it cannot be rendered.
    pub full_issue_bytes: Option<usize>,
}

/// Looks at the templates in `folder`.
///
/// # Errors
/// None while every mistake is kept; the type says that a start would end with the first.
pub fn inspect(folder: &Path) -> Result<Inspection, TemplateError> {
    let mut blame = Blame::all();
    let mut sources = Sources::read_all(Some(folder), &mut blame)?;
    if sources.known == 0 && blame.count() == 0 {
        let problem = format!("there is no template here; {EXPECTED}");
        blame.take::<()>(Err(TemplateError::NoTemplates { path: folder.to_owned(), problem }))?;
    }
    let theirs = || sources.files.iter().filter(|(_, source)| source.overriding);
    let in_mails =
        |name: &str| name.ends_with(".hbs") && (name.starts_with("mail/") || name.starts_with("partials/mail/"));
    for (_, source) in theirs().filter(|(name, _)| in_mails(name)) {
        for problem in hiding::look(source) {
            blame.take::<()>(Err(problem))?;
        }
    }
    let mut warnings: Vec<_> = theirs().flat_map(|(_, source)| source.warnings()).collect();
    let files = theirs().count() + sources.locale_overrides.len();
    let same = sources.known.saturating_sub(files);
    let unread = load::on_a_large_stack(|| {
        let templates = theirs().filter(|(_, source)| source.is_template());
        templates.filter_map(|(name, source)| Some((name.clone(), syntax::check(source)?))).collect::<Vec<_>>()
    });
    for (name, Mistakes { found, mended }) in unread {
        for mistake in found {
            blame.take::<()>(Err(mistake))?;
        }
        sources.rewrite(&name, mended);
    }
    warnings.extend(markup::check(&sources, &mut blame)?);
    let (full_issue_bytes, mut blame) = load::on_a_large_stack(|| rounds(sources.clone(), blame));
    if let (Some(bytes), Some(source)) = (full_issue_bytes, sources.files.get(DIGEST))
        && bytes > MAX_HTML_BYTES
    {
        let problem = format!(
            "a full issue has {bytes} bytes of HTML, and {MAX_HTML_BYTES} is the most: Gmail cuts longer mails off, the \
             way to leave with them; shorten what every item has"
        );
        blame.take::<()>(Err(source.at(1, None, problem)))?;
    }
    let full = blame.is_full();
    let mut errors = blame.into_found();
    errors.sort_by_cached_key(|error| {
        let place = error.place().map(|place| (place.file.clone(), place.line, place.column));
        // What is wrong with a whole folder or file comes first.
        (place.is_some(), place, error.to_string())
    });
    if full {
        let problem = "there are more mistakes than are told here: mend these, and check again".to_owned();
        errors.push(TemplateError::NoTemplates { path: folder.to_owned(), problem });
    }
    Ok(Inspection { errors, warnings, files, same, full_issue_bytes })
}

/// Compiles and tries the templates, again and again: each time with what was found taken out of them, so that what it
/// hid comes to light. Returns how large a full issue is the first time one can be rendered.
fn rounds(mut sources: Sources, mut blame: Blame) -> (Option<usize>, Blame) {
    let mut bytes = None;
    let readers_get_it = sources.files.get(DIGEST).is_some_and(Source::is_compiled);
    for _ in 0..MAX_ROUNDS {
        let mut round = Blame::all();
        // Collecting, only the built-in files can fail here, and they do not.
        let compiled = load::compile(&sources, &mut round).ok().flatten();
        bytes = bytes.or_else(|| compiled.as_ref().filter(|_| readers_get_it).and_then(full_issue_bytes));
        let tried = compiled.is_some();
        let (theirs, ours): (Vec<_>, Vec<_>) =
            round.into_found().into_iter().partition(|error| sources.is_theirs(error));
        // What is told of a file of ours comes of something that is wrong in one of theirs.
        let found = if theirs.is_empty() && blame.count() == 0 { ours } else { theirs };
        // Every one is taken out, not the first that can be.
        let mut mended = found.iter().filter(|error| sources.without(error)).count();
        if mended == 0 {
            mended = found.iter().filter(|error| sources.without_file(error)).count();
        }
        for error in found {
            // One sample after the other stumbles over it, each in its own words.
            if tried && error.place().is_some_and(|place| place.column.is_some() && blame.knows(place)) {
                continue;
            }
            // Collecting, this cannot fail.
            let _ = blame.take::<()>(Err(error));
        }
        if mended == 0 || blame.is_full() {
            break;
        }
    }
    (bytes, blame)
}

fn full_issue_bytes(templates: &Templates) -> Option<usize> {
    let sizes = Language::ALL.into_iter().map(|language| {
        let full = context::full_issue(language);
        templates.mail::<Digest>(language, &full).ok().map(|mail| mail.html.len())
    });
    sizes.collect::<Option<Vec<_>>>()?.into_iter().max()
}

/// Returns every context there is: the name, whether it is that of a mail, and its samples in `language`, as JSON.
pub fn samples(language: Language) -> Vec<(&'static str, bool, serde_json::Value)> {
    context::every_sample(language)
}

/// Returns the names of the fields of a mail's context with what they mean, an empty list for a page.
pub fn fields(name: &str) -> &'static [(&'static str, &'static str)] {
    if name == Digest::NAME || name == context::Confirmation::NAME { context::described::FIELDS } else { &[] }
}
