//! `check`: everything that can be looked at before the first mail goes out, and all that is wrong with it at once.

mod editions;
mod finding;
mod look;
mod pacing;

use std::path::Path;
use std::time::Duration;

use super::exit::{Exit, Outcome};
use super::open::{Logging, start_log};
use super::output::Output;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, ConfigError, process_environment};
use finding::Report;

/// An operator is waiting; a server that takes longer than this to say hello has a problem of its own.
const PATIENCE: Duration = Duration::from_secs(15);

pub(super) async fn check(file: Option<&Path>, offline: bool, out: &Output) -> Outcome {
    let mut report = Report::default();
    match Config::load(file, &process_environment()) {
        Err(error @ ConfigError::NotFound { .. }) => return Err(error.into()),
        Err(error) => report.problems("configuration", Exit::Configuration, &error),
        Ok(config) => {
            start_log(&config.log, Logging::Quiet);
            let now = SystemClock.now();
            look::at_configuration(&config, &mut report);
            let spent = look::at_database(&config, now, &mut report).await;
            editions::at_operator(&config, &mut report);
            editions::at_images(&config, &mut report);
            editions::at_editions(&config, now, &spent, &mut report);
            look::at_dkim(&config, &mut report);
            pacing::at_paces(&config, &mut report);
            look::at_templates(&config, &mut report);
            if offline {
                report.fine("relays", "not tried (--offline)");
            } else {
                look::at_relays(&config, &mut report).await;
            }
        }
    }
    out.answer(&report, Report::worded)?;
    Ok(report.exit())
}
