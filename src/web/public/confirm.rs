//! `/confirm/{token}`: a page with a button, and the button.

use axum::extract::State;

use super::page;
use crate::domain::token::Purpose;
use crate::render::{Confirm, Confirmed};
use crate::web::WebState;
use crate::web::client::Visitor;
use crate::web::failure::Answer;
use crate::web::language::Asked;
use crate::web::state::often;
use crate::web::token::TokenText;

/// Shows the button. Mail scanners follow every link, so this page changes nothing.
pub(super) async fn ask(State(state): State<WebState>, asked: Asked, TokenText(token): TokenText) -> Answer {
    let subscriber = state.subscribers.look_up(Purpose::Confirm, &token).await?;
    let language = asked.language_or(subscriber.language);
    let path = format!("/confirm/{token}");
    let action = state.path(&path) + &asked.query_suffix();
    let takes = state.takings(language, &subscriber).await?;
    let often = often(state.only_edition());
    page(&state, language, &Confirm { page: state.frame(language, &path), takes, often, action })
}

/// Confirms.
pub(super) async fn confirm(
    State(state): State<WebState>,
    asked: Asked,
    visitor: Visitor,
    TokenText(token): TokenText,
) -> Answer {
    let subscriber = state.subscribers.confirm(&token, &visitor.visit()).await?;
    let language = asked.language_or(subscriber.language);
    let takes = state.takings(language, &subscriber).await?;
    let welcomes = state.welcomes(&subscriber).await?;
    page(&state, language, &Confirmed { page: state.frame(language, "/"), takes, welcomes })
}
