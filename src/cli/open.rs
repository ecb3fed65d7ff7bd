//! Getting ready: the configuration, the log, the application.

use std::path::Path;

use anyhow::Context;

use crate::app::App;
use crate::config::{Config, ConfigError, LogConfig, LogFormat, process_environment};
use crate::{telemetry, timekeeper};

/// What a command that says everything itself still leaves to the log.
const QUIET: &str = "warn,kawaraban::articles=error,kawaraban::delivery=error,kawaraban::digest=error";

/// How much of the log a command wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Logging {
    /// As the operator wrote it down: for the daemon.
    AsConfigured,
    /// What went wrong, in a form for people: for a command, unless the operator set something else.
    Quiet,
}

/// Returns the configuration and starts the log.
pub(super) fn load(file: Option<&Path>, logging: Logging) -> Result<Config, ConfigError> {
    let config = Config::load(file, &process_environment())?;
    start_log(&config.log, logging);
    Ok(config)
}

/// Starts the log.
pub(super) fn start_log(log: &LogConfig, logging: Logging) {
    let quiet = logging == Logging::Quiet;
    let filter = if quiet && log.filter == LogConfig::default().filter { QUIET } else { &log.filter };
    let format = if quiet && log.format == LogFormat::Auto { LogFormat::Pretty } else { log.format };
    telemetry::init(format, filter);
}

/// Opens the database and wires the services.
pub(super) async fn open(config: Config) -> anyhow::Result<App> {
    let store = App::open_store(&config).await.with_context(|| config.database.shown())?;
    let templates = App::load_templates(&config)?;
    let clock = timekeeper::clock(&store).await?;
    Ok(App::new(config, clock, store, templates)?)
}

/// Refuses what would make a mail without its sender in it.
pub(super) fn require_sender(config: &Config) -> Result<(), ConfigError> {
    match config.check_delivery() {
        Err(ConfigError::Invalid(problems)) => {
            let problems: Vec<_> = problems.into_iter().filter(|problem| problem.key != "relays").collect();
            if problems.is_empty() { Ok(()) } else { Err(ConfigError::Invalid(problems)) }
        }
        other => other,
    }
}
