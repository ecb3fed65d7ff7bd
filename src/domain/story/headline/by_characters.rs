//! Whether two titles in a script without spaces say the same.

use super::few_enough;
use super::pieces::{Piece, key};
use super::tiles;
use crate::domain::story::diff::{differences, over_islands};
use crate::domain::story::words::{ENDINGS_JA, LONG_ENDINGS_JA, PREFIXES_JA, TURNS_JA};

/// Returns whether the titles say the same: something only came or went, or blocks of them stand elsewhere.
pub(super) fn nearly(a: &[Piece], b: &[Piece]) -> bool {
    only_added(a, b) || tiles::same_blocks(a, b)
}

fn only_added(a: &[Piece], b: &[Piece]) -> bool {
    let gaps: Vec<(String, String)> = over_islands(differences(a, b, PartialEq::eq))
        .into_iter()
        .map(|(gone, come)| (key(&a[gone]), key(&b[come])))
        .collect();
    let mut added = [0, 0];
    for (gone, come) in &gaps {
        if !may_come_and_go(gone) || !may_come_and_go(come) || !may_stand_for(gone, come) {
            return false;
        }
        added[0] += if is_ending(gone) { 0 } else { gone.chars().count() };
        added[1] += if is_ending(come) { 0 } else { come.chars().count() };
    }
    // What stands here in one and there in the other was not added.
    let elsewhere = |gone: &str| {
        let gone = gone.trim_matches(|c| ENDINGS_JA.contains(c));
        !gone.is_empty() && gaps.iter().any(|(_, come)| come.contains(gone))
    };
    !gaps.iter().any(|(gone, _)| elsewhere(gone)) && few_enough(added, a.len().max(b.len()))
}

/// Returns whether a title tells the same story with and without this.
pub(super) fn may_come_and_go(gap: &str) -> bool {
    let turns = TURNS_JA.iter().any(|turn| gap.contains(turn));
    let prefix = gap.chars().count() == 1 && PREFIXES_JA.contains(gap);
    let number = gap.contains(|c: char| c.is_ascii_digit());
    !(turns || prefix || number)
}

/// Returns whether one gap may stand in the place of the other: one of them is empty, or both are mere endings.
fn may_stand_for(gone: &str, come: &str) -> bool {
    gone.is_empty() || come.is_empty() || is_ending(gone) && is_ending(come)
}

/// Returns whether this is no more than an ending or particles. Three letters of those can be the name of a train.
pub(super) fn is_ending(gap: &str) -> bool {
    LONG_ENDINGS_JA.contains(&gap) || gap.chars().count() <= 2 && gap.chars().all(|c| ENDINGS_JA.contains(c))
}
