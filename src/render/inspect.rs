//! Looking at an operator's templates before the daemon does: everything that is wrong with them, at once.

use std::path::Path;

use super::Templates;
use super::blame::Blame;
use super::check::hiding;
use super::context::{self, Digest, MailContext};
use super::error::TemplateError;
use super::load;
use super::sources::Sources;
use crate::domain::language::Language;

/// Gmail cuts a mail off at 102 kB, its headers and its encoding included.
pub const MAX_HTML_BYTES: usize = 80_000;
/// Each round finds what the mistakes of the one before it hid. Nobody reads further.
const MAX_ROUNDS: usize = 40;

/// What was found.
#[derive(Debug)]
pub struct Inspection {
    /// What must be mended before these templates can be used.
    pub errors: Vec<TemplateError>,
    /// What works, and may not be meant.
    pub warnings: Vec<TemplateError>,
    /// How many files stand in the place of ours and differ from them.
    pub files: usize,
    /// How large the HTML of a full issue is, in the language in which it is larger; none if it cannot be rendered.
    pub full_issue_bytes: Option<usize>,
}

/// Looks at the templates in `folder`.
///
/// # Errors
/// [`TemplateError::Read`] if the folder or a file in it cannot be read.
pub fn inspect(folder: &Path) -> Result<Inspection, TemplateError> {
    let mut blame = Blame::all();
    let sources = Sources::read_all(Some(folder), &mut blame)?;
    let theirs = || sources.files.iter().filter(|(_, source)| source.overriding);
    let in_mails =
        |name: &str| name.ends_with(".hbs") && (name.starts_with("mail/") || name.starts_with("partials/mail/"));
    for (_, source) in theirs().filter(|(name, _)| in_mails(name)) {
        for problem in hiding::look(source) {
            blame.take::<()>(Err(problem))?;
        }
    }
    let warnings = theirs().flat_map(|(_, source)| source.warnings()).collect();
    let files = theirs().count() + sources.locale_overrides.len();
    let (templates, mut blame) = load::on_a_large_stack(|| rounds(&sources, blame));
    let full_issue_bytes = templates.as_ref().and_then(full_issue_bytes);
    if let (Some(bytes), Some(source)) = (full_issue_bytes, sources.files.get("mail/digest/html.hbs"))
        && bytes > MAX_HTML_BYTES
    {
        let problem = format!(
            "a full issue has {bytes} bytes of HTML, and {MAX_HTML_BYTES} is the most: Gmail cuts longer mails off, the \
             way to leave with them"
        );
        blame.take::<()>(Err(source.refuse(1, None, problem)))?;
    }
    Ok(Inspection { errors: blame.into_found(), warnings, files, full_issue_bytes })
}

/// Compiles and tries the templates, again and again: each time with what was found taken out of them, so that what it
/// hid comes to light.
fn rounds(sources: &Sources, mut blame: Blame) -> (Option<Templates>, Blame) {
    let mut sources = sources.clone();
    let mut templates = None;
    for _ in 0..MAX_ROUNDS {
        let mut round = Blame::all();
        // Collecting, only the built-in files can fail here, and they do not.
        let compiled = load::compile(&sources, &mut round).ok().flatten();
        if round.is_clear() {
            return (compiled, blame);
        }
        templates = compiled;
        let mut mended = false;
        for error in round.into_found() {
            mended |= sources.without(&error);
            if !blame.knows(&error) {
                // Collecting, this cannot fail.
                let _ = blame.take::<()>(Err(error));
            }
        }
        if !mended {
            break;
        }
    }
    (templates, blame)
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
