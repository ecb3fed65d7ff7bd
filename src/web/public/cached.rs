//! Pages that are the same for everybody: kept for a while by whoever fetches them, and not sent twice.

use axum::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::html;

/// Issues do not change and the other pages hardly do; five minutes is how long a new issue may be missing in the list.
const FIVE_MINUTES: &str = "public, max-age=300";

/// Answers with a page, or with nothing if the visitor has this very page already.
pub(in crate::web) fn page(asked: &HeaderMap, body: String) -> Response {
    // The page itself makes its tag: whatever changes it (a newer issue, a template, a stylesheet) changes the tag.
    let etag = format!("\"{}\"", data_encoding::HEXLOWER.encode(&Sha256::digest(&body)[..8]));
    let mut response = if matches(asked, &etag) { StatusCode::NOT_MODIFIED.into_response() } else { html(body) };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(FIVE_MINUTES));
    headers.insert(VARY, HeaderValue::from_static("accept-language"));
    headers.insert(ETAG, HeaderValue::try_from(etag).expect("quotes and hexadecimal digits make a header"));
    response
}

/// Returns whether the visitor has the version named `etag` (RFC 9110 §13.1.2: compared weakly).
pub(in crate::web) fn matches(asked: &HeaderMap, etag: &str) -> bool {
    asked
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag))
}
