//! The gate to a relay: whether it is shut for now, and why.

use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::policy::later;
use crate::mail::{Relay, RelayTrouble};

/// The first pause after trouble. It doubles from time to time up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// Long enough not to bother a relay that is down, short enough that mail flows soon after it is mended.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// A relay, and whether mail may go to it now.
#[derive(Debug)]
pub(super) struct Gate {
    /// How to reach it.
    pub(super) relay: Relay,
    pause: Mutex<Option<Pause>>,
    /// Wakes whoever waits for the end of a pause.
    pub(super) resumed: Notify,
}

#[derive(Debug, Clone)]
struct Pause {
    trouble: String,
    until: Timestamp,
    length: Duration,
}

impl Gate {
    /// Returns an open gate.
    pub(super) fn new(relay: Relay) -> Self {
        Self { relay, pause: Mutex::new(None), resumed: Notify::new() }
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
        let until = self.lock().as_ref()?.until;
        Duration::try_from(until.duration_since(now)).ok().filter(|left| !left.is_zero())
    }

    /// Pauses the relay. Several connections that fail over the same trouble make one pause.
    pub(super) fn pause(&self, trouble: &RelayTrouble, now: Timestamp) {
        let mut pause = self.lock();
        if pause.as_ref().is_some_and(|pause| pause.until > now) {
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
        if self.lock().take().is_some() {
            tracing::info!(relay = self.name(), "The relay works again");
            self.resumed.notify_waiters();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Pause>> {
        self.pause.lock().expect("no holder of this lock panics")
    }
}
