//! The log: pretty on a terminal, one JSON object a line elsewhere, always to standard error, so that standard
//! output belongs to what a command prints.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::LogFormat;

/// Starts the log. A second call, in a test or an embedding program, leaves the first one's settings.
///
/// `filter` has been checked by `config`; one that cannot be read all the same logs everything from `info` up.
pub fn init(format: LogFormat, filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let on_terminal = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let json = match format {
        LogFormat::Auto => !on_terminal,
        LogFormat::Pretty => false,
        LogFormat::Json => true,
    };
    // An error means that a log is running already.
    let _already_running = if json {
        builder.json().flatten_event(true).finish().try_init()
    } else {
        builder.with_ansi(on_terminal).with_target(false).finish().try_init()
    };
}
