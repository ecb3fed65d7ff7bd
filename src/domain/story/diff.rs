//! What is in one sequence and not in the other, place by place.

/// Longer titles are compared by their beginnings; a feed's are cut at three hundred graphemes anyway.
const MAX_LENGTH: usize = 320;

/// Returns the differing stretches of two sequences, in order: what is only in `a`, and what is in `b` in its place.
/// Found with the longest common subsequence.
pub(super) fn differences<'a, T>(a: &'a [T], b: &'a [T], same: impl Fn(&T, &T) -> bool) -> Vec<(&'a [T], &'a [T])> {
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
                stretches.push((&a[from.0..i], &b[from.1..j]));
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
        stretches.push((&a[from.0..], &b[from.1..]));
    }
    stretches
}
