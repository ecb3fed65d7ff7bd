//! `GET /api/v1/articles`: the articles there are, a page at a time.

use axum::Json;
use axum::extract::{RawQuery, State};
use url::form_urlencoded;
use utoipa::IntoParams;

use super::answer::ArticlePage;
use super::caller::Reader;
use super::cursor;
use super::problem::{ErrorAt, Problem, ProblemDocument};
use super::refusals::ReadRefused;
use crate::articles::Articles;
use crate::domain::article::ArticleKind;
use crate::domain::edition::Edition;
use crate::store::PushedFilter;
use crate::web::WebState;

/// What a page has if nobody says how much.
const USUAL_LIMIT: usize = 50;
/// What a page has at most.
const MAX_LIMIT: usize = 200;

/// Which articles are asked for.
#[derive(Debug, Default, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Only those of this section.
    #[param(example = "openings")]
    section: Option<String>,
    /// Only `news` or only `opening`.
    #[param(example = "opening")]
    kind: Option<String>,
    /// Only those that an issue of this edition may still take.
    #[param(example = "weekly")]
    waiting_for: Option<String>,
    /// How many, 1 to 200; 50 if it is not said.
    #[param(example = "50")]
    limit: Option<String>,
    /// Where the page begins: `next_cursor` of the page before it.
    cursor: Option<String>,
}

/// List articles
///
/// Newest first, wherever they came from; those that were withdrawn are left out. A page ends with `next_cursor`, which
/// leads to the next one; what is pushed meanwhile moves nothing.
#[utoipa::path(
    get,
    path = "/api/v1/articles",
    tag = "articles",
    operation_id = "list_articles",
    security(("token" = ["articles:read"])),
    params(ListQuery),
    responses(
        (status = 200, description = "A page of articles.", body = ArticlePage),
        ReadRefused,
        (status = 422, description = "A parameter is unknown or not valid.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list(
    State(state): State<WebState>,
    _: Reader,
    RawQuery(query): RawQuery,
) -> Result<Json<ArticlePage>, Problem> {
    let mut errors = Vec::new();
    let mut query = read(query.as_deref().unwrap_or_default(), &mut errors);
    let articles = &state.api()?.articles;
    let waiting_for = query.waiting_for.take().and_then(|name| edition(&state, &name, &mut errors));
    let (mut filter, limit) = understood(articles, query, &mut errors);
    if !errors.is_empty() {
        return Err(Problem::not_valid(errors));
    }
    if let Some(edition) = waiting_for {
        filter.among = Some(articles.waiting_for(edition).await?);
    }
    let mut articles = articles.list_pushed(&filter, limit + 1).await?;
    let more = articles.len() > limit;
    articles.truncate(limit);
    let last = articles.last().filter(|_| more);
    let next_cursor = last.map(|last| cursor::after(last.article.id));
    Ok(Json(ArticlePage { articles: articles.into_iter().map(Into::into).collect(), next_cursor }))
}

fn wrong(parameter: &str, message: impl Into<String>) -> ErrorAt {
    ErrorAt { parameter: Some(parameter.to_owned()), message: message.into(), ..ErrorAt::default() }
}

fn read(text: &str, errors: &mut Vec<ErrorAt>) -> ListQuery {
    let mut query = ListQuery::default();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        let field = match &*name {
            "section" => &mut query.section,
            "kind" => &mut query.kind,
            "waiting_for" => &mut query.waiting_for,
            "limit" => &mut query.limit,
            "cursor" => &mut query.cursor,
            other => {
                let shown: String = other.chars().take(60).collect();
                errors.push(wrong(&shown, "there is no such parameter"));
                continue;
            }
        };
        if field.replace(value.into_owned()).is_some() {
            errors.push(wrong(&name, "this is there twice"));
        }
    }
    query
}

/// Returns the edition of this name, if there is one.
fn edition<'a>(state: &'a WebState, name: &str, errors: &mut Vec<ErrorAt>) -> Option<&'a Edition> {
    let found = state.edition(name);
    if found.is_none() {
        let known: Vec<&str> = state.site.editions.iter().map(|edition| &*edition.name).collect();
        errors.push(wrong("waiting_for", format!("there is no such edition; there are: {}", known.join(", "))));
    }
    found
}

fn understood(articles: &Articles, query: ListQuery, errors: &mut Vec<ErrorAt>) -> (PushedFilter, usize) {
    let mut filter = PushedFilter::default();
    if let Some(name) = query.section {
        match articles.section(&name) {
            Ok(section) => filter.section = Some(section),
            Err(message) => errors.push(wrong("section", message)),
        }
    }
    if let Some(kind) = query.kind {
        filter.kind = ArticleKind::from_stored(&kind);
        if filter.kind.is_none() {
            errors.push(wrong("kind", "write news or opening"));
        }
    }
    if let Some(text) = query.cursor {
        filter.before = cursor::read(&text);
        if filter.before.is_none() {
            errors.push(wrong("cursor", "send next_cursor of a page as it is"));
        }
    }
    let limit = query.limit.map_or(Some(USUAL_LIMIT), |text| text.parse().ok());
    let limit = limit.filter(|limit| (1..=MAX_LIMIT).contains(limit)).unwrap_or_else(|| {
        errors.push(wrong("limit", format!("write a number from 1 to {MAX_LIMIT}")));
        USUAL_LIMIT
    });
    (filter, limit)
}
