//! What can go wrong with an issue, as far as a caller treats it differently.

use crate::domain::issue::{Issue, IssueState};
use crate::render::RenderError;
use crate::store::StoreError;

/// An error about issues.
#[derive(Debug, thiserror::Error)]
pub enum DigestError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A letter. Trying again will not help; the operator's templates or the program must change.
    #[error("the issue cannot be rendered: {0}")]
    Render(#[from] RenderError),
    /// The configuration does not have the edition.
    #[error("there is no edition {name:?}; the configuration has: {known}")]
    UnknownEdition {
        /// The name asked for.
        name: String,
        /// Those there are.
        known: String,
    },
    /// No issue has the number.
    #[error("there is no issue {0}")]
    NoSuchNumber(i64),
    /// The issue has gone too far, or not far enough.
    #[error("{what} is {state} and cannot be {step}")]
    WrongState {
        /// The issue, in words.
        what: String,
        /// How far it has come.
        state: IssueState,
        /// What was to be done with it.
        step: &'static str,
    },
    /// Nothing is left of the issue that could be shown.
    #[error("{what} has nothing in it")]
    Empty {
        /// The issue, in words.
        what: String,
    },
    /// Others changed it whenever we looked. Trying again later helps.
    #[error("the issue keeps changing; try again in a moment")]
    Contended,
}

impl DigestError {
    pub(super) fn wrong_state(issue: &Issue, step: &'static str) -> Self {
        Self::WrongState { what: in_words(issue), state: issue.state.clone(), step }
    }

    pub(super) fn empty(issue: &Issue) -> Self {
        Self::Empty { what: in_words(issue) }
    }
}

/// Returns what people call the issue.
fn in_words(issue: &Issue) -> String {
    match issue.number {
        Some(number) => format!("issue {number}"),
        None => format!("the {} issue of {}", issue.edition, issue.slot),
    }
}
