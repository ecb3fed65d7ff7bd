//! `GET /`: the list of mails, and the buttons.

use axum::extract::State;
use axum::response::Html;
use jiff::{SignedDuration, Timestamp};

use super::Desk;
use super::buttons::{note, people};
use super::mail::{recipient, subject, url};
use crate::demo::frame::Oops;
use crate::domain::language::Language;
use crate::domain::subscriber::SubscriberState;
use crate::mail::read;
use crate::render::{DemoInbox, DemoMailLine};
use crate::smtpd::Received;
use crate::store::StoreError;

/// How often the list is fetched anew: soon enough for a confirmation to show up by itself, seldom enough to read.
const REFRESH_S: u32 = 10;
/// The same while mail is on its way.
const REFRESH_WHILE_SENDING_S: u32 = 2;

/// Shows the list.
pub(super) async fn show(State(desk): State<Desk>) -> Result<Html<String>, Oops> {
    let now = desk.app.clock.now();
    let (notice, going_on) = note(&desk).await?;
    let mails = desk.mails.mails();
    let forgotten = desk.mails.taken().saturating_sub(mails.len() as u64);
    let context = DemoInbox {
        page: desk.frame.page(Some(if going_on { REFRESH_WHILE_SENDING_S } else { REFRESH_S })),
        summary: summary(&desk, now).await?,
        notice,
        mails: mails.iter().rev().map(|received| line(received, now)).collect(),
        forgotten: (forgotten > 0).then(|| format!("{forgotten} older mails are kept no more.")),
    };
    Ok(Html(desk.frame.templates.page(Language::En, &context)?))
}

fn line(received: &Received, now: Timestamp) -> DemoMailLine {
    let mail = read(&received.content);
    DemoMailLine {
        to: recipient(&mail, received),
        subject: subject(&mail),
        when: mail.date.map(|date| ago(now.duration_since(date))).unwrap_or_default(),
        url: url(received.number),
    }
}

async fn summary(desk: &Desk, now: Timestamp) -> Result<String, StoreError> {
    let Some(edition) = desk.app.digests.editions().first() else { return Ok(String::new()) };
    let counts = desk.app.store.subscriber_counts(Some(&edition.name)).await?;
    let readers: i64 = counts.iter().filter(|c| c.state == SubscriberState::Confirmed).map(|c| c.count).sum();
    let articles = desk.app.store.candidates_of(edition, now).await?.len();
    let wait = if articles == 1 { "waits" } else { "wait" };
    Ok(format!(
        "{} subscribed. {} {wait} for the next digest.",
        people(usize::try_from(readers).unwrap_or_default(), "reader"),
        people(articles, "article")
    ))
}

/// Says how long ago something was. The reader's time zone is not known here.
fn ago(passed: SignedDuration) -> String {
    match passed.as_secs() {
        ..5 => "just now".to_owned(),
        seconds @ 5..60 => format!("{seconds} s ago"),
        seconds @ 60..3600 => format!("{} min ago", seconds / 60),
        seconds => format!("{} h ago", seconds / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_from_now() {
        let told = [-3, 4, 59, 60, 3599, 7200].map(|seconds| ago(SignedDuration::from_secs(seconds)));
        assert_eq!(told, ["just now", "just now", "59 s ago", "1 min ago", "59 min ago", "2 h ago"]);
    }
}
