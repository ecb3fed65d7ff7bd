//! The wall clock and fresh random bytes: the two things that come from outside without being asked for.
//!
//! Everything else takes them as arguments, so that a test decides what time it is. Clippy forbids the real ones
//! elsewhere.

use std::sync::{Mutex, RwLock};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use rand::{TryRng, rngs::SysRng};

/// Tells the time and hands out random bytes.
pub trait Clock: Send + Sync + 'static {
    /// Returns the present moment, to the millisecond (the precision of the store).
    fn now(&self) -> Timestamp;

    /// Fills `bytes` with unpredictable bytes.
    fn fill_random(&self, bytes: &mut [u8]);
}

/// Returns `N` random bytes from `clock`.
pub fn random_bytes<const N: usize>(clock: &dyn Clock) -> [u8; N] {
    let mut bytes = [0; N];
    clock.fill_random(&mut bytes);
    bytes
}

/// Returns a number spread evenly over `[0, 1)`, for jitter.
pub fn random_fraction(clock: &dyn Clock) -> f64 {
    // 32 bits are enough to spread retries; an f64 holds them exactly.
    f64::from(u32::from_be_bytes(random_bytes(clock))) / (f64::from(u32::MAX) + 1.0)
}

/// The operating system's clock and random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn now(&self) -> Timestamp {
        truncated(Timestamp::now())
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        // Without its random source the system cannot make a token; nothing sensible could be done instead.
        SysRng.try_fill_bytes(bytes).expect("the operating system has a random source");
    }
}

/// The clock of nodes that share a database: each goes by what the database's clock read, and in between by how much
/// time has passed, which nobody can set. Leases are only worth something among nodes that agree on the time; a node's
/// own wall clock may be wrong by minutes, and may be put right at any moment.
#[derive(Debug)]
pub struct SharedClock {
    read: RwLock<(Timestamp, Instant)>,
}

impl SharedClock {
    /// Returns a clock that read `time` at the moment `at`.
    pub fn new(time: Timestamp, at: Instant) -> Self {
        Self { read: RwLock::new((time, at)) }
    }

    /// Takes a new reading.
    pub fn set(&self, time: Timestamp, at: Instant) {
        *self.read.write().expect("no holder of this lock panics") = (time, at);
    }
}

impl Clock for SharedClock {
    fn now(&self) -> Timestamp {
        let (time, at) = *self.read.read().expect("no holder of this lock panics");
        truncated(time.saturating_add(at.elapsed()).expect("an unsigned duration can be added"))
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        SystemClock.fill_random(bytes);
    }
}

/// A clock for tests: it stands still until told to move, and its random bytes repeat from run to run.
#[derive(Debug)]
pub struct ManualClock {
    state: Mutex<ManualState>,
}

#[derive(Debug)]
struct ManualState {
    now: Timestamp,
    next_random: u64,
}

impl ManualClock {
    /// Returns a clock that stands at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self { state: Mutex::new(ManualState { now: truncated(now), next_random: 1 }) }
    }

    /// Moves the clock forward, or back if `by` is negative.
    pub fn advance(&self, by: SignedDuration) {
        self.lock().now += by;
    }

    /// Sets the clock to `now`.
    pub fn set(&self, now: Timestamp) {
        self.lock().now = truncated(now);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, ManualState> {
        self.state.lock().expect("no holder of this lock panics")
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.lock().now
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        use sha2::{Digest, Sha256};
        let mut state = self.lock();
        for chunk in bytes.chunks_mut(32) {
            let block = Sha256::digest(state.next_random.to_be_bytes());
            state.next_random += 1;
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

fn truncated(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).expect("a timestamp in range stays in range")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_shared_clock_goes_on_from_its_last_reading() {
        let read = Timestamp::from_second(1_790_000_000).unwrap();
        let a_minute_ago = Instant::now().checked_sub(Duration::from_secs(60)).unwrap();
        let clock = SharedClock::new(read, a_minute_ago);
        let shown = clock.now().duration_since(read);
        assert!((60..70).contains(&shown.as_secs()), "{shown}");
        clock.set(read, Instant::now());
        assert!(clock.now().duration_since(read).as_secs() < 10, "a reading counts more than what went before");
    }
}
