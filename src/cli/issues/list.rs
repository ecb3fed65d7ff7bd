//! `issues list`: what there is, and what waits for whom.

use serde::Serialize;

use crate::app::App;
use crate::cli::exit::{Exit, Outcome};
use crate::cli::output::{Output, table};
use crate::cli::views::IssueView;
use crate::cli::words::{Wall, digits, number, span};
use crate::domain::desk::Waits;
use crate::domain::issue::{Issue, IssueState};

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

pub(super) async fn run(app: &App, limit: usize, out: &Output) -> Outcome {
    let issues = app.store.latest_issues(None, None, limit).await?;
    let views: Vec<ListedIssue> = issues.iter().map(|issue| listed(app, issue)).collect();
    out.answer(&views, |views| {
        let rows = views.iter().map(|issue| row(app, issue)).collect();
        let header = ["issue", "edition", "scheduled", "state", "desk", "recipients"];
        let mut text = table(header, rows, "There is no issue yet.");
        if views.iter().any(|view| view.issue.edition != views[0].issue.edition) {
            text.push_str(
                "\nThe numbers run through all editions: commands and the archive know an issue by its number alone.\n",
            );
        }
        text
    })?;
    if issues.len() == limit {
        let left = app.store.issue_count().await? - number(limit);
        out.remark_more(left, "see them with --all or a larger --limit");
    }
    Ok(Exit::Done)
}

fn listed(app: &App, issue: &Issue) -> ListedIssue {
    let review = app.digests.edition(&issue.edition).ok().map(|edition| edition.review);
    let draft = issue.state == IssueState::Draft;
    ListedIssue {
        issue: IssueView::of(app, issue),
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
        digits(issue.recipients),
    ]
}
