//! `[[delivery.domains]]` and `[delivery.warm_up]`: how fast mail goes where it is looked at closely.

use std::collections::BTreeMap;

use crate::domain::address::EmailAddress;
use crate::domain::warm_up::WarmUp;

use super::delivery::MAX_PER_MINUTE;
use super::reader::Table;

/// The Japanese carriers. They publish no number, and ask senders of many mails to go slowly and over few connections;
/// five a second is what we think of as slow.
const CARRIERS: [&str; 5] = ["au.com", "docomo.ne.jp", "ezweb.ne.jp", "i.softbank.jp", "softbank.ne.jp"];
const CARRIER_PER_MINUTE: u32 = 300;

/// Half as much again every day: six days from two hundred to two thousand.
const DEFAULT_GROWTH_PERCENT: u32 = 50;
/// Senders of more than this a day are watched by name everywhere, and known by then.
const DEFAULT_UNTIL: u32 = 100_000;

/// Returns the limits of domains nobody wrote anything about, in mails a minute.
pub(super) fn default_domains() -> BTreeMap<String, u32> {
    CARRIERS.into_iter().map(|domain| (domain.to_owned(), CARRIER_PER_MINUTE)).collect()
}

/// Returns the limits of domains, the operator's over the built-in ones.
pub(super) fn read_domains(tables: Vec<Table<'_>>) -> BTreeMap<String, u32> {
    let mut written = BTreeMap::new();
    for mut table in tables {
        for key in ["domain", "per_minute"] {
            if !table.has(key) {
                table.report(None, key, "a domain's pace must have this key");
            }
        }
        let origin = table.origin_of("domain");
        let domain = table.parsed("domain", domain);
        let per_minute = table.integer("per_minute", 0..=MAX_PER_MINUTE);
        if let (Some(domain), Some(per_minute)) = (domain, per_minute)
            && written.insert(domain, per_minute).is_some()
        {
            table.report(origin.as_ref(), "domain", "there is a pace for this domain already");
        }
        table.finish();
    }
    let mut domains = default_domains();
    domains.extend(written);
    domains
}

/// Returns the warm-up plan, if one is written.
pub(super) fn read_warm_up(mut table: Table<'_>) -> Option<WarmUp> {
    let any = ["start", "first_day", "growth_percent", "until"].into_iter().any(|key| table.has(key));
    if any {
        for key in ["start", "first_day"] {
            if !table.has(key) {
                table.report(None, key, "a warm-up must have this key");
            }
        }
    }
    let until_origin = table.origin_of("until");
    let start = table.parsed("start", |text| {
        text.parse().map_err(|_| format!("{text:?} is no day: write one such as \"2026-12-01\""))
    });
    let first_day = table.integer("first_day", 1..=1_000_000_000);
    let growth_percent = table.integer("growth_percent", 1..=1000).unwrap_or(DEFAULT_GROWTH_PERCENT);
    let until = table.integer("until", 1..=1_000_000_000).unwrap_or(DEFAULT_UNTIL);
    if first_day.is_some_and(|first_day| first_day >= until) {
        let message = format!("the warm-up ends at {until} mails a day: first_day must be fewer");
        table.report(until_origin.as_ref(), "until", message);
    }
    table.finish();
    Some(WarmUp { start: start?, first_day: first_day?, growth_percent, until })
}

/// Returns a domain as addresses have it in the store: lower-case A-labels.
fn domain(text: &str) -> Result<String, String> {
    EmailAddress::parse_mailbox(&format!("x@{text}"))
        .map(|address| address.domain().to_owned())
        .map_err(|_| format!("{text:?} is no domain: write what follows the @, such as \"docomo.ne.jp\""))
}
