//! `[feeds]`: how feeds are fetched.

use std::time::Duration;

use ipnet::IpNet;

use super::network;
use super::reader::Table;

const HOUR: Duration = Duration::from_secs(3600);

/// How feeds are fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedsConfig {
    /// Private networks feeds may be fetched from all the same; none by default.
    pub allow_networks: Vec<IpNet>,
    /// How old an item of a feed fetched for the first time may be.
    pub first_fetch_max_age: Duration,
    /// How often a feed is fetched.
    pub poll_every: Duration,
}

impl Default for FeedsConfig {
    fn default() -> Self {
        Self { allow_networks: Vec::new(), first_fetch_max_age: 14 * 24 * HOUR, poll_every: HOUR }
    }
}

impl FeedsConfig {
    pub(super) fn read(mut table: Table<'_>) -> Self {
        let default = Self::default();
        let config = Self {
            allow_networks: table.list("allow_networks", network).unwrap_or_default(),
            first_fetch_max_age: table
                .duration("first_fetch_max_age", HOUR..=3650 * 24 * HOUR)
                .unwrap_or(default.first_fetch_max_age),
            // More often than every minute is no way to treat a guest.
            poll_every: table.duration("poll_every", HOUR / 60..=7 * 24 * HOUR).unwrap_or(default.poll_every),
        };
        table.finish();
        config
    }
}
