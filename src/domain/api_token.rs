//! A token of the API: who may do what, without a session. Only its hash is kept.

use std::fmt;
use std::str::FromStr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// What every token begins with, so that people, and programs that look for lost secrets, know it for one of ours.
const PREFIX: &str = "kwb_";
/// As many random bytes as the hash has: neither is easier to guess than the other.
const RANDOM_BYTES: usize = 32;
/// 32 bytes in base64url without padding.
const RANDOM_CHARS: usize = 43;

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub enum Scope {
    /// Looking at articles.
    #[serde(rename = "articles:read")]
    ArticlesRead,
    /// Pushing, changing and withdrawing articles.
    #[serde(rename = "articles:write")]
    ArticlesWrite,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 2] = [Self::ArticlesRead, Self::ArticlesWrite];

    /// Returns the word for the scope.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ArticlesRead => "articles:read",
            Self::ArticlesWrite => "articles:write",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// There is no such scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown scope {0:?} (articles:read or articles:write)")]
pub struct UnknownScope(String);

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word).ok_or_else(|| UnknownScope(word.to_owned()))
    }
}

/// A token as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// The row.
    pub id: i64,
    /// What the operator calls it.
    pub name: String,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last used, to the minute.
    pub last_used: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

impl ApiToken {
    /// Returns whether the token allows this.
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

/// A token itself. It is shown once, and never logged.
#[derive(Clone)]
pub struct Bearer(String);

impl Bearer {
    /// Returns the token made of these random bytes.
    pub fn new(random: [u8; RANDOM_BYTES]) -> Self {
        Self(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random)))
    }

    /// Returns the token somebody shows, if it has the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        let random = text.strip_prefix(PREFIX)?;
        let plain = random.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        (random.len() == RANDOM_CHARS && plain).then(|| Self(text.to_owned()))
    }

    /// Returns the token, to be shown to its owner.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns the SHA-256 that is kept in its place. The token is random and long: nobody can try them all, and a
    /// slow hash would only make every call slow.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_a_form_of_its_own_and_is_not_told_by_accident() {
        let token = Bearer::new([0xfb; 32]);
        assert_eq!((token.reveal().len(), &token.reveal()[..8]), (47, "kwb_-_v7"));
        assert_eq!(Bearer::parse(token.reveal()).unwrap().hash(), token.hash());
        assert_eq!(format!("{token:?}"), "Bearer(…)");
        let long = "x".repeat(100_000);
        for bad in ["", "kwb_", "kwb_short", &long, &token.reveal()[1..], &format!("{}=", &token.reveal()[..46])] {
            assert!(Bearer::parse(bad).is_none(), "{} characters", bad.len());
        }
    }

    #[test]
    fn a_scope_is_a_word() {
        for scope in Scope::ALL {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
        assert!("articles:*".parse::<Scope>().is_err());
    }
}
