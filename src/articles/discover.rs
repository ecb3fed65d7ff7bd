//! From the address of a page to the address of its feed.

use super::error::web_url;
use super::{Articles, ArticlesError};
use crate::feeds::{FeedError, FeedLink, Found};

/// WordPress names the feed of its comments next to that of its posts. Nobody means that one.
const COMMENTS: &str = "/comments/feed";

/// What stands at an address somebody gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discovered {
    /// A feed.
    Feed {
        /// Where it is: the address that was given, or the one the page there names.
        url: String,
        /// The name it gives itself.
        title: Option<String>,
        /// How many items it has.
        items: usize,
    },
    /// A page that names several feeds.
    Several(Vec<FeedLink>),
    /// It cannot be said now, and why. Trying again later may help.
    Unknown {
        /// The address that was asked last.
        url: String,
        /// Why.
        reason: String,
    },
}

impl Articles {
    /// Looks what stands at `url`: a feed, or a page that names one. Nothing is stored.
    ///
    /// # Errors
    /// [`ArticlesError::Field`] if there is no feed, or none that may be asked.
    pub async fn discover(&self, url: &str) -> Result<Discovered, ArticlesError> {
        let url = web_url("url", url)?;
        let mut links = match self.fetcher.look(&url).await {
            Ok(Found::Feed(feed)) => {
                return Ok(Discovered::Feed { url, title: feed.title, items: feed.items.len() });
            }
            Ok(Found::Page(links)) => links,
            Err(error) => return unknown(url, &error),
        };
        if links.iter().any(|link| !link.url.contains(COMMENTS)) {
            links.retain(|link| !link.url.contains(COMMENTS));
        }
        if links.len() > 1 {
            return Ok(Discovered::Several(links));
        }
        let Some(link) = links.pop() else {
            let problem = format!("{url} is a web page, and it names no feed; look for one on it and give its address");
            return Err(ArticlesError::field("url", problem));
        };
        // What a page says of itself is as foreign as the page.
        match self.fetcher.look(&link.url).await {
            Ok(Found::Feed(feed)) => Ok(Discovered::Feed { url: link.url, title: feed.title, items: feed.items.len() }),
            Ok(Found::Page(_)) => {
                let problem = format!("{url} is a web page; what it calls its feed, {}, is another", link.url);
                Err(ArticlesError::field("url", problem))
            }
            Err(error) => unknown(link.url, &error),
        }
    }
}

fn unknown(url: String, error: &FeedError) -> Result<Discovered, ArticlesError> {
    let reason = error.to_string();
    match error {
        FeedError::Network(_) | FeedError::Timeout(_) => Ok(Discovered::Unknown { url, reason }),
        FeedError::Http { status: 429 | 500.., .. } => Ok(Discovered::Unknown { url, reason }),
        _ => Err(ArticlesError::field("url", format!("{url}: {reason}"))),
    }
}
