//! A subscriber's state, and the only ways from one state to another.

use std::fmt;

use jiff::Timestamp;

use super::ids::SubscriberId;
use super::language::Language;

/// Why nothing may be sent to an address any more, whatever its owner once agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SuppressReason {
    /// The mailbox does not exist or refuses us for good.
    Bounced,
    /// The reader reported our mail as spam.
    Complained,
    /// The operator put the address on the list by hand.
    Operator,
    /// The reader asked to be forgotten; only a keyed hash of the address remains.
    Erased,
}

/// What a subscriber is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriberState {
    /// Signed up and not yet confirmed: gets the confirmation mail and nothing else.
    Pending,
    /// Said yes twice: gets the editions they take.
    Confirmed,
    /// Left. Gets nothing, and comes back only by signing up and confirming anew.
    Unsubscribed,
    /// Must not be written to.
    Suppressed(SuppressReason),
}

/// The step does not lead out of the state the subscriber is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a subscriber who is {from} cannot {step}")]
pub struct NoSuchStep {
    /// The state the subscriber is in.
    pub from: SubscriberState,
    /// What was to be done.
    pub step: &'static str,
}

impl SubscriberState {
    /// Returns the state after a sign-up: a subscriber who left must confirm anew, a confirmed one stays.
    pub fn sign_up(self) -> Result<Self, NoSuchStep> {
        match self {
            Self::Pending | Self::Unsubscribed => Ok(Self::Pending),
            Self::Confirmed => Ok(Self::Confirmed),
            Self::Suppressed(_) => Err(NoSuchStep { from: self, step: "sign up" }),
        }
    }

    /// Returns the state after the confirmation button. Pressing it twice is pressing it once.
    pub fn confirm(self) -> Result<Self, NoSuchStep> {
        match self {
            Self::Pending | Self::Confirmed => Ok(Self::Confirmed),
            Self::Unsubscribed | Self::Suppressed(_) => Err(NoSuchStep { from: self, step: "confirm" }),
        }
    }

    /// Returns the state after "unsubscribe". It is open from everywhere; a suppressed address stays suppressed.
    #[must_use]
    pub fn unsubscribe(self) -> Self {
        match self {
            Self::Pending | Self::Confirmed | Self::Unsubscribed => Self::Unsubscribed,
            Self::Suppressed(_) => self,
        }
    }

    /// Returns the state after "I did not mean to leave", pressed on the page that says goodbye.
    pub fn resubscribe(self) -> Result<Self, NoSuchStep> {
        match self {
            Self::Unsubscribed | Self::Confirmed => Ok(Self::Confirmed),
            Self::Pending | Self::Suppressed(_) => Err(NoSuchStep { from: self, step: "resubscribe" }),
        }
    }

    /// Returns the word stored for the state.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Unsubscribed => "unsubscribed",
            Self::Suppressed(_) => "suppressed",
        }
    }

    /// Returns the state stored as `state` and `reason`, if there is one.
    pub fn from_stored(state: &str, reason: Option<&str>) -> Option<Self> {
        Some(match (state, reason) {
            ("pending", None) => Self::Pending,
            ("confirmed", None) => Self::Confirmed,
            ("unsubscribed", None) => Self::Unsubscribed,
            ("suppressed", Some(reason)) => Self::Suppressed(SuppressReason::from_stored(reason)?),
            _ => return None,
        })
    }

    /// Returns why the subscriber is suppressed, if so.
    pub const fn suppress_reason(self) -> Option<SuppressReason> {
        match self {
            Self::Suppressed(reason) => Some(reason),
            _ => None,
        }
    }
}

impl SuppressReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Bounced, Self::Complained, Self::Operator, Self::Erased];

    /// Returns the word stored for the reason.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::Operator => "operator",
            Self::Erased => "erased",
        }
    }

    /// Returns the reason stored as `word`, if there is one.
    pub fn from_stored(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == word)
    }
}

impl fmt::Display for SubscriberState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())?;
        if let Self::Suppressed(reason) = self {
            write!(f, " ({})", reason.as_str())?;
        }
        Ok(())
    }
}

/// A subscriber as the store knows them.
#[derive(Debug, Clone)]
pub struct Subscriber {
    /// The row.
    pub id: SubscriberId,
    /// The random name links carry instead of the address.
    pub public_id: [u8; 16],
    /// The address as it was typed, domain in A-labels.
    pub address: String,
    /// The language of their mails.
    pub language: Language,
    /// What they are to us.
    pub state: SubscriberState,
    /// When the row was made.
    pub created: Timestamp,
    /// When they confirmed, if they did.
    pub confirmed: Option<Timestamp>,
    /// The editions they take.
    pub editions: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use SubscriberState::{Confirmed, Pending, Suppressed, Unsubscribed};

    const GONE: SubscriberState = Suppressed(SuppressReason::Bounced);

    #[test]
    fn nobody_is_confirmed_without_having_signed_up_since_they_left() {
        assert_eq!(Pending.confirm(), Ok(Confirmed));
        assert_eq!(Confirmed.confirm(), Ok(Confirmed));
        assert!(Unsubscribed.confirm().is_err(), "an old confirmation link must not undo an unsubscribe");
        assert!(GONE.confirm().is_err());
        assert_eq!(Unsubscribed.sign_up(), Ok(Pending));
    }

    #[test]
    fn leaving_works_from_everywhere_and_never_lifts_a_suppression() {
        for state in [Pending, Confirmed, Unsubscribed] {
            assert_eq!(state.unsubscribe(), Unsubscribed);
        }
        assert_eq!(GONE.unsubscribe(), GONE);
        assert!(GONE.sign_up().is_err());
        assert!(GONE.resubscribe().is_err());
    }

    #[test]
    fn states_survive_being_stored() {
        for state in [Pending, Confirmed, Unsubscribed, GONE] {
            let reason = state.suppress_reason().map(SuppressReason::as_str);
            assert_eq!(SubscriberState::from_stored(state.as_str(), reason), Some(state));
        }
        assert_eq!(SubscriberState::from_stored("suppressed", None), None);
        assert_eq!(SubscriberState::from_stored("pending", Some("bounced")), None);
    }
}
