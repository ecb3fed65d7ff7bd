//! Refuses to act on what a browser fetches before anybody asked for it. A GET changes nothing anyway.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// The standard header, and what browsers sent before there was one.
const HEADERS: [&str; 3] = ["sec-purpose", "purpose", "x-moz"];

/// The layer.
pub(super) async fn refuse(request: Request, next: Next) -> Response {
    if !request.method().is_safe() && is_prefetch(request.headers()) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    next.run(request).await
}

fn is_prefetch(headers: &HeaderMap) -> bool {
    HEADERS.iter().flat_map(|name| headers.get_all(*name)).filter_map(|value| value.to_str().ok()).any(|value| {
        let value = value.to_ascii_lowercase();
        value.contains("prefetch") || value.contains("prerender")
    })
}
