//! Sealing: items, letters and one line of the ledger for each reader, in one transaction.

use jiff::Timestamp;

use super::issues::DELETE_ITEMS;
use super::letters::insert_letter;
use super::sql::{in_tx, statements};
use super::variants::INSERT_UNSERVED;
use super::{Store, StoreError};
use crate::domain::delivery::DeliveryKind;
use crate::domain::ids::IssueId;
use crate::domain::issue::{AlsoAt, IssueItem, Letter};

/// What a draft is frozen into.
#[derive(Debug, Clone)]
pub struct SealedIssue {
    /// The draft.
    pub id: IssueId,
    /// The revision of the draft that was rendered.
    pub revision: i64,
    /// The items as printed. Those of the draft that are missing here go back to waiting.
    pub items: Vec<IssueItem>,
    /// One letter for each language, and for each part of the edition that somebody takes.
    pub letters: Vec<Letter>,
    /// The choices of which nothing is left: whoever has made one of them gets no mail.
    pub unserved: Vec<String>,
    /// Whether it is frozen though nobody gets it, for the web alone.
    pub without_readers: bool,
}

statements! {
    SEAL = { "UPDATE issues SET state = 'sealed', sealed_ms = $3, revision = revision + 1
        WHERE id = $1 AND revision = $2 AND state = 'draft' RETURNING edition" }
    PRINT_ITEM = { "INSERT INTO issue_items (issue_id, edition, article_id, section, position, title, url, summary,
            source, language, published_ms, closes_ms, kind, place, company, pay, image_url, image_alt, image_credit,
            pinned, lead, also_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)" }
    /// One line in the ledger for every confirmed subscriber of the edition, in one statement: what readers choose at the
    /// same moment is seen before or after it, and never in between. Whose choice has no letter, because it was made
    /// after the letters were written, gets all of the issue rather than nothing; unless it is known to have nothing.
    FAN_OUT = { "INSERT INTO deliveries
            (kind, letter_id, issue_id, subscriber_id, state, priority, due_ms, attempts, fence, created_ms)
        SELECT CAST($2 AS TEXT), l.id, l.issue_id, s.id, 'queued', CAST($3 AS BIGINT), CAST($4 AS BIGINT), 0, 0,
            CAST($4 AS BIGINT)
        FROM subscriptions t
        JOIN subscribers s ON s.id = t.subscriber_id
        JOIN letters l ON l.issue_id = $1 AND l.language = s.language AND l.variant = t.variant
        WHERE t.edition = $5 AND s.state = 'confirmed'
        UNION ALL
        SELECT CAST($2 AS TEXT), l.id, l.issue_id, s.id, 'queued', CAST($3 AS BIGINT), CAST($4 AS BIGINT), 0, 0,
            CAST($4 AS BIGINT)
        FROM subscriptions t
        JOIN subscribers s ON s.id = t.subscriber_id
        JOIN letters l ON l.issue_id = $1 AND l.language = s.language AND l.variant = ''
        WHERE t.edition = $5 AND t.variant <> '' AND s.state = 'confirmed'
            AND NOT EXISTS (SELECT 1 FROM letters o
                WHERE o.issue_id = $1 AND o.language = s.language AND o.variant = t.variant)
            AND NOT EXISTS (SELECT 1 FROM issue_unserved u WHERE u.issue_id = $1 AND u.variant = t.variant)" }
    /// The ledger is another one now. PostgreSQL would plan for the old one until it looks by itself, a minute or so later.
    LOOK_AGAIN = { PerEngine { sqlite: "SELECT 0", postgres: "ANALYZE deliveries" } }
    SET_RECIPIENTS = { "UPDATE issues SET recipients = $2 WHERE id = $1" }
}

/// Returns the other sources of a story as they are stored: none, if there are none.
fn also_at(others: &[AlsoAt]) -> Option<String> {
    (!others.is_empty()).then(|| serde_json::to_string(others).expect("structs of strings can be written as JSON"))
}

impl Store {
    /// Freezes a draft: items, texts and recipients, in one transaction. Returns how many people it is addressed to.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the draft has changed since it was read, or is a draft no longer; [`StoreError::Unread`],
    /// and nothing is written, if nobody gets it and it is not for the web alone.
    pub async fn seal_issue(&self, sealed: &SealedIssue, now: Timestamp) -> Result<i64, StoreError> {
        let at = now.as_millisecond();
        in_tx!(self, |db, sql| {
            let edition: Option<String> = sqlx::query_scalar(sql(SEAL))
                .bind(sealed.id.0)
                .bind(sealed.revision)
                .bind(at)
                .fetch_optional(&mut *db)
                .await?;
            let edition = edition.ok_or(StoreError::Stale)?;
            sqlx::query(sql(DELETE_ITEMS)).bind(sealed.id.0).execute(&mut *db).await?;
            for item in &sealed.items {
                sqlx::query(sql(PRINT_ITEM))
                    .bind(sealed.id.0)
                    .bind(&edition)
                    .bind(item.article_id.0)
                    .bind(&item.section)
                    .bind(item.position)
                    .bind(&item.title)
                    .bind(&item.url)
                    .bind(&item.summary)
                    .bind(&item.source)
                    .bind(&item.language)
                    .bind(item.published.as_millisecond())
                    .bind(item.closes.map(Timestamp::as_millisecond))
                    .bind(item.details.kind.as_str())
                    .bind(&item.details.place)
                    .bind(&item.details.company)
                    .bind(&item.details.pay)
                    .bind(item.details.image.as_ref().map(|image| &image.url))
                    .bind(item.details.image.as_ref().map(|image| &image.alt))
                    .bind(item.details.image.as_ref().and_then(|image| image.credit.as_ref()))
                    .bind(i64::from(item.pinned))
                    .bind(i64::from(item.lead))
                    .bind(also_at(&item.also_at))
                    .execute(&mut *db)
                    .await?;
            }
            for letter in &sealed.letters {
                insert_letter!(db, sql, Some(sealed.id.0), letter);
            }
            for variant in &sealed.unserved {
                sqlx::query(sql(INSERT_UNSERVED)).bind(sealed.id.0).bind(variant).execute(&mut *db).await?;
            }
            let recipients = sqlx::query(sql(FAN_OUT))
                .bind(sealed.id.0)
                .bind(DeliveryKind::Issue.as_str())
                .bind(DeliveryKind::Issue.priority())
                .bind(at)
                .bind(&edition)
                .execute(&mut *db)
                .await?
                .rows_affected();
            if recipients == 0 && !sealed.without_readers {
                return Err(StoreError::Unread);
            }
            let recipients = i64::try_from(recipients).unwrap_or(i64::MAX);
            sqlx::query(sql(SET_RECIPIENTS)).bind(sealed.id.0).bind(recipients).execute(&mut *db).await?;
            sqlx::query(sql(LOOK_AGAIN)).execute(&mut *db).await?;
            Ok(recipients)
        })
    }
}
