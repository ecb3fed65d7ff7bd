//! `POST /api/v1/articles`: takes articles, one or many.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

use super::answer::{BatchResult, Outcome, PushAnswer, PushResult};
use super::body::Document;
use super::caller::Writer;
use super::input::{self, ArticleInput, Errors, PushInput};
use super::problem::{Problem, ProblemDocument};
use super::refusals::{BodyRefused, WriteRefused};
use crate::articles::{Articles, Checked, FieldProblem};
use crate::domain::pushed::ExternalId;
use crate::web::WebState;

/// Push articles
///
/// One article, a list of up to 1,000, or an object with the list in `articles`; 1 MiB at most. All of them are stored
/// or none, and each is known by its `external_id`: pushing it again changes the same article, and leaving a field out
/// takes it out. What is printed in an issue or withdrawn stays as it is, and what came too late, its closing date past,
/// is not taken; the result says so.
#[utoipa::path(
    post,
    path = "/api/v1/articles",
    tag = "articles",
    operation_id = "push_articles",
    security(("token" = ["articles:write"])),
    request_body(content = PushInput, content_type = "application/json", example = json!({
        "external_id": "job-4711",
        "title": "Rust engineer, Kyoto",
        "url": "https://jobs.example.jp/4711",
        "section": "openings",
        "kind": "opening",
        "closes": "2026-12-15",
        "place": "Kyoto",
        "company": "Kamo Works",
    })),
    responses(
        (status = 200, description = "What became of each article; of one that was sent alone, by itself.",
            body = PushAnswer),
        (status = 201, description = "One article was sent alone, and is new.", body = PushResult,
            headers(("Location" = String, description = "Where the article is."))),
        BodyRefused,
        WriteRefused,
        (status = 415, description = "The body is not `application/json`.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "Something in it is not valid; every error is listed, and nothing was stored.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn push(
    State(state): State<WebState>,
    _: Writer,
    Document(document): Document,
) -> Result<Response, Problem> {
    let api = state.api()?;
    let mut errors = Errors::default();
    let pushed = input::push(document, &mut errors);
    let articles = checked(&api.articles, &pushed.articles, &mut errors);
    if !errors.is_empty() {
        return Err(Problem::not_valid(errors.into_list()));
    }
    let ids: Vec<String> = articles.iter().map(|(id, _)| id.as_str().to_owned()).collect();
    let outcomes = api.articles.push(articles).await?;
    let results = ids.into_iter().zip(outcomes);
    let mut results = results.map(|(external_id, result)| PushResult { external_id, result: result.into() });
    if !pushed.single {
        return Ok(Json(PushAnswer::Batch(BatchResult { results: results.collect() })).into_response());
    }
    let Some(result) = results.next() else { return Err(Problem::of(StatusCode::INTERNAL_SERVER_ERROR)) };
    let created = result.result == Outcome::Created;
    let headers: [(HeaderName, String); 1] = [(LOCATION, super::show::address(&state, &result.external_id))];
    Ok(match created {
        true => (StatusCode::CREATED, headers, Json(result)).into_response(),
        false => Json(PushAnswer::One(result)).into_response(),
    })
}

/// Returns the articles that are right, and notes what is wrong with the others.
fn checked(articles: &Articles, inputs: &[(String, ArticleInput)], errors: &mut Errors) -> Vec<(ExternalId, Checked)> {
    let mut seen: HashMap<&str, &str> = HashMap::new();
    let mut good = Vec::new();
    for (at, input) in inputs {
        let id = id(at, input, errors);
        if let Some(first) = seen.insert(&input.external_id, at).filter(|_| id.is_some()) {
            errors.add(format!("{at}/external_id"), format!("this is the external_id of {first}, too"));
        }
        let checked = checked_at(at, errors, || articles.check_pushed(&input.written()));
        if let (Some(id), Some(checked)) = (id, checked) {
            good.push((id, checked));
        }
    }
    good
}

fn id(at: &str, input: &ArticleInput, errors: &mut Errors) -> Option<ExternalId> {
    let place = format!("{at}/external_id");
    match input.external_id.parse() {
        Ok(id) => Some(id),
        // That it is missing has been said.
        Err(_) if errors.has(&place) || errors.has(at) => None,
        Err(error) => {
            errors.add(place, error.to_string());
            None
        }
    }
}

/// Returns the article at this place if it is right, and notes what is wrong with it otherwise: of each field one thing.
pub(super) fn checked_at(
    at: &str,
    errors: &mut Errors,
    check: impl FnOnce() -> Result<Checked, Vec<FieldProblem>>,
) -> Option<Checked> {
    // Something that is no object has no fields that could be wrong.
    if errors.has(at) {
        return None;
    }
    match check() {
        Ok(checked) => Some(checked),
        Err(problems) => {
            for problem in problems {
                let place = format!("{at}/{}", problem.field);
                if !errors.has(&place) {
                    errors.add(place, problem.message);
                }
            }
            None
        }
    }
}
