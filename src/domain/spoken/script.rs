//! What the script says.

use super::MAX_CHARS;
use super::characters::{OLD_NAMES, ONCE_JAPANESE, ONLY_JAPANESE, is_only_chinese};

fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}' | '\u{ff66}'..='\u{ff9d}')
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '々' | '〆')
}

pub(super) fn is_ideographic(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    2 * text.chars().filter(|c| is_ideograph(*c)).count() > letters
}

/// Returns the language that the script of most of the text belongs to alone.
pub(super) fn by_script(text: &str) -> Option<&'static str> {
    let letters: Vec<char> = text.chars().take(MAX_CHARS).filter(|c| c.is_alphabetic()).collect();
    let count = |of: &dyn Fn(char) -> bool| letters.iter().filter(|c| of(**c)).count();
    let (kana, ideographs) = (count(&is_kana), count(&is_ideograph));
    let hangul = count(&|c| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7a3}'));
    let thai = count(&|c| matches!(c, '\u{0e01}'..='\u{0e5b}'));
    let few = |part: usize| part < 2 || 5 * part < letters.len();
    if !few(hangul) && hangul > kana {
        return Some("ko");
    }
    if !few(thai) {
        return Some("th");
    }
    if !few(kana + ideographs) && (kana >= 2 || (kana == 1 && ideographs >= 2)) {
        return Some("ja");
    }
    if few(ideographs) || kana > 0 {
        return None;
    }
    let japanese = count(&|c| ONLY_JAPANESE.contains(c));
    let old = OLD_NAMES.iter().fold(text.to_owned(), |text, name| text.replace(name, ""));
    let old = old.chars().filter(|c| ONCE_JAPANESE.contains(*c)).count();
    let chinese = 2 * count(&|c| is_ideograph(c) && is_only_chinese(c)) + old;
    match (japanese, chinese) {
        (0, 2..) => Some("zh"),
        (1.., 0) => Some("ja"),
        _ => None,
    }
}

/// Returns whether the text has no letter that the language has not, as far as scripts go. A title of Latin letters in
/// a feed of another script may be in any language.
pub(super) fn may_be(text: &str, language: &str) -> bool {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
    let east = letters.iter().filter(|c| is_kana(**c) || is_ideograph(**c)).count();
    let hangul = letters.iter().any(|c| ('\u{ac00}'..='\u{d7a3}').contains(c));
    let kana = letters.iter().any(|c| is_kana(*c));
    match language {
        "ja" => east >= 2 && !hangul,
        "zh" => east >= 2 && !hangul && !kana,
        "en" => letters.iter().all(char::is_ascii),
        "de" | "es" | "fr" | "it" | "nl" | "pt" => letters.iter().all(|c| *c < '\u{250}'),
        _ => false,
    }
}
