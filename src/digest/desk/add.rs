//! What an edit brings in must be there: a section the edition has, an article that can be printed.

use jiff::Timestamp;

use crate::digest::{DigestError, Digests};
use crate::domain::article::Article;
use crate::domain::desk::Edit;
use crate::domain::edition::Edition;
use crate::domain::ids::{ArticleId, IssueId};
use crate::store::{ArticleFilter, StoreError};

impl Digests {
    /// Takes an article into a draft, at the end of its own section or of another.
    ///
    /// # Errors
    /// As [`Digests::edit`].
    pub async fn add(
        &self,
        id: IssueId,
        article: ArticleId,
        section: Option<String>,
        who: &str,
    ) -> Result<super::Edited, DigestError> {
        let found = self.printable(article, self.clock.now()).await?;
        let section = section.unwrap_or(found.section);
        self.edit(id, &Edit::Add { article, section }, who).await
    }

    /// Looks whether what the edit names is there.
    pub(super) async fn check(&self, edition: &Edition, edit: &Edit, now: Timestamp) -> Result<(), DigestError> {
        if let Edit::Add { article, .. } = edit {
            self.printable(*article, now).await?;
        }
        let (Edit::Add { section, .. } | Edit::Move { section: Some(section), .. }) = edit else { return Ok(()) };
        if edition.sections.contains(section) {
            return Ok(());
        }
        Err(DigestError::UnknownSection { name: section.clone(), known: edition.sections.join(", ") })
    }

    /// Finds out whether an edit was refused because another issue has the article.
    pub(super) async fn free(&self, edition: &Edition, edit: &Edit, id: IssueId) -> Result<(), DigestError> {
        let Edit::Add { article, .. } = edit else { return Ok(()) };
        let (_, draft) = self.store.draft(id).await?;
        let here = draft.items.iter().any(|item| item.article == article.0);
        if !here && self.store.is_taken(&edition.name, *article).await? {
            return Err(DigestError::Printed(*article));
        }
        Ok(())
    }

    async fn printable(&self, id: ArticleId, now: Timestamp) -> Result<Article, DigestError> {
        let found = self.article(id).await?.filter(|article| article.closes.is_none_or(|closes| closes > now));
        found.ok_or(DigestError::NoSuchArticle(id))
    }

    async fn article(&self, id: ArticleId) -> Result<Option<Article>, StoreError> {
        let filter = ArticleFilter { before: Some(ArticleId(id.0.saturating_add(1))), ..ArticleFilter::default() };
        Ok(self.store.articles(&filter, 1).await?.pop().filter(|article| article.id == id))
    }
}
