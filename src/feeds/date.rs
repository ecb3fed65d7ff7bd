//! The dates of feeds: RFC 3339, RFC 5322, and the many things written in their place.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// No feed is older than the Web. Before it lie clocks that were never set.
const FIRST_YEAR: i16 = 1990;

/// Reads a date, or returns `None` for one that says nothing. A time without a zone is taken for UTC.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let (date, rest) = year_first(text).or_else(|| month_by_name(text))?;
    let (time, rest) = time_of_day(rest)?;
    let local = date.at(0, 0, 0, 0).checked_add(time).ok()?;
    let offset = zone(rest)?;
    (date.year() >= FIRST_YEAR).then(|| offset.to_timestamp(local).ok()).flatten()
}

/// `2026-11-06`, `2026/11/6`, `20261106`, `2026年11月6日`.
fn year_first(text: &str) -> Option<(Date, &str)> {
    let (digits, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    if digits.len() == 8 {
        return Some((date(&digits[..4], &digits[4..6], &digits[6..])?, rest));
    }
    if digits.len() != 4 {
        return None;
    }
    let (month, rest) = number(rest.strip_prefix(['-', '/', '.', '年'])?.trim_start())?;
    let (day, rest) = number(rest.strip_prefix(['-', '/', '.', '月'])?.trim_start())?;
    Some((date(digits, month, day)?, rest.strip_prefix('日').unwrap_or(rest)))
}

/// `Fri, 06 Nov 2026`, `6-Nov-26`, `November 6, 2026`, with or without a weekday in whatever language.
fn month_by_name(text: &str) -> Option<(Date, &str)> {
    let between = |c: char| c.is_whitespace() || matches!(c, ',' | '-' | '.' | '/');
    let mut rest = text;
    let (mut day, mut month) = (None, None);
    while day.is_none() || month.is_none() {
        rest = rest.trim_start_matches(between);
        if let Some((number, after)) = number(rest) {
            day = Some(number);
            rest = after;
        } else {
            // A number that is too long stands there instead of a word.
            let end = rest.find(|c: char| between(c) || c.is_ascii_digit()).filter(|end| *end > 0)?;
            month = month_number(&rest[..end]).or(month);
            rest = &rest[end..];
        }
    }
    let (year, rest) = number(rest.trim_start_matches(between))?;
    // RFC 5322 §4.3
    let year = match (year.len(), year.parse::<i16>().ok()?) {
        (1 | 2, year @ 0..50) => year + 2000,
        (1..=3, year) => year + 1900,
        (_, year) => year,
    };
    let date = Date::new(year, month?.parse().ok()?, day?.parse().ok()?).ok()?;
    Some((date, rest))
}

fn month_number(word: &str) -> Option<&'static str> {
    const MONTHS: [(&str, &str); 12] = [
        ("jan", "1"),
        ("feb", "2"),
        ("mar", "3"),
        ("apr", "4"),
        ("may", "5"),
        ("jun", "6"),
        ("jul", "7"),
        ("aug", "8"),
        ("sep", "9"),
        ("oct", "10"),
        ("nov", "11"),
        ("dec", "12"),
    ];
    let start = word.get(..3)?;
    MONTHS.iter().find(|(name, _)| name.eq_ignore_ascii_case(start)).map(|(_, number)| *number)
}

/// `T10:30:15.5`, `T103015`, ` 9:05`, `10:30 PM`, `10時30分`, or nothing, which is midnight.
fn time_of_day(text: &str) -> Option<(SignedDuration, &str)> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, 'T' | 't' | ','));
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (hours, minutes, seconds, rest) = match digits {
        0 => return Some((SignedDuration::ZERO, text)),
        6 => (&text[..2], &text[2..4], &text[4..6], &text[6..]),
        _ => {
            let (minutes, rest) = number(text[digits..].strip_prefix([':', '時'])?)?;
            let rest = rest.strip_prefix('分').unwrap_or(rest);
            let (seconds, rest) = rest.strip_prefix(':').and_then(number).unwrap_or(("0", rest));
            (&text[..digits], minutes, seconds, rest)
        }
    };
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    let mut hours: i64 = hours.parse().ok()?;
    let mut rest = rest.trim_start();
    for (mark, shift) in [("AM", 0), ("PM", 12)] {
        if let Some(after) = rest.get(..2).filter(|m| m.eq_ignore_ascii_case(mark)).map(|_| &rest[2..]) {
            hours = hours % 12 + shift;
            rest = after;
        }
    }
    let (minutes, seconds): (i64, i64) = (minutes.parse().ok()?, seconds.parse().ok()?);
    // 24:00 is the next midnight, 60 a leap second.
    (hours <= 24 && minutes < 60 && seconds <= 60)
        .then(|| (SignedDuration::from_secs(hours * 3600 + minutes * 60 + seconds), rest))
}

/// `Z`, `+09:00`, `+0900`, `+09`, `JST`, `GMT+9`, or nothing, which is UTC.
fn zone(text: &str) -> Option<Offset> {
    const NAMES: [(&str, i32); 14] = [
        ("JST", 9),
        ("KST", 9),
        ("EST", -5),
        ("EDT", -4),
        ("CST", -6),
        ("CDT", -5),
        ("MST", -7),
        ("MDT", -6),
        ("PST", -8),
        ("PDT", -7),
        ("BST", 1),
        ("CET", 1),
        ("CEST", 2),
        ("HST", -10),
    ];
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let named = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map_or(0, |(_, hours)| *hours);
    let rest = rest.trim_start();
    let sign = match rest.chars().next() {
        Some('+') => 1,
        Some('-') => -1,
        // A name we do not know counts as UTC (RFC 5322 §4.3).
        _ => return Offset::from_hours(named.try_into().ok()?).ok(),
    };
    let (digits, rest) = number(&rest[1..])?;
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits, rest.strip_prefix(':').and_then(number).map_or("0", |(minutes, _)| minutes)),
        4 => digits.split_at(2),
        _ => return None,
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60).then(|| Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()).flatten()
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// Splits a number of at most four digits off.
fn number(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (1..=4).contains(&end).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_however_they_are_written() {
        for (written, meant) in [
            ("2026-11-06T08:00:00+09:00", "2026-11-05T23:00:00Z"),
            ("2026-11-06T08:00:00.123Z", "2026-11-06T08:00:00Z"),
            ("2026-11-06T08:00+0900", "2026-11-05T23:00:00Z"),
            ("2026-11-06 08:00:00", "2026-11-06T08:00:00Z"),
            ("2026/11/6 8:05 JST", "2026-11-05T23:05:00Z"),
            ("2026年11月6日 8時05分", "2026-11-06T08:05:00Z"),
            ("20261106T080000Z", "2026-11-06T08:00:00Z"),
            ("20261106", "2026-11-06T00:00:00Z"),
            ("2026-11-06", "2026-11-06T00:00:00Z"),
            ("Fri, 06 Nov 2026 08:00:00 +0900", "2026-11-05T23:00:00Z"),
            ("Fri, 6 Nov 2026 8:00 GMT", "2026-11-06T08:00:00Z"),
            ("Mon, 06 Nov 26 08:00:00 UT", "2026-11-06T08:00:00Z"),
            ("金, 06 Nov 2026 08:00:00 JST", "2026-11-05T23:00:00Z"),
            ("Friday, November 6, 2026 - 11:30 PM PST", "x"),
            ("November 6, 2026 11:30 PM PST", "2026-11-07T07:30:00Z"),
            ("06 Sept 2026 24:00:00 Z", "2026-09-07T00:00:00Z"),
            ("06-Nov-2026 12:30 AM", "2026-11-06T00:30:00Z"),
            ("Fri, 06 Nov 2026 08:00:00 GMT+9", "2026-11-05T23:00:00Z"),
            ("Fri, 06 Nov 2026 08:00:00 XYZ", "2026-11-06T08:00:00Z"),
            ("Fri, 06 Nov 2099 08:00:00 -0000", "2099-11-06T08:00:00Z"),
        ] {
            let read = parse(written).map(|at| at.to_string());
            assert_eq!(read.as_deref().unwrap_or("x"), meant, "{written}");
        }
    }

    #[test]
    fn a_date_that_says_nothing_is_none() {
        for nothing in [
            "",
            "yesterday",
            "1970-01-01T00:00:00Z",
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "0000-00-00 00:00:00",
            "-0001-11-30T00:00:00+00:00",
            "2026-13-01",
            "2026-02-30",
            "12",
            "99999999999999",
            "2026-11-06T99:00:00Z",
            "2026-11-06T08:00:00+99:99",
            "Invalid Date",
            "Jan",
            "６ Nov 2026",
            "2026-11-06T08:00:00+00000000009",
        ] {
            assert_eq!(parse(nothing), None, "{nothing:?}");
        }
    }
}
