//! `feeds`: where articles come from.

use std::collections::BTreeMap;

use serde::Serialize;

use super::args::FeedsCommand;
use super::exit::{Exit, Outcome};
use super::feed_view::FeedView;
use super::open::open;
use super::opml;
use super::output::{Output, table};
use super::words::{Wall, count, digits, number};
use crate::app::App;
use crate::articles::{Collected, Discovered, FeedOutcome, FeedReport};
use crate::config::Config;
use crate::domain::feed::ItemDefaults;
use crate::domain::visits::PauseReason;

pub(super) async fn run(config: Config, command: FeedsCommand, out: &Output) -> Outcome {
    let app = open(config).await?;
    match command {
        FeedsCommand::Add { url, section, categories, kind, life, language, no_check } => {
            let new = New {
                section,
                categories: categories.into_iter().collect(),
                items: ItemDefaults { kind: kind.into(), opening_life: life, language },
            };
            let url = if no_check { url } else { looked_up(&app, &url, &new, out).await? };
            add(&app, &url, new, out).await
        }
        FeedsCommand::List => list(&app, out).await,
        FeedsCommand::Remove { feed } => remove(&app, &feed, out).await,
        FeedsCommand::Pause { feed } => pause(&app, &feed, out).await,
        FeedsCommand::Resume { feed: Some(feed), .. } => resume(&app, &feed, out).await,
        FeedsCommand::Resume { feed: None, .. } => resume_failed(&app, out).await,
        FeedsCommand::Fetch => fetch(&app, out).await,
        FeedsCommand::Import { file, section, dry_run } => {
            opml::import(&app, &file, section.as_deref(), dry_run, out).await
        }
        FeedsCommand::Export => opml::export(&app, out).await,
    }
}

/// What was said of a feed besides its address.
struct New {
    section: String,
    categories: BTreeMap<String, String>,
    items: ItemDefaults,
}

/// Returns the address of the feed at `url`, which may be a page that names it, and says what was found.
async fn looked_up(app: &App, url: &str, new: &New, out: &Output) -> anyhow::Result<String> {
    require_sections(app, new)?;
    match app.articles.discover(url).await? {
        Discovered::Feed { url: found, title, items } => {
            let title = title.map(|title| format!("“{title}”, ")).unwrap_or_default();
            let items = count(number(items), "item", "items");
            out.remark(&format!("Found {title}with {items}: {found}"));
            Ok(found)
        }
        Discovered::Unknown { url, reason } => {
            out.remark(&format!("What is at {url} cannot be seen now: {reason}. It is tried again."));
            Ok(url)
        }
        Discovered::Several(feeds) => {
            let lines = feeds.iter().map(|feed| {
                let title = feed.title.as_ref().map(|title| format!("  # {title}")).unwrap_or_default();
                format!("\n  kawaraban feeds add '{}' --section {}{title}", feed.url, new.section)
            });
            anyhow::bail!(
                "{url} is a web page that names several feeds. Add the one you mean:{}",
                lines.collect::<String>()
            )
        }
    }
}

fn require_sections(app: &App, new: &New) -> anyhow::Result<()> {
    new.categories.values().chain([&new.section]).try_for_each(|section| require_section(&app.config, section))
}

async fn add(app: &App, url: &str, new: New, out: &Output) -> Outcome {
    require_sections(app, &new)?;
    let id = app.articles.add_feed_with(url, &new.section, &new.categories, new.items).await?;
    let feed = app.articles.feed_health().await?.into_iter().find(|health| health.feed.id == id);
    let feed = feed.map(|health| FeedView::of(health, app.config.feeds.poll_every));
    out.answer(&feed, |_| {
        format!("Feed {id} is on the list; `kawaraban feeds fetch` fetches it now, the daemon within the hour.")
    })?;
    Ok(Exit::Done)
}

/// Returns the names of all sections, each once.
pub(super) fn sections(config: &Config) -> Vec<String> {
    let mut known: Vec<String> = config.editions.iter().flat_map(|edition| &edition.sections).cloned().collect();
    known.sort_unstable();
    known.dedup();
    known
}

/// Refuses a section that no edition has: its articles would wait for ever.
pub(super) fn require_section(config: &Config, section: &str) -> anyhow::Result<()> {
    let known = sections(config);
    anyhow::ensure!(
        known.iter().any(|known| known == section.trim()),
        "no edition has a section {section:?}; there are: {}",
        known.join(", ")
    );
    Ok(())
}

async fn list(app: &App, out: &Output) -> Outcome {
    let feeds = app.articles.feed_health().await?.into_iter();
    let feeds: Vec<_> = feeds.map(|health| FeedView::of(health, app.config.feeds.poll_every)).collect();
    let wall = Wall::of(&app.config, None);
    out.answer(&feeds, |feeds| {
        let rows = feeds.iter().map(|feed| feed.row(&wall)).collect();
        table(["id", "section", "items/week", "state", "feed"], rows, "There is no feed.")
    })?;
    Ok(Exit::Done)
}

/// A feed that something was done to.
#[derive(Serialize)]
struct Named {
    id: i64,
    url: String,
}

async fn remove(app: &App, named: &str, out: &Output) -> Outcome {
    let feed = app.articles.remove_feed(named).await?;
    out.answer(&Named { id: feed.id.0, url: feed.url }, |feed| format!("Removed {}. Its articles stay.", feed.url))?;
    Ok(Exit::Done)
}

async fn pause(app: &App, named: &str, out: &Output) -> Outcome {
    let feed = app.articles.pause_feed(named).await?;
    out.answer(&Named { id: feed.id.0, url: feed.url }, |feed| {
        format!("Paused {}. `kawaraban feeds resume {}` fetches it again.", feed.url, feed.id)
    })?;
    Ok(Exit::Done)
}

async fn resume(app: &App, named: &str, out: &Output) -> Outcome {
    let feed = app.articles.resume_feed(named).await?;
    out.answer(&Named { id: feed.id.0, url: feed.url }, |feed| {
        format!("{} is fetched again; `kawaraban feeds fetch` does it now.", feed.url)
    })?;
    Ok(Exit::Done)
}

/// What resuming all feeds that failed came to.
#[derive(Serialize)]
struct Resumed {
    resumed: u64,
    still_paused: usize,
}

async fn resume_failed(app: &App, out: &Output) -> Outcome {
    let resumed = app.articles.resume_failed_feeds().await?;
    let feeds = app.articles.feeds().await?;
    let still_paused = feeds.iter().filter(|feed| feed.health.paused.is_some()).count();
    out.answer(&Resumed { resumed, still_paused }, |_| {
        let done = match resumed {
            0 => "No feed has failed.".to_owned(),
            n => {
                let feeds = count(n, "feed is", "feeds are");
                format!("{feeds} fetched again; `kawaraban feeds fetch` does it now.")
            }
        };
        let left = match still_paused {
            0 => return done,
            1 => "1 feed stays paused: it is gone, or was paused by hand".to_owned(),
            n => format!("{} stay paused: they are gone, or were paused by hand", count(number(n), "feed", "feeds")),
        };
        format!("{done} {left}. `feeds resume` with its number or URL resumes one.")
    })?;
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
    let mut text = match &report.outcome {
        FeedOutcome::NotModified => format!("{url}: nothing has changed"),
        FeedOutcome::Items { new, seen, too_old, skipped } => {
            let new = digits(number(*new));
            let old = if *too_old > 0 { format!(", {} too old", digits(number(*too_old))) } else { String::new() };
            let odd = if skipped.is_empty() { String::new() } else { format!(", {} left out", skipped.len()) };
            let why = skipped.iter().map(|why| format!("\n  left out: {why}")).collect::<String>();
            format!("{url}: {}, {new} new{old}{odd}{why}", count(number(*seen), "item", "items"))
        }
        FeedOutcome::Failed { reason } => format!("{url}: FAILED: {reason}"),
    };
    if let Some(moved) = &report.moved {
        text.push_str(&if moved.followed {
            format!("\n  moved for good, and is fetched there from now on: {}", moved.to)
        } else {
            format!("\n  moved for good to an address another feed has; remove one of the two: {}", moved.to)
        });
    }
    match report.paused {
        Some(PauseReason::Gone) => text.push_str("\n  PAUSED: it is gone"),
        Some(PauseReason::Failing) => text.push_str("\n  PAUSED: it has failed for a week"),
        Some(PauseReason::ByHand) | None => {}
    }
    text
}

/// Returns what a round of visits brought, in words.
pub(super) fn in_words(collected: &Collected) -> String {
    let left = left_alone(collected);
    if collected.feeds.is_empty() && collected.not_reached == 0 {
        return format!("There is no feed to fetch{left}.");
    }
    let feeds = count(number(collected.feeds.len()), "feed", "feeds");
    let failed = match collected.failed() {
        0 => String::new(),
        n => format!(", {n} of them in vain"),
    };
    let missed = match collected.not_reached {
        0 => String::new(),
        n => format!("; {} left for the next round", count(number(n), "feed is", "feeds are")),
    };
    let articles = count(number(collected.new_articles()), "new article", "new articles");
    format!("Fetched {feeds}{failed}: {articles}{missed}{left}.")
}

/// Returns which feeds were not even tried, and why.
fn left_alone(collected: &Collected) -> String {
    let resting = match collected.resting {
        0 => String::new(),
        n => format!("; {} failed before and must wait", count(number(n), "feed", "feeds")),
    };
    let paused = match collected.paused {
        0 => String::new(),
        1 => "; 1 feed is paused".to_owned(),
        n => format!("; {n} feeds are paused"),
    };
    resting + &paused
}

/// Returns the same for a send, with the feeds that failed by name: the issue goes out without them.
pub(super) fn collected(collected: &Collected) -> String {
    let failed = collected.feeds.iter().filter(|feed| matches!(feed.outcome, FeedOutcome::Failed { .. }));
    failed.map(told).chain([in_words(collected)]).collect::<Vec<_>>().join("\n")
}
