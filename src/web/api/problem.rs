//! How a call is refused: RFC 9457, with every error and where it is.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::articles::ArticlesError;
use crate::store::StoreError;

/// The media type of a refusal.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";
/// More errors than this are counted and not listed.
const MAX_ERRORS: usize = 100;

/// What went wrong. Each kind has an entry on the page that describes the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Malformed,
    NoToken,
    NoScope,
    NotFound,
    WrongMethod,
    Printed,
    Withdrawn,
    TooLarge,
    WrongType,
    NotValid,
    TooMany,
    Unavailable,
    Internal,
}

impl Kind {
    pub(super) const ALL: [Self; 13] = [
        Self::Malformed,
        Self::NoToken,
        Self::NoScope,
        Self::NotFound,
        Self::WrongMethod,
        Self::Printed,
        Self::Withdrawn,
        Self::TooLarge,
        Self::WrongType,
        Self::NotValid,
        Self::TooMany,
        Self::Unavailable,
        Self::Internal,
    ];

    /// Returns its status, its name in `type`, and its title.
    pub(super) const fn about(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Malformed => (StatusCode::BAD_REQUEST, "malformed", "The request cannot be read"),
            Self::NoToken => (StatusCode::UNAUTHORIZED, "no-token", "A valid token is missing"),
            Self::NoScope => (StatusCode::FORBIDDEN, "no-scope", "The token does not allow this"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "There is nothing here"),
            Self::WrongMethod => (StatusCode::METHOD_NOT_ALLOWED, "wrong-method", "This cannot be done here"),
            Self::Printed => (StatusCode::CONFLICT, "printed", "The article is printed"),
            Self::Withdrawn => (StatusCode::CONFLICT, "withdrawn", "The article is withdrawn"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The request is too large"),
            Self::WrongType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong-type", "The media type is another one"),
            Self::NotValid => (StatusCode::UNPROCESSABLE_ENTITY, "not-valid", "Something in the request is not valid"),
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, "too-many", "Too many requests"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not available at the moment"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong here"),
        }
    }

    /// Returns what to do about it: for the page, and for a refusal that has nothing more particular to say.
    pub(super) const fn advice(self) -> &'static str {
        match self {
            Self::Malformed => {
                "The body is no JSON, or the address cannot be read. line and column say where in a body."
            }
            Self::NoToken => {
                "Send the header Authorization: Bearer kwb_…; an unknown and a revoked token are the same."
            }
            Self::NoScope => "detail names the scope that is missing. A token with it is made on the server.",
            Self::NotFound => "No article was pushed under this id, or there is no such address.",
            Self::WrongMethod => "The header Allow has the methods there are.",
            Self::Printed => "An issue was sealed with the article. It stays as its readers got it.",
            Self::Withdrawn => "A withdrawn article does not come back. Push it under another id.",
            Self::TooLarge => "A body has 1 MiB at most. Send smaller batches.",
            Self::WrongType => "Send application/json, or application/merge-patch+json for a change.",
            Self::NotValid => "errors has an entry for everything that is wrong, each with a pointer to its place.",
            Self::TooMany => "Wait as many seconds as Retry-After says. A batch counts as one request.",
            Self::Unavailable => "Try again after as many seconds as Retry-After says.",
            Self::Internal => "The log of the server has more. Trying again may help.",
        }
    }

    fn of(status: StatusCode) -> Self {
        Self::ALL.into_iter().find(|kind| kind.about().0 == status).unwrap_or(if status.is_client_error() {
            Self::Malformed
        } else {
            Self::Internal
        })
    }
}

/// A refusal, until it is written.
#[derive(Debug, Clone)]
pub(in crate::web) struct Problem {
    kind: Kind,
    detail: Option<String>,
    place: Option<(usize, usize)>,
    errors: Vec<ErrorAt>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// What is wrong, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct ErrorAt {
    /// Where in the body: a JSON Pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "/articles/3/url")]
    pub(super) pointer: Option<String>,
    /// Which parameter in the query, if it is not in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) parameter: Option<String>,
    /// What is wrong, and what it should be.
    #[schema(example = "this must not be empty")]
    pub(super) message: String,
}

/// A refusal (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemDocument {
    /// What kind of problem it is: an address that explains it.
    #[schema(format = "uri")]
    r#type: String,
    /// The same for people.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// What it is this time.
    detail: String,
    /// Everything that is wrong; the first hundred, if it is more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<ErrorAt>,
    /// The line of the body, from 1, at which it is no JSON any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    line: Option<usize>,
    /// The column of that line, in bytes from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    column: Option<usize>,
}

impl Problem {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, detail: None, place: None, errors: Vec::new(), headers: Vec::new() }
    }

    pub(super) fn saying(kind: Kind, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::new(kind) }
    }

    /// Returns the refusal with this status, for whatever stands around the calls.
    pub(in crate::web) fn of(status: StatusCode) -> Self {
        Self::new(Kind::of(status))
    }

    /// Returns the refusal of a request that came to no call, or not whole.
    pub(in crate::web) fn around(status: StatusCode, method: &Method) -> Self {
        let problem = Self::of(status);
        let detail = match problem.kind {
            Kind::WrongMethod => format!("{method} cannot be done at this address; the header Allow says what can."),
            Kind::NotFound => "There is no call at this address.".to_owned(),
            _ => return problem,
        };
        Self { detail: Some(detail), ..problem }
    }

    /// Refuses a body that is no JSON from this line and column on.
    pub(super) fn at(line: usize, column: usize, detail: impl Into<String>) -> Self {
        Self { place: Some((line, column)), ..Self::saying(Kind::Malformed, detail) }
    }

    /// Refuses a request with these errors in it.
    pub(super) fn not_valid(mut errors: Vec<ErrorAt>) -> Self {
        let count = errors.len();
        errors.truncate(MAX_ERRORS);
        let detail = match count {
            1 => "There is 1 error.".to_owned(),
            n if n > MAX_ERRORS => format!("There are {n} errors; the first {MAX_ERRORS} are listed."),
            n => format!("There are {n} errors."),
        };
        Self { errors, ..Self::saying(Kind::NotValid, format!("{detail} Nothing was stored.")) }
    }

    pub(super) fn too_many(wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let detail = format!("This token has made too many requests; wait {seconds} s.");
        Self::saying(Kind::TooMany, detail).with(RETRY_AFTER, seconds.into())
    }

    pub(super) fn unauthorised(challenge: &'static str, kind: Kind, detail: impl Into<String>) -> Self {
        Self::saying(kind, detail).with(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    }

    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Writes the refusal into an answer. `page` is the address of the page that explains it.
    pub(in crate::web) fn write(self, response: &mut Response, page: &str) {
        let (status, name, title) = self.kind.about();
        let document = ProblemDocument {
            r#type: format!("{page}#{name}"),
            title,
            status: status.as_u16(),
            detail: self.detail.unwrap_or_else(|| self.kind.advice().to_owned()),
            errors: self.errors,
            line: self.place.map(|(line, _)| line),
            column: self.place.map(|(_, column)| column),
        };
        let body = serde_json::to_string_pretty(&document).expect("a problem is made of strings and numbers");
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        *response.body_mut() = Body::from(body);
    }
}

impl IntoResponse for Problem {
    /// The words are written by whatever stands around every answer, which knows the address of the page.
    fn into_response(self) -> Response {
        let mut response = self.kind.about().0.into_response();
        response.headers_mut().extend(self.headers.iter().cloned().map(|(name, value)| (Some(name), value)));
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::warn!(%error, "A call of the API failed: {error}");
        match error {
            StoreError::Unavailable(_) | StoreError::Stale => {
                Self::new(Kind::Unavailable).with(RETRY_AFTER, HeaderValue::from_static("30"))
            }
            StoreError::NotFound(_) => Self::new(Kind::NotFound),
            _ => Self::new(Kind::Internal),
        }
    }
}

impl From<ArticlesError> for Problem {
    fn from(error: ArticlesError) -> Self {
        match error {
            ArticlesError::Store(error) => error.into(),
            ArticlesError::Printed => Self::new(Kind::Printed),
            ArticlesError::Withdrawn => Self::new(Kind::Withdrawn),
            error => {
                tracing::warn!(%error, "A call of the API failed: {error}");
                Self::new(Kind::Internal)
            }
        }
    }
}
