//! Approving and holding: the question, and the button.

use axum::extract::State;

use super::over::follow;
use super::{digests, page, path};
use crate::digest::DraftLink;
use crate::domain::language::Language;
use crate::domain::token::Purpose;
use crate::render::{DeskAsk, DeskDone, DeskStep};
use crate::web::WebState;
use crate::web::failure::{Answer, Failure};
use crate::web::language::Asked;
use crate::web::token::TokenText;

/// Asks whether to approve.
pub(super) async fn ask_approve(State(state): State<WebState>, asked: Asked, TokenText(token): TokenText) -> Answer {
    ask(&state, asked, DeskStep::Approve, &token).await
}

/// Asks whether to hold.
pub(super) async fn ask_hold(State(state): State<WebState>, asked: Asked, TokenText(token): TokenText) -> Answer {
    ask(&state, asked, DeskStep::Hold, &token).await
}

/// Approves, if the draft is what the link was made for; otherwise says that it has changed.
pub(super) async fn approve(State(state): State<WebState>, asked: Asked, TokenText(token): TokenText) -> Answer {
    let link = follow(&state, asked.language(), digests(&state)?.approve_by_link(&token).await)?;
    if link.changed {
        return question(&state, asked, DeskStep::Approve, &token, &link);
    }
    done(&state, asked.language(), DeskStep::Approve, &link)
}

/// Holds.
pub(super) async fn hold(State(state): State<WebState>, asked: Asked, TokenText(token): TokenText) -> Answer {
    let link = follow(&state, asked.language(), digests(&state)?.hold_by_link(&token).await)?;
    done(&state, asked.language(), DeskStep::Hold, &link)
}

/// A page that only shows takes no form.
pub(super) async fn nothing() -> Failure {
    Failure::NotFound
}

async fn ask(state: &WebState, asked: Asked, step: DeskStep, token: &str) -> Answer {
    let link = follow(state, asked.language(), digests(state)?.open_link(purpose(step), token).await)?;
    question(state, asked, step, token, &link)
}

fn question(state: &WebState, asked: Asked, step: DeskStep, token: &str, link: &DraftLink) -> Answer {
    let language = asked.language();
    let here = match step {
        DeskStep::Approve => format!("/desk/approve/{token}"),
        DeskStep::Hold => format!("/desk/hold/{token}"),
    };
    let context = DeskAsk {
        page: state.frame(language, &here),
        step,
        edition_title: link.edition_title.clone(),
        number: link.issue.number.unwrap_or_default(),
        due: digests(state)?.due_in_words(language, &link.issue, step == DeskStep::Approve),
        changed: link.changed && step == DeskStep::Approve,
        action: state.path(&here) + &asked.query_suffix(),
        draft_url: path(state, Purpose::OpenDraft, link.issue.id.0, link.fingerprint) + &asked.query_suffix(),
    };
    page(state, language, &context)
}

fn done(state: &WebState, language: Language, step: DeskStep, link: &DraftLink) -> Answer {
    let context = DeskDone {
        page: state.frame(language, "/"),
        step,
        edition_title: link.edition_title.clone(),
        number: link.issue.number.unwrap_or_default(),
        due: digests(state)?.due_in_words(language, &link.issue, step == DeskStep::Approve),
        draft_url: path(state, Purpose::OpenDraft, link.issue.id.0, link.fingerprint),
    };
    page(state, language, &context)
}

const fn purpose(step: DeskStep) -> Purpose {
    match step {
        DeskStep::Approve => Purpose::Approve,
        DeskStep::Hold => Purpose::Hold,
    }
}
