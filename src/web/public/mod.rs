//! The public pages, one file each.

mod assets;
pub(super) mod cached;
mod confirm;
mod embed;
mod fault;
mod form;
mod health;
mod images;
mod issue;
mod issue_atom;
mod issue_feeds;
mod issue_json;
mod issues;
mod preferences;
mod robots;
mod sign_up;
mod sitemap;
mod subscribe;
mod ticked;
mod unsubscribe;
mod xml;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};

use super::failure::{Answer, worded};
use super::{WebState, headers};
use crate::domain::language::Language;
use crate::render::PageContext;

/// Every route of the public site.
pub(super) fn routes() -> Router<WebState> {
    let private = Router::new()
        .route("/subscribe", post(subscribe::submit).fallback(subscribe::only_sent_to))
        .route("/confirm/{token}", get(confirm::ask).post(confirm::confirm))
        .route("/unsubscribe/{token}", get(unsubscribe::ask).post(unsubscribe::unsubscribe))
        .route("/preferences/{token}", get(preferences::ask).post(preferences::save))
        .route("/resubscribe/{token}", post(unsubscribe::resubscribe).fallback(unsubscribe::only_pressed))
        .layer(map_response(headers::private));
    let archive = Router::new()
        .route("/issues", get(issues::list))
        .route("/issues/{number}", get(issue::show))
        .layer(map_response(headers::archive));
    let data = Router::new()
        .route("/issues.atom", get(issue_feeds::atom))
        .route("/issues.json", get(issue_feeds::json))
        .route("/sitemap.xml", get(sitemap::send))
        .layer(map_response(headers::data));
    Router::new()
        .route("/", home_route())
        .route("/embed", get(embed::show))
        .route("/assets/{file}", get(assets::send))
        .route("/images/{file}", get(images::send))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/robots.txt", get(robots::send))
        .merge(archive)
        .merge(data)
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

/// Answers whoever opens an address that takes a form and shows nothing. The router adds which methods it takes.
fn not_allowed<C: PageContext>(state: &WebState, language: Language, context: &C) -> Answer {
    Ok(worded(StatusCode::METHOD_NOT_ALLOWED, page(state, language, context)?))
}

fn html(body: String) -> Response {
    Html(body).into_response()
}
