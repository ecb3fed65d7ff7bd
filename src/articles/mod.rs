//! Where articles come from: collected from feeds, pushed by others, or written by hand.
//!
//! One action a file, each a method of [`Articles`]. What a feed says has been cleaned by `feeds`; here it is decided
//! which of it becomes an article, and in which section.

mod by_hand;
mod collect;
mod discover;
mod error;
mod feed_list;
mod language;
mod opml;
mod pushed;
#[cfg(test)]
mod tests;
mod visit;
mod written;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::domain::article::Article;
use crate::domain::edition::Edition;
use crate::domain::ids::ArticleId;
use crate::feeds::Fetcher;
use crate::store::{ArticleFilter, Store};

pub use collect::Collected;
pub use discover::Discovered;
pub use error::ArticlesError;
pub use feed_list::FeedHealth;
pub use opml::{OpmlEntry, OpmlOutcome, OpmlReport};
pub use visit::{FeedMove, FeedOutcome, FeedReport};
pub use written::{
    Checked, FieldProblem, MAX_ALT_CHARS, MAX_LABEL_CHARS, MAX_SUMMARY_CHARS, MAX_TITLE_CHARS, MAX_URL_CHARS, Written,
    WrittenImage,
};

/// Everything that is done with feeds and articles. Cheap to clone.
#[derive(Clone)]
pub struct Articles {
    store: Store,
    clock: Arc<dyn Clock>,
    fetcher: Arc<Fetcher>,
    first_fetch_max_age: Duration,
    /// How long a round of visits may take; a field, so that a test need not wait that long.
    budget: Duration,
    house: Arc<written::House>,
}

impl Articles {
    /// Returns the service. Of a feed fetched for the first time, only items younger than `first_fetch_max_age` count.
    pub fn new(store: Store, clock: Arc<dyn Clock>, fetcher: Arc<Fetcher>, first_fetch_max_age: Duration) -> Self {
        let house = Arc::new(written::House::of(&[]));
        Self { store, clock, fetcher, first_fetch_max_age, budget: collect::BUDGET, house }
    }

    /// Takes only articles for the sections of these editions; a day ends where the first of them is.
    #[must_use]
    pub fn for_editions(self, editions: &[Edition]) -> Self {
        Self { house: Arc::new(written::House::of(editions)), ..self }
    }

    /// Returns up to `limit` articles, newest first.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub async fn list(&self, filter: &ArticleFilter, limit: usize) -> Result<Vec<Article>, ArticlesError> {
        Ok(self.store.articles(filter, limit).await?)
    }

    /// Returns how many articles there are behind `filter`.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub async fn count(&self, filter: &ArticleFilter) -> Result<i64, ArticlesError> {
        Ok(self.store.article_count(filter).await?)
    }

    /// Returns which articles an issue of the edition could take if it were made now, in no order.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub async fn waiting_for(&self, edition: &Edition) -> Result<Vec<ArticleId>, ArticlesError> {
        let candidates = self.store.candidates_of(edition, self.clock.now()).await?;
        Ok(candidates.into_iter().map(|candidate| candidate.id).collect())
    }

    /// Finds out which articles tell a story that was told before, and returns how many were found just now. Collecting
    /// and compiling do so themselves.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub async fn find_stories(&self) -> Result<usize, ArticlesError> {
        Ok(self.store.find_stories(self.clock.now()).await?)
    }

    /// Returns, of these articles, those that tell a story after another one, and after which.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub async fn told_after(&self, articles: &[ArticleId]) -> Result<BTreeMap<ArticleId, ArticleId>, ArticlesError> {
        Ok(self.store.first_tellers(articles).await?)
    }
}
