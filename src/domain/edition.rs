//! An edition: a regular publication with a schedule and sections.

use std::time::Duration;

use super::desk::Review;
use super::schedule::Schedule;

/// A regular publication, as configured.
#[derive(Debug, Clone)]
pub struct Edition {
    /// The name in the store, in commands and in `List-Id`.
    pub name: String,
    /// The name readers see.
    pub title: String,
    /// When it is due.
    pub schedule: Schedule,
    /// The headings, in order of appearance.
    pub sections: Vec<String>,
    /// How many items a section takes; the rest rolls over to the next issue.
    pub max_per_section: usize,
    /// How late an issue may still go out after its slot; later it is recorded as skipped.
    pub late_limit: Duration,
    /// Whether somebody looks at an issue before it goes out.
    pub review: Review,
}
