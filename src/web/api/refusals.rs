//! What calls are refused with, whatever they are about, as the document of the API lists it. [`super::problem`] makes the
//! answers.

use utoipa::IntoResponses;

use super::problem::ProblemDocument;

/// A call that reads.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "the document is made from it, and no value")]
pub(super) enum ReadRefused {
    /// There is no valid token.
    #[response(status = 401, content_type = "application/problem+json")]
    NoToken(ProblemDocument),
    /// The token lacks `articles:read`.
    #[response(status = 403, content_type = "application/problem+json")]
    NoScope(ProblemDocument),
    /// Too many requests with this token.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(ProblemDocument),
}

/// A call that writes.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "the document is made from it, and no value")]
pub(super) enum WriteRefused {
    /// There is no valid token.
    #[response(status = 401, content_type = "application/problem+json")]
    NoToken(ProblemDocument),
    /// The token lacks `articles:write`.
    #[response(status = 403, content_type = "application/problem+json")]
    NoScope(ProblemDocument),
    /// Too many requests with this token.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(ProblemDocument),
}

/// A call with a body.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "the document is made from it, and no value")]
pub(super) enum BodyRefused {
    /// The body is no JSON.
    #[response(status = 400, content_type = "application/problem+json")]
    NoJson(ProblemDocument),
    /// The body has more than 1 MiB.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(ProblemDocument),
}
