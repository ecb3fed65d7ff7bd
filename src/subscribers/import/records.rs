//! Cutting a file into records. A quotation mark that is never closed would make one record of all the rest, and hide
//! every other mistake in the file; here it costs its own line only.

/// A cell with more line ends than this is taken for a quotation mark that is never closed.
const MOST_LINES: usize = 50;

/// A record, or the line on which none could be made out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The line it begins on, from 1.
    pub(super) line: u64,
    /// Its cells; `None` if a quotation mark is not closed.
    pub(super) cells: Option<Vec<String>>,
}

/// Returns the records of `text`, without empty lines.
pub(super) fn records(text: &str) -> Vec<Record> {
    // Old spreadsheets for the Macintosh end lines with CR alone.
    let unix = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = unix.split('\n').collect();
    let delimiter = delimiter(lines.first().copied().unwrap_or_default());
    let mut records = Vec::with_capacity(lines.len());
    let mut index = 0;
    while index < lines.len() {
        let count = whole(&lines[index..]);
        let text = lines[index..index + count.unwrap_or(1)].join("\n");
        let line = u64::try_from(index + 1).unwrap_or(u64::MAX);
        index += count.unwrap_or(1);
        if text.trim().is_empty() {
            continue;
        }
        records.push(Record { line, cells: count.and_then(|_| cells(&text, delimiter)) });
    }
    records
}

/// Returns how many lines the first record has, if its quotation marks close.
fn whole(lines: &[&str]) -> Option<usize> {
    let mut marks = 0;
    lines
        .iter()
        .take(MOST_LINES)
        .position(|line| {
            marks += line.bytes().filter(|byte| *byte == b'"').count();
            marks % 2 == 0
        })
        .map(|last| last + 1)
}

fn cells(text: &str, delimiter: u8) -> Option<Vec<String>> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let record = reader.records().next()?.ok()?;
    Some(record.iter().map(str::to_owned).collect())
}

/// Spreadsheets write semicolons where the comma is the decimal point, and tabs when asked for text.
fn delimiter(first_line: &str) -> u8 {
    [b',', b';', b'\t'].into_iter().find(|mark| first_line.bytes().any(|byte| byte == *mark)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u64, Option<Vec<String>>)> {
        records(text).into_iter().map(|record| (record.line, record.cells)).collect()
    }

    fn cells(cells: &[&str]) -> Option<Vec<String>> {
        Some(cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn records_know_their_line() {
        let text = "email,note\r\n\r\na@b.jp,\"two\r\nlines, \"\"quoted\"\"\"\r\nc@d.jp,\n";
        assert_eq!(
            read(text),
            [
                (1, cells(&["email", "note"])),
                (3, cells(&["a@b.jp", "two\nlines, \"quoted\""])),
                (5, cells(&["c@d.jp", ""]))
            ]
        );
        assert_eq!(read("a;b\nc;d"), [(1, cells(&["a", "b"])), (2, cells(&["c", "d"]))]);
        assert_eq!(read("a\tb"), [(1, cells(&["a", "b"]))]);
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_costs_one_line() {
        let mut text = "a@b.jp\n\"c@d.jp\n".to_owned();
        text.push_str(&"e@f.jp\n".repeat(60));
        let records = read(&text);
        assert_eq!(records.len(), 62);
        assert_eq!(records[1], (2, None));
        assert_eq!(records[61], (62, cells(&["e@f.jp"])));
        assert_eq!(read("\"a@b.jp")[0], (1, None));
    }
}
