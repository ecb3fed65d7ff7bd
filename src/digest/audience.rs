//! Who gets an issue, who does not, and why.

use std::collections::BTreeSet;

use super::plan::Plan;
use super::{DigestError, Digests};
use crate::domain::choice::Choice;
use crate::domain::delivery::DeliveryState;
use crate::domain::edition::Edition;
use crate::domain::ids::{IssueId, SubscriberId};
use crate::domain::language::Language;
use crate::domain::subscriber::SubscriberState;
use crate::store::{Standing, StoreError};

/// What decides who gets an issue.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    pub(super) issue: Option<IssueId>,
    /// Section and language of each item. None at all where nothing would be published.
    pub(super) items: Vec<(String, Option<String>)>,
    /// Whether the ledger is written and decides.
    pub(super) sealed: bool,
    /// The choices the sealed issue had nothing for.
    pub(super) unserved: BTreeSet<String>,
    /// Whether who has come since will be sent it.
    pub(super) welcomes: bool,
}

/// What becomes of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Gets,
    Not(String),
    /// They take another edition and are no reader of it either: not worth a word.
    NotConcerned,
}

/// A line of the list of who gets an issue and who does not.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Listed {
    /// The row, to go on from.
    #[serde(skip)]
    pub id: SubscriberId,
    /// The address.
    pub address: String,
    /// The language of their mails.
    pub language: Language,
    /// What they take of the edition, in words.
    pub choice: Option<String>,
    /// Whether they would get it.
    pub gets: bool,
    /// Why not.
    pub reason: Option<String>,
}

impl Terms {
    /// Returns what becomes of whoever stands so.
    pub(super) fn verdict(&self, standing: &Standing) -> Verdict {
        if let Some(state) = standing.delivery {
            return match state {
                DeliveryState::Queued | DeliveryState::Claimed | DeliveryState::Offered => Verdict::Gets,
                DeliveryState::Accepted => not("had it already"),
                DeliveryState::Unknown => not("may have had it already"),
                DeliveryState::Rejected => not("was refused by the relay"),
                DeliveryState::Withdrawn => not("was withdrawn: they left, or it was cancelled"),
                DeliveryState::Expired => not("was given up"),
            };
        }
        let Some(choice) = &standing.choice else {
            return match standing.state {
                SubscriberState::Confirmed => not("takes other editions only"),
                _ => Verdict::NotConcerned,
            };
        };
        if standing.state != SubscriberState::Confirmed {
            return Verdict::Not(standing.state.to_string());
        }
        if self.nothing_left(choice) {
            return not("nothing left for their choice");
        }
        match (self.sealed, self.welcomes) {
            (false, _) => Verdict::Gets,
            (true, false) => not("came after it was sealed"),
            (true, true) => not("came after it was sealed; is sent it as a welcome if they have just confirmed"),
        }
    }

    fn nothing_left(&self, key: &str) -> bool {
        if self.sealed {
            return self.unserved.contains(key);
        }
        // A key that is none takes everything, as its letter would.
        let Ok(choice) = Choice::from_key(key) else { return false };
        !self.items.is_empty()
            && !self.items.iter().any(|(section, language)| choice.takes(section, language.as_deref()))
    }
}

fn not(reason: &str) -> Verdict {
    Verdict::Not(reason.to_owned())
}

impl Digests {
    /// Returns up to `limit` people after the row `after`, oldest row first: whether they would get what the plan is
    /// about, and why not. Those who neither read the edition nor are confirmed are left out, so a page may be shorter;
    /// the list ends where `None` comes in the place of the row to go on from.
    ///
    /// # Errors
    /// [`DigestError::Store`].
    pub async fn listed(
        &self,
        plan: &Plan,
        after: SubscriberId,
        limit: usize,
    ) -> Result<(Vec<Listed>, Option<SubscriberId>), DigestError> {
        let people = self.store.people_after(&plan.edition, plan.terms.issue, after, limit).await?;
        let last = if people.len() < limit { None } else { people.last().map(|person| person.id) };
        let listed = people.into_iter().filter_map(|person| {
            let (gets, reason) = match plan.terms.verdict(&person.standing) {
                Verdict::Gets => (true, None),
                Verdict::Not(reason) => (false, Some(reason)),
                Verdict::NotConcerned => return None,
            };
            let choice = person.standing.choice.and_then(|key| Choice::from_key(&key).ok());
            Some(Listed {
                id: person.id,
                address: person.address,
                language: person.standing.language,
                choice: choice.map(|choice| choice.to_string()),
                gets,
                reason,
            })
        });
        Ok((listed.collect(), last))
    }

    /// Returns how many people would get it and how many would not, in the order of languages and reasons.
    pub(super) async fn people(
        &self,
        edition: &Edition,
        terms: &Terms,
    ) -> Result<(Vec<(Language, i64)>, Vec<(String, Language, i64)>), StoreError> {
        let mut get = std::collections::BTreeMap::new();
        let mut do_not = std::collections::BTreeMap::new();
        for (standing, count) in self.store.standings(&edition.name, terms.issue).await? {
            match terms.verdict(&standing) {
                Verdict::Gets => *get.entry(standing.language).or_insert(0) += count,
                Verdict::Not(reason) => *do_not.entry((reason, standing.language)).or_insert(0) += count,
                Verdict::NotConcerned => {}
            }
        }
        let do_not = do_not.into_iter().map(|((reason, language), count)| (reason, language, count));
        Ok((get.into_iter().collect(), do_not.collect()))
    }
}
