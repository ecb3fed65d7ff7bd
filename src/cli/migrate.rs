//! `migrate`: the schema of the database.

use super::exit::{Exit, Outcome};
use super::output::Output;
use crate::config::Config;
use crate::store::{SchemaState, Store};

#[derive(serde::Serialize)]
struct Migrated {
    database: String,
    engine: &'static str,
    before: &'static str,
}

pub(super) async fn migrate(config: &Config, out: &Output) -> Outcome {
    let store = Store::open(&config.database.url).await?;
    let before = store.schema().await?;
    // A schema that is ahead is refused there, in words.
    store.migrate().await?;
    let migrated = Migrated { database: config.database.shown(), engine: store.engine(), before: schema_word(before) };
    out.answer(&migrated, |m| match before {
        SchemaState::Current => format!("{} is up to date.", m.database),
        SchemaState::Empty => format!("{} was empty and now has its tables.", m.database),
        SchemaState::Behind | SchemaState::Ahead => format!("{} is up to date now.", m.database),
    })?;
    store.close().await;
    Ok(Exit::Done)
}

/// Returns the word for where a schema stands.
pub(super) const fn schema_word(state: SchemaState) -> &'static str {
    match state {
        SchemaState::Empty => "empty",
        SchemaState::Behind => "behind",
        SchemaState::Current => "current",
        SchemaState::Ahead => "ahead",
    }
}
