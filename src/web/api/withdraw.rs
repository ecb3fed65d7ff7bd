//! `DELETE /api/v1/articles/{external_id}`: takes an article back.

use axum::Json;
use axum::extract::State;

use super::answer::ArticleAnswer;
use super::body::Named;
use super::caller::Writer;
use super::problem::{Problem, ProblemDocument};
use super::refusals::WriteRefused;
use super::show;
use crate::web::WebState;

/// Withdraw an article
///
/// No issue takes it after that, and a draft that has it gives it up. What is printed stays printed: then `printed` is
/// true. Doing it again changes nothing.
#[utoipa::path(
    delete,
    path = "/api/v1/articles/{external_id}",
    tag = "articles",
    operation_id = "withdraw_article",
    security(("token" = ["articles:write"])),
    params(("external_id" = String, Path, description = "What its owner knows the article by.", example = "job-4711")),
    responses(
        (status = 200, description = "The article, withdrawn. `printed` says whether readers have it.", body = ArticleAnswer),
        WriteRefused,
        (status = 404, description = "No article was pushed under this id.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn withdraw(
    State(state): State<WebState>,
    _: Writer,
    Named(id): Named,
) -> Result<Json<ArticleAnswer>, Problem> {
    let api = state.api()?;
    let article = show::find(api, &id).await?;
    Ok(Json(api.articles.withdraw(article.article.id).await?.into()))
}
