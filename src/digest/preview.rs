//! Looking at an issue before or after it is sealed. Nothing of it is written.

use super::letters::Print;
use super::pictures::WHILE_SEALING;
use super::{DigestError, Digests};
use crate::domain::choice::Choice;
use crate::domain::ids::IssueId;
use crate::domain::issue::{Issue, IssueState, Letter};
use crate::domain::language::Language;

/// An issue as its readers would see it.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The issue.
    pub issue: Issue,
    /// One letter for each language.
    pub letters: Vec<Letter>,
}

impl Digests {
    /// Returns the letters of an issue: of a draft as they would be if it were sealed now, of any other as they are.
    ///
    /// # Errors
    /// [`DigestError::Empty`] if it never had letters, or nothing is left of the draft.
    pub async fn preview(&self, id: IssueId) -> Result<Preview, DigestError> {
        let issue = self.store.issue(id).await?;
        let letters = if issue.state == IssueState::Draft { self.draft_letters(&issue).await? } else { Vec::new() };
        // A draft may have been sealed since it was read, and then has letters of its own; they count.
        let mut frozen = Vec::new();
        for language in Language::ALL {
            frozen.extend(self.store.issue_letter(id, language, "").await?.map(|(_, letter)| letter));
        }
        let letters = if frozen.is_empty() { letters } else { frozen };
        if letters.is_empty() { Err(DigestError::empty(&issue)) } else { Ok(Preview { issue, letters }) }
    }

    /// Returns the letter of an issue for a reader of this language who makes this choice: of a draft as it would be if
    /// it were sealed now, of any other as it was sealed. `None` if nothing is left for them.
    ///
    /// # Errors
    /// [`DigestError::Empty`] if the issue never had letters, or nothing is left of the draft.
    pub async fn preview_for(
        &self,
        id: IssueId,
        language: Language,
        choice: &Choice,
    ) -> Result<Option<Letter>, DigestError> {
        let issue = self.store.issue(id).await?;
        if issue.state != IssueState::Draft {
            if self.store.unserved_by(id).await?.contains(&choice.key()) {
                return Ok(None);
            }
            for variant in [choice.key().as_str(), ""] {
                if let Some((_, letter)) = self.store.issue_letter(id, language, variant).await? {
                    return Ok(Some(letter));
                }
            }
            return Err(DigestError::empty(&issue));
        }
        let edition = self.edition(&issue.edition)?;
        let now = self.clock.now();
        let (items, _) = self.open_items(edition, &issue, now).await?;
        if items.is_empty() {
            return Err(DigestError::empty(&issue));
        }
        let pictures = self.pictures(&items, WHILE_SEALING).await;
        let print = Print { edition, issue: &issue, pictures: &pictures, now };
        self.letter_for(language, choice, print, &items)
    }

    async fn draft_letters(&self, draft: &Issue) -> Result<Vec<Letter>, DigestError> {
        let edition = self.edition(&draft.edition)?;
        let now = self.clock.now();
        let (items, _) = self.open_items(edition, draft, now).await?;
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let pictures = self.pictures(&items, WHILE_SEALING).await;
        self.letters(Print { edition, issue: draft, pictures: &pictures, now }, &items)
    }
}
