//! The last hand on what a template produced: a subject is one line, text is wrapped, HTML loses its indentation.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

/// A comfortable line in a mail program; the rulers of our text templates are as wide.
const TEXT_COLUMNS: usize = 72;

/// Characters that may not begin a line in Japanese (行頭禁則).
const NOT_FIRST: &str = "、。，．・：；？！）」』】〉》〕］｝ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ…‥％,.!?:;)]}";
/// Characters that may not end a line (行末禁則).
const NOT_LAST: &str = "（「『【〈《〔［｛([{";

/// Returns `text` on one line, cut to `max_chars`.
pub(super) fn subject(text: &str, max_chars: usize) -> String {
    let line = one_line(text);
    if line.chars().count() <= max_chars {
        return line;
    }
    let mut cut = String::new();
    let mut left = max_chars - 1;
    for grapheme in line.graphemes(true) {
        let chars = grapheme.chars().count();
        if chars > left {
            break;
        }
        left -= chars;
        cut.push_str(grapheme);
    }
    format!("{}…", cut.trim_end())
}

/// Returns `text` with every run of white space as one space.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns `text` cut to `most` graphemes, the last of them an ellipsis.
pub(super) fn truncate(text: &str, most: usize) -> String {
    let Some((last, _)) = text.grapheme_indices(true).nth(most.saturating_sub(1)) else { return text.to_owned() };
    match text[last..].graphemes(true).nth(1) {
        None => text.to_owned(),
        Some(_) => format!("{}…", text[..last].trim_end()),
    }
}

/// Marks over one letter: Vietnamese has two, Thai and Hebrew three. A thousand cover the lines around them.
const MAX_MARKS: usize = 4;
/// Characters without a width in a row: the flag of England has six, a family of four has one at a time.
const MAX_ZERO_WIDTH: usize = 8;

/// Returns `text` without the characters that have no business in a mail or page: controls other than line ends and
/// tabs, those that turn the direction of what follows them (a title could make a link look like another), and more
/// marks or invisible characters in a row than any script has.
pub fn without_controls(text: &str) -> String {
    let (mut marks, mut invisible) = (0, 0);
    text.chars()
        .filter(|c| {
            if c.is_ascii() {
                (marks, invisible) = (0, 0);
                return !c.is_control() || matches!(c, '\n' | '\t');
            }
            if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}') {
                return false;
            }
            let mark = unicode_normalization::char::is_combining_mark(*c);
            if !mark && c.width() != Some(0) {
                (marks, invisible) = (0, 0);
                return true;
            }
            marks += usize::from(mark);
            invisible += 1;
            invisible <= MAX_ZERO_WIDTH && !(mark && marks > MAX_MARKS)
        })
        .collect()
}

/// Returns `html` without indentation and empty lines, which only cost bytes.
pub(super) fn html(html: &str) -> String {
    let mut tidy = String::with_capacity(html.len());
    for line in html.lines().map(str::trim).filter(|line| !line.is_empty()) {
        tidy.push_str(line);
        tidy.push('\n');
    }
    tidy
}

/// Returns `text` with long lines wrapped, at most one empty line in a row, and one line end at the end.
pub(super) fn text(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len() + text.len() / 64);
    let mut empty_lines = 0;
    for line in text.trim().lines().map(str::trim_end) {
        if line.is_empty() {
            empty_lines += 1;
        } else {
            if empty_lines > 0 {
                tidy.push('\n');
            }
            empty_lines = 0;
            wrap(line, &mut tidy);
        }
    }
    tidy
}

/// Appends `line`, wrapped, each further line indented like the first (its bullet counts as indentation).
fn wrap(line: &str, out: &mut String) {
    let bullet = line.len() - line.trim_start_matches([' ', '*']).len();
    let (first_indent, body) = line.split_at(bullet);
    let further_indent = " ".repeat(bullet);
    let mut indent = first_indent;
    let mut current = String::new();
    let room = TEXT_COLUMNS.saturating_sub(bullet);
    for piece in pieces(body) {
        if !current.is_empty() && columns(&current) + columns(piece.trim_end()) > room {
            push_line(out, indent, &current);
            indent = &further_indent;
            current.clear();
        }
        current.push_str(if current.is_empty() { piece.trim_start() } else { piece });
    }
    push_line(out, indent, &current);
}

fn push_line(out: &mut String, indent: &str, line: &str) {
    out.push_str(indent);
    out.push_str(line.trim_end());
    out.push('\n');
}

/// Cuts at every place where a line may end: after a space, and beside a wide character unless kinsoku forbids it. A
/// URL has no such place and stays whole.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut previous: Option<char> = None;
        let cut = rest.char_indices().find_map(|(index, c)| {
            let may = previous.is_some_and(|p| {
                let between = c != ' ' && (p == ' ' || wide(p) || wide(c));
                between && !NOT_FIRST.contains(c) && !NOT_LAST.contains(p)
            });
            previous = Some(c);
            may.then_some(index)
        });
        let (piece, remaining) = rest.split_at(cut.unwrap_or(rest.len()));
        rest = remaining;
        (!piece.is_empty()).then_some(piece)
    })
}

fn wide(c: char) -> bool {
    c.width() == Some(2)
}

fn columns(text: &str) -> usize {
    text.chars().filter_map(UnicodeWidthChar::width).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line_of_at_most_so_many_characters() {
        assert_eq!(subject("one\r\nBcc: two\t three ", 100), "one Bcc: two three");
        let cut = subject(&"日本".repeat(80), 100);
        assert_eq!(cut.chars().count(), 100);
        assert!(cut.ends_with('…'));
        // A family of four is one grapheme of seven characters: it is left out rather than cut apart.
        assert_eq!(subject("123456👨‍👩‍👧‍👦0000", 10), "123456…");
    }

    #[test]
    fn english_wraps_at_spaces_and_keeps_its_indent() {
        let line = format!("* {}", "word ".repeat(30));
        let wrapped = text(&line);
        assert!(wrapped.lines().count() > 1);
        assert!(wrapped.lines().all(|l| l.len() <= TEXT_COLUMNS));
        assert!(wrapped.lines().skip(1).all(|l| l.starts_with("  word")), "{wrapped}");
    }

    #[test]
    fn japanese_wraps_between_characters_and_minds_its_punctuation() {
        let wrapped = text(&format!("  {}", "これは「長い」文章です。".repeat(12)));
        for line in wrapped.lines() {
            let body = line.trim_start();
            assert!(columns(line) <= TEXT_COLUMNS + 4, "{line}");
            assert!(!NOT_FIRST.contains(body.chars().next().unwrap()), "{line}");
            assert!(!NOT_LAST.contains(body.chars().last().unwrap()), "{line}");
        }
        assert!(wrapped.lines().count() > 3);
    }

    #[test]
    fn an_address_is_never_broken() {
        let url = format!("https://example.jp/{}", "a".repeat(120));
        assert_eq!(text(&format!("x\n{url}\n\n\n\n{url}")), format!("x\n{url}\n\n{url}\n"));
    }

    #[test]
    fn letters_that_turn_others_around_are_dropped() {
        assert_eq!(without_controls("a\u{202e}b\u{0}c\nd"), "abc\nd");
    }

    #[test]
    fn floods_of_marks_and_of_nothing_run_dry() {
        assert_eq!(without_controls(&format!("a{}b", "\u{301}".repeat(10_000))), "a\u{301}\u{301}\u{301}\u{301}b");
        assert!(without_controls(&format!("a{}b", "\u{200b}".repeat(10_000))).len() < 32);
        assert!(without_controls(&"\u{200d}\u{301}".repeat(10_000)).len() < 32);
        for kept in ["Việt Nam", "ภาษาไทยที่นี่", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👨‍👩‍👧‍👦❤️‍🔥", "がぎぐ", "שָׁלוֹם", "नमस्ते"]
        {
            assert_eq!(without_controls(kept), kept);
        }
    }

    #[test]
    fn a_text_is_cut_where_characters_end() {
        assert_eq!(truncate("abc", 3), "abc");
        assert_eq!(truncate("abcd", 3), "ab…");
        assert_eq!(truncate("ab cd", 4), "ab…");
        assert_eq!(truncate("", 3), "");
        assert_eq!(truncate("👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 2), "👨‍👩‍👧‍👦…");
    }
}
