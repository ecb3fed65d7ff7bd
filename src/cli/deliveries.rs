//! `deliveries`: the ledger.

mod pace;

use std::collections::BTreeMap;

use serde::Serialize;

use super::args::DeliveriesCommand;
use super::doubts::{self, Which};
use super::exit::{Exit, Outcome};
use super::open::open;
use super::output::{Output, table};
use super::recovery;
use super::words::{Wall, digits};
use crate::app::App;
use crate::config::Config;
use crate::domain::delivery::{DeliveryKind, DeliveryState};
use crate::domain::ids::{DeliveryId, IssueId};
use crate::store::{DeliveryCounts, DeliveryFilter, DeliveryRecord};

pub(super) async fn run(config: Config, command: DeliveriesCommand, out: &Output) -> Outcome {
    if matches!(command, DeliveriesCommand::Resend { wait: true, .. }) {
        config.check_delivery()?;
    }
    let app = open(config).await?;
    match command {
        DeliveriesCommand::Pace => pace::show(&app, out).await,
        DeliveriesCommand::Stats { issue } => stats(&app, issue, out).await,
        DeliveriesCommand::List { issue, state, after, limit, all } => {
            let filter = DeliveryFilter {
                state,
                issue: numbered(&app, issue).await?,
                subscriber: None,
                after: Some(DeliveryId(after)),
            };
            list(&app, &filter, if all { usize::MAX } else { limit }, out).await
        }
        DeliveriesCommand::Unknown { issue } => doubts::unknown(&app, numbered(&app, issue).await?, out).await,
        DeliveriesCommand::Resend { ids, all, issue, yes, wait } => {
            let which = if all { Which::All(numbered(&app, issue).await?) } else { Which::Named(ids) };
            doubts::resend(&app, which, yes, wait, out).await
        }
        DeliveriesCommand::Accept { ids } => doubts::accept(&app, ids, out).await,
        DeliveriesCommand::Decisions { issue, limit } => {
            doubts::decisions(&app, numbered(&app, issue).await?, limit, out).await
        }
        DeliveriesCommand::Recovery { limit } => recovery::recovery(&app, limit, out).await,
    }
}

async fn numbered(app: &App, number: Option<i64>) -> anyhow::Result<Option<IssueId>> {
    match number {
        Some(number) => Ok(Some(app.digests.issue_numbered(number).await?.id)),
        None => Ok(None),
    }
}

/// How many deliveries stand where: in all, and of each kind.
#[derive(Serialize)]
struct Stats {
    #[serde(flatten)]
    all: DeliveryCounts,
    by_kind: BTreeMap<&'static str, DeliveryCounts>,
}

async fn stats(app: &App, issue: Option<i64>, out: &Output) -> Outcome {
    let kinds = match numbered(app, issue).await? {
        Some(id) => vec![(DeliveryKind::Issue, app.store.delivery_counts(id).await?)],
        None => app.store.all_delivery_counts().await?,
    };
    let mut all = DeliveryCounts::default();
    for (_, mut counts) in kinds.clone() {
        for state in DeliveryState::ALL {
            *all.of(state) += *counts.of(state);
        }
    }
    let stats = Stats { all, by_kind: kinds.into_iter().map(|(kind, counts)| (kind.as_str(), counts)).collect() };
    out.answer(&stats, in_words)?;
    Ok(Exit::Done)
}

fn in_words(stats: &Stats) -> String {
    let rows = DeliveryState::ALL.into_iter().map(|state| {
        let mut of_kind = |kind: DeliveryKind| {
            let mut counts = stats.by_kind.get(kind.as_str()).copied().unwrap_or_default();
            digits(*counts.of(state))
        };
        let mut all = stats.all;
        let [issues, confirmations, tests, notices] = DeliveryKind::ALL.map(&mut of_kind);
        [state.as_str().to_owned(), digits(*all.of(state)), issues, confirmations, tests, notices]
    });
    table(["state", "all", "issues", "confirmations", "tests", "notices"], rows.collect(), "")
}

async fn list(app: &App, filter: &DeliveryFilter, limit: usize, out: &Output) -> Outcome {
    let lines = app.store.deliveries(filter, limit).await?;
    let wall = Wall::of(&app.config, None);
    out.answer(&lines, |lines| ledger(lines, &wall, "There is no such line."))?;
    if let Some(last) = lines.last().filter(|_| lines.len() == limit) {
        let rest = DeliveryFilter { after: Some(last.id), ..filter.clone() };
        let left = app.store.delivery_count(&rest).await?;
        out.remark_more(left, &format!("go on with --after {}, or see all with --all", last.id));
    }
    Ok(Exit::Done)
}

/// Returns lines of the ledger as a table.
pub(super) fn ledger(lines: &[DeliveryRecord], wall: &Wall, nothing: &str) -> String {
    let rows = lines.iter().map(|line| {
        let reply = line.reply.as_ref().map(ToString::to_string);
        [
            line.id.to_string(),
            line.issue.map_or_else(|| line.kind.as_str().to_owned(), |number| format!("issue {number}")),
            line.address.clone().unwrap_or_else(|| "(erased)".to_owned()),
            line.state.as_str().to_owned(),
            line.attempts.to_string(),
            line.settled.or(line.due).map_or_else(|| "-".to_owned(), |at| wall.at(at)),
            reply.unwrap_or_default(),
        ]
    });
    table(["id", "mail", "to", "state", "attempts", "settled or due", "reply"], rows.collect(), nothing)
}
