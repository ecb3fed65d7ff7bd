//! `GET /issues`: the list of past issues, the last to go out first, page by page (`?before=`, the number the page before
//! ended with) and, where there are several, by edition (`?edition=`).

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;

use super::{cached, issue};
use crate::domain::edition::Edition;
use crate::domain::issue::Issue;
use crate::domain::language::Language;
use crate::render::{About, EditionTab, IssueLine, IssueList};
use crate::web::WebState;
use crate::web::failure::{Answer, Failure};
use crate::web::language::Asked;
use crate::web::state::{encoded, often};

/// Issues on a page.
const PER_PAGE: usize = 20;
/// What of an issue is named besides its headline.
const MORE: usize = 3;

/// What the query of the list or of a feed asks for.
pub(super) struct Wanted<'a> {
    pub(super) edition: Option<&'a Edition>,
    pub(super) before: Option<i64>,
}

impl<'a> Wanted<'a> {
    /// Reads a query. An edition that is not ours, or a number that is none, is not found.
    pub(super) fn read(state: &'a WebState, query: Option<&str>) -> Result<Self, Failure> {
        let mut wanted = Self { edition: None, before: None };
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*name {
                "edition" if !value.is_empty() => {
                    wanted.edition = Some(state.edition(&value).ok_or(Failure::NotFound)?);
                }
                "before" => wanted.before = Some(value.parse().map_err(|_| Failure::NotFound)?),
                _ => {}
            }
        }
        Ok(wanted)
    }

    pub(super) fn edition_name(&self) -> Option<&str> {
        self.edition.map(|edition| edition.name.as_str())
    }

    /// Returns the issue the page before ended with. What was never released is on no page.
    pub(super) async fn last_seen(&self, state: &WebState) -> Result<Option<Issue>, Failure> {
        let Some(number) = self.before else { return Ok(None) };
        let issue = state.store.issue_by_number(number).await?;
        issue.filter(|issue| issue.released.is_some()).map(Some).ok_or(Failure::NotFound)
    }

    /// Returns the path `page` with a query that asks for the same edition, and for issues before `before`.
    pub(super) fn path(&self, page: &str, before: Option<i64>) -> String {
        let edition = self.edition.map(|edition| format!("edition={}", encoded(&edition.name)));
        let before = before.map(|number| format!("before={number}"));
        let query: Vec<_> = [edition, before].into_iter().flatten().collect();
        if query.is_empty() { page.to_owned() } else { format!("{page}?{}", query.join("&")) }
    }
}

/// Returns `path` with the language asked for.
pub(super) fn with_language(path: &str, language: Language) -> String {
    format!("{path}{}lang={language}", if path.contains('?') { '&' } else { '?' })
}

/// Lists the issues that have gone out, newest first.
pub(super) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
    asked: Asked,
    headers: HeaderMap,
) -> Answer {
    let wanted = Wanted::read(&state, query.as_deref())?;
    let language = asked.language();
    // One more than is shown tells whether there is another page.
    let last_seen = wanted.last_seen(&state).await?;
    let mut published = state.store.published(wanted.edition_name(), last_seen.as_ref(), PER_PAGE + 1).await?;
    let older = published.len() > PER_PAGE;
    published.truncate(PER_PAGE);
    let modified = issue::changed(&state, &[], state.clock.now()).await?;
    let several = issue::several(&state);
    let mut issues = Vec::new();
    for one in published {
        let Some(number) = one.issue.number else { continue };
        let items = issue::ordered(&state, &one.issue, one.items);
        let mut headlines = issue::headlines(&items);
        let Some(headline) = headlines.next() else { continue };
        issues.push(IssueLine {
            number,
            date: issue::date(&state, language, &one.issue),
            edition: several.then(|| issue::edition_title(&state, &one.issue)),
            headline: headline.to_owned(),
            more: headlines.take(MORE).map(str::to_owned).collect(),
            url: state.path(&format!("/issues/{number}?lang={language}")),
        });
    }
    let last = issues.last().map(|line| line.number).filter(|_| older);
    let link = |before| with_language(&state.path(&wanted.path("/issues", before)), language);
    let path = wanted.path("/issues", wanted.before);
    let mut page = state.frame(language, &path);
    page.feeds = state.feeds(language, wanted.edition);
    let title = wanted.edition.map_or(&state.site.title, |edition| &edition.title);
    let description = state.templates.issues_description(language, title);
    page.about = Some(About::new(language, &state.url(&path), "website", description));
    let context = IssueList {
        page,
        editions: if several { tabs(&state, &wanted, language) } else { Vec::new() },
        issues,
        often: often(wanted.edition.or(state.only_edition())),
        subscribe_url: state.sign_up_path(language, wanted.edition),
        older_url: last.map(|number| link(Some(number))),
        newest_url: wanted.before.map(|_| link(None)),
    };
    Ok(cached::dated_page(&headers, state.templates.page(language, &context)?, language, modified))
}

/// Returns the editions the list can be narrowed down to.
fn tabs(state: &WebState, wanted: &Wanted<'_>, language: Language) -> Vec<EditionTab> {
    let all = std::iter::once(None).chain(state.site.editions.iter().map(Some));
    all.map(|edition| EditionTab {
        title: edition.map(|edition| edition.title.clone()),
        href: with_language(&state.path(&Wanted { edition, before: None }.path("/issues", None)), language),
        current: edition.map(|edition| &edition.name) == wanted.edition.map(|edition| &edition.name),
    })
    .collect()
}
