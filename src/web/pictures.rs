//! The pictures of items on pages and in feeds: the same the mails show, drawn by us and served under our own name.

use std::collections::BTreeMap;

use super::WebState;
use crate::domain::issue::IssueItem;
use crate::render::{PageImage, one_line};
use crate::store::{ImageLine, ImageSize, StoreError};

/// How wide the picture of the lead is shown: the column of a page, in CSS pixels.
const COLUMN_PX: u32 = 624;
/// How wide the pictures beside a text are shown, in CSS pixels.
const BESIDE_PX: u32 = 128;

/// Where those who read it find the pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// On a page of ours: by path, as pages link to each other.
    OnPage,
    /// Anywhere else: by the whole URL.
    Elsewhere,
}

/// The pictures that some items can have.
#[derive(Debug, Default)]
pub(super) struct Gallery(BTreeMap<String, Vec<ImageLine>>);

impl Gallery {
    /// Returns the pictures of `items` that are here. It asks once, and not at all where no item has one.
    pub(super) async fn of(state: &WebState, items: impl IntoIterator<Item = &IssueItem>) -> Result<Self, StoreError> {
        let mut urls: Vec<_> =
            items.into_iter().filter_map(|item| Some(item.details.image.as_ref()?.url.as_str())).collect();
        urls.sort_unstable();
        urls.dedup();
        Ok(Self(state.store.images_of(&urls).await?))
    }

    /// Returns the picture of an item: the large one of a lead, the small one of any other.
    pub(super) fn picture(&self, state: &WebState, item: &IssueItem, seen: Seen) -> Option<PageImage> {
        let (size, widest) = if item.lead { (ImageSize::Large, COLUMN_PX) } else { (ImageSize::Small, BESIDE_PX) };
        let image = item.details.image.as_ref()?;
        let line = self.line(item, size)?;
        let width = line.width.min(widest);
        let height = u64::from(line.height) * u64::from(width) / u64::from(line.width);
        Some(PageImage {
            url: match seen {
                Seen::OnPage => state.path(&format!("/images/{}.jpg", line.hash)),
                Seen::Elsewhere => state.links.image(&line.hash),
            },
            alt: one_line(&image.alt),
            credit: image.credit.as_deref().map(one_line).filter(|credit| !credit.is_empty()),
            width,
            height: u32::try_from(height).unwrap_or(1).max(1),
        })
    }

    /// Returns the whole URL of the large picture that stands for all of `items`: that of the lead, or the first.
    pub(super) fn cover(&self, state: &WebState, items: &[IssueItem]) -> Option<String> {
        let (lead, rest): (Vec<_>, Vec<_>) = items.iter().partition(|item| item.lead);
        let line = lead.into_iter().chain(rest).find_map(|item| self.line(item, ImageSize::Large))?;
        Some(state.links.image(&line.hash))
    }

    fn line(&self, item: &IssueItem, size: ImageSize) -> Option<&ImageLine> {
        self.0.get(&item.details.image.as_ref()?.url)?.iter().find(|line| line.size == size)
    }
}
