//! Telling the operator how issues ended that they have not been told of: a report of each that was sent, one notice of
//! all that were skipped.

use jiff::SignedDuration;

use crate::digest::{DigestError, Digests};
use crate::domain::issue::{Issue, IssueState};
use crate::domain::language::Language;

/// An issue that ended longer ago is history: nobody who names an operator today wants a mail about each.
const HISTORY: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How many are told of at a time; the rest follows a minute later.
const AT_ONCE: usize = 50;

impl Digests {
    /// Tells the operator of the issues that have come to an end, each once. Returns of how many.
    ///
    /// # Errors
    /// [`DigestError::Store`] or [`DigestError::Render`]; what was not told is told at the next call.
    pub async fn tell_operator(&self) -> Result<usize, DigestError> {
        if self.operator.addresses.is_empty() {
            return Ok(0);
        }
        let since = self.clock.now() - HISTORY;
        let mut told = 0;
        let mut skipped = Vec::new();
        for id in self.store.unreported_issues(since, AT_ONCE).await? {
            let issue = self.store.issue(id).await?;
            match issue.state {
                IssueState::Skipped(_) => skipped.push(issue),
                _ => told += usize::from(self.report(&issue).await?),
            }
        }
        if !skipped.is_empty() && self.tell_of_skipped(&skipped).await? {
            told += skipped.len();
        }
        Ok(told)
    }

    async fn tell_of_skipped(&self, skipped: &[Issue]) -> Result<bool, DigestError> {
        let heading = match (self.operator.language, skipped.len()) {
            (Language::En, 1) => "An issue was skipped".to_owned(),
            (Language::En, n) => format!("{n} issues were skipped"),
            (Language::Ja, 1) => "見送りとなった号があります".to_owned(),
            (Language::Ja, n) => format!("見送りとなった号が{n}件あります"),
        };
        let line = |issue: &Issue| match &issue.state {
            IssueState::Skipped(reason) => format!("{} {}: {reason}", issue.edition, issue.slot),
            state => format!("{} {}: {state}", issue.edition, issue.slot),
        };
        let lines: Vec<String> = skipped.iter().map(line).collect();
        let mail = self.notice_mail(&heading, &lines)?;
        let ids: Vec<_> = skipped.iter().map(|issue| issue.id).collect();
        Ok(self.store.report_issues(&ids, &mail, self.clock.now()).await?)
    }
}
