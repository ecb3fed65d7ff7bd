//! What the operator decided about doubt, patience and pace.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::domain::delivery::OnUnknown;

/// The operator's decisions.
#[derive(Debug, Clone)]
pub struct Policy {
    /// What to do with a delivery whose fate nobody can know.
    pub on_unknown: OnUnknown,
    /// How long to wait before it is sent again.
    pub unknown_delay: Duration,
    /// How long a delivery is tried.
    pub give_up_after: Duration,
    /// How many mails a minute this process hands over at most; 0 means as many as the relays take.
    pub rate_per_minute: u32,
}

impl Policy {
    /// Returns when an unknown delivery is to be sent again, or `None` if it waits for the operator. The delay doubles
    /// with each of the `attempts` before: a relay that always takes the mail and never says so must not flood a reader.
    pub fn resend_at(&self, now: Timestamp, attempts: i64) -> Option<Timestamp> {
        let doubled = u32::try_from(attempts.clamp(0, 10)).map_or(1, |attempts| 1 << attempts);
        match self.on_unknown {
            OnUnknown::Resend => Some(later(now, self.unknown_delay.saturating_mul(doubled))),
            OnUnknown::Park => None,
        }
    }

    /// Returns the moment before which a delivery must have been released not to be given up `now`.
    pub fn give_up_before(&self, now: Timestamp) -> Timestamp {
        now - SignedDuration::try_from(self.give_up_after).unwrap_or(SignedDuration::MAX / 1000)
    }
}

/// Returns the moment `after` from `now`.
pub(super) fn later(now: Timestamp, after: Duration) -> Timestamp {
    SignedDuration::try_from(after).ok().and_then(|after| now.checked_add(after).ok()).unwrap_or(Timestamp::MAX)
}
