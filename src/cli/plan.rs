//! A dry run in words: what would go to whom, and to whom it would not; and the list of all of them.

use std::fmt::Write as _;

use super::exit::{Exit, Outcome};
use super::output::{Output, facts, plain, print, table};
use super::words::{count, number};
use crate::app::App;
use crate::digest::{Plan, PlannedIssue};
use crate::domain::ids::SubscriberId;

/// People read at a time.
const PAGE: usize = 1000;

/// `issues plan`: prints the plan of an issue, or the list of who gets it and who does not, a line each.
pub(super) async fn run(app: &App, number: i64, list: bool, out: &Output) -> Outcome {
    let issue = app.digests.issue_numbered(number).await?;
    let plan = app.digests.plan_issue(&issue).await?;
    if !list {
        out.answer(&plan, worded)?;
        return Ok(Exit::Done);
    }
    let mut after = Some(SubscriberId(0));
    while let Some(from) = after {
        let (page, next) = app.digests.listed(&plan, from, PAGE).await?;
        after = next;
        let mut text = String::new();
        for one in &page {
            if out.json {
                text.push_str(&serde_json::to_string(one)?);
                text.push('\n');
            } else {
                let fate = one.reason.as_deref().map_or_else(|| "gets it".to_owned(), |why| format!("does not: {why}"));
                let _ = writeln!(text, "{}  {}  {fate}", plain(&one.address), one.language);
            }
        }
        print(&text)?;
    }
    Ok(Exit::Done)
}

/// Returns the plan in words.
pub(super) fn worded(plan: &Plan) -> String {
    let mut text = String::from("A dry run: nothing is written or sent, and the feeds are not fetched.\n\n");
    let issue = match &plan.issue {
        PlannedIssue::New { slot } => format!("a new one, of {slot}"),
        PlannedIssue::Nothing { slot, reason } => format!("none for {slot}: {reason}"),
        PlannedIssue::Existing { number: Some(number), state } => format!("{number}, {state}"),
        PlannedIssue::Existing { number: None, state } => format!("one without a number, {state}"),
    };
    text.push_str(&facts(&[
        ("edition", plan.edition.clone()),
        ("issue", issue),
        ("items", number(plan.item_count()).to_string()),
    ]));
    for section in &plan.sections {
        let waiting = match section.rolls_over {
            0 => String::new(),
            n => format!(" ({n} more for a later issue)"),
        };
        let _ =
            writeln!(text, "\n{}: {}{waiting}", section.section, count(number(section.items.len()), "item", "items"));
        for item in &section.items {
            let _ = writeln!(text, "  {}\n    {}", plain(&item.title), plain(&item.url));
        }
    }
    if let Some(ledger) = &plan.ledger {
        let open = ledger.open();
        let _ = writeln!(text, "\nIts ledger is written: {open} of {} mails are still to be sent.", ledger.total());
    }
    let _ = writeln!(text, "\nWould get it: {}", plan.recipient_count());
    if !plan.recipients.is_empty() {
        let rows = plan.recipients.iter().map(|r| [r.language.to_string(), r.count.to_string()]).collect();
        text.push_str(&table(["language", "subscribers"], rows, ""));
    }
    let _ = writeln!(text, "\nWould not get it: {}", plan.not_reached.iter().map(|n| n.count).sum::<i64>());
    if !plan.not_reached.is_empty() {
        let rows =
            plan.not_reached.iter().map(|n| [n.reason.clone(), n.language.to_string(), n.count.to_string()]).collect();
        text.push_str(&table(["reason", "language", "subscribers"], rows, ""));
    }
    text
}
