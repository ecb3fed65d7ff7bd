//! The routes, and what stands around them.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;
use tracing::error;

use super::{WebState, api, desk, headers, log, prefetch, public, wording};

/// A sign-up is a few hundred bytes; sixteen times the longest one is still nothing.
const MAX_BODY_BYTES: usize = 16 * 1024;
/// A thousand articles, each with a summary, are half of this.
const MAX_API_BODY_BYTES: usize = 1024 * 1024;
/// How long a page may take, the sending of its form included.
const MAX_TIME: Duration = Duration::from_secs(10);

/// Returns the public site and the API.
pub fn router(state: WebState) -> Router {
    let mut pages = mounted(public::routes().merge(desk::routes()), &state);
    if !state.base.is_empty() {
        // `nest` matches the home page without a slash at the end; readers and our own links write one.
        pages = pages.route(&state.path("/"), public::home_route());
    }
    let pages = pages.layer(RequestBodyLimitLayer::new(MAX_BODY_BYTES));
    let calls = mounted(api::routes(), &state).layer(RequestBodyLimitLayer::new(MAX_API_BODY_BYTES));
    limited(pages.merge(calls), &state).with_state(state)
}

/// Mounts routes at the root and, where the base URL has a path, under that path too.
fn mounted(routes: Router<WebState>, state: &WebState) -> Router<WebState> {
    if state.base.is_empty() { routes } else { routes.clone().nest(&state.base, routes) }
}

/// Puts around the routes, from the inside out, what holds for all of them.
pub(super) fn limited(routes: Router<WebState>, state: &WebState) -> Router<WebState> {
    routes
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(from_fn(prefetch::refuse))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, MAX_TIME))
        .layer(from_fn_with_state(state.clone(), wording::put))
        .layer(from_fn(log::write))
        .layer(from_fn_with_state(state.clone(), headers::secure))
}

/// What the panic says may hold what a visitor sent, so only the panic hook of the process, if any, prints it.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    error!("A page panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
