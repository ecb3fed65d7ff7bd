//! What will happen: which issues, when, with what in them, and who is asked first.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::finding::Report;
use crate::cli::words::{count, number};
use crate::config::{Config, ImagesMode};
use crate::domain::desk::Approval;
use crate::domain::edition::Edition;
use crate::domain::issue::{Issue, IssueState};
use crate::domain::language::Language;
use crate::store::{Store, StoreError};

/// Slots still to come that have had their issue, by edition, in their order.
pub(super) type Spent = BTreeMap<String, Vec<Issue>>;

/// Returns the slots of which nothing more comes: the issues made for them ahead of time are cancelled, skipped or sent.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn spent(config: &Config, store: &Store, now: Timestamp) -> Result<Spent, StoreError> {
    let mut spent = Spent::new();
    for edition in &config.editions {
        let over = spent.entry(edition.name.clone()).or_default();
        let mut after = now;
        while let Some(slot) = edition.schedule.next_after(after) {
            let Some(issue) = store.issue_by_slot(&edition.name, &slot.key()).await? else { break };
            if matches!(issue.state, IssueState::Draft | IssueState::Sealed) {
                break;
            }
            after = slot.instant;
            over.push(issue);
        }
    }
    Ok(spent)
}

/// Says for each edition what it does, and names what cannot have been meant.
pub(super) fn at_editions(config: &Config, now: Timestamp, spent: &Spent, report: &mut Report) {
    for edition in &config.editions {
        let subject = format!("edition {}", edition.name);
        let over = spent.get(&edition.name).map(Vec::as_slice).unwrap_or_default();
        let after = over.last().map_or(now, |issue| issue.scheduled);
        match edition.schedule.next_after(after) {
            Some(slot) => report.fine(&subject, schedule(edition, slot.instant, over)),
            None => report.warning(&subject, format!("{:?} never comes again", edition.schedule.expression())),
        }
        report.fine(&format!("{subject}: items"), items(edition));
        if edition.policy.max_items.is_some_and(|most| most > edition.most_items()) {
            let together = count(number(edition.most_items()), "item", "items");
            let text = format!("it changes nothing: all sections together have {together} at most");
            report.warning(&format!("editions.{}.max_items", edition.name), text);
        }
        approval(edition, config, report);
    }
}

/// Says who is told, and in which language.
pub(super) fn at_operator(config: &Config, report: &mut Report) {
    let operator = &config.operator;
    let language = match operator.language {
        Language::En => "English",
        Language::Ja => "Japanese",
    };
    report.fine(
        "operator",
        match operator.email.as_slice() {
            [] => "nobody is mailed drafts and reports: operator.email is not set".to_owned(),
            addresses => format!("{}, in {language}", addresses.join(", ")),
        },
    );
}

/// Says what becomes of pictures.
pub(super) fn at_images(config: &Config, report: &mut Report) {
    let text = match config.images.mode {
        ImagesMode::None => "none".to_owned(),
        ImagesMode::Proxy => format!(
            "fetched once and served from {}, up to {} pixels wide",
            config.base_url.host_str().unwrap_or("here"),
            config.images.max_width
        ),
    };
    report.fine("images", text);
}

fn schedule(edition: &Edition, next: Timestamp, over: &[Issue]) -> String {
    let schedule = &edition.schedule;
    let over: String =
        over.iter().map(|issue| format!("; that of {} is already {}", issue.slot, issue.state)).collect();
    let next = next.to_zoned_datetime(schedule.zone().clone()).strftime("%A %Y-%m-%d %H:%M %Z");
    format!("{}, at {:?} {}, next on {next}{over}", edition.title, schedule.expression(), schedule.timezone_name())
}

fn items(edition: &Edition) -> String {
    let sections = edition.sections.iter().map(|section| format!("{section} {}", edition.limit_of(section)));
    let mut text = format!("up to {}", sections.collect::<Vec<_>>().join(", "));
    if let Some(most) = edition.policy.max_items {
        text.push_str(&format!("; {most} in all"));
    }
    if edition.policy.min_items > 1 {
        text.push_str(&format!("; skipped with fewer than {}", edition.policy.min_items));
    }
    if let Some(age) = edition.policy.max_age {
        text.push_str(&format!("; none older than {}", span(age)));
    }
    if edition.policy.welcome_issue {
        text.push_str("; new readers are sent the last issue");
    }
    text
}

fn approval(edition: &Edition, config: &Config, report: &mut Report) {
    let subject = format!("edition {}: approval", edition.name);
    let key = format!("editions.{}.approval", edition.name);
    let before = span(edition.review.before);
    match (edition.review.approval, config.operator.email.is_empty()) {
        (Approval::Auto, _) => report.fine(&subject, "auto: it goes out at its time, and nobody is asked"),
        (Approval::Veto, false) => {
            report.fine(&subject, format!("veto: the draft is mailed {before} ahead, and goes out unless it is held"));
        }
        (Approval::Required, false) => {
            report.fine(&subject, format!("required: the draft is mailed {before} ahead, and waits until approved"));
        }
        (Approval::Veto, true) => {
            report.warning(&key, "\"veto\", and nobody is shown the draft: set operator.email, or write \"auto\"");
        }
        (Approval::Required, true) => report.warning(
            &key,
            "\"required\", and nobody is asked: set operator.email, or run `kawaraban issues approve` for each issue",
        ),
    }
}

/// Returns `3 days`, `24 hours`, `90 minutes`.
fn span(span: Duration) -> String {
    let minutes = span.as_secs() / 60;
    let (n, one, many) = match minutes {
        m if m >= 2880 && m.is_multiple_of(1440) => (m / 1440, "day", "days"),
        m if m >= 60 && m.is_multiple_of(60) => (m / 60, "hour", "hours"),
        m => (m, "minute", "minutes"),
    };
    count(n, one, many)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::NewIssue;
    use crate::store::tests::harness::on_each_engine;

    fn told(more: &str) -> String {
        let minimum = format!("base_url = \"https://news.example.jp\"\nsecret = \"{}\"\n", "x".repeat(32));
        let config = Config::from_text("k.toml", &format!("{minimum}{more}"), &BTreeMap::new()).unwrap();
        let mut report = Report::default();
        at_operator(&config, &mut report);
        at_images(&config, &mut report);
        at_editions(&config, "2026-11-27T00:00:00Z".parse().unwrap(), &Spent::new(), &mut report);
        report.worded()
    }

    #[test]
    fn what_will_happen_is_told_edition_by_edition() {
        let text = told(
            "[operator]\nemail = [\"ops@example.jp\"]\nlanguage = \"ja\"\n[images]\nmode = \"none\"\n\
             [[editions]]\nname = \"weekly\"\ntitle = \"Weekly\"\nschedule = \"0 8 * * Fri\"\n\
             section_limits = [\"openings=10\"]\nmax_items = 25\nmin_items = 3\nmax_age = \"60d\"\n\
             [[editions]]\nname = \"daily\"\ntitle = \"Daily\"\nschedule = \"30 7 * * *\"\ntimezone = \"UTC\"\n\
             approval = \"required\"\npreview_before = \"90m\"\nwelcome_issue = true\n",
        );
        for wanted in [
            "ops@example.jp, in Japanese",
            "images                    none",
            "Weekly, at \"0 8 * * Fri\" Asia/Tokyo, next on Friday 2026-12-04 08:00 JST",
            "up to news 20, openings 10; 25 in all; skipped with fewer than 3; none older than 60 days",
            "veto: the draft is mailed 24 hours ahead, and goes out unless it is held",
            "Daily, at \"30 7 * * *\" UTC, next on Friday 2026-11-27 07:30 UTC",
            "up to news 20, openings 20; new readers are sent the last issue",
            "required: the draft is mailed 90 minutes ahead, and waits until approved",
        ] {
            assert!(text.contains(wanted), "{wanted:?} is not in\n{text}");
        }
        assert!(text.ends_with("Everything is in order.\n") && !text.contains("warning"), "{text}");
    }

    #[test]
    fn what_cannot_work_is_warned_of() {
        let edition = |more: &str| {
            told(&format!("[[editions]]\nname = \"weekly\"\ntitle = \"W\"\nschedule = \"0 8 * * Fri\"\n{more}"))
        };
        let required = edition("approval = \"required\"");
        assert!(required.contains("warning editions.weekly.approval"), "{required}");
        assert!(required.ends_with("Nothing is wrong; 1 warning is above.\n"), "{required}");
        assert!(edition("approval = \"veto\"").contains("nobody is shown the draft: set operator.email"));
        assert!(edition("max_items = 50").contains("it changes nothing: all sections together have 40 items at most"));
        assert!(!edition("max_items = 40").contains("warning"));
        assert!(told("").contains("auto: it goes out at its time") && told("").contains("nobody is mailed drafts"));
    }

    #[tokio::test]
    async fn the_next_issue_is_that_of_a_slot_that_still_has_none() {
        on_each_engine(async |store| {
            let minimum = format!("base_url = \"https://news.example.jp\"\nsecret = \"{}\"\n", "x".repeat(32));
            let edition = "[[editions]]\nname = \"weekly\"\ntitle = \"W\"\nschedule = \"0 8 * * Fri\"\n";
            let config = Config::from_text("k.toml", &format!("{minimum}{edition}"), &BTreeMap::new()).unwrap();
            let now = "2026-11-26T00:00:00Z".parse().unwrap();
            let told = async || {
                let mut report = Report::default();
                at_editions(&config, now, &spent(&config, &store, now).await.unwrap(), &mut report);
                report.worded()
            };
            let slot = config.editions[0].schedule.next_after(now).unwrap();
            let (slot, scheduled) = (slot.key(), slot.instant);
            let new = NewIssue { edition: "weekly".to_owned(), slot, scheduled, skipped: None, items: Vec::new() };
            let draft = store.create_issue(&new, now).await.unwrap().unwrap();
            assert!(told().await.contains("next on Friday 2026-11-27 08:00 JST\n"), "a draft goes out at its slot");
            store.cancel_issue(draft.id, &draft.state, now).await.unwrap();
            let expected = "next on Friday 2026-12-04 08:00 JST; that of 2026-11-27T08:00 is already cancelled\n";
            assert!(told().await.contains(expected), "{}", told().await);
        })
        .await;
    }
}
