//! `send`: an edition's job by hand.

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::args::SendArgs;
use super::delivering::{Matter, Seen, see_through};
use super::exit::{Exit, Outcome};
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
}

pub(super) async fn send(config: Config, args: SendArgs, out: &Output) -> Outcome {
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
    let exit = delivery.as_ref().map_or(Exit::Done, summary::exit);
    let sent = Sent {
        issue: IssueView::from(&app.store.issue(issue.id).await?),
        sending: sending.iter().filter_map(|issue| issue.number).collect(),
        delivery,
    };
    out.answer(&sent, |sent| match &sent.delivery {
        Some(seen) => summary::summary(seen, &wall, &format!("kawaraban send {}", args.edition)),
        None => closing(&issue, args.no_wait),
    })?;
    app.store.close().await;
    Ok(exit)
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
    Ok(app.scheduler.run_slot(&args.edition, &slot, fetching, |step| out.remark(&told(step))).await?)
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

fn told(step: &JobStep) -> String {
    match step {
        JobStep::Collected(collected) => super::feeds::collected(collected),
        JobStep::Compiled(compiled) => told_of_compiled(compiled),
        JobStep::Waits(issue, why) => waits(issue, *why),
        JobStep::Sealed(sealed) => told_of_sealed(sealed),
        JobStep::Released(issue) => format!("Released {}.", name(issue)),
    }
}

fn waits(issue: &Issue, why: Waits) -> String {
    let number = issue.number.unwrap_or_default();
    format!("{} is {why}: `kawaraban issues approve {number}` lets it go out.", name(issue))
}

/// Returns what sealing came to, in words.
pub(super) fn told_of_sealed(sealed: &Sealed) -> String {
    let closed = match sealed.closed {
        0 => String::new(),
        n => format!(", without {} that closed meanwhile", count(number(n), "item", "items")),
    };
    format!("Sealed {} for {}{closed}.", name(&sealed.issue), count(sealed.recipients(), "subscriber", "subscribers"))
}

/// Returns what compiling came to, in words.
pub(super) fn told_of_compiled(compiled: &Compiled) -> String {
    let issue = name(&compiled.issue);
    if let IssueState::Skipped(reason) = &compiled.issue.state {
        return format!("Skipped {issue}: {reason}.");
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
    format!("{how} {issue}: {}.", sections.join(", "))
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
