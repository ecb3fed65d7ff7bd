//! Deciding what is to be done with each line, by what the file and the store say.

use jiff::Timestamp;

use super::rows::Row;
use super::{Basis, Import};
use crate::domain::consent::{ConsentEvent, ConsentKind, Visit};
use crate::domain::subscriber::{SubscriberState, SuppressReason};
use crate::store::Enrolment;
use crate::subscribers::confirmation::{Entry, Known};
use crate::subscribers::{Invited, Subscribers, SubscribersError};

/// What is to be done with a line.
#[derive(Debug)]
pub(super) enum Step {
    Add(Enrolment),
    Invite(Enrolment),
    Already,
    Refuse(String),
}

impl Step {
    pub(super) fn enrolment(&self) -> Option<&Enrolment> {
        match self {
            Self::Add(enrolment) | Self::Invite(enrolment) => Some(enrolment),
            Self::Already | Self::Refuse(_) => None,
        }
    }
}

impl Subscribers {
    /// Returns what is to be done with each row, in order.
    pub(super) async fn planned(&self, rows: &[Row], import: &Import) -> Result<Vec<Step>, SubscribersError> {
        let now = self.clock.now();
        let mut steps = Vec::with_capacity(rows.len());
        for row in rows {
            let known = self.known(&row.address, now).await?;
            steps.push(self.step(row, &known, import, now)?);
        }
        Ok(steps)
    }

    fn step(&self, row: &Row, known: &Known, import: &Import, now: Timestamp) -> Result<Step, SubscribersError> {
        if let Some(reason) = unwanted(row.state.as_deref(), &import.basis) {
            return Ok(Step::Refuse(reason));
        }
        match &import.basis {
            Basis::Invite if row.takes.as_ref().is_some_and(Vec::is_empty) => {
                Ok(Step::Refuse("takes no edition, so there is nothing to ask for".to_owned()))
            }
            Basis::Invite => Ok(match self.invitation(&row.address, known, row.language, row.takes.clone(), now)? {
                Ok(enrolment) => Step::Invite(enrolment),
                Err(outcome) => told(outcome),
            }),
            Basis::Confirmed { consent } => {
                if let Some(outcome) = known.barred() {
                    return Ok(told(outcome));
                }
                let (language, state) = (row.language, SubscriberState::Confirmed);
                let takes = row.takes.clone().unwrap_or_else(|| self.publication.usual());
                let agreed = self.publication.agreed_to(&takes, language);
                let event = ConsentEvent::new(ConsentKind::Imported, now, &Visit::default())
                    .detail(format!("{}; {agreed}", consent.trim()));
                let entry = Entry { language, takes, state, event, ask: false };
                Ok(Step::Add(self.enrolment(&row.address, known, entry, now)?))
            }
        }
    }
}

/// Returns why the file itself says that the address must not come in: an export of ours, or of another program,
/// lists those who left as well.
fn unwanted(state: Option<&str>, basis: &Basis) -> Option<String> {
    let state = state?;
    let welcome = match basis {
        Basis::Confirmed { .. } => matches!(state, "confirmed" | "subscribed" | "active" | "enabled"),
        Basis::Invite => !matches!(state, "unsubscribed" | "suppressed" | "cleaned" | "bounced" | "blocklisted"),
    };
    (!welcome).then(|| format!("the file says that the address is {state:?}"))
}

fn told(outcome: Invited) -> Step {
    Step::Refuse(match outcome {
        Invited::Asked | Invited::Already => return Step::Already,
        Invited::Throttled(why) => why.to_string(),
        Invited::Unsubscribed => "has unsubscribed, and can only come back by signing up".to_owned(),
        Invited::Suppressed(SuppressReason::Bounced) => "is suppressed: mail to it bounced".to_owned(),
        Invited::Suppressed(SuppressReason::Complained) => "is suppressed: reported our mail as spam".to_owned(),
        Invited::Suppressed(SuppressReason::Operator) => "is suppressed by the operator".to_owned(),
        Invited::Suppressed(SuppressReason::Erased) => "asked to be erased".to_owned(),
    })
}
