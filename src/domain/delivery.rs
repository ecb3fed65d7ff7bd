//! A delivery: one mail to one person, and what became of it.
//!
//! ```text
//! queued ─ claim → claimed ─ commit → offered ─ reply → accepted | queued (due later) | rejected
//!                                       └ no reply → unknown ─ policy → queued again | stays for the operator
//! queued → withdrawn (the reader left, the issue was cancelled) | expired (given up)
//! ```

use std::time::Duration;

use super::ids::{DeliveryId, IssueId, LetterId, SubscriberId};

/// Why the mail is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryKind {
    /// An issue, to a confirmed subscriber.
    Issue,
    /// The question "did you sign up?", to a pending one.
    Confirmation,
    /// A look at an issue, to an address the operator named.
    Test,
    /// Something the operator should know.
    Notice,
}

/// Where a delivery stands. The words are those of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Waits for its time.
    Queued,
    /// Taken by a node; nothing has been said to the relay that could lead to a mail.
    Claimed,
    /// The content may be complete at the relay.
    Offered,
    /// The relay took responsibility (2xx to the final dot).
    Accepted,
    /// Refused for good (5xx).
    Rejected,
    /// The final dot was sent and no reply came: the relay may or may not have it (RFC 1047).
    Unknown,
    /// Not sent: the reader left or the issue was cancelled before it was claimed.
    Withdrawn,
    /// Not sent: it could not be handed over within `give_up_after`.
    Expired,
}

impl DeliveryKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Issue, Self::Confirmation, Self::Test, Self::Notice];

    /// Returns the word stored for the kind.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Confirmation => "confirmation",
            Self::Test => "test",
            Self::Notice => "notice",
        }
    }

    /// Returns the kind stored as `word`, if there is one.
    pub fn from_stored(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == word)
    }

    /// Returns the priority in the ledger: a person waits for a confirmation or a test, nobody for their digest.
    pub const fn priority(self) -> i64 {
        match self {
            Self::Issue => 0,
            Self::Test | Self::Confirmation | Self::Notice => 10,
        }
    }
}

impl DeliveryState {
    /// Every state, in the order of a delivery's life.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Claimed,
        Self::Offered,
        Self::Accepted,
        Self::Rejected,
        Self::Unknown,
        Self::Withdrawn,
        Self::Expired,
    ];

    /// Returns the word stored for the state.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Claimed => "claimed",
            Self::Offered => "offered",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    /// Returns the state stored as `word`, if there is one.
    pub fn from_stored(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }
}

/// What a relay said, kept in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Reply {
    /// The three-digit code (RFC 5321 §4.2), or none if no reply was involved.
    pub code: Option<u16>,
    /// The words after it, or ours where the relay said nothing. Cut to [`Reply::MAX_CHARS`].
    pub text: String,
}

impl Reply {
    /// How much of a relay's words is kept: enough for every enhanced code and link, too little to fill a disk.
    pub const MAX_CHARS: usize = 500;

    /// Returns a reply with its text cut to size.
    pub fn new(code: impl Into<Option<u16>>, text: &str) -> Self {
        Self { code: code.into(), text: text.chars().take(Self::MAX_CHARS).collect() }
    }

    /// Returns the enhanced status code the text begins with (RFC 3463 §2), such as `5.1.1`.
    pub fn enhanced(&self) -> Option<&str> {
        let word = self.text.split_ascii_whitespace().next()?;
        let mut parts = word.split('.');
        let digits = |part: Option<&str>, at_most: usize| {
            part.is_some_and(|p| (1..=at_most).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()))
        };
        let whole = digits(parts.next(), 1) && digits(parts.next(), 3) && digits(parts.next(), 3);
        (whole && parts.next().is_none()).then_some(word)
    }

    /// Returns whether the reply says that there is no such mailbox and will be none: `5.1.1` (RFC 3463 §3.2) or
    /// `5.1.10` (RFC 7505 §4.1). A plain 550 may mean anything from spam filter to policy, and convicts nobody.
    pub fn mailbox_is_gone(&self) -> bool {
        self.code.is_some_and(|code| (500..600).contains(&code)) && matches!(self.enhanced(), Some("5.1.1" | "5.1.10"))
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.code {
            Some(code) => write!(f, "{code} {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// How one attempt at one delivery ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// 2xx to the final dot.
    Accepted(Reply),
    /// A definite "not now" about this message: 4xx to RCPT, DATA or the dot. It has cost an attempt.
    Deferred(Reply),
    /// A definite "no" about this message: 5xx to RCPT, DATA or the dot, or an address that cannot be sent to.
    Rejected(Reply),
    /// The connection or the relay failed before the dot: certainly not sent, and not this recipient's fault.
    NotSent(Reply),
    /// The dot was sent and no definite reply came.
    Unknown(Reply),
}

/// What to do with a delivery whose fate nobody can know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUnknown {
    /// Send it again after a while, with the same Message-ID and the same bytes: nobody misses an issue.
    Resend,
    /// Leave it for the operator: nobody gets an issue twice.
    Park,
}

/// A delivery a node has claimed, with all it takes to send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The row in the ledger.
    pub id: DeliveryId,
    /// The fence: rises with every claim, so that a late writer is recognised.
    pub fence: i64,
    /// Why it is sent.
    pub kind: DeliveryKind,
    /// What is sent.
    pub letter_id: LetterId,
    /// The issue it belongs to, if to one.
    pub issue_id: Option<IssueId>,
    /// To whom, if to a subscriber.
    pub subscriber_id: Option<SubscriberId>,
    /// The subscriber's random name, for the links.
    pub public_id: Option<[u8; 16]>,
    /// The address, as typed by its owner.
    pub address: String,
    /// How many attempts have failed so far.
    pub attempts: i64,
}

/// Returns how long to wait after `attempts` failed attempts: 5 min, 15 min, 30 min, 1 h, then 2 h each time, spread
/// by up to a fifth. `jitter` is a fraction in `[0, 1)`.
///
/// RFC 5321 §4.5.4.1 asks for at least 30 minutes between tries in the long run; the first ones may come sooner.
pub fn retry_delay(attempts: u32, jitter: f64) -> Duration {
    const MINUTES: [u64; 5] = [5, 15, 30, 60, 120];
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX).min(MINUTES.len() - 1);
    Duration::from_secs(MINUTES[index] * 60).mul_f64(1.0 + jitter.clamp(0.0, 1.0) / 5.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_mailbox_that_does_not_exist_is_held_against_its_reader() {
        assert!(Reply::new(550, "5.1.1 <a@example.jp>: Recipient address rejected: User unknown").mailbox_is_gone());
        assert!(Reply::new(556, "5.1.10 Recipient address has null MX").mailbox_is_gone());
        for text in ["5.7.1 spam", "User unknown", "5.1.12 x", "5.1.1.1 x", "", "5.1. x", "5.2.2 mailbox full"] {
            assert!(!Reply::new(550, text).mailbox_is_gone(), "{text}");
        }
        assert!(!Reply::new(450, "5.1.1 contradicts itself").mailbox_is_gone());
    }

    #[test]
    fn waiting_grows_and_never_shrinks() {
        let minutes: Vec<u64> = (1..8).map(|n| retry_delay(n, 0.0).as_secs() / 60).collect();
        assert_eq!(minutes, [5, 15, 30, 60, 120, 120, 120]);
        assert!(retry_delay(1, 0.999) < retry_delay(2, 0.0));
        assert_eq!(retry_delay(0, 0.0), retry_delay(1, 0.0));
    }
}
