//! `deliveries recovery`: what was saved from senders that died.

use std::fmt::Write as _;

use serde::Serialize;

use super::doubts::doubts_table;
use super::exit::{Exit, Outcome};
use super::output::{Output, facts};
use super::words::{Wall, count, digits};
use crate::app::App;
use crate::store::{Doubt, RecoveryReport, Store, StoreError};

/// One recovery, with the mails it put in doubt as they stand now.
#[derive(Serialize)]
struct RecoveryView {
    #[serde(flatten)]
    report: RecoveryReport,
    unknown_deliveries: Vec<Doubt>,
}

pub(super) async fn recovery(app: &App, limit: usize, out: &Output) -> Outcome {
    let mut views = Vec::new();
    for report in app.store.recoveries(0, limit).await? {
        views.push(RecoveryView { unknown_deliveries: app.store.recovery_unknowns(report.id).await?, report });
    }
    let wall = Wall::of(&app.config, None);
    out.answer(&views, |views| in_words(views, &wall))?;
    Ok(Exit::Done)
}

fn in_words(views: &[RecoveryView], wall: &Wall) -> String {
    if views.is_empty() {
        return "No sender has died with mail in its hands.\n".to_owned();
    }
    let mut text = String::new();
    for view in views {
        if !text.is_empty() {
            text.push('\n');
        }
        let report = &view.report;
        text.push_str(&facts(&[
            ("resumed", format!("{}, by node {}", wall.at(report.at), report.node)),
            ("accepted by then", digits(report.accepted)),
            ("certainly not sent", format!("{}, queued again", digits(report.requeued))),
            ("unknown", digits(report.unknown)),
            ("remaining", digits(report.remaining)),
        ]));
        if !view.unknown_deliveries.is_empty() {
            let _ = write!(text, "\n{}", doubts_table(&view.unknown_deliveries, wall, ""));
        }
    }
    text
}

/// Tells of recoveries that happen while a command looks on.
pub(super) struct RecoveryNews {
    told: i64,
}

impl RecoveryNews {
    /// Begins to look: what was there before is no news.
    pub(super) async fn from_now(store: &Store) -> Result<Self, StoreError> {
        let newest = store.recoveries(0, 1).await?.pop();
        Ok(Self { told: newest.map_or(0, |report| report.id) })
    }

    /// Returns what has happened since it was asked last, a sentence each, oldest first.
    pub(super) async fn next(&mut self, store: &Store) -> Result<Vec<String>, StoreError> {
        /// More than can happen between two looks.
        const AT_ONCE: usize = 20;
        let reports = store.recoveries(self.told, AT_ONCE).await?;
        self.told = reports.first().map_or(self.told, |report| report.id);
        Ok(reports.iter().rev().map(told).collect())
    }
}

fn told(report: &RecoveryReport) -> String {
    let unknown = match report.unknown {
        0 => "nothing is in doubt".to_owned(),
        n => format!("of {} nobody knows (`kawaraban deliveries recovery` lists them)", count(n, "mail", "mails")),
    };
    format!(
        "A sender had died. Going on from there: {} accepted by then, {} certainly not sent, {unknown}; {} remaining.",
        digits(report.accepted),
        digits(report.requeued),
        digits(report.remaining)
    )
}
