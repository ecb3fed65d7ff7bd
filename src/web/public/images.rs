//! `GET /images/{file}`: the pictures of issues, drawn by us.
//!
//! Nothing is fetched here. A name is the hash of a picture that stood in a draft; any other is a 404.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;

use super::cached;
use crate::web::WebState;
use crate::web::failure::{Answer, Failure};

/// The name is made of the content.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// What a name is made of: 128 bits in hexadecimal digits.
const HASH_CHARS: usize = 32;

/// Sends a picture.
pub(super) async fn send(State(state): State<WebState>, Path(file): Path<String>, headers: HeaderMap) -> Answer {
    let hash = file.strip_suffix(".jpg").filter(|hash| {
        hash.len() == HASH_CHARS && hash.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
    });
    let hash = hash.ok_or(Failure::NotFound)?;
    let image = state.store.image_file(hash).await?.ok_or(Failure::NotFound)?;
    let etag = format!("\"{hash}\"");
    let not_modified = cached::matches(&headers, &etag);
    let etag = HeaderValue::try_from(etag).expect("quotes and hexadecimal digits make a header");
    // What we draw is JPEG and nothing else, whatever a row says.
    let about = [(CONTENT_TYPE, HeaderValue::from_static("image/jpeg")), (ETAG, etag), (CACHE_CONTROL, FOR_EVER)];
    if not_modified {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    Ok((about, image.bytes).into_response())
}
