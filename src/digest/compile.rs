//! Compiling: a slot becomes one issue, or is recorded as skipped.

use super::choose::{Chosen, items, roll_over, tags};
use super::digests::LOOKS;
use super::pictures::WHILE_COMPILING;
use super::words::count;
use super::{DigestError, Digests};
use crate::domain::edition::Edition;
use crate::domain::issue::{Issue, IssueState};
use crate::domain::schedule::Slot;
use crate::domain::skip::Skip;
use crate::store::{NewIssue, StoreError};

/// What a slot became.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The issue, in whatever state it is.
    pub issue: Issue,
    /// How it came about.
    pub how: How,
    /// Section by section, in the edition's order.
    pub sections: Vec<SectionTally>,
}

/// How a slot came by its issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Made just now: a draft, or a record that there was nothing to publish.
    Made,
    /// The slot had one already.
    OfTheSlot,
    /// The edition had a draft, which the slot takes.
    DraftTaken,
    /// An issue of the edition was sealed since the slot came due, under the name of another one: that is the slot's.
    SealedSince,
}

/// How many articles of a section are in the issue, and how many wait for a later one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SectionTally {
    /// The section.
    pub section: String,
    /// In the issue.
    pub items: i64,
    /// Waiting for a later one.
    pub rolls_over: i64,
}

/// What an issue is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To be looked at and worked on, whoever gets it then.
    Look,
    /// To be looked at, for a slot that is still to come.
    Ahead,
    /// To go out now.
    Send,
}

impl Digests {
    /// Returns the issue of a slot, and makes it if there is none, by the rule of [`crate::domain::choosing`]. Doing it
    /// again returns the same issue. With nothing to publish, or less than the edition's minimum, the slot is recorded
    /// as skipped, with the reason. What has closed or become too old is put on record.
    ///
    /// # Errors
    /// [`DigestError::UnknownEdition`]; [`DigestError::Store`] or [`DigestError::Contended`], which pass.
    pub async fn compile(&self, edition: &str, slot: &Slot) -> Result<Compiled, DigestError> {
        self.compile_to(Purpose::Look, edition, slot).await
    }

    /// As [`Self::compile`], for an issue that is to go out at once: where nobody would get a new one, the slot is
    /// recorded as skipped, unless the edition is published without readers.
    ///
    /// # Errors
    /// Those of [`Self::compile`].
    pub async fn compile_to_send(&self, edition: &str, slot: &Slot) -> Result<Compiled, DigestError> {
        self.compile_to(Purpose::Send, edition, slot).await
    }

    /// As [`Self::compile`], for a slot that is still to come: with nothing to publish, nothing is recorded, since there
    /// may be something by then.
    ///
    /// # Errors
    /// [`DigestError::NothingYet`], and those of [`Self::compile`].
    pub async fn compile_ahead(&self, edition: &str, slot: &Slot) -> Result<Compiled, DigestError> {
        self.compile_to(Purpose::Ahead, edition, slot).await
    }

    async fn compile_to(&self, purpose: Purpose, edition: &str, slot: &Slot) -> Result<Compiled, DigestError> {
        let edition = self.edition(edition)?;
        for _ in 0..LOOKS {
            if let Some(compiled) = self.try_compile(edition, slot, purpose).await? {
                return Ok(compiled);
            }
        }
        Err(DigestError::Contended)
    }

    /// Returns `None` if somebody else got ahead and everything must be looked at again.
    async fn try_compile(
        &self,
        edition: &Edition,
        slot: &Slot,
        purpose: Purpose,
    ) -> Result<Option<Compiled>, DigestError> {
        let now = self.clock.now();
        // Whatever came in since the last collection, by whatever way, may have been told before.
        self.store.find_stories(now).await?;
        // The order matters. Should somebody make and seal an issue between our looking for one and our making one,
        // it has taken articles we have chosen before we looked, and the store refuses ours.
        let mut chosen = self.choose(edition, now).await?;
        if let Some((issue, how)) = self.standing_issue(edition, slot).await? {
            let sections = self.tally_of(edition, &issue, &chosen).await?;
            return Ok(Some(Compiled { issue, how, sections }));
        }
        // Done before the issue is made and not with it: it is true by itself, and whoever dies in between does it again.
        let set_aside = self.store.set_aside(edition, now).await?;
        if set_aside > 0 {
            tracing::info!(edition = %edition.name, "Set {} of {} aside", count(set_aside, "article", "articles"), edition.name);
        }
        let skipped = match self.too_little(edition, items(&chosen).len()).await? {
            None if purpose == Purpose::Send => self.nobody(edition, &tags(&chosen)).await?,
            too_little => too_little,
        };
        if skipped.is_some() {
            roll_over(&mut chosen);
        }
        let items = items(&chosen);
        if purpose == Purpose::Ahead && skipped.is_some() {
            return Err(DigestError::NothingYet);
        }
        let skipped = skipped.map(|reason| reason.to_string());
        let new = NewIssue { edition: edition.name.clone(), slot: slot.key(), scheduled: slot.instant, skipped, items };
        let issue = match self.store.create_issue(&new, now).await {
            Ok(Some(issue)) => issue,
            Ok(None) | Err(StoreError::Stale) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        tracing::info!(
            edition = %edition.name, slot = %issue.slot, issue.number, issue.state = %issue.state,
            "Compiled {} for {}", count(new.items.len(), "item", "items"), edition.name
        );
        // Nobody waits yet: what is slow is here by the time the issue is sealed.
        let items = self.items_in_order(edition, &issue).await?;
        self.pictures(&items, WHILE_COMPILING).await;
        self.forget_pictures(now).await;
        let sections = chosen.iter().map(|c| tally(&c.section, c.articles.len(), c.rolls_over)).collect();
        Ok(Some(Compiled { issue, how: How::Made, sections }))
    }

    /// Returns the issue a slot has, under its own name or another's.
    ///
    /// A draft is taken whenever it was made. A slot also has the issue that was sealed since it came due: of two
    /// hands that work on the same draft, or on two slots a minute apart, one is through before the other looks. An
    /// issue goes from draft to sealed and never back, so in this order it cannot slip through.
    pub(super) async fn standing_issue(
        &self,
        edition: &Edition,
        slot: &Slot,
    ) -> Result<Option<(Issue, How)>, StoreError> {
        if let Some(issue) = self.store.issue_by_slot(&edition.name, &slot.key()).await? {
            return Ok(Some((issue, How::OfTheSlot)));
        }
        let drafts = self.store.issues_in_state(&IssueState::Draft).await?;
        if let Some(issue) = drafts.into_iter().find(|issue| issue.edition == edition.name) {
            return Ok(Some((issue, How::DraftTaken)));
        }
        let newest = self.newest_issue(&edition.name, |issue| issue.sealed.is_some()).await?;
        Ok(newest
            .filter(|issue| issue.sealed.is_some_and(|sealed| sealed >= slot.instant))
            .map(|issue| (issue, How::SealedSince)))
    }

    /// Returns why there is nothing to publish.
    pub(super) async fn nothing_new(&self, edition: &Edition) -> Result<Skip, StoreError> {
        let printed =
            self.newest_issue(&edition.name, |i| i.sealed.is_some() && i.state != IssueState::Cancelled).await?;
        Ok(match printed.and_then(|issue| issue.number) {
            Some(number) => Skip::NothingNew(number),
            None => Skip::NothingYet,
        })
    }

    async fn tally_of(
        &self,
        edition: &Edition,
        issue: &Issue,
        chosen: &[Chosen],
    ) -> Result<Vec<SectionTally>, StoreError> {
        let items = self.items_in_order(edition, issue).await?;
        Ok(chosen
            .iter()
            .map(|c| {
                let there = items.iter().filter(|item| item.section == c.section).count();
                let waiting = i64::try_from(c.articles.len()).unwrap_or(i64::MAX);
                tally(&c.section, there, c.rolls_over.saturating_add(waiting))
            })
            .collect())
    }
}

fn tally(section: &str, items: usize, rolls_over: i64) -> SectionTally {
    SectionTally { section: section.to_owned(), items: i64::try_from(items).unwrap_or(i64::MAX), rolls_over }
}
