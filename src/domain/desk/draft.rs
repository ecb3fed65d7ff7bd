//! A draft as it lies on the desk.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::EditError;
use crate::domain::ids::ArticleId;

/// A draft as the editor left it. An edit keeps the whole of it before and after, so that undoing is putting back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The subject, if not the one the templates make.
    pub subject: Option<String>,
    /// The introduction, in Markdown.
    pub introduction: Option<String>,
    /// Since when it is held, in milliseconds.
    pub held_ms: Option<i64>,
    /// When it was approved, in milliseconds.
    pub approved_ms: Option<i64>,
    /// Its items, section by section, each section in order.
    pub items: Vec<DraftItem>,
    /// What was struck from it for good, and why.
    pub set_aside: BTreeMap<i64, String>,
}

/// An item of a draft, without the article's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftItem {
    /// The article.
    pub article: i64,
    /// The heading it stands under.
    pub section: String,
    /// Its place there.
    pub position: i64,
    /// Whether it is pinned to the top.
    pub pinned: bool,
    /// Whether the issue opens with it.
    pub lead: bool,
    /// The editor's headline.
    pub title: Option<String>,
    /// The editor's summary.
    pub summary: Option<String>,
    /// Who else told the story, as it is stored.
    pub also_at: Option<String>,
}

impl Draft {
    pub(super) fn item(&mut self, article: ArticleId) -> Result<&mut DraftItem, EditError> {
        self.items.iter_mut().find(|item| item.article == article.0).ok_or(EditError::NotThere(article))
    }

    pub(super) fn take(&mut self, article: ArticleId) -> Result<DraftItem, EditError> {
        let place = self.items.iter().position(|item| item.article == article.0);
        place.map(|place| self.items.remove(place)).ok_or(EditError::NotThere(article))
    }

    /// Puts an item into its section at a place, or at the end if there are fewer.
    pub(super) fn put(&mut self, item: DraftItem, place: usize) {
        let theirs: Vec<usize> = (0..self.items.len()).filter(|i| self.items[*i].section == item.section).collect();
        let index = match (theirs.get(place), theirs.last()) {
            (Some(index), _) => *index,
            (None, Some(last)) => last + 1,
            (None, None) => self.items.len(),
        };
        self.items.insert(index, item);
    }

    /// Returns the place, from 0, at which an item is printed in its section, and how many items that has. What is pinned
    /// stands on top.
    pub(super) fn place_of(&self, article: ArticleId) -> (usize, usize) {
        let section = self.items.iter().find(|item| item.article == article.0).map(|item| &item.section);
        let mut theirs: Vec<&DraftItem> = self.items.iter().filter(|item| Some(&item.section) == section).collect();
        theirs.sort_by_key(|item| (!item.pinned, item.position));
        (theirs.iter().position(|item| item.article == article.0).unwrap_or_default(), theirs.len())
    }

    /// Numbers the items of each section from 0, and sorts the sections by name, as the store does.
    pub(super) fn renumber(&mut self) {
        let mut next: BTreeMap<String, i64> = BTreeMap::new();
        for item in &mut self.items {
            let place = next.entry(item.section.clone()).or_default();
            item.position = *place;
            *place += 1;
        }
        self.items.sort_by(|a, b| (&a.section, a.position, a.article).cmp(&(&b.section, b.position, b.article)));
    }
}
