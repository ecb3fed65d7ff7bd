//! What can be wrong with an address, in parts a form can word in its own language.

use std::fmt;

/// Why an address is not taken, and the one that was probably meant.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct AddressError {
    problem: AddressProblem,
    suggestion: Option<String>,
}

/// What is wrong with an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressProblem {
    /// There is nothing.
    #[error("the address is empty")]
    Empty,
    /// There is no `@`.
    #[error("the address has no @")]
    NoAt,
    /// The part before the `@`.
    #[error("the part before the @ {reason}")]
    Local {
        /// What about it.
        reason: LocalProblem,
    },
    /// The part after the `@`.
    #[error("the part after the @ {reason}")]
    Domain {
        /// What about it.
        reason: DomainProblem,
    },
    /// The whole is longer than a mail server need take.
    #[error("the address is too long")]
    TooLong,
    /// A line end, another control character, or one that cannot be seen.
    #[error("the address contains an invisible character")]
    ControlCharacter,
    /// A letter outside ASCII before the `@`, or one that only looks like ASCII after it.
    #[error("the address contains a full-width or other letter that mail addresses cannot have")]
    NotAscii,
    /// A mailbox of the people who run the domain.
    #[error("this mailbox belongs to the operators of its domain and cannot subscribe")]
    RoleBlocked,
}

/// What is wrong with the part before the `@`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocalProblem {
    /// There is nothing.
    #[error("is empty")]
    Empty,
    /// A dot at the start, at the end, or two in a row.
    #[error("has a dot at its start or end, or two in a row")]
    Dots,
    /// A character that would need quotes.
    #[error("has a character that is not allowed: {0:?}")]
    Character(char),
    /// A quote that does not close, or text beside the quotes.
    #[error("is not quoted correctly")]
    Quoting,
    /// More than 64 characters.
    #[error("is longer than 64 characters")]
    TooLong,
}

/// What is wrong with the part after the `@`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DomainProblem {
    /// There is nothing.
    #[error("is empty")]
    Empty,
    /// No dot: `localhost` and its like.
    #[error("is not a full domain name")]
    SingleLabel,
    /// An IP address.
    #[error("is an IP address")]
    IpLiteral,
    /// A dot at the start, at the end, or two in a row.
    #[error("has a dot at its start or end, or two in a row")]
    Dots,
    /// A character no domain has.
    #[error("has a character that is not allowed: {0:?}")]
    Character(char),
    /// Not a domain name for some other reason.
    #[error("is not a domain name")]
    Invalid,
    /// More than 253 characters.
    #[error("is longer than 253 characters")]
    TooLong,
}

impl AddressError {
    pub(super) fn new(problem: AddressProblem, suggestion: Option<String>) -> Self {
        Self { problem, suggestion }
    }

    /// Returns what is wrong.
    pub fn problem(&self) -> &AddressProblem {
        &self.problem
    }

    /// Returns the address that was probably meant. It is valid, and it is for the eyes of whoever typed the wrong
    /// one only.
    pub fn suggestion(&self) -> Option<String> {
        self.suggestion.clone()
    }
}

impl From<AddressProblem> for AddressError {
    fn from(problem: AddressProblem) -> Self {
        Self { problem, suggestion: None }
    }
}

impl fmt::Debug for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddressError")
            .field("problem", &self.problem)
            .field("suggestion", &self.suggestion.as_ref().map(|_| "…"))
            .finish()
    }
}
