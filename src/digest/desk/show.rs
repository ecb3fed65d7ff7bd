//! Showing a draft to the operator: once when it is made, again when it has changed, and once more when it is due and
//! waits for them.

use jiff::{SignedDuration, Timestamp};

use super::operator::moment;
use super::preview_mail::Telling;
use crate::digest::digests::LOOKS;
use crate::digest::words::count;
use crate::digest::{DigestError, Digests};
use crate::domain::desk::Shown;
use crate::domain::edition::Edition;
use crate::domain::ids::IssueId;
use crate::domain::issue::{Issue, IssueState};
use crate::domain::language::Language;
use crate::domain::schedule::Slot;
use crate::render::Why;

/// Who edits seldom stops after one edit: a changed draft is shown once nobody has touched it for so long.
const QUIET: SignedDuration = SignedDuration::from_mins(5);
/// A changed draft is shown no more often than this.
const SPACING: SignedDuration = SignedDuration::from_mins(15);
/// So long before the slot nobody waits for quiet any more: what goes out has been shown.
const FINAL: SignedDuration = SignedDuration::from_mins(2);
/// And so often, then.
const FINAL_SPACING: SignedDuration = SignedDuration::from_secs(50);

impl Digests {
    /// Returns the draft an edition has, if it has one.
    ///
    /// # Errors
    /// [`DigestError::Store`].
    pub async fn draft_of(&self, edition: &str) -> Result<Option<Issue>, DigestError> {
        let drafts = self.store.issues_in_state(&IssueState::Draft).await?;
        Ok(drafts.into_iter().find(|issue| issue.edition == edition))
    }

    /// Shows a draft to the operator if they have not seen it as it is, for the slot it will go out at. The mail is
    /// queued in the transaction that marks it as shown: whoever dies, and however many nodes do this at once, there is
    /// one. Returns whether it was shown just now.
    ///
    /// # Errors
    /// [`DigestError::Render`] or [`DigestError::Store`].
    pub async fn show_draft(&self, id: IssueId, slot: &Slot) -> Result<bool, DigestError> {
        for _ in 0..LOOKS {
            let draft = self.store.issue(id).await?;
            if draft.state != IssueState::Draft {
                return Ok(false);
            }
            let edition = self.edition(&draft.edition)?;
            let now = self.clock.now();
            let (items, _) = self.open_items(edition, &draft, now).await?;
            if items.is_empty() {
                // There is nothing to see, and sealing will say so.
                return Ok(false);
            }
            let shown = Shown::of(&draft, &items);
            let before = self.store.shown(id).await?;
            let Some(why) = self.why_now(edition, &draft, &shown, before.as_ref(), slot, now).await? else {
                return Ok(false);
            };
            let changes = match (&before, draft.desk.previewed) {
                (Some(before), Some(at)) => {
                    shown.changes_since(before, &self.since(id, before, at, &shown, now).await?)
                }
                _ => Vec::new(),
            };
            let telling = Telling { draft: &draft, edition, slot, why, shown: &shown, changes };
            let mail = self.preview_mail(telling, now).await?;
            if self.store.show_draft(&draft, &shown, &mail, now).await? {
                let due = moment(Language::En, edition, slot.instant);
                let mails = count(mail.to.len(), "mail shows it", "mails show it");
                let has = count(items.len(), "item", "items");
                tracing::info!(
                    issue.id = %id, issue.number = draft.number,
                    "The draft of {} has {has} and is due on {due}; {mails}", draft.edition
                );
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns why a draft is to be shown at this moment, if it is.
    async fn why_now(
        &self,
        edition: &Edition,
        draft: &Issue,
        shown: &Shown,
        before: Option<&Shown>,
        slot: &Slot,
        now: Timestamp,
    ) -> Result<Option<Why>, DigestError> {
        let waits = now >= slot.instant && edition.review.waits(&draft.desk).is_some();
        let (Some(at), Some(before)) = (draft.desk.previewed, before) else {
            return Ok(Some(if waits { Why::Waits } else { Why::First }));
        };
        if waits && at < slot.instant {
            return Ok(Some(Why::Waits));
        }
        if shown == before {
            return Ok(None);
        }
        let left = slot.instant.duration_since(now);
        let last_minute = left <= FINAL && left > SignedDuration::ZERO;
        if now.duration_since(at) < if last_minute { FINAL_SPACING } else { SPACING } {
            return Ok(None);
        }
        let edited = self.store.last_edited(draft.id).await?;
        let busy = edited.is_some_and(|edited| now.duration_since(edited) < QUIET);
        Ok((last_minute || !busy).then_some(Why::Changed))
    }
}
