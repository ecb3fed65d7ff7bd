//! The pages behind the links in a preview. Mail scanners follow every link, so a GET shows a page with a button, and only
//! the button does something. Nothing about any reader is on them.

mod draft;
mod over;
mod press;

use axum::Router;
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};

use super::failure::{Answer, Failure};
use super::{WebState, headers};
use crate::digest::Digests;
use crate::domain::language::Language;
use crate::domain::token::{Purpose, Token};
use crate::render::PageContext;

/// Every route of the desk.
pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/desk/approve/{token}", get(press::ask_approve).post(press::approve))
        .route("/desk/hold/{token}", get(press::ask_hold).post(press::hold))
        .route("/desk/draft/{token}", get(draft::show).merge(post(press::nothing)))
        .layer(map_response(headers::private))
}

fn digests(state: &WebState) -> Result<&Digests, Failure> {
    state.desk.as_ref().ok_or(Failure::NotFound)
}

fn page<C: PageContext>(state: &WebState, language: Language, context: &C) -> Answer {
    Ok(Html(state.templates.page(language, context)?).into_response())
}

/// Returns the path of a page about a draft as it is now.
fn path(state: &WebState, purpose: Purpose, issue: i64, fingerprint: [u8; 16]) -> String {
    let page = match purpose {
        Purpose::Approve => "approve",
        Purpose::Hold => "hold",
        _ => "draft",
    };
    let token = state.links.signer().sign(purpose, &Token::draft(issue, fingerprint));
    state.path(&format!("/desk/{page}/{token}"))
}
