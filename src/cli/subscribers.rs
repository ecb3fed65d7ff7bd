//! `subscribers`: who reads.

mod choose;

use std::path::Path;

use anyhow::Context;
use jiff::Timestamp;
use serde::Serialize;

use super::args::{StateArg, SubscribersCommand};
use super::ask::agreed;
use super::exit::{Exit, Outcome, OutputClosed};
use super::open::{open, require_sender};
use super::output::{Output, facts, table};
use super::words::{Wall, address, count, number};
use super::{deliveries, import};
use crate::app::App;
use crate::config::Config;
use crate::domain::consent::ConsentEvent;
use crate::domain::ids::SubscriberId;
use crate::domain::language::Language;
use crate::domain::subscriber::{Subscriber, SuppressReason};
use crate::store::{DeliveryFilter, DeliveryRecord, SubscriberCount};
use crate::subscribers::{ExportError, Invited, Left};

/// The mails of a subscriber, from the oldest on; more is for `deliveries list`.
const MAILS_SHOWN: usize = 1000;

/// A subscriber.
#[derive(Serialize)]
struct SubscriberView {
    address: String,
    language: Language,
    state: &'static str,
    suppress_reason: Option<&'static str>,
    editions: Vec<String>,
    created: Timestamp,
    confirmed: Option<Timestamp>,
}

impl From<&Subscriber> for SubscriberView {
    fn from(subscriber: &Subscriber) -> Self {
        Self {
            address: subscriber.address.clone(),
            language: subscriber.language,
            state: subscriber.state.as_str(),
            suppress_reason: subscriber.state.suppress_reason().map(SuppressReason::as_str),
            editions: subscriber.editions.clone(),
            created: subscriber.created,
            confirmed: subscriber.confirmed,
        }
    }
}

pub(super) async fn run(config: Config, command: SubscribersCommand, out: &Output) -> Outcome {
    // These two may write a confirmation mail, which must say who it is from.
    if matches!(command, SubscribersCommand::Add { .. } | SubscribersCommand::Import { invite: true, .. }) {
        require_sender(&config)?;
    }
    let app = open(config).await?;
    match command {
        SubscribersCommand::List { state, limit, all } => {
            list(&app, state, if all { usize::MAX } else { limit }, out).await
        }
        SubscribersCommand::Show { address } => show(&app, &address, out).await,
        SubscribersCommand::Add { address, lang, editions } => add(&app, &address, lang, editions, out).await,
        SubscribersCommand::Import { file, consent, invite, lang, dry_run, .. } => {
            let basis = import::basis(consent, invite);
            import::import(&app, &file, basis, lang, dry_run, out).await
        }
        SubscribersCommand::Export { state, out: file } => export(&app, state, file.as_deref(), out).await,
        SubscribersCommand::Set(args) => choose::set(&app, &args, out).await,
        SubscribersCommand::Unsubscribe { address } => unsubscribe(&app, &address, out).await,
        SubscribersCommand::Erase { address, yes } => erase(&app, &address, yes, out).await,
    }
}

async fn list(app: &App, state: Option<StateArg>, limit: usize, out: &Output) -> Outcome {
    let subscribers = app.store.subscribers_after(SubscriberId(0), state.map(StateArg::as_str), limit).await?;
    let views: Vec<SubscriberView> = subscribers.iter().map(SubscriberView::from).collect();
    let wall = Wall::of(&app.config, None);
    out.answer(&views, |views| {
        let rows = views.iter().map(|view| {
            let state = view.suppress_reason.map_or(view.state.to_owned(), |why| format!("{} ({why})", view.state));
            [view.address.clone(), view.language.to_string(), state, wall.at(view.created), wall.maybe(view.confirmed)]
        });
        table(["address", "language", "state", "since", "confirmed"], rows.collect(), "There is no subscriber.")
    })?;
    if subscribers.len() == limit {
        let stored = |count: &SubscriberCount| state.is_none_or(|state| count.state.as_str() == state.as_str());
        let counts = app.store.subscriber_counts(None).await?;
        let all: i64 = counts.iter().filter(|count| stored(count)).map(|count| count.count).sum();
        out.remark_more(all - number(limit), "see them with --all or a larger --limit");
    }
    Ok(Exit::Done)
}

/// A subscriber with all that is on record.
#[derive(Serialize)]
struct WholeSubscriber {
    #[serde(flatten)]
    subscriber: SubscriberView,
    takes: Vec<choose::Takes>,
    consent: Vec<ConsentEvent>,
    deliveries: Vec<DeliveryRecord>,
}

async fn show(app: &App, text: &str, out: &Output) -> Outcome {
    let subscriber = known(app, text).await?;
    let filter = DeliveryFilter { subscriber: Some(subscriber.id), ..DeliveryFilter::default() };
    let whole = WholeSubscriber {
        takes: choose::taken(app, &subscriber).await?,
        consent: app.store.consent_events(subscriber.id).await?,
        deliveries: app.store.deliveries(&filter, MAILS_SHOWN).await?,
        subscriber: SubscriberView::from(&subscriber),
    };
    let wall = Wall::of(&app.config, None);
    out.answer(&whole, |whole| shown(whole, &subscriber, &wall))?;
    Ok(Exit::Done)
}

fn shown(whole: &WholeSubscriber, subscriber: &Subscriber, wall: &Wall) -> String {
    let mut text = facts(&[
        ("address", subscriber.address.clone()),
        ("state", subscriber.state.to_string()),
        ("language", subscriber.language.to_string()),
        ("takes", whole.takes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        ("since", wall.at(subscriber.created)),
        ("confirmed", wall.maybe(subscriber.confirmed)),
    ]);
    let events = whole.consent.iter().map(|event| {
        let detail = [&event.detail, &event.text_version, &event.ip, &event.user_agent];
        let detail: Vec<&str> = detail.into_iter().flatten().map(String::as_str).collect();
        [wall.at(event.at), event.kind.as_str().replace('_', " "), detail.join(", ")]
    });
    text.push('\n');
    text.push_str(&table(["consent", "", "detail"], events.collect(), "No consent is on record."));
    text.push('\n');
    text.push_str(&deliveries::ledger(&whole.deliveries, wall, "No mail was ever sent."));
    text
}

/// Returns the subscriber with the address somebody typed.
async fn known(app: &App, text: &str) -> anyhow::Result<Subscriber> {
    let found = app.subscribers.find(&address(text)?).await?;
    found.with_context(|| format!("there is no subscriber {:?}", text.trim()))
}

/// What a command did to an address.
#[derive(Serialize)]
struct Done<'a> {
    address: &'a str,
    outcome: &'static str,
}

async fn add(app: &App, text: &str, language: Language, mut editions: Vec<String>, out: &Output) -> Outcome {
    let address = address(text)?;
    editions.sort_unstable();
    editions.dedup();
    for name in &editions {
        app.digests.edition(name)?;
    }
    let (outcome, exit, words) = match app.subscribers.invite_to(&editions, &address, language).await? {
        Invited::Asked => ("asked", Exit::Done, "A confirmation mail is in the ledger; a daemon sends it.".to_owned()),
        Invited::Already => (
            "already",
            Exit::Done,
            "The address is subscribed already; `kawaraban subscribers set` changes what it takes.".to_owned(),
        ),
        Invited::Throttled(why) => ("throttled", Exit::Failed, format!("Not asked again: {why}.")),
        Invited::Unsubscribed => {
            ("unsubscribed", Exit::Failed, "The address has unsubscribed, and only its owner can come back.".to_owned())
        }
        Invited::Suppressed(reason) => {
            ("suppressed", Exit::Failed, format!("The address must not be written to: {}.", reason.as_str()))
        }
    };
    out.answer(&Done { address: &address.as_typed(), outcome }, |_| words)?;
    Ok(exit)
}

async fn export(app: &App, state: Option<StateArg>, file: Option<&Path>, out: &Output) -> Outcome {
    let state = state.map(StateArg::as_str);
    if out.json && file.is_none() {
        return list_all(app, state, out).await;
    }
    let Some(path) = file else {
        return match app.subscribers.export(std::io::stdout().lock(), state).await {
            Err(ExportError::Write(error)) if is_broken_pipe(&error) => Err(OutputClosed.into()),
            other => Ok(other.map(|_| Exit::Done)?),
        };
    };
    let open = std::fs::File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let written = app.subscribers.export(std::io::BufWriter::new(open), state).await?;
    out.remark(&format!("Wrote {} to {}.", count(number(written), "subscriber", "subscribers"), path.display()));
    Ok(Exit::Done)
}

/// A subscriber, as an export has them.
#[derive(Serialize)]
struct ExportedSubscriber {
    #[serde(flatten)]
    subscriber: SubscriberView,
    takes: Vec<choose::Takes>,
}

/// Prints every subscriber as one JSON document.
async fn list_all(app: &App, state: Option<&str>, out: &Output) -> Outcome {
    let mut views = Vec::new();
    for subscriber in &app.store.subscribers_after(SubscriberId(0), state, usize::MAX).await? {
        let takes = choose::taken(app, subscriber).await?;
        views.push(ExportedSubscriber { subscriber: subscriber.into(), takes });
    }
    out.answer(&views, |_| String::new())?;
    Ok(Exit::Done)
}

fn is_broken_pipe(error: &csv::Error) -> bool {
    matches!(error.kind(), csv::ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
}

async fn unsubscribe(app: &App, text: &str, out: &Output) -> Outcome {
    let address = address(text)?;
    let left = app.subscribers.unsubscribe_by_operator(&address).await?;
    let (outcome, words) = match left {
        Some(Left::Now(_)) => ("unsubscribed", "Unsubscribed; what was queued for them is withdrawn."),
        Some(Left::Before(_)) => ("before", "They get no mail as it is."),
        Some(Left::Gone) | None => anyhow::bail!("there is no subscriber {:?}", text.trim()),
    };
    out.answer(&Done { address: &address.as_typed(), outcome }, |_| words.to_owned())?;
    Ok(Exit::Done)
}

async fn erase(app: &App, text: &str, yes: bool, out: &Output) -> Outcome {
    let subscriber = known(app, text).await?;
    let question = format!("Erase {} ({}) and the record of consent for good?", subscriber.address, subscriber.state);
    if !yes && !agreed(&question, "erasing cannot be undone")? {
        out.remark("Nothing was erased.");
        return Ok(Exit::Failed);
    }
    let address = address(text)?;
    anyhow::ensure!(app.subscribers.erase(&address).await?, "there is no subscriber {:?} any more", text.trim());
    let done = Done { address: &address.as_typed(), outcome: "erased" };
    out.answer(&done, |_| "Erased. A keyed hash stays, so that no import brings the address back.".to_owned())?;
    Ok(Exit::Done)
}
