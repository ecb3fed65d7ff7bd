//! `GET /issues.atom` and `GET /issues.json`: the issues for feed readers, in one language (`?lang=`), all or those of
//! one edition (`?edition=`), page by page (`?before=`).
//!
//! The content of an entry is made by a template of its own, which escapes as all of them do and has plain tags only.
//! An entry is an issue as it was printed, so that it never changes and is never new again. Its id is a `tag:` URI
//! (RFC 4151) made of the host, the day of the issue, its number and the language; it stays the same whatever path the
//! site moves to.

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use jiff::Timestamp;

use super::issues::{Wanted, with_language};
use super::{cached, issue, issue_atom, issue_json};
use crate::domain::language::Language;
use crate::store::Published;
use crate::web::WebState;
use crate::web::failure::{Answer, Failure};
use crate::web::language::Asked;
use crate::web::pictures::{Gallery, Seen};

/// Issues in a feed. A weekly fills it in less than half a year; who wants more turns the page.
const PER_PAGE: usize = 20;

/// The issues, as both formats need them. URLs are whole, texts are plain unless they say HTML.
pub(super) struct Feed {
    pub(super) title: String,
    pub(super) author: String,
    pub(super) language: Language,
    /// The list of issues.
    pub(super) home_url: String,
    /// The first page of this feed, which is also its id.
    pub(super) url: String,
    /// This page of it.
    pub(super) self_url: String,
    /// The page with the issues before these.
    pub(super) next_url: Option<String>,
    pub(super) icon_url: String,
    pub(super) updated: Timestamp,
    pub(super) entries: Vec<Entry>,
}

/// One issue.
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) content_html: String,
    /// The whole URL of a picture that stands for it.
    pub(super) image_url: Option<String>,
    pub(super) at: Timestamp,
}

/// Sends the issues as Atom (RFC 4287).
pub(super) async fn atom(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
    asked: Asked,
    headers: HeaderMap,
) -> Answer {
    let (feed, modified) = read(&state, "/issues.atom", query.as_deref(), asked).await?;
    let content_type = "application/atom+xml; charset=utf-8";
    let body = issue_atom::write(&feed);
    Ok(cached::send(&headers, cached::Copy { body, content_type, language: Some(feed.language), modified }))
}

/// Sends the issues as JSON Feed 1.1.
pub(super) async fn json(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
    asked: Asked,
    headers: HeaderMap,
) -> Answer {
    let (feed, modified) = read(&state, "/issues.json", query.as_deref(), asked).await?;
    let content_type = "application/feed+json; charset=utf-8";
    let body = issue_json::write(&feed);
    Ok(cached::send(&headers, cached::Copy { body, content_type, language: Some(feed.language), modified }))
}

/// Returns the feed at `path`, and since when it has been as it is.
async fn read(
    state: &WebState,
    path: &str,
    query: Option<&str>,
    asked: Asked,
) -> Result<(Feed, Option<Timestamp>), Failure> {
    let wanted = Wanted::read(state, query)?;
    let language = asked.language();
    let last_seen = wanted.last_seen(state).await?;
    let mut published = state.store.published(wanted.edition_name(), last_seen.as_ref(), PER_PAGE + 1).await?;
    let older = published.len() > PER_PAGE;
    published.truncate(PER_PAGE);
    let url = |path: &str, before| state.url(&with_language(&wanted.path(path, before), language));
    let last = published.last().and_then(|one| one.issue.number).filter(|_| older);
    // The first is the last to have gone out. Without one the feed is as old as nothing can be, and says so each time.
    let updated = published.first().map_or(Timestamp::UNIX_EPOCH, |one| issue::appeared(&one.issue));
    let title = wanted.edition.map_or(&state.site.title, |edition| &edition.title).clone();
    let icon_url = state.url(state.templates.asset_url("", "icon.svg").as_str());
    let modified = issue::changed(state, &[], state.clock.now()).await?;
    let gallery = Gallery::of(state, published.iter().flat_map(|one| &one.items)).await?;
    let entries = published
        .into_iter()
        .map(|one| entry(state, language, one, &gallery))
        .filter_map(Result::transpose)
        .collect::<Result<_, _>>()?;
    let feed = Feed {
        title,
        author: state.site.sender.name.clone(),
        language,
        home_url: url("/issues", None),
        url: url(path, None),
        self_url: url(path, wanted.before),
        next_url: last.map(|number| url(path, Some(number))),
        icon_url,
        updated,
        entries,
    };
    Ok((feed, Some(modified)))
}

fn entry(state: &WebState, language: Language, one: Published, gallery: &Gallery) -> Result<Option<Entry>, Failure> {
    let issue = one.issue;
    let items = issue::ordered(state, &issue, one.items);
    let Some(number) = issue.number else { return Ok(None) };
    let read = issue::Read { now: None, gallery, seen: Seen::Elsewhere };
    let content = issue::entry(state, language, &issue, &items, read);
    let at = issue::appeared(&issue);
    let day = state.zone(&issue.edition).to_datetime(issue.scheduled).date();
    Ok(Some(Entry {
        id: format!("tag:{},{day}:issues/{number}/{language}", state.links.host()),
        url: state.url(&format!("/issues/{number}?lang={language}")),
        title: issue::title(state, language, &issue, &items),
        summary: issue::description(&items),
        content_html: state.templates.page(language, &content)?,
        image_url: gallery.cover(state, &items),
        at,
    }))
}
