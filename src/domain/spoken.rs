//! Which language an article is in.
//!
//! A script that only one language uses decides, whatever a feed declares: many a Japanese site says `en-US`, because
//! its software did. Where the script leaves it open, the declaration counts, and what is not declared is detected from
//! the words. A title is short; where the words do not decide, it is the language of the feed's other items, if they have
//! one. Otherwise it is unknown, which is better than wrong: a reader who chose languages gets what is of none, too.

mod characters;
mod script;
mod words;

use self::script::{by_script, is_ideographic, may_be};
use self::words::by_words;

/// How much of a text is looked at.
const MAX_CHARS: usize = 500;
/// So many items of a feed must be of one language before the others are taken to be of it, too.
const ENOUGH: usize = 3;

/// Returns the language of an article as a BCP 47 tag: what its script says, what was `declared`, what its words say, or
/// what is `usual` beside it. `None` if none of them decides.
pub fn language_of(declared: Option<&str>, title: &str, summary: &str, usual: Option<&str>) -> Option<String> {
    match (by_script(title).or_else(|| by_script(&both(title, summary))), declared) {
        (Some(script), Some(declared)) if primary(declared) == script => Some(declared.to_owned()),
        (Some(script), _) => Some(script.to_owned()),
        // Ideographs alone are Chinese or Japanese, and no language of the alphabet.
        (None, Some(declared)) if !is_ideographic(title) || ["ja", "zh"].contains(&primary(declared)) => {
            Some(declared.to_owned())
        }
        (None, _) => by_words(title)
            .or_else(|| by_words(&both(title, summary)))
            .or(usual.filter(|usual| may_be(title, usual)))
            .map(str::to_owned),
    }
}

/// Returns the language that the items of a feed, title and summary each, are usually in: the one that all of them have
/// whose script or words decide, if that is half of them at least. A feed in two languages has none.
pub fn usual_language<'a>(items: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<&'static str> {
    let (mut usual, mut decided, mut all) = (None, 0, 0);
    for (title, summary) in items {
        all += 1;
        let whole = both(title, summary);
        let own =
            by_script(title).or_else(|| by_script(&whole)).or_else(|| by_words(title)).or_else(|| by_words(&whole));
        match (own, usual) {
            (Some(own), Some(usual)) if own != usual => return None,
            (Some(own), _) => (usual, decided) = (Some(own), decided + 1),
            (None, _) => {}
        }
    }
    usual.filter(|_| decided >= ENOUGH && 2 * decided >= all)
}

fn both(title: &str, summary: &str) -> String {
    format!("{title} {summary}")
}

fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_counts_more_than_what_a_feed_declares() {
        for (declared, title, language) in [
            (Some("en-US"), "港町の朝市、3年ぶりに再開", Some("ja")),
            (Some("ja-JP"), "港町の朝市、3年ぶりに再開", Some("ja-JP")),
            (Some("en"), "항구 시장이 다시 열렸다", Some("ko")),
            (Some("en"), "Mayor resigns", Some("en")),
            (Some("ja"), "Rust 1.95", Some("ja")),
            (Some("en"), "東京都知事選挙", Some("ja")),
            (Some("en"), "東京都知事", None),
            (Some("zh-TW"), "東京都知事", Some("zh-TW")),
            (None, "Rust 1.95", None),
            (None, "Mayor", None),
            (None, "", None),
        ] {
            assert_eq!(language_of(declared, title, "", None).as_deref(), language, "{title}");
        }
        assert_eq!(
            language_of(None, "Nova", "O mercado do porto não abre mais aos domingos", None).as_deref(),
            Some("pt")
        );
    }

    /// How many titles were given their language, how many none, and how many another.
    #[derive(Debug, Default)]
    struct Score {
        right: usize,
        unknown: usize,
        wrong: usize,
    }

    impl Score {
        fn count(&mut self, language: &str, title: &str, usual: Option<&str>) {
            match language_of(None, title, "", usual) {
                Some(detected) if detected == language => self.right += 1,
                None => {
                    self.unknown += 1;
                    println!("unknown {language} {title}");
                }
                Some(detected) => {
                    self.wrong += 1;
                    println!("wrong   {language} taken for {detected}: {title}");
                }
            }
        }
    }

    /// Returns the score of a file of titles of our own, each behind its language: each by itself, and beside the others
    /// of its feed, where the file says which stand together.
    fn scores(text: &str) -> [Score; 2] {
        let mut scores = <[Score; 2]>::default();
        for feed in text.split("# feed").filter(|feed| !feed.trim().is_empty()) {
            let titles: Vec<_> = feed.lines().filter_map(|line| line.split_once('\t')).collect();
            let usual = usual_language(titles.iter().map(|(_, title)| (*title, "")));
            for (language, title) in titles {
                scores[0].count(language, title, None);
                scores[1].count(language, title, usual);
            }
        }
        println!("{scores:?}");
        scores
    }

    #[test]
    fn titles_are_given_their_language_or_none() {
        let [alone, _] = scores(include_str!("../../tests/fixtures/stories/languages.tsv"));
        assert!(alone.wrong == 0 && alone.right >= 205, "{alone:?}");
    }

    #[test]
    fn titles_written_before_the_rules_were_changed_are_given_their_language_or_none() {
        let [alone, beside] = scores(include_str!("../../tests/fixtures/stories/languages-fresh.tsv"));
        assert!(alone.wrong == 0 && alone.right >= 54, "{alone:?}");
        assert!(beside.wrong == 0 && beside.right >= 64, "{beside:?}");
    }

    #[test]
    fn short_titles_are_in_the_language_of_their_feed_if_it_has_one() {
        let feed = [("駅前で朝市", ""), ("雪で電車が遅れる", ""), ("知事が会見へ", ""), ("臨時休館", "")];
        let usual = usual_language(feed);
        assert_eq!(usual, Some("ja"));
        assert_eq!(language_of(None, "臨時休館", "", usual).as_deref(), Some("ja"));
        assert_eq!(language_of(Some("en-US"), "臨時休館", "", usual).as_deref(), Some("ja"));
        assert_eq!(language_of(None, "Winter hours", "", usual), None, "that may be in any language");
        assert_eq!(language_of(None, "새해 인사", "", usual).as_deref(), Some("ko"));
        let two = [("The museum is closed for the winter", "")];
        assert_eq!(usual_language(feed.into_iter().chain(two)), None, "a feed in two languages");
        assert_eq!(usual_language(feed.into_iter().take(2)), None, "too few to say");
    }
}
