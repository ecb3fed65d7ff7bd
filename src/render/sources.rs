//! The files templates are made from: ours, embedded, and those of the operator's folder in their place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;

use super::blame::Blame;
use super::error::{Place, TemplateError};
use super::mjml;

/// No template or locale of a sane size is larger; a larger one is a mistake, and costs memory to compile.
const MAX_FILE_BYTES: u64 = 256 * 1024;
/// Our own folders are two levels deep (`mail/digest/html.hbs`).
const MAX_FOLDER_DEPTH: usize = 4;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct EmbeddedTemplates;

#[derive(RustEmbed)]
#[folder = "locales/"]
struct EmbeddedLocales;

/// A file, ours or the operator's.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// What errors call it: the full path of an operator's file, the name of ours.
    pub(super) shown: String,
    pub(super) text: String,
    /// Whether it is the operator's, and not the same as ours.
    pub(super) overriding: bool,
    /// What it was compiled from, and what was ignored of that.
    pub(super) mjml: Option<Mjml>,
}

/// What a template was written in, where that is not HTML.
#[derive(Debug, Clone)]
pub(super) struct Mjml {
    text: String,
    warnings: Vec<(usize, String)>,
}

impl Source {
    pub(super) fn place(&self, line: usize, column: Option<usize>) -> Place {
        match &self.mjml {
            None => Place { file: self.shown.clone(), line, column },
            // The line of the template that came out says nothing to whoever wrote the MJML.
            Some(mjml) => {
                let of_template = self.text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
                let from = column.map_or(0, |column| {
                    of_template.char_indices().nth(column.saturating_sub(1)).map_or(0, |(at, _)| at)
                });
                let line = mjml::line_in(&mjml.text, &of_template[from..]).unwrap_or(1);
                Place { file: self.shown.clone(), line, column: None }
            }
        }
    }

    /// Returns the text as it was written.
    pub(super) fn written(&self) -> &str {
        self.mjml.as_ref().map_or(&self.text, |mjml| &mjml.text)
    }

    /// Returns what was ignored of it, and where.
    pub(super) fn warnings(&self) -> impl Iterator<Item = TemplateError> {
        self.mjml.iter().flat_map(|mjml| &mjml.warnings).map(|(line, problem)| TemplateError::Refused {
            place: Place { file: self.shown.clone(), line: *line, column: None },
            problem: problem.clone(),
        })
    }

    pub(super) fn refuse(&self, line: usize, column: Option<usize>, problem: impl Into<String>) -> TemplateError {
        TemplateError::Refused { place: self.place(line, column), problem: problem.into() }
    }

    /// Returns the line, from 1, on which the byte at `offset` stands.
    pub(super) fn line_at(&self, offset: usize) -> usize {
        self.text.as_bytes().iter().take(offset).filter(|b| **b == b'\n').count() + 1
    }
}

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
        let mut files = ours.clone();
        let mut locale_overrides = BTreeMap::new();
        for (name, path) in overrides.map(list).transpose()?.unwrap_or_default() {
            if name == README || name.starts_with(SAMPLES) {
                continue;
            }
            let read = Self::theirs(&name, path, &ours, &files);
            let Some((name, source)) = blame.take(read)? else { continue };
            if name.starts_with("locales/") {
                if source.overriding {
                    locale_overrides.insert(name, source);
                }
            } else {
                files.insert(name, source);
            }
        }
        Ok(Self { ours, files, locale_overrides })
    }

    /// Reads a file of the operator's, and returns it with the name of ours whose place it takes.
    fn theirs(
        name: &str,
        path: PathBuf,
        ours: &BTreeMap<String, Source>,
        files: &BTreeMap<String, Source>,
    ) -> Result<(String, Source), TemplateError> {
        let mjml = name.strip_suffix(mjml::SUFFIX).map(|stem| format!("{stem}.hbs"));
        let mjml = mjml.filter(|target| target.starts_with("mail/") && target.ends_with("/html.hbs"));
        let target = mjml.as_deref().unwrap_or(name);
        let Some(replaced) = ours.get(target) else {
            let allowed = ours.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(TemplateError::UnknownFile { path, allowed });
        };
        let text = read(&path)?;
        let overriding = text != replaced.text;
        let mut source = Source { text, shown: path.display().to_string(), overriding, mjml: None };
        if mjml.is_some() {
            if files.get(target).is_some_and(|other| other.overriding) {
                return Err(source.refuse(1, None, "there is an html.hbs beside it; one of them must go"));
            }
            let mjml::Compiled { html, warnings } = mjml::compile(&source)?;
            let text = std::mem::replace(&mut source.text, html);
            source.mjml = Some(Mjml { text, warnings });
        }
        Ok((target.to_owned(), source))
    }

    /// Returns these without anything of the operator's.
    pub(super) fn ours_alone(&self) -> Self {
        Self { ours: self.ours.clone(), files: self.ours.clone(), locale_overrides: BTreeMap::new() }
    }

    /// Takes out the expression an error is about, so that what stands behind it is seen. Returns whether it could.
    pub(super) fn without(&mut self, error: &TemplateError) -> bool {
        let TemplateError::Refused { place: Place { file, line, column: Some(column) }, .. } = error else {
            return false;
        };
        let source = self.files.values_mut().find(|source| source.overriding && source.shown == *file);
        source.is_some_and(|source| blank(&mut source.text, *line, *column))
    }
}

/// Writes blanks over the expression at this place; over a condition, one that holds.
fn blank(text: &mut String, line: usize, column: usize) -> bool {
    let line_start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let columns = text[line_start..].char_indices().nth(column.saturating_sub(1)).map_or(0, |(at, _)| at);
    let at = line_start + columns;
    // The place may be that of the braces or of the name between them.
    let open = text[..text.floor_char_boundary(at + 3)].rfind("{{").filter(|open| *open >= line_start);
    let Some(open) = open else { return false };
    let Some(length) = text[open..].find("}}") else { return false };
    let close = open + length + 2 + usize::from(text[open + length + 2..].starts_with('}'));
    let words = text[open..close].trim_start_matches(['{', '~']);
    let instead = if words.starts_with("#if") || words.starts_with("#unless") {
        format!("{{{{{} true}}}}", words.split_whitespace().next().unwrap_or("#if"))
    } else if words.starts_with(['#', '/', '^', '!']) || words.starts_with("else") {
        return false;
    } else {
        text[open..close].chars().map(|c| if c == '\n' { c } else { ' ' }).collect()
    };
    text.replace_range(open..close, &instead);
    true
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
            (name.clone(), Source { shown: name, text, overriding: false, mjml: None })
        })
        .collect()
}

/// Returns every file below `folder` by its relative name. Hidden ones (`.git`, an editor's) are passed over.
fn list(folder: &Path) -> Result<Vec<(String, PathBuf)>, TemplateError> {
    let mut found = Vec::new();
    let mut waiting = vec![(folder.to_owned(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = waiting.pop() {
        let entries = std::fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        for entry in entries.map_err(|source| TemplateError::Read { path: folder.clone(), source })? {
            let path = entry.path();
            let file_name = entry.file_name().to_string_lossy().into_owned();
            if hidden(&file_name) {
                continue;
            }
            let name = format!("{prefix}{file_name}");
            // Deeper than our own folders a file is unknown anyway; a link to its own parent ends here too.
            if path.is_dir() && depth < MAX_FOLDER_DEPTH {
                waiting.push((path, format!("{name}/"), depth + 1));
            } else {
                found.push((name, path));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> Result<String, TemplateError> {
    let failed = |source| TemplateError::Read { path: path.to_owned(), source };
    let size_bytes = std::fs::metadata(path).map_err(failed)?.len();
    if size_bytes > MAX_FILE_BYTES {
        let problem = format!("{size_bytes} bytes; a template has {MAX_FILE_BYTES} at most");
        return Err(failed(std::io::Error::new(std::io::ErrorKind::FileTooLarge, problem)));
    }
    std::fs::read_to_string(path).map(|text| text.trim_start_matches('\u{feff}').to_owned()).map_err(failed)
}

fn hidden(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|file| file.starts_with('.'))
}
