//! Everybody, as an issue sees them: who would get it, who would not, and what decides it.

use super::row::{count, language, word};
use super::sql::{read, statements};
use super::{Store, StoreError};
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{IssueId, SubscriberId};
use crate::domain::language::Language;
use crate::domain::subscriber::SubscriberState;

/// How somebody stands to an edition and one issue of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What they are to us.
    pub state: SubscriberState,
    /// The language of their mails.
    pub language: Language,
    /// The key of what they take of the edition; `None` if they do not take it.
    pub choice: Option<String>,
    /// Where their mail of the issue stands, if there is one.
    pub delivery: Option<DeliveryState>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The row.
    pub id: SubscriberId,
    /// The address.
    pub address: String,
    /// How they stand.
    pub standing: Standing,
}

statements! {
    COUNTS = { "SELECT s.state, s.suppress_reason, s.language, t.variant, d.state AS delivery, COUNT(*) AS n
        FROM subscribers s
        LEFT JOIN subscriptions t ON t.subscriber_id = s.id AND t.edition = $1
        LEFT JOIN deliveries d ON d.subscriber_id = s.id AND d.issue_id = $2
        GROUP BY s.state, s.suppress_reason, s.language, t.variant, d.state
        ORDER BY s.state, s.suppress_reason, s.language, t.variant, d.state" }
    PAGE = { "SELECT s.id, s.address, s.state, s.suppress_reason, s.language, t.variant, d.state AS delivery
        FROM subscribers s
        LEFT JOIN subscriptions t ON t.subscriber_id = s.id AND t.edition = $1
        LEFT JOIN deliveries d ON d.subscriber_id = s.id AND d.issue_id = $2
        WHERE s.id > $3 ORDER BY s.id LIMIT $4" }
}

#[derive(sqlx::FromRow)]
struct StandingRow {
    state: String,
    suppress_reason: Option<String>,
    language: String,
    variant: Option<String>,
    delivery: Option<String>,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    #[sqlx(flatten)]
    standing: StandingRow,
    n: i64,
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    id: i64,
    address: String,
    #[sqlx(flatten)]
    standing: StandingRow,
}

impl TryFrom<StandingRow> for Standing {
    type Error = StoreError;

    fn try_from(row: StandingRow) -> Result<Self, StoreError> {
        let reason = row.suppress_reason.as_deref();
        Ok(Self {
            state: word("subscribers", "state", &row.state, |state| SubscriberState::from_stored(state, reason))?,
            language: language("subscribers", "language", &row.language)?,
            choice: row.variant,
            delivery: row
                .delivery
                .map(|state| word("deliveries", "state", &state, DeliveryState::from_stored))
                .transpose()?,
        })
    }
}

impl Store {
    /// Returns how many subscribers stand how to an edition, and to an issue of it, if there is one.
    pub async fn standings(&self, edition: &str, issue: Option<IssueId>) -> Result<Vec<(Standing, i64)>, StoreError> {
        let rows: Vec<CountRow> = read!(self, |db, sql| sqlx::query_as(sql(COUNTS))
            .bind(edition)
            .bind(issue.map_or(0, |id| id.0))
            .fetch_all(&mut *db)
            .await?);
        rows.into_iter().map(|row| Ok((row.standing.try_into()?, row.n))).collect()
    }

    /// Returns up to `limit` subscribers after the row `after`, and how each stands to an edition and an issue.
    pub async fn people_after(
        &self,
        edition: &str,
        issue: Option<IssueId>,
        after: SubscriberId,
        limit: usize,
    ) -> Result<Vec<Person>, StoreError> {
        let rows: Vec<PersonRow> = read!(self, |db, sql| sqlx::query_as(sql(PAGE))
            .bind(edition)
            .bind(issue.map_or(0, |id| id.0))
            .bind(after.0)
            .bind(count(limit))
            .fetch_all(&mut *db)
            .await?);
        rows.into_iter()
            .map(|row| {
                Ok(Person { id: SubscriberId(row.id), address: row.address, standing: row.standing.try_into()? })
            })
            .collect()
    }
}
