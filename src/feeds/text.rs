//! Plain text: what a title or a summary may hold, and how it is cut.

use unicode_segmentation::UnicodeSegmentation;

/// Stands between two paragraphs until [`fold`] turns it into a space.
pub(super) const PARAGRAPH: char = '\u{2029}';

/// A grapheme has no upper size: a letter may carry a thousand accents. On average none needs more than this.
const BYTES_A_GRAPHEME: usize = 16;

/// Removes what is not to be seen: control characters, and those that reverse the text around them.
pub(super) fn clean(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            PARAGRAPH => Some(c),
            '\n' | '\r' | '\u{2028}' => Some('\n'),
            c if c.is_whitespace() => Some(' '),
            c if c.is_control() => None,
            // Soft hyphen, zero-width space, marks of direction and byte order, invisible operators, tags.
            '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => None,
            '\u{feff}' | '\u{fff9}'..='\u{fffc}' | '\u{61c}' | '\u{180e}' | '\u{e0000}'..='\u{e007f}' => None,
            c => Some(c),
        })
        .collect()
}

/// Folds white space to single spaces. A line that breaks between two Japanese characters joins them.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut pending: Option<Gap> = None;
    for c in text.chars() {
        let gap = match c {
            PARAGRAPH => Gap::Paragraph,
            '\n' => Gap::Line,
            c if c.is_whitespace() => Gap::Space,
            c => {
                let joins = pending == Some(Gap::Line) && out.ends_with(is_east_asian) && is_east_asian(c);
                if pending.take().is_some() && !joins && !out.is_empty() {
                    out.push(' ');
                }
                out.push(c);
                continue;
            }
        };
        pending = pending.max(Some(gap));
    }
    out
}

/// White space by what it outweighs: indentation after a line break does not undo the break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    Space,
    Line,
    Paragraph,
}

fn is_east_asian(c: char) -> bool {
    // CJK punctuation, kana, ideographs, full-width forms. Hangul is written with spaces.
    matches!(c, '\u{3001}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{ff01}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
}

/// Returns `text` if it has at most `max_graphemes`, or its beginning up to the end of a sentence or word, and "…".
pub(super) fn cut(text: String, max_graphemes: usize) -> String {
    let max_bytes = max_graphemes * BYTES_A_GRAPHEME;
    if text.len() <= max_bytes && text.graphemes(true).nth(max_graphemes).is_none() {
        return text;
    }
    // One place is kept for the ellipsis.
    let room = text
        .grapheme_indices(true)
        .map(|(at, grapheme)| at + grapheme.len())
        .take(max_graphemes - 1)
        .take_while(|end| *end <= max_bytes)
        .last();
    let beginning = &text[..room.unwrap_or_else(|| text.floor_char_boundary(max_bytes))];
    let kept = sentence_end(beginning, &text[beginning.len()..])
        .or_else(|| word_end(beginning, &text[beginning.len()..]))
        .unwrap_or(beginning.len());
    format!("{}…", beginning[..kept].trim_end())
}

/// Returns where the last sentence of the second half ends.
fn sentence_end(text: &str, after: &str) -> Option<usize> {
    let ends = text.char_indices().filter(|(at, c)| match c {
        '。' | '！' | '？' | '．' => true,
        '.' | '!' | '?' => {
            let next = text[at + 1..].chars().next().or_else(|| after.chars().next());
            next.is_none_or(char::is_whitespace)
        }
        _ => false,
    });
    ends.map(|(at, c)| at + c.len_utf8()).next_back().filter(|end| *end >= text.len() / 2)
}

/// Returns where the last word of the last quarter ends. Japanese may be cut anywhere.
fn word_end(text: &str, after: &str) -> Option<usize> {
    if after.starts_with(|c: char| c.is_whitespace() || is_east_asian(c)) || text.ends_with(is_east_asian) {
        return None;
    }
    let end = text.rfind(|c: char| c.is_whitespace() || is_east_asian(c))?;
    let end = end + text[end..].chars().next().filter(|c| is_east_asian(*c)).map_or(0, char::len_utf8);
    (end >= text.len() / 4 * 3).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_goes() {
        let text =
            "a\u{202e}b\u{0}c\u{7}\u{85}d\u{2028}e\u{2029}f\u{200b}\u{feff}\u{ad}g\u{e0041}\u{2066}h\r\n\ti\u{3000}j";
        assert_eq!(fold(&clean(text)), "abc d e fgh i j");
        // Joiners make emoji, selectors make variants of names.
        assert_eq!(clean("👩‍💻 葛\u{e0100}"), "👩‍💻 葛\u{e0100}");
    }

    #[test]
    fn lines_of_japanese_join_and_paragraphs_do_not() {
        assert_eq!(fold("  日本の\n   求人。\n新着  "), "日本の求人。新着");
        assert_eq!(fold("日本 の求人"), "日本 の求人");
        assert_eq!(fold("見出し\n\u{2029}本文"), "見出し 本文");
        assert_eq!(fold("one\n two"), "one two");
        assert_eq!(fold("日本\nJapan"), "日本 Japan");
    }

    #[test]
    fn a_long_text_ends_with_a_sentence_or_a_word() {
        assert_eq!(cut("short".to_owned(), 5), "short");
        assert_eq!(cut("One more. Two more words".to_owned(), 14), "One more.…");
        assert_eq!(cut("Some ordinary words go on".to_owned(), 18), "Some ordinary…");
        assert_eq!(cut("Version 1.5 is out now".to_owned(), 12), "Version 1.5…");
        assert_eq!(cut("東京で新しい求人が出ました。詳しくはこちら".to_owned(), 18), "東京で新しい求人が出ました。…");
        assert_eq!(cut("東京で新しい求人が出ました".to_owned(), 8), "東京で新しい求…");
        assert_eq!(cut("東京のstartups".to_owned(), 6), "東京の…");
        assert_eq!(cut("Donaudampfschifffahrt".to_owned(), 6), "Donau…");
    }

    #[test]
    fn a_cut_goes_between_graphemes_and_none_is_endless() {
        let families = "👨‍👩‍👧‍👦".repeat(3);
        assert_eq!(cut(families, 2), "👨‍👩‍👧‍👦…");
        let accents = format!("e{}", "\u{301}".repeat(10_000));
        assert!(cut(accents, 300).len() <= 300 * BYTES_A_GRAPHEME + "…".len());
    }
}
