//! The word that was probably meant where another one was written.

/// Returns the one of `known` that is a typing error away from `word`: one letter, and one more for every five it has, up
/// to three.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Nothing we know is as long, and comparing takes time.
    const LONGEST: usize = 200;
    if word.len() > LONGEST {
        return None;
    }
    known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (1 + candidate.len() / 5).min(3))
        .min()
        .map(|(_, candidate)| candidate)
}

/// Returns how many letters have to be put in, left out, replaced or swapped with the next one (the distance of Damerau
/// and Levenshtein, each letter touched once).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_is_seen_through_and_another_word_is_not() {
        let known = ["title", "summary", "url", "unsubscribe_url"];
        assert_eq!(nearest("titel", known), Some("title"));
        assert_eq!(nearest("nmae", ["host", "name"]), Some("name"));
        assert_eq!(nearest("unsubcribe_ulr", known), Some("unsubscribe_url"));
        assert_eq!(nearest("urls", known), Some("url"));
        assert_eq!(nearest("headline", known), None);
        assert_eq!(nearest("shout", ["host"]), None);
        assert_eq!(nearest("", []), None);
    }
}
