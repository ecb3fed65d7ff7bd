//! What each domain has taken in the last minute, as this process saw it.

use std::collections::HashMap;

use jiff::Timestamp;

const MINUTE_MS: i64 = 60_000;
/// More domains than this are not counted: a list has a few large ones, and who complains is among them.
const MOST_DOMAINS: usize = 20_000;

/// Counts mails by domain, in this minute and the one before.
#[derive(Debug, Default)]
pub(super) struct Meter {
    minute: i64,
    current: HashMap<String, u32>,
    before: HashMap<String, u32>,
}

impl Meter {
    /// Counts a mail that was taken.
    pub(super) fn count(&mut self, domain: &str, now: Timestamp) {
        self.turn(now);
        if let Some(mails) = self.current.get_mut(domain) {
            *mails += 1;
        } else if self.current.len() < MOST_DOMAINS {
            self.current.insert(domain.to_owned(), 1);
        }
    }

    /// Returns how many mails a domain took in the minute up to `now`, taking the minute before for an even one.
    pub(super) fn last_minute(&mut self, domain: &str, now: Timestamp) -> u32 {
        self.turn(now);
        let of = |counts: &HashMap<String, u32>| u64::from(counts.get(domain).copied().unwrap_or_default());
        let left = u64::try_from(MINUTE_MS - now.as_millisecond().rem_euclid(MINUTE_MS)).unwrap_or_default();
        let mails = of(&self.current) + (of(&self.before) * left).div_ceil(60_000);
        u32::try_from(mails).unwrap_or(u32::MAX)
    }

    /// Begins a new minute if it is time.
    fn turn(&mut self, now: Timestamp) {
        let minute = now.as_millisecond().div_euclid(MINUTE_MS);
        if minute == self.minute {
            return;
        }
        let ended = std::mem::take(&mut self.current);
        self.before = if minute == self.minute + 1 { ended } else { HashMap::new() };
        self.minute = minute;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_remembers_a_minute_and_no_longer() {
        let at = |seconds: i64| Timestamp::from_second(1_790_000_040 + seconds).unwrap();
        assert_eq!(at(0).as_second() % 60, 0, "the beginning of a minute");
        let mut meter = Meter::default();
        for second in 0..60 {
            meter.count("example.jp", at(second));
        }
        assert_eq!(meter.last_minute("example.jp", at(59)), 60);
        assert_eq!(meter.last_minute("example.jp", at(75)), 45);
        assert_eq!(meter.last_minute("other.jp", at(75)), 0);
        assert_eq!(meter.last_minute("example.jp", at(121)), 0);
        assert_eq!(meter.last_minute("example.jp", at(-600)), 0, "a clock that was put back forgets");
    }
}
