//! How often a schedule comes round, where there is a common word for it: readers are told "once a week", not a cron
//! expression.

use jiff::civil::{Date, DateTime};

use super::{chrono_from, civil_from};

/// How often an edition appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// Once a day, on every day.
    Daily,
    /// On one day of each week.
    Weekly,
    /// On one day of each month.
    Monthly,
}

impl Frequency {
    /// Returns the word the locales know it by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }
}

/// Returns the frequency of a schedule, if it has one of these: any other rhythm, such as "Monday to Friday" or "in
/// summer", is none.
pub(super) fn of(cron: &cron::Schedule) -> Option<Frequency> {
    // A common year that begins on a Monday. An expression names days of the week or of the month, so the other years are
    // like it, but for a 29 February.
    const YEAR: i16 = 2001;
    const DAYS: usize = 365;
    let before = DateTime::constant(YEAR - 1, 12, 31, 23, 59, 59, 0);
    let slots = cron.after(&chrono_from(before)).map_while(civil_from).map(DateTime::date);
    let days: Vec<Date> = slots.take_while(|day| day.year() == YEAR).take(DAYS + 1).collect();
    let every = |step| days.windows(2).all(|pair| pair[1].day_of_year() - pair[0].day_of_year() == step);
    let each_month = || days.iter().map(|day| day.month()).eq(1..=12);
    match days.len() {
        DAYS if every(1) => Some(Frequency::Daily),
        52 | 53 if every(7) => Some(Frequency::Weekly),
        12 if each_month() => Some(Frequency::Monthly),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Schedule;
    use super::*;

    #[test]
    fn a_common_rhythm_has_a_word_and_any_other_has_none() {
        for (expression, expected) in [
            ("30 7 * * *", Some(Frequency::Daily)),
            ("@daily", Some(Frequency::Daily)),
            ("0 8 * * Fri", Some(Frequency::Weekly)),
            ("0 8 * * Mon", Some(Frequency::Weekly)),
            ("@weekly", Some(Frequency::Weekly)),
            ("0 8 1 * *", Some(Frequency::Monthly)),
            ("0 8 28 * *", Some(Frequency::Monthly)),
            // Not in every month, more than once in one of these, or not all year round.
            ("0 8 31 * *", None),
            ("0 8,20 * * *", None),
            ("0 8,20 * * Fri", None),
            ("*/5 * * * *", None),
            ("@hourly", None),
            ("0 8 * * Mon-Fri", None),
            ("0 8 * * Tue,Fri", None),
            ("0 8 1,15 * *", None),
            ("0 8 * 6-8 Fri", None),
            ("0 8 * 6 *", None),
            ("0 8 1-12 1 *", None),
            ("@yearly", None),
            ("0 8 29 2 *", None),
        ] {
            assert_eq!(Schedule::parse(expression, "Asia/Tokyo").unwrap().frequency(), expected, "{expression}");
        }
    }
}
