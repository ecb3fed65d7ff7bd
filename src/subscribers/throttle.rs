//! How often an address may be asked whether it signed up. Anybody can type anybody's address into a form, so this is
//! what stands between a stranger and a flooded mailbox.

use jiff::{SignedDuration, Timestamp};

/// One mail a day is what an impatient reader needs.
const SHORT: SignedDuration = SignedDuration::from_hours(24);
/// Whoever did not answer three times in a month does not want to.
const LONG: SignedDuration = SignedDuration::from_hours(30 * 24);
const MOST_IN_LONG: usize = 3;

/// Why an address is not asked again yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Throttled {
    /// It was asked within the last day.
    #[error("a confirmation mail went there less than 24 hours ago")]
    Day,
    /// It was asked three times within 30 days.
    #[error("three confirmation mails went there within the last 30 days")]
    Month,
}

/// Returns since when earlier confirmations count.
pub(super) fn counts_since(now: Timestamp) -> Timestamp {
    now - LONG
}

/// Returns whether an address may be asked at `now`, given when it was asked since [`counts_since`].
pub(super) fn check(confirmations: &[Timestamp], now: Timestamp) -> Result<(), Throttled> {
    if confirmations.iter().any(|at| *at > now - SHORT) {
        return Err(Throttled::Day);
    }
    if confirmations.iter().filter(|at| **at > counts_since(now)).count() >= MOST_IN_LONG {
        return Err(Throttled::Month);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

    fn ago(hours: i64, minutes: i64) -> Timestamp {
        NOW - SignedDuration::from_hours(hours) - SignedDuration::from_mins(minutes)
    }

    #[test]
    fn one_a_day() {
        assert_eq!(check(&[], NOW), Ok(()));
        assert_eq!(check(&[ago(23, 59)], NOW), Err(Throttled::Day));
        assert_eq!(check(&[ago(24, 0)], NOW), Ok(()));
        assert_eq!(check(&[NOW + SignedDuration::from_secs(5)], NOW), Err(Throttled::Day), "a clock set back");
    }

    #[test]
    fn three_in_thirty_days() {
        let month = 30 * 24;
        assert_eq!(check(&[ago(48, 0), ago(72, 0)], NOW), Ok(()));
        assert_eq!(check(&[ago(48, 0), ago(72, 0), ago(month - 1, 59)], NOW), Err(Throttled::Month));
        assert_eq!(check(&[ago(48, 0), ago(72, 0), ago(month, 0)], NOW), Ok(()));
    }
}
