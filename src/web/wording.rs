//! Puts words to errors, wherever they arose: a handler, axum's own refusals, or a limit around them. A form is
//! answered with a page in the visitor's language (about a link, in that of whoever it was made for), JSON with JSON, and a
//! call of the API with a problem.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tracing::error;

use super::WebState;
use super::api::{self, Problem};
use super::failure::{AboutLink, Worded};
use super::language::Asked;
use crate::domain::language::Language;
use crate::render::{BadLink, LinkOver, Message, Problem as PageProblem, RenderError};

/// The layer.
pub(super) async fn put(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let asked = Asked::of(request.uri(), request.headers());
    let json = speaks_json(request.headers());
    let called = is_call(&state, request.uri().path());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if !failed || response.extensions().get::<Worded>().is_some() {
        return response;
    }
    if called {
        let problem = response.extensions_mut().remove::<Problem>();
        let problem = problem.unwrap_or_else(|| Problem::around(status, &method));
        response.headers_mut().remove(CONTENT_LENGTH);
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        problem.write(&mut response, &state.links.api());
        return response;
    }
    let problem = problem_page(status);
    let (body, content_type) = if json {
        (format!("{{\"error\":{{\"problem\":{:?}}}}}", word(problem)), "application/json")
    } else {
        let about = response.extensions().get::<AboutLink>().copied();
        let reader = if about.is_some() { reader_behind(&state, &path).await } else { None };
        let language = reader.map_or_else(|| asked.language(), |theirs| asked.language_or(theirs));
        (page(&state, language, problem, about), "text/html; charset=utf-8")
    };
    let headers = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    *response.body_mut() = Body::from(body);
    response
}

/// Returns whether the request is JSON, and its answer must be so too.
pub(super) fn speaks_json(headers: &HeaderMap) -> bool {
    media_type(headers).as_deref() == Some("application/json")
}

/// Returns the media type of the request's body, without parameters, in lower case.
pub(super) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next()?.trim().to_ascii_lowercase())
}

/// Returns whether a path is one of the API's: of this version, or of one that there is not. The page about it is a page.
fn is_call(state: &WebState, path: &str) -> bool {
    let inside = |path: &str| path.strip_prefix(api::PAGE).is_some_and(|rest| rest.starts_with('/'));
    inside(path) || path.strip_prefix(&*state.base).is_some_and(inside)
}

/// Returns the language of the reader whose link leads to `path`.
async fn reader_behind(state: &WebState, path: &str) -> Option<Language> {
    state.subscribers.language_behind(path.rsplit('/').next()?).await
}

fn page(state: &WebState, language: Language, problem: PageProblem, about: Option<AboutLink>) -> String {
    // The switch of languages leads home: the path of this page may hold a token, or nothing but nonsense.
    let page = state.frame(language, "/");
    let rendered: Result<String, RenderError> = match about {
        Some(AboutLink::Broken) => state.templates.page(language, &BadLink { page }),
        Some(AboutLink::NoReader(reader)) => state.templates.page(language, &LinkOver { page, reader }),
        None => state.templates.page(language, &Message { page, problem }),
    };
    rendered.unwrap_or_else(|error| {
        error!(%error, "A page could not be rendered: {error}");
        String::new()
    })
}

fn problem_page(status: StatusCode) -> PageProblem {
    match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::GONE => PageProblem::NotFound,
        StatusCode::PAYLOAD_TOO_LARGE => PageProblem::TooLarge,
        StatusCode::TOO_MANY_REQUESTS => PageProblem::TooMany,
        StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => PageProblem::Unavailable,
        status if status.is_client_error() => PageProblem::BadRequest,
        _ => PageProblem::Internal,
    }
}

/// The words of the JSON interface.
fn word(problem: PageProblem) -> &'static str {
    match problem {
        PageProblem::NotFound | PageProblem::SignUpForm | PageProblem::ComeBack => "not_found",
        PageProblem::TooMany => "too_many",
        PageProblem::TooLarge => "too_large",
        PageProblem::BadRequest => "bad_request",
        PageProblem::Unavailable => "unavailable",
        PageProblem::Internal => "internal",
    }
}
