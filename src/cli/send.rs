//! `send`: an edition's job by hand.

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::args::SendArgs;
use super::delivering::{Matter, Seen, see_through};
use super::exit::{Exit, Outcome};
use super::issues::for_the_web;
use super::open::{open, require_sender};
use super::output::Output;
use super::signals::stop_on_signals;
use super::views::{IssueView, name};
use super::words::{Wall, count, number};
use super::{plan, summary};
use crate::app::App;
use crate::config::Config;
use crate::digest::{Compiled, How, Sealed};
use crate::domain::desk::Waits;
use crate::domain::issue::{Issue, IssueState};
use crate::scheduler::{Fetching, JobStep};

/// What `send` came to, as JSON.
#[derive(Serialize)]
struct Sent {
    issue: IssueView,
    /// The issues whose mail was waited for: this one, and earlier ones that were still going out.
    sending: Vec<i64>,
    /// How the sending went; none if there was nothing to send, or nobody waited.
    delivery: Option<Seen>,
    /// Why the issue did not go out: it waits for the operator.
    waits: Option<Waits>,
}

pub(super) async fn send(mut config: Config, args: SendArgs, out: &Output) -> Outcome {
    if args.without_readers {
        for_the_web(&mut config);
    }
    if args.dry_run {
        return dry_run(config, &args.edition, out).await;
    }
    // Before anything is made: an issue nobody can send would only wait.
    if args.no_wait {
        require_sender(&config)?;
    } else {
        config.check_delivery()?;
    }
    let wall = Wall::of(&config, Some(&args.edition));
    let app = open(config).await?;
    let stop = stop_on_signals(*out)?;
    let issue = tokio::select! {
        issue = make(&app, &args, *out) => issue?,
        () = stop.cancelled() => anyhow::bail!("stopped before the issue was sent; the same command goes on from there"),
    };
    let sending = still_sending(&app, &issue).await?;
    let delivery =
        if sending.is_empty() || args.no_wait { None } else { Some(watch(&app, &sending, &stop, *out).await?) };
    let now = app.store.issue(issue.id).await?;
    let review = app.digests.edition(&args.edition)?.review;
    let waits = if issue.state == IssueState::Draft { review.waits(&issue.desk) } else { None };
    let sent = Sent {
        issue: IssueView::of(&app, &now),
        sending: sending.iter().filter_map(|issue| issue.number).collect(),
        delivery,
        waits,
    };
    out.answer(&sent, |sent| {
        let summary = sent
            .delivery
            .as_ref()
            .map(|seen| summary::summary(seen, &wall, &format!("kawaraban send {}", args.edition)));
        match (summary, sent.waits) {
            (Some(summary), None) => summary,
            (Some(summary), Some(why)) => format!("{summary}\n{}", waiting(&issue, why)),
            (None, Some(why)) => waiting(&issue, why),
            (None, None) => closing(&issue, args.no_wait),
        }
    })?;
    app.store.close().await;
    let exit = sent.delivery.as_ref().map_or(Exit::Done, summary::exit);
    Ok(if sent.waits.is_some() { exit.max(Exit::Failed) } else { exit })
}

async fn dry_run(config: Config, edition: &str, out: &Output) -> Outcome {
    let app = open(config).await?;
    let slot = app.digests.edition(edition)?.schedule.slot_at(app.clock.now());
    out.answer(&app.digests.plan(edition, &slot).await?, plan::worded)?;
    Ok(Exit::Done)
}

/// Makes the issue of this minute.
async fn make(app: &App, args: &SendArgs, out: Output) -> anyhow::Result<Issue> {
    let slot = app.digests.edition(&args.edition)?.schedule.slot_at(app.clock.now());
    let fetching = if args.no_fetch { Fetching::None } else { Fetching::All };
    if fetching == Fetching::All {
        out.remark("Fetching the feeds …");
    }
    let tell = |step: &JobStep| {
        if let Some(told) = told(step) {
            out.remark(&told);
        }
    };
    Ok(app.scheduler.run_slot(&args.edition, &slot, fetching, tell).await?)
}

/// Returns the issues of the edition that are going out: this one, and any that was not finished before.
async fn still_sending(app: &App, issue: &Issue) -> anyhow::Result<Vec<Issue>> {
    let mut sending = app.store.issues_in_state(&IssueState::Sending).await?;
    sending.retain(|other| other.edition == issue.edition && other.id != issue.id);
    if issue.state == IssueState::Sending {
        // A daemon may have finished it by now; its summary is wanted all the same.
        sending.push(issue.clone());
    }
    Ok(sending)
}

/// Sees issues through.
pub(super) async fn watch(app: &App, issues: &[Issue], stop: &CancellationToken, out: Output) -> anyhow::Result<Seen> {
    for issue in issues {
        out.remark(&format!("Sending {} to {}.", name(issue), count(issue.recipients, "subscriber", "subscribers")));
    }
    see_through(app, &Matter::Issues(issues.iter().map(|issue| issue.id).collect()), stop, out).await
}

fn told(step: &JobStep) -> Option<String> {
    Some(match step {
        JobStep::Collected(collected) => super::feeds::collected(collected),
        JobStep::Compiled(compiled) => told_of_compiled(compiled),
        // That is the answer, and no step on the way to it.
        JobStep::Waits(..) => return None,
        JobStep::Sealed(sealed) => told_of_sealed(sealed),
        JobStep::Released(issue) => format!("Released {}.", name(issue)),
    })
}

/// Returns the last words where the draft did not go out.
fn waiting(issue: &Issue, why: Waits) -> String {
    let (name, number, edition) = (name(issue), issue.number.unwrap_or_default(), &issue.edition);
    format!(
        "Nothing was sent: {name} is {why}.\n`kawaraban issues approve {number}` lets it go out, and \
         `kawaraban send {edition}` sends it then."
    )
}

/// Returns what sealing came to, in words.
pub(super) fn told_of_sealed(sealed: &Sealed) -> String {
    if let IssueState::Skipped(reason) = &sealed.issue.state {
        return format!("Skipped {}: {reason}.", name(&sealed.issue));
    }
    let closed = match sealed.closed {
        0 => String::new(),
        n => format!(", without {} that closed meanwhile", count(number(n), "item", "items")),
    };
    format!("Sealed {} for {}{closed}.", name(&sealed.issue), count(sealed.recipients(), "subscriber", "subscribers"))
}

/// Returns what compiling came to, in words.
pub(super) fn told_of_compiled(compiled: &Compiled) -> String {
    let issue = name(&compiled.issue);
    let over = match (&compiled.issue.state, compiled.how) {
        (IssueState::Skipped(reason), How::Made) => return format!("Skipped {issue}: {reason}."),
        (IssueState::Skipped(reason), _) => Some(format!("skipped: {reason}")),
        (IssueState::Cancelled, _) => Some("cancelled".to_owned()),
        _ => None,
    };
    if let Some(over) = over {
        return format!(
            "Nothing was made: {issue} was {over}. It keeps the minute it was made for; from the next minute on, the same \
             command makes another."
        );
    }
    let sections: Vec<String> = compiled
        .sections
        .iter()
        .map(|section| match section.rolls_over {
            0 => format!("{} {}", section.items, section.section),
            n => format!("{} {} ({n} for a later issue)", section.items, section.section),
        })
        .collect();
    let how = match compiled.how {
        How::Made => "Compiled",
        How::DraftTaken => "Took the draft",
        How::OfTheSlot | How::SealedSince => "Found",
    };
    let stands = match &compiled.issue.state {
        IssueState::Draft => String::new(),
        state => format!(", {state}"),
    };
    format!("{how} {issue}{stands}: {}.", sections.join(", "))
}

/// Returns the last words where no mail was waited for.
fn closing(issue: &Issue, no_wait: bool) -> String {
    let name = name(issue);
    match &issue.state {
        IssueState::Skipped(reason) => format!("Nothing was sent: {reason}."),
        IssueState::Sending if no_wait => format!("Released {name}; a daemon sends it."),
        state => format!("There is nothing left to send: {name} is {state}."),
    }
}
