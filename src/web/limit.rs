//! How much one caller may send: sign-ups from a network, calls with a token. What protects the owner of an address is
//! the throttle in `subscribers`; this protects the database and the log from a single noisy caller.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::clock::Clock;

/// A family or an office behind one address signs up in one go.
const BURST: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");
/// After that, one a minute.
const PERIOD: Duration = Duration::from_secs(60);
/// How many networks are remembered: a few megabytes. Those who have been quiet for a while are forgotten first.
const MAX_NETWORKS: usize = 50_000;

/// Whom a limit falls on: an IPv4 address, or the /64 that one customer is given of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Network {
    V4(u32),
    V6(u64),
    /// The connection does not say.
    Unknown,
}

type Table<K> = RateLimiter<K, HashMapStateStore<K>, Ticks, NoOpMiddleware<Nanos>>;

/// A limit on what each of many callers does. It remembers a bounded number of them.
pub(super) struct Limit<K: Hash + Eq + Clone> {
    clock: Ticks,
    quota: Quota,
    most: usize,
    table: Mutex<Table<K>>,
}

/// The limit on sign-ups.
pub(super) struct SignUpLimit(Limit<Network>);

/// Our clock, as the limiter wants it.
#[derive(Clone)]
struct Ticks(Arc<dyn Clock>);

impl GovernorClock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(u64::try_from(self.0.now().as_nanosecond()).unwrap_or_default())
    }
}

impl From<Option<IpAddr>> for Network {
    fn from(ip: Option<IpAddr>) -> Self {
        match ip.map(|ip| ip.to_canonical()) {
            None => Self::Unknown,
            Some(IpAddr::V4(ip)) => Self::V4(ip.to_bits()),
            Some(IpAddr::V6(ip)) => {
                let [a, b, c, d, ..] = ip.segments();
                Self::V6([a, b, c, d].into_iter().fold(0, |bits, segment| bits << 16 | u64::from(segment)))
            }
        }
    }
}

impl<K: Hash + Eq + Clone> Limit<K> {
    /// Returns a limit of `burst` at once and then one in each `period`, for the `most` callers seen last.
    pub(super) fn new(clock: Arc<dyn Clock>, burst: NonZeroU32, period: Duration, most: usize) -> Self {
        let clock = Ticks(clock);
        let quota = Quota::with_period(period).expect("a period is not nothing").allow_burst(burst);
        Self { table: Mutex::new(table(quota, &clock)), clock, quota, most }
    }

    /// Counts what this caller does.
    ///
    /// # Errors
    /// How long the caller has to wait, if it was one too many.
    pub(super) fn check(&self, caller: &K) -> Result<(), Duration> {
        let mut table = self.table.lock().expect("no holder of this lock panics");
        if table.len() >= self.most {
            table.retain_recent();
            if table.len() >= self.most / 2 {
                // Whoever commands that many callers at once is not stopped by this table anyway.
                *table = self::table(self.quota, &self.clock);
            }
        }
        table.check_key(caller).map_err(|until| until.wait_time_from(self.clock.now()))
    }
}

fn table<K: Hash + Eq + Clone>(quota: Quota, clock: &Ticks) -> Table<K> {
    RateLimiter::new(quota, HashMapStateStore::default(), clock.clone())
}

impl SignUpLimit {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self(Limit::new(clock, BURST, PERIOD, MAX_NETWORKS))
    }

    /// Counts a sign-up from `ip`.
    ///
    /// # Errors
    /// How long the caller has to wait, if it was one too many.
    pub(super) fn check(&self, ip: Option<IpAddr>) -> Result<(), Duration> {
        self.0.check(&ip.into())
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::clock::ManualClock;

    fn limit() -> (SignUpLimit, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(Timestamp::from_second(1_790_000_000).unwrap()));
        (SignUpLimit::new(clock.clone()), clock)
    }

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn ten_at_once_and_then_one_a_minute() {
        let (limit, clock) = limit();
        for _ in 0..10 {
            assert_eq!(limit.check(ip("192.0.2.1")), Ok(()));
        }
        assert_eq!(limit.check(ip("192.0.2.1")), Err(Duration::from_secs(60)));
        assert_eq!(limit.check(ip("192.0.2.2")), Ok(()));
        clock.advance(SignedDuration::from_millis(59_999));
        assert!(limit.check(ip("192.0.2.1")).is_err());
        clock.advance(SignedDuration::from_millis(1));
        assert_eq!(limit.check(ip("192.0.2.1")), Ok(()));
        assert!(limit.check(ip("192.0.2.1")).is_err());
    }

    #[test]
    fn a_whole_64_counts_as_one() {
        let (limit, _) = limit();
        for index in 0..10 {
            assert_eq!(limit.check(ip(&format!("2001:db8:1:2:{index}::1"))), Ok(()));
        }
        assert!(limit.check(ip("2001:db8:1:2:ffff::")).is_err());
        assert_eq!(limit.check(ip("2001:db8:1:3::")), Ok(()));
        assert_eq!(limit.check(ip("::ffff:192.0.2.1")), limit.check(ip("192.0.2.1")));
    }

    #[test]
    fn the_table_does_not_grow_without_end() {
        let (limit, clock) = limit();
        for index in 0..200_000_u32 {
            let _ = limit.check(Some(std::net::Ipv4Addr::from_bits(index).into()));
            if index % 1000 == 0 {
                clock.advance(SignedDuration::from_secs(1));
            }
        }
        assert!(limit.0.table.lock().unwrap().len() <= MAX_NETWORKS);
    }
}
