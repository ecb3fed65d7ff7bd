//! What can go wrong with an issue, as far as a caller treats it differently.

use crate::domain::desk::{EditError, Waits};
use crate::domain::ids::ArticleId;
use crate::domain::issue::{Issue, IssueState};
use crate::mail::ComposeError;
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
    #[error("{what} is {state} and cannot be {step}{instead}")]
    WrongState {
        /// The issue, in words.
        what: String,
        /// How far it has come.
        state: IssueState,
        /// What was to be done with it.
        step: &'static str,
        /// What can be done, in words after a semicolon; empty if there is nothing.
        instead: String,
    },
    /// Nothing is left of the issue that could be shown.
    #[error("{what} has nothing in it")]
    Empty {
        /// The issue, in words.
        what: String,
    },
    /// An edit that cannot be made.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The draft waits for the operator.
    #[error("{what} is {why}; `kawaraban issues approve {number}` lets it go out")]
    Waits {
        /// The issue, in words.
        what: String,
        /// Its number.
        number: i64,
        /// Why it waits.
        why: Waits,
    },
    /// The edition has nothing to publish so far.
    #[error("there is nothing to publish yet")]
    NothingYet,
    /// The edition has no such section.
    #[error("there is no section {name:?}; the edition has: {known}")]
    UnknownSection {
        /// The name asked for.
        name: String,
        /// Those there are.
        known: String,
    },
    /// There is no article of this row, or it closed or was taken back.
    #[error("there is no article {0} that could be printed; `articles list` shows what there is")]
    NoSuchArticle(ArticleId),
    /// The article is in another issue of the edition.
    #[error("article {0} is in another issue of the edition")]
    Printed(ArticleId),
    /// Nothing was done to the draft that could be undone.
    #[error("there is nothing to undo")]
    NothingToUndo,
    /// Nobody of this address reads it.
    #[error("{0}")]
    NoReader(&'static str),
    /// A mail cannot be put together.
    #[error("the mail cannot be made: {0}")]
    Compose(#[from] ComposeError),
    /// Others changed it whenever we looked. Trying again later helps.
    #[error("the issue keeps changing; try again in a moment")]
    Contended,
}

/// The step that stops an issue.
pub(super) const CANCELLED: &str = "cancelled";

impl DigestError {
    pub(super) fn wrong_state(issue: &Issue, step: &'static str) -> Self {
        Self::WrongState { what: in_words(issue), state: issue.state.clone(), step, instead: instead(issue, step) }
    }

    pub(super) fn waits(issue: &Issue, why: Waits) -> Self {
        Self::Waits { what: in_words(issue), number: issue.number.unwrap_or_default(), why }
    }

    pub(super) fn empty(issue: &Issue) -> Self {
        Self::Empty { what: in_words(issue) }
    }
}

/// Returns what can be done with an issue of which a step cannot be, as the end of a sentence.
fn instead(issue: &Issue, step: &str) -> String {
    let number = issue.number.unwrap_or_default();
    let anew = format!("; `kawaraban issues compile {}` makes a new draft of what waits", issue.edition);
    match (&issue.state, step) {
        (IssueState::Draft, _) => format!("; `kawaraban issues seal {number}` freezes it first"),
        (IssueState::Sealed, _) => format!(
            "; `kawaraban issues cancel {number}` gives its articles back, and `kawaraban issues compile {}` makes a new \
             draft of them",
            issue.edition
        ),
        (IssueState::Sending, _) => format!("; `kawaraban issues cancel {number}` stops what is not sent yet"),
        (IssueState::Finished, _) => "; all of its mail has been dealt with".to_owned(),
        (IssueState::Skipped(_) | IssueState::Cancelled, CANCELLED) => String::new(),
        (IssueState::Skipped(_) | IssueState::Cancelled, _) => anew,
    }
}

/// Returns what people call the issue.
fn in_words(issue: &Issue) -> String {
    match issue.number {
        Some(number) => format!("issue {number}"),
        None => format!("the {} issue of {}", issue.edition, issue.slot),
    }
}
