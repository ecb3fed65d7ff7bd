//! A link in a preview, opened: what it is about, and whether that is still so. Nothing is written.

use super::operator::moment;
use crate::digest::{DigestError, Digests};
use crate::domain::desk::Waits;
use crate::domain::ids::IssueId;
use crate::domain::issue::{Issue, IssueItem, IssueState};
use crate::domain::language::Language;
use crate::domain::token::{BadToken, Purpose};
use crate::store::StoreError;

/// A link cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// It is not one of ours.
    #[error(transparent)]
    Bad(#[from] BadToken),
    /// The issue is a draft no longer; what it is instead, if it is anything.
    #[error("the issue is a draft no longer")]
    Over(Option<Box<Issue>>),
    /// The issue cannot be read or changed.
    #[error(transparent)]
    Digest(#[from] DigestError),
}

impl From<StoreError> for LinkError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(_) => Self::Over(None),
            error => Self::Digest(error.into()),
        }
    }
}

/// A link to a draft.
#[derive(Debug, Clone)]
pub struct DraftLink {
    /// The issue.
    pub issue: Issue,
    /// The edition's name, as readers see it.
    pub edition_title: String,
    /// What the draft is now: whoever follows a link to it does so knowingly.
    pub fingerprint: [u8; 16],
    /// Whether it is another than the one the link was made for.
    pub changed: bool,
}

/// A draft as it is now.
#[derive(Debug, Clone)]
pub struct DraftPage {
    /// The link.
    pub link: DraftLink,
    /// What it would bring, in order.
    pub items: Vec<IssueItem>,
    /// The subject of the letter.
    pub subject: String,
    /// How it stands.
    pub stands: DraftView,
    /// Whether its slot has passed: what may go out then does so at once.
    pub past: bool,
}

/// How a draft stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftView {
    /// It goes out unless it is held.
    Goes,
    /// It is approved.
    Approved,
    /// It waits.
    Waits(Waits),
}

impl DraftView {
    /// Returns whether it goes out because it is approved, or once it is.
    pub fn by_approval(self) -> bool {
        self != Self::Goes
    }
}

impl Digests {
    /// Returns what a link to a draft is about.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn open_link(&self, purpose: Purpose, token: &str) -> Result<DraftLink, LinkError> {
        let token = self.links.signer().verify(purpose, token)?;
        let issue = self.store.issue(IssueId(token.context)).await?;
        if issue.state != IssueState::Draft {
            return Err(LinkError::Over(Some(issue.into())));
        }
        let edition = self.edition(&issue.edition).map_err(|_| LinkError::Over(None))?;
        let fingerprint = self.to_be_shown(edition, &issue, self.clock.now()).await?.fingerprint();
        let edition_title = edition.title.clone();
        Ok(DraftLink { changed: fingerprint != token.public_id, issue, edition_title, fingerprint })
    }

    /// Returns the draft a link opens, as it is now.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn open_draft(&self, language: Language, token: &str) -> Result<DraftPage, LinkError> {
        let link = self.open_link(Purpose::OpenDraft, token).await?;
        let edition = self.edition(&link.issue.edition)?;
        let (items, _) = self.open_items(edition, &link.issue, self.clock.now()).await?;
        let letters = match self.preview(link.issue.id).await {
            Ok(preview) => preview.letters,
            Err(DigestError::Empty { .. }) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let subject = letters.into_iter().find(|letter| letter.language == language).map(|letter| letter.subject);
        let stands = match (edition.review.waits(&link.issue.desk), link.issue.desk.approved) {
            (Some(why), _) => DraftView::Waits(why),
            (None, Some(_)) => DraftView::Approved,
            (None, None) => DraftView::Goes,
        };
        let past = self.due(edition, &link.issue, stands.by_approval()) <= self.clock.now();
        Ok(DraftPage { link, items, subject: subject.unwrap_or_default(), stands, past })
    }

    /// Returns when a draft is to go out, on the wall of its edition: at the slot it was made for, even if it waits past
    /// it. One that was made by hand has none: unless it goes `by_approval`, it goes at the next.
    pub fn due_in_words(&self, language: Language, issue: &Issue, by_approval: bool) -> String {
        match self.edition(&issue.edition) {
            Ok(edition) => moment(language, edition, self.due(edition, issue, by_approval)),
            Err(_) => issue.slot.clone(),
        }
    }

    /// Returns a moment in the life of an issue, on the wall of its edition.
    pub fn moment_in_words(&self, language: Language, issue: &Issue, at: jiff::Timestamp) -> String {
        self.edition(&issue.edition).map_or_else(|_| issue.slot.clone(), |edition| moment(language, edition, at))
    }

    fn due(&self, edition: &crate::domain::edition::Edition, issue: &Issue, by_approval: bool) -> jiff::Timestamp {
        if by_approval || edition.schedule.is_due_at(issue.scheduled) {
            return issue.scheduled;
        }
        edition.schedule.next_after(self.clock.now()).map_or(issue.scheduled, |slot| slot.instant)
    }
}
