use jiff::SignedDuration;

use super::*;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_790_000_000_000 + ms).unwrap()
}

fn pace() -> Pace {
    Pace::new(PaceKey::Domain("example.jp").stored())
}

/// Takes all it can get each step, and returns how many were granted when.
fn greedy(limit: Rate, seconds: i64, step_ms: i64) -> Vec<(i64, u32)> {
    let (mut pace, mut grants) = (pace(), Vec::new());
    for ms in (0..seconds * 1000).step_by(usize::try_from(step_ms).unwrap()) {
        let mails = pace.available(Some(limit), u32::MAX, at(ms));
        pace.spend(Some(limit), mails, at(ms));
        grants.push((ms, mails));
    }
    grants
}

#[test]
fn no_minute_ever_gets_more_than_it_may_and_hardly_less() {
    for (per_minute, step_ms) in [(1, 250), (7, 100), (60, 50), (600, 130), (100_000, 10), (1_000_000, 7)] {
        let limit = Rate::per_minute(per_minute).unwrap();
        let grants = greedy(limit, 240, step_ms);
        let (mut from, mut in_window) = (0, 0_u64);
        for (now, mails) in &grants {
            in_window += u64::from(*mails);
            while grants[from].0 <= now - 60_000 {
                in_window -= u64::from(grants[from].1);
                from += 1;
            }
            assert!(in_window <= u64::from(per_minute), "{in_window} of {per_minute} in the minute to {now}");
        }
        let all: u64 = grants.iter().map(|(_, mails)| u64::from(*mails)).sum();
        assert!(all * 100 >= u64::from(per_minute) * 4 * 95, "{all} in four minutes of {per_minute}");
    }
}

#[test]
fn what_is_given_back_at_once_can_be_had_again_and_later_it_is_lost() {
    let limit = Rate::per_minute(600);
    let mut pace = pace();
    let first = pace.spend(limit, 10, at(0));
    assert_eq!(pace.available(limit, 10, at(0)), 0);
    assert!(pace.unspend(limit, &first, 4));
    assert_eq!(pace.available(limit, 10, at(1)), 6);
    let second = pace.spend(limit, 3, at(1));
    assert!(!pace.unspend(limit, &first, 0), "somebody took more since");
    assert!(pace.unspend(limit, &second, 0));
    assert_eq!(pace.available(limit, 10, at(1)), 6);
}

#[test]
fn a_clock_that_jumps_stops_nothing() {
    let limit = Rate::per_minute(60);
    let week = 7 * 86_400_000;
    for jump in [week, -week] {
        let mut pace = pace();
        pace.spend(limit, 1, at(0));
        pace.spend(limit, 1, at(jump));
        pace.slow_down(limit, None, "421", at(jump));
        // The clock is right again.
        assert!(pace.ready(limit, at(1000)) <= at(1000 + 120_000), "{jump}");
        assert_eq!(pace.available(limit, 5, at(200_000)), 1, "{jump}");
        assert!(pace.speed_up(limit, at(300_000)), "{jump}");
    }
}

#[test]
fn a_complaint_halves_what_was_got_and_success_gives_it_back_step_by_step() {
    let mut pace = pace();
    assert!(pace.slow_down(None, Rate::per_minute(120), "421 4.7.0", at(0)));
    assert!(!pace.slow_down(None, Rate::per_minute(120), "421 4.7.0", at(20_000)), "one of a crowd");
    assert_eq!(pace.rate(None), Rate::per_minute(60));
    assert_eq!(pace.pause_end(at(1)), None);
    assert!(!pace.speed_up(None, at(30_000)));
    let mut minutes = 0;
    while pace.slowed.is_some() {
        minutes += 1;
        assert!(pace.speed_up(None, at(minutes * 60_000)));
        let expected = Rate::per_minute(60 + 12 * u32::try_from(minutes).unwrap());
        assert!(pace.slowed.is_none() || pace.rate(None) == expected);
        assert!(minutes < 60);
    }
    assert_eq!(minutes, 35, "free at four times what it was getting");
}

#[test]
fn a_domain_with_a_limit_is_back_at_its_limit_and_never_above() {
    let limit = Rate::per_minute(60);
    let mut pace = pace();
    pace.slow_down(limit, Rate::per_minute(50), "450 4.7.1", at(0));
    assert_eq!(pace.rate(limit), Rate::per_minute(25));
    let mut minutes = 0;
    while pace.slowed.is_some() {
        minutes += 1;
        pace.speed_up(limit, at(minutes * 60_000));
        assert!(pace.rate(limit) <= limit);
    }
    assert_eq!((minutes, pace.rate(limit)), (7, limit));
}

#[test]
fn a_domain_that_took_nothing_is_paused_ever_longer_and_then_tried_slowly() {
    let mut pace = pace();
    let mut now = at(0);
    let mut pauses = Vec::new();
    for _ in 0..6 {
        assert!(pace.slow_down(None, None, "421", now));
        let end = pace.pause_end(now).unwrap();
        assert_eq!(pace.available(None, 5, now), 0);
        assert_eq!(pace.ready(None, now), end);
        pauses.push(end.duration_since(now).as_mins());
        assert!(!pace.speed_up(None, end - SignedDuration::from_millis(1)), "a late success ends no pause");
        now = end + SignedDuration::from_secs(1);
        assert_eq!(pace.available(None, 5, now), 1);
    }
    assert_eq!(pauses, [1, 2, 4, 8, 15, 15]);
    assert_eq!(pace.rate(None), Some(Rate::per_hour(Rate::TRIAL.an_hour() / 32)));
    for _ in 0..10 {
        now += SignedDuration::from_mins(1);
        pace.slow_down(None, Some(Rate::per_hour(1)), "421", now);
    }
    assert_eq!(pace.rate(None), Some(Rate::SLOWEST), "never slower");
    assert!(!pace.forget(now + SignedDuration::from_hours(39 * 24)));
    assert!(pace.forget(now + SignedDuration::from_hours(41 * 24)));
}

#[test]
fn only_what_speaks_of_too_much_is_a_complaint() {
    for (code, text) in [
        (421, "4.7.28 unusual rate of mail"),
        (421, "closing"),
        (451, "4.7.500 server busy"),
        (450, "4.7.1 too many messages"),
        (452, "4.7.0 slow down"),
    ] {
        assert!(is_complaint(&Reply::new(code, text)), "{code} {text}");
    }
    for (code, text) in [
        (450, "4.2.1 mailbox busy"),
        (452, "4.2.2 full"),
        (451, "4.7.1 Greylisting in action"),
        (550, "5.7.1 spam"),
        (450, "4.70.1 x"),
        (250, "4.7.0 odd"),
    ] {
        assert!(!is_complaint(&Reply::new(code, text)), "{code} {text}");
    }
    assert!(!is_complaint(&Reply::new(None, "4.7.0 connection lost")));
}
