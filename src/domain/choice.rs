//! Which part of an edition a reader takes.
//!
//! The choice is stored as a key, and the same key names the letter that brings that part. So there is one spelling of
//! each choice: `s=news,openings;l=ja`, the words sorted, a half that is not limited left out, and nothing at all for
//! whoever takes everything.

use std::collections::BTreeSet;
use std::fmt;

use super::issue::IssueItem;

/// Which part of an edition a reader takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Choice {
    /// The sections they take; `None` is all, those to come included.
    pub sections: Option<BTreeSet<String>>,
    /// The languages of the articles they take, as primary subtags in lower case; `None` is all.
    pub languages: Option<BTreeSet<String>>,
}

/// A stored choice that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no key of a choice")]
pub struct BadChoice(String);

impl Choice {
    /// The longest key a form or a command may make. Forty sections of forty letters would be more than anybody has.
    pub const MAX_KEY_CHARS: usize = 1000;

    /// Returns the choice of everything.
    pub fn everything() -> Self {
        Self::default()
    }

    /// Returns the choice of these sections and languages. Whoever takes all that are `offered` takes all, so that a
    /// section that is added later comes to them too.
    pub fn among(
        sections: impl IntoIterator<Item = String>,
        offered_sections: &[String],
        languages: impl IntoIterator<Item = String>,
        offered_languages: &[&str],
    ) -> Self {
        let sections: BTreeSet<String> = sections.into_iter().filter(|one| offered_sections.contains(one)).collect();
        let languages: BTreeSet<String> =
            languages.into_iter().filter(|one| offered_languages.contains(&one.as_str())).collect();
        Self {
            sections: (!offered_sections.iter().all(|one| sections.contains(one))).then_some(sections),
            languages: (!offered_languages.iter().all(|one| languages.contains(*one))).then_some(languages),
        }
    }

    /// Returns whether it is the choice of everything.
    pub fn is_everything(&self) -> bool {
        self.sections.is_none() && self.languages.is_none()
    }

    /// Returns the key: the one spelling of this choice.
    pub fn key(&self) -> String {
        let half = |name: &str, words: &Option<BTreeSet<String>>| {
            words
                .as_ref()
                .map(|words| format!("{name}={}", words.iter().map(String::as_str).collect::<Vec<_>>().join(",")))
        };
        [half("s", &self.sections), half("l", &self.languages)].into_iter().flatten().collect::<Vec<_>>().join(";")
    }

    /// Returns the choice a key stands for.
    ///
    /// # Errors
    /// [`BadChoice`] if it is not the key of any: whoever reads it decides what to make of that.
    pub fn from_key(key: &str) -> Result<Self, BadChoice> {
        let bad = || BadChoice(key.chars().take(80).collect());
        let mut choice = Self::default();
        for half in key.split(';').filter(|half| !half.is_empty()) {
            let (name, words) = half.split_once('=').ok_or_else(bad)?;
            let words = words.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect();
            match name {
                "s" => choice.sections = Some(words),
                "l" => choice.languages = Some(words),
                _ => return Err(bad()),
            }
        }
        if choice.key() == key { Ok(choice) } else { Err(bad()) }
    }

    /// Returns whether they take an item. One whose language nobody knows is for everybody: it is better read than
    /// missed.
    pub fn takes(&self, section: &str, language: Option<&str>) -> bool {
        let section_taken = self.sections.as_ref().is_none_or(|sections| sections.contains(section));
        let language_taken = match (&self.languages, language) {
            (None, _) | (_, None) => true,
            (Some(languages), Some(tag)) => languages.contains(&primary(tag)),
        };
        section_taken && language_taken
    }

    /// Returns the items of an issue they take, numbered anew within their sections.
    pub fn of(&self, items: &[IssueItem]) -> Vec<IssueItem> {
        let mut places: std::collections::BTreeMap<&str, i64> = std::collections::BTreeMap::new();
        let taken = items.iter().filter(|item| self.takes(&item.section, item.language.as_deref()));
        taken
            .map(|item| {
                let place = places.entry(&item.section).or_insert(0);
                *place += 1;
                IssueItem { position: *place - 1, ..item.clone() }
            })
            .collect()
    }
}

/// Returns the primary subtag of a BCP 47 tag, in lower case: `ja` of `ja-JP` and of `ja_JP`.
pub fn primary(tag: &str) -> String {
    tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase()
}

/// Returns whether a word can be the primary subtag of a language. Any language may be chosen: articles come in more than
/// mails do.
pub fn is_language(word: &str) -> bool {
    (2..=8).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphabetic())
}

impl fmt::Display for Choice {
    /// Writes the choice for an operator.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let half = |words: &Option<BTreeSet<String>>, all: &str| match words {
            None => all.to_owned(),
            Some(words) if words.is_empty() => "nothing".to_owned(),
            Some(words) => words.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
        };
        if self.is_everything() {
            return f.write_str("everything");
        }
        write!(f, "{}; {}", half(&self.sections, "all sections"), half(&self.languages, "all languages"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set(words: &[&str]) -> Option<BTreeSet<String>> {
        Some(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn a_choice_has_one_key_and_everything_has_none() {
        let choice = Choice { sections: set(&["openings", "news"]), languages: set(&["ja"]) };
        assert_eq!(choice.key(), "s=news,openings;l=ja");
        assert_eq!(Choice::from_key("s=news,openings;l=ja"), Ok(choice));
        assert_eq!(Choice::everything().key(), "");
        assert_eq!(Choice::from_key(""), Ok(Choice::everything()));
        for other in ["s=openings,news", "s", "x=1", "l=ja;s=news", "s=news;", "s=news,,openings", ";"] {
            assert!(Choice::from_key(other).is_err(), "{other}");
        }
    }

    #[test]
    fn whoever_takes_all_that_is_offered_takes_what_is_added_later() {
        let offered = ["news".to_owned(), "openings".to_owned()];
        let both = Choice::among(offered.clone(), &offered, ["en".to_owned(), "ja".to_owned()], &["en", "ja"]);
        assert!(both.is_everything());
        let some = Choice::among(["news".to_owned(), "gone".to_owned()], &offered, ["ja".to_owned()], &["en", "ja"]);
        assert_eq!(some.key(), "s=news;l=ja", "an unknown section is left out");
        assert_eq!(Choice::among([], &offered, [], &["en"]).key(), "s=;l=");
    }

    #[test]
    fn an_item_of_an_unknown_language_is_for_everybody() {
        let choice = Choice { sections: set(&["news"]), languages: set(&["ja"]) };
        assert!(choice.takes("news", Some("ja-JP")) && choice.takes("news", Some("JA")) && choice.takes("news", None));
        assert!(!choice.takes("news", Some("en")) && !choice.takes("openings", Some("ja")));
        assert!(Choice::everything().takes("anything", Some("fr")));
    }

    proptest! {
        #[test]
        fn keys_are_stable(sections in prop::option::of(prop::collection::btree_set("[a-z][a-z0-9-]{0,8}", 0..5)),
                           languages in prop::option::of(prop::collection::btree_set("[a-z]{2,3}", 0..3))) {
            let choice = Choice { sections, languages };
            let key = choice.key();
            prop_assert_eq!(Choice::from_key(&key).unwrap().key(), key.clone());
            prop_assert_eq!(Choice::from_key(&key), Ok(choice));
        }
    }
}
