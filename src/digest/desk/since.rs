//! What happened to a draft since it was shown: what the editor did stands in the record, and what became of an article by
//! itself is told by the article.

use jiff::Timestamp;

use crate::digest::Digests;
use crate::domain::desk::{Draft, Gone, Shown, Since, moved};
use crate::domain::ids::{ArticleId, IssueId};
use crate::store::StoreError;

impl Digests {
    /// Returns what happened since a draft was shown at a moment as `before`; `shown` is what there is to see `now`.
    pub(super) async fn since(
        &self,
        id: IssueId,
        before: &Shown,
        at: Timestamp,
        shown: &Shown,
        now: Timestamp,
    ) -> Result<Since, StoreError> {
        let mut since = Since::default();
        for line in self.store.edits(id).await? {
            // An edit of before that was undone meanwhile happened, too, the other way round.
            let (done, undone) = (line.at >= at, line.undone.is_some_and(|undone| undone >= at));
            if done == undone {
                continue;
            }
            since.moved.extend(moved(&line.action));
            if done {
                since.gone.extend(taken_out(&line.before, &line.after));
            }
        }
        let unknown: Vec<ArticleId> =
            shown.without(before).into_iter().filter(|article| !since.gone.contains_key(article)).collect();
        for article in self.store.articles_by_ids(&unknown).await? {
            let fate = self.store.article_fate(article.id).await?;
            if fate.is_some_and(|fate| fate.withdrawn.is_some()) {
                since.gone.insert(article.id, Gone::TakenBack);
            } else if article.closes.is_some_and(|closes| closes <= now) {
                since.gone.insert(article.id, Gone::Closed);
            }
        }
        Ok(since)
    }
}

/// Returns what an edit has taken out, and whether for good.
fn taken_out(before: &Draft, after: &Draft) -> impl Iterator<Item = (ArticleId, Gone)> {
    let out = before.items.iter().filter(|old| after.items.iter().all(|new| new.article != old.article));
    out.map(|item| {
        let struck = after.set_aside.contains_key(&item.article);
        (ArticleId(item.article), if struck { Gone::Struck } else { Gone::PutOff })
    })
}
