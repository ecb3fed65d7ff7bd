//! Whether two titles in words with spaces between them say the same.

use super::pieces::Piece;
use super::stem::{family, turns};
use super::{MAX_ADDED_PERCENT_IF_MOVED, MIN_WORDS, few_enough};
use crate::domain::story::diff::{Stretch, differences};

/// So many letters are the initials of words.
const INITIALS: std::ops::RangeInclusive<usize> = 2..=5;

/// A word that tells the story, and the small word before it that says which part it plays.
#[derive(Debug, Clone)]
struct Told {
    piece: Piece,
    /// What it is to be compared by.
    family: Piece,
    part: Option<&'static str>,
}

/// Small words that say which part a name plays. Who beats whom is said by the order, and whither and whence by these.
const PARTS: [&str; 8] = ["from", "to", "by", "of", "for", "with", "into", "says"];
/// Those that turn a story around if another of them stands in their place: from Kobe, to Kobe.
const OPPOSED: [&str; 3] = ["from", "to", "by"];

/// Returns whether the titles say the same: words only came or went, or one block of them stands elsewhere.
pub(super) fn nearly(a: &[Piece], b: &[Piece]) -> bool {
    let (a, b) = (with_initials_of(a, b), with_initials_of(b, a));
    let (a, b) = (in_one_word(&a, &b), in_one_word(&b, &a));
    let (a, b) = (told(&a), told(&b));
    if a.len().min(b.len()) + 1 < MIN_WORDS {
        return false;
    }
    let gaps = differences(&a, &b, same_word);
    only_added(&a, &b, &gaps) || with_one_move(&a, &b, &gaps)
}

/// Returns the title with the initials that the other one has in the place of the words they are of: `bank of japan` is
/// `boj` beside a title that says so.
fn with_initials_of(title: &[Piece], other: &[Piece]) -> Vec<Piece> {
    let mut title = title.to_vec();
    for piece in other {
        let Piece::Word(initials) = piece else { continue };
        let long = initials.len();
        if !INITIALS.contains(&long) || piece.is_stop() || turns(initials) || title.contains(piece) {
            continue;
        }
        let begins = |(letter, word): (u8, &Piece)| matches!(word, Piece::Word(word) if word.len() > 1 && word.as_bytes()[0] == letter);
        let spells = |words: &[Piece]| {
            // The C of TC Energy is not that of Telus Corp.
            let ends = [words.first(), words.last()].into_iter().flatten();
            initials.bytes().zip(words).all(begins)
                && !ends.into_iter().any(Piece::is_stop)
                && words.iter().all(|word| word.is_stop() || !other.contains(word))
        };
        if let Some(at) = title.windows(long).position(spells) {
            title.splice(at..at + long, [piece.clone()]);
        }
    }
    title
}

/// Returns the title with two words in one where the other has them so: a heat wave is a heatwave.
fn in_one_word(title: &[Piece], other: &[Piece]) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::with_capacity(title.len());
    for piece in title {
        if let (Some(Piece::Word(first)), Piece::Word(second)) = (joined.last(), piece)
            && let one = Piece::Word(format!("{first}{second}"))
            && other.contains(&one)
        {
            joined.pop();
            joined.push(one);
        } else {
            joined.push(piece.clone());
        }
    }
    joined
}

/// Returns what tells the story. Who did it is part of that: “by” stays before a name, but not before a number.
fn told(pieces: &[Piece]) -> Vec<Told> {
    let mut told = Vec::with_capacity(pieces.len());
    let mut part = None;
    for (at, piece) in pieces.iter().enumerate() {
        let by_whom = piece.is("by") && matches!(pieces.get(at + 1), Some(Piece::Word(_)));
        if !piece.is_stop() || by_whom {
            let family = if let Piece::Word(word) = piece { Piece::Word(family(word)) } else { piece.clone() };
            told.push(Told { piece: piece.clone(), family, part });
            part = None;
        } else if let Some(own) = PARTS.iter().find(|part| piece.is(part) || **part == "says" && piece.is("said")) {
            part = Some(*own);
        }
    }
    told
}

/// Returns whether two words are one, and play parts that are not opposed.
fn same_word(a: &Told, b: &Told) -> bool {
    let opposed =
        matches!((a.part, b.part), (Some(a), Some(b)) if a != b && OPPOSED.contains(&a) && OPPOSED.contains(&b));
    !opposed && a.family == b.family
}

/// Returns whether the words only came or went, up to a part of the title. What they stand beside must be the same to
/// the letter: voting is not the counting of votes.
fn only_added(a: &[Told], b: &[Told], gaps: &[Stretch]) -> bool {
    let mut added = [0, 0];
    for (gone, come) in gaps {
        let neighbours = [
            gone.start.checked_sub(1).zip(come.start.checked_sub(1)),
            Some((gone.end, come.end)).filter(|(gone, come)| *gone < a.len() && *come < b.len()),
        ];
        let beside_another =
            neighbours.into_iter().flatten().any(|(mine, others)| !one_or_many(&a[mine].piece, &b[others].piece));
        let (gone, come) = (&a[gone.clone()], &b[come.clone()]);
        if !gone.is_empty() && !come.is_empty() || beside_another || gone.iter().chain(come).any(turn) {
            return false;
        }
        added[0] += gone.len();
        added[1] += come.len();
    }
    // What stands here in one and there in the other was not added.
    let elsewhere =
        |word: &Told| gaps.iter().any(|(_, come)| b[come.clone()].iter().any(|other| word.family == other.family));
    !gaps.iter().any(|(gone, _)| a[gone.clone()].iter().any(elsewhere)) && few_enough(added, a.len().max(b.len()))
}

/// Returns whether the titles say the same but for one block that stands elsewhere, and for words that only one of them
/// has: “study finds” may stand before or behind what was found. Two names that change places are two blocks.
fn with_one_move(a: &[Told], b: &[Told], gaps: &[Stretch]) -> bool {
    a.len().min(b.len()) >= MIN_WORDS
        && (0..gaps.len()).any(|from| (0..gaps.len()).any(|to| from != to && moved(a, b, gaps, from, to)))
}

/// Returns whether what `from` has of the first title is what `to` has of the second, and nothing else is in the way.
fn moved(a: &[Told], b: &[Told], gaps: &[Stretch], from: usize, to: usize) -> bool {
    let (gone, come) = (&a[gaps[from].0.clone()], &b[gaps[to].1.clone()]);
    let (block, around) = if gone.len() <= come.len() { (gone, come) } else { (come, gone) };
    let Some(at) = place_of(block, around) else { return false };
    let rest: Vec<&Told> = around[..at].iter().chain(&around[at + block.len()..]).collect();
    let (mut only_a, mut only_b) = if gone.len() <= come.len() { (vec![], rest) } else { (rest, vec![]) };
    for (n, (gone, come)) in gaps.iter().enumerate() {
        only_a.extend(if n == from { &[] } else { &a[gone.clone()] });
        only_b.extend(if n == to { &[] } else { &b[come.clone()] });
    }
    // What the block passed on its way begins behind the first of the two places.
    let passed = &gaps[from.min(to)];
    let (Some(passed_a), Some(passed_b)) = (a.get(passed.0.end), b.get(passed.1.end)) else { return false };
    let parts = (block[0].part, around[at].part);
    let (mine, others) = if gone.len() <= come.len() { parts } else { (parts.1, parts.0) };
    let exchanged = mine != others && (mine, others) == (passed_b.part, passed_a.part);
    // “X says Y” is “Y, says X” where nothing follows, but X does not say of Y what Y says of X.
    let turned_round = block.len() + matched_between(gaps, from, to) == a.len() && a.len() == b.len();
    let added = only_a.len().max(only_b.len());
    (!exchanged || turned_round && mine.or(others) == Some("says"))
        && (only_a.is_empty() || only_b.is_empty())
        && 100 * added <= MAX_ADDED_PERCENT_IF_MOVED * a.len().max(b.len())
        && !only_a.into_iter().chain(only_b).any(turn)
        && (!block.iter().any(turn) || turned_round && block.len() > 1)
}

/// Returns how many words both titles have between two gaps.
fn matched_between(gaps: &[Stretch], from: usize, to: usize) -> usize {
    gaps[from.max(to)].0.start - gaps[from.min(to)].0.end
}

/// Returns where in `around` the block stands.
fn place_of(block: &[Told], around: &[Told]) -> Option<usize> {
    if block.is_empty() {
        return None;
    }
    let same = |window: &[Told]| window.iter().zip(block).all(|(a, b)| a.family == b.family);
    around.windows(block.len()).position(same)
}

fn one_or_many(a: &Piece, b: &Piece) -> bool {
    match (a, b) {
        (Piece::Word(a), Piece::Word(b)) => a.trim_end_matches('s') == b.trim_end_matches('s'),
        _ => a == b,
    }
}

/// Returns whether the word makes another story of a title that has it and one that has not. A number that stands
/// elsewhere counts other things.
fn turn(told: &Told) -> bool {
    match &told.piece {
        Piece::Word(word) => word == "by" || turns(word),
        Piece::Number(_) => true,
        Piece::Char(_) => false,
    }
}
