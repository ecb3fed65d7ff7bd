//! That no template lets out what an article says: values are printed where they are no more than text, and a mail has
//! nothing in it that runs, loads or hides.
//!
//! It is looked for twice. In the files ([`check`]), where its place is known, and whether or not a sample comes by it;
//! and in the mails that the samples become ([`Finished`]), where nothing can be in disguise.

mod css;
mod mail;
#[cfg(test)]
mod proof;
mod reader;
mod rendered;
mod scan;
mod state;
mod values;

use super::hiding;
use crate::render::blame::Blame;
use crate::render::engine::is_text;
use crate::render::error::TemplateError;
use crate::render::source::{Source, position};
use crate::render::sources::Sources;

/// Refuses what is wrong with the HTML of the operator's templates. Returns what works and may not be meant.
pub(in crate::render) fn check(sources: &Sources, blame: &mut Blame) -> Result<Vec<TemplateError>, TemplateError> {
    let mut warnings = Vec::new();
    for (name, source) in html(sources) {
        let looked = look(name, source);
        warnings.extend(looked.warnings);
        for error in looked.errors {
            // One thing at one place is told once.
            if !error.place().is_some_and(|place| blame.knows(place)) {
                blame.take::<()>(Err(error))?;
            }
        }
    }
    Ok(warnings)
}

/// Returns the operator's HTML templates by their names.
fn html(sources: &Sources) -> impl Iterator<Item = (&str, &Source)> {
    sources.files.iter().filter(|(_, source)| source.overriding).filter_map(|(file, source)| {
        let name = file.strip_suffix(".hbs")?;
        (!is_text(name)).then_some((name, source))
    })
}

fn is_mail(name: &str) -> bool {
    name.starts_with("mail/") || name.starts_with("partials/mail/")
}

#[derive(Default)]
struct Looked {
    errors: Vec<TemplateError>,
    warnings: Vec<TemplateError>,
}

fn look(name: &str, source: &Source) -> Looked {
    let mut looked = Looked::default();
    let text = source.written();
    let scan = scan::scan(text);
    if is_mail(name) {
        looked.errors.extend(hiding::look(source));
        let found = mail::look(&scan, source.is_mjml());
        looked.errors.extend(found.errors.into_iter().map(|(at, problem)| source.at_offset(at, problem)));
        looked.warnings.extend(found.warnings.into_iter().map(|(at, problem)| source.at_offset(at, problem)));
    }
    let found = values::look(text, &scan, is_mail(name));
    looked.errors.extend(scan.refused.into_iter().chain(found).map(|(at, problem)| source.at_offset(at, problem)));
    if source.is_mjml() {
        // An attribute of MJML may become part of a style.
        let scan = scan::scan(&source.text);
        let found = values::look(&source.text, &scan, true);
        for (at, problem) in scan.refused.into_iter().chain(found) {
            let (line, column) = position(&source.text, at);
            looked.errors.push(source.refuse(line, Some(column), problem));
        }
    }
    looked
}

/// Looks at the mails that the samples become.
pub(in crate::render) struct Finished<'a> {
    sources: &'a Sources,
    /// Whether there is anything to look for: ours alone are known, and what is told of a file need not be told again.
    looks: bool,
}

impl<'a> Finished<'a> {
    pub(in crate::render) fn of(sources: &'a Sources) -> Self {
        let theirs = !sources.locale_overrides.is_empty() || html(sources).any(|(name, _)| is_mail(name));
        let looks =
            theirs && html(sources).all(|(name, source)| !is_mail(name) || look(name, source).errors.is_empty());
        Self { sources, looks }
    }

    /// Refuses a mail with something in it that runs, hides or loads, or whose readers cannot see what is `wanted`, each
    /// by the name of its field. Pictures are served from below `base`.
    pub(in crate::render) fn check(
        &self,
        file: &str,
        html: &str,
        wanted: &[(&str, &str)],
        base: &str,
    ) -> Result<(), TemplateError> {
        let Some(source) = self.sources.files.get(file).filter(|_| self.looks) else { return Ok(()) };
        let mut seen = rendered::read(html, source.is_mjml());
        if !seen.refused.is_empty() {
            let (written, problem) = seen.refused.swap_remove(0);
            return Err(self.refuse(source, &written, problem));
        }
        let elsewhere = |address: &&String| mail::is_elsewhere(address) && !address.starts_with(&format!("{base}/"));
        // What an operator wrote themself they have been warned about.
        if let Some(address) = seen.pictures.iter().filter(elsewhere).find(|address| self.written(address).is_none()) {
            let problem = format!(
                "a picture is fetched from `{address}`, which no template names: pictures of ours are `{{{{image.url}}}}`"
            );
            return Err(source.at(1, None, problem));
        }
        match wanted.iter().find(|(_, text)| !seen.shows(text)) {
            None => Ok(()),
            Some((field, _)) => {
                let problem = format!(
                    "`{{{{{field}}}}}` is in the mail where readers do not see it: put it into text, or into the `href` of a link"
                );
                Err(source.at(1, None, problem))
            }
        }
    }

    /// Refuses what is written so in one of the operator's files, or somewhere in `source`.
    fn refuse(&self, source: &Source, written: &str, problem: String) -> TemplateError {
        match self.written(written) {
            Some((source, at)) => source.at_offset(at, problem),
            None => source.at(1, None, problem),
        }
    }

    fn written(&self, text: &str) -> Option<(&Source, usize)> {
        let files = html(self.sources).filter(|(name, _)| is_mail(name)).map(|(_, source)| source);
        let locales = self.sources.locale_overrides.values();
        files.chain(locales).find_map(|source| Some((source, source.written().find(text)?)))
    }
}
