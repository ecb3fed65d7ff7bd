//! `feeds`: where articles come from.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::args::FeedsCommand;
use super::exit::{Exit, Outcome};
use super::open::open;
use super::output::{Output, table};
use super::words::{Wall, count, number};
use crate::app::App;
use crate::articles::{Collected, FeedOutcome, FeedReport};
use crate::config::Config;
use crate::domain::feed::Feed;

/// A feed, and how it fares.
#[derive(Serialize)]
struct FeedView {
    id: i64,
    url: String,
    section: String,
    categories: BTreeMap<String, String>,
    title: Option<String>,
    last_fetch: Option<Timestamp>,
    last_success: Option<Timestamp>,
    last_error: Option<String>,
}

impl From<Feed> for FeedView {
    fn from(feed: Feed) -> Self {
        Self {
            id: feed.id.0,
            url: feed.url,
            section: feed.section,
            categories: feed.category_sections,
            title: feed.title,
            last_fetch: feed.last_fetch,
            last_success: feed.last_success,
            last_error: feed.last_error,
        }
    }
}

pub(super) async fn run(config: Config, command: FeedsCommand, out: &Output) -> Outcome {
    let app = open(config).await?;
    match command {
        FeedsCommand::Add { url, section, categories } => {
            add(&app, &url, &section, categories.into_iter().collect(), out).await
        }
        FeedsCommand::List => list(&app, out).await,
        FeedsCommand::Remove { feed } => remove(&app, &feed, out).await,
        FeedsCommand::Fetch => fetch(&app, out).await,
    }
}

async fn add(app: &App, url: &str, section: &str, categories: BTreeMap<String, String>, out: &Output) -> Outcome {
    for section in categories.values().map(String::as_str).chain([section]) {
        require_section(&app.config, section)?;
    }
    let id = app.articles.add_feed(url, section, &categories).await?;
    let feeds = app.articles.feeds().await?;
    let feed = feeds.into_iter().find(|feed| feed.id == id);
    out.answer(&feed.map(FeedView::from), |_| {
        format!("Feed {id} is on the list; `kawaraban feeds fetch` fetches it now, the daemon within the hour.")
    })?;
    Ok(Exit::Done)
}

/// Refuses a section that no edition has: its articles would wait for ever.
pub(super) fn require_section(config: &Config, section: &str) -> anyhow::Result<()> {
    let mut known: Vec<&str> =
        config.editions.iter().flat_map(|edition| &edition.sections).map(String::as_str).collect();
    known.sort_unstable();
    known.dedup();
    anyhow::ensure!(
        known.contains(&section.trim()),
        "no edition has a section {section:?}; there are: {}",
        known.join(", ")
    );
    Ok(())
}

async fn list(app: &App, out: &Output) -> Outcome {
    let feeds: Vec<FeedView> = app.articles.feeds().await?.into_iter().map(FeedView::from).collect();
    let wall = Wall::of(&app.config, None);
    out.answer(&feeds, |feeds| {
        let rows = feeds.iter().map(|feed| {
            let state = feed.last_error.clone().or_else(|| feed.last_success.map(|_| "ok".to_owned()));
            [
                feed.id.to_string(),
                feed.section.clone(),
                feed.title.clone().unwrap_or_default(),
                feed.url.clone(),
                wall.maybe(feed.last_fetch),
                state.unwrap_or_default(),
            ]
        });
        table(["id", "section", "title", "url", "fetched", "state"], rows.collect(), "There is no feed.")
    })?;
    Ok(Exit::Done)
}

async fn remove(app: &App, named: &str, out: &Output) -> Outcome {
    let feed = app.articles.remove_feed(named).await?;
    out.answer(&FeedView::from(feed), |feed| format!("Removed {}. Its articles stay.", feed.url))?;
    Ok(Exit::Done)
}

async fn fetch(app: &App, out: &Output) -> Outcome {
    let (json, out) = (out.is_json(), *out);
    let collected = app
        .articles
        .collect(|report| {
            if !json {
                out.remark(&told(report));
            }
        })
        .await?;
    out.answer(&collected, in_words)?;
    Ok(if collected.failed() == 0 { Exit::Done } else { Exit::Failed })
}

fn told(report: &FeedReport) -> String {
    let url = &report.url;
    match &report.outcome {
        FeedOutcome::NotModified => format!("{url}: nothing has changed"),
        FeedOutcome::Items { new, seen, too_old, skipped } => {
            let old = if *too_old > 0 { format!(", {too_old} too old") } else { String::new() };
            let odd = if skipped.is_empty() { String::new() } else { format!(", {} left out", skipped.len()) };
            format!("{url}: {}, {new} new{old}{odd}", count(number(*seen), "item", "items"))
        }
        FeedOutcome::Failed { reason } => format!("{url}: FAILED: {reason}"),
    }
}

/// Returns what a round of visits brought, in words.
pub(super) fn in_words(collected: &Collected) -> String {
    if collected.feeds.is_empty() && collected.not_reached == 0 {
        return "There is no feed to fetch.".to_owned();
    }
    let feeds = count(number(collected.feeds.len()), "feed", "feeds");
    let failed = match collected.failed() {
        0 => String::new(),
        n => format!(", {n} of them in vain"),
    };
    let missed = match collected.not_reached {
        0 => String::new(),
        n => format!("; there was no time for {}", count(number(n), "other", "others")),
    };
    let articles = count(number(collected.new_articles()), "new article", "new articles");
    format!("Fetched {feeds}{failed}: {articles}{missed}.")
}

/// Returns the same for a send, with the feeds that failed by name: the issue goes out without them.
pub(super) fn collected(collected: &Collected) -> String {
    let failed = collected.feeds.iter().filter(|feed| matches!(feed.outcome, FeedOutcome::Failed { .. }));
    failed.map(told).chain([in_words(collected)]).collect::<Vec<_>>().join("\n")
}
