//! What a handler answers when it cannot do what was asked. The words are found in [`super::wording`].

use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use tracing::{error, warn};

use crate::domain::subscriber::SubscriberState;
use crate::render::RenderError;
use crate::store::StoreError;
use crate::subscribers::LinkError;

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
    /// A good link to somebody who is no reader: in this state, or not there at all.
    NoReader(Option<SubscriberState>),
    /// An answer that has its words already.
    Answered(Box<Response>),
    /// The database.
    Store(StoreError),
    /// A template.
    Render(RenderError),
}

/// Marks an answer whose words are about a link.
#[derive(Debug, Clone, Copy)]
pub(super) enum AboutLink {
    /// It does not work, or not any more.
    Broken,
    /// It works, but whoever it speaks of is by now what this word says.
    NoReader(&'static str),
}

/// Marks an answer that has its words already, whatever its status.
#[derive(Debug, Clone, Copy)]
pub(super) struct Worded;

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND.into_response(),
            Self::Unreadable(status) => status.into_response(),
            Self::BadLink => about_link(StatusCode::NOT_FOUND, AboutLink::Broken),
            Self::OldLink => about_link(StatusCode::GONE, AboutLink::Broken),
            Self::NoReader(state) => {
                about_link(StatusCode::GONE, AboutLink::NoReader(state.map_or("gone", SubscriberState::as_str)))
            }
            Self::Answered(response) => *response,
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

fn about_link(status: StatusCode, about: AboutLink) -> Response {
    let mut response = status.into_response();
    response.extensions_mut().insert(about);
    response
}

/// Returns an answer with this status and words of its own.
pub(super) fn worded(status: StatusCode, mut response: Response) -> Response {
    *response.status_mut() = status;
    response.extensions_mut().insert(Worded);
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
            LinkError::Expired => Self::OldLink,
            LinkError::Gone => Self::NoReader(None),
            LinkError::NotAllowed(step) => Self::NoReader(Some(step.from)),
            LinkError::Store(error) => Self::Store(error),
        }
    }
}
