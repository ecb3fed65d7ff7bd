//! `POST /send` and `POST /readers`: what the buttons do, and the note that says what came of it.

use std::sync::{Mutex, MutexGuard};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::Desk;
use crate::demo::print::Printed;
use crate::domain::ids::IssueId;
use crate::domain::issue::IssueState;
use crate::domain::language::Language;
use crate::render::DemoNotice;
use crate::store::StoreError;
use crate::subscribers::{Basis, Import};

/// Readers who are there at the press of a button.
const SAMPLE_READERS: &str = "email,language\naoi@example.jp,ja\nben@example.com,en\nchihiro@example.jp,ja\n\
     dolores@example.org,en\nemi.sato@example.jp,ja\n";

/// What came of the last press of a button.
#[derive(Default)]
pub(super) struct LastPress(Mutex<Option<Outcome>>);

#[derive(Clone)]
enum Outcome {
    /// An issue is on its way.
    Issue(IssueId),
    /// All there is to say.
    Said { text: String, failed: bool },
}

impl LastPress {
    fn set(&self, outcome: Outcome) {
        *self.lock() = Some(outcome);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Outcome>> {
        self.0.lock().expect("no holder of this lock panics")
    }
}

/// Sends the digest.
pub(super) async fn send(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    if from_elsewhere(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let said = |text: String, failed| Outcome::Said { text, failed };
    desk.last.set(match desk.printer.print().await {
        Ok(Printed::Issue(issue)) => Outcome::Issue(issue.id),
        Ok(Printed::NobodySubscribed) => {
            said("Nobody is subscribed yet, so nothing was sent. Sign up and confirm first.".to_owned(), false)
        }
        Ok(Printed::NothingNew(reason)) => said(format!("No mail was sent: {reason}."), false),
        Err(error) => said(format!("The digest could not be sent: {error}"), true),
    });
    Redirect::to("/").into_response()
}

/// Adds readers who have confirmed elsewhere.
pub(super) async fn add_readers(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    if from_elsewhere(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let consent = "sample readers of the demo, added by a button".to_owned();
    let import = Import { basis: Basis::Confirmed { consent }, language: Language::En, dry_run: false };
    let outcome = desk.app.subscribers.import(SAMPLE_READERS.as_bytes(), &import, |_, _| ()).await;
    let (text, failed) = match outcome {
        Ok(report) if report.added == 0 => ("The sample readers were added before; nobody is new.".to_owned(), false),
        Ok(report) => (format!("{} are subscribed from now on.", people(report.added, "sample reader")), false),
        Err(error) => (format!("The sample readers could not be added: {error}"), true),
    };
    desk.last.set(Outcome::Said { text, failed });
    Redirect::to("/").into_response()
}

/// Whether another site sent the form. Browsers say so; what says nothing is no browser.
fn from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none")
}

/// Returns the note about the last press, and whether what it started is still going on.
pub(super) async fn note(desk: &Desk) -> Result<(Option<DemoNotice>, bool), StoreError> {
    let outcome = desk.last.lock().clone();
    Ok(match outcome {
        None => (None, false),
        Some(Outcome::Said { text, failed }) => (Some(DemoNotice { text, failed, url: None }), false),
        Some(Outcome::Issue(id)) => {
            let (notice, going_on) = progress(desk, id).await?;
            (Some(notice), going_on)
        }
    })
}

async fn progress(desk: &Desk, id: IssueId) -> Result<(DemoNotice, bool), StoreError> {
    let issue = desk.app.store.issue(id).await?;
    let counts = desk.app.store.delivery_counts(id).await?;
    let items = desk.app.store.issue_items(id).await?.len();
    let number = issue.number.unwrap_or_default();
    let readers = people(usize::try_from(issue.recipients).unwrap_or_default(), "reader");
    let finished = issue.state == IssueState::Finished;
    let text = if finished {
        format!("Issue {number} with {} went to {readers}; {} arrived.", people(items, "article"), counts.accepted)
    } else {
        format!("Issue {number} is on its way to {readers}; {} arrived so far.", counts.accepted)
    };
    let url = finished.then(|| desk.app.links.issue(number));
    Ok((DemoNotice { text, failed: false, url }, !finished))
}

/// Returns a count and what is counted: `1 reader`, `2 readers`.
pub(super) fn people(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_on_another_site_presses_no_button() {
        let from =
            |site: &'static str| HeaderMap::from_iter([("sec-fetch-site".parse().unwrap(), site.parse().unwrap())]);
        assert!(from_elsewhere(&from("cross-site")) && from_elsewhere(&from("same-site")));
        assert!(!from_elsewhere(&from("same-origin")) && !from_elsewhere(&HeaderMap::new()));
    }
}
