//! The body of a call: JSON, and nothing else; and the id in its path.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::HeaderValue;
use axum::http::header::HeaderName;
use axum::http::request::Parts;
use serde_json::Value;

use super::problem::{Kind, Problem};
use crate::domain::pushed::ExternalId;
use crate::web::WebState;
use crate::web::wording::media_type;

const JSON: &str = "application/json";
pub(super) const MERGE_PATCH: &str = "application/merge-patch+json";

/// A document that stands for itself.
pub(super) struct Document(pub(super) Value);

/// A document that says what is to be different (RFC 7396).
pub(super) struct MergePatch(pub(super) Value);

impl FromRequest<WebState> for Document {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Problem> {
        if media_type(request.headers()).as_deref() != Some(JSON) {
            let problem = Problem::saying(Kind::WrongType, wrong_type(JSON, &request));
            return Err(problem.with(HeaderName::from_static("accept-post"), HeaderValue::from_static(JSON)));
        }
        json(request, state).await.map(Self)
    }
}

impl FromRequest<WebState> for MergePatch {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Problem> {
        if !matches!(media_type(request.headers()).as_deref(), Some(MERGE_PATCH | JSON)) {
            let problem = Problem::saying(Kind::WrongType, wrong_type(MERGE_PATCH, &request));
            return Err(problem.with(HeaderName::from_static("accept-patch"), HeaderValue::from_static(MERGE_PATCH)));
        }
        json(request, state).await.map(Self)
    }
}

fn wrong_type(wanted: &str, request: &Request) -> String {
    match media_type(request.headers()).filter(|sent| (1..=80).contains(&sent.len())) {
        Some(sent) => format!("Send {wanted}; this is {sent}."),
        None => format!("Send {wanted}, and say so in Content-Type."),
    }
}

async fn json(request: Request, state: &WebState) -> Result<Value, Problem> {
    let body = Bytes::from_request(request, state).await.map_err(|error| Problem::of(error.status()))?;
    // Nesting is bounded by the parser: at the 128th level it gives up.
    serde_json::from_slice(&body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Problem::at(line, column, format!("The body is no JSON: {error}."))
    })
}

/// The id of an article in the path.
pub(super) struct Named(pub(super) ExternalId);

impl FromRequestParts<WebState> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        // What cannot be an id is the id of nothing.
        let id = path.ok().and_then(|Path(id)| id.parse().ok());
        id.map(Self).ok_or_else(|| Problem::saying(Kind::NotFound, "No article was pushed under this id."))
    }
}
