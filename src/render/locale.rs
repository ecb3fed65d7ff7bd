//! The words: Fluent messages, embedded, with an operator's in place of single ones.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::resolver::errors::{ReferenceKind, ResolverError};
use fluent_bundle::{FluentArgs, FluentError, FluentResource};
use fluent_syntax::ast::Pattern;
use fluent_syntax::parser::ParserError;
use unic_langid::LanguageIdentifier;

use super::blame::Blame;
use super::error::TemplateError;
use super::source::{Source, position};
use super::sources::Sources;
use crate::domain::language::Language;
use crate::domain::nearest::nearest;

/// Operators name sections as they like; messages with this prefix give them a heading.
const FREE_PREFIX: &str = "section-";

/// The words of every language.
pub(super) struct Locales {
    bundles: BTreeMap<Language, FluentBundle<FluentResource>>,
    /// Of our messages.
    keys: Vec<String>,
}

impl Locales {
    /// Loads ours with the operator's messages in the place of single ones. A message of theirs that cannot be taken is
    /// left out, where mistakes are collected.
    pub(super) fn load(sources: &Sources, blame: &mut Blame) -> Result<Self, TemplateError> {
        let mut bundles = BTreeMap::new();
        for language in Language::ALL {
            let name = file_name(language);
            let ours = sources.files.get(&name).expect("every language has its embedded file");
            let tag: LanguageIdentifier = language.tag().parse().expect("our tags are valid");
            let mut bundle = FluentBundle::new_concurrent(vec![tag]);
            // Otherwise every value in a mail stands between U+2068 and U+2069.
            bundle.set_use_isolating(false);
            bundle.add_resource(parse(ours, blame)?).map_err(|errors| twice(ours, &errors))?;
            if let Some(theirs) = sources.locale_overrides.get(&name) {
                let unknown =
                    keys(&theirs.text).filter(|(key, _)| !bundle.has_message(key) && !key.starts_with(FREE_PREFIX));
                for (key, line) in unknown {
                    let problem = format!("there is no message `{key}`{}", meant(key, &ours.text));
                    blame.take::<()>(Err(theirs.at(line, Some(1), problem)))?;
                }
                let mut seen = BTreeSet::new();
                for (key, line) in keys(&theirs.text).filter(|(key, _)| !seen.insert(*key)) {
                    let problem = format!("the message `{key}` is here twice: take one out");
                    blame.take::<()>(Err(theirs.at(line, Some(1), problem)))?;
                }
                bundle.add_resource_overriding(parse(theirs, blame)?);
            }
            bundles.insert(language, bundle);
        }
        let ours = &sources.files[&file_name(Language::default())];
        let keys = keys(&ours.text).map(|(key, _)| key.to_owned()).collect();
        Ok(Self { bundles, keys })
    }

    /// Returns whether every language has the message.
    pub(super) fn has(&self, key: &str) -> bool {
        self.bundles.values().all(|bundle| bundle.has_message(key))
    }

    /// Returns the message that was probably meant by a key that is none.
    pub(super) fn nearest(&self, key: &str) -> Option<&str> {
        nearest(key, self.keys.iter().map(String::as_str))
    }

    /// Returns the text of a message as it is written.
    pub(super) fn pattern(&self, language: Language, key: &str) -> Option<&Pattern<&str>> {
        self.bundles.get(&language)?.get_message(key)?.value()
    }

    /// Returns the message with its placeholders filled, or what is wrong with it.
    pub(super) fn format(&self, language: Language, key: &str, args: &FluentArgs<'_>) -> Result<String, String> {
        let bundle = self.bundles.get(&language).expect("every language has a bundle");
        let pattern = self
            .pattern(language, key)
            .ok_or_else(|| format!("there is no message `{key}` in {}", file_name(language)))?;
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        let wanting = errors.iter().filter_map(|error| match error {
            FluentError::ResolverError(ResolverError::Reference(ReferenceKind::Variable { id })) => {
                Some(format!("{id}=…"))
            }
            _ => None,
        });
        let wanting: Vec<_> = wanting.collect();
        match errors.first() {
            None => Ok(text),
            Some(_) if !wanting.is_empty() => {
                Err(format!("this message needs more: write `{{{{t \"{key}\" {}}}}}`", wanting.join(" ")))
            }
            Some(error) => Err(format!("message `{key}` in {}: {error}", file_name(language))),
        }
    }

    /// Returns a message that has no placeholders, if there is one.
    pub(super) fn plain(&self, language: Language, key: &str) -> Option<String> {
        self.format(language, key, &FluentArgs::new()).ok()
    }
}

/// Returns the messages a locale file defines, each with its line.
pub(super) fn keys(text: &str) -> impl Iterator<Item = (&str, usize)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        // Fluent knows a message by an identifier at the very beginning of a line.
        let (key, _) = line.split_once('=')?;
        let key = key.trim_end();
        let valid = key.starts_with(|c: char| c.is_ascii_alphabetic())
            && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        valid.then_some((key, index + 1))
    })
}

/// Returns `text` with blank lines in the place of the message, or whatever else stands alone, that this line is of.
pub(super) fn without(text: &str, line: usize) -> String {
    let begins = |line: &str| !line.is_empty() && !line.starts_with([' ', '\t', '}', '\r', '\n']);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let first = lines.iter().take(line).rposition(|line| begins(line)).unwrap_or(0);
    let last = lines.iter().skip(first + 1).position(|line| begins(line)).map_or(lines.len(), |at| first + 1 + at);
    let blank = |(at, line): (usize, &&str)| match (first..last).contains(&at) {
        true => "\n".repeat(usize::from(line.ends_with('\n'))),
        false => (*line).to_owned(),
    };
    lines.iter().enumerate().map(blank).collect()
}

pub(super) fn file_name(language: Language) -> String {
    format!("locales/{language}.ftl")
}

/// Returns what can be read of the file, and notes what cannot.
fn parse(source: &Source, blame: &mut Blame) -> Result<FluentResource, TemplateError> {
    let (resource, errors) = read(source);
    for error in errors {
        // Its places are those of the text without the Windows line ends.
        let (line, column) = position(resource.source(), error.pos.start);
        let problem = format!("{error}; a message is `key = words`, and what is filled in is `{{ $name }}`");
        blame.take::<()>(Err(source.at(line, Some(column), problem)))?;
    }
    Ok(resource)
}

/// Returns what can be read of the file.
pub(super) fn readable(source: &Source) -> FluentResource {
    read(source).0
}

fn read(source: &Source) -> (FluentResource, Vec<ParserError>) {
    // Windows line ends would become part of a message.
    let text = source.text.replace("\r\n", "\n");
    FluentResource::try_new(text).map_or_else(|read| read, |resource| (resource, Vec::new()))
}

fn twice(source: &Source, errors: &[FluentError]) -> TemplateError {
    let Some(FluentError::Overriding { id, .. }) = errors.first() else {
        return source.at(1, None, "cannot be read");
    };
    let line = keys(&source.text).filter(|(key, _)| key == id).nth(1).map_or(1, |(_, line)| line);
    source.at(line, Some(1), format!("the message `{id}` is here twice"))
}

/// Returns `; did you mean …?` for the key that is a typing error away from this one, or else shares the longest
/// beginning with it.
fn meant(key: &str, ours: &str) -> String {
    let shared = |other: &str| key.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let kin = || {
        keys(ours)
            .map(|(other, _)| (shared(other), other))
            .max_by_key(|(shared, other)| (*shared, std::cmp::Reverse(other.len())))
            .filter(|(shared, _)| *shared >= 3)
            .map(|(_, other)| other)
    };
    let near = nearest(key, keys(ours).map(|(other, _)| other)).or_else(kin);
    near.map_or_else(String::new, |other| format!("; did you mean `{other}`?"))
}
