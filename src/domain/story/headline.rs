//! A title taken apart: what of it tells the story, and when two of them tell the same.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use unicode_normalization::UnicodeNormalization;

use super::diff::{differences, over_islands};
use super::words::{
    ENDINGS_JA, MEDIA, ORNAMENTS, PREFIXES_JA, RECURRING, SAME_WORDS, SHORT, STOP, SYNONYMS, TURNS, TURNS_JA,
};

/// Titles with fewer words are the same only if they are equal.
const MIN_WORDS: usize = 4;
/// The same for titles in a script without spaces, in characters.
const MIN_CHARS: usize = 10;
/// Of two titles that tell the same, one has at most this part of its length that the other has not.
const MAX_ADDED_PERCENT: usize = 34;
/// A piece that stands at another place must be this long: shorter ones are names that changed sides.
const MIN_MOVED_CHARS: usize = 4;
/// A title that was cut says at least this much.
const MIN_CUT_CHARS: usize = 16;
/// A site's name is not longer.
const MAX_NAME_CHARS: usize = 40;

/// A title, taken apart.
#[derive(Debug, Clone)]
pub struct Headline {
    key: String,
    pieces: Vec<Piece>,
    grams: Vec<u32>,
    /// Whether it was cut by whoever wrote the feed.
    cut: bool,
    /// Whether most of it is in a script without spaces.
    spaceless: bool,
}

/// A word, or a character of a script without spaces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Piece {
    Word(String),
    Number(String),
    Char(char),
}

impl Headline {
    /// Takes a title apart. `source` is the name of the feed it comes from, which some write behind every title.
    pub fn new(title: &str, source: Option<&str>) -> Self {
        let mut text = normalised(title);
        let cut = text.ends_with('…') || text.ends_with("...");
        text = without_ornaments(&text, source.map(normalised).as_deref());
        for (from, to) in SAME_WORDS {
            if text.contains(from) {
                text = text.replace(from, to);
            }
        }
        let pieces = pieces(&text);
        let spaceless = 2 * pieces.iter().filter(|piece| matches!(piece, Piece::Char(_))).count() > pieces.len();
        Self { key: key(&pieces), grams: grams(&pieces), pieces, cut, spaceless }
    }

    /// Returns the title without what differs from source to source; equal keys are equal titles.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns numbers of which titles that tell the same share most, each once.
    pub(super) fn grams(&self) -> &[u32] {
        &self.grams
    }

    /// Returns whether an equal title elsewhere tells the same story: whether it is long enough, and none of those
    /// that come every week.
    pub fn says_enough(&self) -> bool {
        let (long, very_long) = if self.spaceless {
            (self.pieces.len() >= 6, self.pieces.len() >= 16)
        } else {
            (self.pieces.len() >= 3, self.pieces.len() >= 7)
        };
        long && (very_long || !RECURRING.iter().any(|word| self.key.contains(word.trim_end())))
    }

    /// Returns whether the titles differ only in their numbers, as those of two days or two parts do.
    pub fn differs_in_numbers_only(&self, other: &Self) -> bool {
        let without = |headline: &Self| -> Vec<Piece> {
            headline.pieces.iter().filter(|piece| !matches!(piece, Piece::Number(_))).cloned().collect()
        };
        self.key != other.key && without(self) == without(other)
    }

    /// Returns whether two titles that are not equal say the same in nearly the same words.
    ///
    /// Words may come and go, up to a third; a word in the place of another is another story, unless the two mean the
    /// same, and so is whatever turns a story around: numbers, negations, and words such as “why” and “after”.
    pub fn nearly(&self, other: &Self) -> bool {
        if self.spaceless != other.spaceless {
            return false;
        }
        if (self.cut || other.cut) && self.is_cut_of(other) {
            return true;
        }
        let least = if self.spaceless { MIN_CHARS } else { MIN_WORDS };
        if self.pieces.len().min(other.pieces.len()) < least || self.numbers() != other.numbers() {
            return false;
        }
        // There may be several longest common parts; which one is found must not depend on who is asked.
        let (a, b) = if self.key <= other.key { (self, other) } else { (other, self) };
        if self.spaceless { a.nearly_by_characters(b) } else { a.nearly_by_words(b) }
    }

    fn numbers(&self) -> BTreeMap<&str, usize> {
        let mut numbers = BTreeMap::new();
        for piece in &self.pieces {
            if let Piece::Number(number) = piece {
                *numbers.entry(number.as_str()).or_insert(0) += 1;
            }
        }
        numbers
    }

    fn is_cut_of(&self, other: &Self) -> bool {
        let (short, long) = if self.key.len() <= other.key.len() { (self, other) } else { (other, self) };
        let chars = short.key.chars().count();
        short.cut && chars >= MIN_CUT_CHARS && 2 * chars >= long.key.chars().count() && long.key.starts_with(&short.key)
    }

    fn nearly_by_words(&self, other: &Self) -> bool {
        let (mine, others) = (content(&self.pieces), content(&other.pieces));
        let mut added = [0, 0];
        for (gone, come) in differences(&mine, &others, same_word) {
            let (gone, come) = (&mine[gone], &others[come]);
            if !gone.is_empty() && !come.is_empty() || gone.iter().chain(come).any(turns) {
                return false;
            }
            added[0] += gone.len();
            added[1] += come.len();
        }
        let longer = mine.len().max(others.len());
        mine.len().min(others.len()) + 1 >= MIN_WORDS
            && added.iter().all(|added| 100 * added <= MAX_ADDED_PERCENT * longer)
    }

    fn nearly_by_characters(&self, other: &Self) -> bool {
        let mut gaps: Vec<(String, String)> = over_islands(differences(&self.pieces, &other.pieces, PartialEq::eq))
            .into_iter()
            .map(|(gone, come)| (key(&self.pieces[gone]), key(&other.pieces[come])))
            .collect();
        let longer = self.pieces.len().max(other.pieces.len());
        if longer >= 4 * MIN_MOVED_CHARS {
            cancel_moved(&mut gaps);
        }
        let mut added = [0, 0];
        for (gone, come) in &gaps {
            if !may_come_and_go(gone) || !may_come_and_go(come) || !may_stand_for(gone, come) {
                return false;
            }
            added[0] += gone.chars().count();
            added[1] += come.chars().count();
        }
        added.iter().all(|added| 100 * added <= MAX_ADDED_PERCENT * longer)
    }
}

/// Returns the text in one width, case and spelling of letters.
fn normalised(text: &str) -> String {
    let plain: String = text.nfkd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).nfc().collect();
    let plain: String = plain.nfkc().flat_map(char::to_lowercase).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the title without marks and site names, as long as something is left.
fn without_ornaments(text: &str, source: Option<&str>) -> String {
    let mut text = text.trim_end_matches(['…', '.', ' ']).to_owned();
    loop {
        let shorter = without_leading(&text)
            .or_else(|| without_bracket_behind(&text, source))
            .or_else(|| without_name_behind(&text, source));
        match shorter {
            Some(shorter) if shorter.chars().count() >= 2 && shorter.len() < text.len() => text = shorter,
            _ => return text,
        }
    }
}

const BRACKETS: [(char, char); 9] = [
    ('【', '】'),
    ('[', ']'),
    ('(', ')'),
    ('〔', '〕'),
    ('<', '>'),
    ('〈', '〉'),
    ('《', '》'),
    ('〖', '〗'),
    ('{', '}'),
];

fn without_leading(text: &str) -> Option<String> {
    let first = text.chars().next()?;
    if let Some((_, close)) = BRACKETS.iter().find(|(open, _)| *open == first) {
        let (inside, rest) = text[first.len_utf8()..].split_once(*close)?;
        return is_ornament(inside).then(|| rest.trim_start().to_owned());
    }
    let (mark, rest) = text.split_once([':', '-'])?;
    (is_ornament(mark) && !rest.is_empty()).then(|| rest.trim_start().to_owned())
}

fn without_bracket_behind(text: &str, source: Option<&str>) -> Option<String> {
    let last = text.chars().next_back()?;
    let (open, _) = BRACKETS.iter().find(|(_, close)| *close == last)?;
    let (rest, inside) = text[..text.len() - last.len_utf8()].rsplit_once(*open)?;
    (is_ornament(inside) || is_name(inside, source)).then(|| rest.trim_end().to_owned())
}

fn without_name_behind(text: &str, source: Option<&str>) -> Option<String> {
    for separator in ["|", " - ", " – ", " — ", " :: ", ":", " « ", " » ", " / ", " · ", "―"] {
        // A name is shorter than what it stands behind: "Events: jazz festival in Osaka" of the Osaka Times is no event
        // called "Events". A colon parts sentences, too, so behind it only the source's own name is one.
        if let Some((rest, name)) = text.rsplit_once(separator)
            && rest.chars().count() >= name.chars().count()
            && if separator == ":" { is_own_name(name, source) } else { is_name(name.trim(), source) }
        {
            return Some(rest.trim_end().to_owned());
        }
    }
    // "Title | Culture | Paper": between two bars stands a section.
    let (rest, section) = text.rsplit_once(" | ").or_else(|| text.rsplit_once(" - "))?;
    let words = section.split(' ').count();
    ([
        "news", "culture", "sports", "politics", "business", "world", "local", "opinion", "tech", "社会", "経済",
        "政治", "文化",
    ]
    .contains(&section)
        && words == 1)
        .then(|| rest.trim_end().to_owned())
}

fn is_ornament(text: &str) -> bool {
    let text = text.trim().trim_end_matches('!');
    // "update 2" is the second.
    let text = text.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end();
    ORNAMENTS.contains(&text)
}

fn is_name(text: &str, source: Option<&str>) -> bool {
    let text = text.trim();
    let long = text.chars().count();
    if !(2..=MAX_NAME_CHARS).contains(&long) || text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace()) {
        return false;
    }
    let of_source = source.is_some_and(|source| {
        let (text, source) = (letters(text), letters(source));
        let (ours, theirs) = (text.chars().count(), source.chars().count());
        // A part of the name, or the name and a little more, and not every sentence with the name in it.
        long >= 3 && (source.contains(&text) && 2 * ours >= theirs || text.starts_with(&source) && 2 * theirs >= ours)
    });
    is_own_name(text, source)
        || of_source
        || long <= MAX_NAME_CHARS / 2 + 5
            && text.split(' ').count() <= 4
            && MEDIA.iter().any(|word| {
                if word.is_ascii() && !word.starts_with('.') {
                    text.split(' ').next_back() == Some(word)
                } else {
                    text.ends_with(word) || text.ends_with(&format!("{word}デジタル"))
                }
            })
}

fn is_own_name(text: &str, source: Option<&str>) -> bool {
    let text = letters(text);
    !text.is_empty() && source.is_some_and(|source| letters(source) == text)
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '々' | '〆')
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '・' {
            continue;
        }
        if is_spaceless(c) {
            pieces.push(Piece::Char(c));
        } else if c.is_ascii_digit() {
            let mut number = String::from(c);
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
            // 17th, 1st.
            let mut ahead = chars.clone();
            let ending: String = ahead.by_ref().take(2).collect();
            if ["st", "nd", "rd", "th"].contains(&ending.as_str()) && !ahead.next().is_some_and(char::is_alphabetic) {
                chars = ahead_of(chars, 2);
            }
            pieces.push(Piece::Number(number));
        } else if c.is_alphabetic() {
            let mut word = String::from(c);
            while let Some(next) = chars.peek().copied() {
                if !(next.is_alphanumeric() || next == '\'') || is_spaceless(next) {
                    break;
                }
                word.push(next);
                chars.next();
            }
            pieces.push(of_word(word.trim_end_matches('\'')));
        }
    }
    pieces
}

fn ahead_of<I: Iterator>(mut iterator: I, by: usize) -> I {
    for _ in 0..by {
        iterator.next();
    }
    iterator
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

/// Returns the pieces as one text, with a space only where two words would grow together.
fn key(pieces: &[Piece]) -> String {
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

/// Words that are not everywhere, and pairs of characters.
fn grams(pieces: &[Piece]) -> Vec<u32> {
    let mut grams: Vec<u32> = Vec::with_capacity(pieces.len());
    for pair in pieces.windows(2) {
        if let [Piece::Char(a), Piece::Char(b)] = pair {
            grams.push(hashed(&(a, b)));
        }
    }
    for piece in pieces {
        match piece {
            Piece::Word(word) if !STOP.contains(&word.as_str()) => grams.push(hashed(&synonym(&stem(word)))),
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

fn content(pieces: &[Piece]) -> Vec<Piece> {
    pieces
        .iter()
        .filter(|piece| !matches!(piece, Piece::Word(word) if STOP.contains(&word.as_str())))
        .cloned()
        .collect()
}

fn same_word(a: &Piece, b: &Piece) -> bool {
    match (a, b) {
        (Piece::Word(a), Piece::Word(b)) => a == b || synonym(&stem(a)) == synonym(&stem(b)),
        _ => a == b,
    }
}

/// Returns the word without the endings of English verbs and plurals; too short a rest is left alone.
fn stem(word: &str) -> String {
    let cut = ["ing", "ed", "es", "s", "e"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending).filter(|rest| rest.len() >= 3 && !rest.ends_with('s')))
        .unwrap_or(word);
    cut.trim_end_matches('e').to_owned()
}

fn synonym(stem: &str) -> String {
    SYNONYMS.iter().find(|group| group.contains(&stem)).map_or(stem, |group| group[0]).to_owned()
}

fn turns(piece: &Piece) -> bool {
    match piece {
        Piece::Word(word) => {
            word.ends_with("n't") || TURNS.contains(&word.as_str()) || TURNS.contains(&stem(word).as_str())
        }
        Piece::Number(_) => true,
        Piece::Char(_) => false,
    }
}

/// Takes out of the gaps what stands in one title here and in the other there.
fn cancel_moved(gaps: &mut [(String, String)]) {
    for from in 0..gaps.len() {
        for to in 0..gaps.len() {
            if from == to || gaps[from].0.chars().count() < MIN_MOVED_CHARS {
                continue;
            }
            if let Some(at) = gaps[to].1.find(&gaps[from].0) {
                let moved = std::mem::take(&mut gaps[from].0);
                gaps[to].1.replace_range(at..at + moved.len(), "");
            } else if gaps[to].1.chars().count() >= MIN_MOVED_CHARS
                && let Some(at) = gaps[from].0.find(&gaps[to].1)
            {
                let moved = std::mem::take(&mut gaps[to].1);
                gaps[from].0.replace_range(at..at + moved.len(), "");
            }
        }
    }
}

fn may_come_and_go(gap: &str) -> bool {
    let turns = TURNS_JA.iter().any(|turn| gap.contains(turn));
    let prefix = gap.chars().count() == 1 && PREFIXES_JA.contains(gap);
    let number = gap.contains(|c: char| c.is_ascii_digit());
    !(turns || prefix || number)
}

/// Returns whether one gap may stand in the place of the other: one of them is empty, or both are mere endings.
fn may_stand_for(gone: &str, come: &str) -> bool {
    let ending = |gap: &str| gap.chars().count() <= 4 && gap.chars().all(|c| ENDINGS_JA.contains(c));
    gone.is_empty() || come.is_empty() || ending(gone) && ending(come)
}
