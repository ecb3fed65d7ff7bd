//! How fast mail may leave: a rate, how much of it is spent, and how a rate is learnt from those who take the mail.
//!
//! A [`Pace`] is a generic cell rate algorithm (ITU-T I.371, Annex A): one number, the moment from which everything
//! spent so far is paid for. It needs no background work, and a row in the store holds it.
//!
//! A pace that is slowed down follows TCP's rule (RFC 5681 §3.1): half of what it was getting at once, then a little
//! more each minute that goes well.

use std::time::Duration;

use jiff::Timestamp;

use super::delivery::Reply;

const HOUR_US: u64 = 3_600_000_000;
/// How far the clocks of nodes may be apart.
const SKEW_US: i64 = 60_000_000;
const MINUTE: Duration = Duration::from_secs(60);

/// Complaints this soon after a change answer mail that left before it.
pub const DEAF: Duration = Duration::from_secs(30);
/// The first pause of a domain that took nothing. It doubles each time up to [`LONGEST_PAUSE`].
pub const FIRST_PAUSE: Duration = MINUTE;
/// As long as senders commonly leave a throttling host alone; a day's issue is not lost by it.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// What was learnt is forgotten after this: most newsletters come out once a month or oftener.
pub const FORGOTTEN: Duration = Duration::from_secs(40 * 86_400);

/// A number of mails an hour, one at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(u64);

impl Rate {
    /// The slowest rate anything is slowed down to: ten minutes between two mails, twice as fast as a retry.
    pub const SLOWEST: Self = Self(6);
    /// What a domain gets after a pause, if nothing is known of it.
    pub const TRIAL: Self = Self(600);
    /// The fastest: a million a minute.
    pub const FASTEST: Self = Self(60_000_000);

    /// Returns `mails` a minute; `None` for 0, which stands for no limit.
    pub fn per_minute(mails: u32) -> Option<Self> {
        (mails > 0).then(|| Self::per_hour(u64::from(mails) * 60))
    }

    /// Returns `mails` an hour, between one and a million a minute.
    pub fn per_hour(mails: u64) -> Self {
        Self(mails.clamp(1, Self::FASTEST.0))
    }

    /// Returns how many mails an hour it is.
    pub fn an_hour(self) -> u64 {
        self.0
    }

    /// Returns how many may leave at the same moment: a second's worth, at least one.
    pub fn burst(self) -> u32 {
        u32::try_from(self.0 / 3600).unwrap_or(u32::MAX).max(1)
    }

    /// Returns the rate in the long run, an hour. It is a little less than what is allowed, so that a burst and the
    /// minute after it are together no more than what a minute allows.
    fn sustained(self) -> u64 {
        (self.0 - 60 * (u64::from(self.burst()) - 1)).max(1)
    }

    /// Returns how long `mails` take, in microseconds, rounded up.
    fn cost_us(self, mails: u32) -> i64 {
        let cost = (u64::from(mails) * HOUR_US).div_ceil(self.sustained());
        i64::try_from(cost).unwrap_or(i64::MAX)
    }

    /// Returns how many mails fit into a span of microseconds.
    fn fitting(self, span_us: i64) -> u32 {
        let span = u128::try_from(span_us).unwrap_or_default();
        u32::try_from(span * u128::from(self.sustained()) / u128::from(HOUR_US)).unwrap_or(u32::MAX)
    }
}

/// A pace: what is spent of a rate, and what was learnt about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// What is paced; see [`PaceKey`].
    pub key: String,
    /// Everything granted so far is paid for at this moment, in microseconds of Unix time: at a million mails a minute
    /// there are sixteen in a millisecond.
    pub paid_us: i64,
    /// Set while it is slowed down.
    pub slowed: Option<Slowed>,
}

/// How a pace is slowed down, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slowed {
    /// What it may send now.
    pub rate: Rate,
    /// What it was getting when it was slowed down first.
    pub from: Rate,
    /// When it was slowed down last.
    pub since: Timestamp,
    /// When its rate was changed last.
    pub changed: Timestamp,
    /// Until when it gets nothing at all.
    pub paused_until: Option<Timestamp>,
    /// How many pauses there were in a row.
    pub pauses: u32,
    /// What was said.
    pub why: String,
}

/// Something spent, as long as it may be given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// How many mails.
    pub mails: u32,
    before_us: i64,
    after_us: i64,
}

/// What a pace is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaceKey<'a> {
    /// The whole installation.
    Installation,
    /// A relay, by name.
    Relay(&'a str),
    /// The domain of recipients, in lower-case A-labels.
    Domain(&'a str),
}

impl<'a> PaceKey<'a> {
    /// Returns what is stored.
    pub fn stored(&self) -> String {
        match self {
            Self::Installation => "installation".to_owned(),
            Self::Relay(name) => format!("relay:{name}"),
            Self::Domain(domain) => format!("domain:{domain}"),
        }
    }

    /// Returns what `stored` stands for.
    pub fn from_stored(stored: &'a str) -> Option<Self> {
        match stored.split_once(':') {
            None if stored == "installation" => Some(Self::Installation),
            Some(("relay", name)) => Some(Self::Relay(name)),
            Some(("domain", domain)) => Some(Self::Domain(domain)),
            _ => None,
        }
    }
}

impl Pace {
    /// Returns a pace that has spent nothing.
    pub fn new(key: String) -> Self {
        Self { key, paid_us: 0, slowed: None }
    }

    /// Returns the rate in force under a configured `limit`; `None` if there is none.
    pub fn rate(&self, limit: Option<Rate>) -> Option<Rate> {
        match &self.slowed {
            Some(slowed) => Some(limit.map_or(slowed.rate, |limit| limit.min(slowed.rate))),
            None => limit,
        }
    }

    /// Returns how many of `wanted` mails may leave `now`.
    pub fn available(&self, limit: Option<Rate>, wanted: u32, now: Timestamp) -> u32 {
        let Some(rate) = self.rate(limit) else { return wanted };
        if self.pause_end(now).is_some() {
            return 0;
        }
        let now = now.as_microsecond();
        let left = now + rate.cost_us(rate.burst()) - self.base_us(rate, now);
        rate.fitting(left).min(rate.burst()).min(wanted)
    }

    /// Spends `mails`, which must be available, and returns what a part of them can be given back with.
    pub fn spend(&mut self, limit: Option<Rate>, mails: u32, now: Timestamp) -> Spent {
        let before_us = match self.rate(limit).filter(|_| mails > 0) {
            Some(rate) => {
                let before_us = self.base_us(rate, now.as_microsecond());
                self.paid_us = before_us + rate.cost_us(mails);
                before_us
            }
            None => self.paid_us,
        };
        Spent { mails, before_us, after_us: self.paid_us }
    }

    /// Takes back what was not used of something spent. Only the last to spend can: what others have been granted since
    /// was granted because of it, and a hole behind them would let more through than the rate. The rest is lost, which
    /// is a moment's wait. Returns whether anything changed.
    pub fn unspend(&mut self, limit: Option<Rate>, spent: &Spent, used: u32) -> bool {
        let Some(rate) = self.rate(limit).filter(|_| used < spent.mails && self.paid_us == spent.after_us) else {
            return false;
        };
        self.paid_us = if used == 0 { spent.before_us } else { spent.before_us + rate.cost_us(used) };
        true
    }

    /// Returns when the next mail may leave.
    pub fn ready(&self, limit: Option<Rate>, now: Timestamp) -> Timestamp {
        let Some(rate) = self.rate(limit) else { return now };
        if let Some(end) = self.pause_end(now) {
            return end;
        }
        let now_us = now.as_microsecond();
        let at = self.base_us(rate, now_us) + rate.cost_us(1) - rate.cost_us(rate.burst());
        Timestamp::from_microsecond(at.max(now_us)).unwrap_or(now)
    }

    /// Returns from when on what is spent next is counted. A row that lies further in the future than what can have been
    /// granted was written by a clock that went wrong, and is not believed.
    fn base_us(&self, rate: Rate, now_us: i64) -> i64 {
        let granted = rate.cost_us(rate.burst()).max(if self.slowed.is_some() { Rate::SLOWEST.cost_us(1) } else { 0 });
        if self.paid_us > now_us + granted + SKEW_US { now_us } else { self.paid_us.max(now_us) }
    }

    /// Returns when the pause ends that holds `now`. One longer than there are comes from a clock that went wrong.
    pub fn pause_end(&self, now: Timestamp) -> Option<Timestamp> {
        self.slowed.as_ref()?.paused_until.filter(|end| *end > now && within(now, *end, LONGEST_PAUSE))
    }

    /// Slows down after a complaint in the words `why`. `getting` is what was taken in the last minute, as a rate;
    /// `None` if nothing was. Returns whether anything changed: complaints come in crowds, and one counts.
    pub fn slow_down(&mut self, limit: Option<Rate>, getting: Option<Rate>, why: &str, now: Timestamp) -> bool {
        let before = self.slowed.take();
        if let Some(slowed) = before.as_ref().filter(|slowed| within(slowed.since, now, DEAF)) {
            self.slowed = Some(slowed.clone());
            return false;
        }
        let known = before.as_ref().map(|slowed| slowed.rate).or(limit);
        let pace = match getting {
            Some(getting) => known.map_or(getting, |known| known.min(getting)),
            // Nothing is known of it, so that half of this is tried after the pause.
            None => known.unwrap_or(Rate(2 * Rate::TRIAL.0)),
        };
        let pauses = if getting.is_some() { 0 } else { before.as_ref().map_or(0, |slowed| slowed.pauses) + 1 };
        let length = (FIRST_PAUSE * (1 << (pauses.clamp(1, 5) - 1))).min(LONGEST_PAUSE);
        self.slowed = Some(Slowed {
            rate: Rate((pace.0 / 2).max(Rate::SLOWEST.0)),
            from: before.map_or(pace, |slowed| slowed.from.max(pace)),
            since: now,
            changed: now,
            paused_until: (pauses > 0).then(|| now + length),
            pauses,
            why: why.to_owned(),
        });
        true
    }

    /// Speeds up by a step if a minute went well since the last change. Returns whether anything changed.
    pub fn speed_up(&mut self, limit: Option<Rate>, now: Timestamp) -> bool {
        let Some(slowed) = &mut self.slowed else { return false };
        let paused = slowed.paused_until.is_some_and(|end| within(now, end, LONGEST_PAUSE));
        if paused || within(slowed.changed, now, MINUTE - Duration::from_millis(1)) {
            return false;
        }
        // A tenth of what it was getting, and at least one a minute: back there in five minutes.
        let rate = slowed.rate.0 + (slowed.from.0 / 10).max(60);
        slowed.rate = Rate::per_hour(rate);
        slowed.changed = now;
        slowed.pauses = 0;
        slowed.paused_until = None;
        // Without a limit of its own a domain is free again at four times what it was getting when it complained.
        let enough = limit.map_or((slowed.from.0 * 4).max(100 * 60), |limit| limit.0);
        if rate >= enough {
            self.slowed = None;
        }
        true
    }

    /// Forgets what was learnt too long ago. Returns whether anything changed.
    pub fn forget(&mut self, now: Timestamp) -> bool {
        let old =
            self.slowed.as_ref().is_some_and(|slowed| slowed.changed < now && !within(slowed.changed, now, FORGOTTEN));
        if old {
            self.slowed = None;
        }
        old
    }
}

/// Returns whether `to` comes after `from` by at most `span`. A `from` in the future was written by a clock that went
/// wrong.
fn within(from: Timestamp, to: Timestamp, span: Duration) -> bool {
    Duration::try_from(to.duration_since(from)).is_ok_and(|passed| passed <= span)
}

/// Returns whether a reply to RCPT, DATA or the final dot says that the recipient's domain gets too much: 421 (RFC 5321
/// §4.2.2), or a 4xx of the class X.7 (RFC 3463 §3.8), as large providers say it. Greylisting says X.7.1, too, and means
/// this one mail and not the speed of all.
pub fn is_complaint(reply: &Reply) -> bool {
    let Some(code @ 400..500) = reply.code else { return false };
    let words = reply.text.to_ascii_lowercase();
    if words.contains("greylist") || words.contains("graylist") {
        return false;
    }
    code == 421 || reply.enhanced().is_some_and(|enhanced| enhanced.starts_with("4.7."))
}

/// Returns the domain of an address as it is stored: what follows the last `@`, in lower-case A-labels.
pub fn domain_of(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

#[cfg(test)]
mod tests {
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
        assert_eq!(pace.rate(None), Some(Rate(Rate::TRIAL.0 / 32)));
        for _ in 0..10 {
            now += SignedDuration::from_mins(1);
            pace.slow_down(None, Some(Rate(1)), "421", now);
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
}
