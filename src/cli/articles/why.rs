//! `articles why`: where an article was printed, and why an edition did not print it.

use anyhow::Context;
use serde::Serialize;

use crate::app::App;
use crate::cli::exit::{Exit, Outcome};
use crate::cli::output::{Output, facts, table};
use crate::cli::words::Wall;
use crate::domain::edition::Edition;
use crate::domain::ids::ArticleId;
use crate::domain::issue::IssueState;
use crate::store::{ArticleFate, PrintedIn, StoreError};

/// What became of an article.
#[derive(Serialize)]
struct Why {
    id: i64,
    title: String,
    section: String,
    editions: Vec<InEdition>,
}

/// What became of it in one edition.
#[derive(Serialize)]
struct InEdition {
    edition: String,
    /// The issue it is in.
    issue: Option<PrintedIn>,
    /// In words.
    reason: String,
}

pub(super) async fn run(app: &App, id: ArticleId, out: &Output) -> Outcome {
    let article = app.store.articles_by_ids(&[id]).await?.pop();
    let article = article.with_context(|| format!("there is no article {id}; `articles list` numbers them"))?;
    let fate = app.store.article_fate(id).await?.with_context(|| format!("there is no article {id} any more"))?;
    let asides = app.store.set_asides_of(id).await?;
    let others = others(app, id).await?;
    let now = app.clock.now();
    let mut editions = Vec::new();
    for edition in app.digests.editions() {
        let issue = fate.printed.iter().find(|printed| printed.edition == edition.name).cloned();
        let wall = Wall::of(&app.config, Some(&edition.name));
        let waiting: Vec<_> = app.store.candidates_of(edition, now).await?.into_iter().map(|one| one.id).collect();
        let reason = if let Some(issue) = &issue {
            in_issue(issue)
        } else if let Some(reason) = by_itself(&fate, edition, &article.section, &wall) {
            reason
        } else if waiting.contains(&id) {
            "waits for an issue".to_owned()
        } else if let Some(reason) = told_by_another(edition, &waiting, &others) {
            reason
        } else if let Some(aside) = asides.iter().find(|aside| aside.edition == edition.name) {
            format!("set aside at {}: {}", wall.at(aside.at), aside.reason)
        } else if article.closes.is_some_and(|closes| closes <= now) {
            "closed; the next issue that is made sets it aside".to_owned()
        } else if let Some(first) = fate.told_first_by {
            format!("the same story as article {first}, which came first; ask why that was not printed")
        } else {
            "too old; the next issue that is made sets it aside".to_owned()
        };
        editions.push(InEdition { edition: edition.name.clone(), issue, reason });
    }
    let why = Why { id: id.0, title: article.title, section: article.section, editions };
    out.answer(&why, |why| {
        let mut text = facts(&[("article", why.title.clone()), ("section", why.section.clone())]);
        text.push('\n');
        let rows = why.editions.iter().map(|one| [one.edition.clone(), one.reason.clone()]).collect();
        text.push_str(&table(["edition", "what became of it"], rows, ""));
        text
    })?;
    Ok(Exit::Done)
}

/// Another article that tells the same story, and the issues it is in.
struct Other {
    id: ArticleId,
    printed: Vec<PrintedIn>,
}

async fn others(app: &App, id: ArticleId) -> Result<Vec<Other>, StoreError> {
    let mut others = Vec::new();
    for id in app.store.others_of_story(id).await? {
        let printed = app.store.article_fate(id).await?.map(|fate| fate.printed).unwrap_or_default();
        others.push(Other { id, printed });
    }
    Ok(others)
}

/// Returns which other article tells the story in this edition, if one does or will.
fn told_by_another(edition: &Edition, waiting: &[ArticleId], others: &[Other]) -> Option<String> {
    let printed = others.iter().find_map(|other| {
        let issue = other.printed.iter().find(|printed| printed.edition == edition.name)?;
        Some(format!("the same story as article {}, {}", other.id, in_issue(issue)))
    });
    let waits = others.iter().find(|other| waiting.contains(&other.id));
    printed.or_else(|| Some(format!("the same story as article {}, which waits for an issue", waits?.id)))
}

fn in_issue(issue: &PrintedIn) -> String {
    let name = issue.number.map_or_else(|| issue.slot.clone(), |number| number.to_string());
    match issue.state {
        IssueState::Draft => format!("in the draft of issue {name}"),
        _ => format!("printed in issue {name} ({})", issue.state),
    }
}

/// Returns why it cannot be in an edition, whatever its dates.
fn by_itself(fate: &ArticleFate, edition: &Edition, section: &str, wall: &Wall) -> Option<String> {
    if let Some(at) = fate.withdrawn {
        return Some(format!("taken back at {} by whoever wrote it", wall.at(at)));
    }
    let listed = edition.sections.iter().any(|one| one == section);
    (!listed).then(|| format!("the edition has no section {section:?}"))
}
