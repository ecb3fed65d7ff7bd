//! Two sets of migrations, one schema; two dialects, every statement valid in both.

use std::collections::BTreeSet;

use sqlx::{Executor, Row, SqlSafeStr};

use super::on_each_engine;
use crate::store::{Pools, SchemaState, Store, StoreError};

/// Every list of statements there is. A module that is missing here is caught by `every_module_is_listed`.
const MODULES: &[(&str, &[(&str, crate::store::sql::Sql)])] = &[
    ("api_tokens", crate::store::api_tokens::STATEMENTS),
    ("archive", crate::store::archive::STATEMENTS),
    ("articles", crate::store::articles::STATEMENTS),
    ("audience", crate::store::audience::STATEMENTS),
    ("choices", crate::store::choices::STATEMENTS),
    ("deliveries", crate::store::deliveries::STATEMENTS),
    ("desk", crate::store::desk::STATEMENTS),
    ("doubts", crate::store::doubts::STATEMENTS),
    ("editions", crate::store::editions::STATEMENTS),
    ("enrolments", crate::store::enrolments::STATEMENTS),
    ("feeds", crate::store::feeds::STATEMENTS),
    ("images", crate::store::images::STATEMENTS),
    ("issues", crate::store::issues::STATEMENTS),
    ("lanes", crate::store::lanes::STATEMENTS),
    ("letters", crate::store::letters::STATEMENTS),
    ("nodes", crate::store::nodes::STATEMENTS),
    ("operator", crate::store::operator::STATEMENTS),
    ("paces", crate::store::paces::STATEMENTS),
    ("pauses", crate::store::pauses::STATEMENTS),
    ("pushed", crate::store::pushed::STATEMENTS),
    ("recoveries", crate::store::recoveries::STATEMENTS),
    ("results", crate::store::results::STATEMENTS),
    ("sealing", crate::store::sealing::STATEMENTS),
    ("set_asides", crate::store::set_asides::STATEMENTS),
    ("sign_ups", crate::store::sign_ups::STATEMENTS),
    ("stories", crate::store::stories::STATEMENTS),
    ("subscribers", crate::store::subscribers::STATEMENTS),
    ("tally", crate::store::tally::STATEMENTS),
    ("variants", crate::store::variants::STATEMENTS),
    ("welcomes", crate::store::welcomes::STATEMENTS),
];

#[tokio::test]
async fn every_statement_can_be_prepared() {
    on_each_engine(async |store| {
        let mut prepared = 0;
        for (module, statements) in MODULES {
            for (name, sql) in *statements {
                let outcome = match store.pools() {
                    Pools::Sqlite { readers, .. } => readers.prepare(sql.sqlite.into_sql_str()).await.map(drop),
                    Pools::Postgres(pool) => pool.prepare(sql.postgres.into_sql_str()).await.map(drop),
                };
                outcome.unwrap_or_else(|error| panic!("{module}::{name} on {}: {error}", store.engine()));
                prepared += 1;
            }
        }
        assert!(prepared > 60, "only {prepared} statements were found");
    })
    .await;
}

#[test]
fn every_module_is_listed() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.is_file() && name != "sql" && std::fs::read_to_string(&path).unwrap().contains("statements! {") {
            assert!(MODULES.iter().any(|(module, _)| *module == name), "{name} is not in MODULES");
        }
    }
}

/// A column as both engines can describe it: table, name, kind, whether it may be null.
type Column = (String, String, &'static str, bool);

async fn columns(store: &Store) -> BTreeSet<Column> {
    let kind = |declared: &str| match declared.to_ascii_lowercase().as_str() {
        "integer" | "bigint" => "integer",
        "text" => "text",
        "blob" | "bytea" => "bytes",
        other => panic!("{other} is not a type we use"),
    };
    match store.pools() {
        Pools::Sqlite { readers, .. } => sqlx::query(
            "SELECT m.name AS t, c.name AS c, c.type AS k, c.\"notnull\" = 0 AS n FROM sqlite_master m
             JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE '\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'",
        )
        .fetch_all(readers)
        .await
        .unwrap()
        .iter()
        .map(|row| (row.get("t"), row.get("c"), kind(row.get("k")), row.get("n")))
        .collect(),
        Pools::Postgres(pool) => sqlx::query(
            "SELECT table_name::text AS t, column_name::text AS c, data_type::text AS k, is_nullable = 'YES' AS n
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'",
        )
        .fetch_all(pool)
        .await
        .unwrap()
        .iter()
        .map(|row| (row.get("t"), row.get("c"), kind(row.get("k")), row.get("n")))
        .collect(),
    }
}

async fn named_indexes(store: &Store) -> BTreeSet<String> {
    match store.pools() {
        Pools::Sqlite { readers, .. } => {
            sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
                .fetch_all(readers)
                .await
                .unwrap()
                .into_iter()
                .collect()
        }
        // Those that stand for a constraint have names of PostgreSQL's own.
        Pools::Postgres(pool) => sqlx::query_scalar(
            "SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
             JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
             WHERE NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)",
        )
        .fetch_all(pool)
        .await
        .unwrap()
        .into_iter()
        .collect(),
    }
}

#[tokio::test]
async fn both_engines_have_the_same_schema() {
    let seen = std::cell::RefCell::new(Vec::new());
    on_each_engine(async |store| {
        let schema = (columns(&store).await, named_indexes(&store).await);
        assert!(schema.0.len() > 90 && schema.1.len() > 10, "the schema was not read: {schema:?}");
        seen.borrow_mut().push(schema);
    })
    .await;
    let seen = seen.into_inner();
    if let [sqlite, postgres] = &seen[..] {
        assert_eq!(sqlite.0, postgres.0);
        assert_eq!(sqlite.1, postgres.1);
    }
}

#[test]
fn both_engines_have_migrations_of_the_same_names() {
    let names = |engine: &str| -> BTreeSet<String> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}

#[tokio::test]
async fn a_database_says_where_its_schema_stands() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/deep/down/test.db", folder.path().display()).into();
    let store = Store::open(&url).await.unwrap();
    assert_eq!(store.schema().await.unwrap(), SchemaState::Empty);
    on_each_engine(async |store| {
        assert_eq!(store.schema().await.unwrap(), SchemaState::Current);
        store.migrate().await.expect("migrating twice is migrating once");
        let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                     VALUES (9999, 'from the future', true, $1, 0)";
        match store.pools() {
            Pools::Sqlite { writer, .. } => sqlx::query(newer).bind(vec![0_u8]).execute(writer).await.map(drop),
            Pools::Postgres(pool) => sqlx::query(newer).bind(vec![0_u8]).execute(pool).await.map(drop),
        }
        .unwrap();
        assert_eq!(store.schema().await.unwrap(), SchemaState::Ahead);
        let refused = store.migrate().await.unwrap_err();
        assert_eq!(refused.to_string(), StoreError::newer_schema().to_string());
    })
    .await;
}

#[tokio::test]
async fn what_was_paused_before_the_operator_is_told_of_pauses_is_no_news() {
    on_each_engine(async |store| {
        let before = [
            "ALTER TABLE feeds DROP COLUMN told_ms",
            "ALTER TABLE issue_edits DROP COLUMN undone_by",
            "DELETE FROM _sqlx_migrations WHERE version = 15",
            "INSERT INTO feeds (url, section, category_sections, created_ms, paused_ms, pause_reason)
             VALUES ('https://example.jp/old', 'news', '{}', 1, 2, 'failing')",
        ];
        for sql in before {
            match store.pools() {
                Pools::Sqlite { writer, .. } => sqlx::query(sql).execute(writer).await.map(drop),
                Pools::Postgres(pool) => sqlx::query(sql).execute(pool).await.map(drop),
            }
            .unwrap();
        }
        store.migrate().await.unwrap();
        assert!(store.feeds().await.unwrap()[0].health.paused.is_some());
        assert_eq!(store.untold_pauses().await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn whoever_finds_the_tables_half_made_waits_for_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let store = Store::open(&format!("sqlite://{}", path.display()).into()).await.unwrap();
    let lock = std::fs::File::create(folder.path().join("test.db.migrate.lock")).unwrap();
    lock.lock().unwrap();
    let mut waiting = tokio::spawn(async move { store.wait_for_migration().await });
    tokio::time::timeout(std::time::Duration::from_millis(50), &mut waiting).await.expect_err("it is being migrated");
    drop(lock);
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_sqlite_file_is_one_daemons_and_postgresql_is_shared() {
    on_each_engine(async |store| {
        store.ping().await.unwrap();
        let first = store.exclusive_use().unwrap().expect("nobody else has it");
        assert_eq!(first.is_alone(), store.engine() == "sqlite");
        let second = store.exclusive_use().unwrap();
        assert_eq!(second.is_none(), store.engine() == "sqlite");
        drop(first);
        drop(second);
        assert!(store.exclusive_use().unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn a_url_of_another_kind_is_refused() {
    for url in ["mysql://localhost/x", "sqlite://", "sqlite::memory:", "kawaraban.db"] {
        assert!(matches!(Store::open(&url.into()).await, Err(StoreError::Url(_))), "{url}");
    }
}
