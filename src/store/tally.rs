//! Where the deliveries of an issue stand, held against the number of people it was addressed to.

use super::row::word;
use super::sql::{read, statements};
use super::{DeliveryCounts, Store, StoreError};
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::IssueId;

statements! {
    /// One statement, and so one moment: counted one by one, a delivery on its way from one state to the next could be
    /// seen twice or not at all.
    TALLY = { "SELECT 'recipients' AS state, recipients AS n FROM issues WHERE id = $1
        UNION ALL SELECT state, COUNT(*) AS n FROM deliveries WHERE issue_id = $1 GROUP BY state" }
}

/// Where an issue stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct IssueTally {
    /// How many people it was addressed to when it was sealed.
    pub recipients: i64,
    /// How many of their mails stand where.
    #[serde(flatten)]
    pub counts: DeliveryCounts,
}

impl IssueTally {
    /// Returns whether every recipient's mail is in exactly one state. If not, the database was written to by hand.
    pub fn adds_up(&self) -> bool {
        self.recipients == self.counts.total()
    }
}

impl Store {
    /// Returns where an issue stands. Before it is sealed, and for a row that is not there, everything is 0.
    pub async fn issue_tally(&self, issue: IssueId) -> Result<IssueTally, StoreError> {
        let rows: Vec<(String, i64)> =
            read!(self, |db, sql| sqlx::query_as(sql(TALLY)).bind(issue.0).fetch_all(&mut *db).await?);
        let mut tally = IssueTally::default();
        for (state, n) in rows {
            match state.as_str() {
                "recipients" => tally.recipients = n,
                state => *tally.counts.of(word("deliveries", "state", state, DeliveryState::from_stored)?) += n,
            }
        }
        Ok(tally)
    }

    /// Returns where the deliveries of an issue stand.
    pub async fn delivery_counts(&self, issue: IssueId) -> Result<DeliveryCounts, StoreError> {
        Ok(self.issue_tally(issue).await?.counts)
    }
}
