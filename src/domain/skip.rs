//! Why a slot has no issue. The record has it in English words; mails say it in the operator's language.

use std::fmt;

use super::desk::Waits;

/// The reason of a skipped slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    /// The edition has published nothing yet, and has nothing to publish.
    NothingYet,
    /// Nothing has come in since the issue of this number.
    NothingNew(i64),
    /// There is less than the edition's minimum.
    TooLittle {
        /// How many items there are.
        items: usize,
        /// How many there must be.
        least: usize,
    },
    /// Everything in the draft closed before it was sealed.
    AllClosed,
    /// No confirmed reader takes the edition.
    Nobody,
    /// Nothing in it is of what any of its readers takes.
    NothingForAnybody,
    /// Nobody was there, and a later slot was due by the time somebody was.
    LaterSlotDue,
    /// It would have been later than the edition allows, by its limit in minutes.
    TooLate(u64),
    /// The operator held it.
    Held,
    /// The operator had to approve it and did not.
    NotApproved,
}

impl Skip {
    /// Returns the reason that has these words, if it is one of ours.
    pub fn from_words(words: &str) -> Option<Self> {
        let fixed = [
            Self::NothingYet,
            Self::AllClosed,
            Self::Nobody,
            Self::NothingForAnybody,
            Self::LaterSlotDue,
            Self::Held,
            Self::NotApproved,
        ];
        if let Some(reason) = fixed.into_iter().find(|reason| reason.to_string() == words) {
            return Some(reason);
        }
        if let Some(number) = words.strip_prefix("nothing new since issue ") {
            return number.parse().ok().map(Self::NothingNew);
        }
        if let Some(rest) = words.strip_prefix("missed by more than ") {
            let (count, unit) = rest.split_once(' ')?;
            let count: u64 = count.parse().ok()?;
            return match unit {
                "h" => count.checked_mul(60).map(Self::TooLate),
                "min" => Some(Self::TooLate(count)),
                _ => None,
            };
        }
        let (items, least) = words.strip_prefix("only ")?.strip_suffix(" items")?.split_once(" of at least ")?;
        Some(Self::TooLittle { items: items.parse().ok()?, least: least.parse().ok()? })
    }
}

impl From<Waits> for Skip {
    fn from(why: Waits) -> Self {
        match why {
            Waits::Held => Self::Held,
            Waits::NotApproved => Self::NotApproved,
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingYet => f.write_str("nothing to publish yet"),
            Self::NothingNew(number) => write!(f, "nothing new since issue {number}"),
            Self::TooLittle { items, least } => write!(f, "only {items} of at least {least} items"),
            Self::AllClosed => f.write_str("everything in it closed before it was sealed"),
            Self::Nobody => f.write_str("nobody takes this edition"),
            Self::NothingForAnybody => f.write_str("nothing in it is of what its readers take"),
            Self::LaterSlotDue => f.write_str("missed; a later slot was due by then"),
            Self::TooLate(minutes) if minutes % 60 == 0 => write!(f, "missed by more than {} h", minutes / 60),
            Self::TooLate(minutes) => write!(f, "missed by more than {minutes} min"),
            Self::Held => f.write_str("held"),
            Self::NotApproved => f.write_str("not approved"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_known_again_by_its_words() {
        let all = [
            Skip::NothingYet,
            Skip::NothingNew(12),
            Skip::TooLittle { items: 2, least: 5 },
            Skip::AllClosed,
            Skip::Nobody,
            Skip::NothingForAnybody,
            Skip::LaterSlotDue,
            Skip::TooLate(24 * 60),
            Skip::TooLate(90),
            Skip::Held,
            Skip::NotApproved,
        ];
        for reason in all {
            assert_eq!(Skip::from_words(&reason.to_string()), Some(reason));
        }
        for words in ["", "only of at least items", "missed by more than 2 days", "nothing new since issue x"] {
            assert_eq!(Skip::from_words(words), None, "{words}");
        }
    }
}
