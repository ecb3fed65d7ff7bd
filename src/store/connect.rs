//! Opening the database, bringing its schema up to date, and having a SQLite file to oneself.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, PgConnection, SqliteConnection};

use super::row::moment;
use super::{Pools, Store, StoreError};

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a statement waits for another process that is writing to the same SQLite file.
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// In KiB, negative as SQLite wants it. A ledger of a million lines is written at several places at once.
const SQLITE_WRITER_CACHE: &str = "-24000";
/// How many pages the log may hold before they are carried over into the file, while senders wait: 16 MB of them.
const SQLITE_CHECKPOINT_PAGES: &str = "4000";
/// Enough for pages and commands on a small machine.
const SQLITE_READERS: u32 = 4;
/// A node's share of PostgreSQL's default hundred connections: ten nodes fit.
const POSTGRES_CONNECTIONS: u32 = 10;
/// After how much silence in a transaction the server rolls it back. Much shorter than a node's lease, so that a dead
/// node's locks are gone when its lease is; much longer than any pause between two of our statements.
const POSTGRES_IDLE_IN_TRANSACTION: &str = "15s";
/// A connection that rested no longer than this is taken as it is. To ask each time whether it is still there is one more
/// round trip for every statement of a sender, whose connections rest for some milliseconds. After a break only those
/// that worked at that moment fail.
const TRUSTED_FOR: Duration = Duration::from_millis(100);
/// How long the end of the process waits for PostgreSQL, which finds out by itself that we are gone.
const POSTGRES_FAREWELL: Duration = Duration::from_secs(3);
/// How long a caller waits for a free connection before it is told that the database is not available.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

/// Where the schema stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaState {
    /// A new, empty database.
    Empty,
    /// Older than this program: `migrate` brings it up to date.
    Behind,
    /// The one this program was built for.
    Current,
    /// Newer than this program.
    Ahead,
}

/// Proof that no other daemon works on this database file. Released when dropped, or when the process dies.
#[derive(Debug)]
pub struct ExclusiveUse {
    lock: Option<File>,
}

impl ExclusiveUse {
    /// Returns whether this process has the database to itself, as it has on SQLite. On PostgreSQL others may share it.
    pub fn is_alone(&self) -> bool {
        self.lock.is_some()
    }
}

impl Store {
    /// Opens the database at `url`, `sqlite://path` or `postgres://…`, and creates a SQLite file that is not there.
    /// The schema is left as it is: see [`Store::schema`] and [`Store::migrate`].
    ///
    /// # Errors
    /// [`StoreError::Url`] for a URL of another kind, [`StoreError::Unavailable`] if the database does not answer.
    pub async fn open(url: &SecretString) -> Result<Self, StoreError> {
        let url = url.expose_secret();
        if let Some(path) = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")) {
            return Self::open_sqlite(Path::new(path)).await;
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            // A node that is frozen in the middle of a transaction (stopped, or cut off without a word) would hold its
            // locks for as long as it is, and nobody could take over what it had in hand.
            let options = PgConnectOptions::from_str(url)?
                .options([("idle_in_transaction_session_timeout", POSTGRES_IDLE_IN_TRANSACTION)]);
            let pool = PgPoolOptions::new()
                .max_connections(POSTGRES_CONNECTIONS)
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .test_before_acquire(false)
                .before_acquire(|connection, pause| Box::pin(is_there(connection, pause.idle_for)))
                .connect_with(options)
                .await?;
            return Ok(Self { pools: Pools::Postgres(pool) });
        }
        Err(StoreError::Url("write sqlite://path/to/file.db or postgres://user@host/database".to_owned()))
    }

    async fn open_sqlite(path: &Path) -> Result<Self, StoreError> {
        if path.as_os_str().is_empty() || path == Path::new(":memory:") {
            return Err(StoreError::Url("SQLite needs a file: sqlite://path/to/file.db".to_owned()));
        }
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|error| StoreError::Url(format!("cannot create the folder {}: {error}", folder.display())))?;
        }
        let options = SqliteConnectOptions::from_str("sqlite://")?
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // The ledger promises that `offered` survives a power cut; NORMAL would let the last commits go.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(SQLITE_BUSY_TIMEOUT)
            .foreign_keys(true);
        let pool = |size| {
            SqlitePoolOptions::new()
                .max_connections(size)
                .acquire_timeout(ACQUIRE_TIMEOUT)
                // A file does not hang up.
                .test_before_acquire(false)
                .after_release(|connection, _| Box::pin(is_at_rest(connection)))
        };
        let writing = options
            .clone()
            .pragma("cache_size", SQLITE_WRITER_CACHE)
            .pragma("wal_autocheckpoint", SQLITE_CHECKPOINT_PAGES);
        let writer = pool(1).connect_with(writing).await?;
        let readers = pool(SQLITE_READERS).connect_with(options).await?;
        Ok(Self { pools: Pools::Sqlite { readers, writer, path: path.to_owned() } })
    }

    /// Brings the schema up to date. PostgreSQL takes an advisory lock for it; SQLite has none, so a lock file stands
    /// in.
    ///
    /// # Errors
    /// [`StoreError::Schema`] if the database was migrated by a newer version.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match &self.pools {
            Pools::Sqlite { writer, path, .. } => {
                let lock = migration_lock(path).await?;
                SQLITE_MIGRATIONS.run(writer).await?;
                drop(lock);
            }
            Pools::Postgres(pool) => POSTGRES_MIGRATIONS.run(pool).await?,
        }
        Ok(())
    }

    /// Waits until nobody is migrating a SQLite file: half-way through, its schema looks old. PostgreSQL is not waited for.
    ///
    /// # Errors
    /// [`StoreError::Lock`] if the lock file cannot be written.
    pub async fn wait_for_migration(&self) -> Result<(), StoreError> {
        match &self.pools {
            Pools::Sqlite { path, .. } => migration_lock(path).await.map(drop),
            Pools::Postgres(_) => Ok(()),
        }
    }

    /// Returns where the schema stands.
    pub async fn schema(&self) -> Result<SchemaState, StoreError> {
        const TABLE: &str = "_sqlx_migrations";
        const NEWEST: &str = "SELECT CAST(MAX(version) AS BIGINT) FROM _sqlx_migrations WHERE success";
        let (known, applied): (_, Option<i64>) = match &self.pools {
            Pools::Sqlite { readers, .. } => {
                let there: i64 =
                    sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1")
                        .bind(TABLE)
                        .fetch_one(readers)
                        .await?;
                let applied = if there > 0 { sqlx::query_scalar(NEWEST).fetch_one(readers).await? } else { None };
                (&SQLITE_MIGRATIONS, applied)
            }
            Pools::Postgres(pool) => {
                let there: bool =
                    sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(TABLE).fetch_one(pool).await?;
                let applied = if there { sqlx::query_scalar(NEWEST).fetch_one(pool).await? } else { None };
                (&POSTGRES_MIGRATIONS, applied)
            }
        };
        let newest = known.iter().map(|m| m.version).max();
        Ok(match applied {
            None => SchemaState::Empty,
            Some(version) if Some(version) < newest => SchemaState::Behind,
            Some(version) if Some(version) > newest => SchemaState::Ahead,
            Some(_) => SchemaState::Current,
        })
    }

    /// Takes a SQLite file for this process alone, as a daemon does; `None` if another one has it. On PostgreSQL nodes
    /// share, and this always succeeds.
    ///
    /// # Errors
    /// [`StoreError::Lock`] if the lock file cannot be written.
    pub fn exclusive_use(&self) -> Result<Option<ExclusiveUse>, StoreError> {
        let Pools::Sqlite { path, .. } = &self.pools else {
            return Ok(Some(ExclusiveUse { lock: None }));
        };
        let path = beside(path, ".lock");
        let file = open_lock(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(ExclusiveUse { lock: Some(file) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(StoreError::Lock { path, error }),
        }
    }

    /// Answers whether the database does.
    pub async fn ping(&self) -> Result<(), StoreError> {
        match &self.pools {
            Pools::Sqlite { readers, .. } => sqlx::query("SELECT 1").execute(readers).await.map(drop)?,
            Pools::Postgres(pool) => sqlx::query("SELECT 1").execute(pool).await.map(drop)?,
        }
        Ok(())
    }

    /// Returns what the database's own clock reads, where it has one: on PostgreSQL, whose nodes may not agree.
    pub async fn time(&self) -> Result<Option<Timestamp>, StoreError> {
        const READ: &str = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
        let Pools::Postgres(pool) = &self.pools else { return Ok(None) };
        let read: i64 = sqlx::query_scalar(READ).fetch_one(pool).await?;
        Ok(Some(moment("clock", "now", read)?))
    }

    /// Closes every connection, waiting for those in use; with PostgreSQL, which may not answer, only for a while.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { readers, writer, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => drop(tokio::time::timeout(POSTGRES_FAREWELL, pool.close()).await),
        }
    }
}

/// Returns whether a connection that rested can be used.
async fn is_there(connection: &mut PgConnection, rested: Duration) -> Result<bool, sqlx::Error> {
    Ok(rested < TRUSTED_FOR || connection.ping().await.is_ok())
}

/// Returns whether a connection may go back to its pool. On a full disk SQLite rolls a transaction back by itself, the
/// `ROLLBACK` that follows fails, and sqlx goes on counting the transaction: nothing could ever be begun on it again.
async fn is_at_rest(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // A rollback whose caller did not wait is done before the answer to this.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

/// Waits for its turn to migrate, and keeps it until the file is dropped.
async fn migration_lock(database: &Path) -> Result<File, StoreError> {
    let path = beside(database, ".migrate.lock");
    let locking = tokio::task::spawn_blocking(move || {
        let file = open_lock(&path)?;
        file.lock().map_err(|error| StoreError::Lock { path, error })?;
        Ok(file)
    });
    locking.await.expect("taking a lock does not panic")
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn open_lock(path: &Path) -> Result<File, StoreError> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|error| StoreError::Lock { path: path.to_owned(), error })
}
