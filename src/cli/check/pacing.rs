//! Limits that make no sense together.

use jiff::Timestamp;

use super::finding::Report;
use crate::cli::words::count;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::domain::warm_up::WarmUp;

/// A warm-up that takes longer than this is a limit somebody forgot.
const LONG_DAYS: i32 = 365;

/// Says what is limited, and names what cannot have been meant.
pub(super) fn at_paces(config: &Config, report: &mut Report) {
    let all = config.delivery.rate_per_minute;
    let relays: Vec<u32> = config.relays.iter().map(|relay| relay.rate_per_minute).collect();
    for relay in &config.relays {
        if all > 0 && relay.rate_per_minute > all {
            let text = format!("{} a minute is more than delivery.rate_per_minute lets through", relay.rate_per_minute);
            report.warning(&format!("relays.{}.rate_per_minute", relay.name), text);
        }
    }
    let together: u64 = relays.iter().map(|rate| u64::from(*rate)).sum();
    if !relays.is_empty() && !relays.contains(&0) && u64::from(all) > together {
        report.warning(
            "delivery.rate_per_minute",
            format!("{all} is more than all relays together are handed: {together}"),
        );
    }
    let mut limited = 0;
    for (domain, per_minute) in &config.delivery.domains {
        limited += usize::from(*per_minute > 0);
        if all > 0 && *per_minute > all && !is_built_in(config, domain) {
            let text = format!("{per_minute} a minute for {domain} is more than delivery.rate_per_minute lets through");
            report.warning("delivery.domains", text);
        }
    }
    report.fine("delivery.domains", format!("{limited} with a limit of their own"));
    if let Some(plan) = &config.delivery.warm_up {
        warm_up(plan, config, SystemClock.now(), report);
    }
}

/// The built-in numbers were not written by whoever set a lower rate for all.
fn is_built_in(config: &Config, domain: &str) -> bool {
    crate::config::DeliveryConfig::default().domains.get(domain) == config.delivery.domains.get(domain)
}

fn warm_up(plan: &WarmUp, config: &Config, now: Timestamp, report: &mut Report) {
    const SUBJECT: &str = "delivery.warm_up";
    let today = now.to_zoned_datetime(config.first_zone()).date();
    let days = |day: jiff::civil::Date| day.since(plan.start).map_or(0, |span| span.get_days());
    match (plan.limit_on(today), plan.over_on()) {
        (None, _) => report.warning(SUBJECT, "it is over: remove it"),
        (Some(limit), Some(end)) if days(end) <= LONG_DAYS => {
            report.fine(SUBJECT, format!("{} today, no limit from {end} on", count(limit, "mail", "mails")));
        }
        (Some(limit), _) => {
            report.warning(
                SUBJECT,
                format!("{} today, and it goes on for more than a year", count(limit, "mail", "mails")),
            );
        }
    }
}
