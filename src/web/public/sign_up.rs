//! `GET /`: the sign-up page.

use axum::extract::State;
use axum::http::HeaderMap;

use super::cached;
use crate::domain::language::Language;
use crate::render::{RenderError, SignUp, SignUpError};
use crate::web::WebState;
use crate::web::failure::Answer;
use crate::web::language::Asked;

/// What was wrong with a form that comes back.
#[derive(Debug, Clone)]
pub(super) struct Returned {
    pub(super) email: String,
    pub(super) error: SignUpError,
    pub(super) suggestion: Option<String>,
}

/// Shows the form.
pub(super) async fn show(State(state): State<WebState>, asked: Asked, headers: HeaderMap) -> Answer {
    Ok(cached::page(&headers, form(&state, asked.language(), None)?))
}

/// Renders the form, fresh or with what was wrong with it.
pub(super) fn form(state: &WebState, language: Language, returned: Option<Returned>) -> Result<String, RenderError> {
    let (email, error, suggestion) = match returned {
        None => (String::new(), None, None),
        Some(returned) => (returned.email, Some(returned.error), returned.suggestion),
    };
    state.templates.page(
        language,
        &SignUp {
            page: state.frame(language, "/"),
            action: state.path("/subscribe"),
            mail_domain: state.site.mail_domain.clone(),
            email,
            error,
            suggestion,
        },
    )
}
