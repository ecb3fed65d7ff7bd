//! `POST /subscribe`: a sign-up. The answer says nothing about the address, except when it is none.
//!
//! It may come from a form on another site, so no `Origin` is asked for: there is no session it could abuse, and what
//! it leads to is a question by mail.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde_json::json;

use super::fault::Fault;
use super::form::Form;
use super::sign_up::{self, Returned};
use super::{html, not_allowed, page};
use crate::domain::address::{AddressError, AddressProblem, EmailAddress, LocalProblem};
use crate::domain::language::Language;
use crate::render::{CheckInbox, Message, Problem, SignUpError};
use crate::subscribers::SignUp;
use crate::web::WebState;
use crate::web::client::Visitor;
use crate::web::failure::{Answer, worded};
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
    if !form.website.trim().is_empty() {
        return accepted(&state, language, json);
    }
    let faults = form.faults(&state);
    match EmailAddress::parse(&form.email) {
        Ok(address) if faults.is_empty() => {
            let editions = form.editions_of(&state).unwrap_or_default();
            state.subscribers.sign_up(SignUp { address, language, editions, visit: visitor.visit() }).await?;
            accepted(&state, language, json)
        }
        address => invalid(&state, language, form, address.err().as_ref(), &faults, json),
    }
}

/// Says where the form is.
pub(super) async fn only_sent_to(State(state): State<WebState>, asked: Asked, headers: HeaderMap) -> Answer {
    if speaks_json(&headers) {
        return Ok(StatusCode::METHOD_NOT_ALLOWED.into_response());
    }
    let language = asked.language();
    let page = state.frame(language, "/");
    not_allowed(&state, language, &Message { page, problem: Problem::SignUpForm })
}

fn accepted(state: &WebState, language: Language, json: bool) -> Answer {
    if json {
        return Ok(Json(json!({ "status": "check_inbox" })).into_response());
    }
    let mail_domain = state.site.mail_domain.clone();
    let context = CheckInbox { page: state.frame(language, "/"), mail_domain, several: state.several() };
    page(state, language, &context)
}

/// Sends a form back with everything that is wrong with it. JSON is told the first of it.
fn invalid(
    state: &WebState,
    language: Language,
    form: Form,
    error: Option<&AddressError>,
    faults: &[Fault],
    json: bool,
) -> Answer {
    let problem = error.map(|error| problem(error.problem()));
    let suggestion = error.and_then(AddressError::suggestion);
    let body = match (error, faults) {
        (Some(error), _) if json => {
            let message = error.to_string();
            let error = json!({ "problem": problem, "field": "email", "message": message, "suggestion": suggestion });
            Json(json!({ "error": error })).into_response()
        }
        (None, [fault, ..]) if json => Json(fault.json(state)).into_response(),
        _ => {
            let (editions, faults) = (form.editions_of(state), faults.into());
            let returned = Returned { email: shown(form), editions, error: problem, suggestion, faults };
            html(sign_up::form(state, language, returned)?)
        }
    };
    Ok(worded(StatusCode::UNPROCESSABLE_ENTITY, body))
}

fn too_many(state: &WebState, language: Language, form: Form, wait: Duration, json: bool) -> Answer {
    let body = if json {
        Json(json!({ "error": { "problem": SignUpError::TooMany } })).into_response()
    } else {
        let editions = form.editions_of(state);
        let returned =
            Returned { email: shown(form), editions, error: Some(SignUpError::TooMany), ..Returned::default() };
        html(sign_up::form(state, language, returned)?)
    };
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    Ok(([(RETRY_AFTER, seconds.to_string())], worded(StatusCode::TOO_MANY_REQUESTS, body)).into_response())
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
