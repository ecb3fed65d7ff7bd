//! A link that leads to no draft: what has become of the issue, or that the link is broken, and what can still be done.

use axum::http::StatusCode;
use tracing::warn;

use super::{digests, page};
use crate::digest::{DigestError, LinkError};
use crate::domain::issue::{Issue, IssueState};
use crate::domain::language::Language;
use crate::render::DeskOver;
use crate::store::StoreError;
use crate::web::WebState;
use crate::web::failure::{Failure, worded};

/// Returns what a link leads to.
///
/// # Errors
/// The page that says why it leads there no longer, if that is so.
pub(super) fn follow<T>(state: &WebState, language: Language, link: Result<T, LinkError>) -> Result<T, Failure> {
    link.map_err(|error| match error {
        LinkError::Bad(_) => {
            answered(state, language, StatusCode::NOT_FOUND, Ok(nothing_known(state, language, "broken")))
        }
        LinkError::Over(issue) => over(state, language, issue.as_deref()),
        LinkError::Digest(DigestError::Store(error)) => Failure::Store(error),
        LinkError::Digest(DigestError::Render(error)) => Failure::Render(error),
        LinkError::Digest(DigestError::Contended) => Failure::Store(StoreError::Stale),
        LinkError::Digest(error) => {
            warn!(%error, "A link to a draft could not be followed: {error}");
            over(state, language, None)
        }
    })
}

fn over(state: &WebState, language: Language, issue: Option<&Issue>) -> Failure {
    let context = match issue {
        Some(issue) => context(state, language, issue),
        None => Ok(nothing_known(state, language, "gone")),
    };
    answered(state, language, StatusCode::GONE, context)
}

fn answered(state: &WebState, language: Language, status: StatusCode, context: Result<DeskOver, Failure>) -> Failure {
    let shown = context.and_then(|context| page(state, language, &context));
    shown.map_or_else(|failure| failure, |answer| Failure::Answered(worded(status, answer).into()))
}

/// Returns the page about a link that tells nothing of an issue.
fn nothing_known(state: &WebState, language: Language, stands: &'static str) -> DeskOver {
    DeskOver {
        page: state.frame(language, "/"),
        stands,
        edition_title: String::new(),
        number: 0,
        when: String::new(),
        reason: String::new(),
        issue_url: None,
    }
}

fn context(state: &WebState, language: Language, issue: &Issue) -> Result<DeskOver, Failure> {
    let number = issue.number.unwrap_or_default();
    let then = match issue.state {
        IssueState::Sealed => issue.sealed,
        IssueState::Sending => issue.released,
        IssueState::Finished => issue.finished,
        IssueState::Draft | IssueState::Skipped(_) | IssueState::Cancelled => None,
    };
    let public = issue.state.is_public().then(|| state.path(&format!("/issues/{number}?lang={language}")));
    Ok(DeskOver {
        page: state.frame(language, "/"),
        stands: issue.state.as_str(),
        edition_title: state.edition(&issue.edition).map_or(&issue.edition, |edition| &edition.title).clone(),
        number,
        when: digests(state)?.moment_in_words(language, issue, then.unwrap_or(issue.scheduled)),
        reason: if let IssueState::Skipped(reason) = &issue.state { reason.clone() } else { String::new() },
        issue_url: public,
    })
}
