//! The warm-up of a sender nobody knows yet: so many mails a day, more each day.

use jiff::civil::Date;

/// A warm-up plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarmUp {
    /// The first day. Before it, its number holds.
    pub start: Date,
    /// How many mails leave on it.
    pub first_day: u32,
    /// By how many per cent each day's number is larger than the one before.
    pub growth_percent: u32,
    /// The day this number is reached there is no limit any more.
    pub until: u32,
}

impl WarmUp {
    /// Returns how many mails may leave on `day`; `None` if the warm-up is over.
    pub fn limit_on(&self, day: Date) -> Option<u64> {
        let mut limit = u64::from(self.first_day);
        let passed = day.since(self.start).map_or(0, |span| span.get_days());
        for _ in 0..passed.max(0) {
            if limit >= u64::from(self.until) {
                break;
            }
            // Ten per cent of a handful are nothing: one more a day it always is.
            limit += (limit * u64::from(self.growth_percent) / 100).max(1);
        }
        (limit < u64::from(self.until)).then_some(limit)
    }

    /// Returns the first day without a limit.
    pub fn over_on(&self) -> Option<Date> {
        let mut day = self.start;
        // Even one more a day reaches a million; nobody plans longer than some years.
        for _ in 0..3660 {
            if self.limit_on(day).is_none() {
                return Some(day);
            }
            day = day.tomorrow().ok()?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_day_takes_more_than_the_one_before_until_there_is_no_limit() {
        let plan = WarmUp { start: "2026-12-01".parse().unwrap(), first_day: 200, growth_percent: 50, until: 1000 };
        let on = |day: &str| plan.limit_on(day.parse().unwrap());
        assert_eq!(on("2026-11-20"), Some(200), "before the start nothing more than on its first day");
        let days = ["2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04", "2026-12-05", "2027-12-05"].map(on);
        assert_eq!(days, [Some(200), Some(300), Some(450), Some(675), None, None]);
        assert_eq!(plan.over_on(), Some("2026-12-05".parse().unwrap()));
    }

    #[test]
    fn the_slowest_plan_grows_all_the_same() {
        let plan = WarmUp { start: "2026-12-01".parse().unwrap(), first_day: 1, growth_percent: 1, until: 5 };
        assert_eq!(plan.limit_on("2026-12-04".parse().unwrap()), Some(4));
        assert_eq!(plan.limit_on("2026-12-05".parse().unwrap()), None);
    }
}
