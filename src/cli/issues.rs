//! `issues`: looking at issues, and moving them along by hand.

mod list;
mod show;

use anyhow::Context;
use serde::Serialize;

use super::args::IssuesCommand;
use super::delivering::{Matter, Seen, see_through};
use super::exit::{Exit, Outcome};
use super::open::{open, require_sender};
use super::output::{Output, plain};
use super::signals::stop_on_signals;
use super::views::{IssueView, name};
use super::words::{Wall, address, count};
use super::{desk, plan, preview, send, summary};
use crate::app::App;
use crate::config::Config;
use crate::domain::address::EmailAddress;
use crate::domain::delivery::DeliveryState;
use crate::domain::issue::{Issue, IssueState};
use crate::domain::language::Language;

pub(super) async fn run(mut config: Config, command: IssuesCommand, out: &Output) -> Outcome {
    let sends = match command {
        IssuesCommand::Seal { without_readers, .. } => {
            if without_readers {
                for_the_web(&mut config);
            }
            false
        }
        IssuesCommand::Send { wait, .. } => wait,
        IssuesCommand::Test { .. } => true,
        _ => {
            let app = open(config).await?;
            return look(&app, command, out).await;
        }
    };
    // What is frozen now is from whoever is configured now.
    if sends {
        config.check_delivery()?;
    } else {
        require_sender(&config)?;
    }
    let app = open(config).await?;
    match command {
        IssuesCommand::Seal { number, .. } => seal(&app, number, out).await,
        IssuesCommand::Send { number, wait } => release(&app, number, wait, out).await,
        IssuesCommand::Test { number, to, lang, reader } => {
            let whose = reader.as_deref().map(address).transpose()?.map_or(Whose::Language(lang), Whose::Reader);
            test(&app, number, &to, &whose, out).await
        }
        other => look(&app, other, out).await,
    }
}

async fn look(app: &App, command: IssuesCommand, out: &Output) -> Outcome {
    match command {
        IssuesCommand::List { limit, all } => list::run(app, if all { usize::MAX } else { limit }, out).await,
        IssuesCommand::Show { issue } => show::run(app, &find(app, &issue).await?, out).await,
        IssuesCommand::Compile { edition } => compile(app, &edition, out).await,
        IssuesCommand::Preview { number, lang, reader: None, out: folder } => {
            preview::preview(app, number, lang, folder.as_deref(), out).await
        }
        IssuesCommand::Plan { number, list } => plan::run(app, number, list, out).await,
        IssuesCommand::Preview { number, reader: Some(reader), out: folder, .. } => {
            preview::preview_as(app, number, &address(&reader)?, folder.as_deref(), out).await
        }
        IssuesCommand::Desk(command) => desk::run(app, command, out).await,
        IssuesCommand::Cancel { number } => cancel(app, number, out).await,
        IssuesCommand::Seal { .. } | IssuesCommand::Send { .. } | IssuesCommand::Test { .. } => {
            unreachable!("these make or send mail and were told apart before")
        }
    }
}

/// Returns the issue of a number, or of a slot: one that was skipped has no number.
async fn find(app: &App, named: &str) -> anyhow::Result<Issue> {
    if let Ok(number) = named.parse() {
        return Ok(app.digests.issue_numbered(number).await?);
    }
    let (wanted, slot) = named.split_once('/').map_or((None, named), |(edition, slot)| (Some(edition), slot));
    let mut found = Vec::new();
    for edition in app.digests.editions().iter().filter(|edition| wanted.is_none_or(|name| edition.name == name)) {
        found.extend(app.store.issue_by_slot(&edition.name, slot).await?);
    }
    let first = found.pop().with_context(|| format!("there is no issue {named:?}; `issues list` names them"))?;
    anyhow::ensure!(found.is_empty(), "several editions have the slot {slot}: write {}/{slot}", first.edition);
    Ok(first)
}

async fn compile(app: &App, edition: &str, out: &Output) -> Outcome {
    let slot = app.digests.edition(edition)?.schedule.slot_at(app.clock.now());
    let compiled = app.digests.compile(edition, &slot).await?;
    out.answer(&IssueView::of(app, &compiled.issue), |_| send::told_of_compiled(&compiled))?;
    Ok(Exit::Done)
}

/// Lets what nobody would get be published for this once, on the web alone.
pub(super) fn for_the_web(config: &mut Config) {
    for edition in &mut config.editions {
        edition.policy.publish_without_readers = true;
    }
}

async fn seal(app: &App, number: i64, out: &Output) -> Outcome {
    let issue = app.digests.issue_numbered(number).await?;
    if let IssueState::Skipped(reason) = &issue.state {
        anyhow::bail!("{} was skipped: {reason}; there is nothing to seal", name(&issue));
    }
    // At its slot such a draft is skipped. Whoever is at work on it by hand keeps it.
    if let Some(why) = app.digests.unread(&issue).await? {
        anyhow::bail!("{} is not sealed: {why}; with --without-readers it is, for the web alone", name(&issue));
    }
    let sealed = app.digests.seal(issue.id).await?;
    out.answer(&IssueView::of(app, &sealed.issue), |_| match (&sealed.issue.state, sealed.by_us) {
        (IssueState::Skipped(_), _) | (_, true) => send::told_of_sealed(&sealed),
        (state, false) => format!("{} was {state} already.", name(&sealed.issue)),
    })?;
    Ok(Exit::Done)
}

async fn release(app: &App, number: i64, wait: bool, out: &Output) -> Outcome {
    let issue = app.digests.issue_numbered(number).await?;
    let released = app.digests.release(issue.id).await?;
    if wait && released.state != IssueState::Finished {
        return released_and_sent(app, &released, out).await;
    }
    let manned = app.store.somebody_delivers(app.clock.now()).await?;
    out.answer(&IssueView::of(app, &released), |_| match (&released.state, manned) {
        (IssueState::Finished, _) => format!("{} is finished.", name(&released)),
        (_, true) => format!("Released {}; the daemon sends it.", name(&released)),
        (_, false) => {
            format!("Released {}. Nobody delivers at the moment: start the daemon, or add --wait.", name(&released))
        }
    })?;
    Ok(Exit::Done)
}

async fn released_and_sent(app: &App, issue: &Issue, out: &Output) -> Outcome {
    let stop = stop_on_signals(*out)?;
    let seen = send::watch(app, std::slice::from_ref(issue), &stop, *out).await?;
    let wall = Wall::of(&app.config, Some(&issue.edition));
    let again = format!("kawaraban issues send {} --wait", issue.number.unwrap_or_default());
    out.answer(&seen, |seen| summary::summary(seen, &wall, &again))?;
    app.store.close().await;
    Ok(summary::exit(&seen))
}

/// What cancelling came to.
#[derive(Serialize)]
struct CancelledView {
    #[serde(flatten)]
    issue: IssueView,
    withdrawn: u64,
    articles_returned: bool,
}

async fn cancel(app: &App, number: i64, out: &Output) -> Outcome {
    let issue = app.digests.issue_numbered(number).await?;
    let cancelled = app.digests.cancel(issue.id).await?;
    let view = CancelledView {
        issue: IssueView::of(app, &cancelled.issue),
        withdrawn: cancelled.withdrawn,
        articles_returned: cancelled.articles_returned,
    };
    out.answer(&view, |view| {
        let articles = if view.articles_returned { "wait for another issue" } else { "may have been read and stay" };
        let mails = count(view.withdrawn, "mail was", "mails were");
        format!("Cancelled {}: {mails} withdrawn; its articles {articles}.", name(&issue))
    })?;
    Ok(Exit::Done)
}

/// What became of a test mail.
#[derive(Serialize)]
struct Tested {
    delivery: i64,
    state: DeliveryState,
    reply: Option<String>,
    #[serde(skip)]
    seen: Seen,
}

/// Whose copy is looked at.
enum Whose {
    /// Anybody's who reads this language.
    Language(Language),
    /// This reader's.
    Reader(EmailAddress),
}

async fn test(app: &App, number: i64, to: &str, whose: &Whose, out: &Output) -> Outcome {
    let to = address(to)?;
    let issue = app.digests.issue_numbered(number).await?;
    let stop = stop_on_signals(*out)?;
    let id = match whose {
        Whose::Language(language) => app.digests.queue_test(issue.id, *language, &to).await?,
        Whose::Reader(reader) => {
            let copy = app.digests.copy_for(issue.id, reader).await?;
            preview::remark_unsent(&copy, *out);
            app.digests.queue_copy(&copy, &to).await?
        }
    };
    let seen = see_through(app, &Matter::Lines(vec![id]), &stop, *out).await?;
    let (state, reply) = app.store.delivery_state(id).await?;
    let tested = Tested { delivery: id.0, state, reply, seen };
    let wall = Wall::of(&app.config, Some(&issue.edition));
    out.answer(&tested, |tested| tested_in_words(tested, &wall))?;
    app.store.close().await;
    Ok(match state {
        DeliveryState::Rejected => Exit::Failed,
        _ => summary::exit(&tested.seen),
    })
}

fn tested_in_words(tested: &Tested, wall: &Wall) -> String {
    let reply = plain(tested.reply.as_deref().unwrap_or("no reply"));
    match tested.state {
        DeliveryState::Accepted => format!("The relay has the test mail: {reply}"),
        DeliveryState::Rejected => format!("The relay refused the test mail: {reply}"),
        _ => summary::summary(&tested.seen, wall, "kawaraban issues test"),
    }
}
