//! Reads sections out of the tree, key by key, and collects everything that is wrong on the way.
//!
//! A section asks for its keys and then calls [`Table::finish`]; a key nobody asked for is one too many.

use std::cell::RefCell;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use jiff::{Span, SpanRelativeTo};
use secrecy::SecretString;

use super::error::Problem;
use super::tree::{Entries, Node, Origin, Source, Value};
use crate::domain::nearest::nearest;

/// Collects the problems of all sections.
pub(super) struct Reading<'a> {
    source: &'a Source,
    problems: RefCell<Vec<Problem>>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(source: &'a Source, problems: Vec<Problem>) -> Self {
        Self { source, problems: RefCell::new(problems) }
    }

    pub(super) fn root(&self, entries: Entries) -> Table<'_> {
        Table { path: String::new(), origin: Origin::BuiltIn, entries, asked: Vec::new(), reading: self }
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }

    fn report(&self, origin: &Origin, key: String, message: impl Display) {
        let place = self.source.place(origin);
        self.problems.borrow_mut().push(Problem { place, key, message: message.to_string() });
    }
}

/// One table of the configuration while it is read.
pub(super) struct Table<'a> {
    path: String,
    origin: Origin,
    entries: Entries,
    asked: Vec<&'static str>,
    reading: &'a Reading<'a>,
}

impl<'a> Table<'a> {
    /// Returns the text of `key`, on one line.
    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        self.parsed(key, |text| Ok::<_, String>(text.to_owned()))
    }

    /// Returns what `parse` makes of the text of `key`; its error says what is allowed.
    pub(super) fn parsed<T, E: Display>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.converted(key, |node| one_line(node).and_then(|text| parse(text).map_err(|e| e.to_string())))
    }

    /// Returns the text of `key`, which may have several lines.
    pub(super) fn paragraph(&mut self, key: &'static str) -> Option<String> {
        self.converted(key, |node| Ok(text_of(node)?.trim().to_owned()))
    }

    /// Returns a whole number in `allowed`.
    pub(super) fn integer(&mut self, key: &'static str, allowed: RangeInclusive<i64>) -> Option<u32> {
        self.converted(key, |node| {
            let number = match &node.value {
                Value::Integer(number) => Some(*number),
                Value::Raw(text) => text.trim().parse().ok(),
                _ => None,
            };
            number
                .filter(|n| allowed.contains(n))
                .and_then(|n| u32::try_from(n).ok())
                .ok_or_else(|| format!("write a whole number from {} to {}", allowed.start(), allowed.end()))
        })
    }

    /// Returns true or false.
    pub(super) fn boolean(&mut self, key: &'static str) -> Option<bool> {
        self.converted(key, |node| match &node.value {
            Value::Boolean(boolean) => Ok(*boolean),
            Value::Raw(text) => text.trim().parse().map_err(|_| "write true or false".to_owned()),
            _ => Err("write true or false".to_owned()),
        })
    }

    /// Returns a span of time written as `"90s"`, `"15m"`, `"24h"`, `"14d"` or a sum of these, within `allowed`.
    pub(super) fn duration(&mut self, key: &'static str, allowed: RangeInclusive<Duration>) -> Option<Duration> {
        self.parsed(key, |text| {
            duration(text).filter(|d| allowed.contains(d)).ok_or_else(|| {
                let [from, to] = [allowed.start(), allowed.end()].map(|d| written(*d));
                format!("{text:?} is no span of time from \"{from}\" to \"{to}\": write \"15m\", \"24h\", \"14d\"")
            })
        })
    }

    /// Returns what `parse` makes of each item of a list. An environment variable separates them by commas.
    pub(super) fn list<T, E: Display>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let (_, node) = self.take(key)?;
        let items = match node.value {
            Value::List(items) => items,
            Value::Raw(text) => text
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(|item| Node { value: Value::Raw(item.to_owned()), origin: node.origin.clone() })
                .collect(),
            _ => {
                self.reading.report(&node.origin, self.full(key), "write a list: [\"…\", \"…\"]");
                return None;
            }
        };
        let mut parsed = Vec::with_capacity(items.len());
        let mut sound = true;
        for item in &items {
            match one_line(item).and_then(|text| parse(text).map_err(|e| e.to_string())) {
                Ok(value) => parsed.push(value),
                Err(message) => {
                    self.reading.report(&item.origin, self.full(key), message);
                    sound = false;
                }
            }
        }
        sound.then_some(parsed)
    }

    /// Returns a path. One in the file is relative to the file's folder, one in a variable to the working directory.
    pub(super) fn path(&mut self, key: &'static str) -> Option<PathBuf> {
        let folder = self.reading.source.path.parent().map(PathBuf::from).unwrap_or_default();
        self.converted(key, |node| {
            let path = PathBuf::from(one_line(node)?);
            if path.as_os_str().is_empty() {
                return Err("write the path of a file or folder".to_owned());
            }
            Ok(if matches!(node.origin, Origin::File(_)) { folder.join(path) } else { path })
        })
    }

    /// Returns a secret: the value of `key`, or the contents of the file `key_file` names, without the line end.
    pub(super) fn secret(
        &mut self,
        key: &'static str,
        key_file: &'static str,
        check: impl Fn(&str) -> Result<(), String>,
    ) -> Option<SecretString> {
        self.secret_read_by(verbatim_line, key, key_file, check).map(|(secret, _)| secret)
    }

    /// Returns a secret that may have several lines, and the file it was read from, if it was.
    pub(super) fn secret_text(
        &mut self,
        key: &'static str,
        key_file: &'static str,
        check: impl Fn(&str) -> Result<(), String>,
    ) -> Option<(SecretString, Option<PathBuf>)> {
        self.secret_read_by(text_of, key, key_file, check)
    }

    fn secret_read_by(
        &mut self,
        read: fn(&Node) -> Result<&str, String>,
        key: &'static str,
        key_file: &'static str,
        check: impl Fn(&str) -> Result<(), String>,
    ) -> Option<(SecretString, Option<PathBuf>)> {
        let file_origin = self.entries.get(key_file).map(|(_, node)| node.origin.clone());
        let direct_given = self.entries.contains_key(key);
        let checked = |text: &str| check(text).map(|()| SecretString::from(text));
        let direct = self.converted(key, |node| checked(read(node)?)).map(|secret| (secret, None));
        let path = self.path(key_file);
        let Some(file_origin) = file_origin else { return direct };
        if direct_given {
            self.reading.report(&file_origin, self.full(key_file), format!("set {key} or {key_file}, not both"));
            return direct;
        }
        let path = path?;
        let secret = std::fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))
            .and_then(|text| checked(text.trim_end_matches(['\r', '\n'])));
        match secret {
            Ok(secret) => Some((secret, Some(path))),
            Err(message) => {
                self.reading.report(&file_origin, self.full(key_file), message);
                None
            }
        }
    }

    /// Returns the section `key`, empty if nobody wrote one.
    pub(super) fn section(&mut self, key: &'static str) -> Table<'a> {
        let (origin, entries) = match self.take(key) {
            None => (self.origin.clone(), Entries::new()),
            Some((origin, Node { value: Value::Table(entries), .. })) => (origin, entries),
            Some((origin, _)) => {
                self.reading.report(&origin, self.full(key), format!("this is a section: write [{}]", self.full(key)));
                (origin, Entries::new())
            }
        };
        Table { path: self.full(key), origin, entries, asked: Vec::new(), reading: self.reading }
    }

    /// Returns the tables `[[key]]`; `None` if nobody wrote any.
    pub(super) fn sections(&mut self, key: &'static str) -> Option<Vec<Table<'a>>> {
        let (origin, node) = self.take(key)?;
        let Value::List(items) = node.value else {
            self.reading.report(
                &origin,
                self.full(key),
                format!("this is a list of tables: write [[{}]]", self.full(key)),
            );
            return None;
        };
        let mut tables = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let Value::Table(entries) = item.value else {
                self.reading.report(
                    &item.origin,
                    self.full(key),
                    format!("this is a table: write [[{}]]", self.full(key)),
                );
                continue;
            };
            let path = match name_in(&entries) {
                Some(name) => format!("{}.{name}", self.full(key)),
                None => format!("{}[{}]", self.full(key), index + 1),
            };
            tables.push(Table { path, origin: item.origin, entries, asked: Vec::new(), reading: self.reading });
        }
        Some(tables)
    }

    /// Returns the `name` of the table. Ask before it is read.
    pub(super) fn name(&self) -> Option<&str> {
        name_in(&self.entries)
    }

    /// Reports something wrong with `key`, at its value if it has been written and at its table if not.
    pub(super) fn report(&self, origin: Option<&Origin>, key: &str, message: impl Display) {
        self.reading.report(origin.unwrap_or(&self.origin), self.full(key), message);
    }

    /// Returns where `key` was written. Ask before the key is read.
    pub(super) fn origin_of(&self, key: &str) -> Option<Origin> {
        self.entries.get(key).map(|(_, node)| node.origin.clone())
    }

    /// Returns whether `key` is written. Ask before the key is read.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Reports the keys nobody asked for.
    pub(super) fn finish(self) {
        for (key, (origin, _)) in &self.entries {
            let message = match nearest(key, self.asked.iter().copied()) {
                Some(near) => format!("there is no such key; did you mean {near}?"),
                None => format!("there is no such key; there is {}", self.asked.join(", ")),
            };
            self.reading.report(origin, self.full(key), message);
        }
    }

    fn converted<T>(&mut self, key: &'static str, convert: impl FnOnce(&Node) -> Result<T, String>) -> Option<T> {
        let (_, node) = self.take(key)?;
        match convert(&node) {
            Ok(value) => Some(value),
            Err(message) => {
                self.reading.report(&node.origin, self.full(key), message);
                None
            }
        }
    }

    fn take(&mut self, key: &'static str) -> Option<(Origin, Node)> {
        self.asked.push(key);
        self.entries.remove(key)
    }

    fn full(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

/// Returns what a table is called.
pub(super) fn name_in(entries: &Entries) -> Option<&str> {
    match &entries.get("name")?.1.value {
        Value::Text(name) | Value::Raw(name) => Some(name),
        _ => None,
    }
}

fn text_of(node: &Node) -> Result<&str, String> {
    match &node.value {
        Value::Text(text) | Value::Raw(text) => Ok(text),
        Value::Other(kind) => Err(format!("write a text in quotes, not {kind}")),
        _ => Err("write a text in quotes".to_owned()),
    }
}

fn one_line(node: &Node) -> Result<&str, String> {
    verbatim_line(node).map(str::trim)
}

fn verbatim_line(node: &Node) -> Result<&str, String> {
    let text = text_of(node)?;
    // Most of these end up in headers and commands, where a line end begins something else.
    if text.chars().any(char::is_control) {
        return Err("write it on one line, without control characters".to_owned());
    }
    Ok(text)
}

fn duration(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    // Months and years have no length of their own and are refused by this.
    Duration::try_from(span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?).ok()
}

/// Writes a span of whole seconds in its largest unit.
fn written(duration: Duration) -> String {
    let seconds = duration.as_secs();
    for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60)] {
        if seconds >= length && seconds.is_multiple_of(length) {
            return format!("{}{unit}", seconds / length);
        }
    }
    format!("{seconds}s")
}
