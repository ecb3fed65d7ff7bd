//! What is in one sequence and not in the other, place by place.

use std::ops::Range;

/// Longer titles are compared by their beginnings; a feed's are cut at three hundred graphemes anyway.
const MAX_LENGTH: usize = 320;

/// A place where two sequences differ: what of the first and what of the second stands there.
pub(super) type Stretch = (Range<usize>, Range<usize>);

/// Returns where two sequences differ, in order. Found with the longest common subsequence.
pub(super) fn differences<T>(a: &[T], b: &[T], same: impl Fn(&T, &T) -> bool) -> Vec<Stretch> {
    let (a, b) = (&a[..a.len().min(MAX_LENGTH)], &b[..b.len().min(MAX_LENGTH)]);
    let width = b.len() + 1;
    let mut longest = vec![0u16; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = if same(&a[i], &b[j]) {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let mut stretches = Vec::new();
    let (mut i, mut j, mut from) = (0, 0, (0, 0));
    while i < a.len() && j < b.len() {
        if same(&a[i], &b[j]) {
            if (i, j) != from {
                stretches.push((from.0..i, from.1..j));
            }
            (i, j) = (i + 1, j + 1);
            from = (i, j);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    if from != (a.len(), b.len()) {
        stretches.push((from.0..a.len(), from.1..b.len()));
    }
    stretches
}

/// Makes one of two stretches that one equal element parts, unless both only add to the same side: names that share a
/// letter (フランス, スペイン) stand in each other's place all the same.
pub(super) fn over_islands(stretches: Vec<Stretch>) -> Vec<Stretch> {
    let mut merged: Vec<Stretch> = Vec::with_capacity(stretches.len());
    for (gone, come) in stretches {
        if let Some((last_gone, last_come)) = merged.last_mut() {
            let nothing = |place: &Range<usize>| place.start == place.end;
            let adds = (nothing(last_gone) && nothing(&gone)) || (nothing(last_come) && nothing(&come));
            if !adds && gone.start - last_gone.end <= 1 {
                last_gone.end = gone.end;
                last_come.end = come.end;
                continue;
            }
        }
        merged.push((gone, come));
    }
    merged
}
