//! Small things said often: moments, counts, spans.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::config::Config;
use crate::domain::address::EmailAddress;

/// The clock on the wall of those who read.
#[derive(Debug, Clone)]
pub(super) struct Wall(TimeZone);

impl Wall {
    /// Returns the clock of an edition; of the first one if there is none of this name.
    pub(super) fn of(config: &Config, edition: Option<&str>) -> Self {
        let found = config.editions.iter().find(|e| edition.is_some_and(|name| e.name == name));
        let zone = found.or(config.editions.first()).and_then(|edition| {
            let name = edition.schedule.timezone_name();
            TimeZoneDatabase::bundled().get(name).ok()
        });
        Self(zone.unwrap_or(TimeZone::UTC))
    }

    /// Returns a moment as this clock shows it.
    pub(super) fn at(&self, at: Timestamp) -> String {
        at.to_zoned_datetime(self.0.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
    }

    /// Returns the day a moment falls on.
    pub(super) fn day(&self, at: Timestamp) -> String {
        at.to_zoned_datetime(self.0.clone()).date().to_string()
    }

    /// Returns a moment, or `-` if there is none.
    pub(super) fn maybe(&self, at: Option<Timestamp>) -> String {
        at.map_or_else(|| "-".to_owned(), |at| self.at(at))
    }
}

/// Returns a number as people read it, in English and in Japanese: `12,345`. It is for how many there are of something;
/// a number that names something stays as it is, and so does all that is JSON or CSV.
pub(super) fn digits(n: impl Into<i128>) -> String {
    let n = n.into();
    let plain = n.unsigned_abs().to_string();
    let mut grouped = String::from(if n < 0 { "-" } else { "" });
    for (index, digit) in plain.chars().enumerate() {
        if index > 0 && (plain.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Returns `1 item`, `2 items`, `12,345 items`.
pub(super) fn count(n: impl Into<i128>, one: &str, many: &str) -> String {
    let n = n.into();
    format!("{} {}", digits(n), if n == 1 { one } else { many })
}

/// Returns `n` as a number that [`count`] takes.
pub(super) fn number(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Returns `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
pub(super) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", span.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// Returns the address somebody typed. The operator sees their own words again, and what was probably meant.
pub(super) fn address(text: &str) -> anyhow::Result<EmailAddress> {
    EmailAddress::parse(text).map_err(|error| match error.suggestion() {
        Some(suggestion) => anyhow::anyhow!("{text:?}: {error}; did you mean {suggestion}?"),
        None => anyhow::anyhow!("{text:?}: {error}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_as_exact_as_it_is_short() {
        let told = [0.42, 12.0, 200.0, 7500.0].map(|seconds| span(Duration::from_secs_f64(seconds)));
        assert_eq!(told, ["0.4 s", "12 s", "3 min 20 s", "2 h 5 min"]);
    }

    #[test]
    fn long_numbers_are_read_in_groups_of_three() {
        let told = [0_i64, 7, 999, 1000, 12_345, 1_234_567, -4321].map(digits);
        assert_eq!(told, ["0", "7", "999", "1,000", "12,345", "1,234,567", "-4,321"]);
        assert_eq!(count(1000, "mail", "mails"), "1,000 mails");
    }

    #[test]
    fn a_bad_address_is_shown_without_its_line_ends_and_with_what_was_meant() {
        let told = |text| address(text).unwrap_err().to_string();
        assert!(told("a@example.jp\r\nBcc: b@example.jp").starts_with(r#""a@example.jp\r\nBcc: b@example.jp": "#));
        assert!(told("ｈａｎａ@example.jp").ends_with("did you mean hana@example.jp?"));
    }
}
