//! `GET /issues/{number}`: an issue that has gone out, for everybody. The mails' "read on the web" leads here.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use jiff::Timestamp;
use jiff::civil::DateTime;

use super::cached;
use crate::domain::issue::{Issue, IssueItem};
use crate::domain::language::Language;
use crate::render::{About, IssueEntry, IssuePage, PageItem, date_long};
use crate::web::WebState;
use crate::web::failure::{Answer, Failure};
use crate::web::language::Asked;
use crate::web::pictures::{Gallery, Seen};
use crate::web::state::often;

/// What is said of an issue in the card of a link, in characters.
const MAX_DESCRIPTION: usize = 200;

/// Shows an issue. One that has not gone out, or was stopped, is not there.
pub(super) async fn show(
    State(state): State<WebState>,
    Path(asked_for): Path<String>,
    asked: Asked,
    headers: HeaderMap,
) -> Answer {
    let number: i64 = asked_for.parse().map_err(|_| Failure::NotFound)?;
    // An issue has one address: "012" and "+12" are none.
    let issue = if number.to_string() == asked_for { state.store.issue_by_number(number).await? } else { None };
    let issue = issue.filter(|issue| issue.state.is_public()).ok_or(Failure::NotFound)?;
    let language = asked.language();
    let now = state.clock.now();
    let items = ordered(&state, &issue, state.store.issue_items(issue.id).await?);
    let gallery = Gallery::of(&state, &items).await?;
    let around = state.store.neighbours(&issue.edition, number).await?;
    let modified = changed(&state, &items, now).await?;
    let url = |number: i64| state.path(&format!("/issues/{number}?lang={language}"));
    let path = format!("/issues/{number}");
    let mut page = state.frame(language, &path);
    page.feeds = state.feeds(language, if several(&state) { state.edition(&issue.edition) } else { None });
    let mut about = About::new(language, &state.url(&path), "article", description(&items));
    about.published = Some(appeared(&issue).to_string());
    about.image_url = gallery.cover(&state, &items);
    page.about = Some(about);
    let context = IssuePage {
        page,
        edition_title: edition_title(&state, &issue),
        number,
        date: date(&state, language, &issue),
        headline: headline(&items),
        title: title(&state, language, &issue, &items),
        entry: entry(&state, language, &issue, &items, Read { now: Some(now), gallery: &gallery, seen: Seen::OnPage }),
        often: often(state.edition(&issue.edition)),
        subscribe_url: state.sign_up_path(language, state.edition(&issue.edition)),
        older_url: around.older.map(url),
        newer_url: around.newer.map(url),
    };
    Ok(cached::dated_page(&headers, state.templates.page(language, &context)?, language, modified))
}

/// Returns the items of an issue, section by section in the order of the edition.
pub(super) fn ordered(state: &WebState, issue: &Issue, mut items: Vec<IssueItem>) -> Vec<IssueItem> {
    if let Some(edition) = state.edition(&issue.edition) {
        // The sort is stable: within a section, and among sections that are configured no more, the order stays.
        items.sort_by_key(|item| edition.sections.iter().position(|name| *name == item.section).unwrap_or(usize::MAX));
    }
    items
}

/// How an issue is read.
pub(super) struct Read<'a> {
    /// When; without it, it is shown as it was printed.
    pub(super) now: Option<Timestamp>,
    /// Its pictures.
    pub(super) gallery: &'a Gallery,
    /// Where.
    pub(super) seen: Seen,
}

/// Returns what an issue brings.
pub(super) fn entry(
    state: &WebState,
    language: Language,
    issue: &Issue,
    items: &[IssueItem],
    read: Read<'_>,
) -> IssueEntry {
    let zone = state.zone(&issue.edition);
    let introduction = issue.desk.introduction.as_deref().filter(|text| !text.trim().is_empty());
    state.templates.issue_entry(language, introduction, items, |item| PageItem {
        image: read.gallery.picture(state, item, read.seen),
        ..PageItem::new(language, item, &zone, read.now)
    })
}

/// Returns what an issue is called in one line, as the subject of its mail is.
pub(super) fn title(state: &WebState, language: Language, issue: &Issue, items: &[IssueItem]) -> String {
    let (edition, headline) = (edition_title(state, issue), headline(items));
    let number = issue.number.unwrap_or_default();
    state.templates.issue_title(language, issue.desk.subject.as_deref(), [&edition, &headline], number)
}

/// Returns the title of the edition an issue belongs to.
pub(super) fn edition_title(state: &WebState, issue: &Issue) -> String {
    state.edition(&issue.edition).map_or(&state.site.title, |edition| &edition.title).clone()
}

/// Returns whether readers have editions to choose from.
pub(super) fn several(state: &WebState) -> bool {
    state.site.editions.len() > 1
}

/// Returns the headlines of an issue in the order in which they are read: the lead first.
pub(super) fn headlines(items: &[IssueItem]) -> impl Iterator<Item = &str> {
    let (lead, rest): (Vec<_>, Vec<_>) = items.iter().partition(|item| item.lead);
    lead.into_iter().chain(rest).map(|item| item.title.as_str())
}

/// Returns what an issue leads with.
pub(super) fn headline(items: &[IssueItem]) -> String {
    headlines(items).next().unwrap_or_default().to_owned()
}

/// Returns a few headlines in a line.
pub(super) fn description(items: &[IssueItem]) -> String {
    let mut line = String::new();
    for headline in headlines(items) {
        let longer = line.chars().count() + headline.chars().count() > MAX_DESCRIPTION;
        if longer && !line.is_empty() {
            line.push_str(" …");
            break;
        }
        line.push_str(if line.is_empty() { "" } else { " · " });
        line.push_str(headline);
    }
    line
}

/// Returns the day of an issue, written out: that of its slot, on the wall of its edition.
pub(super) fn date(state: &WebState, language: Language, issue: &Issue) -> String {
    let day = issue.slot.parse::<DateTime>().map(DateTime::date);
    date_long(language, day.unwrap_or_else(|_| state.zone(&issue.edition).to_datetime(issue.scheduled).date()))
}

/// Returns when an issue went out.
pub(super) fn appeared(issue: &Issue) -> Timestamp {
    issue.released.unwrap_or(issue.scheduled)
}

/// Returns since when a page that shows `items` can have been as it is: an issue was released or cancelled, an opening
/// closed, or this process was started with other templates.
pub(super) async fn changed(state: &WebState, items: &[IssueItem], now: Timestamp) -> Result<Timestamp, Failure> {
    let closed = items.iter().filter_map(|item| item.closes).filter(|closes| *closes <= now).max();
    let archive = state.store.archive_changed().await?;
    Ok([Some(state.started), closed, archive].into_iter().flatten().max().unwrap_or(state.started))
}
