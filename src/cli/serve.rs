//! `serve`: the daemon.

use tokio::net::TcpListener;

use super::args::Role;
use super::exit::{Exit, Outcome};
use super::open::require_sender;
use super::output::Output;
use super::signals::stop_on_signals;
use crate::app::{App, AppError, Roles};
use crate::config::Config;
use crate::store::{SchemaState, Store, StoreError};
use crate::timekeeper;

/// Where the daemon can be reached, for scripts that start it.
#[derive(serde::Serialize)]
struct Listening {
    listen: Option<std::net::SocketAddr>,
    base_url: String,
}

pub(super) async fn serve(config: Config, only: &[Role], out: &Output) -> Outcome {
    let roles = roles(only);
    if roles.delivery {
        config.check_delivery()?;
    } else {
        require_sender(&config)?;
    }
    let store = Store::open(&config.database.url).await?;
    // Before the schema is touched: a daemon that is running knows the old one.
    let alone = store.exclusive_use()?.ok_or(AppError::InUse)?;
    migrate(&store).await?;
    let templates = App::load_templates(&config)?;
    let listener = if roles.web { Some(listen(&config).await?) } else { None };
    let address = listener.as_ref().and_then(|listener| listener.local_addr().ok());
    let clock = timekeeper::clock(&store).await?;
    let app = App::new(config, clock, store, templates)?;
    let stop = stop_on_signals(*out)?;
    match address {
        Some(address) => tracing::info!(%address, "Listening on http://{address}/ for {}", app.links.home()),
        None => tracing::info!("Running without pages"),
    }
    if out.is_json() {
        out.answer(&Listening { listen: address, base_url: app.links.home() }, |_| String::new())?;
    }
    app.serve(roles, listener, &alone, stop).await?;
    app.store.close().await;
    tracing::info!("Stopped");
    Ok(Exit::Done)
}

fn roles(only: &[Role]) -> Roles {
    if only.is_empty() {
        return Roles::ALL;
    }
    Roles {
        web: only.contains(&Role::Web),
        scheduler: only.contains(&Role::Scheduler),
        delivery: only.contains(&Role::Delivery),
    }
}

async fn migrate(store: &Store) -> Result<(), StoreError> {
    match store.schema().await? {
        SchemaState::Current => Ok(()),
        SchemaState::Empty => store.migrate().await,
        SchemaState::Behind => {
            tracing::info!("Bringing the schema of the database up to date");
            store.migrate().await
        }
        SchemaState::Ahead => Err(StoreError::newer_schema()),
    }
}

async fn listen(config: &Config) -> Result<TcpListener, AppError> {
    let address = config.http.listen;
    TcpListener::bind(address).await.map_err(|error| AppError::Listen { address, error })
}
