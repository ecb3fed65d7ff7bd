//! Stopping at the first mistake, as a start does, or collecting all of them, as a check does.

use super::error::{Place, TemplateError};

/// What is done with a mistake.
#[derive(Debug, Default)]
pub(super) struct Blame {
    collecting: bool,
    found: Vec<TemplateError>,
}

impl Blame {
    /// Returns one that lets the first mistake end everything.
    pub(super) fn first() -> Self {
        Self::default()
    }

    /// Returns one that keeps every mistake and goes on.
    pub(super) fn all() -> Self {
        Self { collecting: true, found: Vec::new() }
    }

    /// Returns the value, or nothing if there was a mistake and it was kept; an error ends everything.
    pub(super) fn take<T>(&mut self, outcome: Result<T, TemplateError>) -> Result<Option<T>, TemplateError> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(error) if self.collecting => {
                let words = error.to_string();
                // One mistake in a partial is met wherever the partial is.
                if !self.found.iter().any(|known| known.to_string() == words) {
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

    /// Returns how many mistakes were kept.
    pub(super) fn count(&self) -> usize {
        self.found.len()
    }

    /// Returns what was kept, in the order in which it was met.
    pub(super) fn into_found(self) -> Vec<TemplateError> {
        self.found
    }
}
