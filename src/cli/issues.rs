//! `issues`: looking at issues, and moving them along by hand.

use std::fmt::Write as _;

use anyhow::Context;
use serde::Serialize;

use super::args::IssuesCommand;
use super::delivering::{Matter, Seen, see_through};
use super::exit::{Exit, Outcome};
use super::open::{open, require_sender};
use super::output::{Output, facts, plain, table};
use super::signals::stop_on_signals;
use super::views::{IssueView, name};
use super::words::{Wall, address, count, span};
use super::{desk, plan, preview, send, summary};
use crate::app::App;
use crate::config::Config;
use crate::domain::address::EmailAddress;
use crate::domain::delivery::DeliveryState;
use crate::domain::desk::Waits;
use crate::domain::issue::{Issue, IssueItem, IssueState};
use crate::domain::language::Language;
use crate::store::DeliveryCounts;

pub(super) async fn run(config: Config, command: IssuesCommand, out: &Output) -> Outcome {
    let sends = match command {
        IssuesCommand::Seal { .. } => false,
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
        IssuesCommand::Seal { number } => seal(&app, number, out).await,
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
        IssuesCommand::List { limit } => list(app, limit, out).await,
        IssuesCommand::Show { issue } => show(app, &issue, out).await,
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

async fn list(app: &App, limit: usize, out: &Output) -> Outcome {
    let issues = app.store.latest_issues(None, None, limit).await?;
    let views: Vec<ListedIssue> = issues.iter().map(|issue| listed(app, issue)).collect();
    out.answer(&views, |views| {
        let rows = views.iter().map(|issue| row(app, issue)).collect();
        table(["issue", "edition", "scheduled", "state", "desk", "recipients"], rows, "There is no issue yet.")
    })?;
    Ok(Exit::Done)
}

/// An issue in the list, and whether it waits for somebody.
#[derive(Serialize)]
struct ListedIssue {
    #[serde(flatten)]
    issue: IssueView,
    /// What its edition wants before it goes out; none if the edition is not configured.
    approval: Option<&'static str>,
    /// Why the draft would not go out now.
    waits: Option<Waits>,
}

fn listed(app: &App, issue: &Issue) -> ListedIssue {
    let review = app.digests.edition(&issue.edition).ok().map(|edition| edition.review);
    let draft = issue.state == IssueState::Draft;
    ListedIssue {
        issue: IssueView::from(issue),
        approval: review.map(|review| review.approval.as_str()),
        waits: review.filter(|_| draft).and_then(|review| review.waits(&issue.desk)),
    }
}

fn row(app: &App, listed: &ListedIssue) -> [String; 6] {
    /// Nobody calls a minute late.
    const LATE_MS: i64 = 60_000;
    let issue = &listed.issue;
    let late = issue.late_ms.filter(|late| *late >= LATE_MS).map(|late| {
        let late = std::time::Duration::from_millis(late.unsigned_abs());
        format!(", {} late", span(late))
    });
    let desk = match (listed.waits, issue.approved, issue.previewed) {
        (Some(why), ..) => why.to_string(),
        (None, Some(_), _) => "approved".to_owned(),
        (None, None, Some(_)) => "shown".to_owned(),
        (None, None, None) => "-".to_owned(),
    };
    [
        issue.number.map_or_else(|| issue.slot.clone(), |number| number.to_string()),
        issue.edition.clone(),
        Wall::of(&app.config, Some(&issue.edition)).at(issue.scheduled),
        format!("{}{}", issue.state, late.unwrap_or_default()),
        desk,
        issue.recipients.to_string(),
    ]
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

/// An issue with everything in it.
#[derive(Serialize)]
struct WholeIssue {
    #[serde(flatten)]
    issue: IssueView,
    items: Vec<IssueItem>,
    deliveries: DeliveryCounts,
}

async fn show(app: &App, named: &str, out: &Output) -> Outcome {
    let issue = find(app, named).await?;
    let tally = app.store.issue_tally(issue.id).await?;
    if !tally.adds_up() {
        out.remark("The deliveries do not add up to the recipients: has somebody written to the database by hand?");
    }
    let whole = WholeIssue {
        items: app.store.issue_items(issue.id).await?,
        deliveries: tally.counts,
        issue: IssueView::from(&issue),
    };
    out.answer(&whole, |whole| shown(&Wall::of(&app.config, Some(&issue.edition)), whole))?;
    Ok(Exit::Done)
}

fn shown(wall: &Wall, whole: &WholeIssue) -> String {
    let issue = &whole.issue;
    let mut counts = whole.deliveries;
    let mut text = facts(&[
        ("issue", issue.number.map_or_else(|| "-".to_owned(), |number| number.to_string())),
        ("edition", issue.edition.clone()),
        ("slot", issue.slot.clone()),
        ("state", issue.state.to_string()),
        ("scheduled", wall.at(issue.scheduled)),
        ("shown", wall.maybe(issue.previewed)),
        ("held", wall.maybe(issue.held)),
        ("approved", wall.maybe(issue.approved)),
        ("sealed", wall.maybe(issue.sealed)),
        ("released", wall.maybe(issue.released)),
        ("finished", wall.maybe(issue.finished)),
        ("recipients", issue.recipients.to_string()),
    ]);
    let mut section = "";
    for item in &whole.items {
        if item.section != section {
            section = &item.section;
            let _ = writeln!(text, "\n{section}");
        }
        let _ = writeln!(text, "  {:<6} {}\n         {}", item.article_id.0, plain(&item.title), plain(&item.url));
    }
    let states = DeliveryState::ALL.map(|state| [state.as_str().to_owned(), counts.of(state).to_string()]);
    let rows = states.into_iter().filter(|[_, n]| n != "0").collect();
    let _ = write!(text, "\n{}", table(["deliveries", ""], rows, "No deliveries."));
    text
}

async fn compile(app: &App, edition: &str, out: &Output) -> Outcome {
    let slot = app.digests.edition(edition)?.schedule.slot_at(app.clock.now());
    let compiled = app.digests.compile(edition, &slot).await?;
    out.answer(&IssueView::from(&compiled.issue), |_| send::told_of_compiled(&compiled))?;
    Ok(Exit::Done)
}

async fn seal(app: &App, number: i64, out: &Output) -> Outcome {
    let issue = app.digests.issue_numbered(number).await?;
    let sealed = app.digests.seal(issue.id).await?;
    out.answer(&IssueView::from(&sealed.issue), |_| match (&sealed.issue.state, sealed.by_us) {
        (IssueState::Skipped(reason), _) => format!("Skipped {}: {reason}.", name(&sealed.issue)),
        (_, true) => send::told_of_sealed(&sealed),
        (state, false) => format!("{} was {state} already.", name(&sealed.issue)),
    })?;
    Ok(Exit::Done)
}

async fn release(app: &App, number: i64, wait: bool, out: &Output) -> Outcome {
    let issue = app.digests.issue_numbered(number).await?;
    let released = app.digests.release(issue.id).await?;
    if wait {
        return released_and_sent(app, &released, out).await;
    }
    let manned = app.store.somebody_delivers(app.clock.now()).await?;
    out.answer(&IssueView::from(&released), |_| match (&released.state, manned) {
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
        issue: IssueView::from(&cancelled.issue),
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
        Whose::Reader(reader) => app.digests.queue_test_as(issue.id, reader, &to).await?,
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
