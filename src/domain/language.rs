//! The languages mails and pages are written in.

use std::fmt;
use std::str::FromStr;

/// A language Kawaraban speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

impl Language {
    /// Every language, in the order of a language switch.
    pub const ALL: [Self; 2] = [Self::En, Self::Ja];

    /// Returns the BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ja => "ja",
        }
    }

    /// Returns what its speakers call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Ja => "日本語",
        }
    }

    /// Returns the first language of an `Accept-Language` header (RFC 9110 §12.5.4) that we speak, by weight.
    pub fn negotiate(accept_language: &str) -> Option<Self> {
        let mut best: Option<(u16, Self)> = None;
        for range in accept_language.split(',').take(32) {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default();
            let Some(language) = tag.split('-').next().and_then(|primary| primary.parse().ok()) else { continue };
            let weight = match parts.find_map(|p| p.strip_prefix("q=")).map(str::parse::<f32>) {
                None => 1000,
                // A weight has three decimals at most; beyond [0, 1] it is clamped.
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to [0, 1000]")]
                Some(Ok(q)) => (q.clamp(0.0, 1.0) * 1000.0) as u16,
                Some(Err(_)) => continue,
            };
            if weight > 0 && best.is_none_or(|(w, _)| weight > w) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// The language is not one of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown language {0:?} (en or ja)")]
pub struct UnknownLanguage(String);

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|l| l.tag().eq_ignore_ascii_case(tag)).ok_or_else(|| UnknownLanguage(tag.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_language_we_speak_wins() {
        assert_eq!(Language::negotiate("ja,en;q=0.8"), Some(Language::Ja));
        assert_eq!(Language::negotiate("fr, en-GB;q=0.4, ja-JP;q=0.7"), Some(Language::Ja));
        assert_eq!(Language::negotiate("en-US"), Some(Language::En));
        assert_eq!(Language::negotiate("ja;q=0, de"), None);
        assert_eq!(Language::negotiate("ja;q=x"), None);
        assert_eq!(Language::negotiate(""), None);
    }
}
