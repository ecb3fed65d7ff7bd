//! What a line says its reader takes: editions by name, and parts of them as an export writes them,
//! `weekly:s=news;l=ja`. A word that names nothing refuses the line: left out, it would make the reader take less, or more.

use super::rows::{Column, Wrong};
use crate::domain::choice::{Choice, is_language};
use crate::domain::edition::Edition;

/// Returns what a line takes, by what stands in its two columns; `None` if it does not say.
pub(super) fn takes(
    names: Option<(Column, String)>,
    choices: Option<(Column, String)>,
    editions: &[Edition],
) -> Result<Option<Vec<(String, Choice)>>, Wrong> {
    let named = match &names {
        Some((column, text)) => Some(taken(column, text, editions)?),
        None => None,
    };
    let Some((column, text)) = choices.filter(|(_, text)| !text.is_empty()) else { return Ok(named) };
    let listed = named.is_some();
    let mut takes = named.unwrap_or_default();
    for word in text.split_whitespace() {
        let (edition, choice) = part(&column, word, editions)?;
        match takes.iter_mut().find(|(name, _)| *name == edition.name) {
            Some((_, whole)) => *whole = choice,
            None if listed => {
                return Err(column.wrong(format!("{} is not among the editions of this line", edition.name)));
            }
            None => takes.push((edition.name.clone(), choice)),
        }
    }
    Ok(Some(takes))
}

/// Returns the editions of a cell, all of each. An empty one takes none, as an export says of who takes none.
fn taken(column: &Column, text: &str, editions: &[Edition]) -> Result<Vec<(String, Choice)>, Wrong> {
    let mut takes: Vec<(String, Choice)> = Vec::new();
    for word in text.split([' ', '\t', '\n', ',', ';']).filter(|word| !word.is_empty()) {
        let edition = edition(column, word, editions)?;
        if !takes.iter().any(|(name, _)| *name == edition.name) {
            takes.push((edition.name.clone(), Choice::everything()));
        }
    }
    Ok(takes)
}

fn part<'a>(column: &Column, word: &str, editions: &'a [Edition]) -> Result<(&'a Edition, Choice), Wrong> {
    let unreadable =
        || column.wrong(format!("{word:?} is no choice; write one as in weekly:s=news;l=ja, with a space between two"));
    let (name, key) = word.split_once(':').ok_or_else(unreadable)?;
    let edition = edition(column, name, editions)?;
    let choice = Choice::from_key(key).map_err(|_| unreadable())?;
    if let Some(section) = choice.sections.iter().flatten().find(|section| !edition.sections.contains(section)) {
        let known = edition.sections.join(", ");
        return Err(column.wrong(format!("{name} has no section {section:?}; it has: {known}")));
    }
    if let Some(tag) = choice.languages.iter().flatten().find(|tag| !is_language(tag)) {
        return Err(column.wrong(format!("{tag:?} is no language; write tags such as ja or en")));
    }
    if [&choice.sections, &choice.languages].into_iter().flatten().any(|words| words.is_empty()) {
        return Err(column.wrong(format!("{word:?} leaves nothing of {name}")));
    }
    Ok((edition, choice))
}

fn edition<'a>(column: &Column, name: &str, editions: &'a [Edition]) -> Result<&'a Edition, Wrong> {
    editions.iter().find(|edition| edition.name == name).ok_or_else(|| {
        let known: Vec<&str> = editions.iter().map(|edition| &*edition.name).collect();
        column.wrong(format!("there is no edition {name:?}; there are: {}", known.join(", ")))
    })
}
