//! Days as readers write them.

use jiff::civil::{Date, Weekday};

use crate::domain::language::Language;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The first day of the era.
const REIWA: Date = jiff::civil::date(2019, 5, 1);

/// Returns the day in full: `Friday 27 November 2026`, `2026年11月27日（金）`.
pub fn date_long(language: Language, date: Date) -> String {
    let (english, japanese) = weekday(date);
    match language {
        Language::En => format!("{english} {} {} {}", date.day(), month(date), date.year()),
        Language::Ja => format!("{}年{}月{}日（{japanese}）", date.year(), date.month(), date.day()),
    }
}

/// Returns the day without weekday and year: `27 November`, `11月27日`.
pub fn date_short(language: Language, date: Date) -> String {
    match language {
        Language::En => format!("{} {}", date.day(), month(date)),
        Language::Ja => format!("{}月{}日", date.month(), date.day()),
    }
}

/// Returns the day in full by the Japanese era: `令和8年11月27日（金）`. Before Reiwa it is the common year.
pub(super) fn date_era(date: Date) -> String {
    let era_year = date.year() - 2018;
    if date < REIWA {
        return date_long(Language::Ja, date);
    }
    let year = if era_year == 1 { "元".to_owned() } else { era_year.to_string() };
    format!("令和{year}年{}月{}日（{}）", date.month(), date.day(), weekday(date).1)
}

fn month(date: Date) -> &'static str {
    MONTHS[usize::from(date.month().unsigned_abs()) - 1]
}

fn weekday(date: Date) -> (&'static str, &'static str) {
    match date.weekday() {
        Weekday::Monday => ("Monday", "月"),
        Weekday::Tuesday => ("Tuesday", "火"),
        Weekday::Wednesday => ("Wednesday", "水"),
        Weekday::Thursday => ("Thursday", "木"),
        Weekday::Friday => ("Friday", "金"),
        Weekday::Saturday => ("Saturday", "土"),
        Weekday::Sunday => ("Sunday", "日"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_are_written_as_the_language_writes_them() {
        let day = date(2026, 11, 27);
        assert_eq!(date_long(Language::En, day), "Friday 27 November 2026");
        assert_eq!(date_long(Language::Ja, day), "2026年11月27日（金）");
        assert_eq!(date_short(Language::En, date(2026, 1, 3)), "3 January");
        assert_eq!(date_short(Language::Ja, date(2026, 12, 31)), "12月31日");
        assert_eq!(date_era(date(2019, 5, 1)), "令和元年5月1日（水）");
        assert_eq!(date_era(date(2019, 4, 30)), "2019年4月30日（火）");
    }
}
