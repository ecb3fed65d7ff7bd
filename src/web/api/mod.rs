//! The API: articles for programs. One file a call; around them who may call ([`caller`]), what is read ([`body`],
//! [`input`]) and how a refusal is worded ([`problem`]) and described ([`refusals`]).
//!
//! There are no cookies and no sessions here, so no other site can make a browser act for somebody, and no header lets
//! scripts of other sites read anything.

mod answer;
mod body;
mod caller;
mod change;
mod cursor;
mod document;
#[expect(unused_qualifications, reason = "utoipa's macros write whole paths")]
mod input;
#[expect(unused_qualifications, reason = "utoipa's macros write whole paths")]
mod list;
mod page;
mod problem;
mod push;
mod refusals;
mod show;
mod withdraw;

use std::sync::Arc;

use axum::Router;
use axum::middleware::map_response;
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::limit::Limit;
use super::{WebState, headers};
use crate::access::Access;
use crate::articles::Articles;
use crate::clock::Clock;

pub(super) use problem::Problem;

/// Where this version of the API is.
const ROOT: &str = "/api/v1";
/// Where it is described, for people and for programs.
pub(super) const PAGE: &str = "/api";
const DOCUMENT: &str = "/api/v1/openapi.json";

/// What the calls work with.
pub(super) struct Api {
    articles: Articles,
    access: Access,
    limit: Limit<i64>,
}

impl Api {
    pub(super) fn new(articles: Articles, access: Access, clock: Arc<dyn Clock>) -> Self {
        Self { articles, access, limit: caller::limit(clock) }
    }
}

/// Every call, and the description of them all, which is made from the same lines.
fn calls() -> OpenApiRouter<WebState> {
    OpenApiRouter::with_openapi(document::head()).routes(routes!(list::list, push::push)).routes(routes!(
        show::show,
        change::change,
        withdraw::withdraw
    ))
}

/// Every route of the API.
pub(super) fn routes() -> Router<WebState> {
    let (calls, _) = calls().split_for_parts();
    // Answers are for whoever holds the token, and for now.
    let calls = calls.layer(map_response(headers::private));
    Router::new().route(PAGE, get(page::show)).route(DOCUMENT, get(document::send)).merge(calls)
}
