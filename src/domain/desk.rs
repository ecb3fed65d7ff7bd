//! The editor's desk: whether a draft needs a nod before it goes out, what is done to it until then (`edit`), how it is
//! left (`draft`), and what the operator has seen of it (`shown`).

mod draft;
mod edit;
mod shown;
#[cfg(test)]
pub(crate) mod tests;
mod words;

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::issue::Desk;

pub use draft::{Draft, DraftItem};
pub use edit::{Edit, EditError};
pub use shown::{Change, Gone, Shown, Since};
pub use words::moved;

/// What has to happen before an issue goes out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// Nothing: it goes out at its slot, and nobody is shown it before.
    #[default]
    Auto,
    /// The operator is shown it, and it goes out at its slot unless they hold it.
    Veto,
    /// The operator is shown it, and it goes out only once they approve it.
    Required,
}

impl Approval {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Veto, Self::Required];

    /// Returns the word for it in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Veto => "veto",
            Self::Required => "required",
        }
    }
}

/// How an edition's drafts are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Review {
    /// What has to happen before an issue goes out.
    pub approval: Approval,
    /// How long before the slot the draft is made and shown.
    pub before: Duration,
}

impl Review {
    /// A day: whoever reads mail once a day sees it in time.
    pub const BEFORE: Duration = Duration::from_secs(24 * 3600);

    /// Returns why a draft with this on its desk must not go out, if it must not.
    pub fn waits(&self, desk: &Desk) -> Option<Waits> {
        if desk.held.is_some() {
            Some(Waits::Held)
        } else if self.approval == Approval::Required && desk.approved.is_none() {
            Some(Waits::NotApproved)
        } else {
            None
        }
    }
}

impl Default for Review {
    fn default() -> Self {
        Self { approval: Approval::Auto, before: Self::BEFORE }
    }
}

/// Why a draft does not go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Waits {
    /// The operator holds it.
    Held,
    /// The operator has to approve it and has not.
    NotApproved,
}

impl fmt::Display for Waits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Held => "held",
            Self::NotApproved => "not approved",
        })
    }
}
