//! An article written by hand.

use super::{Articles, ArticlesError, Written};
use crate::clock::random_bytes;
use crate::domain::article::NewArticle;
use crate::domain::ids::ArticleId;
use crate::store::StoreError;

impl Articles {
    /// Stores an article written by hand, and returns it as it is stored, with its number.
    ///
    /// # Errors
    /// [`ArticlesError::Invalid`], with every field that is wrong.
    pub async fn add_by_hand(&self, written: &Written) -> Result<(ArticleId, NewArticle), ArticlesError> {
        let now = self.clock.now();
        let mut article = self.check(written).map_err(ArticlesError::Invalid)?.0;
        article.guid = data_encoding::HEXLOWER.encode(&random_bytes::<16>(&*self.clock));
        article.published = article.published.or(Some(now));
        self.store.store_articles(std::slice::from_ref(&article), now).await?;
        let id = self.store.written_article(&article.guid).await?.ok_or(StoreError::NotFound("article"))?;
        Ok((id, article))
    }
}
