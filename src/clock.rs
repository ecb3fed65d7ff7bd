//! The wall clock and fresh random bytes: the two things that come from outside without being asked for.
//!
//! Everything else takes them as arguments, so that a test decides what time it is. Clippy forbids the real ones
//! elsewhere.

use std::sync::Mutex;

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
