//! How often a feed may be visited: less and less while it fails, and no more once it is gone.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// A feed that has given nothing for this long is paused, and the operator decides.
pub const FAILING_AFTER: Duration = Duration::from_secs(7 * 24 * 3600);
/// And it was asked at least this often in that time: two failures with a machine that was off between them are no week.
pub const FAILING_AFTER_VISITS: u32 = 3;
/// Twice a day, somebody who mends their feed is noticed on the same day.
pub const LONGEST_BACK_OFF: Duration = Duration::from_secs(12 * 3600);
/// A server that asks to wait longer is asked once a day, which no server minds.
pub const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

/// How the visits to a feed go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// How many visits in a row have failed.
    pub failures: u32,
    /// When the first of them was.
    pub failing_since: Option<Timestamp>,
    /// Not before this: it keeps failing, the server asked for it, or what it said last holds until then.
    pub next_visit: Option<Timestamp>,
    /// Whether it is visited at all.
    pub paused: Option<Pause>,
}

/// A feed that is not visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Pause {
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub reason: PauseReason,
}

/// Why a feed is not visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// The server says that it is gone for good (410).
    Gone,
    /// It has given nothing for a week.
    Failing,
    /// The operator said so.
    ByHand,
}

impl PauseReason {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Gone, Self::Failing, Self::ByHand];

    /// Returns the word stored for the reason.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Failing => "failing",
            Self::ByHand => "by_hand",
        }
    }

    /// Returns the reason stored as `word`, if there is one.
    pub fn from_stored(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

/// How a visit failed, as far as it decides about the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It may work another time, but not before this much time has passed, if the server said so.
    Passing {
        /// How long the server asks us to wait.
        asked_to_wait: Option<Duration>,
    },
    /// There is no other time.
    Gone,
}

impl Health {
    /// Returns the health after a good visit. `fresh_for` is how long the server says that its answer holds.
    #[must_use]
    pub fn after_success(&self, fresh_for: Option<Duration>, now: Timestamp) -> Self {
        let next_visit = fresh_for.filter(|fresh| !fresh.is_zero()).map(|fresh| later(now, fresh.min(LONGEST_WAIT)));
        // Whoever paused it while it was being visited is not overruled.
        Self { failures: 0, failing_since: None, next_visit, paused: self.paused }
    }

    /// Returns the health after a failed visit. `jitter` is a fraction in `[0, 1)`, so that feeds that failed together
    /// do not come back together.
    #[must_use]
    pub fn after_failure(&self, failure: Failure, jitter: f64, now: Timestamp) -> Self {
        let failures = self.failures.saturating_add(1);
        let since = self.failing_since.unwrap_or(now);
        let asked = match failure {
            Failure::Passing { asked_to_wait } => asked_to_wait.unwrap_or_default().min(LONGEST_WAIT),
            Failure::Gone => Duration::ZERO,
        };
        let week = now.duration_since(since).unsigned_abs() >= FAILING_AFTER && now > since;
        let reason = match failure {
            Failure::Gone => Some(PauseReason::Gone),
            Failure::Passing { .. } if week && failures >= FAILING_AFTER_VISITS => Some(PauseReason::Failing),
            Failure::Passing { .. } => None,
        };
        Self {
            failures,
            failing_since: Some(since),
            next_visit: Some(later(now, back_off(failures, jitter).max(asked))),
            paused: self.paused.or(reason.map(|reason| Pause { since: now, reason })),
        }
    }

    /// Returns whether a round in the daemon's own rhythm may visit it.
    pub fn is_due(&self, last_fetch: Option<Timestamp>, poll_every: Duration, now: Timestamp) -> bool {
        let rested = last_fetch.is_none_or(|last| now >= later(last, poll_every) || now < last);
        self.paused.is_none() && rested && self.next_visit.is_none_or(|next| now >= next)
    }

    /// Returns until when even an issue that is about to be made leaves it alone: it fails, and has its rest. What is
    /// merely expected to be unchanged is asked again then.
    pub fn rests_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.next_visit.filter(|next| self.failures > 0 && *next > now)
    }
}

/// Returns how long to wait after `failures` failed visits in a row: half an hour, doubled each time up to
/// [`LONGEST_BACK_OFF`], and up to a fifth more by `jitter`, a fraction in `[0, 1)`.
pub fn back_off(failures: u32, jitter: f64) -> Duration {
    let doubled = (30 * MINUTE).saturating_mul(1 << failures.saturating_sub(1).min(10));
    doubled.min(LONGEST_BACK_OFF).max(HOUR / 2).mul_f64(1.0 + jitter.clamp(0.0, 1.0) / 5.0)
}

fn later(at: Timestamp, wait: Duration) -> Timestamp {
    at.saturating_add(SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500_000 + hours)
    }

    const PASSING: Failure = Failure::Passing { asked_to_wait: None };

    #[test]
    fn the_rest_grows_with_each_failure_and_ends_somewhere() {
        let minutes: Vec<u64> = (0..9).map(|n| back_off(n, 0.0).as_secs() / 60).collect();
        assert_eq!(minutes, [30, 30, 60, 120, 240, 480, 720, 720, 720]);
        assert_eq!(back_off(u32::MAX, 0.0), LONGEST_BACK_OFF);
        assert!(back_off(1, 0.999) > back_off(1, 0.0) && back_off(1, 0.999) < back_off(2, 0.0));
    }

    #[test]
    fn a_week_of_failures_pauses_and_a_success_forgets_them() {
        let mut health = Health::default();
        let mut visits = 0;
        let mut now = at(0);
        while health.paused.is_none() {
            health = health.after_failure(PASSING, 0.5, now);
            visits += 1;
            now = health.next_visit.unwrap();
        }
        let pause = health.paused.unwrap();
        assert_eq!(pause.reason, PauseReason::Failing);
        let days = pause.since.duration_since(at(0)).as_hours() / 24;
        assert!(days == 7 && (12..25).contains(&visits), "{days} days, {visits} visits");

        let mended = Health { paused: None, ..health }.after_success(None, now);
        assert_eq!(mended, Health::default());
        let again = mended.after_failure(PASSING, 0.0, now);
        assert_eq!((again.failures, again.failing_since, again.paused), (1, Some(now), None));
    }

    #[test]
    fn a_machine_that_was_off_for_a_week_does_not_pause_at_once() {
        let once = Health::default().after_failure(PASSING, 0.0, at(0));
        let twice = once.after_failure(PASSING, 0.0, at(24 * 10));
        assert_eq!(twice.paused, None);
        assert!(twice.after_failure(PASSING, 0.0, at(24 * 10 + 1)).paused.is_some());
    }

    #[test]
    fn what_is_gone_is_paused_at_once() {
        let health = Health::default().after_failure(Failure::Gone, 0.0, at(0));
        assert_eq!(health.paused, Some(Pause { since: at(0), reason: PauseReason::Gone }));
        assert!(!health.is_due(None, HOUR, at(1000)));
    }

    #[test]
    fn a_server_that_asks_for_time_gets_it_within_reason() {
        let wait = |seconds| {
            let failure = Failure::Passing { asked_to_wait: Some(Duration::from_secs(seconds)) };
            Health::default().after_failure(failure, 0.0, at(0)).next_visit.unwrap()
        };
        assert_eq!(wait(5), at(0) + SignedDuration::from_mins(30));
        assert_eq!(wait(3600 * 5), at(5));
        assert_eq!(wait(u64::MAX), at(24));
    }

    #[test]
    fn an_answer_that_holds_is_not_asked_for_but_an_issue_asks_all_the_same() {
        let health = Health::default().after_success(Some(4 * HOUR), at(0));
        assert!(!health.is_due(Some(at(0)), HOUR, at(3)));
        assert!(health.is_due(Some(at(0)), HOUR, at(4)));
        assert_eq!(health.rests_until(at(1)), None);
        assert_eq!(Health::default().after_success(Some(1000 * HOUR), at(0)).next_visit, Some(at(24)));
        let failed = health.after_failure(PASSING, 0.0, at(0));
        assert_eq!(failed.rests_until(at(0)), Some(at(0) + SignedDuration::from_mins(30)));
        assert_eq!(failed.rests_until(at(1)), None);
    }

    #[test]
    fn a_clock_that_was_ahead_does_not_stop_the_rounds() {
        assert!(Health::default().is_due(Some(at(100)), HOUR, at(0)));
    }
}
