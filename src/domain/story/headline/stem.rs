//! English words by their families: `colour` and `colors`, `buys` and `acquired` are one word each.

use crate::domain::story::words::{SYNONYMS, TURNS};

/// Returns the first word of those that mean the same, without its endings.
pub(super) fn family(word: &str) -> String {
    let stem = stem(word);
    SYNONYMS.iter().find(|group| group.contains(&stem.as_str())).map_or(stem, |group| group[0].to_owned())
}

/// Returns whether the word turns a story around, such as “not”, “why” and “after”.
pub(super) fn turns(word: &str) -> bool {
    word.ends_with("n't") || TURNS.contains(&word) || TURNS.contains(&stem(word).as_str())
}

/// Returns the word in American spelling and without the endings of English verbs and plurals; too short a rest is left
/// alone.
fn stem(word: &str) -> String {
    let cut = ["ing", "ed", "es", "s", "e"]
        .into_iter()
        .find_map(|ending| {
            // passes is pass, and pass is not pas.
            let plural = ending == "es" || ending == "s";
            word.strip_suffix(ending).filter(|rest| rest.len() >= 3 && !(plural && rest.ends_with('s')))
        })
        .unwrap_or(word);
    let mut stem = cut.trim_end_matches('e').to_owned();
    // cancelled, stopping; countries.
    if let [.., a, b] = stem.as_bytes()
        && a == b
        && b.is_ascii_alphabetic()
        && !b"aeious".contains(b)
    {
        stem.pop();
    }
    for (from, to) in [("our", "or"), ("is", "iz"), ("ys", "yz"), ("tr", "ter"), ("y", "i")] {
        if stem.len() >= 5
            && let Some(rest) = stem.strip_suffix(from)
        {
            return format!("{rest}{to}");
        }
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_and_endings_of_one_word_are_one_family() {
        for words in [
            &["colour", "colors", "coloured"][..],
            &["cancelled", "canceled", "cancels", "cancelling"],
            &["organise", "organizes", "organised"],
            &["theatre", "theaters"],
            &["countries", "country"],
            &["bans", "banned", "ban"],
            &["falls", "drops", "declined"],
        ] {
            for word in words {
                assert_eq!(family(word), family(words[0]), "{word}");
            }
        }
        for (a, b) in [("hour", "hor"), ("rises", "falls"), ("opens", "opera"), ("counts", "counters")] {
            assert_ne!(family(a), family(b), "{a}");
        }
    }
}
