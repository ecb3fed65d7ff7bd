//! `GET /api/v1/openapi.json`: the description of the API for programs, made from the handlers.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, Info, OpenApi as Description, Server};

use crate::web::WebState;

#[derive(OpenApi)]
#[openapi(
    tags((name = "articles", description = "Articles, until an issue takes them.")),
)]
struct Head;

/// Returns what stands above the calls.
pub(super) fn head() -> Description {
    let mut head = Head::openapi();
    head.info = Info::new("Kawaraban", env!("CARGO_PKG_VERSION"));
    head.info.description = Some(
        "Articles for the digest, pushed by job boards, content management systems and scripts. Texts are plain text; \
         moments are written as RFC 3339 has them. A refusal is a problem (RFC 9457) that lists every error."
            .to_owned(),
    );
    let mut http = Http::new(HttpAuthScheme::Bearer);
    http.description = Some("A token made with `kawaraban tokens create`.".to_owned());
    let components = head.components.get_or_insert_with(Components::new);
    components.add_security_scheme("token", SecurityScheme::Http(http));
    head
}

/// Returns the whole description, for the place where this site is.
pub(super) fn whole(state: &WebState) -> Description {
    let mut description = super::calls().into_openapi();
    description.servers = Some(vec![Server::new(state.links.home().trim_end_matches('/'))]);
    description
}

/// Sends the description.
pub(super) async fn send(State(state): State<WebState>, _: HeaderMap) -> Response {
    let mut response = Json(whole(&state)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, "application/openapi+json;version=3.1".parse().expect("letters make a header"));
    headers.insert(CACHE_CONTROL, "public, max-age=300".parse().expect("letters make a header"));
    response
}
