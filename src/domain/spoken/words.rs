//! What the words say, and the marks on their letters.

use whatlang::{Detector, Lang};

use super::MAX_CHARS;

/// Fewer letters than this decide nothing.
const MIN_LETTERS: usize = 12;

/// How sure a guess by letters is that needs nothing else, ...
const SURE: f64 = 0.9;
/// ... that needs words that do not speak against it, ...
const RATHER_SURE: f64 = 0.5;
/// ... and that needs letters with marks.
const A_LITTLE: f64 = 0.15;

/// Letters with marks: those a language has for itself among these, and those it shares.
const MARKS: [(&str, &str, &str); 4] =
    [("pt", "ãõ", "áâàçéêíóôú"), ("es", "ñ¿¡", "áéíóúü"), ("fr", "èœîûùëï", "àâçéêô"), ("de", "ß", "äöü")];

/// Words that are frequent in one language and rare in the others of the list.
const FREQUENT: [(&str, &str); 9] = [
    (
        "en",
        "the of and to in for with on is are from how what why by at after over new its your as be will you this that not \
         no an our who up down out off into than more about against without during between under before first two three \
         says has have was were their his her",
    ),
    (
        "pt",
        "de do da dos das e em para com não uma um os as ao à no na nos nas por mais após são sobre como que pela pelo",
    ),
    ("es", "de la el los las y en para con una un por más tras su del al se que sobre como es son sin entre lo"),
    (
        "fr",
        "le la les des du de et en pour avec une un dans sur par au aux est sont ce qui que plus après son sa ses pas",
    ),
    (
        "de",
        "der die das und in für mit von den dem ein eine im zu auf ist sind nach bei wird aus nicht wie über zum zur an am \
         warum kein keine zwei neue neuer neues",
    ),
    ("it", "il la le di e in per con una un gli dei del della dal al che sono più dopo nel nella come sul alla non"),
    ("nl", "de het een van en in voor met op is zijn na door over bij naar niet uit aan om wordt nieuwe"),
    (
        "id",
        "yang di dan untuk dengan dari ini itu akan pada dalam tidak ke oleh lebih bagi para setelah tahun baru jadi",
    ),
    ("vi", "và của cho với trong là có được các những một người không tại từ về đến khi sau năm mới ra"),
];

/// Returns the language the words are of, if they leave no doubt.
pub(super) fn by_words(text: &str) -> Option<&'static str> {
    let text: String = text.chars().take(MAX_CHARS).collect::<String>().to_lowercase();
    if text.chars().filter(|c| c.is_alphabetic()).count() < MIN_LETTERS {
        return None;
    }
    let latin =
        text.chars().filter(|c| c.is_alphabetic()).all(|c| c < '\u{250}' || ('\u{1e00}'..'\u{1f00}').contains(&c));
    let guess = whatlang_guess(&text);
    if !latin {
        return guess.filter(|(_, sure)| *sure >= SURE).map(|(tag, _)| tag);
    }
    // Letters with two marks, and these with a hook or a bar, are Vietnamese.
    let vietnamese = |c: char| matches!(c, 'ơ' | 'ư' | 'đ' | 'ă') || ('\u{1ea0}'..='\u{1ef9}').contains(&c);
    if text.chars().filter(|c| vietnamese(*c)).count() >= 2 {
        return Some("vi");
    }
    let words: Vec<&str> = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    let mut scores: Vec<(usize, &str)> = FREQUENT
        .iter()
        .map(|(tag, frequent)| (words.iter().filter(|word| frequent.split(' ').any(|f| f == **word)).count(), *tag))
        .collect();
    scores.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let ((best, tag), second) = (scores[0], scores[1].0);
    let score = |tag: &str| scores.iter().find(|(_, own)| *own == tag).map_or(0, |(score, _)| *score);
    match guess {
        // The words and the letters agree, and no other language has as many of its words there: "in" is one of four.
        Some((guessed, _)) if best > second && tag == guessed => Some(guessed),
        _ if best >= 2 && best >= 2 * second => Some(tag),
        // As many, but the letters leave little doubt, or are marked as that language marks them.
        Some((guessed, sure))
            if score(guessed) == best && (best > 0 && sure >= RATHER_SURE || marked(&text, guessed, sure)) =>
        {
            Some(guessed)
        }
        Some((guessed, sure)) if best == 0 && sure >= SURE && words.len() >= 5 => Some(guessed),
        _ => None,
    }
}

/// Returns whether there are letters that the language has and English has not: letters of its own, or letters that
/// others have as well if they look a little like it.
fn marked(text: &str, language: &str, sure: f64) -> bool {
    let Some((_, own, shared)) = MARKS.iter().find(|(tag, ..)| *tag == language) else { return false };
    text.contains(|c| own.contains(c)) || sure >= A_LITTLE && text.contains(|c| shared.contains(c))
}

/// Returns the language the letters look like, and how sure that is, from 0 to 1.
fn whatlang_guess(text: &str) -> Option<(&'static str, f64)> {
    let info = Detector::new().detect(text)?;
    let tag = match info.lang() {
        Lang::Eng => "en",
        Lang::Por => "pt",
        Lang::Spa => "es",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ita => "it",
        Lang::Nld => "nl",
        Lang::Ind => "id",
        Lang::Vie => "vi",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Ara => "ar",
        Lang::Ell => "el",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        _ => return None,
    };
    Some((tag, info.confidence()))
}
