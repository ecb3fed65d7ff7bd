//! `issues preview`: an issue as its readers would get it.

use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use super::exit::{Exit, Outcome};
use super::output::Output;
use crate::app::App;
use crate::digest::Copy;
use crate::domain::address::EmailAddress;
use crate::domain::issue::Letter;
use crate::domain::language::Language;
use crate::mail::{compose, message_id};

/// Whom the sample copy is addressed to. RFC 2606 keeps the domain free.
const SAMPLE_READER: &str = "reader@example.com";

/// A letter, as JSON.
#[derive(Serialize)]
struct LetterView<'a> {
    language: Language,
    subject: &'a str,
    text: &'a str,
    html: &'a str,
    files: Vec<String>,
}

pub(super) async fn preview(
    app: &App,
    number: i64,
    language: Language,
    folder: Option<&Path>,
    out: &Output,
) -> Outcome {
    let issue = app.digests.issue_numbered(number).await?;
    let preview = app.digests.preview(issue.id).await?;
    let Some(letter) = preview.letters.iter().find(|letter| letter.language == language) else {
        anyhow::bail!("issue {number} has no letter in {language}");
    };
    let letter = with_sample_links(app, letter);
    let files = match folder {
        Some(folder) => {
            let id = message_id(&format!("preview.{number}.{}", letter.language), app.links.host());
            write(&letter, &compose(&letter, SAMPLE_READER, &id, Some(&sample_token(app)))?, folder)?
        }
        None => Vec::new(),
    };
    answer(&letter, files, out)
}

fn answer(letter: &Letter, files: Vec<String>, out: &Output) -> Outcome {
    let language = letter.language;
    let view = LetterView { language, subject: &letter.subject, text: &letter.text, html: &letter.html, files };
    out.answer(&view, |view| match view.files.as_slice() {
        [] => format!("Subject: {}\n\n{}", view.subject, view.text),
        files => files.join("\n"),
    })?;
    Ok(Exit::Done)
}

/// Shows the copy of one reader, byte by byte as they get it, or would if the draft were sealed now.
pub(super) async fn preview_as(
    app: &App,
    number: i64,
    reader: &EmailAddress,
    folder: Option<&Path>,
    out: &Output,
) -> Outcome {
    let issue = app.digests.issue_numbered(number).await?;
    let copy = app.digests.copy_for(issue.id, reader).await?;
    remark_unsent(&copy, *out);
    let message = match &copy.claim {
        Some(claim) => app.delivery().message_of(claim).await?.map_err(anyhow::Error::msg)?,
        None => {
            let id = message_id(&format!("preview.{number}.{}", copy.letter.language), app.links.host());
            let to = EmailAddress::parse(&copy.reader.address)?.wire();
            let message = compose(&copy.letter, &to, &id, Some(&copy.token))?;
            match &app.dkim {
                Some(dkim) => dkim.signed(&message, copy.letter.date)?,
                None => message,
            }
        }
    };
    let letter = spliced(&copy.letter, &copy.token);
    let files = folder.map(|folder| write(&letter, &message, folder)).transpose()?.unwrap_or_default();
    answer(&letter, files, out)
}

/// Says that a reader whose copy is looked at would be sent none, and why.
pub(super) fn remark_unsent(copy: &Copy, out: Output) {
    if let Some(why) = &copy.unsent {
        out.remark(&format!("{} would be sent nothing: {why}. This is the copy as it would be.", copy.reader.address));
    }
}

/// Puts a token of the right shape, which opens nothing, where each reader's own goes.
fn with_sample_links(app: &App, letter: &Letter) -> Letter {
    spliced(letter, &sample_token(app))
}

fn spliced(letter: &Letter, token: &str) -> Letter {
    let splice = |text: &str| text.replace(&letter.splice_key, token);
    let mut sample = Letter { text: splice(&letter.text), html: splice(&letter.html), ..letter.clone() };
    if let Some(list) = &mut sample.head.list {
        list.unsubscribe_url = splice(&list.unsubscribe_url);
    }
    sample
}

fn sample_token(app: &App) -> String {
    app.links.unsubscribe_token([0; 16], 0)
}

/// Writes the parts and the whole message into `folder`, and returns the files.
fn write(letter: &Letter, message: &[u8], folder: &Path) -> anyhow::Result<Vec<String>> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let contents: [(&str, &[u8]); 4] = [
        ("subject.txt", letter.subject.as_bytes()),
        ("text.txt", letter.text.as_bytes()),
        ("index.html", letter.html.as_bytes()),
        ("message.eml", message),
    ];
    let mut files = Vec::new();
    for (name, content) in contents {
        let file = folder.join(name);
        fs::write(&file, content).with_context(|| format!("cannot write {}", file.display()))?;
        files.push(file.display().to_string());
    }
    Ok(files)
}
