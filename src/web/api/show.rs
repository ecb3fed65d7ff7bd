//! `GET /api/v1/articles/{external_id}`: one article.

use axum::Json;
use axum::extract::State;
use url::form_urlencoded::byte_serialize;

use super::answer::ArticleAnswer;
use super::body::Named;
use super::caller::Reader;
use super::problem::{Kind, Problem, ProblemDocument};
use super::refusals::ReadRefused;
use super::{Api, ROOT};
use crate::domain::pushed::{ExternalId, PushedArticle};
use crate::web::WebState;

/// Look at an article
///
/// One that was pushed, withdrawn or not. Signs that mean something in a path are percent-encoded: `a/b` is `a%2Fb`.
#[utoipa::path(
    get,
    path = "/api/v1/articles/{external_id}",
    tag = "articles",
    operation_id = "show_article",
    security(("token" = ["articles:read"])),
    params(("external_id" = String, Path, description = "What its owner knows the article by.", example = "job-4711")),
    responses(
        (status = 200, description = "The article.", body = ArticleAnswer),
        ReadRefused,
        (status = 404, description = "No article was pushed under this id.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show(
    State(state): State<WebState>,
    _: Reader,
    Named(id): Named,
) -> Result<Json<ArticleAnswer>, Problem> {
    Ok(Json(find(state.api()?, &id).await?.into()))
}

/// Returns the article pushed under this id.
pub(super) async fn find(api: &Api, id: &ExternalId) -> Result<PushedArticle, Problem> {
    let found = api.articles.pushed(id).await?;
    found.ok_or_else(|| {
        Problem::saying(Kind::NotFound, format!("No article was pushed under the id {:?}.", id.as_str()))
    })
}

/// Returns the path of the article with this id.
pub(super) fn address(state: &WebState, external_id: &str) -> String {
    // There is no space in an id, so that the encoding of forms is that of paths.
    let encoded: String = byte_serialize(external_id.as_bytes()).collect();
    state.path(&format!("{ROOT}/articles/{encoded}"))
}
