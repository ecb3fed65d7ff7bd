//! How fast mail may leave: a rate, how much of it is spent, and how a rate is learnt from those who take the mail.
//!
//! A [`Pace`] is a generic cell rate algorithm (ITU-T I.371, Annex A): one number, the moment from which everything
//! spent so far is paid for. It needs no background work, and a row in the store holds it.
//!
//! A pace that is slowed down follows TCP's rule (RFC 5681 §3.1): half of what it was getting at once, then a little
//! more each minute that goes well.

mod rate;
#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::Timestamp;

pub use self::rate::Rate;
use super::delivery::Reply;

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
            None => known.unwrap_or(Rate::per_hour(2 * Rate::TRIAL.an_hour())),
        };
        let pauses = if getting.is_some() { 0 } else { before.as_ref().map_or(0, |slowed| slowed.pauses) + 1 };
        let length = (FIRST_PAUSE * (1 << (pauses.clamp(1, 5) - 1))).min(LONGEST_PAUSE);
        self.slowed = Some(Slowed {
            rate: Rate::per_hour(pace.an_hour() / 2).max(Rate::SLOWEST),
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
        let rate = slowed.rate.an_hour() + (slowed.from.an_hour() / 10).max(60);
        slowed.rate = Rate::per_hour(rate);
        slowed.changed = now;
        slowed.pauses = 0;
        slowed.paused_until = None;
        // Without a limit of its own a domain is free again at four times what it was getting when it complained.
        let enough = limit.map_or((slowed.from.an_hour() * 4).max(100 * 60), Rate::an_hour);
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
