//! The list of feeds.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;

use super::error::{section_name, web_url};
use super::language::language_tag;
use super::{Articles, ArticlesError};
use crate::domain::article::ArticleKind;
use crate::domain::feed::{Feed, ItemDefaults};
use crate::domain::ids::FeedId;
use crate::domain::visits::PauseReason;
use crate::store::NewFeed;

/// What a feed brings is counted over this many weeks.
const COUNTED_WEEKS: i64 = 4;

const SHORTEST_LIFE: Duration = Duration::from_secs(3600);
const LONGEST_LIFE: Duration = Duration::from_secs(3650 * 24 * 3600);

/// A feed, and what it brings.
#[derive(Debug, Clone)]
pub struct FeedHealth {
    /// The feed.
    pub feed: Feed,
    /// How many new items it brought a week, over the last four weeks.
    pub items_a_week: f64,
}

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
        self.add_feed_with(url, section, categories, ItemDefaults::default()).await
    }

    /// Adds a feed, or changes the one at this URL, with what holds for its items where they say nothing. One that has
    /// moved for good since it was added is also known by the address it was added with.
    ///
    /// # Errors
    /// [`ArticlesError::Field`], naming the field.
    pub async fn add_feed_with(
        &self,
        url: &str,
        section: &str,
        categories: &BTreeMap<String, String>,
        items: ItemDefaults,
    ) -> Result<FeedId, ArticlesError> {
        let feed = new_feed(url, section, categories, items)?;
        let moved = self.store.feeds().await?.into_iter().find(|known| known.added_as.as_ref() == Some(&feed.url));
        let url = moved.map_or(feed.url, |moved| moved.url);
        Ok(self.store.add_feed(&NewFeed { url, ..feed }, self.clock.now()).await?)
    }

    /// Returns the feeds, in the order they were added.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub async fn feeds(&self) -> Result<Vec<Feed>, ArticlesError> {
        Ok(self.store.feeds().await?)
    }

    /// Returns the feeds, in the order they were added, with what each brings.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub async fn feed_health(&self) -> Result<Vec<FeedHealth>, ArticlesError> {
        let since = self.clock.now() - SignedDuration::from_hours(COUNTED_WEEKS * 7 * 24);
        let counts = self.store.items_since(since).await?;
        let feeds = self.store.feeds().await?.into_iter().map(|feed| {
            let count = counts.get(&feed.id).copied().unwrap_or_default();
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            FeedHealth { feed, items_a_week: f64::from(count) / 4.0 }
        });
        Ok(feeds.collect())
    }

    /// Pauses the feed with this number or URL, and returns it as it is then. One that is paused stays as it is.
    ///
    /// # Errors
    /// [`ArticlesError::NoFeed`].
    pub async fn pause_feed(&self, named: &str) -> Result<Feed, ArticlesError> {
        let feed = self.find_feed(named).await?;
        self.store.pause_feed(feed.id, PauseReason::ByHand, self.clock.now()).await?;
        self.find_feed(&feed.id.to_string()).await
    }

    /// Lets the feed with this number or URL be visited again, at once, and returns it as it was before.
    ///
    /// # Errors
    /// [`ArticlesError::NoFeed`].
    pub async fn resume_feed(&self, named: &str) -> Result<Feed, ArticlesError> {
        let feed = self.find_feed(named).await?;
        self.store.resume_feed(feed.id).await?;
        Ok(feed)
    }

    /// Lets every feed be visited again, at once, that failed: after a time without network that is all of them. Those
    /// that are gone or were paused by hand stay paused. Returns how many there were.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub async fn resume_failed_feeds(&self) -> Result<u64, ArticlesError> {
        Ok(self.store.resume_failed_feeds().await?)
    }

    /// Removes the feed with this number or URL, and returns it. Its articles stay.
    ///
    /// # Errors
    /// [`ArticlesError::NoFeed`].
    pub async fn remove_feed(&self, named: &str) -> Result<Feed, ArticlesError> {
        let feed = self.find_feed(named).await?;
        self.store.remove_feed(feed.id, self.clock.now()).await?;
        Ok(feed)
    }

    /// Returns the feed with this number or URL, or the URL it was added with.
    async fn find_feed(&self, named: &str) -> Result<Feed, ArticlesError> {
        let id: Option<i64> = named.parse().ok();
        let url = web_url("feed", named).ok();
        let mut feeds = self.store.feeds().await?;
        let is = |feed: &Feed| Some(feed.id.0) == id || Some(&feed.url) == url.as_ref();
        let was = |feed: &Feed| url.is_some() && feed.added_as == url;
        let place = feeds.iter().position(is).or_else(|| feeds.iter().position(was));
        place.map(|place| feeds.swap_remove(place)).ok_or_else(|| ArticlesError::NoFeed(named.to_owned()))
    }
}

/// Returns the feed if it can be one.
pub(super) fn new_feed(
    url: &str,
    section: &str,
    categories: &BTreeMap<String, String>,
    items: ItemDefaults,
) -> Result<NewFeed, ArticlesError> {
    let mut category_sections = BTreeMap::new();
    for (category, section) in categories {
        let category = category.trim().to_lowercase();
        if category.is_empty() {
            return Err(ArticlesError::field("category", "a category has a name"));
        }
        category_sections.insert(category, section_name("category", section)?);
    }
    if items.opening_life.is_some() && items.kind != ArticleKind::Opening {
        return Err(ArticlesError::field("life", "only openings close by themselves; say --kind opening too"));
    }
    if items.opening_life.is_some_and(|life| life < SHORTEST_LIFE || life > LONGEST_LIFE) {
        return Err(ArticlesError::field("life", "an opening is open for an hour to ten years; write 30d"));
    }
    let language = items.language.as_deref().map(language_tag).transpose();
    let language = language.map_err(|problem| ArticlesError::field("language", problem))?;
    Ok(NewFeed {
        url: web_url("url", url)?,
        section: section_name("section", section)?,
        category_sections,
        items: ItemDefaults { language, ..items },
    })
}
