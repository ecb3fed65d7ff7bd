//! `[delivery]`: how mail is handed over.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::delivery::OnUnknown;
use crate::domain::warm_up::WarmUp;

use super::pacing;
use super::reader::Table;

const HOUR: Duration = Duration::from_secs(3600);
/// Faster than any relay.
pub(super) const MAX_PER_MINUTE: i64 = 1_000_000;

/// How mail is handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryConfig {
    /// What becomes of a delivery whose fate nobody can know.
    pub on_unknown: OnUnknown,
    /// How long to wait before it is sent again.
    pub unknown_delay: Duration,
    /// How long to try before a delivery expires.
    pub give_up_after: Duration,
    /// How many mails a minute may leave, over all relays and nodes; 0 is no limit.
    pub rate_per_minute: u32,
    /// How many mails a minute go to a domain (in lower-case A-labels) at most; 0 is no limit.
    pub domains: BTreeMap<String, u32>,
    /// The warm-up plan.
    pub warm_up: Option<WarmUp>,
}

impl Default for DeliveryConfig {
    fn default() -> Self {
        Self {
            on_unknown: OnUnknown::Resend,
            unknown_delay: HOUR / 4,
            give_up_after: 48 * HOUR,
            rate_per_minute: 0,
            domains: pacing::default_domains(),
            warm_up: None,
        }
    }
}

impl DeliveryConfig {
    pub(super) fn read(mut table: Table<'_>) -> Self {
        let default = Self::default();
        let config = Self {
            on_unknown: table
                .parsed("on_unknown", |text| match text {
                    "resend" => Ok(OnUnknown::Resend),
                    "park" => Ok(OnUnknown::Park),
                    _ => Err(format!("{text:?} is not one of \"resend\" and \"park\"")),
                })
                .unwrap_or(default.on_unknown),
            unknown_delay: table.duration("unknown_delay", Duration::ZERO..=24 * HOUR).unwrap_or(default.unknown_delay),
            // RFC 5321 §4.5.4.1: at least four or five days for an MTA; a newsletter is stale long before.
            give_up_after: table.duration("give_up_after", HOUR..=14 * 24 * HOUR).unwrap_or(default.give_up_after),
            rate_per_minute: table.integer("rate_per_minute", 0..=MAX_PER_MINUTE).unwrap_or(default.rate_per_minute),
            domains: pacing::read_domains(table.sections("domains").unwrap_or_default()),
            warm_up: pacing::read_warm_up(table.section("warm_up")),
        };
        table.finish();
        config
    }
}
