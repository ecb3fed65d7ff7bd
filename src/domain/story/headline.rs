//! A title taken apart: what of it tells the story, and when two of them tell the same.

mod by_characters;
mod by_words;
mod number;
mod ornament;
mod pieces;
mod spelling;
mod stem;
mod tiles;

use std::collections::BTreeMap;

use self::ornament::{Names, brackets_behind, without_ornaments};
use self::pieces::{Piece, grams, key, pieces};
use self::spelling::{normalised, spelled};
use super::words::RECURRING;

/// Titles with fewer words are the same only if they are equal.
const MIN_WORDS: usize = 4;
/// The same for titles in a script without spaces, in characters.
const MIN_CHARS: usize = 10;
/// Of two titles that tell the same, one has at most this part of its length that the other has not.
const MAX_ADDED_PERCENT: usize = 34;
/// The same for both together, where each has something that the other has not.
const MAX_ADDED_PERCENT_IF_BOTH: usize = 30;
/// The same where something stands elsewhere as well.
const MAX_ADDED_PERCENT_IF_MOVED: usize = 25;
/// A title that was cut says at least this much.
const MIN_CUT_CHARS: usize = 16;

/// Returns whether what was added to each of two titles is little enough, of so many pieces. If both say something that
/// the other does not, less is enough to make two stories of them.
fn few_enough(added: [usize; 2], of: usize) -> bool {
    let most = if added.contains(&0) { MAX_ADDED_PERCENT } else { MAX_ADDED_PERCENT_IF_BOTH };
    100 * (added[0] + added[1]) <= most * of
}

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

impl Headline {
    /// Takes a title apart. `source` is the name of the feed it comes from, which some write behind every title.
    pub fn new(title: &str, source: Option<&str>) -> Self {
        Self::beside(title, Names { source, company: None })
    }

    /// The same for an opening, beside whose title stands the company, too.
    pub fn of_opening(title: &str, source: Option<&str>, company: Option<&str>) -> Self {
        Self::beside(title, Names { source, company })
    }

    fn beside(title: &str, names: Names<'_>) -> Self {
        let text = normalised(title);
        let cut = text.ends_with('…') || text.ends_with("...");
        let mut text = without_ornaments(&text, names);
        if names.company.is_some() {
            text = brackets_behind(&text);
        }
        let pieces = pieces(&spelled(&text));
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
    /// Words may come and go, up to a third, or stand elsewhere; a word in the place of another is another story, unless
    /// the two mean the same, and so is whatever turns a story around: numbers, negations, words such as “why” and
    /// “after”, and names that play each other's parts.
    pub fn nearly(&self, other: &Self) -> bool {
        if self.spaceless != other.spaceless {
            return false;
        }
        if (self.cut || other.cut) && self.is_cut_of(other) || self.differs_in_spaces_only(other) {
            return true;
        }
        let least = if self.spaceless { MIN_CHARS } else { MIN_WORDS };
        if self.pieces.len().min(other.pieces.len()) < least || self.numbers() != other.numbers() {
            return false;
        }
        // There may be several longest common parts; which one is found must not depend on who is asked.
        let (a, b) = if self.key <= other.key { (self, other) } else { (other, self) };
        if self.spaceless {
            by_characters::nearly(&a.pieces, &b.pieces)
        } else {
            by_words::nearly(&a.pieces, &b.pieces)
        }
    }

    /// Frontend is front-end.
    fn differs_in_spaces_only(&self, other: &Self) -> bool {
        let letters = |headline: &Self| -> String { headline.key.chars().filter(|c| *c != ' ').collect() };
        (self.says_enough() || other.says_enough())
            && self.numbers() == other.numbers()
            && letters(self) == letters(other)
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearly(a: &str, b: &str) -> bool {
        Headline::new(a, None).nearly(&Headline::new(b, None))
    }

    #[test]
    fn what_stands_elsewhere_tells_the_same_unless_parts_are_exchanged() {
        for (a, b) in [
            ("Study finds salt water cools cities", "Salt water cools cities, study finds"),
            ("Ferry to resume on Monday, mayor says", "Mayor says ferry to resume on Monday"),
            ("Kobe and Osaka to share one airport", "Osaka and Kobe to share one airport"),
            ("港の倉庫が全焼、けが人はなし　神戸", "神戸の港の倉庫が全焼　けが人はなし"),
            ("みなと銀行を、うみべ銀行が買収へ", "うみべ銀行、みなと銀行を買収へ"),
        ] {
            assert!(nearly(a, b), "{a} / {b}");
        }
        for (a, b) in [
            ("Kobe beat Osaka in cup final", "Osaka beat Kobe in cup final"),
            ("Kobe defeated Osaka in cup final", "Kobe defeated by Osaka in cup final"),
            ("Police officer shoots man in Kobe", "Man shoots police officer in Kobe"),
            ("Norway says Sweden closed the border", "Sweden says Norway closed the border"),
            ("Flights from Kobe to Osaka resume today", "Flights from Osaka to Kobe resume today"),
            ("Flights to Osaka resume after storm", "Flights from Osaka resume after storm"),
            ("Fares to rise by 500 yen in spring", "Fares to rise to 500 yen in spring"),
            ("Two dead, five injured in crash near Chiba", "Five dead, two injured in crash near Chiba"),
            ("日本が韓国に勝利、決勝へ進出", "韓国が日本に勝利、決勝へ進出"),
            ("日本、韓国下し決勝へ進出", "韓国、日本下し決勝へ進出"),
            ("中央高校、海星学園破り決勝へ", "海星学園、中央高校破り決勝へ"),
            ("東湾高校、北湾高校破り決勝へ", "北湾高校、東湾高校破り決勝へ"),
            ("みなと銀行、うみべ銀行を買収へ", "うみべ銀行、みなと銀行を買収へ"),
            ("A組がB組を破り優勝　体育祭", "B組がA組を破り優勝　体育祭"),
            ("国道で衝突、2人死亡3人けが", "国道で衝突、3人死亡2人けが"),
        ] {
            assert!(!nearly(a, b), "{a} / {b}");
        }
    }

    #[test]
    fn initials_are_the_words_they_are_of() {
        assert!(nearly("BOJ keeps rates unchanged", "Bank of Japan keeps rates unchanged"));
        assert!(!nearly("BOJ keeps rates unchanged", "Bank of England keeps rates unchanged"));
        assert!(!nearly("No room left for rail", "New order room left for rail"));
    }
}
