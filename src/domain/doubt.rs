//! Doubt: what will become of a delivery whose fate nobody knows, and what the operator may decide about it.

use jiff::Timestamp;

use super::delivery::{DeliveryKind, DeliveryState};
use super::subscriber::SubscriberState;

/// What the operator decides about a delivery of unknown fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Send it again: it is queued, and due at once.
    Resend,
    /// It has arrived, as the operator has found out: it counts as accepted.
    Accept,
}

impl Decision {
    /// Every decision.
    pub const ALL: [Self; 2] = [Self::Resend, Self::Accept];

    /// Returns the word stored for the decision.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resend => "resend",
            Self::Accept => "accept",
        }
    }

    /// Returns the decision stored as `word`, if there is one.
    pub fn from_stored(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decision| decision.as_str() == word)
    }

    /// Returns why a delivery in `state`, unwanted for a reason or wanted, cannot be decided on like this.
    pub fn obstacle(self, state: DeliveryState, unwanted: Option<Unwanted>) -> Option<Obstacle> {
        match (state, self) {
            (DeliveryState::Unknown, Self::Accept) => None,
            (DeliveryState::Unknown, Self::Resend) => unwanted.map(Obstacle::Unwanted),
            (known, _) => Some(Obstacle::Known(known)),
        }
    }
}

/// Why nobody wants a delivery any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unwanted {
    /// Its issue was cancelled.
    IssueCancelled,
    /// Its reader has left, is suppressed or was erased.
    ReaderLeft,
    /// Its reader has confirmed, or is forgotten.
    ConfirmationOver,
}

impl Unwanted {
    /// Returns why a delivery is not wanted, if it is not. `reader` is the word for the state its subscriber is in.
    pub fn of(kind: DeliveryKind, issue_is_cancelled: bool, reader: Option<&str>) -> Option<Self> {
        let is = |state: SubscriberState| reader == Some(state.as_str());
        match kind {
            DeliveryKind::Issue if issue_is_cancelled => Some(Self::IssueCancelled),
            DeliveryKind::Issue if !is(SubscriberState::Confirmed) => Some(Self::ReaderLeft),
            DeliveryKind::Confirmation if !is(SubscriberState::Pending) => Some(Self::ConfirmationOver),
            DeliveryKind::Issue | DeliveryKind::Confirmation | DeliveryKind::Test | DeliveryKind::Notice => None,
        }
    }
}

impl std::fmt::Display for Unwanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::IssueCancelled => "its issue was cancelled",
            Self::ReaderLeft => "its reader has left",
            Self::ConfirmationOver => "nobody waits for the confirmation any more",
        })
    }
}

/// Why a delivery cannot be decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "kind", content = "why", rename_all = "snake_case")]
pub enum Obstacle {
    /// The ledger has no such line.
    NoSuchDelivery,
    /// Its fate is known.
    Known(DeliveryState),
    /// It may have gone out, and must not go out again.
    Unwanted(Unwanted),
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoSuchDelivery => f.write_str("there is no such delivery"),
            Self::Known(state) => write!(f, "it is {}, not unknown", state.as_str()),
            Self::Unwanted(why) => write!(f, "it is not sent again: {why}"),
        }
    }
}

/// What will become of a delivery of unknown fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Prospect {
    /// It is sent again by itself.
    Resent {
        /// When.
        at: Timestamp,
    },
    /// It waits for the operator.
    Waits,
    /// It is not sent again, whatever happens; the operator may still record that it arrived.
    Stays {
        /// Why.
        why: Unwanted,
    },
}

impl Prospect {
    /// Returns what will become of a delivery that is to be sent again at `due`, if at all.
    pub fn of(due: Option<Timestamp>, unwanted: Option<Unwanted>) -> Self {
        match (unwanted, due) {
            (Some(why), _) => Self::Stays { why },
            (None, Some(at)) => Self::Resent { at },
            (None, None) => Self::Waits,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_unknown_can_be_decided_on() {
        for state in DeliveryState::ALL {
            for decision in Decision::ALL {
                let obstacle = decision.obstacle(state, None);
                assert_eq!(obstacle.is_none(), state == DeliveryState::Unknown, "{decision:?} {state:?}");
            }
        }
    }

    #[test]
    fn what_nobody_wants_may_have_arrived_and_is_not_sent_again() {
        let left = Unwanted::of(DeliveryKind::Issue, false, Some("unsubscribed"));
        assert_eq!(left, Some(Unwanted::ReaderLeft));
        assert_eq!(Decision::Accept.obstacle(DeliveryState::Unknown, left), None);
        assert_eq!(
            Decision::Resend.obstacle(DeliveryState::Unknown, left),
            Some(Obstacle::Unwanted(Unwanted::ReaderLeft))
        );
    }

    #[test]
    fn wanted_is_an_issue_by_who_is_confirmed_and_a_confirmation_by_who_is_pending() {
        let unwanted = |kind, reader| Unwanted::of(kind, false, reader);
        assert_eq!(unwanted(DeliveryKind::Issue, Some("confirmed")), None);
        assert_eq!(unwanted(DeliveryKind::Issue, None), Some(Unwanted::ReaderLeft), "erased");
        assert_eq!(unwanted(DeliveryKind::Confirmation, Some("pending")), None);
        assert_eq!(unwanted(DeliveryKind::Confirmation, Some("confirmed")), Some(Unwanted::ConfirmationOver));
        assert_eq!(unwanted(DeliveryKind::Test, None), None);
        assert_eq!(Unwanted::of(DeliveryKind::Issue, true, Some("confirmed")), Some(Unwanted::IssueCancelled));
    }

    #[test]
    fn what_will_become_of_it_is_told_by_who_wants_it_first() {
        let at = Timestamp::UNIX_EPOCH;
        assert_eq!(Prospect::of(Some(at), None), Prospect::Resent { at });
        assert_eq!(Prospect::of(None, None), Prospect::Waits);
        let why = Unwanted::IssueCancelled;
        assert_eq!(Prospect::of(Some(at), Some(why)), Prospect::Stays { why });
    }
}
