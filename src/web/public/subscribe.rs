//! `POST /subscribe`: a sign-up. The answer says nothing about the address, except when it is none.
//!
//! It may come from a form on another site, so no `Origin` is asked for: there is no session it could abuse, and what
//! it leads to is a question by mail.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::form::Form;
use super::sign_up::{self, Returned};
use super::{html, page};
use crate::domain::address::{AddressError, AddressProblem, EmailAddress, LocalProblem};
use crate::domain::language::Language;
use crate::render::{CheckInbox, SignUpError};
use crate::subscribers::SignUp;
use crate::web::WebState;
use crate::web::client::Visitor;
use crate::web::failure::{Answer, Worded};
use crate::web::language::Asked;
use crate::web::wording::speaks_json;

/// No address is longer, so no more of a wrong one is shown again.
const MAX_SHOWN_CHARS: usize = 254;

/// Takes a sign-up.
pub(super) async fn submit(
    State(state): State<WebState>,
    asked: Asked,
    visitor: Visitor,
    headers: HeaderMap,
    form: Form,
) -> Answer {
    let language = form.language().unwrap_or(asked.language());
    let json = speaks_json(&headers);
    if let Err(wait) = state.limit.check(visitor.ip) {
        return too_many(&state, language, form, wait, json);
    }
    if form.website.trim().is_empty() {
        match EmailAddress::parse(&form.email) {
            Ok(address) => {
                let editions = form.editions_of(&state);
                state.subscribers.sign_up(SignUp { address, language, editions, visit: visitor.visit() }).await?;
            }
            Err(error) => return invalid(&state, language, form, &error, json),
        }
    }
    accepted(&state, language, json)
}

fn accepted(state: &WebState, language: Language, json: bool) -> Answer {
    if json {
        return Ok(Json(json!({ "status": "check_inbox" })).into_response());
    }
    let context = CheckInbox { page: state.frame(language, "/"), mail_domain: state.site.mail_domain.clone() };
    page(state, language, &context)
}

fn invalid(state: &WebState, language: Language, form: Form, error: &AddressError, json: bool) -> Answer {
    let problem = problem(error.problem());
    let suggestion = error.suggestion();
    let body = if json {
        let message = error.to_string();
        Json(json!({ "error": { "problem": problem, "field": "email", "message": message, "suggestion": suggestion } }))
            .into_response()
    } else {
        html(sign_up::form(
            state,
            language,
            Some(Returned { editions: form.editions_of(state), email: shown(form), error: problem, suggestion }),
        )?)
    };
    Ok(worded(StatusCode::UNPROCESSABLE_ENTITY, body))
}

fn too_many(state: &WebState, language: Language, form: Form, wait: Duration, json: bool) -> Answer {
    let body = if json {
        Json(json!({ "error": { "problem": SignUpError::TooMany } })).into_response()
    } else {
        let returned = Returned {
            editions: form.editions_of(state),
            email: shown(form),
            error: SignUpError::TooMany,
            suggestion: None,
        };
        html(sign_up::form(state, language, Some(returned))?)
    };
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    Ok(([(RETRY_AFTER, seconds.to_string())], worded(StatusCode::TOO_MANY_REQUESTS, body)).into_response())
}

fn worded(status: StatusCode, mut body: Response) -> Response {
    *body.status_mut() = status;
    body.extensions_mut().insert(Worded);
    body
}

fn shown(form: Form) -> String {
    form.email.chars().take(MAX_SHOWN_CHARS).collect()
}

fn problem(problem: &AddressProblem) -> SignUpError {
    match problem {
        AddressProblem::Empty => SignUpError::Empty,
        AddressProblem::NoAt => SignUpError::NoAt,
        AddressProblem::Domain { .. } => SignUpError::Domain,
        AddressProblem::TooLong | AddressProblem::Local { reason: LocalProblem::TooLong } => SignUpError::TooLong,
        AddressProblem::ControlCharacter => SignUpError::Invisible,
        AddressProblem::RoleBlocked => SignUpError::NotAllowed,
        AddressProblem::Local { .. } | AddressProblem::NotAscii => SignUpError::Malformed,
    }
}
