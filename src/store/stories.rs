//! Which articles are one story.
//!
//! Articles come in without `canonical_url`; whoever finds stories looks at those, compares them with what came before,
//! and writes it down in one transaction: it is done for an article or not, and a process that dies leaves the rest to
//! the next one. Of two nodes that store one story at the same time, whoever looks second sees both.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::row::{moment, word};
use super::sql::{in_tx, read, statements};
use super::{Store, StoreError};
use crate::domain::article::ArticleKind;
use crate::domain::ids::ArticleId;
use crate::domain::issue::AlsoAt;
use crate::domain::story::{Tellers, Telling, Words};

/// More names beside a story are a list, and nobody reads on.
const MOST_TELLERS: usize = 4;
/// Articles first seen longer ago are compared by their links only. What was published within the window of a new
/// article was first seen within two, unless the new one is as old itself.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(2 * 24 * 14);

/// SQL: no issue of the edition has an article that tells what `a` tells, whoever told it first. `CROSS JOIN` keeps the
/// order on SQLite: left to itself it goes through all that was ever printed, for each article.
macro_rules! story_unprinted {
    ($edition:literal) => {
        concat!(
            " AND NOT EXISTS (SELECT 1 FROM issue_items i
                WHERE i.edition = ",
            $edition,
            " AND i.article_id = COALESCE(a.story_id, a.id))
            AND NOT EXISTS (SELECT 1 FROM articles t CROSS JOIN issue_items i
                WHERE t.story_id = COALESCE(a.story_id, a.id) AND i.article_id = t.id AND i.edition = ",
            $edition,
            ")"
        )
    };
}
pub(super) use story_unprinted;

macro_rules! telling_columns {
    () => {
        "SELECT id, story_id, feed_id, guid, source, title, url, published_ms, kind, place, company FROM articles"
    };
}

statements! {
    /// One at a time: of two that compare the same articles, both might make themselves the first.
    ALONE = { PerEngine {
        sqlite: "SELECT 1",
        postgres: "SELECT 1 FROM (SELECT pg_advisory_xact_lock(7165231)) AS locked",
    } }
    UNTOLD = { concat!(telling_columns!(), " WHERE canonical_url IS NULL ORDER BY id") }
    RECENT = { concat!(telling_columns!(), " WHERE first_seen_ms >= $1 AND canonical_url IS NOT NULL ORDER BY id") }
    OF_PAGE = { concat!(telling_columns!(), " WHERE canonical_url = $1 AND canonical_url IS NOT NULL ORDER BY id LIMIT 20") }
    FOLDED = { "UPDATE articles SET canonical_url = $2, title_key = $3 WHERE id = $1" }
    PRINTED = { "SELECT COUNT(*) FROM issue_items WHERE article_id = $1" }
    /// Whoever tells it first, and everybody who told it after them.
    JOIN_STORY = { "UPDATE articles SET story_id = $2 WHERE (id = $1 OR story_id = $1) AND id <> $2" }
    TELLS_FIRST = { "UPDATE articles SET story_id = NULL WHERE id = $1" }
    /// Stories whose first teller has closed or was taken back, that no issue has, and that others still tell.
    LEFT_BEHIND = { "SELECT m.story_id, MIN(m.id) FROM articles m JOIN articles f ON f.id = m.story_id
        WHERE m.story_id IS NOT NULL AND (f.withdrawn_ms IS NOT NULL OR f.closes_ms <= $1)
            AND m.withdrawn_ms IS NULL AND (m.closes_ms IS NULL OR m.closes_ms > $1)
            AND NOT EXISTS (SELECT 1 FROM articles t JOIN issue_items i ON i.article_id = t.id
                WHERE t.id = m.story_id OR t.story_id = m.story_id)
        GROUP BY m.story_id" }
    TELLERS = { PerEngine {
        sqlite: "SELECT p.id, p.source, m.source, m.url FROM articles p
            JOIN articles m ON m.id <> p.id AND (m.story_id = COALESCE(p.story_id, p.id) OR m.id = p.story_id)
            WHERE p.id IN (SELECT value FROM json_each($1)) AND m.withdrawn_ms IS NULL
                AND (m.closes_ms IS NULL OR m.closes_ms > $2)
            ORDER BY p.id, m.published_ms, m.id",
        postgres: "SELECT p.id, p.source, m.source, m.url FROM articles p
            JOIN articles m ON m.id <> p.id AND (m.story_id = COALESCE(p.story_id, p.id) OR m.id = p.story_id)
            WHERE p.id IN (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS bigint)) AND m.withdrawn_ms IS NULL
                AND (m.closes_ms IS NULL OR m.closes_ms > $2)
            ORDER BY p.id, m.published_ms, m.id",
    } }
    OTHERS = { "SELECT m.id FROM articles p
        JOIN articles m ON m.id = COALESCE(p.story_id, p.id) OR m.story_id = COALESCE(p.story_id, p.id)
        WHERE p.id = $1 AND m.id <> p.id ORDER BY m.story_id IS NOT NULL, m.id" }
    FIRST_TELLERS = { PerEngine {
        sqlite: "SELECT id, story_id FROM articles
            WHERE story_id IS NOT NULL AND id IN (SELECT value FROM json_each($1))",
        postgres: "SELECT id, story_id FROM articles WHERE story_id IS NOT NULL
            AND id IN (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS bigint))",
    } }
}

#[derive(sqlx::FromRow)]
struct TellingRow {
    id: i64,
    story_id: Option<i64>,
    feed_id: Option<i64>,
    guid: String,
    source: Option<String>,
    title: String,
    url: String,
    published_ms: i64,
    kind: String,
    place: Option<String>,
    company: Option<String>,
}

impl TellingRow {
    fn telling(&self) -> Result<Telling, StoreError> {
        Ok(Telling::new(Words {
            feed: self.feed_id,
            guid: &self.guid,
            source: self.source.as_deref(),
            title: &self.title,
            url: &self.url,
            published: moment("articles", "published_ms", self.published_ms)?,
            kind: word("articles", "kind", &self.kind, ArticleKind::from_stored)?,
            place: self.place.as_deref(),
            company: self.company.as_deref(),
        }))
    }

    fn story(&self) -> i64 {
        self.story_id.unwrap_or(self.id)
    }
}

impl Store {
    /// Looks at the articles nobody has looked at yet, and notes which of them tell a story that was told before.
    /// Returns how many do. Then sees to the stories whose first teller has closed by `now` or was taken back: another
    /// one tells them, unless they are printed.
    pub async fn find_stories(&self, now: Timestamp) -> Result<usize, StoreError> {
        in_tx!(self, |db, sql| {
            let _: i32 = sqlx::query_scalar(sql(ALONE)).fetch_one(&mut *db).await?;
            let untold: Vec<TellingRow> = sqlx::query_as(sql(UNTOLD)).fetch_all(&mut *db).await?;
            let mut joined = 0;
            if !untold.is_empty() {
                let since = now.checked_sub(LOOK_BACK).unwrap_or(Timestamp::MIN).as_millisecond();
                let recent: Vec<TellingRow> = sqlx::query_as(sql(RECENT)).bind(since).fetch_all(&mut *db).await?;
                let mut tellers = Tellers::default();
                let mut stories = HashMap::new();
                for row in &recent {
                    tellers.add(row.id, row.telling()?);
                    stories.insert(row.id, row.story());
                }
                for row in &untold {
                    let telling = row.telling()?;
                    let page = telling.canonical_url.clone().unwrap_or_default();
                    let mut first = tellers.first_of(&telling);
                    if first.is_none() && !page.is_empty() {
                        let older: Vec<TellingRow> =
                            sqlx::query_as(sql(OF_PAGE)).bind(&page).fetch_all(&mut *db).await?;
                        for other in older.iter().filter(|other| other.id != row.id) {
                            if telling.same_story(&other.telling()?).is_some() {
                                stories.entry(other.id).or_insert_with(|| other.story());
                                first = Some(other.id);
                                break;
                            }
                        }
                    }
                    sqlx::query(sql(FOLDED))
                        .bind(row.id)
                        .bind(&page)
                        .bind(telling.headline.key())
                        .execute(&mut *db)
                        .await?;
                    let mine = stories.get(&row.id).copied().unwrap_or_else(|| row.story());
                    stories.insert(row.id, mine);
                    tellers.add(row.id, telling);
                    let theirs = first.and_then(|first| stories.get(&first).copied()).unwrap_or(mine);
                    // Who has joined a story stays with it: a corrected title is no news.
                    if theirs == mine || mine != row.id {
                        continue;
                    }
                    // Of two stories that turn out to be one, the printed one goes on: the other must not be printed.
                    let my_issues: i64 = sqlx::query_scalar(sql(PRINTED)).bind(mine).fetch_one(&mut *db).await?;
                    let their_issues: i64 = sqlx::query_scalar(sql(PRINTED)).bind(theirs).fetch_one(&mut *db).await?;
                    let (from, to) = match (my_issues > 0, their_issues > 0) {
                        (true, false) => (theirs, mine),
                        (false, true) => (mine, theirs),
                        _ => (mine.max(theirs), mine.min(theirs)),
                    };
                    sqlx::query(sql(JOIN_STORY)).bind(from).bind(to).execute(&mut *db).await?;
                    stories.values_mut().filter(|story| **story == from).for_each(|story| *story = to);
                    joined += 1;
                }
            }
            let left: Vec<(i64, i64)> =
                sqlx::query_as(sql(LEFT_BEHIND)).bind(now.as_millisecond()).fetch_all(&mut *db).await?;
            for (gone, next) in left {
                sqlx::query(sql(TELLS_FIRST)).bind(next).execute(&mut *db).await?;
                sqlx::query(sql(JOIN_STORY)).bind(gone).bind(next).execute(&mut *db).await?;
            }
            Ok(joined)
        })
    }

    /// Returns who else tells the stories of these articles, each source once, the earliest first; a few at most. What
    /// has closed by `now` or was taken back is left out.
    pub async fn tellers(
        &self,
        articles: &[ArticleId],
        now: Timestamp,
    ) -> Result<HashMap<ArticleId, Vec<AlsoAt>>, StoreError> {
        let list = serde_json::to_string(articles).expect("a list of numbers can be written as JSON");
        let rows: Vec<(i64, Option<String>, Option<String>, String)> = read!(self, |db, sql| {
            sqlx::query_as(sql(TELLERS)).bind(&list).bind(now.as_millisecond()).fetch_all(&mut *db).await?
        });
        let mut named: HashSet<(i64, String)> = HashSet::new();
        let mut tellers: HashMap<ArticleId, Vec<AlsoAt>> = HashMap::new();
        for (article, own, source, url) in rows {
            let Some(source) = source.or_else(|| host_of(&url)) else { continue };
            let others = tellers.entry(ArticleId(article)).or_default();
            if own.as_ref() != Some(&source) && others.len() < MOST_TELLERS && named.insert((article, source.clone())) {
                others.push(AlsoAt { source, url });
            }
        }
        tellers.retain(|_, others| !others.is_empty());
        Ok(tellers)
    }

    /// Returns the other articles that tell an article's story: who told it first, then the others as they came in.
    pub async fn others_of_story(&self, article: ArticleId) -> Result<Vec<ArticleId>, StoreError> {
        let ids: Vec<i64> =
            read!(self, |db, sql| sqlx::query_scalar(sql(OTHERS)).bind(article.0).fetch_all(&mut *db).await?);
        Ok(ids.into_iter().map(ArticleId).collect())
    }

    /// Returns, of these articles, which tell a story after another one, and after which.
    pub async fn first_tellers(&self, articles: &[ArticleId]) -> Result<BTreeMap<ArticleId, ArticleId>, StoreError> {
        let list = serde_json::to_string(articles).expect("a list of numbers can be written as JSON");
        let rows: Vec<(i64, i64)> =
            read!(self, |db, sql| sqlx::query_as(sql(FIRST_TELLERS)).bind(&list).fetch_all(&mut *db).await?);
        Ok(rows.into_iter().map(|(article, first)| (ArticleId(article), ArticleId(first))).collect())
    }
}

fn host_of(url: &str) -> Option<String> {
    let host = url::Url::parse(url).ok()?.host_str()?.to_owned();
    Some(host.strip_prefix("www.").map_or(host.clone(), str::to_owned))
}
