//! The sample feeds: four sources that do not exist, in four shapes that do, served over HTTP and fetched for real.
//!
//! | source | shape |
//! |---|---|
//! | Kamakura Coast Weekly, news | Atom, English |
//! | みなと町通信, news | RSS 2.0 with `content:encoded`, Japanese |
//! | Harbour Jobs Japan, openings | JSON Feed, English |
//! | しごとの窓, openings | RSS 2.0 in Shift_JIS, Japanese |
//!
//! Dates are counted back from the moment the demo starts, so the news is never old. The articles can be opened, too.

mod formats;
mod news_en;
mod news_ja;
mod openings_en;
mod openings_ja;
mod pictures;
mod serve;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::articles::{Articles, ArticlesError};

pub use pictures::{picture as sample_picture, small_picture as small_sample_picture};
pub(super) use serve::router;

/// Every sample feed.
const SOURCES: [&Source; 4] = [&news_en::SOURCE, &news_ja::SOURCE, &openings_en::SOURCE, &openings_ja::SOURCE];

/// How many articles the sample feeds hold in all.
pub(super) const ARTICLES: usize = news_en::SOURCE.items.len()
    + news_ja::SOURCE.items.len()
    + openings_en::SOURCE.items.len()
    + openings_ja::SOURCE.items.len();

/// Somebody who publishes a feed.
struct Source {
    /// The folder of its pages.
    folder: &'static str,
    /// The name of its feed in that folder.
    file: &'static str,
    shape: Shape,
    title: &'static str,
    about: &'static str,
    language: &'static str,
    section: &'static str,
    items: &'static [Sample],
    /// Which items have a picture, and what it shows.
    pictures: &'static [(usize, &'static str)],
    /// Of openings: place and employer, item by item.
    jobs: &'static [(&'static str, &'static str)],
}

/// The format a source publishes in.
#[derive(Clone, Copy)]
enum Shape {
    Atom,
    Rss,
    RssInShiftJis,
    JsonFeed,
}

/// One item.
struct Sample {
    /// How long before the demo starts it was published.
    hours_ago: i64,
    category: &'static str,
    title: &'static str,
    /// Paragraphs. The first one is the summary.
    text: &'static [&'static str],
}

impl Sample {
    fn published(&self, started: Timestamp) -> Timestamp {
        started - SignedDuration::from_hours(self.hours_ago)
    }

    fn summary(&self) -> &'static str {
        self.text.first().copied().unwrap_or_default()
    }
}

impl Source {
    /// Returns what the picture of an item shows, if it has one.
    fn picture(&self, index: usize) -> Option<&'static str> {
        self.pictures.iter().find(|(item, _)| *item == index).map(|(_, alt)| *alt)
    }
}

/// Adds the sample feeds to those the daemon fetches. They are served at `base` (no slash at the end).
pub(super) async fn add(articles: &Articles, base: &str) -> Result<(), ArticlesError> {
    for source in SOURCES {
        let url = format!("{base}/{}/{}", source.folder, source.file);
        articles.add_feed(&url, source.section, &BTreeMap::new()).await?;
    }
    Ok(())
}
