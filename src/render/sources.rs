//! The files templates are made from: ours, embedded, and those of the operator's folder in their place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;

use super::blame::Blame;
use super::check::masks;
use super::error::{Place, TemplateError};
use super::source::{Mjml, Source, position};
use super::{locale, mjml};
use crate::domain::nearest::nearest;

/// No template or locale of a sane size is larger; a larger one is a mistake, and costs memory to compile.
const MAX_FILE_BYTES: u64 = 256 * 1024;
/// Our own folders are two levels deep (`mail/digest/html.hbs`).
const MAX_FOLDER_DEPTH: usize = 4;
/// We have fewer than a hundred. Whoever names the root of a disk should not wait for the end of it.
const MAX_FILES: usize = 5000;
/// So many files that are none of ours, and none that is, are another folder.
const MAX_UNKNOWN: usize = 20;
/// What a folder of templates has in it.
pub(super) const EXPECTED: &str = "a folder of templates has files such as mail/digest/html.hbs, web/sign_up.hbs and \
    locales/en.ftl, at least one of them: `kawaraban templates export DIR` writes them all";

#[derive(RustEmbed)]
#[folder = "templates/"]
struct EmbeddedTemplates;

#[derive(RustEmbed)]
#[folder = "locales/"]
struct EmbeddedLocales;

/// A file that comes with an export and is no template.
const README: &str = "README.md";
/// The folder of the samples that come with an export.
const SAMPLES: &str = "samples/";

/// Every file by its relative name, such as `mail/digest/html.hbs`, `assets/site.css`, `locales/en.ftl`.
#[derive(Clone)]
pub(super) struct Sources {
    /// Ours.
    pub(super) ours: BTreeMap<String, Source>,
    /// What is in force.
    pub(super) files: BTreeMap<String, Source>,
    /// The operator's locales, which add to ours and do not replace them.
    pub(super) locale_overrides: BTreeMap<String, Source>,
    /// How many files of the operator's take the place of one of ours.
    pub(super) known: usize,
}

impl Sources {
    /// Returns ours alone, for those who only read them.
    #[cfg(test)]
    pub(super) fn read(overrides: Option<&Path>) -> Result<Self, TemplateError> {
        Self::read_all(overrides, &mut Blame::first())
    }

    /// Returns ours with the operator's in their places.
    pub(super) fn read_all(overrides: Option<&Path>, blame: &mut Blame) -> Result<Self, TemplateError> {
        let ours = embedded();
        let mut sources = Self { files: ours.clone(), ours, locale_overrides: BTreeMap::new(), known: 0 };
        let Some(folder) = overrides else { return Ok(sources) };
        let mut unknown = Vec::new();
        for (name, path) in list(folder, &|name| sources.replaced_by(name).is_some(), blame)? {
            if name == README || name.starts_with(SAMPLES) {
                continue;
            }
            match sources.replaced_by(&name) {
                None => unknown.push((name, path)),
                Some(target) => {
                    sources.known += 1;
                    let read = sources.theirs(&name, &target, path, blame);
                    let Some(source) = blame.take(read)? else { continue };
                    if !target.starts_with("locales/") {
                        sources.files.insert(target, source);
                    } else if source.overriding {
                        sources.locale_overrides.insert(target, source);
                    }
                }
            }
        }
        if sources.known == 0 && unknown.len() > MAX_UNKNOWN {
            // Another folder was meant. Naming each file of it helps nobody.
            let problem = format!("none of the {} files here is one of ours; {EXPECTED}", unknown.len());
            blame.take::<()>(Err(TemplateError::NoTemplates { path: folder.to_owned(), problem }))?;
            return Ok(sources);
        }
        for (name, path) in unknown {
            let hint = sources.hint(&name);
            blame.take::<()>(Err(TemplateError::UnknownFile { path, hint }))?;
        }
        Ok(sources)
    }

    /// Returns the name of ours whose place a file of the operator's takes, if there is one.
    fn replaced_by(&self, name: &str) -> Option<String> {
        let mjml = name.strip_suffix(mjml::SUFFIX).map(|stem| format!("{stem}.hbs"));
        let mjml = mjml.filter(|target| target.starts_with("mail/") && target.ends_with("/html.hbs"));
        let target = mjml.unwrap_or_else(|| name.to_owned());
        self.ours.contains_key(&target).then_some(target)
    }

    /// Returns which name was probably meant, or else the names there are.
    fn hint(&self, name: &str) -> String {
        let known = || self.ours.keys().map(String::as_str);
        let file = name.rsplit('/').next().unwrap_or(name);
        if name.ends_with(mjml::SUFFIX) {
            return "MJML can be the HTML of a mail and nothing else: mail/digest/html.mjml.hbs".to_owned();
        }
        // Of several folders that have a file of this name, the one that is named is a guess.
        let misplaced: Vec<&str> = known().filter(|known| known.rsplit('/').next() == Some(file)).collect();
        match (nearest(name, known()), misplaced.as_slice()) {
            (_, [only]) => format!("did you mean {only}?"),
            (Some(near), _) => format!("did you mean {near}?"),
            (None, []) => {
                let folder = &name[..name.len() - file.len()];
                let beside =
                    |known: &&str| known.rsplit_once('/').is_some_and(|(above, _)| folder == format!("{above}/"));
                let mut there: Vec<_> = known().filter(beside).collect();
                if there.is_empty() {
                    there = known().collect();
                }
                format!("there are: {}", there.join(", "))
            }
            (None, several) => format!("did you mean one of {}?", several.join(", ")),
        }
    }

    /// Reads a file of the operator's that takes the place of `target`.
    fn theirs(&self, name: &str, target: &str, path: PathBuf, blame: &mut Blame) -> Result<Source, TemplateError> {
        let ours = &self.ours[target];
        let text = read(&path)?;
        let overriding = text != ours.text;
        let mut source = Source { text, shown: path.display().to_string(), overriding, mjml: None, original: None };
        if name != target {
            if self.files.get(target).is_some_and(|other| other.overriding) {
                return Err(source.at(1, None, "there is an html.hbs beside it; one of them must go"));
            }
            let mjml::Compiled { html, mistakes, warnings } = mjml::compile(&source);
            let compiled = mistakes.is_empty();
            mistakes.into_iter().try_for_each(|mistake| blame.take::<()>(Err(mistake)).map(drop))?;
            let text = std::mem::replace(&mut source.text, html);
            source.mjml = Some(Mjml { text, compiled, warnings });
        }
        Ok(source)
    }

    /// Puts `written` in the place of what is written in a template, or ours where that cannot be.
    pub(super) fn rewrite(&mut self, name: &str, written: Option<String>) {
        match (self.files.get_mut(name), written, self.ours.get(name)) {
            (Some(source), Some(written), _) => source.rewrite(written),
            (Some(source), None, Some(ours)) => source.clone_from(ours),
            _ => {}
        }
    }

    /// Takes out the expression or the message an error is about, so that what stands behind it is seen. Returns whether it could.
    pub(super) fn without(&mut self, error: &TemplateError) -> bool {
        if let Some(place) = error.place()
            && let Some(theirs) = self.locale_overrides.values_mut().find(|source| source.shown == place.file)
        {
            let without = locale::without(&theirs.text, place.line);
            let gone = without != theirs.text;
            theirs.text = without;
            return gone;
        }
        let Some((name, place)) = self.blamed(error) else { return false };
        let source = &self.files[&name];
        let without = place.column.and_then(|column| masks::over(source.written(), source.offset(place.line, column)));
        let gone = without.is_some();
        if gone {
            self.rewrite(&name, without);
        }
        gone
    }

    /// Puts ours in the place of the file an error is about. Returns whether that changed anything.
    pub(super) fn without_file(&mut self, error: &TemplateError) -> bool {
        let Some((name, _)) = self.blamed(error) else { return false };
        let changes = self.ours[&name].text != self.files[&name].text;
        self.rewrite(&name, None);
        changes
    }

    /// Returns whether an error is about something of the operator's.
    pub(super) fn is_theirs(&self, error: &TemplateError) -> bool {
        self.blamed(error).is_none_or(|(name, _)| self.files[&name].overriding)
    }

    /// Returns the template an error is about.
    fn blamed(&self, error: &TemplateError) -> Option<(String, Place)> {
        let place = error.place()?;
        let (name, _) = self.files.iter().find(|(_, source)| source.shown == place.file)?;
        Some((name.clone(), place.clone()))
    }
}

/// Returns every built-in template, locale and asset: its relative name and its text.
pub fn built_in() -> Vec<(String, String)> {
    embedded().into_iter().map(|(name, source)| (name, source.text)).collect()
}

fn embedded() -> BTreeMap<String, Source> {
    let templates =
        EmbeddedTemplates::iter().filter_map(|name| Some((name.to_string(), EmbeddedTemplates::get(&name)?)));
    let locales =
        EmbeddedLocales::iter().filter_map(|name| Some((format!("locales/{name}"), EmbeddedLocales::get(&name)?)));
    templates
        .chain(locales)
        .filter(|(name, _)| !hidden(name))
        .map(|(name, file)| {
            let text = String::from_utf8_lossy(&file.data).into_owned();
            (name.clone(), Source { shown: name, text, overriding: false, mjml: None, original: None })
        })
        .collect()
}

/// Returns every file below `folder` by its relative name. Hidden ones (`.git`, an editor's) are passed over.
/// `known` says whether a name is that of one of ours.
fn list(
    folder: &Path,
    known: &dyn Fn(&str) -> bool,
    blame: &mut Blame,
) -> Result<Vec<(String, PathBuf)>, TemplateError> {
    let mut found = Vec::new();
    let mut waiting = vec![(folder.to_owned(), String::new(), Vec::new())];
    while let Some((folder, prefix, mut above)) = waiting.pop() {
        // With what it is called in the end, so that a link is known for what it leads to.
        let real = std::fs::canonicalize(&folder).unwrap_or_else(|_| folder.clone());
        if above.contains(&real) {
            let problem = "this link leads back to a folder it is in: take it out".to_owned();
            blame.take::<()>(Err(TemplateError::NoTemplates { path: folder, problem }))?;
            continue;
        }
        above.push(real);
        let entries = std::fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let entries = entries.map_err(|source| TemplateError::Read { path: folder.clone(), source });
        for entry in blame.take(entries)?.unwrap_or_default() {
            let path = entry.path();
            let file_name = entry.file_name().to_string_lossy().into_owned();
            if hidden(&file_name) {
                continue;
            }
            let name = format!("{prefix}{file_name}");
            // Deeper than our own folders a file is unknown anyway, and in the place of a file there should be one.
            if path.is_dir() && above.len() <= MAX_FOLDER_DEPTH && !known(&name) {
                waiting.push((path, format!("{name}/"), above.clone()));
            } else {
                found.push((name, path));
            }
        }
        if found.len() > MAX_FILES {
            let problem = format!("there are more than {MAX_FILES} files here; {EXPECTED}");
            blame.take::<()>(Err(TemplateError::NoTemplates { path: folder, problem }))?;
            return Ok(Vec::new());
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> Result<String, TemplateError> {
    let failed = |source| TemplateError::Read { path: path.to_owned(), source };
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        // Devices and pipes have no end, or never begin.
        let what = if metadata.is_dir() { "a folder" } else { "a device or a pipe" };
        return Err(failed(std::io::Error::other(format!("this is {what}; put a file in its place"))));
    }
    let size_bytes = metadata.len();
    if size_bytes > MAX_FILE_BYTES {
        let problem = format!("{size_bytes} bytes; a template has {MAX_FILE_BYTES} at most");
        return Err(failed(std::io::Error::new(std::io::ErrorKind::FileTooLarge, problem)));
    }
    let refused = |text: &str, at: usize, problem: &str| {
        let (line, column) = position(text, at);
        let place = Place { file: path.display().to_string(), line, column: Some(column) };
        TemplateError::Refused { place, problem: problem.to_owned() }
    };
    let text = String::from_utf8(std::fs::read(path).map_err(failed)?).map_err(|error| {
        let sound = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(&error.as_bytes()[..sound]);
        refused(&text, sound, "this is not UTF-8: save the file as UTF-8")
    })?;
    let text = text.trim_start_matches('\u{feff}');
    // Nothing shows them, and XML may not have them. UTF-16 without its mark is full of them.
    match text.find(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        Some(at) => Err(refused(text, at, "there is a control character here: take it out, or save the file as UTF-8")),
        None => Ok(text.to_owned()),
    }
}

fn hidden(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|file| file.starts_with('.'))
}
