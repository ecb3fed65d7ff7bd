//! Letters: the frozen content that deliveries carry.

use super::row::{language, moment};
use super::sql::{read, statements};
use super::{Store, StoreError};
use crate::domain::ids::{IssueId, LetterId};
use crate::domain::issue::Letter;
use crate::domain::language::Language;

statements! {
    INSERT = { "INSERT INTO letters (issue_id, language, subject, text, html, splice_key, head, date_ms, variant)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id" }
    BY_ID = { "SELECT id, language, subject, text, html, splice_key, head, date_ms, variant FROM letters WHERE id = $1" }
    OF_ISSUE = { "SELECT id, language, subject, text, html, splice_key, head, date_ms, variant FROM letters
        WHERE issue_id = $1 AND language = $2 AND variant = $3" }
}

#[derive(sqlx::FromRow)]
struct LetterRow {
    id: i64,
    language: String,
    subject: String,
    text: String,
    html: String,
    splice_key: String,
    head: String,
    date_ms: i64,
    variant: String,
}

impl TryFrom<LetterRow> for (LetterId, Letter) {
    type Error = StoreError;

    fn try_from(row: LetterRow) -> Result<Self, StoreError> {
        const TABLE: &str = "letters";
        let letter = Letter {
            language: language(TABLE, "language", &row.language)?,
            subject: row.subject,
            text: row.text,
            html: row.html,
            splice_key: row.splice_key,
            head: serde_json::from_str(&row.head).map_err(|_| StoreError::Corrupt {
                table: TABLE,
                column: "head",
                value: row.head,
            })?,
            date: moment(TABLE, "date_ms", row.date_ms)?,
            variant: row.variant,
        };
        Ok((LetterId(row.id), letter))
    }
}

/// Stores a letter, of the issue in this row or of none, and returns its row.
macro_rules! insert_letter {
    ($db:ident, $sql:ident, $issue:expr, $letter:expr) => {{
        let head = serde_json::to_string(&$letter.head).expect("a struct of strings can be written as JSON");
        let id: i64 = sqlx::query_scalar($sql($crate::store::letters::INSERT))
            .bind::<Option<i64>>($issue)
            .bind($letter.language.tag())
            .bind(&$letter.subject)
            .bind(&$letter.text)
            .bind(&$letter.html)
            .bind(&$letter.splice_key)
            .bind(head)
            .bind($letter.date.as_millisecond())
            .bind(&$letter.variant)
            .fetch_one(&mut *$db)
            .await?;
        id
    }};
}
pub(super) use insert_letter;

impl Store {
    /// Returns a letter.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such letter.
    pub async fn letter(&self, id: LetterId) -> Result<Letter, StoreError> {
        let row: Option<LetterRow> =
            read!(self, |db, sql| sqlx::query_as(sql(BY_ID)).bind(id.0).fetch_optional(&mut *db).await?);
        let (_, letter) = row.ok_or(StoreError::NotFound("letter"))?.try_into()?;
        Ok(letter)
    }

    /// Returns the letter an issue was sealed with in this language for those who take this part of the edition (`""`:
    /// all of it), if it has one.
    pub async fn issue_letter(
        &self,
        issue: IssueId,
        language: Language,
        variant: &str,
    ) -> Result<Option<(LetterId, Letter)>, StoreError> {
        let row: Option<LetterRow> = read!(self, |db, sql| sqlx::query_as(sql(OF_ISSUE))
            .bind(issue.0)
            .bind(language.tag())
            .bind(variant)
            .fetch_optional(&mut *db)
            .await?);
        row.map(TryInto::try_into).transpose()
    }
}
