//! `GET /assets/{file}`: the stylesheet and the icon.

use axum::extract::{Path, RawQuery, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;

use super::cached;
use crate::web::WebState;
use crate::web::failure::{Answer, Failure};

/// A URL that names the version never means anything else.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// One that does not is asked for again each time, and answered with 304.
const ASK_AGAIN: &str = "no-cache";

/// Sends a file.
pub(super) async fn send(
    State(state): State<WebState>,
    Path(file): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    let asset = state.templates.asset(&file).ok_or(Failure::NotFound)?;
    let versioned = query.is_some_and(|query| query.strip_prefix("v=") == Some(asset.version()));
    let about = [
        (CONTENT_TYPE, asset.content_type.to_owned()),
        (ETAG, asset.etag.clone()),
        (CACHE_CONTROL, if versioned { FOR_EVER } else { ASK_AGAIN }.to_owned()),
    ];
    if cached::matches(&headers, &asset.etag) {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    Ok((about, asset.bytes.clone()).into_response())
}
