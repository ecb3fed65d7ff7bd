//! What an issue would take, by the rule of [`crate::domain::choosing`] and the policy of the edition.

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::Timestamp;

use super::Digests;
use crate::domain::article::{Article, ArticleKind};
use crate::domain::choosing::choose;
use crate::domain::edition::Edition;
use crate::domain::ids::ArticleId;
use crate::domain::issue::IssueItem;
use crate::domain::skip::Skip;
use crate::store::StoreError;

/// What one section would bring.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) section: String,
    /// Newest first, as readers see them.
    pub(super) articles: Vec<Article>,
    /// How many there are besides, which roll over.
    pub(super) rolls_over: i64,
}

impl Digests {
    /// Returns what an issue made `now` would take, in the order of the edition's sections.
    pub(super) async fn choose(&self, edition: &Edition, now: Timestamp) -> Result<Vec<Chosen>, StoreError> {
        let candidates = self.store.candidates_of(edition, now).await?;
        let mut waiting: HashMap<&str, usize> = HashMap::new();
        for candidate in &candidates {
            *waiting.entry(&candidate.section).or_default() += 1;
        }
        let sections: Vec<(&str, usize)> =
            edition.sections.iter().map(|section| (section.as_str(), edition.limit_of(section))).collect();
        let chosen = choose(&candidates, &sections, edition.policy.max_items);
        // Of ten thousand that wait, only those that are taken are read with all their words.
        let ids: Vec<ArticleId> = chosen.iter().flatten().map(|candidate| candidate.id).collect();
        let mut articles: HashMap<ArticleId, Article> =
            self.store.articles_by_ids(&ids).await?.into_iter().map(|article| (article.id, article)).collect();
        let sections = edition.sections.iter().zip(chosen).map(|(section, chosen)| {
            let waiting = waiting.get(section.as_str()).copied().unwrap_or_default();
            let mut taken: Vec<Article> =
                chosen.into_iter().filter_map(|candidate| articles.remove(&candidate.id)).collect();
            taken.sort_by_key(|article| Reverse((article.published, article.id)));
            let rolls_over = i64::try_from(waiting.saturating_sub(taken.len())).unwrap_or(i64::MAX);
            Chosen { section: section.clone(), articles: taken, rolls_over }
        });
        Ok(sections.collect())
    }

    /// Returns why these would make no issue; `None` if they would.
    pub(super) async fn too_little(&self, edition: &Edition, items: usize) -> Result<Option<Skip>, StoreError> {
        let least = edition.policy.min_items;
        Ok(match items {
            0 => Some(self.nothing_new(edition).await?),
            items if items < least => Some(Skip::TooLittle { items, least }),
            _ => None,
        })
    }
}

/// Lets everything wait for a later issue.
pub(super) fn roll_over(chosen: &mut [Chosen]) {
    for section in chosen {
        let taken = i64::try_from(section.articles.len()).unwrap_or(i64::MAX);
        section.rolls_over = section.rolls_over.saturating_add(taken);
        section.articles.clear();
    }
}

/// Returns section and language of everything, which decide who gets it.
pub(super) fn tags(chosen: &[Chosen]) -> Vec<(String, Option<String>)> {
    let articles = chosen.iter().flat_map(|c| c.articles.iter().map(|article| (&c.section, article)));
    articles.map(|(section, article)| (section.clone(), article.language.clone())).collect()
}

/// Returns the items of a draft that takes all of it: article, section, position.
pub(super) fn items(chosen: &[Chosen]) -> Vec<(ArticleId, String, i64)> {
    chosen
        .iter()
        .flat_map(|c| c.articles.iter().zip(0..).map(|(article, position)| (article.id, c.section.clone(), position)))
        .collect()
}

/// Puts what the editor pinned on top of its section, and marks the one story to lead with: the editor's if it is
/// there, or else the first news with a picture, or else the first news.
pub(super) fn arrange(items: &mut [IssueItem], place_of: impl Fn(&str) -> usize) {
    // The sort is stable: otherwise the order stays.
    items.sort_by_key(|item| (place_of(&item.section), !item.pinned));
    mark_lead(items);
}

/// Marks the story to lead with, of items in their order. An opening leads only if the editor says so: without its card it
/// would lose its closing date.
pub(super) fn mark_lead(items: &mut [IssueItem]) {
    let news = |item: &IssueItem| item.details.kind == ArticleKind::News && item.closes.is_none();
    let lead = items
        .iter()
        .position(|item| item.lead)
        .or_else(|| items.iter().position(|item| news(item) && item.details.image.is_some()))
        .or_else(|| items.iter().position(news));
    for (place, item) in items.iter_mut().enumerate() {
        item.lead = Some(place) == lead;
    }
}
