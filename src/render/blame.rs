//! Stopping at the first mistake, as a start does, or collecting all of them, as a check does.

use std::collections::HashSet;

use super::error::{Place, TemplateError};

/// Nobody mends more in one go, and looking for what each of twenty thousand hides takes hours.
const MOST: usize = 300;

/// What is done with a mistake.
#[derive(Debug, Default)]
pub(super) struct Blame {
    collecting: bool,
    found: Vec<TemplateError>,
    /// Each in its words.
    known: HashSet<String>,
    full: bool,
}

impl Blame {
    /// Returns one that lets the first mistake end everything.
    pub(super) fn first() -> Self {
        Self::default()
    }

    /// Returns one that keeps every mistake and goes on.
    pub(super) fn all() -> Self {
        Self { collecting: true, ..Self::default() }
    }

    /// Returns the value, or nothing if there was a mistake and it was kept; an error ends everything.
    pub(super) fn take<T>(&mut self, outcome: Result<T, TemplateError>) -> Result<Option<T>, TemplateError> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(error) if self.collecting => {
                // One mistake in a partial is met wherever the partial is.
                if self.found.len() == MOST {
                    self.full = true;
                } else if self.known.insert(error.to_string()) {
                    self.found.push(error);
                }
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Returns whether a mistake is known at this place.
    pub(super) fn knows(&self, place: &Place) -> bool {
        self.found.iter().any(|known| known.place() == Some(place))
    }

    /// Returns whether there are more mistakes than are kept.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Returns how many mistakes were kept.
    pub(super) fn count(&self) -> usize {
        self.found.len()
    }

    /// Returns what was kept, in the order in which it was met.
    pub(super) fn into_found(self) -> Vec<TemplateError> {
        self.found
    }
}
