//! The log: pretty on a terminal, one JSON object a line elsewhere, always to standard error, so that standard
//! output belongs to what a command prints.

use std::io::IsTerminal;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt, registry};

use crate::config::LogFormat;

/// Starts the log. A second call, in a test or an embedding program, leaves the first one's settings.
///
/// `filter` has been checked by `config`; one that cannot be read all the same logs everything from `info` up.
pub fn init(format: LogFormat, filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let on_terminal = std::io::stderr().is_terminal();
    let json = match format {
        LogFormat::Auto => !on_terminal,
        LogFormat::Pretty => false,
        LogFormat::Json => true,
    };
    let layer = fmt::layer().with_writer(std::io::stderr);
    let layer = if json {
        layer.json().flatten_event(true).boxed()
    } else {
        layer.with_ansi(on_terminal).with_target(false).boxed()
    };
    // An error means that a log is running already.
    let _already_running = registry().with(filter).with(layer.with_filter(FilterFn::new(may_be_told))).try_init();
}

/// Returns whether a line may be in the log whatever the filter says. We keep addresses, tokens and bodies out of our
/// own lines; other crates below a warning tell all they handle (Handlebars its data, HTTP clients their URLs).
fn may_be_told(line: &Metadata<'_>) -> bool {
    line.target().starts_with(env!("CARGO_CRATE_NAME")) || *line.level() <= Level::WARN
}
