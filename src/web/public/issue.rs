//! `GET /issues/{number}`: a finished issue, for everybody.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use jiff::civil::DateTime;

use super::cached;
use crate::domain::ids::IssueId;
use crate::domain::issue::{Issue, IssueItem, IssueState};
use crate::domain::language::Language;
use crate::render::{IssuePage, date_long};
use crate::store::StoreError;
use crate::web::WebState;
use crate::web::failure::{Answer, Failure};
use crate::web::language::Asked;

/// Issues looked through at a time for the neighbours of one.
const PAGE: usize = 50;

/// Shows an issue. One that is not finished is not there: its readers come first.
pub(super) async fn show(
    State(state): State<WebState>,
    Path(number): Path<String>,
    asked: Asked,
    headers: HeaderMap,
) -> Answer {
    let number: i64 = number.parse().map_err(|_| Failure::NotFound)?;
    let issue = state.store.issue_by_number(number).await?;
    let issue = issue.filter(|issue| issue.state == IssueState::Finished).ok_or(Failure::NotFound)?;
    let language = asked.language();
    let items = items(&state, &issue).await?;
    let (older, newer) = neighbours(&state, &issue).await?;
    let url = |number: i64| state.path(&format!("/issues/{number}?lang={language}"));
    let context = IssuePage {
        page: state.frame(language, &format!("/issues/{number}")),
        edition_title: state.edition(&issue.edition).map_or(&state.site.title, |edition| &edition.title).clone(),
        number,
        date: date(&state, language, &issue),
        sections: state.templates.sections(language, &items, &state.zone(&issue.edition)),
        older_url: older.map(url),
        newer_url: newer.map(url),
    };
    Ok(cached::page(&headers, state.templates.page(language, &context)?))
}

/// Returns the items of an issue, section by section in the order of the edition.
pub(super) async fn items(state: &WebState, issue: &Issue) -> Result<Vec<IssueItem>, StoreError> {
    let mut items = state.store.issue_items(issue.id).await?;
    if let Some(edition) = state.edition(&issue.edition) {
        // The sort is stable: within a section, and among sections that are configured no more, the order stays.
        items.sort_by_key(|item| edition.sections.iter().position(|name| *name == item.section).unwrap_or(usize::MAX));
    }
    Ok(items)
}

/// Returns the day of an issue, written out: that of its slot, on the wall of its edition.
pub(super) fn date(state: &WebState, language: Language, issue: &Issue) -> String {
    let day = issue.slot.parse::<DateTime>().map(DateTime::date);
    date_long(language, day.unwrap_or_else(|_| state.zone(&issue.edition).to_datetime(issue.scheduled).date()))
}

/// Returns the numbers of the finished issues of the same edition before and after this one.
async fn neighbours(state: &WebState, issue: &Issue) -> Result<(Option<i64>, Option<i64>), StoreError> {
    let mut newer = None;
    let mut before: Option<IssueId> = None;
    loop {
        let page = state.store.latest_issues(before, Some(IssueState::Finished.as_str()), PAGE).await?;
        let Some(last) = page.last() else { return Ok((None, newer)) };
        before = Some(last.id);
        for other in page.iter().filter(|other| other.edition == issue.edition) {
            if other.id > issue.id {
                newer = other.number;
            } else if other.id < issue.id {
                return Ok((other.number, newer));
            }
        }
    }
}
