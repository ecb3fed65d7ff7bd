//! `PATCH /api/v1/articles/{external_id}`: changes some of an article's fields.

use axum::Json;
use axum::extract::State;

use super::answer::ArticleAnswer;
use super::body::{MergePatch, Named};
use super::caller::Writer;
use super::input::{self, ArticlePatch, Errors};
use super::problem::{Problem, ProblemDocument};
use super::refusals::{BodyRefused, WriteRefused};
use super::{push, show};
use crate::articles::ArticlesError;
use crate::store::StoreError;
use crate::web::WebState;

/// How often a change is tried on an article that others change at the same moment.
const TRIES: usize = 5;

/// Change an article
///
/// A JSON merge patch (RFC 7396): what is there replaces what was, null takes a field out, and the rest stays. The
/// outcome must be valid as a whole. The id cannot be changed, nor can an article that is printed or withdrawn.
#[utoipa::path(
    patch,
    path = "/api/v1/articles/{external_id}",
    tag = "articles",
    operation_id = "change_article",
    security(("token" = ["articles:write"])),
    params(("external_id" = String, Path, description = "What its owner knows the article by.", example = "job-4711")),
    request_body(content = ArticlePatch, content_type = "application/merge-patch+json",
        example = json!({ "closes": "2026-12-31", "pay": null })),
    responses(
        (status = 200, description = "The article as it is now.", body = ArticleAnswer),
        BodyRefused,
        WriteRefused,
        (status = 404, description = "No article was pushed under this id.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "The article is printed or withdrawn.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 415, description = "The body is not `application/merge-patch+json`.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "The article would not be valid; every error is listed.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn change(
    State(state): State<WebState>,
    _: Writer,
    Named(id): Named,
    MergePatch(patch): MergePatch,
) -> Result<Json<ArticleAnswer>, Problem> {
    let api = state.api()?;
    for _ in 0..TRIES {
        let before = show::find(api, &id).await?;
        let mut errors = Errors::default();
        let mut document = serde_json::to_value(ArticleAnswer::from(before.clone()).into_input())
            .expect("an article is made of strings");
        input::merge(&mut document, patch.clone());
        let merged = input::article(document, "", &mut errors);
        if merged.external_id != id.as_str() && !errors.has("") && !errors.has("/external_id") {
            errors.add("/external_id", "the id of an article cannot be changed");
        }
        let checked = push::checked_at("", &mut errors, || api.articles.check(&merged.written()));
        let Some(checked) = checked.filter(|_| errors.is_empty()) else {
            return Err(Problem::not_valid(errors.into_list()));
        };
        match api.articles.change(&before, &checked).await {
            Ok(after) => return Ok(Json(after.into())),
            // Somebody else was faster: what they wrote is what is to be changed.
            Err(ArticlesError::Store(StoreError::Stale)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Stale.into())
}
