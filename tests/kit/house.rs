//! A ledger with a list and a released issue in it, and a relay to send it to.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use kawaraban::clock::{Clock, SystemClock, random_bytes};
use kawaraban::config::RelayConfig;
use kawaraban::delivery::{Delivery, Policy};
use kawaraban::domain::choice::Choice;
use kawaraban::domain::consent::{ConsentEvent, ConsentKind, Visit};
use kawaraban::domain::delivery::{DeliveryState, OnUnknown};
use kawaraban::domain::ids::IssueId;
use kawaraban::domain::issue::{Letter, LetterHead, ListHead};
use kawaraban::domain::language::Language;
use kawaraban::domain::links::Links;
use kawaraban::domain::subscriber::SubscriberState;
use kawaraban::domain::token::Signer;
use kawaraban::mail::{Deadlines, Relay};
use kawaraban::store::{DeliveryCounts, DeliveryFilter, DeliveryRecord, Enrolment, NewIssue, SealedIssue, Store};
use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use super::sender::Sender;
use super::server::FaultServer;

pub(crate) const SECRET: &str = "0123456789012345678901234567890123456789";
const SPLICE: &str = "kwb0123456789abcdef0123456789abcdef";
/// About the size of a digest of ten items.
const BODY_BYTES: usize = 10_000;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// Returns the engines this machine has.
    pub(crate) fn all() -> Vec<Self> {
        if Self::postgres_is_there() { vec![Self::Sqlite, Self::Postgres] } else { vec![Self::Sqlite] }
    }

    pub(crate) fn postgres_is_there() -> bool {
        let there = std::env::var_os("TEST_POSTGRES_URL").is_some();
        assert!(
            there || std::env::var_os("CI_REQUIRE_ALL").is_none(),
            "TEST_POSTGRES_URL is not set: run the tests with `make test`, which starts a PostgreSQL"
        );
        there
    }
}

/// A database of its own, gone when dropped.
pub(crate) struct Database {
    pub(crate) engine: Engine,
    pub(crate) url: String,
    name: String,
}

impl Database {
    pub(crate) async fn new(engine: Engine, folder: &std::path::Path) -> Self {
        static DATABASES: AtomicU32 = AtomicU32::new(0);
        let name = format!("kawaraban_faults_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
        let url = match engine {
            Engine::Sqlite => format!("sqlite://{}/ledger.db", folder.display()),
            Engine::Postgres => {
                admin(format!("CREATE DATABASE {name}")).await;
                let mut url: url::Url = server().parse().unwrap();
                url.set_path(&name);
                url.into()
            }
        };
        Self { engine, url, name }
    }

    /// Runs a statement of ours beside the program, on a connection of its own.
    pub(crate) async fn execute(&self, statement: &str) {
        let statement = AssertSqlSafe(statement.to_owned());
        match self.engine {
            Engine::Sqlite => {
                let mut db = SqliteConnection::connect(&self.url).await.unwrap();
                sqlx::query(statement).execute(&mut db).await.unwrap();
                db.close().await.unwrap();
            }
            Engine::Postgres => {
                let mut db = PgConnection::connect(&self.url).await.unwrap();
                sqlx::query(statement).execute(&mut db).await.unwrap();
                db.close().await.unwrap();
            }
        }
    }

    /// Returns the rows of a question of ours: a text, and one that may be missing.
    pub(crate) async fn pairs(&self, question: &str) -> Vec<(String, Option<String>)> {
        let question = AssertSqlSafe(question.to_owned());
        match self.engine {
            Engine::Sqlite => {
                let mut db = SqliteConnection::connect(&self.url).await.unwrap();
                let rows = sqlx::query_as(question).fetch_all(&mut db).await.unwrap();
                db.close().await.unwrap();
                rows
            }
            Engine::Postgres => {
                let mut db = PgConnection::connect(&self.url).await.unwrap();
                let rows = sqlx::query_as(question).fetch_all(&mut db).await.unwrap();
                db.close().await.unwrap();
                rows
            }
        }
    }

    /// Returns what the engine says about the soundness of its file: `ok`. PostgreSQL is asked nothing.
    pub(crate) async fn integrity(&self) -> String {
        if self.engine == Engine::Postgres {
            return "ok".to_owned();
        }
        let mut db = SqliteConnection::connect(&self.url).await.unwrap();
        let said = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut db).await.unwrap();
        db.close().await.unwrap();
        said
    }

    /// Puts the lease of every node into the past, as if a minute had gone by: for a test that knows them dead.
    pub(crate) async fn expire_leases(&self) {
        self.execute("UPDATE nodes SET lease_until_ms = 0").await;
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.engine == Engine::Postgres {
            // The runtime this is dropped in cannot wait; another one, on a thread of its own, can.
            let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
            let dropping = std::thread::spawn(move || {
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(admin(statement));
            });
            let _ = dropping.join();
        }
    }
}

fn server() -> String {
    std::env::var("TEST_POSTGRES_URL").unwrap()
}

/// The statements name databases of ours, made of letters and digits.
async fn admin(statement: String) {
    let mut admin = PgConnection::connect(&server()).await.unwrap();
    sqlx::query(AssertSqlSafe(statement)).execute(&mut admin).await.unwrap();
}

/// How a house is furnished.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) engine: Engine,
    pub(crate) recipients: usize,
    pub(crate) connections: usize,
    pub(crate) on_unknown: OnUnknown,
    /// When the issue is released.
    pub(crate) now: Timestamp,
    /// How large the HTML part is.
    pub(crate) body_bytes: usize,
}

impl Plan {
    pub(crate) fn new(engine: Engine, recipients: usize) -> Self {
        Self {
            engine,
            recipients,
            connections: 4,
            on_unknown: OnUnknown::Resend,
            now: SystemClock.now(),
            body_bytes: BODY_BYTES,
        }
    }
}

/// A ledger, a relay and the folder of an operator.
pub(crate) struct House {
    pub(crate) plan: Plan,
    pub(crate) database: Database,
    pub(crate) relay: FaultServer,
    pub(crate) issue: IssueId,
    pub(crate) store: Store,
    folder: tempfile::TempDir,
}

impl House {
    /// Builds a house: its readers are confirmed, and their issue is released.
    pub(crate) async fn new(plan: Plan, relay: FaultServer) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::within(plan, relay, folder, None).await
    }

    /// Builds a house whose database is in a place of the caller's choice.
    pub(crate) async fn within(
        plan: Plan,
        relay: FaultServer,
        folder: tempfile::TempDir,
        database: Option<PathBuf>,
    ) -> Self {
        let place = database.unwrap_or_else(|| folder.path().to_owned());
        let database = Database::new(plan.engine, &place).await;
        let store = Store::open(&SecretString::from(database.url.as_str())).await.unwrap();
        store.migrate().await.unwrap();
        let numbers: Vec<usize> = (0..plan.recipients).collect();
        for batch in numbers.chunks(1000) {
            let batch: Vec<_> = batch.iter().map(|n| enrolment(&address(*n), plan.now)).collect();
            store.enrol(&batch, None).await.unwrap();
        }
        let issue = release(&store, &plan).await;
        let house = Self { plan, database, relay, issue, store, folder };
        house.configure(&format!("port = {}\ntls = \"none\"\n", house.relay.port));
        house
    }

    /// Closes the ledger in this process and opens it again later: a killed sender's log of a SQLite file is then
    /// recovered as after any crash, and not by connections that were there before.
    pub(crate) async fn leave_alone(&mut self) -> Absent<'_> {
        self.store.close().await;
        Absent(self)
    }

    /// Writes the configuration; `relay` is what it says about the relay beside its name and host.
    pub(crate) fn configure(&self, relay: &str) {
        let on_unknown = match self.plan.on_unknown {
            OnUnknown::Resend => "resend",
            OnUnknown::Park => "park",
        };
        let text = format!(
            "base_url = \"https://news.example.jp\"\nsecret = \"{SECRET}\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
             [database]\nurl = \"{}\"\n\
             [sender]\nname = \"Japan Weekly\"\nemail = \"news@example.jp\"\n\
             postal_address = \"1-2-3 Nihonbashi, Chuo-ku, Tokyo\"\ncontact = \"https://news.example.jp/contact\"\n\
             [delivery]\non_unknown = \"{on_unknown}\"\nunknown_delay = \"1s\"\n\
             [log]\nfilter = \"info\"\nformat = \"json\"\n\
             [[relays]]\nname = \"main\"\nhost = \"127.0.0.1\"\nconnections = {}\n{relay}",
            self.database.url, self.plan.connections,
        );
        std::fs::write(self.path("kawaraban.toml"), text).unwrap();
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the program as a node that only delivers, with these crash points armed.
    pub(crate) fn sender(&self, failpoints: &str) -> Sender {
        Sender::start(&["serve", "--only", "delivery"], self.folder.path(), failpoints)
    }

    /// Returns the service of this house in the test's own process, for tests that move the clock or shorten deadlines.
    pub(crate) fn delivery(&self, clock: Arc<dyn Clock>, deadlines: Deadlines, relay: RelayConfig) -> Delivery {
        let policy = Policy {
            on_unknown: self.plan.on_unknown,
            unknown_delay: Duration::from_secs(900),
            give_up_after: Duration::from_secs(48 * 3600),
            rate_per_minute: 0,
        };
        let relay = RelayConfig { connections: self.plan.connections, ..relay };
        let relay = Relay { deadlines, ..Relay::new(relay, "news.example.jp") };
        Delivery::new(self.store.clone(), clock, links(), policy, vec![relay], None)
    }

    pub(crate) fn plain_relay(&self) -> RelayConfig {
        RelayConfig::plain("main", "127.0.0.1", self.relay.port)
    }

    /// Returns the whole ledger of the issue.
    pub(crate) async fn lines(&self) -> Vec<DeliveryRecord> {
        self.store.deliveries(&DeliveryFilter::default(), 10_000_000).await.unwrap()
    }

    /// Returns the lines in one state.
    pub(crate) async fn lines_in(&self, state: DeliveryState) -> Vec<DeliveryRecord> {
        let filter = DeliveryFilter { state: Some(state), ..DeliveryFilter::default() };
        self.store.deliveries(&filter, 10_000_000).await.unwrap()
    }

    pub(crate) async fn counts(&self) -> DeliveryCounts {
        self.store.delivery_counts(self.issue).await.unwrap()
    }

    /// Waits until nothing is left to do: no line is open, and none is unknown that will be sent again.
    pub(crate) async fn finished(&self, patience: Duration) {
        let waiting = async {
            loop {
                let counts = self.counts().await;
                let doubts = if self.plan.on_unknown == OnUnknown::Park { 0 } else { counts.unknown };
                if counts.open() + doubts == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        };
        if tokio::time::timeout(patience, waiting).await.is_err() {
            panic!("after {patience:?} it is not through: {:?}\n{}", self.counts().await, self.log());
        }
    }

    /// Returns the end of what the senders have said.
    pub(crate) fn log(&self) -> String {
        let log = std::fs::read_to_string(self.path("sender.log")).unwrap_or_default();
        log.lines().rev().take(30).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

/// A house in which the test has no connection to the database.
pub(crate) struct Absent<'a>(&'a mut House);

impl Absent<'_> {
    pub(crate) fn house(&self) -> &House {
        self.0
    }

    /// Opens the ledger again.
    pub(crate) async fn come_back(self) {
        self.0.store = Store::open(&SecretString::from(self.0.database.url.as_str())).await.unwrap();
    }
}

/// Returns the address of the n-th reader.
pub(crate) fn address(n: usize) -> String {
    format!("reader-{n:07}@example.jp")
}

/// Returns which reader an address belongs to.
pub(crate) fn reader(address: &str) -> usize {
    address["reader-".len()..].split('@').next().unwrap().parse().unwrap()
}

pub(crate) fn links() -> Links {
    Links::new(&"https://news.example.jp/".parse().unwrap(), Signer::new(&SECRET.into(), &[]))
}

pub(crate) fn enrolment(address: &str, now: Timestamp) -> Enrolment {
    Enrolment {
        existing: None,
        public_id: random_bytes(&SystemClock),
        address: address.to_owned(),
        address_key: address.to_owned(),
        address_hash: [0; 32],
        language: Language::En,
        editions: vec![("weekly".to_owned(), Choice::everything())],
        state: SubscriberState::Confirmed,
        pending_until: None,
        event: ConsentEvent::new(ConsentKind::Imported, now, &Visit::default()),
        confirmation: None,
    }
}

/// Seals an issue for everybody there is, and releases it.
async fn release(store: &Store, plan: &Plan) -> IssueId {
    let now = plan.now;
    let new = NewIssue {
        edition: "weekly".to_owned(),
        slot: now.to_string(),
        scheduled: now,
        skipped: None,
        items: Vec::new(),
    };
    let draft = store.create_issue(&new, now).await.unwrap().unwrap();
    let sealed = SealedIssue {
        id: draft.id,
        revision: draft.revision,
        items: Vec::new(),
        letters: vec![letter(plan)],
        unserved: Vec::new(),
        without_readers: true,
    };
    store.seal_issue(&sealed, now).await.unwrap();
    store.release_issue(draft.id, now).await.unwrap().unwrap();
    draft.id
}

fn letter(plan: &Plan) -> Letter {
    let links = links();
    let line = "The harbour market opens an hour earlier from Friday, says the town.\n";
    let leave = links.unsubscribe(SPLICE);
    Letter {
        language: Language::En,
        subject: "今週の瓦版".to_owned(),
        text: format!("{line}Leave: {leave}\n"),
        html: format!("<p>{}</p><p><a href=\"{leave}\">Leave</a></p>", line.repeat(plan.body_bytes / line.len())),
        splice_key: SPLICE.to_owned(),
        head: LetterHead {
            from_name: "瓦版社".to_owned(),
            from_email: "news@example.jp".to_owned(),
            reply_to: None,
            list: Some(ListHead {
                title: "Weekly".to_owned(),
                id: "weekly.news.example.jp".to_owned(),
                unsubscribe_url: links.unsubscribe(SPLICE),
                unsubscribe_mailto: None,
                archive_url: links.issues(),
            }),
        },
        date: plan.now,
        variant: String::new(),
    }
}
