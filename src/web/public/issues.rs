//! `GET /issues`: the list of past issues.

use axum::extract::State;
use axum::http::HeaderMap;

use super::{cached, issue};
use crate::domain::issue::IssueState;
use crate::render::{IssueLine, IssueList};
use crate::web::WebState;
use crate::web::failure::Answer;
use crate::web::language::Asked;

/// Two years of a weekly. Older ones are reached from issue to issue.
const MOST_LISTED: usize = 104;

/// Lists the finished issues, newest first.
pub(super) async fn list(State(state): State<WebState>, asked: Asked, headers: HeaderMap) -> Answer {
    let language = asked.language();
    let mut issues = Vec::new();
    for one in state.store.latest_issues(None, Some(IssueState::Finished.as_str()), MOST_LISTED).await? {
        let Some(number) = one.number else { continue };
        let items = issue::items(&state, &one).await?;
        let Some(first) = items.first() else { continue };
        issues.push(IssueLine {
            number,
            date: issue::date(&state, language, &one),
            headline: first.title.clone(),
            url: state.path(&format!("/issues/{number}?lang={language}")),
        });
    }
    let context = IssueList { page: state.frame(language, "/issues"), issues };
    Ok(cached::page(&headers, state.templates.page(language, &context)?))
}
