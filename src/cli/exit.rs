//! How a command ends: the exit code, and the last message.

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use crate::access::AccessError;
use crate::app::AppError;
use crate::articles::ArticlesError;
use crate::config::ConfigError;
use crate::delivery::DeliveryError;
use crate::digest::DigestError;
use crate::render::TemplateError;
use crate::scheduler::SchedulerError;
use crate::store::StoreError;
use crate::subscribers::{ExportError, ImportError, SubscribersError};

/// What a command returns.
pub(super) type Outcome = anyhow::Result<Exit>;

/// How a command ended. `args` explains the numbers to the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// It did what it was told.
    Done = 0,
    /// It failed.
    Failed = 1,
    /// The configuration is wrong or missing.
    Configuration = 3,
    /// The database is not available, or its schema is not this version's.
    Database = 4,
    /// Mail is left.
    MailLeft = 5,
}

/// The reader of our output has gone away, as `head` does. Nobody is left to be told.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the output any more")]
pub(super) struct OutputClosed;

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Says what went wrong, with its causes, and returns the exit code that goes with it.
pub(super) fn report(error: &anyhow::Error) -> Exit {
    if error.is::<OutputClosed>() {
        return Exit::Done;
    }
    // With nobody to read it, the exit code must do.
    let _ = writeln!(std::io::stderr(), "error: {}", in_full(error));
    exit_of(error)
}

/// Returns the message with its causes, without those that say nothing new.
fn in_full(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let words = cause.to_string();
        if text.is_empty() {
            text = words;
        } else if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
    }
    text
}

fn exit_of(error: &anyhow::Error) -> Exit {
    error.chain().find_map(exit_of_cause).unwrap_or(Exit::Failed)
}

fn exit_of_cause(cause: &(dyn Error + 'static)) -> Option<Exit> {
    if cause.is::<ConfigError>() || cause.is::<TemplateError>() {
        return Some(Exit::Configuration);
    }
    match cause.downcast_ref::<AppError>() {
        Some(AppError::Config(_) | AppError::Template(_) | AppError::Dkim(_) | AppError::Listen { .. }) => {
            return Some(Exit::Configuration);
        }
        Some(AppError::InUse) => return Some(Exit::Database),
        _ => {}
    }
    store_error(cause).map(|error| match error {
        StoreError::Url(_) => Exit::Configuration,
        StoreError::Unavailable(_) | StoreError::Corrupt { .. } | StoreError::Schema(_) | StoreError::Lock { .. } => {
            Exit::Database
        }
        StoreError::Stale | StoreError::Unread | StoreError::NotFound(_) => Exit::Failed,
    })
}

/// Returns the error of the store in an error of a service. Services pass it on transparently, and so it is no cause
/// of its own.
fn store_error<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a StoreError> {
    if let Some(error) = cause.downcast_ref::<StoreError>() {
        return Some(error);
    }
    if let Some(error) = cause.downcast_ref() {
        return match error {
            AppError::Store(error) | AppError::Delivery(DeliveryError::Store(error)) => Some(error),
            _ => None,
        };
    }
    if let Some(error) = cause.downcast_ref() {
        return match error {
            SchedulerError::Store(error) => Some(error),
            SchedulerError::Digest(error) => store_error(error),
            SchedulerError::Articles(error) => store_error(error),
            SchedulerError::Subscribers(error) => store_error(error),
        };
    }
    if let Some(ImportError::Stopped(error)) = cause.downcast_ref() {
        return store_error(error);
    }
    if let Some(DeliveryError::Store(error)) = cause.downcast_ref() {
        return Some(error);
    }
    if let Some(DigestError::Store(error)) = cause.downcast_ref() {
        return Some(error);
    }
    if let Some(ArticlesError::Store(error)) = cause.downcast_ref() {
        return Some(error);
    }
    if let Some(AccessError::Store(error)) = cause.downcast_ref() {
        return Some(error);
    }
    if let Some(SubscribersError::Store(error)) = cause.downcast_ref() {
        return Some(error);
    }
    if let Some(ExportError::Store(error)) = cause.downcast_ref() {
        return Some(error);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_is_that_of_the_error_inside() {
        let cases = [
            (StoreError::Schema("older".to_owned()).into(), Exit::Database),
            (SchedulerError::from(DigestError::from(StoreError::Stale)).into(), Exit::Failed),
            (SchedulerError::from(DigestError::from(StoreError::Schema(String::new()))).into(), Exit::Database),
            (ImportError::from(StoreError::Url("x".to_owned())).into(), Exit::Configuration),
            (AppError::InUse.into(), Exit::Database),
            (AppError::from(ConfigError::Invalid(Vec::new())).into(), Exit::Configuration),
            (anyhow::Error::from(ConfigError::Invalid(Vec::new())).context("while starting"), Exit::Configuration),
            (anyhow::anyhow!("no such feed"), Exit::Failed),
        ];
        for (error, exit) in cases {
            assert_eq!(exit_of(&error), exit, "{error}");
        }
    }

    #[test]
    fn a_cause_is_told_once() {
        let error = anyhow::anyhow!("the disk is full").context("cannot write: the disk is full").context("no export");
        assert_eq!(in_full(&error), "no export: cannot write: the disk is full");
    }
}
