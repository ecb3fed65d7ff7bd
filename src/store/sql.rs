//! How one statement and one function body serve two engines.
//!
//! Statements are constants made by [`statements!`](macro@statements), which also lists them for the test that
//! prepares every one on both engines. A few have to differ: they are written `PerEngine { … }`, and a search for
//! that word finds them all. [`read!`](macro@read), [`write!`](macro@write) and [`in_tx!`](macro@in_tx) run a body on
//! whichever pool is open; the compiler sees it twice, the reader once.

/// A statement, as each engine wants it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sql {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

impl Sql {
    pub(super) const fn both(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }
}

/// Declares statements as constants, and `STATEMENTS`, the list of them.
macro_rules! statements {
    (@sql PerEngine { sqlite: $sqlite:expr, postgres: $postgres:expr $(,)? }) => {
        $crate::store::sql::Sql { sqlite: $sqlite, postgres: $postgres }
    };
    (@sql $both:expr) => { $crate::store::sql::Sql::both($both) };
    ($($(#[$doc:meta])* $name:ident = { $($sql:tt)+ })+) => {
        $($(#[$doc])* pub(super) const $name: $crate::store::sql::Sql = statements!(@sql $($sql)+);)+

        #[cfg(test)]
        pub(super) const STATEMENTS: &[(&str, $crate::store::sql::Sql)] = &[$((stringify!($name), $name)),+];
    };
}

/// Runs a body that only reads: `read!(store, |db, sql| …)`, where `db` is a connection and `sql` picks the
/// engine's text of a statement.
macro_rules! read {
    ($store:expr, |$db:ident, $sql:ident| $body:expr) => {
        match $store.pools() {
            $crate::store::Pools::Sqlite { readers, .. } => {
                #[allow(unused_variables, reason = "a body with only dynamic SQL needs no picker")]
                let $sql = |statement: $crate::store::sql::Sql| statement.sqlite;
                let mut connection = readers.acquire().await?;
                let $db = &mut *connection;
                $body
            }
            $crate::store::Pools::Postgres(pool) => {
                #[allow(unused_variables, reason = "a body with only dynamic SQL needs no picker")]
                let $sql = |statement: $crate::store::sql::Sql| statement.postgres;
                let mut connection = pool.acquire().await?;
                let $db = &mut *connection;
                $body
            }
        }
    };
}

/// Runs a body of one writing statement, which is a transaction of its own.
macro_rules! write {
    ($store:expr, |$db:ident, $sql:ident| $body:expr) => {
        match $store.pools() {
            $crate::store::Pools::Sqlite { writer, .. } => {
                let $sql = |statement: $crate::store::sql::Sql| statement.sqlite;
                let mut connection = writer.acquire().await?;
                let $db = &mut *connection;
                $body
            }
            $crate::store::Pools::Postgres(pool) => {
                let $sql = |statement: $crate::store::sql::Sql| statement.postgres;
                let mut connection = pool.acquire().await?;
                let $db = &mut *connection;
                $body
            }
        }
    };
}

/// Runs a body in one writing transaction: committed if the body is `Ok`, as if it had never been if it is `Err`.
///
/// On SQLite it begins `IMMEDIATE`: a transaction that reads first and writes later would fail at once with
/// `SQLITE_BUSY_SNAPSHOT` when another wrote in between, whatever the busy timeout.
macro_rules! in_tx {
    ($store:expr, |$db:ident, $sql:ident| $body:expr) => {
        match $store.pools() {
            $crate::store::Pools::Sqlite { writer, .. } => {
                let $sql = |statement: $crate::store::sql::Sql| statement.sqlite;
                let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
                let $db = &mut *transaction;
                let outcome: Result<_, $crate::store::StoreError> = async { $body }.await;
                match outcome {
                    Ok(value) => transaction.commit().await.map(|()| value).map_err(Into::into),
                    Err(error) => {
                        // The first error is the one worth telling; a failed rollback closes the connection anyway.
                        let _ = transaction.rollback().await;
                        Err(error)
                    }
                }
            }
            $crate::store::Pools::Postgres(pool) => {
                let $sql = |statement: $crate::store::sql::Sql| statement.postgres;
                let mut transaction = pool.begin().await?;
                let $db = &mut *transaction;
                let outcome: Result<_, $crate::store::StoreError> = async { $body }.await;
                match outcome {
                    Ok(value) => transaction.commit().await.map(|()| value).map_err(Into::into),
                    Err(error) => {
                        let _ = transaction.rollback().await;
                        Err(error)
                    }
                }
            }
        }
    };
}

pub(super) use {in_tx, read, statements, write};
