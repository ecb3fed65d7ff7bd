//! `[log]`: how much is logged, and how it looks.

use tracing_subscriber::EnvFilter;

use super::reader::Table;

/// Quiet about what the libraries do, except where it goes wrong.
const DEFAULT_FILTER: &str = "info,sqlx=warn,hyper=warn,reqwest=warn,lettre=warn";

/// How the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// Pretty on a terminal, JSON otherwise.
    #[default]
    Auto,
    /// For people.
    Pretty,
    /// For machines: one object a line.
    Json,
}

/// The log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// What is logged, as `tracing` filters are written: a level, then `target=level` for exceptions.
    pub filter: String,
    /// How it looks.
    pub format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { filter: DEFAULT_FILTER.to_owned(), format: LogFormat::Auto }
    }
}

impl LogConfig {
    pub(super) fn read(mut table: Table<'_>) -> Self {
        let default = Self::default();
        let config = Self {
            filter: table
                .parsed("filter", |text| match EnvFilter::try_new(text) {
                    Ok(_) => Ok(text.to_owned()),
                    Err(error) => Err(format!("{error}: write a level and exceptions, \"info,sqlx=warn\"")),
                })
                .unwrap_or(default.filter),
            format: table
                .parsed("format", |text| match text {
                    "auto" => Ok(LogFormat::Auto),
                    "pretty" => Ok(LogFormat::Pretty),
                    "json" => Ok(LogFormat::Json),
                    _ => Err(format!("{text:?} is not one of \"auto\", \"pretty\" and \"json\"")),
                })
                .unwrap_or(default.format),
        };
        table.finish();
        config
    }
}
