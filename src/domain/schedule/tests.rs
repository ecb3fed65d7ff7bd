//! The normaliser against a foreign implementation, and the calendar against its worst days.

use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn schedule(expression: &str, timezone: &str) -> Schedule {
    Schedule::parse(expression, timezone).unwrap_or_else(|e| panic!("{expression} in {timezone}: {e}"))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn all_after(schedule: &Schedule, after: Timestamp, until: Timestamp) -> Vec<Slot> {
    let first = schedule.next_after(after);
    std::iter::successors(first, |slot| schedule.next_after(slot.instant)).take_while(|s| s.instant <= until).collect()
}

fn keys(slots: &[Slot]) -> Vec<String> {
    slots.iter().map(Slot::key).collect()
}

#[test]
fn friday_morning_in_tokyo_is_thursday_night_in_utc() {
    let weekly = schedule("0 8 * * Fri", "Asia/Tokyo");
    let slot = weekly.next_after(at("2026-11-24T00:00:00Z")).unwrap();
    assert_eq!(slot.key(), "2026-11-27T08:00");
    assert_eq!(slot.instant, at("2026-11-26T23:00:00Z"));
    let next = weekly.next_after(slot.instant).unwrap();
    assert_eq!(next.key(), "2026-12-04T08:00");
    assert_eq!(weekly.next_after(at("2026-11-26T22:59:59.999Z")), Some(slot));
    assert_eq!(weekly.expression(), "0 8 * * Fri");
    assert_eq!(weekly.timezone_name(), "Asia/Tokyo");
    assert_eq!(weekly.civil_date(slot.instant), date(2026, 11, 27));
}

#[test]
fn days_are_numbered_as_people_number_them() {
    for (expression, day) in [
        ("0 8 * * 5", "2026-11-27"),
        ("0 8 * * fri", "2026-11-27"),
        ("0 8 * * Friday", "2026-11-27"),
        ("0 8 * * 0", "2026-11-29"),
        ("0 8 * * 7", "2026-11-29"),
        ("0 8 * * SUN", "2026-11-29"),
        ("0 8 * * 6-7", "2026-11-28"),
    ] {
        let slot = schedule(expression, "UTC").next_after(at("2026-11-24T12:00:00Z")).unwrap();
        assert_eq!(slot.key(), format!("{day}T08:00"), "{expression}");
    }
}

#[test]
fn a_slot_in_a_spring_gap_moves_later_and_is_not_lost() {
    // New York skipped 02:00 to 03:00 on 2027-03-14, Berlin on 2027-03-28.
    for (zone, day, instant) in [
        ("America/New_York", "2027-03-14", "2027-03-14T07:30:00Z"),
        ("Europe/Berlin", "2027-03-28", "2027-03-28T01:30:00Z"),
        ("Asia/Tokyo", "2027-03-28", "2027-03-27T17:30:00Z"),
    ] {
        let weekly = schedule("30 2 * * Sun", zone);
        let slot = weekly.next_after(at(instant) - SignedDuration::from_hours(24)).unwrap();
        assert_eq!(slot.key(), format!("{day}T02:30"), "{zone}");
        assert_eq!(slot.instant, at(instant), "{zone}");
        let next = weekly.next_after(slot.instant).unwrap();
        assert_eq!(next.civil, slot.civil + 7.days(), "{zone}");
    }
}

#[test]
fn a_slot_in_an_autumn_fold_happens_the_first_time_only() {
    // New York had 01:00 to 02:00 twice on 2026-11-01; Berlin had 02:00 to 03:00 twice on 2026-10-25.
    for (zone, expression, key, instant) in [
        ("America/New_York", "30 1 * * Sun", "2026-11-01T01:30", "2026-11-01T05:30:00Z"),
        ("Europe/Berlin", "30 2 * * Sun", "2026-10-25T02:30", "2026-10-25T00:30:00Z"),
    ] {
        let weekly = schedule(expression, zone);
        let slot = weekly.next_after(at(instant) - SignedDuration::from_mins(1)).unwrap();
        assert_eq!((slot.key().as_str(), slot.instant), (key, at(instant)), "{zone}");
        for minutes in 0..120 {
            let next = weekly.next_after(at(instant) + SignedDuration::from_mins(minutes)).unwrap();
            assert_eq!(next.civil, slot.civil + 7.days(), "{zone}, {minutes} minutes later");
        }
    }
}

#[test]
fn slots_come_in_order_through_a_gap_and_two_at_one_instant_are_one() {
    let half_hourly = schedule("0,30 * * * *", "America/New_York");
    let (after, until) = (at("2027-03-14T06:15:00Z"), at("2027-03-14T08:15:00Z"));
    let slots = all_after(&half_hourly, after, until);
    assert_eq!(
        keys(&slots),
        ["2027-03-14T01:30", "2027-03-14T03:00", "2027-03-14T03:30", "2027-03-14T04:00"],
        "02:00 and 02:30 fall on 03:00 and 03:30"
    );
    assert_eq!(half_hourly.slots_between(after, until, 10), slots);

    // Here the slot out of the gap lands between two others.
    let odd = schedule("45 2,3 * * *", "America/New_York");
    assert_eq!(keys(&all_after(&odd, after, until)), ["2027-03-14T03:45"]);
    let quarter = schedule("15 2 * * *", "America/New_York");
    assert_eq!(keys(&all_after(&quarter, after, until)), ["2027-03-14T02:15"]);
    assert_eq!(keys(&quarter.slots_between(after, until, 1)), ["2027-03-14T02:15"]);
}

#[test]
fn a_day_that_a_zone_left_out_moves_to_the_next() {
    // Samoa went from 2011-12-29 to 2011-12-31.
    let friday = schedule("0 8 * * Fri", "Pacific/Apia");
    let slots = all_after(&friday, at("2011-12-26T00:00:00Z"), at("2012-01-08T00:00:00Z"));
    assert_eq!(keys(&slots), ["2011-12-30T08:00", "2012-01-06T08:00"]);
    assert_eq!(slots[0].instant, at("2011-12-30T18:00:00Z"));
}

#[test]
fn a_weekly_slot_happens_once_a_week_for_ten_years() {
    for zone in ["America/New_York", "Europe/Berlin", "Asia/Tokyo", "Australia/Lord_Howe", "America/Sao_Paulo"] {
        for expression in ["30 1 * * Sun", "30 2 * * Sun", "0 8 * * Fri"] {
            exactly_once_a_week(expression, zone, "2026-01-01T12:00:00Z", "2036-01-01T12:00:00Z", 522);
        }
    }
}

#[test]
fn a_weekly_slot_happens_once_a_week_in_every_zone_there_is() {
    let zones: Vec<String> = TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect();
    assert!(zones.len() > 400, "{} zones", zones.len());
    for zone in &zones {
        for expression in ["30 1 * * Sun", "30 2 * * Sun"] {
            exactly_once_a_week(expression, zone, "2026-01-01T12:00:00Z", "2028-01-01T12:00:00Z", 104);
        }
    }
}

fn exactly_once_a_week(expression: &str, zone: &str, from: &str, until: &str, weeks: usize) {
    let weekly = schedule(expression, zone);
    let slots = all_after(&weekly, at(from), at(until));
    assert!((weeks - 1..=weeks + 1).contains(&slots.len()), "{expression} {zone}: {}", slots.len());
    for pair in slots.windows(2) {
        assert!(pair[0].instant < pair[1].instant, "{expression} {zone}: {pair:?}");
        assert_eq!(pair[1].civil, pair[0].civil + 7.days(), "{expression} {zone}: {pair:?}");
    }
    assert_eq!(weekly.slots_between(at(from), at(until), usize::MAX), slots, "{expression} {zone}");
}

#[test]
fn a_window_is_open_at_its_start_and_closed_at_its_end_and_keeps_the_newest() {
    let weekly = schedule("0 8 * * Fri", "UTC");
    let (first, last) = (at("2026-11-06T08:00:00Z"), at("2026-11-27T08:00:00Z"));
    assert_eq!(
        keys(&weekly.slots_between(first, last, 10)),
        ["2026-11-13T08:00", "2026-11-20T08:00", "2026-11-27T08:00"]
    );
    assert_eq!(keys(&weekly.slots_between(first, last, 2)), ["2026-11-20T08:00", "2026-11-27T08:00"]);
    assert!(weekly.slots_between(first, last, 0).is_empty());
    assert!(weekly.slots_between(last, last, 9).is_empty());
    assert!(weekly.slots_between(last, first, 9).is_empty());
}

#[test]
fn a_cursor_from_the_beginning_of_time_costs_nothing() {
    let minutely = schedule("* * * * *", "UTC");
    let slots = minutely.slots_between(Timestamp::MIN, at("2026-11-27T08:00:30Z"), 2);
    assert_eq!(keys(&slots), ["2026-11-27T07:59", "2026-11-27T08:00"]);
    assert!(minutely.next_after(Timestamp::MIN).is_some());
    assert!(minutely.next_after(Timestamp::MAX).is_none());
    assert!(minutely.slots_between(Timestamp::MIN, Timestamp::MAX, 1).len() == 1);
}

#[test]
fn the_minute_now_names_an_issue_made_by_hand() {
    let weekly = schedule("0 8 * * Fri", "Asia/Tokyo");
    let slot = weekly.slot_at(at("2026-11-24T03:04:05.678Z"));
    assert_eq!(slot.key(), "2026-11-24T12:04");
    assert_eq!(slot.instant, at("2026-11-24T03:04:00Z"));
}

#[test]
fn what_cannot_be_followed_is_refused_in_words() {
    for (expression, words) in [
        ("", "0 fields"),
        ("0 8 * *", "4 fields"),
        ("0 0 8 * * Fri", "6 fields"),
        ("0 8 13 * Fri", "both the day of the month (13) and the day of the week (Fri)"),
        ("0 8 */2 * 1", "both"),
        ("60 8 * * *", "\"60\" is no minute: a number from 0 to 59"),
        ("0 24 * * *", "no hour"),
        ("0 8 0 * *", "no day of the month"),
        ("0 8 * 13 *", "no month"),
        ("0 8 * * 8", "\"8\" is no day of the week: a number from 0 to 7 or a name from sun to sat"),
        ("0 8 * * Freitag", "no day of the week"),
        ("0 8 L * *", "L, W and # are not known"),
        ("0 8 * * Fri#2", "L, W and # are not known"),
        ("0 8 * * ,", "no day of the week"),
        ("*/0 * * * *", "a step is a number from 1 to 60"),
        ("*/90 * * * *", "a step is a number from 1 to 60"),
        ("? 8 * * *", "? stands for a day only"),
        ("-5 8 * * *", "no minute"),
        ("+5 8 * * *", "no minute"),
        ("0 8 30 2 *", "no such day ever comes"),
        ("0 8 31 4,6,9,11 *", "no such day ever comes"),
        ("@reboot", "@weekly"),
        ("８ 8 * * *", "no minute"),
    ] {
        let error = Schedule::parse(expression, "UTC").expect_err(expression).to_string();
        assert!(error.contains(words), "{expression:?}: {error}");
    }
    for zone in ["", "Tokyo", "Asia/Edo", "+09:00", "JST-9", "../etc/passwd"] {
        let error = Schedule::parse("0 8 * * Fri", zone).expect_err(zone);
        assert_eq!(error, ScheduleError::TimeZone(zone.to_owned()));
    }
}

#[test]
fn shorthands_and_wrapping_ranges_mean_what_they_say() {
    for (short, long) in [
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@weekly", "0 0 * * Sun"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 Jan *"),
        ("0 8 * * Sat-Sun", "0 8 * * 6,0"),
        ("0 8 * * Fri-Mon", "0 8 * * 5,6,0,1"),
        ("0 8 * * 5-7", "0 8 * * 5,6,0"),
        ("0 8 * * 0-7", "0 8 * * 0,1,2,3,4,5,6"),
        ("0 22-2 * * *", "0 22,23,0,1,2 * * *"),
        ("0 22-4/3 * * *", "0 22,1,4 * * *"),
        ("0 8 1 Nov-Feb *", "0 8 1 1,2,11,12 *"),
        ("5/15 8 * * ?", "5,20,35,50 8 * * *"),
        ("50-10/10 8 * * *", "50,0,10 8 * * *"),
    ] {
        assert_eq!(fields::normalise(short), fields::normalise(long), "{short}");
    }
}

/// What croner, which follows crontab(5), makes of the expression.
fn oracle(expression: &str, from: Timestamp, count: usize) -> Vec<String> {
    let cron: croner::Cron = expression.parse().unwrap_or_else(|e| panic!("croner: {expression}: {e}"));
    let start = ChronoDateTime::from_timestamp(from.as_second(), 0).unwrap();
    cron.iter_after(start).take(count).map(|t| t.format("%Y-%m-%dT%H:%M").to_string()).collect()
}

/// One field as people write it, without the few spellings croner does not know (ranges that wrap, steps from a
/// number, full names).
fn field(first: u32, last: u32, names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let value = move |n: u32| match names {
        [] => n.to_string(),
        _ if n.is_multiple_of(2) => n.to_string(),
        names => names[(n - first) as usize % names.len()].to_owned(),
    };
    let item = prop_oneof![
        (first..=last).prop_map(value),
        (first..=last, first..=last).prop_map(move |(a, b)| format!("{}-{}", a.min(b), a.max(b))),
        (first..=last, first..=last, 1..=5u32).prop_map(move |(a, b, step)| format!(
            "{}-{}/{step}",
            a.min(b),
            a.max(b)
        )),
        (1..=5u32).prop_map(|step| format!("*/{step}")),
    ];
    prop_oneof![2 => Just("*".to_owned()), 3 => prop::collection::vec(item, 1..4).prop_map(|items| items.join(","))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn expressions_mean_what_they_mean_to_crontab(
        minute in field(0, 59, &[]),
        hour in field(0, 23, &[]),
        // Days up to 28 exist in every month; a day that never comes is refused here and not by croner.
        day in field(1, 28, &[]),
        month in field(1, 12, &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]),
        weekday in field(0, 6, &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]),
        by_weekday in any::<bool>(),
        start in 1_700_000_000_i64..1_900_000_000,
    ) {
        let expression = if by_weekday {
            format!("{minute} {hour} * {month} {weekday}")
        } else {
            format!("{minute} {hour} {day} {month} *")
        };
        let from = Timestamp::from_second(start).unwrap();
        let ours = schedule(&expression, "UTC");
        let mine: Vec<String> =
            std::iter::successors(ours.next_after(from), |s| ours.next_after(s.instant)).take(12).map(|s| s.key()).collect();
        prop_assert_eq!(mine, oracle(&expression, from, 12), "{}", expression);
    }

    #[test]
    fn walking_and_looking_back_agree(
        hours in prop::collection::btree_set(0_u32..24, 1..6),
        minutes in prop::collection::btree_set(0_u32..60, 1..4),
        zone in prop::sample::select(vec!["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Tokyo"]),
        // Days around the changes of 2027 in the three zones, and plain ones.
        day in prop::sample::select(vec![72_i64, 73, 86, 87, 93, 94, 200, 275, 276, 303, 304, 310, 311]),
        window_hours in 1_i64..80,
        at_most in 1_usize..30,
    ) {
        let list = |set: &std::collections::BTreeSet<u32>| set.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let ours = schedule(&format!("{} {} * * *", list(&minutes), list(&hours)), zone);
        let after = at("2027-01-01T00:00:00Z") + SignedDuration::from_hours(24 * (day - 1) - 20);
        let until = after + SignedDuration::from_hours(window_hours);
        let walked = all_after(&ours, after, until);
        prop_assert!(walked.windows(2).all(|w| w[0].instant < w[1].instant), "{walked:?}");
        prop_assert_eq!(ours.slots_between(after, until, usize::MAX), walked.clone());
        let newest = walked[walked.len().saturating_sub(at_most)..].to_vec();
        prop_assert_eq!(ours.slots_between(after, until, at_most), newest);
    }
}

#[test]
fn a_moment_is_due_if_a_slot_stands_for_it() {
    let weekly = schedule("0 8 * * Fri", "Asia/Tokyo");
    assert!(weekly.is_due_at(at("2026-11-26T23:00:00Z")));
    for other in ["2026-11-26T23:01:00Z", "2026-11-26T22:59:59Z", "2026-11-25T23:00:00Z"] {
        assert!(!weekly.is_due_at(at(other)), "{other}");
    }
}
