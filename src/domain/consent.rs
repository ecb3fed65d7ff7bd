//! What a person saw and did: the proof of consent (特定電子メール法 Art. 3(2); GDPR Art. 7(1)).

use jiff::Timestamp;

use super::choice::Choice;
use super::edition::Edition;
use super::language::Language;

/// The version of the words the sign-up form shows beside its button. Raise it whenever those words change: the
/// record of a consent names the text that was on the page.
pub const FORM_TEXT_VERSION: &str = "2026-11-29b";

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentKind {
    /// The address was entered at the form or the API.
    SignedUp,
    /// The confirmation button was pressed.
    Confirmed,
    /// The reader left.
    Unsubscribed,
    /// The reader came back from the goodbye page.
    Resubscribed,
    /// An operator brought the address along with a consent given elsewhere, which the detail describes.
    Imported,
    /// An operator added the address and asked its owner to confirm.
    Invited,
    /// The reader, or the operator for them, chose editions, sections or languages; the detail says which.
    Preferences,
    /// The address was put on the suppression list; the detail says why.
    Suppressed,
}

impl ConsentKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::SignedUp,
        Self::Confirmed,
        Self::Unsubscribed,
        Self::Resubscribed,
        Self::Imported,
        Self::Invited,
        Self::Preferences,
        Self::Suppressed,
    ];

    /// Returns the word stored for the kind.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedUp => "signed_up",
            Self::Confirmed => "confirmed",
            Self::Unsubscribed => "unsubscribed",
            Self::Resubscribed => "resubscribed",
            Self::Imported => "imported",
            Self::Invited => "invited",
            Self::Preferences => "preferences",
            Self::Suppressed => "suppressed",
        }
    }

    /// Returns the kind stored as `word`, if there is one.
    pub fn from_stored(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == word)
    }
}

/// Where a visitor's request came from, kept with the consent it expressed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visit {
    /// The client's IP address, as told by the connection or a trusted proxy.
    pub ip: Option<String>,
    /// The browser's own name for itself, cut to 256 characters.
    pub user_agent: Option<String>,
}

/// One line of the append-only consent record.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ConsentEvent {
    /// What happened.
    pub kind: ConsentKind,
    /// When.
    pub at: Timestamp,
    /// The version of the text the person saw, where there was one.
    pub text_version: Option<String>,
    /// The IP address it came from.
    pub ip: Option<String>,
    /// The user agent it came from.
    pub user_agent: Option<String>,
    /// What was agreed to ([`agreed_to`]); how and when, for imports; which link, for unsubscribes.
    pub detail: Option<String>,
}

impl ConsentEvent {
    /// Returns an event of this kind, at this moment, out of this visit.
    pub fn new(kind: ConsentKind, at: Timestamp, visit: &Visit) -> Self {
        Self { kind, at, text_version: None, ip: visit.ip.clone(), user_agent: visit.user_agent.clone(), detail: None }
    }

    /// Adds the version of the text that was shown.
    #[must_use]
    pub fn text_version(mut self, version: impl Into<String>) -> Self {
        self.text_version = Some(version.into());
        self
    }

    /// Adds what else is to be remembered.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

/// Returns how the record says what somebody agreed to: the editions that are taken, each by its name and by the title
/// people saw, which part of it, and the language of the mails. A title may be another one day; the record keeps its own.
pub fn agreed_to(editions: &[Edition], taken: &[(String, Choice)], language: Language) -> String {
    let one = |(name, choice): &(String, Choice)| match editions.iter().find(|edition| edition.name == *name) {
        Some(edition) => format!("{name} “{}” ({choice})", edition.title),
        None => format!("{name} ({choice})"),
    };
    let mut taken: Vec<_> = taken.iter().collect();
    // In the order in which people see them.
    taken.sort_by_key(|(name, _)| editions.iter().position(|edition| edition.name == *name).unwrap_or(usize::MAX));
    let parts = match taken.as_slice() {
        [] => "no edition".to_owned(),
        taken => taken.iter().map(|taken| one(taken)).collect::<Vec<_>>().join(", "),
    };
    format!("{parts}; mails in {language}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schedule::Schedule;

    #[test]
    fn the_record_names_each_edition_and_its_part() {
        let weekly = Edition {
            name: "weekly".to_owned(),
            title: "Japan Weekly".to_owned(),
            schedule: Schedule::parse("0 8 * * Fri", "Asia/Tokyo").unwrap(),
            sections: Vec::new(),
            max_per_section: 1,
            late_limit: std::time::Duration::ZERO,
            policy: Default::default(),
            review: Default::default(),
        };
        let taken = |name: &str, key: &str| (name.to_owned(), Choice::from_key(key).unwrap());
        let both = [taken("gone", "l=ja"), taken("weekly", "")];
        let words = agreed_to(std::slice::from_ref(&weekly), &both, Language::Ja);
        assert_eq!(words, "weekly “Japan Weekly” (everything), gone (all sections; ja); mails in ja");
        assert_eq!(agreed_to(&[weekly], &[], Language::En), "no edition; mails in en");
    }
}
