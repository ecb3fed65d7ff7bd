//! A fresh, migrated store of each kind for every test, and the people and articles in it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::domain::article::{Article, NewArticle};
use crate::domain::choice::Choice;
use crate::domain::consent::{ConsentEvent, ConsentKind, Visit};
use crate::domain::delivery::{Claim, DeliveryState};
use crate::domain::edition::Edition;
use crate::domain::ids::{DeliveryId, FeedId, IssueId, LetterId, SubscriberId};
use crate::domain::issue::{Issue, Letter, LetterHead};
use crate::domain::language::Language;
use crate::domain::schedule::Schedule;
use crate::domain::subscriber::SubscriberState;
use crate::store::{
    Attempted, Enrolment, Entry, Hold, NewFeed, NewIssue, Offer, Pools, SealedIssue, Store, StoreError,
};

pub(super) const LEASE: Duration = Duration::from_secs(60);
pub(super) const NODE: &str = "node-1";

/// Runs a test on SQLite and on PostgreSQL, each time with a new database.
pub(crate) async fn on_each_engine(test: impl AsyncFn(Store)) {
    on_each_database(async |store, _| test(store).await).await;
}

/// Runs a test on SQLite and on PostgreSQL, and tells it where the database is, for more processes to open.
pub(crate) async fn on_each_database(test: impl AsyncFn(Store, SecretString)) {
    let folder = tempfile::tempdir().unwrap();
    let url: SecretString = format!("sqlite://{}/test.db", folder.path().display()).into();
    let store = Store::open(&url).await.unwrap();
    store.migrate().await.unwrap();
    test(store.clone(), url).await;
    store.close().await;

    let Some(server) = postgres_server() else { return };
    static DATABASES: AtomicU32 = AtomicU32::new(0);
    let name = format!("kawaraban_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect(&server).await.unwrap();
    // The name is made of digits and ours.
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await.unwrap();
    let mut url: url::Url = server.parse().unwrap();
    url.set_path(&name);
    let url: SecretString = url.as_str().into();
    let store = Store::open(&url).await.unwrap();
    store.migrate().await.unwrap();
    test(store.clone(), url).await;
    store.close().await;
    sqlx::query(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).execute(&mut admin).await.unwrap();
}

fn postgres_server() -> Option<String> {
    let server = std::env::var("TEST_POSTGRES_URL").ok();
    assert!(
        server.is_some() || std::env::var_os("CI").is_none(),
        "TEST_POSTGRES_URL is not set: run the tests with `make test`, which starts a PostgreSQL"
    );
    server
}

/// One line at a time, as a test tells its story.
impl Store {
    pub(crate) async fn offer(&self, node: &str, claim: &Claim, now: Timestamp) -> Result<bool, StoreError> {
        let hold = Hold::new(&node.into(), claim);
        let relay = "main".to_owned();
        Ok(self.write_down(&[], &[Offer { hold: hold.clone(), relay }], now).await?.offered(&hold))
    }

    pub(crate) async fn record(
        &self,
        node: &str,
        claim: &Claim,
        relay: &str,
        entry: &Entry,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let hold = Hold::new(&node.into(), claim);
        let attempted = Attempted { hold: hold.clone(), relay: relay.to_owned(), entry: entry.clone() };
        Ok(self.write_down(&[attempted], &[], now).await?.recorded(&hold))
    }

    pub(crate) async fn give_one_back(&self, node: &str, claim: &Claim, now: Timestamp) -> Result<(), StoreError> {
        self.give_back(&[Hold::new(&node.into(), claim)], now).await
    }
}

/// What the tests of other rooms look up, or bring about at once.
impl Store {
    /// Returns the letter a line of the ledger carries.
    pub(crate) async fn letter_of(&self, id: DeliveryId) -> Letter {
        let sql = "SELECT letter_id FROM deliveries WHERE id = $1";
        let letter: i64 = match self.pools() {
            Pools::Sqlite { readers, .. } => sqlx::query_scalar(sql).bind(id.0).fetch_one(readers).await,
            Pools::Postgres(pool) => sqlx::query_scalar(sql).bind(id.0).fetch_one(pool).await,
        }
        .unwrap();
        self.letter(LetterId(letter)).await.unwrap()
    }

    /// Brings every delivery of an issue to this end.
    pub(crate) async fn settle_all(&self, issue: IssueId, state: DeliveryState, reply: &str) {
        let sql = "UPDATE deliveries SET state = $2, reply_text = $3 WHERE issue_id = $1";
        match self.pools() {
            Pools::Sqlite { writer, .. } => {
                sqlx::query(sql).bind(issue.0).bind(state.as_str()).bind(reply).execute(writer).await.map(drop)
            }
            Pools::Postgres(pool) => {
                sqlx::query(sql).bind(issue.0).bind(state.as_str()).bind(reply).execute(pool).await.map(drop)
            }
        }
        .unwrap();
    }
}

/// Returns the moment `minutes` after the beginning of the tests' time.
pub(super) fn minute(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + 60 * minutes).unwrap()
}

pub(super) fn event(kind: ConsentKind, at: Timestamp) -> ConsentEvent {
    let visit = Visit { ip: Some("192.0.2.7".to_owned()), user_agent: Some("Test/1".to_owned()) };
    ConsentEvent::new(kind, at, &visit)
}

pub(super) fn letter(language: Language) -> Letter {
    Letter {
        language,
        subject: format!("Subject in {language}"),
        text: "Text".to_owned(),
        html: "<p>Text</p>".to_owned(),
        splice_key: "kwb-splice".to_owned(),
        head: LetterHead {
            from_name: "瓦版".to_owned(),
            from_email: "news@example.jp".to_owned(),
            reply_to: None,
            list: None,
        },
        date: minute(0),
        variant: String::new(),
    }
}

pub(super) fn enrolment(name: &str, state: SubscriberState) -> Enrolment {
    let mut public_id = [0; 16];
    for (slot, byte) in public_id.iter_mut().zip(name.bytes().cycle()) {
        *slot = byte;
    }
    public_id[15] = u8::try_from(name.len()).unwrap();
    let mut address_hash = [0; 32];
    address_hash[..16].copy_from_slice(&public_id);
    Enrolment {
        existing: None,
        public_id,
        address: format!("{name}@example.jp"),
        address_key: format!("{name}@example.jp"),
        address_hash,
        language: if name.starts_with("ja") { Language::Ja } else { Language::En },
        editions: vec![("weekly".to_owned(), Choice::everything())],
        state,
        pending_until: (state == SubscriberState::Pending).then(|| minute(7 * 24 * 60)),
        event: event(ConsentKind::SignedUp, minute(0)),
        confirmation: (state == SubscriberState::Pending).then(|| letter(Language::En)),
    }
}

/// Adds a subscriber and returns the row.
pub(crate) async fn enrolled(store: &Store, name: &str, state: SubscriberState) -> SubscriberId {
    let enrolment = enrolment(name, state);
    store.enrol(std::slice::from_ref(&enrolment), None).await.unwrap();
    store.subscriber_by_key(&enrolment.address_key).await.unwrap().unwrap().id
}

pub(super) async fn a_feed(store: &Store) -> FeedId {
    let feed = NewFeed {
        url: "https://example.jp/feed".to_owned(),
        section: "news".to_owned(),
        category_sections: std::iter::once(("jobs".to_owned(), "openings".to_owned())).collect(),
        items: Default::default(),
    };
    store.add_feed(&feed, minute(0)).await.unwrap()
}

pub(super) fn article(feed: Option<FeedId>, guid: &str, published: i64) -> NewArticle {
    NewArticle {
        feed_id: feed,
        guid: guid.to_owned(),
        source: Some("Source".to_owned()),
        title: format!("Title of {guid}"),
        url: format!("https://example.jp/{guid}"),
        summary: "Summary".to_owned(),
        section: "news".to_owned(),
        language: Some("ja".to_owned()),
        published: Some(minute(published)),
        closes: None,
        details: Default::default(),
    }
}

/// Returns an edition that prints whatever comes under these headings, on Fridays at eight.
pub(crate) fn an_edition(name: &str, sections: &[&str]) -> Edition {
    Edition {
        name: name.to_owned(),
        title: format!("Title of {name}"),
        schedule: Schedule::parse("0 8 * * Fri", "Asia/Tokyo").unwrap(),
        sections: sections.iter().map(|section| (*section).to_owned()).collect(),
        max_per_section: 100,
        late_limit: Duration::from_secs(24 * 3600),
        policy: Default::default(),
        review: Default::default(),
    }
}

/// Returns what waits under a heading of an edition, by date.
pub(crate) async fn what_waits(store: &Store, edition: &str, section: &str, now: Timestamp) -> Vec<Article> {
    let candidates = store.candidates_of(&an_edition(edition, &[section]), now).await.unwrap();
    let ids: Vec<_> = candidates.iter().map(|candidate| candidate.id).collect();
    let mut articles = store.articles_by_ids(&ids).await.unwrap();
    articles.sort_by_key(|article| (article.published, article.id));
    articles
}

/// Makes a draft of every article that waits for `weekly` in `news`.
pub(super) async fn a_draft(store: &Store, slot: &str) -> Option<Issue> {
    let candidates = what_waits(store, "weekly", "news", minute(10)).await;
    let items = candidates.iter().zip(0..).map(|(article, n)| (article.id, "news".to_owned(), n)).collect();
    let new =
        NewIssue { edition: "weekly".to_owned(), slot: slot.to_owned(), scheduled: minute(10), skipped: None, items };
    store.create_issue(&new, minute(10)).await.unwrap()
}

/// Seals a draft with the items it has, and returns the number of recipients.
pub(super) async fn seal(store: &Store, issue: &Issue) -> i64 {
    let sealed = SealedIssue {
        id: issue.id,
        revision: issue.revision,
        items: store.issue_items(issue.id).await.unwrap(),
        letters: Language::ALL.map(letter).into(),
        unserved: Vec::new(),
        without_readers: true,
    };
    store.seal_issue(&sealed, minute(11)).await.unwrap()
}

/// Sends an issue on its way to the confirmed subscribers there are, and returns it.
pub(super) async fn an_issue_on_its_way(store: &Store) -> IssueId {
    store.store_articles(&[article(None, "by-hand", 0)], minute(0)).await.unwrap();
    let issue = a_draft(store, "2026-11-27T08:00").await.unwrap();
    seal(store, &issue).await;
    store.release_issue(issue.id, minute(12)).await.unwrap().unwrap();
    issue.id
}

/// Adds `n` confirmed readers at a domain at once.
pub(crate) async fn crowd(store: &Store, domain: &str, n: i64) {
    let Pools::Sqlite { writer, .. } = store.pools() else { panic!("on SQLite only") };
    let people = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)
        INSERT INTO subscribers (public_id, address, address_key, language, state, created_ms)
        SELECT randomblob(16), 'reader-' || i || '@' || $1, 'reader-' || i || '@' || $1, 'en', 'confirmed', 0 FROM n";
    sqlx::query(people).bind(domain).bind(n).execute(writer).await.unwrap();
    let taken = "INSERT INTO subscriptions (subscriber_id, edition, since_ms)
        SELECT id, 'weekly', 0 FROM subscribers WHERE id NOT IN (SELECT subscriber_id FROM subscriptions)";
    sqlx::query(taken).execute(writer).await.unwrap();
}

/// Begins to count how often lines of the ledger are written anew.
pub(crate) async fn count_rewrites(store: &Store) {
    let Pools::Sqlite { writer, .. } = store.pools() else { panic!("on SQLite only") };
    for sql in [
        "CREATE TABLE rewrites (n BIGINT)",
        "INSERT INTO rewrites VALUES (0)",
        "CREATE TRIGGER rewriting AFTER UPDATE ON deliveries BEGIN UPDATE rewrites SET n = n + 1; END",
    ] {
        sqlx::query(sql).execute(writer).await.unwrap();
    }
}

/// Returns how often lines were written anew.
pub(crate) async fn rewrites(store: &Store) -> i64 {
    let Pools::Sqlite { writer, .. } = store.pools() else { panic!("on SQLite only") };
    sqlx::query_scalar("SELECT n FROM rewrites").fetch_one(writer).await.unwrap()
}

/// Makes every letter there is unreadable, as one is that another version wrote.
pub(crate) async fn spoil_letters(store: &Store) {
    let Pools::Sqlite { writer, .. } = store.pools() else { panic!("on SQLite only") };
    sqlx::query("UPDATE letters SET head = '{}'").execute(writer).await.unwrap();
}

/// Claims one delivery as `NODE`, which must have joined.
pub(super) async fn claim_one(store: &Store, now: Timestamp) -> Option<Claim> {
    store.claim(NODE, 1, now, LEASE).await.unwrap().expect("the node has its lease").pop()
}
