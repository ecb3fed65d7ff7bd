//! The last issue, for whoever comes between two.

use super::words::count;
use super::{DigestError, Digests};
use crate::domain::edition::Edition;
use crate::domain::issue::IssueState;

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

    async fn welcome_to(&self, edition: &Edition) -> Result<i64, DigestError> {
        let now = self.clock.now();
        let newest = self.newest_issue(&edition.name, |issue| issue.sealed.is_some()).await?;
        let Some(issue) = newest.filter(|i| matches!(i.state, IssueState::Sending | IssueState::Finished)) else {
            return Ok(0);
        };
        if edition.schedule.next_after(issue.scheduled).is_some_and(|next| next.instant <= now) {
            return Ok(0);
        }
        let welcomed = self.store.welcome(&issue, now).await?;
        if welcomed > 0 {
            let new = count(welcomed, "new subscriber", "new subscribers");
            tracing::info!(issue.id = %issue.id, issue.number, "Welcomed {new} with the last issue");
        }
        Ok(welcomed)
    }
}
