//! The service itself: what it is built from, and how it finds editions and issues.

use std::sync::Arc;

use crate::clock::Clock;
use crate::domain::edition::Edition;
use crate::domain::ids::IssueId;
use crate::domain::issue::{Issue, LetterHead};
use crate::domain::links::Links;
use crate::feeds::PictureFetcher;
use crate::render::{Sender, Templates};
use crate::store::{Store, StoreError};

use super::desk::Operator;
use super::error::DigestError;

/// How often a step is decided anew when what it was decided on changes under it. Each time somebody else got ahead,
/// so after a few the work is usually done.
pub(super) const LOOKS: usize = 8;

/// Who publishes, as shown in the letters and in their headers.
#[derive(Debug, Clone)]
pub struct Imprint {
    /// The name, address and contact at the foot of every letter.
    pub sender: Sender,
    /// Whom a letter is from. Its list headers are added here, edition by edition.
    pub head: LetterHead,
    /// A mail address that unsubscribes, beside the link.
    pub unsubscribe_mailto: Option<String>,
}

/// Everything that is done with issues. Cheap to clone.
#[derive(Clone)]
pub struct Digests {
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) links: Links,
    pub(super) templates: Arc<Templates>,
    pub(super) editions: Arc<[Edition]>,
    pub(super) imprint: Arc<Imprint>,
    pub(super) operator: Arc<Operator>,
    /// Who fetches pictures, if they are shown.
    pub(super) pictures: Option<Arc<PictureFetcher>>,
}

impl std::fmt::Debug for Digests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Digests").field("editions", &self.editions).finish_non_exhaustive()
    }
}

impl Digests {
    /// Returns the service, which shows no pictures until it is given [somebody to fetch
    /// them](Self::with_pictures).
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        links: Links,
        templates: Arc<Templates>,
        editions: Vec<Edition>,
        imprint: Imprint,
    ) -> Self {
        Self {
            store,
            clock,
            links,
            templates,
            editions: editions.into(),
            imprint: Arc::new(imprint),
            operator: Arc::default(),
            pictures: None,
        }
    }

    /// Returns the editions, as configured.
    pub fn editions(&self) -> &[Edition] {
        &self.editions
    }

    /// Returns the edition of this name.
    ///
    /// # Errors
    /// [`DigestError::UnknownEdition`] if the configuration has none.
    pub fn edition(&self, name: &str) -> Result<&Edition, DigestError> {
        self.editions.iter().find(|edition| edition.name == name).ok_or_else(|| DigestError::UnknownEdition {
            name: name.to_owned(),
            known: self.editions.iter().map(|edition| edition.name.as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    /// Returns the issue with this number, for those who know it by that.
    ///
    /// # Errors
    /// [`DigestError::NoSuchNumber`] if there is none.
    pub async fn issue_numbered(&self, number: i64) -> Result<Issue, DigestError> {
        self.store.issue_by_number(number).await?.ok_or(DigestError::NoSuchNumber(number))
    }

    /// Returns the newest issue of the edition that `wanted` accepts.
    pub(super) async fn newest_issue(
        &self,
        edition: &str,
        wanted: impl Fn(&Issue) -> bool,
    ) -> Result<Option<Issue>, StoreError> {
        /// Two editions seldom have more between two numbers of one of them.
        const PAGE: usize = 50;
        let mut before: Option<IssueId> = None;
        loop {
            let page = self.store.latest_issues(before, None, PAGE).await?;
            let last = page.len() < PAGE;
            before = page.last().map(|issue| issue.id);
            if let Some(found) = page.into_iter().find(|issue| issue.edition == edition && wanted(issue)) {
                return Ok(Some(found));
            }
            if last {
                return Ok(None);
            }
        }
    }
}
