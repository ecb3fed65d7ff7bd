//! Telling the operator what they have not been told of: how issues ended, in a report of each that was sent and one mail an
//! edition about all of it that were skipped; and which feeds are visited no more.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::operator::moment;
use crate::digest::{DigestError, Digests};
use crate::domain::issue::{Issue, IssueState};
use crate::domain::skip::Skip;
use crate::render::{Skipped, SkippedLine, date_long};

/// An issue that ended longer ago is history: nobody who names an operator today wants a mail about each.
const HISTORY: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How many are told of at a time; the rest follows a minute later.
const AT_ONCE: usize = 50;

impl Digests {
    /// Tells the operator of the feeds that were paused and of the issues that have come to an end, each once. Returns of
    /// how many.
    ///
    /// # Errors
    /// [`DigestError::Store`] or [`DigestError::Render`]; what was not told is told at the next call.
    pub async fn tell_operator(&self) -> Result<usize, DigestError> {
        if self.operator.addresses.is_empty() {
            return Ok(0);
        }
        // One that cannot be told must not keep the other from being told.
        let (paused, ended) = (self.tell_of_paused().await, self.tell_of_ended().await);
        Ok(paused? + ended?)
    }

    async fn tell_of_ended(&self) -> Result<usize, DigestError> {
        let since = self.clock.now() - HISTORY;
        let mut told = 0;
        let mut skipped: BTreeMap<String, Vec<Issue>> = BTreeMap::new();
        for id in self.store.unreported_issues(since, AT_ONCE).await? {
            let issue = self.store.issue(id).await?;
            match issue.state {
                IssueState::Skipped(_) => skipped.entry(issue.edition.clone()).or_default().push(issue),
                _ => told += usize::from(self.report(&issue).await?),
            }
        }
        for (edition, issues) in &skipped {
            if self.tell_of_skipped(edition, issues).await? {
                told += issues.len();
            }
        }
        Ok(told)
    }

    async fn tell_of_skipped(&self, edition: &str, issues: &[Issue]) -> Result<bool, DigestError> {
        let language = self.operator.language;
        // One that is configured no more is called by its name, and its slots as they were.
        let known = self.edition(edition).ok();
        let when = |issue: &Issue| known.map_or(issue.slot.clone(), |known| moment(language, known, issue.scheduled));
        let day = |issue: &Issue| {
            known.map_or(issue.slot.clone(), |known| date_long(language, known.schedule.civil_date(issue.scheduled)))
        };
        let skipped = Skipped {
            edition_title: known.map_or(edition.to_owned(), |known| known.title.clone()),
            count: i64::try_from(issues.len()).unwrap_or(i64::MAX),
            date: issues.first().map(day).unwrap_or_default(),
            skipped: issues.iter().map(|issue| line(when(issue), &issue.state)).collect(),
            sender: self.imprint.sender.clone(),
        };
        let now = self.clock.now();
        let mail = self.to_operator(self.templates.mail(language, &skipped)?, now);
        let ids: Vec<_> = issues.iter().map(|issue| issue.id).collect();
        Ok(self.store.report_issues(&ids, &mail, now).await?)
    }
}

fn line(when: String, state: &IssueState) -> SkippedLine {
    let words = match state {
        IssueState::Skipped(reason) => reason.clone(),
        state => state.to_string(),
    };
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let (why, n, least) = match Skip::from_words(&words) {
        Some(Skip::NothingYet) => ("nothing_yet", 0, 0),
        Some(Skip::NothingNew(issue)) => ("nothing_new", issue, 0),
        Some(Skip::TooLittle { items, least }) => ("too_little", number(items), number(least)),
        Some(Skip::AllClosed) => ("all_closed", 0, 0),
        Some(Skip::Nobody) => ("nobody", 0, 0),
        Some(Skip::NothingForAnybody) => ("nothing_for_anybody", 0, 0),
        Some(Skip::LaterSlotDue) => ("later_slot_due", 0, 0),
        Some(Skip::TooLate(minutes)) if minutes % 60 == 0 => ("too_late_h", (minutes / 60).cast_signed(), 0),
        Some(Skip::TooLate(minutes)) => ("too_late_min", minutes.cast_signed(), 0),
        Some(Skip::Held) => ("held", 0, 0),
        Some(Skip::NotApproved) => ("not_approved", 0, 0),
        None => ("other", 0, 0),
    };
    SkippedLine { when, why, n, least, words }
}
