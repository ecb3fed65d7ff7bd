//! Turning columns into domain values, and saying which column was wrong.

use jiff::Timestamp;

use super::StoreError;
use crate::domain::article::{ArticleKind, Details, Image};
use crate::domain::language::Language;

/// Returns the moment stored as unix milliseconds.
pub(super) fn moment(table: &'static str, column: &'static str, ms: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(ms).map_err(|_| StoreError::Corrupt { table, column, value: ms.to_string() })
}

/// Returns the moment stored as unix milliseconds, where there is one.
pub(super) fn maybe_moment(
    table: &'static str,
    column: &'static str,
    ms: Option<i64>,
) -> Result<Option<Timestamp>, StoreError> {
    ms.map(|ms| moment(table, column, ms)).transpose()
}

/// Returns what a stored word means, or an error that names its column.
pub(super) fn word<T>(
    table: &'static str,
    column: &'static str,
    value: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, StoreError> {
    parse(value).ok_or_else(|| StoreError::Corrupt { table, column, value: value.to_owned() })
}

/// Returns the language stored as a tag.
pub(super) fn language(table: &'static str, column: &'static str, tag: &str) -> Result<Language, StoreError> {
    word(table, column, tag, |tag| tag.parse().ok())
}

/// Returns a stored public id.
pub(super) fn public_id(table: &'static str, bytes: Vec<u8>) -> Result<[u8; 16], StoreError> {
    bytes.try_into().map_err(|bytes: Vec<u8>| StoreError::Corrupt {
        table,
        column: "public_id",
        value: format!("{} bytes", bytes.len()),
    })
}

/// Returns a count as SQL takes it.
pub(super) fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The columns of [`Details`], which articles and printed items both have.
#[derive(sqlx::FromRow)]
pub(super) struct DetailsRow {
    kind: String,
    place: Option<String>,
    company: Option<String>,
    pay: Option<String>,
    image_url: Option<String>,
    image_alt: Option<String>,
    image_credit: Option<String>,
}

impl DetailsRow {
    /// Returns what the columns of `table` say.
    pub(super) fn into_details(self, table: &'static str) -> Result<Details, StoreError> {
        let (alt, credit) = (self.image_alt.unwrap_or_default(), self.image_credit);
        Ok(Details {
            kind: word(table, "kind", &self.kind, ArticleKind::from_stored)?,
            place: self.place,
            company: self.company,
            pay: self.pay,
            image: self.image_url.map(|url| Image { url, alt, credit }),
        })
    }
}

/// Binds an article's [`Details`], in the order of [`DetailsRow`]'s columns. A macro, because the query is of another type on
/// each engine.
macro_rules! bind_details {
    ($query:expr, $details:expr) => {{
        let image = $details.image.as_ref();
        $query
            .bind($details.kind.as_str())
            .bind(&$details.place)
            .bind(&$details.company)
            .bind(&$details.pay)
            .bind(image.map(|image| &image.url))
            .bind(image.map(|image| &image.alt))
            .bind(image.and_then(|image| image.credit.as_ref()))
    }};
}

pub(super) use bind_details;
