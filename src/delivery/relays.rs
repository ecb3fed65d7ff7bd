//! A relay as the service sees it: its connections, and whether it is paused and why.

use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::policy::later;
use crate::mail::{RelayConfig, RelayTrouble};

/// The first pause after trouble. It doubles from time to time up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// Long enough not to bother a relay that is down, short enough that mail flows soon after it is mended.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// A relay and the connections it may be given.
#[derive(Debug)]
pub struct Relay {
    /// How to reach it.
    pub(super) config: RelayConfig,
    /// How many connections at once.
    pub(super) connections: usize,
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

impl Relay {
    /// Returns a relay that takes up to `connections` connections.
    pub fn new(config: RelayConfig, connections: usize) -> Self {
        Self { config, connections: connections.max(1), pause: Mutex::new(None), resumed: Notify::new() }
    }

    /// Returns what is wrong, while the relay is paused.
    pub fn trouble(&self) -> Option<String> {
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
            relay = self.config.name, pause_s = length.as_secs(),
            "A relay is in trouble and gets a pause; no subscriber is blamed. {words}"
        );
        *pause = Some(Pause { trouble: words, until: later(now, length), length });
    }

    /// Takes note that the relay took a message, or refused one for a reason of its own: it works.
    pub(super) fn works(&self) {
        if self.lock().take().is_some() {
            tracing::info!(relay = self.config.name, "The relay works again");
            self.resumed.notify_waiters();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Pause>> {
        self.pause.lock().expect("no holder of this lock panics")
    }
}
