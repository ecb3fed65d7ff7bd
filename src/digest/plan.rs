//! The dry run: what would go to whom, and to whom it would not. Nothing is written.

use jiff::Timestamp;

use super::audience::Terms;
use super::choose::{Chosen, roll_over, tags};
use super::{DigestError, Digests};
use crate::domain::desk::Waits;
use crate::domain::edition::Edition;
use crate::domain::issue::{Desk, Issue, IssueState};
use crate::domain::language::Language;
use crate::domain::schedule::Slot;
use crate::store::DeliveryCounts;

/// What would happen.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Plan {
    /// The edition.
    pub edition: String,
    /// The issue it is about.
    pub issue: PlannedIssue,
    /// What would be in it, in the edition's order.
    pub sections: Vec<PlannedSection>,
    /// Who would get it.
    pub recipients: Vec<Recipients>,
    /// Who would not.
    pub not_reached: Vec<NotReached>,
    /// Why the issue would be skipped although there is enough for one: nobody would get it.
    pub unread: Option<String>,
    /// Why it would not go out although there is enough for one: the operator holds it, or has to approve it first.
    pub waits: Option<Waits>,
    /// For an issue that is sealed: its lines in the ledger, which decide who gets it.
    pub ledger: Option<DeliveryCounts>,
    #[serde(skip)]
    pub(super) terms: Terms,
}

/// Which issue a plan is about.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PlannedIssue {
    /// One that would be made.
    New {
        /// The civil time that would name it.
        slot: String,
    },
    /// None: there is nothing to publish.
    Nothing {
        /// The civil time that would be recorded as skipped.
        slot: String,
        /// Why.
        reason: String,
    },
    /// One there is.
    Existing {
        /// Its number, if it has one.
        number: Option<i64>,
        /// How far it has come.
        #[serde(flatten)]
        state: IssueState,
    },
}

/// A section of the plan.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PlannedSection {
    /// Its name.
    pub section: String,
    /// Its items, as readers would see them.
    pub items: Vec<PlannedItem>,
    /// How many articles wait for a later issue.
    pub rolls_over: i64,
}

/// An item of the plan.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PlannedItem {
    /// The headline.
    pub title: String,
    /// Where it leads.
    pub url: String,
    /// The name of its source.
    pub source: Option<String>,
    /// When it was published.
    pub published: Timestamp,
    /// When it closes, for an opening.
    pub closes: Option<Timestamp>,
}

/// How many would get it in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Recipients {
    /// The language of their letter.
    pub language: Language,
    /// How many.
    pub count: i64,
}

/// How many would not get it, for one reason and in one language.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct NotReached {
    /// Why: the state they are in, that they take other editions only, that nothing is left for their choice, or what
    /// became of their mail.
    pub reason: String,
    /// The language of their mails.
    pub language: Language,
    /// How many.
    pub count: i64,
}

impl Plan {
    /// Returns how many people would get it.
    pub fn recipient_count(&self) -> i64 {
        self.recipients.iter().map(|r| r.count).sum()
    }

    /// Returns how many items it would have.
    pub fn item_count(&self) -> usize {
        self.sections.iter().map(|s| s.items.len()).sum()
    }
}

impl Digests {
    /// Returns what compiling and sending this slot would do.
    ///
    /// # Errors
    /// [`DigestError::UnknownEdition`] or [`DigestError::Store`].
    pub async fn plan(&self, edition: &str, slot: &Slot) -> Result<Plan, DigestError> {
        let edition = self.edition(edition)?;
        let mut chosen = self.choose(edition, self.clock.now()).await?;
        if let Some((issue, _)) = self.standing_issue(edition, slot).await? {
            return self.plan_of(edition, &issue, &chosen).await;
        }
        let count = chosen.iter().map(|c| c.articles.len()).sum();
        let planned = match self.too_little(edition, count).await? {
            Some(reason) => {
                roll_over(&mut chosen);
                PlannedIssue::Nothing { slot: slot.key(), reason: reason.to_string() }
            }
            None => PlannedIssue::New { slot: slot.key() },
        };
        let new = matches!(planned, PlannedIssue::New { .. });
        let terms = Terms { items: tags(&chosen), ..Terms::default() };
        let sections = chosen.into_iter().map(section_of_articles).collect();
        let plan = self.with_people(edition, planned, sections, None, terms).await?;
        // What nobody would get is skipped before it is a draft, and there is nothing to approve.
        let asked = new && plan.unread.is_none();
        let waits = edition.review.waits(&Desk::default()).filter(|_| asked);
        Ok(Plan { waits, ..plan })
    }

    /// Returns what sending this issue would do, or does.
    ///
    /// # Errors
    /// [`DigestError::UnknownEdition`] or [`DigestError::Store`].
    pub async fn plan_issue(&self, issue: &Issue) -> Result<Plan, DigestError> {
        let edition = self.edition(&issue.edition)?;
        let chosen = self.choose(edition, self.clock.now()).await?;
        self.plan_of(edition, issue, &chosen).await
    }

    async fn plan_of(&self, edition: &Edition, issue: &Issue, chosen: &[Chosen]) -> Result<Plan, DigestError> {
        let draft = issue.state == IssueState::Draft;
        let items = if draft {
            self.open_items(edition, issue, self.clock.now()).await?.0
        } else {
            self.items_in_order(edition, issue).await?
        };
        let mut sections: Vec<PlannedSection> = chosen
            .iter()
            .map(|c| {
                let waiting = i64::try_from(c.articles.len()).unwrap_or(i64::MAX);
                let rolls_over = c.rolls_over.saturating_add(waiting);
                PlannedSection { section: c.section.clone(), items: Vec::new(), rolls_over }
            })
            .collect();
        let mut terms = Terms {
            issue: Some(issue.id),
            sealed: !draft,
            unserved: self.store.unserved_by(issue.id).await?.into_iter().collect(),
            welcomes: edition.policy.welcome_issue,
            ..Terms::default()
        };
        for item in items {
            terms.items.push((item.section.clone(), item.language.clone()));
            let place = sections.iter().position(|s| s.section == item.section).unwrap_or_else(|| {
                sections.push(PlannedSection { section: item.section.clone(), items: Vec::new(), rolls_over: 0 });
                sections.len() - 1
            });
            sections[place].items.push(PlannedItem {
                title: item.title,
                url: item.url,
                source: item.source,
                published: item.published,
                closes: item.closes,
            });
        }
        let ledger = if draft { None } else { Some(self.store.delivery_counts(issue.id).await?) };
        let planned = PlannedIssue::Existing { number: issue.number, state: issue.state.clone() };
        let plan = self.with_people(edition, planned, sections, ledger, terms).await?;
        Ok(Plan { waits: edition.review.waits(&issue.desk).filter(|_| draft), ..plan })
    }

    async fn with_people(
        &self,
        edition: &Edition,
        issue: PlannedIssue,
        sections: Vec<PlannedSection>,
        ledger: Option<DeliveryCounts>,
        terms: Terms,
    ) -> Result<Plan, DigestError> {
        let (recipients, not_reached) = self.people(edition, &terms).await?;
        let recipients = recipients.into_iter().map(|(language, count)| Recipients { language, count }).collect();
        let not_reached =
            not_reached.into_iter().map(|(reason, language, count)| NotReached { reason, language, count }).collect();
        let unread =
            if terms.sealed || terms.items.is_empty() { None } else { self.nobody(edition, &terms.items).await? };
        let (edition, unread) = (edition.name.clone(), unread.map(|reason| reason.to_string()));
        Ok(Plan { edition, issue, sections, recipients, not_reached, unread, waits: None, ledger, terms })
    }
}

fn section_of_articles(chosen: Chosen) -> PlannedSection {
    let items = chosen.articles.into_iter().map(|article| PlannedItem {
        title: article.title,
        url: article.url,
        source: article.source,
        published: article.published,
        closes: article.closes,
    });
    PlannedSection { section: chosen.section, items: items.collect(), rolls_over: chosen.rolls_over }
}
