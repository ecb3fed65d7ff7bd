//! The parts of an edition its readers take, and how many take each.

use super::row::language;
use super::sql::{read, statements};
use super::{Store, StoreError};
use crate::domain::ids::IssueId;
use crate::domain::language::Language;

/// A part of an edition that somebody takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The language their mails are in.
    pub language: Language,
    /// The key of their choice.
    pub key: String,
    /// How many confirmed readers take just that.
    pub readers: i64,
}

statements! {
    OF_EDITION = { "SELECT s.language, t.variant, COUNT(*) AS n FROM subscriptions t
        JOIN subscribers s ON s.id = t.subscriber_id
        WHERE t.edition = $1 AND t.variant <> '' AND s.state = 'confirmed'
        GROUP BY s.language, t.variant ORDER BY COUNT(*) DESC, s.language, t.variant" }
    /// As good as always the first row says yes, and no other is read.
    TAKES_ALL = { "SELECT COUNT(*) FROM (SELECT 1 FROM subscriptions t JOIN subscribers s ON s.id = t.subscriber_id
        WHERE t.edition = $1 AND t.variant = '' AND s.state = 'confirmed' LIMIT 1) AS one" }
    UNSERVED = { "SELECT variant FROM issue_unserved WHERE issue_id = $1 ORDER BY variant" }
    INSERT_UNSERVED = { "INSERT INTO issue_unserved (issue_id, variant) VALUES ($1, $2)" }
}

impl Store {
    /// Returns the parts of an edition its confirmed readers take, other than all of it; what most take comes first.
    pub async fn variants_of(&self, edition: &str) -> Result<Vec<Variant>, StoreError> {
        let rows: Vec<(String, String, i64)> =
            read!(self, |db, sql| sqlx::query_as(sql(OF_EDITION)).bind(edition).fetch_all(&mut *db).await?);
        rows.into_iter()
            .map(|(tag, key, readers)| {
                Ok(Variant { language: language("subscribers", "language", &tag)?, key, readers })
            })
            .collect()
    }

    /// Returns whether any confirmed reader takes all of an edition.
    pub async fn somebody_takes_all(&self, edition: &str) -> Result<bool, StoreError> {
        let n: i64 =
            read!(self, |db, sql| sqlx::query_scalar(sql(TAKES_ALL)).bind(edition).fetch_one(&mut *db).await?);
        Ok(n > 0)
    }

    /// Returns the choices of which a sealed issue had nothing.
    pub async fn unserved_by(&self, issue: IssueId) -> Result<Vec<String>, StoreError> {
        Ok(read!(self, |db, sql| sqlx::query_scalar(sql(UNSERVED)).bind(issue.0).fetch_all(&mut *db).await?))
    }
}
