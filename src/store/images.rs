//! Pictures, as we serve them, and those that could not be had.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::row::{moment, word};
use super::sql::{in_tx, read, statements, write};
use super::{Store, StoreError};

const TABLE: &str = "images";

/// Which rendition of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ImageSize {
    /// For the whole width of a mail.
    Large,
    /// To stand beside a text.
    Small,
}

impl ImageSize {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Large => "large",
            Self::Small => "small",
        }
    }

    fn from_stored(word: &str) -> Option<Self> {
        [Self::Large, Self::Small].into_iter().find(|size| size.as_str() == word)
    }
}

/// A rendition about to be stored.
#[derive(Debug, Clone)]
pub struct NewImage {
    /// Which one.
    pub size: ImageSize,
    /// The name it is served under: the SHA-256 of its bytes, or the beginning of it, in hexadecimal digits.
    pub hash: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Its media type.
    pub content_type: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// What we know of the picture at some address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownImage {
    /// When it was fetched, well or not.
    pub fetched: Timestamp,
    /// Its renditions; none if it could not be had.
    pub renditions: Vec<ImageLine>,
}

/// One rendition, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageLine {
    /// Which one.
    pub size: ImageSize,
    /// The name it is served under.
    pub hash: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// A picture as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredImage {
    /// Its media type.
    pub content_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

statements! {
    KNOWN = { "SELECT size, hash, width, height, fetched_ms FROM images WHERE source_url = $1 ORDER BY size" }
    SHOWN = { PerEngine {
        sqlite: "SELECT source_url, size, hash, width, height FROM images
            WHERE hash IS NOT NULL AND source_url IN (SELECT value FROM json_each($1)) ORDER BY source_url, size",
        postgres: "SELECT source_url, size, hash, width, height FROM images
            WHERE hash IS NOT NULL AND source_url IN (SELECT jsonb_array_elements_text(CAST($1 AS jsonb)))
            ORDER BY source_url, size",
    } }
    CLEAR = { "DELETE FROM images WHERE source_url = $1" }
    ADD = { "INSERT INTO images (source_url, size, hash, width, height, content_type, bytes, fetched_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (source_url, size) DO UPDATE SET hash = excluded.hash, width = excluded.width,
            height = excluded.height, content_type = excluded.content_type, bytes = excluded.bytes,
            fetched_ms = excluded.fetched_ms, error = NULL" }
    FAILED = { "INSERT INTO images (source_url, size, fetched_ms, error) VALUES ($1, 'large', $2, $3)
        ON CONFLICT (source_url, size) DO UPDATE SET fetched_ms = excluded.fetched_ms, error = excluded.error
        WHERE images.hash IS NULL" }
    FILE = { "SELECT content_type, bytes FROM images WHERE hash = $1 LIMIT 1" }
    FORGET = { "DELETE FROM images WHERE fetched_ms < $1
        AND NOT EXISTS (SELECT 1 FROM issue_items WHERE issue_items.image_url = images.source_url)
        AND NOT EXISTS (SELECT 1 FROM issue_items JOIN articles ON articles.id = issue_items.article_id
            WHERE articles.image_url = images.source_url)" }
}

type KnownRow = (String, Option<String>, Option<i64>, Option<i64>, i64);
type ShownRow = (String, String, String, Option<i64>, Option<i64>);

impl Store {
    /// Returns what is known of the picture at `source_url`; `None` if it was never asked for.
    pub async fn image_of(&self, source_url: &str) -> Result<Option<KnownImage>, StoreError> {
        let rows: Vec<KnownRow> =
            read!(self, |db, sql| sqlx::query_as(sql(KNOWN)).bind(source_url).fetch_all(&mut *db).await?);
        let Some(fetched_ms) = rows.iter().map(|row| row.4).max() else { return Ok(None) };
        let mut renditions = Vec::new();
        for (size, hash, width, height, _) in rows {
            let Some(hash) = hash else { continue };
            renditions.push(ImageLine {
                size: word(TABLE, "size", &size, ImageSize::from_stored)?,
                hash,
                width: pixels("width", width)?,
                height: pixels("height", height)?,
            });
        }
        Ok(Some(KnownImage { fetched: moment(TABLE, "fetched_ms", fetched_ms)?, renditions }))
    }

    /// Returns the renditions of the pictures at `source_urls` that are here, in one statement; without an address, in
    /// none.
    pub async fn images_of(&self, source_urls: &[&str]) -> Result<BTreeMap<String, Vec<ImageLine>>, StoreError> {
        let mut images: BTreeMap<String, Vec<ImageLine>> = BTreeMap::new();
        if source_urls.is_empty() {
            return Ok(images);
        }
        let list = serde_json::to_string(source_urls).expect("a list of strings can be written as JSON");
        let rows: Vec<ShownRow> =
            read!(self, |db, sql| sqlx::query_as(sql(SHOWN)).bind(&list).fetch_all(&mut *db).await?);
        for (source_url, size, hash, width, height) in rows {
            images.entry(source_url).or_default().push(ImageLine {
                size: word(TABLE, "size", &size, ImageSize::from_stored)?,
                hash,
                width: pixels("width", width)?,
                height: pixels("height", height)?,
            });
        }
        Ok(images)
    }

    /// Keeps a picture in place of whatever there was of it.
    pub async fn keep_image(&self, source_url: &str, images: &[NewImage], now: Timestamp) -> Result<(), StoreError> {
        in_tx!(self, |db, sql| {
            sqlx::query(sql(CLEAR)).bind(source_url).execute(&mut *db).await?;
            for image in images {
                sqlx::query(sql(ADD))
                    .bind(source_url)
                    .bind(image.size.as_str())
                    .bind(&image.hash)
                    .bind(i64::from(image.width))
                    .bind(i64::from(image.height))
                    .bind(image.content_type)
                    .bind(&image.bytes)
                    .bind(now.as_millisecond())
                    .execute(&mut *db)
                    .await?;
            }
            Ok(())
        })
    }

    /// Takes down that a picture could not be had, and why. One that is there already stays.
    pub async fn image_failed(&self, source_url: &str, why: &str, now: Timestamp) -> Result<(), StoreError> {
        write!(self, |db, sql| {
            sqlx::query(sql(FAILED))
                .bind(source_url)
                .bind(now.as_millisecond())
                .bind(why)
                .execute(&mut *db)
                .await?
                .rows_affected()
        });
        Ok(())
    }

    /// Returns the picture named `hash`.
    pub async fn image_file(&self, hash: &str) -> Result<Option<StoredImage>, StoreError> {
        let row: Option<(String, Vec<u8>)> =
            read!(self, |db, sql| sqlx::query_as(sql(FILE)).bind(hash).fetch_optional(&mut *db).await?);
        Ok(row.map(|(content_type, bytes)| StoredImage { content_type, bytes }))
    }

    /// Removes pictures fetched `before` that no issue shows, and returns how many.
    pub async fn forget_images(&self, before: Timestamp) -> Result<u64, StoreError> {
        Ok(write!(self, |db, sql| {
            sqlx::query(sql(FORGET)).bind(before.as_millisecond()).execute(&mut *db).await?.rows_affected()
        }))
    }
}

fn pixels(column: &'static str, stored: Option<i64>) -> Result<u32, StoreError> {
    stored.and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0).ok_or_else(|| StoreError::Corrupt {
        table: TABLE,
        column,
        value: format!("{stored:?}"),
    })
}
