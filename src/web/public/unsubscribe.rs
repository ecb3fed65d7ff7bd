//! `/unsubscribe/{token}`: a page with a button, the button, the mail program's own button (RFC 8058), and the way
//! back.

use axum::body::Bytes;
use axum::extract::FromRequest;
use axum::extract::{Request, State};

use super::{not_allowed, page};
use crate::domain::language::Language;
use crate::domain::subscriber::SubscriberState;
use crate::domain::token::{PREVIEW_TOKEN, Purpose};
use crate::render::{Message, PreviewLink, Problem, Resubscribed, Unsubscribe, Unsubscribed};
use crate::subscribers::{Left, LeftBy, LinkError};
use crate::web::WebState;
use crate::web::client::Visitor;
use crate::web::failure::Answer;
use crate::web::language::Asked;
use crate::web::token::TokenText;

/// Shows the button. Mail scanners follow every link, so this page changes nothing.
pub(super) async fn ask(State(state): State<WebState>, asked: Asked, TokenText(token): TokenText) -> Answer {
    if token == PREVIEW_TOKEN {
        return preview(&state, asked, "unsubscribe");
    }
    let language = match state.subscribers.look_up(Purpose::Unsubscribe, &token).await {
        Ok(subscriber) => asked.language_or(subscriber.language),
        // Nobody is there to leave, but whoever asks may press the button and read that nothing more is sent.
        Err(LinkError::Gone) => asked.language(),
        Err(error) => return Err(error.into()),
    };
    let path = format!("/unsubscribe/{token}");
    let action = state.path(&path) + &asked.query_suffix();
    page(&state, language, &Unsubscribe { page: state.frame(language, &path), several: state.several(), action })
}

/// Unsubscribes, at once: no cookie, no redirect, no question, whatever the body says.
pub(super) async fn unsubscribe(
    State(state): State<WebState>,
    asked: Asked,
    visitor: Visitor,
    TokenText(token): TokenText,
    request: Request,
) -> Answer {
    if token == PREVIEW_TOKEN {
        return preview(&state, asked, "unsubscribe");
    }
    let by = left_by(request, &state).await;
    let language = match state.subscribers.unsubscribe(&token, &visitor.visit(), by).await? {
        Left::Now(subscriber) | Left::Before(subscriber) => asked.language_or(subscriber.language),
        Left::Gone => asked.language(),
    };
    page(&state, language, &goodbye(&state, asked, language, &token))
}

/// Answers whoever presses a reader's link to this room in a copy that is for looking at.
pub(super) fn preview(state: &WebState, asked: Asked, room: &str) -> Answer {
    let language = asked.language();
    page(state, language, &PreviewLink { page: state.frame(language, &format!("/{room}/{PREVIEW_TOKEN}")) })
}

/// Takes it back.
pub(super) async fn resubscribe(
    State(state): State<WebState>,
    asked: Asked,
    visitor: Visitor,
    TokenText(token): TokenText,
) -> Answer {
    let subscriber = state.subscribers.resubscribe(&token, &visitor.visit()).await?;
    let language = asked.language_or(subscriber.language);
    let takes = state.takings(language, &subscriber).await?;
    page(&state, language, &Resubscribed { page: state.frame(language, "/"), takes })
}

/// Shows the button to whoever has left, and otherwise says how one subscribes.
pub(super) async fn only_pressed(State(state): State<WebState>, asked: Asked, TokenText(token): TokenText) -> Answer {
    let reader = state.subscribers.look_up(Purpose::Unsubscribe, &token).await.ok();
    let language = reader.as_ref().map_or_else(|| asked.language(), |reader| asked.language_or(reader.language));
    if reader.is_some_and(|reader| reader.state == SubscriberState::Unsubscribed) {
        return not_allowed(&state, language, &goodbye(&state, asked, language, &token));
    }
    let page = state.frame(language, "/");
    not_allowed(&state, language, &Message { page, problem: Problem::ComeBack })
}

fn goodbye(state: &WebState, asked: Asked, language: Language, token: &str) -> Unsubscribed {
    let action = state.path(&format!("/resubscribe/{token}")) + &asked.query_suffix();
    Unsubscribed { page: state.frame(language, "/"), several: state.several(), action }
}

/// Returns which button it was. The body may be in either encoding of forms (RFC 8058 §3.2) or missing, and is for the
/// record only, so it is looked through rather than parsed.
async fn left_by(request: Request, state: &WebState) -> LeftBy {
    const MARK: &[u8] = b"One-Click";
    let body = Bytes::from_request(request, state).await.unwrap_or_default();
    if body.windows(MARK.len()).any(|window| window == MARK) { LeftBy::OneClick } else { LeftBy::Button }
}
