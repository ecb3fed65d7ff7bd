//! A rate of mails.

const HOUR_US: u64 = 3_600_000_000;

/// A number of mails an hour, one at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(u64);

impl Rate {
    /// The slowest rate anything is slowed down to: ten minutes between two mails, twice as fast as a retry.
    pub const SLOWEST: Self = Self(6);
    /// What a domain gets after a pause, if nothing is known of it.
    pub const TRIAL: Self = Self(600);
    /// The fastest: a million a minute.
    pub const FASTEST: Self = Self(60_000_000);

    /// Returns `mails` a minute; `None` for 0, which stands for no limit.
    pub fn per_minute(mails: u32) -> Option<Self> {
        (mails > 0).then(|| Self::per_hour(u64::from(mails) * 60))
    }

    /// Returns `mails` an hour, between one and a million a minute.
    pub fn per_hour(mails: u64) -> Self {
        Self(mails.clamp(1, Self::FASTEST.0))
    }

    /// Returns how many mails an hour it is.
    pub fn an_hour(self) -> u64 {
        self.0
    }

    /// Returns how many may leave at the same moment: a second's worth, at least one.
    pub fn burst(self) -> u32 {
        u32::try_from(self.0 / 3600).unwrap_or(u32::MAX).max(1)
    }

    /// Returns the rate in the long run, an hour. It is a little less than what is allowed, so that a burst and the
    /// minute after it are together no more than what a minute allows.
    fn sustained(self) -> u64 {
        (self.0 - 60 * (u64::from(self.burst()) - 1)).max(1)
    }

    /// Returns how long `mails` take, in microseconds, rounded up.
    pub(super) fn cost_us(self, mails: u32) -> i64 {
        let cost = (u64::from(mails) * HOUR_US).div_ceil(self.sustained());
        i64::try_from(cost).unwrap_or(i64::MAX)
    }

    /// Returns how many mails fit into a span of microseconds.
    pub(super) fn fitting(self, span_us: i64) -> u32 {
        let span = u128::try_from(span_us).unwrap_or_default();
        u32::try_from(span * u128::from(self.sustained()) / u128::from(HOUR_US)).unwrap_or(u32::MAX)
    }
}
