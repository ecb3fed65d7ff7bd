//! The list of feeds.

use std::collections::BTreeMap;

use super::error::{section_name, web_url};
use super::{Articles, ArticlesError};
use crate::domain::feed::{Feed, ItemDefaults};
use crate::domain::ids::FeedId;
use crate::store::NewFeed;

impl Articles {
    /// Adds a feed, or changes the sections of the one at this URL. `categories` are the feed's own words, and the
    /// section each leads to.
    ///
    /// # Errors
    /// [`ArticlesError::Field`], naming the field.
    pub async fn add_feed(
        &self,
        url: &str,
        section: &str,
        categories: &BTreeMap<String, String>,
    ) -> Result<FeedId, ArticlesError> {
        let mut category_sections = BTreeMap::new();
        for (category, section) in categories {
            let category = category.trim().to_lowercase();
            if category.is_empty() {
                return Err(ArticlesError::field("category", "a category has a name"));
            }
            category_sections.insert(category, section_name("category", section)?);
        }
        let feed = NewFeed {
            url: web_url("url", url)?,
            section: section_name("section", section)?,
            category_sections,
            items: ItemDefaults::default(),
        };
        Ok(self.store.add_feed(&feed, self.clock.now()).await?)
    }

    /// Returns the feeds, in the order they were added.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub async fn feeds(&self) -> Result<Vec<Feed>, ArticlesError> {
        Ok(self.store.feeds().await?)
    }

    /// Removes the feed with this number or URL, and returns it. Its articles stay.
    ///
    /// # Errors
    /// [`ArticlesError::NoFeed`].
    pub async fn remove_feed(&self, named: &str) -> Result<Feed, ArticlesError> {
        let id: Option<i64> = named.parse().ok();
        let url = web_url("feed", named).ok();
        let feeds = self.store.feeds().await?;
        let feed = feeds
            .into_iter()
            .find(|feed| Some(feed.id.0) == id || Some(&feed.url) == url.as_ref())
            .ok_or_else(|| ArticlesError::NoFeed(named.to_owned()))?;
        self.store.remove_feed(feed.id, self.clock.now()).await?;
        Ok(feed)
    }
}
