//! `issues pin`, `skip`, `move` and the like: an editor at work on a draft.

use std::fmt::Write as _;
use std::io::Read;

use anyhow::Context;
use serde::Serialize;

use super::args::DeskCommand;
use super::exit::{Exit, Outcome};
use super::output::{Output, plain, table};
use super::views::{IssueView, name};
use super::who::who;
use super::words::Wall;
use crate::app::App;
use crate::digest::Edited;
use crate::domain::desk::Edit;
use crate::domain::ids::ArticleId;
use crate::store::EditLine;

/// An introduction larger than this is a mistake; whether it is too long is found out later.
const MOST_BYTES: u64 = 1024 * 1024;

pub(super) async fn run(app: &App, command: DeskCommand, out: &Output) -> Outcome {
    let (number, edit) = match command {
        DeskCommand::Pin { number, item } => (number, Edit::Pin(ArticleId(item))),
        DeskCommand::Unpin { number, item } => (number, Edit::Unpin(ArticleId(item))),
        DeskCommand::Skip { number, item, reason, later } => {
            (number, Edit::Skip { article: ArticleId(item), reason, later })
        }
        DeskCommand::Move { number, item, section, position } => {
            let position = position.map(|position| usize::from(position) - 1);
            (number, Edit::Move { article: ArticleId(item), section, position })
        }
        DeskCommand::Lead { number, item } => (number, Edit::Lead(item.map(ArticleId))),
        DeskCommand::Rewrite { number, item, title, summary } => {
            (number, Edit::Rewrite { article: ArticleId(item), title, summary })
        }
        DeskCommand::Intro { number, text, file } => (number, Edit::Introduce(Some(introduction(text, file)?))),
        DeskCommand::Subject { number, text } => (number, Edit::Subject(Some(text))),
        DeskCommand::Hold { number } => (number, Edit::Hold),
        DeskCommand::Approve { number } => (number, Edit::Approve),
        DeskCommand::Add { number, article, section } => {
            let issue = app.digests.issue_numbered(number).await?;
            let edited = app.digests.add(issue.id, ArticleId(article), section, &who()).await?;
            return told(app, &edited, out);
        }
        DeskCommand::Undo { number } => return undo(app, number, out).await,
        DeskCommand::Log { number } => return log(app, number, out).await,
    };
    let issue = app.digests.issue_numbered(number).await?;
    let edited = app.digests.edit(issue.id, &edit, &who()).await?;
    told(app, &edited, out)
}

fn introduction(text: Option<String>, file: Option<std::path::PathBuf>) -> anyhow::Result<String> {
    let mut read = String::new();
    match (text.as_deref(), file) {
        (_, Some(file)) => {
            let opened = std::fs::File::open(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let taken = opened.take(MOST_BYTES).read_to_string(&mut read);
            taken.with_context(|| format!("cannot read {}", file.display()))?;
        }
        (Some("-"), None) => {
            std::io::stdin().take(MOST_BYTES).read_to_string(&mut read).context("cannot read the standard input")?;
        }
        (text, None) => read = text.unwrap_or_default().to_owned(),
    }
    Ok(read)
}

/// What an edit came to, as JSON.
#[derive(Serialize)]
struct EditedView {
    #[serde(flatten)]
    issue: IssueView,
    /// What was done, as the record has it.
    action: String,
    changed: bool,
    disapproved: bool,
}

fn told(app: &App, edited: &Edited, out: &Output) -> Outcome {
    let edit = &edited.edit;
    let view = EditedView {
        issue: IssueView::of(app, &edited.issue),
        action: edit.in_words(),
        changed: edited.changed,
        disapproved: edited.disapproved,
    };
    out.answer(&view, |view| {
        let (name, number) = (name(&edited.issue), edited.issue.number.unwrap_or_default());
        let is = plain(&edit.told());
        if !view.changed {
            return format!("Nothing was changed. In {name} it is so already: {is}");
        }
        let mut text = format!("In {name}, {is}\n");
        if view.disapproved && *edit != Edit::Hold {
            text.push_str("The approval was for the draft as it was before: approve it again.\n");
        }
        let _ = write!(text, "`kawaraban issues undo {number}` undoes it.");
        text
    })?;
    Ok(Exit::Done)
}

async fn undo(app: &App, number: i64, out: &Output) -> Outcome {
    let issue = app.digests.issue_numbered(number).await?;
    let (issue, line) = app.digests.undo(issue.id, &who()).await?;
    let view = EditedView { issue: IssueView::of(app, &issue), action: line.action, changed: true, disapproved: false };
    out.answer(&view, |view| {
        format!(
            "In {}, this is undone: {}.\nDone again, `kawaraban issues undo {number}` undoes the edit before it.",
            name(&issue),
            plain(&view.action)
        )
    })?;
    Ok(Exit::Done)
}

async fn log(app: &App, number: i64, out: &Output) -> Outcome {
    let issue = app.digests.issue_numbered(number).await?;
    let lines = app.digests.edits(issue.id).await?;
    let wall = Wall::of(&app.config, Some(&issue.edition));
    out.answer(&lines, |lines| {
        let undone = |line: &EditLine| match &line.undone_by {
            Some(who) => format!("{} by {}", wall.maybe(line.undone), plain(who)),
            None => wall.maybe(line.undone),
        };
        let row = |line: &EditLine| [wall.at(line.at), plain(&line.who), plain(&line.action), undone(line)];
        table(["at", "who", "what", "undone"], lines.iter().map(row).collect(), "Nobody has edited this issue.")
    })?;
    Ok(Exit::Done)
}
