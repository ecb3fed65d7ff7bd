//! Two titles laid out with the blocks that both have: the same blocks in another order tell the same story, unless two
//! of them changed their parts in it.

use std::collections::HashMap;

use super::by_characters::{is_ending, may_come_and_go};
use super::pieces::{Piece, key};
use super::{MAX_ADDED_PERCENT_IF_MOVED, MIN_CHARS};
use crate::domain::story::words::ENDINGS_JA;

/// Longer titles are not laid out.
const MAX_PIECES: usize = 120;
/// A shorter block is found in any two titles.
const MIN_BLOCK: usize = 2;
/// More blocks than this are no longer one sentence in another order.
const MAX_BLOCKS: usize = 8;

/// What makes a phrase of a block: no name has it in it.
const PARTICLES: [&str; 5] = ["を", "が", "で", "より", "から"];
/// A word of more letters may stand elsewhere by itself.
const MAX_LONE_LETTERS: usize = 3;

/// A block that stands in both titles.
#[derive(Debug, Clone, Copy)]
struct Tile {
    a: usize,
    b: usize,
    long: usize,
}

/// What of one title no block covers: the pieces, without endings, and the tiles before and behind it.
#[derive(Debug)]
struct Rest {
    text: String,
    before: Option<usize>,
    behind: Option<usize>,
}

impl Rest {
    /// Takes out of both what they have in common, if they stand beside the same tile: all of one of them.
    fn cancel(&mut self, other: &mut Self) {
        let (short, long) = if self.text.len() <= other.text.len() { (self, other) } else { (other, self) };
        let rest = match () {
            () if short.before == long.before && long.text.starts_with(&short.text) => {
                long.text.split_off(short.text.len())
            }
            () if short.behind == long.behind && long.text.ends_with(&short.text) => {
                long.text[..long.text.len() - short.text.len()].to_owned()
            }
            () => return,
        };
        long.text = rest;
        short.text.clear();
    }
}

/// Returns whether both titles are made of the same blocks, in whatever order, and of something that only one has.
pub(super) fn same_blocks(a: &[Piece], b: &[Piece]) -> bool {
    let longer = a.len().max(b.len());
    if a.len().min(b.len()) < MIN_CHARS || longer > MAX_PIECES || has_its_own(a, b) && has_its_own(b, a) {
        return false;
    }
    let tiles = lay(a, b);
    if tiles.len() > MAX_BLOCKS || parts_exchanged(&tiles, a, b) {
        return false;
    }
    let (mut only_a, mut only_b) = (rests(a, &tiles, |tile| tile.a), rests(b, &tiles, |tile| tile.b));
    // What is too short for a block is the same if it stands beside the same one.
    for mine in &mut only_a {
        for others in &mut only_b {
            mine.cancel(others);
        }
    }
    only_a.retain(|rest| !rest.text.is_empty());
    only_b.retain(|rest| !rest.text.is_empty());
    let chars = |rests: &[Rest]| rests.iter().map(|rest| rest.text.chars().count()).sum::<usize>();
    (only_a.is_empty() || only_b.is_empty())
        && 100 * (chars(&only_a) + chars(&only_b)) <= MAX_ADDED_PERCENT_IF_MOVED * longer
        && only_a.iter().chain(&only_b).all(|rest| may_come_and_go(&rest.text))
}

/// Returns whether the title has something more often than the other, endings apart. If both have, no order of blocks
/// makes one of the other.
fn has_its_own(title: &[Piece], other: &[Piece]) -> bool {
    let mut left: HashMap<&Piece, usize> = HashMap::new();
    for piece in other {
        *left.entry(piece).or_insert(0) += 1;
    }
    title.iter().any(|piece| match left.get_mut(piece) {
        Some(count @ 1..) => {
            *count -= 1;
            false
        }
        _ => !matches!(piece, Piece::Char(c) if is_ending_char(*c)),
    })
}

/// Covers both titles with the longest blocks they share, the longest first.
fn lay(a: &[Piece], b: &[Piece]) -> Vec<Tile> {
    let (mut free_a, mut free_b) = (vec![true; a.len()], vec![true; b.len()]);
    let mut tiles = Vec::new();
    loop {
        let mut best = Tile { a: 0, b: 0, long: 0 };
        // How long the shared block is that begins at the place before, for each place of the other title.
        let mut behind = vec![0; b.len() + 1];
        for i in (0..a.len()).rev() {
            let mut here = vec![0; b.len() + 1];
            for j in (0..b.len()).rev() {
                if free_a[i] && free_b[j] && a[i] == b[j] {
                    here[j] = behind[j + 1] + 1;
                    if here[j] >= best.long {
                        best = Tile { a: i, b: j, long: here[j] };
                    }
                }
            }
            behind = here;
        }
        let long_enough = best.long >= MIN_BLOCK || best.long == 1 && !matches!(a[best.a], Piece::Char(_));
        if !long_enough {
            tiles.sort_by_key(|tile: &Tile| tile.a);
            return tiles;
        }
        free_a[best.a..best.a + best.long].fill(false);
        free_b[best.b..best.b + best.long].fill(false);
        tiles.push(best);
    }
}

/// Returns what the tiles leave, without endings at both ends.
fn rests(title: &[Piece], tiles: &[Tile], start: impl Fn(&Tile) -> usize) -> Vec<Rest> {
    let mut order: Vec<usize> = (0..tiles.len()).collect();
    order.sort_by_key(|at| start(&tiles[*at]));
    let mut rests = Vec::new();
    let (mut from, mut before) = (0, None);
    for behind in order.into_iter().map(Some).chain([None]) {
        let to = behind.map_or(title.len(), |at| start(&tiles[at]));
        let text = key(&title[from..to]);
        if !is_ending(&text) || !may_come_and_go(&text) {
            let trimmed = text.trim_matches(is_ending_char);
            rests.push(Rest { text: if trimmed.is_empty() { text } else { trimmed.to_owned() }, before, behind });
        }
        from = behind.map_or(from, |at| start(&tiles[at]) + tiles[at].long);
        before = behind;
    }
    rests
}

/// Returns whether two blocks play each other's parts: one is before が here and before に there, the other the reverse;
/// or they only changed places, and nothing says which part they play; or a number, or a letter, belongs to another.
fn parts_exchanged(tiles: &[Tile], a: &[Piece], b: &[Piece]) -> bool {
    let parts = |tile: &Tile| (part(a, tile.a + tile.long), part(b, tile.b + tile.long));
    tiles.iter().enumerate().any(|(n, one)| {
        tiles[n + 1..].iter().enumerate().any(|(further, other)| {
            let changed_places = one.b > other.b;
            if !changed_places {
                return false;
            }
            let (mine, others) = (parts(one), parts(other));
            let exchanged = mine.0 != mine.1 && mine == (others.1, others.0);
            let lone = |tile: &Tile| {
                tile.long == 1 && !matches!(&a[tile.a], Piece::Word(word) if word.len() > MAX_LONE_LETTERS)
            };
            let neighbours = further == 0 && !tiles.iter().any(|between| other.b < between.b && between.b < one.b);
            let says_nothing = |tile: &Tile| {
                let phrase = key(&a[tile.a..tile.a + tile.long]);
                !PARTICLES.iter().any(|particle| phrase.contains(particle))
                    && !ends(a, tile.a + tile.long)
                    && !ends(b, tile.b + tile.long)
            };
            exchanged || lone(one) || lone(other) || neighbours && says_nothing(one) && says_nothing(other)
        })
    })
}

/// Returns which part in the sentence the particle gives to what stands before it.
fn part(title: &[Piece], behind: usize) -> Option<char> {
    match title.get(behind) {
        Some(Piece::Char('が' | 'は' | 'も')) => Some('が'),
        Some(Piece::Char('に' | 'へ')) => Some('に'),
        Some(Piece::Char(c @ ('を' | 'か'))) => Some(*c),
        _ => None,
    }
}

/// Returns whether the block that ends here ends in a particle, or has one behind it.
fn ends(title: &[Piece], behind: usize) -> bool {
    let ending = |piece: Option<&Piece>| matches!(piece, Some(Piece::Char(c)) if is_ending_char(*c));
    ending(title.get(behind)) || ending(title.get(behind - 1))
}

/// 者 makes a person of what somebody does.
fn is_ending_char(c: char) -> bool {
    c == '者' || ENDINGS_JA.contains(c)
}
