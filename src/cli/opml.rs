//! `feeds import` and `feeds export`: lists of feeds as other readers keep them.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use anyhow::Context;

use super::exit::{Exit, Outcome};
use super::output::{Output, plain, print};
use super::words::{count, digits, number};
use crate::app::App;
use crate::articles::{OpmlOutcome, OpmlReport};

pub(super) async fn import(app: &App, file: &Path, section: Option<&str>, dry_run: bool, out: &Output) -> Outcome {
    if let Some(section) = section {
        super::feeds::require_section(&app.config, section)?;
    }
    let mut list = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_end(&mut list).context("cannot read standard input")?;
    } else {
        list = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    }
    let sections = super::feeds::sections(&app.config);
    let report = app.articles.import_opml(&list, &sections, section, dry_run).await?;
    out.answer(&report, |report| worded(file, report))?;
    let bad = report.feeds.iter().any(|feed| matches!(feed.outcome, OpmlOutcome::Bad { .. }));
    Ok(if bad { Exit::Failed } else { Exit::Done })
}

fn worded(file: &Path, report: &OpmlReport) -> String {
    let mut text = String::new();
    let (mut added, mut duplicate, mut bad) = (0_i64, 0_i64, 0_i64);
    for feed in &report.feeds {
        let place = format!("{}:{}", file.display(), feed.line);
        let name = plain(feed.title.as_deref().unwrap_or(&feed.url));
        let line = match &feed.outcome {
            OpmlOutcome::Added { section } => {
                added += 1;
                format!("{place}: {name}: added to {section}")
            }
            OpmlOutcome::Duplicate => {
                duplicate += 1;
                format!("{place}: {name}: here already")
            }
            OpmlOutcome::Bad { reason } => {
                bad += 1;
                format!("{place}: {name}: NOT ADDED: {}", plain(reason))
            }
        };
        let _ = writeln!(text, "{line}");
    }
    let feeds = count(number(report.feeds.len()), "feed", "feeds");
    let _ = writeln!(
        text,
        "{feeds} in the list: {} added, {} here already, {} not added.",
        digits(added),
        digits(duplicate),
        digits(bad)
    );
    if report.dry_run {
        text.push_str("A dry run: nothing was written.\n");
    }
    text
}

pub(super) async fn export(app: &App, out: &Output) -> Outcome {
    let title = app.config.editions.first().map_or("Kawaraban", |edition| &edition.title);
    let list = app.articles.export_opml(&format!("Feeds of {title}")).await?;
    if out.is_json() {
        out.answer(&serde_json::json!({ "opml": list }), |_| String::new())?;
    } else {
        print(&list)?;
    }
    Ok(Exit::Done)
}
