//! Numbers, which are the same however they are written: `3万`, `30,000`, `30k`; `$2.5bn`, `2.5 billion dollars`.

use std::iter::Peekable;
use std::str::Chars;

use super::pieces::Piece;

/// What a sign before a number is called behind it.
const CURRENCIES: [(char, &str); 4] = [('$', "dollar"), ('€', "euro"), ('£', "pound"), ('¥', "yen")];
/// Words that multiply the number before them.
const MAGNITUDES: [(&str, f64); 4] = [("thousand", 1e3), ("million", 1e6), ("billion", 1e9), ("trillion", 1e12)];
/// Characters that do.
const MAGNITUDES_JA: [(char, f64); 4] = [('千', 1e3), ('万', 1e4), ('億', 1e8), ('兆', 1e12)];

/// Returns what a sign of money is called, if it is one.
pub(super) fn currency(sign: char) -> Option<&'static str> {
    CURRENCIES.iter().find(|(own, _)| *own == sign).map(|(_, name)| *name)
}

/// Reads the number that begins with `first`. What has two points is a version and stays as it is.
pub(super) fn read(first: char, chars: &mut Peekable<Chars<'_>>, of_money: bool) -> String {
    let digits = digits(first, chars);
    let Ok(value) = digits.parse::<f64>() else { return digits };
    if let Some(value) = in_japanese(value, chars) {
        return written(value);
    }
    // Five tenths are 50 %.
    if chars.next_if_eq(&'割').is_some() {
        return format!("{} percent", written(value * 10.0));
    }
    let letters: String = chars.clone().take_while(char::is_ascii_alphabetic).take(4).collect();
    let times = match letters.as_str() {
        "k" => 1e3,
        "m" | "mn" if of_money => 1e6,
        "b" | "bn" if of_money => 1e9,
        "t" | "tn" if of_money => 1e12,
        // 17th, 1st.
        "st" | "nd" | "rd" | "th" => 1.0,
        _ => return digits,
    };
    chars.nth(letters.len() - 1);
    if times > 1.0 { written(value * times) } else { digits }
}

/// Multiplies each number by the word behind it, also if the money's name stands between them.
pub(super) fn multiply(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut multiplied: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let times = MAGNITUDES.iter().find(|(name, _)| piece.is(name)).map(|(_, times)| *times);
        let at = match multiplied.as_slice() {
            [.., Piece::Number(_), Piece::Word(name)] if CURRENCIES.iter().any(|(_, own)| own == name) => 2,
            _ => 1,
        };
        let number = multiplied.len().checked_sub(at).and_then(|at| multiplied.get_mut(at));
        if let (Some(times), Some(Piece::Number(number))) = (times, number)
            && let Ok(value) = number.parse::<f64>()
        {
            *number = written(value * times);
        } else {
            multiplied.push(piece);
        }
    }
    multiplied
}

/// Returns the digits, without what parts them in thousands.
fn digits(first: char, chars: &mut Peekable<Chars<'_>>) -> String {
    let mut number = String::from(first);
    while let Some(next) = chars.peek().copied() {
        let mut ahead = chars.clone();
        ahead.next();
        let inside = matches!(next, ',' | '.') && ahead.peek().is_some_and(char::is_ascii_digit);
        if !next.is_ascii_digit() && !inside {
            break;
        }
        if next != ',' {
            number.push(next);
        }
        chars.next();
    }
    number
}

/// Returns what `1万2千` is, whose `1` was read. `None` if no magnitude follows.
fn in_japanese(first: f64, chars: &mut Peekable<Chars<'_>>) -> Option<f64> {
    let mut times = magnitude(chars)?;
    let (mut sum, mut value) = (0.0, first);
    loop {
        chars.next();
        value *= times;
        // 3千万.
        if let Some(more) = magnitude(chars).filter(|more| *more > times) {
            chars.next();
            (value, times) = (value * more, more);
        }
        sum += value;
        // 1万2000, but not 3億、5人: what follows is less than what stands before it counts.
        let mut ahead = chars.clone();
        let Some(digit) = ahead.next().filter(char::is_ascii_digit) else { return Some(sum) };
        let Some(next) = digits(digit, &mut ahead).parse::<f64>().ok().filter(|next| *next < times) else {
            return Some(sum);
        };
        *chars = ahead;
        value = next;
        match magnitude(chars) {
            Some(next) if next < times => times = next,
            _ => return Some(sum + value),
        }
    }
}

fn magnitude(chars: &Peekable<Chars<'_>>) -> Option<f64> {
    let mut ahead = chars.clone();
    let c = ahead.next()?;
    let (_, times) = MAGNITUDES_JA.iter().find(|(name, _)| *name == c)?;
    // 2千葉1 is the score of a match.
    (c != '千' || ahead.next() != Some('葉')).then_some(*times)
}

/// Returns the value without what binary fractions add to it.
fn written(value: f64) -> String {
    ((value * 1e3).round() / 1e3).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::pieces::{key, pieces};

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for spellings in [
            &["3万人", "30,000人", "30000人", "30k人"][..],
            &["1万2千", "1万2000", "12,000", "1.2万"],
            &["12億3000万", "1230000000", "12.3億"],
            &["3千万", "30,000,000", "3000万"],
            &["$2.5b", "$2.5bn", "2.5 billion dollar", "$2.5 billion"],
            &["¥10,000", "10000 yen", "10k yen"],
            &["17th", "17"],
            &["5割", "50 percent"],
        ] {
            for spelling in spellings {
                assert_eq!(key(&pieces(spelling)), key(&pieces(spellings[0])), "{spelling}");
            }
        }
        for (text, key_of_it) in
            [("1.95.0", "1.95.0"), ("東京2千葉1", "東京2千葉1"), ("3億、5人", "300000000 5人"), ("5m", "5 m")]
        {
            assert_eq!(key(&pieces(text)), key_of_it, "{text}");
        }
    }
}
