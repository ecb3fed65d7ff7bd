//! The token in a path. One that cannot even be decoded is a bad link like any other.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

/// The text of a token, which may be anything.
#[derive(Clone)]
pub(super) struct TokenText(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for TokenText {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let text = Path::<String>::from_request_parts(parts, state).await.map(|Path(text)| text);
        Ok(Self(text.unwrap_or_default()))
    }
}
