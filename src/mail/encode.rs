//! Header fields: free text and display names as RFC 5322 and RFC 2047 want them.
//!
//! Written here rather than left to lettre for three reasons: text that looks like an encoded word must arrive as the
//! text it is, a long word must be folded, and the same text must always give the same bytes.

use std::fmt::Write as _;

use base64::{Engine, engine::general_purpose::STANDARD};

/// RFC 5322 §2.1.1 asks for 78; one column stays free.
const LINE: usize = 76;
/// The longest word that may stand as it is. A longer one could not be folded.
const LONGEST_WORD: usize = 60;
/// RFC 2047 §2: an encoded word has at most 75 characters; these twelve are `=?utf-8?b?` and `?=`.
const ENCODED_WORD: usize = 75;
const ENCODED_FRAME: usize = 12;

/// Returns a field with free text, such as a subject. Line breaks and other control characters become spaces.
pub(super) fn text_field(name: &str, text: &str) -> String {
    let text = one_line(text);
    let words = if stands_as_it_is(&text) {
        text.split(' ').map(str::to_owned).collect()
    } else {
        encoded_words(&text, name.len() + 2)
    };
    fold(name, &words)
}

/// Returns a field with a display name and what stands in angle brackets behind it: an address or a list's id.
pub(super) fn named_field(name: &str, display: &str, angle: &str) -> String {
    let display = one_line(display);
    let mut words = if display.is_empty() {
        Vec::new()
    } else if stands_as_it_is(&display) && display.bytes().all(|b| b == b' ' || is_atext(b)) {
        display.split(' ').map(str::to_owned).collect()
    } else if stands_as_it_is(&display) && display.len() <= LONGEST_WORD {
        let escaped = display.replace('\\', "\\\\").replace('"', "\\\"");
        vec![format!("\"{escaped}\"")]
    } else {
        encoded_words(&display, name.len() + 2)
    };
    words.push(format!("<{angle}>"));
    fold(name, &words)
}

/// Returns a field whose words are already what they should be.
pub(super) fn fold(name: &str, words: &[String]) -> String {
    let mut field = format!("{name}:");
    let mut column = field.len();
    for (index, word) in words.iter().enumerate() {
        // The first word stays on the field's own line: a line of nothing but white space is a trap (RFC 5322 §3.2.2).
        if index > 0 && column + 1 + word.len() > LINE {
            field.push_str("\r\n");
            column = 0;
        }
        field.push(' ');
        field.push_str(word);
        column += 1 + word.len();
    }
    field.push_str("\r\n");
    field
}

/// Returns `text` on one line: whatever could be taken for a line break, and every control character, is a space.
pub(super) fn one_line(text: &str) -> String {
    let spaced: String =
        text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect();
    spaced.trim().to_owned()
}

/// Returns whether `text` needs no encoding: printable ASCII in words that can be folded, none of which a reader could
/// take for an encoded word.
fn stands_as_it_is(text: &str) -> bool {
    text.bytes().all(|b| (b' '..=b'~').contains(&b))
        && !text.contains("=?")
        && !text.contains("  ")
        && text.split(' ').all(|word| word.len() <= LONGEST_WORD)
}

pub(super) fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

/// Returns `text` as encoded words of whole characters, the first one short enough to stand behind `taken` columns.
fn encoded_words(text: &str, taken: usize) -> Vec<String> {
    let room = |columns: usize| columns.saturating_sub(ENCODED_FRAME) / 4 * 3;
    let mut budget = room(LINE.saturating_sub(taken)).max(6);
    let mut words = Vec::new();
    let mut chunk = String::new();
    for c in text.chars() {
        if chunk.len() + c.len_utf8() > budget {
            words.push(encoded_word(&chunk));
            chunk.clear();
            budget = room(ENCODED_WORD);
        }
        chunk.push(c);
    }
    words.push(encoded_word(&chunk));
    words
}

fn encoded_word(chunk: &str) -> String {
    let mut word = String::with_capacity(ENCODED_WORD);
    let _ = write!(word, "=?utf-8?b?{}?=", STANDARD.encode(chunk));
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_readable() {
        assert_eq!(text_field("Subject", "The week in Japan, no. 3"), "Subject: The week in Japan, no. 3\r\n");
        assert_eq!(text_field("Subject", ""), "Subject: \r\n");
    }

    #[test]
    fn long_text_is_folded_between_words() {
        let field = text_field("Subject", &"word ".repeat(60));
        assert!(field.trim_end().lines().all(|l| l.len() <= LINE), "{field}");
        assert_eq!(field.replace("\r\n ", " ").trim_end(), format!("Subject: {}", "word ".repeat(60).trim_end()));
    }

    #[test]
    fn japanese_becomes_encoded_words_of_whole_characters() {
        let field = text_field("Subject", &"瓦版の今週のニュース".repeat(5));
        assert!(field.lines().count() > 2);
        for line in field.trim_end().lines() {
            assert!(line.len() <= 77, "{line}");
            let word = line.trim_start_matches("Subject:").trim();
            let inner = word.strip_prefix("=?utf-8?b?").unwrap().strip_suffix("?=").unwrap();
            assert!(word.len() <= ENCODED_WORD && String::from_utf8(STANDARD.decode(inner).unwrap()).is_ok());
        }
    }

    #[test]
    fn what_looks_like_an_encoded_word_is_encoded_itself() {
        assert!(!text_field("Subject", "=?utf-8?q?=0D=0ABcc:_x?=").contains("=?utf-8?q?"));
        assert!(!named_field("From", "=?utf-8?q?boss?=", "a@b.example").contains("=?utf-8?q?"));
    }

    #[test]
    fn names_are_atoms_quoted_or_encoded() {
        assert_eq!(named_field("From", "Kawaraban weekly", "a@b.example"), "From: Kawaraban weekly <a@b.example>\r\n");
        assert_eq!(
            named_field("From", "Foo <a@b>, \"x\\", "a@b.example"),
            "From: \"Foo <a@b>, \\\"x\\\\\" <a@b.example>\r\n"
        );
        assert_eq!(named_field("From", "瓦版", "a@b.example"), "From: =?utf-8?b?55Om54mI?= <a@b.example>\r\n");
        assert_eq!(named_field("To", "", "a@b.example"), "To: <a@b.example>\r\n");
    }

    #[test]
    fn no_text_makes_a_line() {
        for text in ["a\r\nBcc: x@y", "a\nBcc: x@y", "a\rBcc: x", "a\u{85}b", "a\u{2028}Bcc: x", "\0", "a\u{b}b"] {
            let field = text_field("Subject", text);
            assert_eq!(field.matches('\n').count(), 1, "{text:?}");
            assert!(field.trim_end_matches("\r\n").chars().all(|c| !c.is_control()), "{text:?}");
        }
    }
}
