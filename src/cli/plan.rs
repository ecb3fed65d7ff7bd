//! A dry run in words: what would go to whom, and to whom it would not; and the list of all of them.

use std::fmt::Write as _;

use super::exit::{Exit, Outcome};
use super::output::{Output, facts, plain, print, table};
use super::words::{count, digits, number};
use crate::app::App;
use crate::digest::{Plan, PlannedIssue};
use crate::domain::desk::Waits;
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
    let mut nobody = true;
    while let Some(from) = after {
        let (page, next) = app.digests.listed(&plan, from, PAGE).await?;
        after = next;
        nobody &= page.is_empty();
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
    if nobody && !out.json {
        print("There is nobody on the list: no subscriber, and no mail of this issue.\n")?;
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
        ("items", digits(number(plan.item_count()))),
    ]));
    for section in &plan.sections {
        let waiting = match section.rolls_over {
            0 => String::new(),
            n => format!(" ({} more for a later issue)", digits(n)),
        };
        let _ =
            writeln!(text, "\n{}: {}{waiting}", section.section, count(number(section.items.len()), "item", "items"));
        for item in &section.items {
            let _ = writeln!(text, "  {}\n    {}", plain(&item.title), plain(&item.url));
        }
    }
    if let Some(ledger) = &plan.ledger {
        let open = ledger.open();
        let _ = writeln!(
            text,
            "\nIts ledger is written: {} of {} mails are still to be sent.",
            digits(open),
            digits(ledger.total())
        );
    }
    let _ = writeln!(text, "\nWould get it: {}", digits(plan.recipient_count()));
    if let Some(why) = &plan.unread {
        let _ = writeln!(
            text,
            "As it stands it would be skipped, and all of it would wait for the next issue: {why}.\n\
             `publish_without_readers` of the edition, or --without-readers, publishes it on the web all the same."
        );
    }
    if let Some(why) = plan.waits {
        let _ = writeln!(text, "{}", held_back(plan, why));
    }
    if !plan.recipients.is_empty() {
        let rows = plan.recipients.iter().map(|r| [r.language.to_string(), digits(r.count)]).collect();
        text.push_str(&table(["language", "subscribers"], rows, ""));
    }
    let _ = writeln!(text, "\nWould not get it: {}", digits(plan.not_reached.iter().map(|n| n.count).sum::<i64>()));
    if !plan.not_reached.is_empty() {
        let rows =
            plan.not_reached.iter().map(|n| [n.reason.clone(), n.language.to_string(), digits(n.count)]).collect();
        text.push_str(&table(["reason", "language", "subscribers"], rows, ""));
    }
    text
}

/// Returns that it would not go out, and what lets it.
fn held_back(plan: &Plan, why: Waits) -> String {
    let edition = &plan.edition;
    match &plan.issue {
        PlannedIssue::Existing { number: Some(number), .. } => format!(
            "As it stands it would not go out: it is {why}.\n`kawaraban issues approve {number}` lets it go out, and \
             `kawaraban send {edition}` sends it then."
        ),
        _ => format!(
            "It would not go out before somebody approves it (`approval` of the edition).\n`kawaraban issues \
             compile {edition}` makes the draft, `kawaraban issues approve` with its number lets it go out,\nand \
             `kawaraban send {edition}` sends it then."
        ),
    }
}
