//! `issues pin`, `skip`, `move` and the like: an editor at work on a draft.

use std::io::Read;

use anyhow::Context;
use serde::Serialize;

use super::args::DeskCommand;
use super::exit::{Exit, Outcome};
use super::output::{Output, plain, table};
use super::views::{IssueView, name};
use super::words::Wall;
use crate::app::App;
use crate::config::process_environment;
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
            return told(&edited, "add", out);
        }
        DeskCommand::Undo { number } => return undo(app, number, out).await,
        DeskCommand::Log { number } => return log(app, number, out).await,
    };
    let issue = app.digests.issue_numbered(number).await?;
    let edited = app.digests.edit(issue.id, &edit, &who()).await?;
    told(&edited, &edit.in_words(), out)
}

/// Returns the user of the system, for the record.
fn who() -> String {
    let environment = process_environment();
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| environment.get(name));
    user.filter(|user| !user.is_empty()).cloned().unwrap_or_else(|| "unknown".to_owned())
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
    changed: bool,
    disapproved: bool,
}

fn told(edited: &Edited, words: &str, out: &Output) -> Outcome {
    let issue = &edited.issue;
    let view = EditedView { issue: IssueView::from(issue), changed: edited.changed, disapproved: edited.disapproved };
    out.answer(&view, |view| match (view.changed, view.disapproved) {
        (false, _) => format!("{} is so already.", name(issue)),
        (true, false) => format!("{}: {}.", name(issue), plain(words)),
        (true, true) => format!(
            "{}: {}.\nThe approval was for the draft as it was before: approve it again.",
            name(issue),
            plain(words)
        ),
    })?;
    Ok(Exit::Done)
}

async fn undo(app: &App, number: i64, out: &Output) -> Outcome {
    let issue = app.digests.issue_numbered(number).await?;
    let (issue, line) = app.digests.undo(issue.id, &who()).await?;
    let view = EditedView { issue: IssueView::from(&issue), changed: true, disapproved: false };
    out.answer(&view, |_| format!("{}: undone: {}.", name(&issue), plain(&line.action)))?;
    Ok(Exit::Done)
}

async fn log(app: &App, number: i64, out: &Output) -> Outcome {
    let issue = app.digests.issue_numbered(number).await?;
    let lines = app.digests.edits(issue.id).await?;
    let wall = Wall::of(&app.config, Some(&issue.edition));
    out.answer(&lines, |lines| {
        let row = |line: &EditLine| [wall.at(line.at), plain(&line.who), plain(&line.action), wall.maybe(line.undone)];
        table(["at", "who", "what", "undone"], lines.iter().map(row).collect(), "Nobody has edited this issue.")
    })?;
    Ok(Exit::Done)
}
