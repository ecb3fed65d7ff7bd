//! The public pages, one file each.

mod assets;
pub(super) mod cached;
mod confirm;
mod embed;
mod form;
mod health;
mod images;
mod issue;
mod issues;
mod preferences;
mod robots;
mod sign_up;
mod subscribe;
mod token;
mod unsubscribe;

use axum::Router;
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};

use super::failure::Answer;
use super::{WebState, headers};
use crate::domain::language::Language;
use crate::render::PageContext;

/// Every route of the public site.
pub(super) fn routes() -> Router<WebState> {
    let private = Router::new()
        .route("/subscribe", post(subscribe::submit))
        .route("/confirm/{token}", get(confirm::ask).post(confirm::confirm))
        .route("/unsubscribe/{token}", get(unsubscribe::ask).post(unsubscribe::unsubscribe))
        .route("/preferences/{token}", get(preferences::ask).post(preferences::save))
        .route("/resubscribe/{token}", post(unsubscribe::resubscribe))
        .layer(map_response(headers::private));
    Router::new()
        .route("/", home_route())
        .route("/issues", get(issues::list))
        .route("/issues/{number}", get(issue::show))
        .route("/embed", get(embed::show))
        .route("/assets/{file}", get(assets::send))
        .route("/images/{file}", get(images::send))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/robots.txt", get(robots::send))
        .merge(private)
}

/// The sign-up page.
pub(super) fn home_route() -> MethodRouter<WebState> {
    get(sign_up::show)
}

/// Answers with a page.
fn page<C: PageContext>(state: &WebState, language: Language, context: &C) -> Answer {
    Ok(html(state.templates.page(language, context)?))
}

fn html(body: String) -> Response {
    Html(body).into_response()
}
