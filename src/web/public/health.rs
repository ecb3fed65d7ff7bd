//! `GET /healthz` and `GET /readyz`, for whoever watches over us.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use crate::web::WebState;
use crate::web::failure::Worded;

/// A database that takes longer to answer is as good as none.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process is alive.
pub(super) async fn alive() -> Response {
    ([(CACHE_CONTROL, "no-store")], "alive\n").into_response()
}

/// The process can do its work: the database answers.
pub(super) async fn ready(State(state): State<WebState>) -> Response {
    let answers = matches!(timeout(PATIENCE, state.store.ping()).await, Ok(Ok(())));
    let (status, text) = match answers {
        true => (StatusCode::OK, "ready\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    };
    let mut response = (status, [(CACHE_CONTROL, "no-store")], text).into_response();
    response.extensions_mut().insert(Worded);
    response
}
