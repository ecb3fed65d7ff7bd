//! Articles that others push: job boards, the hooks of a CMS.

use super::written::Over;
use super::{Articles, ArticlesError, Checked, FieldProblem, Written};
use crate::domain::ids::ArticleId;
use crate::domain::pushed::{ExternalId, Pushed, PushedArticle};
use crate::store::{PushedFilter, StoreError};

impl Articles {
    /// Returns the article as it may be stored.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn check(&self, written: &Written) -> Result<Checked, Vec<FieldProblem>> {
        self.house.check(written, self.clock.now(), Over::IsWrong)
    }

    /// Returns the article as it may be pushed: that it is over by now is no mistake of who sends all there is, again and
    /// again.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn check_pushed(&self, written: &Written) -> Result<Checked, Vec<FieldProblem>> {
        self.house.check(written, self.clock.now(), Over::IsFine)
    }

    /// Returns the section of this name.
    ///
    /// # Errors
    /// What is wrong with the name: that no edition has such a section, and which there are.
    pub fn section(&self, name: &str) -> Result<String, String> {
        self.house.section(name)
    }

    /// Stores articles under the ids their owner knows them by, all or none, and returns what became of each. Doing it
    /// again changes nothing. One that is printed or withdrawn stays as it is, and one that is over by now is not made anew.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub async fn push(&self, articles: Vec<(ExternalId, Checked)>) -> Result<Vec<Pushed>, ArticlesError> {
        let articles: Vec<_> = articles.into_iter().map(|(id, Checked(article))| (id, article)).collect();
        let results = self.store.push_articles(&articles, self.clock.now()).await?;
        let new = results.iter().filter(|result| **result == Pushed::Created).count();
        tracing::info!(articles = results.len(), new, "Took {} pushed articles, {new} of them new", results.len());
        Ok(results)
    }

    /// Writes new words over a pushed article that stands as `before`.
    ///
    /// # Errors
    /// [`ArticlesError::Printed`], [`ArticlesError::Withdrawn`]; [`StoreError::Stale`] if it stands so no longer, and
    /// should be looked at again.
    pub async fn change(&self, before: &PushedArticle, new: &Checked) -> Result<PushedArticle, ArticlesError> {
        if before.withdrawn.is_some() {
            return Err(ArticlesError::Withdrawn);
        }
        if before.printed {
            return Err(ArticlesError::Printed);
        }
        Ok(self.store.change_article(before, &new.0, self.clock.now()).await?)
    }

    /// Withdraws an article, wherever it came from: no issue takes it after that, but what is printed stays printed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn withdraw(&self, id: ArticleId) -> Result<PushedArticle, ArticlesError> {
        let withdrawn = self.store.withdraw_article(id, self.clock.now()).await?;
        let withdrawn = withdrawn.ok_or(StoreError::NotFound("article"))?;
        tracing::info!(article.id = %id, article.printed = withdrawn.printed, "Withdrew article {id}");
        Ok(withdrawn)
    }

    /// Returns the article pushed under this id, withdrawn or not.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub async fn pushed(&self, id: &ExternalId) -> Result<Option<PushedArticle>, ArticlesError> {
        Ok(self.store.pushed_article(id).await?)
    }

    /// Returns up to `limit` articles that are not withdrawn, newest first, with what is known of them.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub async fn list_pushed(&self, filter: &PushedFilter, limit: usize) -> Result<Vec<PushedArticle>, ArticlesError> {
        Ok(self.store.pushed_articles(filter, limit).await?)
    }
}
