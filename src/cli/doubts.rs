//! `deliveries unknown`, `resend`, `accept` and `decisions`: what nobody knows, and what the operator decides about it.

use serde::Serialize;

use super::ask::agreed;
use super::delivering::{Matter, Seen, see_through};
use super::exit::{Exit, Outcome};
use super::output::{Output, table};
use super::signals::stop_on_signals;
use super::summary;
use super::words::{Wall, count, number};
use crate::app::App;
use crate::domain::doubt::{Decision, Obstacle, Prospect};
use crate::domain::ids::{DeliveryId, IssueId};
use crate::store::{Decided, Doubt, StoreError};

/// Lines of the ledger read at a time.
const PAGE: usize = 500;

pub(super) async fn unknown(app: &App, issue: Option<IssueId>, out: &Output) -> Outcome {
    let doubts = all(app, issue).await?;
    let wall = Wall::of(&app.config, None);
    out.answer(&doubts, |doubts| {
        doubts_table(doubts, &wall, "Of every mail that was sent it is known what became of it.")
    })?;
    if !out.is_json() && doubts.iter().any(|doubt| doubt.prospect == Some(Prospect::Waits)) {
        out.remark(
            "Found out what became of one? `kawaraban deliveries accept ID` or `kawaraban deliveries resend ID`.",
        );
    }
    Ok(Exit::Done)
}

async fn all(app: &App, issue: Option<IssueId>) -> Result<Vec<Doubt>, StoreError> {
    let mut all: Vec<Doubt> = Vec::new();
    loop {
        let after = all.last().map_or(DeliveryId(0), |doubt| doubt.id);
        let page = app.store.unknown_deliveries(issue, after, PAGE).await?;
        let is_last = page.len() < PAGE;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}

/// Returns deliveries in doubt, or that once were, as a table.
pub(super) fn doubts_table(doubts: &[Doubt], wall: &Wall, nothing: &str) -> String {
    let rows = doubts.iter().map(|doubt| {
        [
            doubt.id.to_string(),
            doubt.issue.map_or_else(|| doubt.kind.as_str().to_owned(), |number| format!("issue {number}")),
            doubt.address.clone().unwrap_or_else(|| "(erased)".to_owned()),
            wall.maybe(doubt.since),
            doubt.relay.clone().unwrap_or_else(|| "-".to_owned()),
            doubt.reply.as_ref().map(ToString::to_string).unwrap_or_default(),
            next(doubt, wall),
        ]
    });
    table(["id", "mail", "to", "since", "relay", "seen last", "what next"], rows.collect(), nothing)
}

fn next(doubt: &Doubt, wall: &Wall) -> String {
    match doubt.prospect {
        Some(Prospect::Resent { at }) => format!("sent again at {}", wall.at(at)),
        Some(Prospect::Waits) => "waits for you".to_owned(),
        Some(Prospect::Stays { why }) => format!("not sent again: {why}"),
        None => format!("{} now", doubt.state.as_str()),
    }
}

/// What a decision came to.
#[derive(Serialize)]
struct DecidedView {
    decision: Decision,
    done: Vec<DeliveryId>,
    refused: Vec<Refused>,
    /// How the sending went, with `--wait`.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<Seen>,
}

#[derive(Serialize)]
struct Refused {
    id: DeliveryId,
    #[serde(flatten)]
    obstacle: Obstacle,
}

impl DecidedView {
    fn new(decision: Decision, decided: Decided) -> Self {
        let refused = decided.refused.into_iter().map(|(id, obstacle)| Refused { id, obstacle }).collect();
        Self { decision, done: decided.done, refused, delivery: None }
    }

    fn refusals(&self) -> String {
        self.refused.iter().map(|refused| format!("{}: {}.\n", refused.id, refused.obstacle)).collect()
    }
}

/// Which deliveries are to be sent again.
pub(super) enum Which {
    /// These.
    Named(Vec<i64>),
    /// All that are unknown, of one issue or of any.
    All(Option<IssueId>),
}

pub(super) async fn resend(app: &App, which: Which, yes: bool, wait: bool, out: &Output) -> Outcome {
    let (ids, leave_out) = match which {
        Which::Named(ids) => (ids.into_iter().map(DeliveryId).collect(), false),
        Which::All(issue) => {
            let ids: Vec<DeliveryId> = all(app, issue).await?.iter().map(|doubt| doubt.id).collect();
            let mails = count(number(ids.len()), "mail", "mails");
            let question = format!("Send {mails} again that may have arrived?");
            if !ids.is_empty() && !yes && !agreed(&question, "who has them already gets them twice")? {
                out.remark("Nothing was queued.");
                return Ok(Exit::Failed);
            }
            (ids, true)
        }
    };
    let decided = app.store.decide(&ids, Decision::Resend, leave_out, app.clock.now()).await?;
    let mut view = DecidedView::new(Decision::Resend, decided);
    if !leave_out && !view.refused.is_empty() {
        return refused(&view, out);
    }
    let mut exit = Exit::Done;
    if wait && !view.done.is_empty() {
        let stop = stop_on_signals(*out)?;
        let seen = see_through(app, &Matter::Lines(view.done.clone()), &stop, *out).await?;
        exit = summary::exit(&seen);
        view.delivery = Some(seen);
    }
    let manned = app.store.somebody_delivers(app.clock.now()).await?;
    let wall = Wall::of(&app.config, None);
    out.answer(&view, |view| {
        let queued = count(number(view.done.len()), "mail is", "mails are");
        let then = match (&view.delivery, manned) {
            (Some(seen), _) => summary::summary(seen, &wall, "kawaraban send"),
            (None, _) if view.done.is_empty() => "Nothing was queued.\n".to_owned(),
            (None, true) => format!("{queued} queued again; the daemon sends.\n"),
            (None, false) => {
                format!("{queued} queued again. Nobody delivers at the moment: start the daemon, or add --wait.\n")
            }
        };
        view.refusals() + &then
    })?;
    if wait {
        app.store.close().await;
    }
    Ok(exit)
}

pub(super) async fn accept(app: &App, ids: Vec<i64>, out: &Output) -> Outcome {
    let ids: Vec<DeliveryId> = ids.into_iter().map(DeliveryId).collect();
    let decided = app.store.decide(&ids, Decision::Accept, false, app.clock.now()).await?;
    let view = DecidedView::new(Decision::Accept, decided);
    if !view.refused.is_empty() {
        return refused(&view, out);
    }
    out.answer(&view, |view| {
        format!("{} recorded as accepted by hand.", count(number(view.done.len()), "mail is", "mails are"))
    })?;
    Ok(Exit::Done)
}

/// Says what stood in the way. Nothing was done.
fn refused(view: &DecidedView, out: &Output) -> Outcome {
    out.answer(view, |view| format!("{}Nothing was changed.", view.refusals()))?;
    Ok(Exit::Failed)
}

pub(super) async fn decisions(app: &App, issue: Option<IssueId>, limit: usize, out: &Output) -> Outcome {
    // One more than is shown says whether there are more.
    let mut decisions = app.store.decisions(issue, limit.saturating_add(1)).await?;
    let more = decisions.len() > limit;
    decisions.truncate(limit);
    let wall = Wall::of(&app.config, None);
    out.answer(&decisions, |decisions| {
        let rows = decisions.iter().map(|decision| {
            [
                wall.at(decision.at),
                decision.decision.as_str().to_owned(),
                decision.id.to_string(),
                decision.issue.map_or_else(|| decision.kind.as_str().to_owned(), |number| format!("issue {number}")),
                decision.address.clone().unwrap_or_else(|| "(erased)".to_owned()),
                decision.state.as_str().to_owned(),
            ]
        });
        table(["when", "decided", "id", "mail", "to", "now"], rows.collect(), "Nothing was decided by hand.")
    })?;
    if more {
        out.remark("There are more: see them with a larger --limit.");
    }
    Ok(Exit::Done)
}
