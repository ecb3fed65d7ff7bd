//! A list of feeds from another reader, and one for it.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use super::error::web_url;
use super::feed_list::new_feed;
use super::{Articles, ArticlesError};
use crate::domain::article::ArticleKind;
use crate::domain::feed::ItemDefaults;
use crate::feeds::{OpmlFeed, read_opml, write_opml};
use crate::store::NewFeed;

/// What became of the feeds of a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct OpmlReport {
    /// Whether nothing was changed, because it was only asked what would be.
    pub dry_run: bool,
    /// Every feed of the list, in its order.
    pub feeds: Vec<OpmlEntry>,
}

/// What became of one feed of a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct OpmlEntry {
    /// The line of the list it is in.
    pub line: usize,
    /// Its address, as it is written.
    pub url: String,
    /// What the list calls it.
    pub title: Option<String>,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: OpmlOutcome,
}

/// What became of one feed of a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum OpmlOutcome {
    /// It is new.
    Added {
        /// Where its items go.
        section: String,
    },
    /// It is here already, or further up in the list; nothing of it was changed.
    Duplicate,
    /// It cannot be added, and why.
    Bad {
        /// Why.
        reason: String,
    },
}

impl Articles {
    /// Adds the feeds of an OPML list. A feed goes to the section that the innermost of its folders, or its category,
    /// is called like, compared without case; otherwise to `default_section`. One bad entry keeps no other out.
    ///
    /// # Errors
    /// [`ArticlesError::Field`] if the list cannot be read at all; then nothing was added.
    pub async fn import_opml(
        &self,
        list: &[u8],
        sections: &[String],
        default_section: Option<&str>,
        dry_run: bool,
    ) -> Result<OpmlReport, ArticlesError> {
        let list = read_opml(list).map_err(|error| ArticlesError::field("file", error.to_string()))?;
        let known = self.store.feeds().await?;
        let mut known: HashSet<String> =
            known.into_iter().flat_map(|feed| feed.added_as.into_iter().chain([feed.url])).collect();
        let mut feeds = Vec::new();
        for entry in list {
            let outcome = match to_feed(&entry, sections, default_section) {
                Err(reason) => OpmlOutcome::Bad { reason },
                Ok(feed) if !known.insert(feed.url.clone()) => OpmlOutcome::Duplicate,
                Ok(feed) => {
                    if !dry_run {
                        self.store.add_feed(&feed, self.clock.now()).await?;
                    }
                    OpmlOutcome::Added { section: feed.section }
                }
            };
            feeds.push(OpmlEntry { line: entry.line, url: entry.url, title: entry.title, outcome });
        }
        Ok(OpmlReport { dry_run, feeds })
    }

    /// Returns the feeds as an OPML list called `title`.
    ///
    /// # Errors
    /// [`ArticlesError::Store`].
    pub async fn export_opml(&self, title: &str) -> Result<String, ArticlesError> {
        Ok(write_opml(title, &self.store.feeds().await?))
    }
}

fn to_feed(entry: &OpmlFeed, sections: &[String], default_section: Option<&str>) -> Result<NewFeed, String> {
    if entry.url.is_empty() {
        return Err("it says that it is a feed, but has no xmlUrl".to_owned());
    }
    // What is wrong with the address is worth more than what is wrong with its place.
    web_url("xmlUrl", &entry.url).map_err(|error| error.to_string())?;
    let named = entry.folders.iter().rev().chain(&entry.categories);
    let section = named
        .filter_map(|name| sections.iter().find(|section| section.to_lowercase() == name.to_lowercase()))
        .map(String::as_str)
        .next()
        .or(default_section)
        .ok_or_else(|| {
            format!("none of its folders is called like a section ({}); name one with --section", sections.join(", "))
        })?;
    let pairs = entry.category_sections.iter().filter_map(|pair| pair.rsplit_once('='));
    let categories: BTreeMap<_, _> = pairs.map(|(from, to)| (from.to_owned(), to.to_owned())).collect();
    if let Some(unknown) = categories.values().find(|to| !sections.iter().any(|section| section == to.trim())) {
        return Err(format!("one of its categories leads to a section {unknown:?}, which no edition has"));
    }
    let items = ItemDefaults {
        kind: entry.kind.as_deref().and_then(ArticleKind::from_stored).unwrap_or_default(),
        opening_life: entry.life.as_deref().map(life).transpose()?,
        // A language that is no tag is not worth a feed.
        language: entry.language.as_deref().and_then(crate::feeds::language_tag),
    };
    new_feed(&entry.url, section, &categories, items).map_err(|error| error.to_string())
}

fn life(text: &str) -> Result<Duration, String> {
    let hours: Option<u64> = text.strip_suffix('h').and_then(|hours| hours.parse().ok());
    hours
        .and_then(|hours| hours.checked_mul(3600))
        .map(Duration::from_secs)
        .ok_or_else(|| format!("its life {text:?} is no number of hours, such as 720h"))
}
