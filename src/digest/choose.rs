//! What an issue would take: of each section what has waited longest, the newest of it on top.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::Digests;
use crate::domain::article::Article;
use crate::domain::edition::Edition;
use crate::domain::ids::ArticleId;
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
        let mut chosen = Vec::with_capacity(edition.sections.len());
        for section in &edition.sections {
            let (mut articles, waiting) =
                self.store.candidates(&edition.name, section, now, edition.max_per_section).await?;
            articles.sort_by_key(|article| Reverse((article.published, article.id)));
            let rolls_over = waiting.saturating_sub(i64::try_from(articles.len()).unwrap_or(i64::MAX)).max(0);
            chosen.push(Chosen { section: section.clone(), articles, rolls_over });
        }
        Ok(chosen)
    }
}

/// Returns the items of a draft that takes all of it: article, section, position.
pub(super) fn items(chosen: &[Chosen]) -> Vec<(ArticleId, String, i64)> {
    chosen
        .iter()
        .flat_map(|c| c.articles.iter().zip(0..).map(|(article, position)| (article.id, c.section.clone(), position)))
        .collect()
}
