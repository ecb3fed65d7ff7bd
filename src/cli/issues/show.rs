//! `issues show`: an issue with everything in it, and what the editor made of it.

use std::fmt::Write as _;

use serde::Serialize;

use crate::app::App;
use crate::cli::exit::{Exit, Outcome};
use crate::cli::output::{Output, facts, plain, table};
use crate::cli::views::IssueView;
use crate::cli::words::{Wall, digits};
use crate::domain::delivery::DeliveryState;
use crate::domain::desk::Waits;
use crate::domain::issue::{Issue, IssueItem, IssueState};
use crate::store::DeliveryCounts;

/// An issue with everything in it.
#[derive(Serialize)]
struct WholeIssue {
    #[serde(flatten)]
    issue: IssueView,
    /// What its edition wants before it goes out; none if the edition is not configured.
    approval: Option<&'static str>,
    /// Why the draft would not go out now.
    waits: Option<Waits>,
    /// The editor's subject; none where the templates make it.
    subject: Option<String>,
    /// The editor's introduction, in Markdown.
    introduction: Option<String>,
    items: Vec<ShownItem>,
    deliveries: DeliveryCounts,
}

#[derive(Serialize)]
struct ShownItem {
    #[serde(flatten)]
    item: IssueItem,
    /// Whether the editor put other words in the place of its own.
    rewritten: bool,
}

pub(super) async fn run(app: &App, issue: &Issue, out: &Output) -> Outcome {
    let tally = app.store.issue_tally(issue.id).await?;
    if !tally.adds_up() {
        out.remark("The deliveries do not add up to the recipients: has somebody written to the database by hand?");
    }
    // What is sealed has the words that were printed and no others; what the editor did stands in the record.
    let edits = app.digests.edits(issue.id).await?;
    let edited = edits.into_iter().rfind(|line| line.undone.is_none()).map(|line| line.after).unwrap_or_default();
    let rewritten = |item: &IssueItem| {
        edited.items.iter().any(|i| i.article == item.article_id.0 && (i.title.is_some() || i.summary.is_some()))
    };
    let mut items = app.store.issue_items(issue.id).await?;
    // What is pinned is printed on top of its section, wherever it lies.
    items.sort_by(|a, b| (&a.section, !a.pinned).cmp(&(&b.section, !b.pinned)));
    let review = app.digests.edition(&issue.edition).ok().map(|edition| edition.review);
    let whole = WholeIssue {
        issue: IssueView::of(app, issue),
        approval: review.map(|review| review.approval.as_str()),
        waits: review.filter(|_| issue.state == IssueState::Draft).and_then(|review| review.waits(&issue.desk)),
        subject: issue.desk.subject.clone(),
        introduction: issue.desk.introduction.clone(),
        items: items.into_iter().map(|item| ShownItem { rewritten: rewritten(&item), item }).collect(),
        deliveries: tally.counts,
    };
    out.answer(&whole, |whole| shown(&Wall::of(&app.config, Some(&issue.edition)), whole))?;
    Ok(Exit::Done)
}

fn shown(wall: &Wall, whole: &WholeIssue) -> String {
    let issue = &whole.issue;
    let mut counts = whole.deliveries;
    let waits = whole.waits.map(|why| format!(", {why}")).unwrap_or_default();
    let mut text = facts(&[
        ("issue", issue.number.map_or_else(|| "-".to_owned(), |number| number.to_string())),
        ("edition", issue.edition.clone()),
        ("slot", issue.slot.clone()),
        ("state", format!("{}{waits}", issue.state)),
        ("scheduled", wall.at(issue.scheduled)),
        ("approval", whole.approval.unwrap_or("-").to_owned()),
        ("preview", wall.maybe(issue.previewed)),
        ("held", wall.maybe(issue.held)),
        ("approved", wall.maybe(issue.approved)),
        ("sealed", wall.maybe(issue.sealed)),
        ("released", wall.maybe(issue.released)),
        ("finished", wall.maybe(issue.finished)),
        ("recipients", digits(issue.recipients)),
        ("subject", whole.subject.clone().unwrap_or_else(|| "- (the templates make it)".to_owned())),
        ("opens with", lead(&whole.items)),
    ]);
    if let Some(introduction) = &whole.introduction {
        text.push_str("\nintroduction\n");
        for line in plain(introduction).lines() {
            let _ = writeln!(text, "{}", format!("  {line}").trim_end());
        }
    }
    let mut section = "";
    for ShownItem { item, rewritten } in &whole.items {
        if item.section != section {
            section = &item.section;
            let _ = writeln!(text, "\n{section}");
        }
        let marks = [(item.lead, "lead"), (item.pinned, "pinned"), (*rewritten, "rewritten")];
        let marks: Vec<&str> = marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect();
        let marks = if marks.is_empty() { String::new() } else { format!("  [{}]", marks.join(", ")) };
        let (number, title, url) = (item.article_id.0, plain(&item.title), plain(&item.url));
        let _ = writeln!(text, "  {number:<6} {title}{marks}\n         {url}");
    }
    let states = DeliveryState::ALL.map(|state| [state.as_str().to_owned(), digits(*counts.of(state))]);
    let rows = states.into_iter().filter(|[_, n]| n != "0").collect();
    let _ = write!(text, "\n{}", table(["deliveries", ""], rows, "No deliveries."));
    text
}

/// Returns what the editor has put first; once the issue is sealed, whatever stands first.
fn lead(items: &[ShownItem]) -> String {
    let lead = items.iter().find(|shown| shown.item.lead);
    lead.map_or_else(
        || "- (the first story with a picture, or else the first)".to_owned(),
        |shown| shown.item.article_id.to_string(),
    )
}
