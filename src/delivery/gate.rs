//! The gate to a relay: whether it is shut for now, and why.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::Notify;

use super::policy::later;
use crate::mail::{Relay, RelayTrouble};

/// The first pause after trouble. It doubles from time to time up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// Long enough not to bother a relay that is down, short enough that mail flows soon after it is mended.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// How long after it worked a relay is taken to work: longer than it may take to hand over one mail, mostly.
const LATELY: Duration = Duration::from_secs(10);

/// How long a relay that met a group of commands with silence is told one thing at a time. It may have been one
/// recipient it was slow about.
const LOCKSTEP: Duration = Duration::from_secs(3600);

/// A relay, and whether mail may go to it now.
#[derive(Debug)]
pub(super) struct Gate {
    /// How to reach it.
    pub(super) relay: Relay,
    pause: Mutex<Option<Pause>>,
    worked: Mutex<Option<Instant>>,
    misunderstood: Mutex<Option<Instant>>,
    /// Wakes whoever waits for the end of a pause.
    pub(super) resumed: Notify,
}

#[derive(Debug, Clone)]
struct Pause {
    trouble: String,
    until: Timestamp,
    length: Duration,
}

impl Pause {
    /// Returns how much is left of it. More than the whole is left if the clock was put back: then it is over, since
    /// nobody knows when it began.
    fn left(&self, now: Timestamp) -> Option<Duration> {
        let left = Duration::try_from(self.until.duration_since(now)).ok()?;
        (!left.is_zero() && left <= self.length).then_some(left)
    }
}

impl Gate {
    /// Returns an open gate.
    pub(super) fn new(relay: Relay) -> Self {
        Self {
            relay,
            pause: Mutex::default(),
            worked: Mutex::default(),
            misunderstood: Mutex::default(),
            resumed: Notify::new(),
        }
    }

    /// Returns what the relay is called.
    pub(super) fn name(&self) -> &str {
        &self.relay.config.name
    }

    /// Returns what is wrong, while the relay is paused.
    pub(super) fn trouble(&self) -> Option<String> {
        self.lock().as_ref().map(|pause| pause.trouble.clone())
    }

    /// Returns how long the pause still lasts at `now`, if there is one.
    pub(super) fn paused_for(&self, now: Timestamp) -> Option<Duration> {
        self.lock().as_ref()?.left(now)
    }

    /// Returns whether the relay worked a moment ago, over another connection. Then one that cannot be opened is one too
    /// many for it, and no reason to give it a pause.
    pub(super) fn worked_lately(&self) -> bool {
        self.last_worked().is_some_and(|at| at.elapsed() < LATELY)
    }

    /// Takes note that the relay met a group of commands with silence, and says so the first time.
    pub(super) fn misunderstands(&self) {
        let before = self.last_misunderstood().replace(Instant::now());
        if before.is_none_or(|at| at.elapsed() >= LOCKSTEP) {
            tracing::warn!(
                relay = self.name(),
                "It announces PIPELINING and does not answer; it is told one thing at a time for an hour"
            );
        }
    }

    /// Returns whether the relay may be told several things at once, if it offers that.
    pub(super) fn understands(&self) -> bool {
        self.last_misunderstood().is_none_or(|at| at.elapsed() >= LOCKSTEP)
    }

    fn last_misunderstood(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.misunderstood.lock().expect("no holder of this lock panics")
    }

    /// Pauses the relay. Several connections that fail over the same trouble make one pause.
    pub(super) fn pause(&self, trouble: &RelayTrouble, now: Timestamp) {
        let mut pause = self.lock();
        *self.last_worked() = None;
        if pause.as_ref().is_some_and(|pause| pause.left(now).is_some()) {
            return;
        }
        let length = pause.as_ref().map_or(FIRST_PAUSE, |pause| (pause.length * 2).min(LONGEST_PAUSE));
        let words = trouble.to_string();
        tracing::warn!(
            relay = self.name(),
            pause_s = length.as_secs(),
            "A relay is in trouble and gets a pause; no subscriber is blamed. {words}"
        );
        *pause = Some(Pause { trouble: words, until: later(now, length), length });
    }

    /// Takes note that the relay took a message, or refused one for a reason of its own: it works.
    pub(super) fn works(&self) {
        *self.last_worked() = Some(Instant::now());
        if self.lock().take().is_some() {
            tracing::info!(relay = self.name(), "The relay works again");
            self.resumed.notify_waiters();
        }
    }

    fn last_worked(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.worked.lock().expect("no holder of this lock panics")
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Pause>> {
        self.pause.lock().expect("no holder of this lock panics")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RelayConfig;
    use crate::domain::delivery::Reply;
    use crate::mail::Phase;

    #[test]
    fn a_clock_that_is_put_back_does_not_make_a_pause_longer() {
        let gate = Gate::new(Relay::new(RelayConfig::plain("main", "localhost", 25), "news.example.jp"));
        let trouble =
            RelayTrouble { relay: "x".into(), phase: Phase::Connect, reply: Reply::new(None, "x"), permanent: false };
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        gate.pause(&trouble, now);
        assert_eq!(gate.paused_for(now), Some(FIRST_PAUSE));
        let earlier = now - jiff::SignedDuration::from_hours(24);
        assert!(gate.paused_for(earlier).is_none_or(|left| left <= LONGEST_PAUSE), "{:?}", gate.paused_for(earlier));
        gate.pause(&trouble, earlier);
        assert!(gate.paused_for(earlier).is_some_and(|left| left <= LONGEST_PAUSE), "it can be paused anew");
    }
}
