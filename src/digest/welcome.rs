//! The last issue, for whoever comes between two.

use super::words::count;
use super::{DigestError, Digests};
use crate::domain::edition::Edition;
use crate::domain::ids::SubscriberId;
use crate::domain::issue::{Issue, IssueState};
use crate::store::StoreError;

impl Digests {
    /// Sends the last issue of each edition that wants it to those who have confirmed since and never had one of it.
    /// Returns how many. Doing it again sends nothing again.
    ///
    /// It is only done until the edition's next slot: from then on the next issue is about to come, and two on one day
    /// would be no welcome. So nobody gets an issue that is older than the time between two.
    ///
    /// # Errors
    /// [`DigestError::Store`], which passes.
    pub async fn welcome(&self) -> Result<i64, DigestError> {
        let mut welcomed = 0;
        for edition in self.editions.iter().filter(|edition| edition.policy.welcome_issue) {
            welcomed += self.welcome_to(edition).await?;
        }
        Ok(welcomed)
    }

    /// Returns the issues that [`Self::welcome`] will send to a subscriber.
    ///
    /// # Errors
    /// [`StoreError`], which passes.
    pub async fn welcomes_of(&self, subscriber: SubscriberId) -> Result<Vec<Issue>, StoreError> {
        let mut welcomes = Vec::new();
        for edition in self.editions.iter().filter(|edition| edition.policy.welcome_issue) {
            if let Some(issue) = self.welcome_issue(edition).await?
                && self.store.is_welcome(&issue, subscriber).await?
            {
                welcomes.push(issue);
            }
        }
        Ok(welcomes)
    }

    /// Returns the issue of an edition that newcomers are sent, while there is one.
    async fn welcome_issue(&self, edition: &Edition) -> Result<Option<Issue>, StoreError> {
        let newest = self.newest_issue(&edition.name, |issue| issue.sealed.is_some()).await?;
        let gone_out = newest.filter(|issue| matches!(issue.state, IssueState::Sending | IssueState::Finished));
        let next_is_due = |issue: &Issue| {
            edition.schedule.next_after(issue.scheduled).is_some_and(|next| next.instant <= self.clock.now())
        };
        Ok(gone_out.filter(|issue| !next_is_due(issue)))
    }

    async fn welcome_to(&self, edition: &Edition) -> Result<i64, DigestError> {
        let Some(issue) = self.welcome_issue(edition).await? else { return Ok(0) };
        let welcomed = self.store.welcome(&issue, self.clock.now()).await?;
        if welcomed > 0 {
            let new = count(welcomed, "new subscriber", "new subscribers");
            tracing::info!(issue.id = %issue.id, issue.number, "Welcomed {new} with the last issue");
        }
        Ok(welcomed)
    }
}
