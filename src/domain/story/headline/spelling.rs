//! One spelling of what is written in several ways.

use unicode_normalization::UnicodeNormalization;

use crate::domain::story::words::{OLD_FORMS, SAME_WORDS};

/// Returns the text in one width and case, without accents.
pub(super) fn normalised(text: &str) -> String {
    let plain: String = text.nfkd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).nfc().collect();
    let plain: String = plain.nfkc().flat_map(char::to_lowercase).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns a normalised text in one spelling: 髙 is 高, サーバー is サーバ, U.S. is us, and words of one meaning are one.
pub(super) fn spelled(text: &str) -> String {
    let mut text = without_dots(&without_long_ends(text));
    for (from, to) in SAME_WORDS {
        if text.contains(from) {
            text = text.replace(from, to);
        }
    }
    text.chars().map(|c| OLD_FORMS.iter().find(|(old, _)| *old == c).map_or(c, |(_, new)| *new)).collect()
}

/// Returns the text without the dots of `u.s.` and `k.k.`.
fn without_dots(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let letter = |at: usize| chars.get(at).is_some_and(char::is_ascii_alphabetic);
    let dot = |at: usize| chars.get(at) == Some(&'.');
    let mut plain = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let begins = at == 0 || !chars[at - 1].is_alphanumeric();
        if begins && letter(at) && dot(at + 1) && letter(at + 2) && (dot(at + 3) || !letter(at + 3)) {
            while letter(at) && (dot(at + 1) || !letter(at + 1)) {
                plain.push(chars[at]);
                at += 1;
                if dot(at) {
                    at += 1;
                } else {
                    break;
                }
            }
        } else {
            plain.push(chars[at]);
            at += 1;
        }
    }
    plain
}

/// Returns the text without the long vowel at the end of words in katakana, which many leave out.
fn without_long_ends(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let katakana = |at: usize| chars.get(at).is_some_and(|c| matches!(c, '\u{30a1}'..='\u{30fa}' | 'ー'));
    let long_end = |at: usize| chars[at] == 'ー' && !katakana(at + 1) && at >= 3 && (at - 3..at).all(katakana);
    (0..chars.len()).filter(|at| !long_end(*at)).map(|at| chars[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_word_are_one() {
        for (a, b) in [
            ("サーバー障害", "サーバ障害"),
            ("コンピューター", "コンピュータ"),
            ("髙橋氏", "高橋氏"),
            ("ヴァイオリン", "バイオリン"),
            ("u.s. tariffs", "us tariffs"),
            ("in the u.s., too", "in the us, too"),
            ("harbor k.k.", "harbor kk"),
            ("株式会社みなと", "みなと"),
        ] {
            assert_eq!(spelled(a), spelled(b));
        }
        assert_eq!(spelled("バター"), "バター", "a short word keeps its end");
        assert_eq!(spelled("rust 1.95. a new"), "rust 1.95. a new");
    }
}
