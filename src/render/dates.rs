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
    }
}
