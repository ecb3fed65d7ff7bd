//! What a command prints: an answer on standard output, in words or as JSON, and remarks on standard error.

use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};

use anyhow::Context;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::exit::OutputClosed;
use super::words::digits;

/// Where answers go, and in which form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    pub(super) json: bool,
}

impl Output {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Returns whether answers are JSON.
    pub(super) fn is_json(self) -> bool {
        self.json
    }

    /// Prints an answer: one JSON document, or the words `worded` has for it.
    pub(super) fn answer<T: Serialize>(self, answer: &T, worded: impl FnOnce(&T) -> String) -> anyhow::Result<()> {
        let mut text = if self.json { serde_json::to_string_pretty(answer)? } else { worded(answer) };
        if !text.ends_with('\n') {
            text.push('\n');
        }
        print(&text)
    }

    /// Says that a list goes on, and how to see the rest; nothing if it does not.
    pub(super) fn remark_more(self, left: i64, how: &str) {
        if left > 0 {
            self.remark(&format!("{} more: {how}.", digits(left)));
        }
    }

    /// Says how far a command has come, to whoever watches. It is no part of the answer.
    pub(super) fn remark(self, text: &str) {
        // Whoever closed standard error does not want to know.
        let _ = writeln!(std::io::stderr(), "{}", plain(text));
    }
}

/// Prints text as it is.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(OutputClosed.into()),
        other => other.context("cannot write the answer"),
    }
}

/// Returns a table of `rows` under `header`, or `nothing` if there is no row.
pub(super) fn table<const N: usize>(header: [&str; N], rows: Vec<[String; N]>, nothing: &str) -> String {
    if rows.is_empty() {
        return format!("{nothing}\n");
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header.map(str::to_uppercase));
    for row in rows {
        table.add_row(row.map(|cell| plain(&cell)));
    }
    // A cell has a space on either side; the first one would only indent.
    let mut text = String::new();
    for line in table.lines() {
        let _ = writeln!(text, "{}", line.trim_end().strip_prefix(' ').unwrap_or(&line));
    }
    text
}

/// Returns lines of names and values, the values in one column.
pub(super) fn facts(facts: &[(&str, String)]) -> String {
    let width = facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for (name, value) in facts {
        let _ = writeln!(text, "{name:width$}  {}", plain(value));
    }
    text
}

/// Returns `text` without what would make a terminal do things: other people's words are shown here.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_flush_left_and_has_no_trailing_space() {
        let rows = vec![["1".to_owned(), "瓦版\u{1b}[31m".to_owned()], ["22".to_owned(), String::new()]];
        let text = table(["id", "title"], rows, "none");
        assert_eq!(text, "ID  TITLE\n1   瓦版 [31m\n22\n");
        assert_eq!(table(["id"], Vec::new(), "There is none."), "There is none.\n");
    }
}
