//! Articles, until an issue takes them.

use std::collections::HashMap;

use jiff::Timestamp;

use super::row::{DetailsRow, bind_details, count, maybe_moment, moment, word};
use super::sql::{in_tx, read, statements};
use super::{Store, StoreError};
use crate::domain::article::{Article, NewArticle};
use crate::domain::ids::{ArticleId, FeedId};
use crate::domain::issue::IssueState;
use crate::domain::spoken::{language_of, usual_language};

/// Which articles are asked for.
#[derive(Debug, Clone, Default)]
pub struct ArticleFilter {
    /// Only those of this section.
    pub section: Option<String>,
    /// Only these.
    pub among: Option<Vec<ArticleId>>,
    /// Only rows before this one; the list runs from the newest row to the oldest.
    pub before: Option<ArticleId>,
}

/// What became of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleFate {
    /// The article that told its story before it.
    pub told_first_by: Option<ArticleId>,
    /// When it was taken back.
    pub withdrawn: Option<Timestamp>,
    /// The issues it is in.
    pub printed: Vec<PrintedIn>,
}

/// An issue an article is in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PrintedIn {
    /// The edition.
    pub edition: String,
    /// The slot of the issue.
    pub slot: String,
    /// Its number.
    pub number: Option<i64>,
    /// How far it has come.
    #[serde(flatten)]
    pub state: IssueState,
}

type FateRow = (Option<i64>, Option<i64>);
type PrintedRow = (String, String, Option<i64>, String, Option<String>);

macro_rules! article_columns {
    () => {
        "id, feed_id, source, title, url, summary, section, language, published_ms, first_seen_ms, closes_ms, kind, place, \
         company, pay, image_url, image_alt, image_credit"
    };
}

/// What a filter lets through.
macro_rules! listed {
    ($list:literal) => {
        concat!(
            " FROM articles WHERE id < $1 AND withdrawn_ms IS NULL AND ($2 = '' OR section = $2) AND ($3 OR id IN (",
            $list,
            "))"
        )
    };
}

statements! {
    /// An article that is printed anywhere stays as it was printed; until then the feed may correct it. One without
    /// `canonical_url` is looked at anew, to say which story it tells.
    STORE = { "INSERT INTO articles
            (feed_id, guid, source, title, url, summary, section, language, published_ms, first_seen_ms, closes_ms,
            kind, place, company, pay, image_url, image_alt, image_credit)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $13, $14, $15, $16, $17, $18, $19)
        ON CONFLICT (feed_id, guid) DO UPDATE SET source = excluded.source, title = excluded.title, url = excluded.url,
            summary = excluded.summary, section = excluded.section, language = excluded.language,
            published_ms = CASE WHEN $12 THEN excluded.published_ms ELSE articles.published_ms END,
            closes_ms = excluded.closes_ms, kind = excluded.kind, place = excluded.place,
            company = excluded.company, pay = excluded.pay, image_url = excluded.image_url,
            image_alt = excluded.image_alt, image_credit = excluded.image_credit,
            canonical_url = CASE WHEN articles.title = excluded.title AND articles.url = excluded.url
                THEN articles.canonical_url END
        WHERE NOT EXISTS (SELECT 1 FROM issue_items i JOIN issues s ON s.id = i.issue_id
                          WHERE i.article_id = articles.id AND s.state <> 'draft')
        RETURNING first_seen_ms" }
    LIST = { PerEngine {
        sqlite: concat!("SELECT ", article_columns!(), listed!("SELECT value FROM json_each($4)"),
            " ORDER BY id DESC LIMIT $5"),
        postgres: concat!("SELECT ", article_columns!(),
            listed!("SELECT CAST(jsonb_array_elements_text(CAST($4 AS jsonb)) AS bigint)"), " ORDER BY id DESC LIMIT $5"),
    } }
    LISTED = { PerEngine {
        sqlite: concat!("SELECT COUNT(*)", listed!("SELECT value FROM json_each($4)")),
        postgres: concat!("SELECT COUNT(*)",
            listed!("SELECT CAST(jsonb_array_elements_text(CAST($4 AS jsonb)) AS bigint)")),
    } }
    BY_IDS = { PerEngine {
        sqlite: concat!("SELECT ", article_columns!(), " FROM articles WHERE id IN (SELECT value FROM json_each($1))"),
        postgres: concat!("SELECT ", article_columns!(), " FROM articles
            WHERE id IN (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS bigint))"),
    } }
    /// Which issues took the article, and which article told its story before it.
    PRINTED_IN = { "SELECT i.edition, s.slot, s.number, s.state, s.reason FROM issue_items i
        JOIN issues s ON s.id = i.issue_id WHERE i.article_id = $1 ORDER BY i.edition" }
    FATE = { "SELECT story_id, withdrawn_ms FROM articles WHERE id = $1" }
    BY_HAND = { "SELECT id FROM articles WHERE feed_id IS NULL AND guid = $1" }
    KNOWN = { "SELECT COUNT(*) FROM articles WHERE feed_id = $1 AND guid = $2" }
}

#[derive(sqlx::FromRow)]
struct ArticleRow {
    id: i64,
    feed_id: Option<i64>,
    source: Option<String>,
    title: String,
    url: String,
    summary: String,
    section: String,
    language: Option<String>,
    published_ms: i64,
    first_seen_ms: i64,
    closes_ms: Option<i64>,
    #[sqlx(flatten)]
    details: DetailsRow,
}

impl TryFrom<ArticleRow> for Article {
    type Error = StoreError;

    fn try_from(row: ArticleRow) -> Result<Self, StoreError> {
        const TABLE: &str = "articles";
        Ok(Self {
            id: ArticleId(row.id),
            feed_id: row.feed_id.map(FeedId),
            source: row.source,
            title: row.title,
            url: row.url,
            summary: row.summary,
            section: row.section,
            language: row.language,
            published: moment(TABLE, "published_ms", row.published_ms)?,
            first_seen: moment(TABLE, "first_seen_ms", row.first_seen_ms)?,
            closes: maybe_moment(TABLE, "closes_ms", row.closes_ms)?,
            details: row.details.into_details(TABLE)?,
        })
    }
}

/// Returns the language that each feed's articles are usually in.
fn usual_languages(articles: &[NewArticle]) -> HashMap<FeedId, Option<&'static str>> {
    let mut texts: HashMap<FeedId, Vec<(&str, &str)>> = HashMap::new();
    for article in articles {
        if let Some(feed) = article.feed_id {
            texts.entry(feed).or_default().push((&article.title, &article.summary));
        }
    }
    texts.into_iter().map(|(feed, texts)| (feed, usual_language(texts))).collect()
}

/// Returns ids as a statement takes them.
pub(super) fn ids(ids: &[ArticleId]) -> String {
    serde_json::to_string(ids).expect("a list of numbers can be written as JSON")
}

impl Store {
    /// Stores articles, all or none, and returns how many are new. One that is here already (same feed, same guid)
    /// takes the new text, unless an issue has been sealed with it. The language of one that does not say is detected,
    /// from the other articles of its feed as well. Which stories they tell is for [`Store::find_stories`] to say.
    pub async fn store_articles(&self, articles: &[NewArticle], now: Timestamp) -> Result<usize, StoreError> {
        let at = now.as_millisecond();
        let usual = usual_languages(articles);
        in_tx!(self, |db, sql| {
            let mut new = 0;
            for article in articles {
                let feed_id = article.feed_id.map(|id| id.0);
                let usual = article.feed_id.and_then(|feed| *usual.get(&feed)?);
                let language = language_of(article.language.as_deref(), &article.title, &article.summary, usual);
                let known: i64 =
                    sqlx::query_scalar(sql(KNOWN)).bind(feed_id).bind(&article.guid).fetch_one(&mut *db).await?;
                new += usize::from(known == 0);
                let query = sqlx::query(sql(STORE))
                    .bind(feed_id)
                    .bind(&article.guid)
                    .bind(&article.source)
                    .bind(&article.title)
                    .bind(&article.url)
                    .bind(&article.summary)
                    .bind(&article.section)
                    .bind(language)
                    .bind(article.published.unwrap_or(now).as_millisecond())
                    .bind(at)
                    .bind(article.closes.map(Timestamp::as_millisecond))
                    .bind(article.published.is_some());
                bind_details!(query, article.details).fetch_optional(&mut *db).await?;
            }
            Ok(new)
        })
    }

    /// Returns the row of an article that came from no feed, by its guid.
    pub async fn written_article(&self, guid: &str) -> Result<Option<ArticleId>, StoreError> {
        let id: Option<i64> =
            read!(self, |db, sql| sqlx::query_scalar(sql(BY_HAND)).bind(guid).fetch_optional(&mut *db).await?);
        Ok(id.map(ArticleId))
    }

    /// Returns up to `limit` articles, newest row first.
    pub async fn articles(&self, filter: &ArticleFilter, limit: usize) -> Result<Vec<Article>, StoreError> {
        let rows: Vec<ArticleRow> = read!(self, |db, sql| {
            sqlx::query_as(sql(LIST))
                .bind(filter.before.map_or(i64::MAX, |id| id.0))
                .bind(filter.section.as_deref().unwrap_or_default())
                .bind(filter.among.is_none())
                .bind(ids(filter.among.as_deref().unwrap_or_default()))
                .bind(count(limit))
                .fetch_all(&mut *db)
                .await?
        });
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns how many articles there are behind `filter`.
    pub async fn article_count(&self, filter: &ArticleFilter) -> Result<i64, StoreError> {
        Ok(read!(self, |db, sql| {
            sqlx::query_scalar(sql(LISTED))
                .bind(filter.before.map_or(i64::MAX, |id| id.0))
                .bind(filter.section.as_deref().unwrap_or_default())
                .bind(filter.among.is_none())
                .bind(ids(filter.among.as_deref().unwrap_or_default()))
                .fetch_one(&mut *db)
                .await?
        }))
    }

    /// Returns these articles, in no order; those that are not there are left out.
    pub async fn articles_by_ids(&self, ids: &[ArticleId]) -> Result<Vec<Article>, StoreError> {
        let list = self::ids(ids);
        let rows: Vec<ArticleRow> =
            read!(self, |db, sql| sqlx::query_as(sql(BY_IDS)).bind(&list).fetch_all(&mut *db).await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns what became of an article; `None` if there is no such row.
    pub async fn article_fate(&self, id: ArticleId) -> Result<Option<ArticleFate>, StoreError> {
        let (fate, printed): (Option<FateRow>, Vec<PrintedRow>) = read!(self, |db, sql| {
            let fate = sqlx::query_as(sql(FATE)).bind(id.0).fetch_optional(&mut *db).await?;
            (fate, sqlx::query_as(sql(PRINTED_IN)).bind(id.0).fetch_all(&mut *db).await?)
        });
        let Some((story, withdrawn)) = fate else { return Ok(None) };
        let printed = printed.into_iter().map(|(edition, slot, number, state, reason)| {
            let state = word("issues", "state", &state, |state| IssueState::from_stored(state, reason))?;
            Ok(PrintedIn { edition, slot, number, state })
        });
        Ok(Some(ArticleFate {
            told_first_by: story.map(ArticleId),
            withdrawn: maybe_moment("articles", "withdrawn_ms", withdrawn)?,
            printed: printed.collect::<Result<_, StoreError>>()?,
        }))
    }
}
