//! The configuration as a tree of values that remember where they come from.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use toml::de::{DeTable, DeValue};

use super::error::{Place, Problem};

/// Where a key or value comes from; [`Source::place`] says it in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// A byte offset in the file.
    File(usize),
    Variable(String),
    Credential(PathBuf),
    /// Nobody wrote it.
    BuiltIn,
}

#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<Node>),
    Table(Entries),
    /// What an environment variable says: text, number, list, whatever the key wants.
    Raw(String),
    /// A kind of value no key takes, by its name.
    Other(&'static str),
}

#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// A table's keys, each with the place where the key itself stands.
pub(super) type Entries = BTreeMap<String, (Origin, Node)>;

/// The file a tree was read from.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

impl Source {
    /// Reads the text as TOML.
    pub(super) fn parse(&self) -> Result<Entries, Vec<Problem>> {
        let (table, errors) = DeTable::parse_recoverable(&self.text);
        if errors.is_empty() {
            return Ok(entries(table.get_ref()));
        }
        let problem = |error: &toml::de::Error| Problem {
            // toml would print the line, too, and the line may hold a secret.
            place: self.place(&Origin::File(error.span().map_or(0, |span| span.start))),
            key: String::new(),
            message: format!("this is not TOML: {}", error.message()),
        };
        Err(errors.iter().map(problem).collect())
    }

    /// Says in full where something comes from.
    pub(super) fn place(&self, origin: &Origin) -> Place {
        match origin {
            Origin::File(offset) => {
                let before = self.text.get(..*offset).unwrap_or(&self.text);
                let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
                Place::File {
                    path: self.path.clone(),
                    line: before.matches('\n').count() + 1,
                    column: before[line_start..].chars().count() + 1,
                }
            }
            Origin::Variable(name) => Place::Variable(name.clone()),
            Origin::Credential(path) => Place::Credential(path.clone()),
            Origin::BuiltIn => Place::Nowhere,
        }
    }
}

fn entries(table: &DeTable<'_>) -> Entries {
    table
        .iter()
        .map(|(key, value)| {
            (key.get_ref().to_string(), (Origin::File(key.span().start), node(value.get_ref(), value.span())))
        })
        .collect()
}

fn node(value: &DeValue<'_>, span: Range<usize>) -> Node {
    let value = match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::Other("a number that large"),
        },
        DeValue::Boolean(boolean) => Value::Boolean(*boolean),
        DeValue::Array(array) => Value::List(array.iter().map(|item| node(item.get_ref(), item.span())).collect()),
        DeValue::Table(table) => Value::Table(entries(table)),
        DeValue::Float(_) => Value::Other("a number with a fraction"),
        DeValue::Datetime(_) => Value::Other("a date"),
    };
    Node { value, origin: Origin::File(span.start) }
}
