//! Articles that come through the API: pushed, changed, withdrawn, and looked at with all that is known of them.
//!
//! What is pushed has no feed and is known by the id its owner gave it: its guid is [`PREFIX`] and that id.

use jiff::Timestamp;

use super::articles::ids;
use super::row::{DetailsRow, bind_details, count, maybe_moment, moment, word};
use super::sql::{in_tx, read, statements};
use super::{Store, StoreError};
use crate::domain::article::{Article, ArticleKind, NewArticle};
use crate::domain::ids::{ArticleId, FeedId};
use crate::domain::pushed::{ExternalId, Origin, Pushed, PushedArticle};
use crate::domain::spoken::language_of;

/// What the guid of a pushed article begins with. Those of articles written by hand are hexadecimal digits.
const PREFIX: &str = "api:";

/// Which articles are asked for.
#[derive(Debug, Clone, Default)]
pub struct PushedFilter {
    /// Only those of this section.
    pub section: Option<String>,
    /// Only those of this kind.
    pub kind: Option<ArticleKind>,
    /// Only these.
    pub among: Option<Vec<ArticleId>>,
    /// Only rows before this one; the list runs from the newest row to the oldest.
    pub before: Option<ArticleId>,
}

macro_rules! pushed_columns {
    () => {
        "a.id, a.feed_id, a.guid, a.source, a.title, a.url, a.summary, a.section, a.language, a.published_ms, \
         a.first_seen_ms, a.closes_ms, a.updated_ms, a.withdrawn_ms, a.kind, a.place, a.company, a.pay, a.image_url, \
         a.image_alt, a.image_credit, \
         CAST(CASE WHEN EXISTS (SELECT 1 FROM issue_items i JOIN issues s ON s.id = i.issue_id \
            WHERE i.article_id = a.id AND s.state <> 'draft') THEN 1 ELSE 0 END AS BIGINT) AS printed"
    };
}

/// A page of what a filter lets through.
macro_rules! listed {
    ($list:literal) => {
        concat!(
            " FROM articles a WHERE a.id < $1 AND a.withdrawn_ms IS NULL AND ($2 = '' OR a.section = $2) \
             AND ($3 = '' OR a.kind = $3) AND ($4 OR a.id IN (",
            $list,
            ")) ORDER BY a.id DESC LIMIT $6"
        )
    };
}

statements! {
    /// Two batches with the same articles in another order would wait for each other in a circle; and in the order in which
    /// they were sent, articles of one date are printed. The number is ours and means nothing.
    ONE_AT_A_TIME = { PerEngine {
        sqlite: "SELECT 1",
        postgres: "SELECT CAST(pg_advisory_xact_lock(1634757985) AS TEXT)",
    } }
    INSERT = { "INSERT INTO articles (guid, source, title, url, summary, section, language, published_ms, first_seen_ms,
            closes_ms, kind, place, company, pay, image_url, image_alt, image_credit)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        ON CONFLICT DO NOTHING" }
    BY_GUID = { concat!("SELECT ", pushed_columns!(), " FROM articles a WHERE a.feed_id IS NULL AND a.guid = $1") }
    BY_ROW = { concat!("SELECT ", pushed_columns!(), " FROM articles a WHERE a.id = $1") }
    /// What somebody has rendered of the draft is no longer what would be printed. Whoever seals waits for this, and
    /// then finds another revision.
    TOUCH_DRAFTS = { "UPDATE issues SET revision = revision + 1 WHERE state = 'draft'
        AND id IN (SELECT issue_id FROM issue_items WHERE article_id = $1)" }
    /// After the draft, as whoever seals does it; and whoever compiles a draft with it waits, too.
    LOCK = { PerEngine {
        sqlite: "SELECT id FROM articles WHERE id = $1",
        postgres: "SELECT id FROM articles WHERE id = $1 FOR UPDATE",
    } }
    /// With other words or another link it may tell another story; whoever finds stories looks again.
    UPDATE = { "UPDATE articles SET source = $2, title = $3, url = $4, summary = $5, section = $6, language = $7,
            published_ms = COALESCE($8, published_ms), closes_ms = $9, kind = $10, place = $11, company = $12, pay = $13,
            image_url = $14, image_alt = $15, image_credit = $16, updated_ms = $17,
            canonical_url = CASE WHEN title = $3 AND url = $4 THEN canonical_url END,
            story_id = CASE WHEN title = $3 AND url = $4 THEN story_id END
        WHERE id = $1" }
    /// An item that an editor has not moved goes where its article goes.
    MOVE_ITEMS = { "UPDATE issue_items SET section = $3 WHERE article_id = $1 AND section = $2
        AND issue_id IN (SELECT id FROM issues WHERE state = 'draft')" }
    WITHDRAW = { "UPDATE articles SET withdrawn_ms = $2 WHERE id = $1 AND withdrawn_ms IS NULL" }
    LEAVE_DRAFTS = { "DELETE FROM issue_items WHERE article_id = $1
        AND issue_id IN (SELECT id FROM issues WHERE state = 'draft')" }
    LIST = { PerEngine {
        sqlite: concat!("SELECT ", pushed_columns!(), listed!("SELECT value FROM json_each($5)")),
        postgres: concat!("SELECT ", pushed_columns!(),
            listed!("SELECT CAST(jsonb_array_elements_text(CAST($5 AS jsonb)) AS bigint)")),
    } }
}

#[derive(sqlx::FromRow)]
struct PushedRow {
    id: i64,
    feed_id: Option<i64>,
    guid: String,
    source: Option<String>,
    title: String,
    url: String,
    summary: String,
    section: String,
    language: Option<String>,
    published_ms: i64,
    first_seen_ms: i64,
    closes_ms: Option<i64>,
    updated_ms: Option<i64>,
    withdrawn_ms: Option<i64>,
    printed: i64,
    #[sqlx(flatten)]
    details: DetailsRow,
}

impl TryFrom<PushedRow> for PushedArticle {
    type Error = StoreError;

    fn try_from(row: PushedRow) -> Result<Self, StoreError> {
        const TABLE: &str = "articles";
        let origin = match (row.feed_id, row.guid.strip_prefix(PREFIX)) {
            (Some(_), _) => Origin::Feed,
            (None, Some(id)) => Origin::Api(word(TABLE, "guid", id, |id| id.parse().ok())?),
            (None, None) => Origin::Hand,
        };
        Ok(Self {
            origin,
            updated: maybe_moment(TABLE, "updated_ms", row.updated_ms)?,
            withdrawn: maybe_moment(TABLE, "withdrawn_ms", row.withdrawn_ms)?,
            printed: row.printed != 0,
            article: Article {
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
            },
        })
    }
}

/// Returns the language an article is in, as far as it says or can be told.
fn language(article: &NewArticle) -> Option<String> {
    language_of(article.language.as_deref(), &article.title, &article.summary, None)
}

/// Returns whether storing `new` would leave `old` as it is. One that does not say when it was published keeps its date.
fn same(old: &Article, new: &NewArticle) -> bool {
    old.source == new.source
        && old.title == new.title
        && old.url == new.url
        && old.summary == new.summary
        && old.section == new.section
        && old.language == language(new)
        && new.published.is_none_or(|published| published.as_millisecond() == old.published.as_millisecond())
        && old.closes.map(Timestamp::as_millisecond) == new.closes.map(Timestamp::as_millisecond)
        && old.details == new.details
}

/// Returns the guid of the article its owner knows by this id.
fn guid(external_id: &ExternalId) -> String {
    format!("{PREFIX}{}", external_id.as_str())
}

/// Binds what an article says, in the order of both statements that write it.
macro_rules! bind_words {
    ($query:expr, $article:expr, $published:expr, |$then:ident| $first_seen:expr) => {{
        let $then = $query
            .bind(&$article.source)
            .bind(&$article.title)
            .bind(&$article.url)
            .bind(&$article.summary)
            .bind(&$article.section)
            .bind(language($article))
            .bind($published);
        let query = $first_seen.bind($article.closes.map(Timestamp::as_millisecond));
        bind_details!(query, $article.details)
    }};
}

/// Returns what becomes of `new`, if it is clear without writing it over `old`.
fn verdict(old: &PushedArticle, new: &NewArticle) -> Option<Pushed> {
    if old.withdrawn.is_some() {
        Some(Pushed::Withdrawn)
    } else if same(&old.article, new) {
        Some(Pushed::Unchanged)
    } else {
        old.printed.then_some(Pushed::Printed)
    }
}

/// Returns an article as it stands, and as it stays until the end of the transaction.
macro_rules! hold {
    ($db:ident, $sql:ident, $id:expr) => {{
        let id: i64 = $id;
        sqlx::query($sql(TOUCH_DRAFTS)).bind(id).execute(&mut *$db).await?;
        sqlx::query($sql(LOCK)).bind(id).execute(&mut *$db).await?;
        let row: Option<PushedRow> = sqlx::query_as($sql(BY_ROW)).bind(id).fetch_optional(&mut *$db).await?;
        row.map(PushedArticle::try_from).transpose()?
    }};
}

/// Writes `new` over an article that is held.
macro_rules! overwrite {
    ($db:ident, $sql:ident, $held:expr, $new:expr, $at:expr) => {{
        let (article, published) = (&$held.article, $new.published.map(Timestamp::as_millisecond));
        let query = sqlx::query($sql(UPDATE)).bind(article.id.0);
        bind_words!(query, $new, published, |query| query).bind($at).execute(&mut *$db).await?;
        if article.section != $new.section {
            let moved = sqlx::query($sql(MOVE_ITEMS)).bind(article.id.0).bind(&article.section).bind(&$new.section);
            moved.execute(&mut *$db).await?;
        }
    }};
}

impl Store {
    /// Stores articles under the ids their owner gave them, all or none, and returns what
    /// became of each. One that is printed or withdrawn stays as it is, and one that is over by now is not made anew.
    pub async fn push_articles(
        &self,
        articles: &[(ExternalId, NewArticle)],
        now: Timestamp,
    ) -> Result<Vec<Pushed>, StoreError> {
        let at = now.as_millisecond();
        in_tx!(self, |db, sql| {
            sqlx::query(sql(ONE_AT_A_TIME)).execute(&mut *db).await?;
            let mut results = Vec::with_capacity(articles.len());
            for (external_id, new) in articles {
                let guid = guid(external_id);
                let over = new.closes.is_some_and(|closes| closes <= now);
                let created = if over {
                    false
                } else {
                    let query = sqlx::query(sql(INSERT)).bind(&guid);
                    let published = new.published.unwrap_or(now).as_millisecond();
                    let created = bind_words!(query, new, published, |query| query.bind(at)).execute(&mut *db).await?;
                    created.rows_affected() == 1
                };
                let result = if created {
                    Pushed::Created
                } else {
                    let row: Option<PushedRow> =
                        sqlx::query_as(sql(BY_GUID)).bind(&guid).fetch_optional(&mut *db).await?;
                    let Some(row) = row else {
                        if over {
                            results.push(Pushed::Closed);
                            continue;
                        }
                        return Err(StoreError::Stale);
                    };
                    let old = PushedArticle::try_from(row)?;
                    match verdict(&old, new) {
                        Some(result) => result,
                        None => {
                            let held = hold!(db, sql, old.article.id.0).ok_or(StoreError::Stale)?;
                            // Looked at again, now that no seal can come in between.
                            match verdict(&held, new) {
                                Some(result) => result,
                                None => {
                                    overwrite!(db, sql, held, new, at);
                                    Pushed::Updated
                                }
                            }
                        }
                    }
                };
                results.push(result);
            }
            Ok(results)
        })
    }

    /// Writes `new` over an article that stands as `before`.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if it stands so no longer: changed, printed or withdrawn by somebody else.
    pub async fn change_article(
        &self,
        before: &PushedArticle,
        new: &NewArticle,
        now: Timestamp,
    ) -> Result<PushedArticle, StoreError> {
        let at = now.as_millisecond();
        if same(&before.article, new) {
            return Ok(before.clone());
        }
        in_tx!(self, |db, sql| {
            let id = before.article.id.0;
            let held = hold!(db, sql, id).filter(|held| held == before).ok_or(StoreError::Stale)?;
            overwrite!(db, sql, held, new, at);
            let row: PushedRow = sqlx::query_as(sql(BY_ROW)).bind(id).fetch_one(&mut *db).await?;
            PushedArticle::try_from(row)
        })
    }

    /// Withdraws an article: no issue takes it any more, and a draft that has it gives it up. What is printed stays
    /// printed. Doing it again changes nothing. Returns the article; `None` if there is none in this row.
    pub async fn withdraw_article(&self, id: ArticleId, now: Timestamp) -> Result<Option<PushedArticle>, StoreError> {
        in_tx!(self, |db, sql| {
            if hold!(db, sql, id.0).is_none() {
                return Ok(None);
            }
            sqlx::query(sql(WITHDRAW)).bind(id.0).bind(now.as_millisecond()).execute(&mut *db).await?;
            sqlx::query(sql(LEAVE_DRAFTS)).bind(id.0).execute(&mut *db).await?;
            let row: Option<PushedRow> = sqlx::query_as(sql(BY_ROW)).bind(id.0).fetch_optional(&mut *db).await?;
            row.map(PushedArticle::try_from).transpose()
        })
    }

    /// Returns the article that was pushed under this id, withdrawn or not.
    pub async fn pushed_article(&self, external_id: &ExternalId) -> Result<Option<PushedArticle>, StoreError> {
        let guid = guid(external_id);
        let row: Option<PushedRow> =
            read!(self, |db, sql| sqlx::query_as(sql(BY_GUID)).bind(guid).fetch_optional(&mut *db).await?);
        row.map(TryInto::try_into).transpose()
    }

    /// Returns up to `limit` articles that are not withdrawn, wherever they came from, newest row first.
    pub async fn pushed_articles(&self, filter: &PushedFilter, limit: usize) -> Result<Vec<PushedArticle>, StoreError> {
        let rows: Vec<PushedRow> = read!(self, |db, sql| {
            sqlx::query_as(sql(LIST))
                .bind(filter.before.map_or(i64::MAX, |id| id.0))
                .bind(filter.section.as_deref().unwrap_or_default())
                .bind(filter.kind.map_or("", ArticleKind::as_str))
                .bind(filter.among.is_none())
                .bind(ids(filter.among.as_deref().unwrap_or_default()))
                .bind(count(limit))
                .fetch_all(&mut *db)
                .await?
        });
        rows.into_iter().map(TryInto::try_into).collect()
    }
}
