//! An edition: a regular publication with a schedule, sections and a policy.

use std::collections::BTreeMap;
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
    /// What else decides about its issues.
    pub policy: Policy,
    /// Whether somebody looks at an issue before it goes out.
    pub review: Review,
}

/// What goes into an issue, beside the limit of a section, and who gets one out of turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// With fewer items than this a slot is skipped, and everything rolls over. At least 1.
    pub min_items: usize,
    /// How many items an issue takes in all; `None` leaves it to the sections.
    pub max_items: Option<usize>,
    /// Sections that take another number than `max_per_section`.
    pub section_limits: BTreeMap<String, usize>,
    /// How long after it was published an article may still be printed; older ones are set aside.
    pub max_age: Option<Duration>,
    /// Whether somebody who confirms between two issues is sent the last one.
    pub welcome_issue: bool,
    /// Whether an issue that would go to nobody is published all the same, on the web and in its feeds. Otherwise its slot
    /// is skipped, and everything rolls over.
    pub publish_without_readers: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            min_items: 1,
            max_items: None,
            section_limits: BTreeMap::new(),
            max_age: None,
            welcome_issue: false,
            publish_without_readers: false,
        }
    }
}

impl Edition {
    /// Returns how many items a section takes.
    pub fn limit_of(&self, section: &str) -> usize {
        self.policy.section_limits.get(section).copied().unwrap_or(self.max_per_section)
    }

    /// Returns how many items an issue can have at most.
    pub fn most_items(&self) -> usize {
        let by_section = self.sections.iter().map(|section| self.limit_of(section)).fold(0, usize::saturating_add);
        self.policy.max_items.map_or(by_section, |max| max.min(by_section))
    }
}
