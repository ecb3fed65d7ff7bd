//! The files templates are made from: ours, embedded, and those of the operator's folder in their place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;

use super::error::{Place, TemplateError};

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
    /// Whether it is the operator's.
    pub(super) overriding: bool,
}

impl Source {
    pub(super) fn place(&self, line: usize, column: Option<usize>) -> Place {
        Place { file: self.shown.clone(), line, column }
    }

    pub(super) fn refuse(&self, line: usize, column: Option<usize>, problem: impl Into<String>) -> TemplateError {
        TemplateError::Refused { place: self.place(line, column), problem: problem.into() }
    }

    /// Returns the line, from 1, on which the byte at `offset` stands.
    pub(super) fn line_at(&self, offset: usize) -> usize {
        self.text.as_bytes().iter().take(offset).filter(|b| **b == b'\n').count() + 1
    }
}

/// Every file by its relative name, such as `mail/digest/html.hbs`, `assets/site.css`, `locales/en.ftl`.
pub(super) struct Sources {
    /// What is in force.
    pub(super) files: BTreeMap<String, Source>,
    /// The operator's locales, which add to ours and do not replace them.
    pub(super) locale_overrides: BTreeMap<String, Source>,
}

impl Sources {
    pub(super) fn read(overrides: Option<&Path>) -> Result<Self, TemplateError> {
        let mut files = embedded();
        let mut locale_overrides = BTreeMap::new();
        for (name, path) in overrides.map(list).transpose()?.unwrap_or_default() {
            if !files.contains_key(&name) {
                let allowed = files.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                return Err(TemplateError::UnknownFile { path, allowed });
            }
            let source = Source { text: read(&path)?, shown: path.display().to_string(), overriding: true };
            if name.starts_with("locales/") {
                locale_overrides.insert(name, source);
            } else {
                files.insert(name, source);
            }
        }
        Ok(Self { files, locale_overrides })
    }
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
            (name.clone(), Source { shown: name, text, overriding: false })
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
