//! The pieces of a title: words, numbers, and characters of a script without spaces.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::iter::Peekable;
use std::str::Chars;

use super::number;
use super::stem::family;
use crate::domain::story::words::{SHORT, STOP};

/// A word, a number, or a character of a script without spaces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Piece {
    Word(String),
    Number(String),
    Char(char),
}

impl Piece {
    /// Returns whether it is this word.
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own == word)
    }

    /// Returns whether it is a word that may come and go.
    pub(super) fn is_stop(&self) -> bool {
        matches!(self, Self::Word(word) if STOP.contains(&word.as_str()))
    }
}

/// Returns the pieces of a normalised text. Numbers are the same however they are written.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut chars = text.chars().peekable();
    let mut currency = None;
    while let Some(c) = chars.next() {
        if c == '・' {
            continue;
        }
        if let Some(name) = number::currency(c) {
            currency = Some(name);
        } else if is_spaceless(c) {
            pieces.push(Piece::Char(c));
        } else if c.is_ascii_digit() {
            let number = number::read(c, &mut chars, currency.is_some());
            let (number, unit) = number.split_once(' ').map_or((number.as_str(), None), |(n, unit)| (n, Some(unit)));
            pieces.push(Piece::Number(number.to_owned()));
            pieces.extend(unit.or(currency.take()).map(|name| Piece::Word(name.to_owned())));
        } else if c.is_alphabetic() {
            pieces.push(of_word(&word(c, &mut chars)));
        }
    }
    number::multiply(pieces)
}

/// Returns the pieces as one text, with a space only where two words would grow together.
pub(super) fn key(pieces: &[Piece]) -> String {
    let mut key = String::new();
    let mut after_word = false;
    for piece in pieces {
        match piece {
            Piece::Char(c) => {
                key.push(*c);
                after_word = false;
            }
            Piece::Word(text) | Piece::Number(text) => {
                if after_word {
                    key.push(' ');
                }
                key.push_str(text);
                after_word = true;
            }
        }
    }
    key
}

/// Returns numbers of which titles that tell the same share most: for words that are not everywhere, and for pairs of
/// characters.
pub(super) fn grams(pieces: &[Piece]) -> Vec<u32> {
    let mut grams: Vec<u32> = Vec::with_capacity(pieces.len());
    for pair in pieces.windows(2) {
        if let [Piece::Char(a), Piece::Char(b)] = pair {
            grams.push(hashed(&(a, b)));
        }
    }
    for piece in pieces {
        match piece {
            Piece::Word(word) if !piece.is_stop() => grams.push(hashed(&family(word))),
            Piece::Number(number) => grams.push(hashed(number)),
            Piece::Word(_) | Piece::Char(_) => {}
        }
    }
    grams.sort_unstable();
    grams.dedup();
    grams
}

#[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
fn hashed(value: &impl Hash) -> u32 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish() as u32
}

fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '々' | '〆')
}

fn word(first: char, chars: &mut Peekable<Chars<'_>>) -> String {
    let mut word = String::from(first);
    while let Some(next) = chars.next_if(|c| (c.is_alphanumeric() || *c == '\'') && !is_spaceless(*c)) {
        word.push(next);
    }
    word.truncate(word.trim_end_matches('\'').len());
    word
}

fn of_word(word: &str) -> Piece {
    let word = word.strip_suffix("'s").unwrap_or(word);
    let word = SHORT.iter().find(|(short, _)| *short == word).map_or(word, |(_, long)| long);
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        Piece::Number(word.to_owned())
    } else {
        Piece::Word(word.to_owned())
    }
}
