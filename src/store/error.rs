//! What can go wrong with the store, as far as a caller treats it differently.

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is busy, full or broken. Trying again later may help.
    #[error("the database is not available: {0}")]
    Unavailable(sqlx::Error),
    /// What was read before has changed, or a unique key is taken: look again and decide anew.
    #[error("something changed in the meantime; look again")]
    Stale,
    /// Nobody would get the issue.
    #[error("nobody would get it")]
    Unread,
    /// The row named by the caller does not exist.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// A row cannot be understood: it was written by hand or by another version.
    #[error("table {table}, column {column}: {value:?} is not a value this version knows")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What stands there.
        value: String,
    },
    /// The database URL is not one of ours.
    #[error("database.url: {0}")]
    Url(String),
    /// The schema is not the one this program was built for.
    #[error("{0}")]
    Schema(String),
    /// The file cannot be used alone.
    #[error("cannot lock {path}: {error}")]
    Lock {
        /// The lock file.
        path: std::path::PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

impl StoreError {
    /// Returns what is said of a database that a newer version has migrated.
    pub fn newer_schema() -> Self {
        Self::Schema("the database was migrated by a newer version of kawaraban: use that one".to_owned())
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) if database.is_unique_violation() => Self::Stale,
            _ => Self::Unavailable(error),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(error) => Self::Unavailable(error),
            sqlx::migrate::MigrateError::VersionMissing(_) => Self::newer_schema(),
            other => Self::Schema(format!("the schema cannot be migrated: {other}")),
        }
    }
}
