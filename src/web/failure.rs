//! What a handler answers when it cannot do what was asked. The words are found in [`super::wording`].

use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use tracing::{error, warn};

use crate::render::RenderError;
use crate::store::StoreError;
use crate::subscribers::LinkError;
use crate::{digest, digest::DigestError};

/// What a handler answers.
pub(super) type Answer = Result<Response, Failure>;

/// Why there is no page.
#[derive(Debug)]
pub(super) enum Failure {
    /// There is nothing at this address.
    NotFound,
    /// The request cannot be read; the status says how.
    Unreadable(StatusCode),
    /// A link that is not one of ours.
    BadLink,
    /// A link that was good once.
    OldLink,
    /// The database.
    Store(StoreError),
    /// A template.
    Render(RenderError),
}

/// Marks an answer whose words are about a link.
#[derive(Debug, Clone, Copy)]
pub(super) struct AboutLink;

/// Marks an answer that has its words already, whatever its status.
#[derive(Debug, Clone, Copy)]
pub(super) struct Worded;

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND.into_response(),
            Self::Unreadable(status) => status.into_response(),
            Self::BadLink => about_link(StatusCode::NOT_FOUND),
            Self::OldLink => about_link(StatusCode::GONE),
            Self::Store(error) => {
                warn!(%error, "A page could not be made: {error}");
                let status = match error {
                    StoreError::Unavailable(_) | StoreError::Stale => StatusCode::SERVICE_UNAVAILABLE,
                    _ => StatusCode::INTERNAL_SERVER_ERROR,
                };
                (status, [(RETRY_AFTER, "30")]).into_response()
            }
            Self::Render(error) => {
                error!(%error, "A page could not be rendered: {error}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

fn about_link(status: StatusCode) -> Response {
    let mut response = status.into_response();
    response.extensions_mut().insert(AboutLink);
    response
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<RenderError> for Failure {
    fn from(error: RenderError) -> Self {
        Self::Render(error)
    }
}

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Bad(_) => Self::BadLink,
            LinkError::Expired | LinkError::Gone | LinkError::NotAllowed(_) => Self::OldLink,
            LinkError::Store(error) => Self::Store(error),
        }
    }
}

impl From<digest::LinkError> for Failure {
    fn from(error: digest::LinkError) -> Self {
        match error {
            digest::LinkError::Bad(_) => Self::BadLink,
            digest::LinkError::Over => Self::OldLink,
            digest::LinkError::Digest(DigestError::Store(error)) => Self::Store(error),
            digest::LinkError::Digest(DigestError::Render(error)) => Self::Render(error),
            digest::LinkError::Digest(DigestError::Contended) => Self::Store(StoreError::Stale),
            digest::LinkError::Digest(error) => {
                warn!(%error, "A link to a draft could not be followed: {error}");
                Self::OldLink
            }
        }
    }
}
