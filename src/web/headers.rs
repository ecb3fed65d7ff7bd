//! The headers every answer carries, errors included.

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use super::WebState;

/// Nothing but our stylesheet, our images and our forms; in particular no script, and no frame around us.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'",
);
/// The archive has no form either.
const ARCHIVE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; \
     frame-ancestors 'none'",
);
/// A feed or a map of the site is read by programs. Should a browser show it, it loads and runs nothing.
const DATA_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; form-action 'none'; base-uri 'none'; sandbox; frame-ancestors 'none'",
);
const PERMISSIONS: HeaderValue = HeaderValue::from_static("camera=(), geolocation=(), microphone=()");
const A_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The layer around everything.
pub(super) async fn secure(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // Some pages need less than the others, and have said so.
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(POLICY);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Our URLs hold tokens; nobody we link to need see them.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("permissions-policy"), PERMISSIONS);
    if state.https {
        headers.insert(STRICT_TRANSPORT_SECURITY, A_YEAR);
    }
    response
}

/// The layer around the pages of the archive, which hold what others have written: they need least.
pub(super) async fn archive(mut response: Response) -> Response {
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, ARCHIVE_POLICY);
    response
}

/// The layer around what is for programs to read.
pub(super) async fn data(mut response: Response) -> Response {
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, DATA_POLICY);
    response
}

/// The layer around pages that are one reader's own: neither kept nor found.
pub(super) async fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    response
}
