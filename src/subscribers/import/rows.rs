//! What the lines of a file say.

use std::collections::HashMap;

use super::Refusal;
use super::records::{Record, records};
use super::takes::takes;
use crate::domain::address::EmailAddress;
use crate::domain::choice::Choice;
use crate::domain::edition::Edition;
use crate::domain::language::Language;
use crate::subscribers::cell::bared;

/// What the column of addresses is called, in the exports of other programs too.
const EMAIL_NAMES: [&str; 8] =
    ["email", "e-mail", "mail", "email address", "e-mail address", "email_address", "address", "メールアドレス"];
const LANGUAGE_NAMES: [&str; 4] = ["language", "lang", "locale", "言語"];
const STATE_NAMES: [&str; 2] = ["state", "status"];
const EDITIONS_NAMES: [&str; 2] = ["editions", "edition"];
const CHOICES_NAMES: [&str; 1] = ["choices"];

/// A line that may be imported, as far as the file alone can tell.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) address: EmailAddress,
    pub(super) language: Language,
    /// What the file says of the subscriber's state, in lower case.
    pub(super) state: Option<String>,
    /// The editions they take, and which part of each, if the file says so.
    pub(super) takes: Option<Vec<(String, Choice)>>,
}

/// What is wrong with a line, and in which column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) column: Option<String>,
    pub(super) reason: String,
}

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// How many lines have something in them, the header not counted.
    pub(super) read: usize,
    pub(super) rows: Vec<Row>,
    pub(super) refused: Vec<Refusal>,
}

/// Which column holds what.
#[derive(Debug, Clone)]
struct Columns {
    email: Column,
    language: Option<Column>,
    state: Option<Column>,
    editions: Option<Column>,
    choices: Option<Column>,
}

/// A column: its place, and what it is called.
#[derive(Debug, Clone)]
pub(super) struct Column {
    index: usize,
    name: String,
}

impl Column {
    /// Returns a column without a name, which is known by its number.
    fn at(index: usize) -> Self {
        Self { index, name: (index + 1).to_string() }
    }

    /// Says what is wrong in it.
    pub(super) fn wrong(&self, reason: impl Into<String>) -> Wrong {
        Wrong { column: Some(self.name.clone()), reason: reason.into() }
    }
}

impl From<String> for Wrong {
    fn from(reason: String) -> Self {
        Self { column: None, reason }
    }
}

/// Returns what the lines of `text` say; `language` stands in where a line names none. `editions` are those there are.
pub(super) fn parse(text: &str, language: Language, editions: &[Edition]) -> Parsed {
    let records = records(text);
    let header = records.first().and_then(|first| first.cells.as_deref()).and_then(columns);
    let data = records.iter().skip(usize::from(header.is_some()));
    let columns = header.unwrap_or(Columns {
        email: Column::at(0),
        language: Some(Column::at(1)),
        state: None,
        editions: None,
        choices: None,
    });
    let mut parsed = Parsed::default();
    let mut seen: HashMap<String, u64> = HashMap::new();
    for record in data {
        parsed.read += 1;
        let row = row(record, &columns, language, editions).and_then(|row| match seen.get(&row.address.key()) {
            Some(earlier) => Err(format!("the same address as on line {earlier}").into()),
            None => Ok(row),
        });
        match row {
            Ok(row) => {
                seen.insert(row.address.key(), row.line);
                parsed.rows.push(row);
            }
            Err(Wrong { column, reason }) => parsed.refused.push(Refusal { line: record.line, column, reason }),
        }
    }
    parsed
}

/// Returns the columns a header names. A first line without an address column is no header, but a line like others.
fn columns(header: &[String]) -> Option<Columns> {
    let find = |names: &[&str]| {
        let index = header.iter().position(|cell| names.contains(&cell.trim().to_lowercase().as_str()))?;
        Some(Column { index, name: header[index].trim().to_owned() })
    };
    Some(Columns {
        email: find(&EMAIL_NAMES)?,
        language: find(&LANGUAGE_NAMES),
        state: find(&STATE_NAMES),
        editions: find(&EDITIONS_NAMES),
        choices: find(&CHOICES_NAMES),
    })
}

fn row(record: &Record, columns: &Columns, default: Language, editions: &[Edition]) -> Result<Row, Wrong> {
    let cells = record.cells.as_ref().ok_or_else(|| "a quotation mark is not closed".to_owned())?;
    let cell = |column: &Column| cells.get(column.index).map(|cell| bared(cell.trim_matches([' ', '\r', '\n'])));
    let text = cell(&columns.email).ok_or_else(|| format!("there is no column {}", columns.email.index + 1))?;
    // The file is the operator's own, so the address that was meant may be shown.
    let address = EmailAddress::parse(text).map_err(|error| {
        columns.email.wrong(match error.suggestion() {
            Some(suggestion) => format!("{error}; did you mean {suggestion}?"),
            None => error.to_string(),
        })
    })?;
    // What a column says that is there and that the line reaches.
    let said = |column: &Option<Column>| {
        let column = column.clone()?;
        let text = cell(&column)?.trim().to_owned();
        Some((column, text))
    };
    let language = match said(&columns.language).filter(|(_, tag)| !tag.is_empty()) {
        None => default,
        Some((column, tag)) => {
            language(&tag).ok_or_else(|| column.wrong(format!("unknown language {tag:?} (en or ja)")))?
        }
    };
    let state = said(&columns.state).map(|(_, state)| state.to_lowercase()).filter(|state| !state.is_empty());
    let takes = takes(said(&columns.editions), said(&columns.choices), editions)?;
    Ok(Row { line: record.line, address, language, state, takes })
}

/// Reads `ja`, and `ja-JP` and `ja_JP` too.
fn language(tag: &str) -> Option<Language> {
    tag.split(['-', '_']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusals(text: &str) -> Vec<(u64, String)> {
        parse(text, Language::En, &[]).refused.into_iter().map(|r| (r.line, r.reason)).collect()
    }

    #[test]
    fn columns_are_found_by_name_or_by_place() {
        let named = parse("Name,E-Mail,言語\nHana,hana@example.jp,ja-JP\nTaro,taro@example.jp,\n", Language::En, &[]);
        let languages: Vec<_> = named.rows.iter().map(|row| (row.address.as_typed(), row.language)).collect();
        assert_eq!(
            languages,
            [("hana@example.jp".to_owned(), Language::Ja), ("taro@example.jp".to_owned(), Language::En)]
        );
        let placed = parse("hana@example.jp\ntaro@example.jp,en", Language::Ja, &[]);
        assert_eq!(placed.rows.iter().map(|row| row.language).collect::<Vec<_>>(), [Language::Ja, Language::En]);
        assert_eq!((named.read, placed.read), (2, 2));
    }

    #[test]
    fn every_bad_line_is_told_with_its_number() {
        let text = "email,language\nhana@example.jp,ja\n\nnot an address\nabuse@example.jp\nx@example.jp,fr\n\
                    HANA@example.jp\nａ@docomo.ne.jp\n\"open@example.jp\n";
        let refused = refusals(text);
        assert_eq!(refused.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4, 5, 6, 7, 8, 9]);
        assert!(refused[0].1.contains("no @"));
        assert!(refused[1].1.contains("operators"));
        assert!(refused[2].1.contains("\"fr\""));
        assert_eq!(refused[3].1, "the same address as on line 2");
        assert!(refused[4].1.ends_with("did you mean a@docomo.ne.jp?"));
        assert!(refused[5].1.contains("not closed"));
    }

    #[test]
    fn an_apostrophe_in_front_of_a_formula_is_undone() {
        let parsed = parse("email\n'=x@example.jp\n'+81@example.jp\n", Language::En, &[]);
        let addresses: Vec<_> = parsed.rows.iter().map(|row| row.address.as_typed()).collect();
        assert_eq!(addresses, ["=x@example.jp", "+81@example.jp"]);
    }
}
