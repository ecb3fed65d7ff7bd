//! The pictures of an issue: fetched while the draft is made, kept by us, and left out where they cannot be had.
//!
//! It is the digest's work and not that of the articles, because most articles are never printed: only what stands in a
//! draft is fetched, and only what was fetched is served. A picture is never waited for beyond a few seconds.

use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::Digests;
use crate::domain::issue::IssueItem;
use crate::domain::links::Links;
use crate::feeds::{Drawing, Drawn, PictureError, PictureFetcher};
use crate::render::{Picture, Pictures, Rendition};
use crate::store::{ImageLine, ImageSize, KnownImage, NewImage, StoreError};

/// Making a draft, nobody waits: the slot is hours away.
pub(super) const WHILE_COMPILING: Duration = Duration::from_secs(60);
/// Sealing, everybody waits.
pub(super) const WHILE_SEALING: Duration = Duration::from_secs(10);
/// Servers that are asked at the same time.
const AT_ONCE: usize = 4;
/// When a picture that could not be had is asked for again.
const TRY_AGAIN: SignedDuration = SignedDuration::from_hours(1);
/// How long pictures are kept that no issue shows.
const KEPT_UNUSED: SignedDuration = SignedDuration::from_hours(60 * 24);
/// The column of text in a mail. What is wider is for fine screens.
const COLUMN_PX: u32 = 520;
/// How wide the small ones are shown.
const BESIDE_PX: u32 = 112;
/// 128 bits: nobody makes two pictures of one name.
const HASH_BYTES: usize = 16;

impl Digests {
    /// Lets the service show pictures; without a fetcher it shows none.
    #[must_use]
    pub fn with_pictures(mut self, fetcher: Option<PictureFetcher>) -> Self {
        self.pictures = fetcher.map(Arc::new);
        self
    }

    /// Returns the pictures of these items that are here `within` that time, and keeps those that were not.
    pub(super) async fn pictures(&self, items: &[IssueItem], within: Duration) -> Pictures {
        let Some(fetcher) = &self.pictures else { return Pictures::new() };
        let mut urls: Vec<String> =
            items.iter().filter_map(|item| Some(item.details.image.as_ref()?.url.clone())).collect();
        urls.sort_unstable();
        urls.dedup();
        let waiting: Vec<_> = urls.into_iter().map(|url| self.picture_at(fetcher, url)).collect();
        let mut found = std::pin::pin!(stream::iter(waiting).buffer_unordered(AT_ONCE));
        let mut pictures = Pictures::new();
        let all = async {
            while let Some(picture) = found.next().await {
                pictures.extend(picture);
            }
        };
        if tokio::time::timeout(within, all).await.is_err() {
            tracing::warn!("Some pictures were not here in time; the issue goes without them");
        }
        pictures
    }

    /// Removes pictures that have not been in any issue for two months.
    pub(super) async fn forget_pictures(&self, now: Timestamp) {
        if let Err(error) = self.store.forget_images(now - KEPT_UNUSED).await {
            tracing::warn!("Old pictures could not be removed: {error}");
        }
    }

    async fn picture_at(&self, fetcher: &PictureFetcher, url: String) -> Option<(String, Picture)> {
        match self.picture(fetcher, &url).await {
            Ok(picture) => picture.map(|picture| (url, picture)),
            Err(error) => {
                tracing::warn!("A picture could not be looked up: {error}");
                None
            }
        }
    }

    async fn picture(&self, fetcher: &PictureFetcher, url: &str) -> Result<Option<Picture>, StoreError> {
        let now = self.clock.now();
        if let Some(known) = self.store.image_of(url).await? {
            let picture = shown(&self.links, &known);
            if picture.is_some() || now.duration_since(known.fetched) < TRY_AGAIN {
                return Ok(picture);
            }
        }
        match fetcher.fetch(url).await {
            Ok(Drawn { large, small }) => {
                let images = [new_image(ImageSize::Large, large), new_image(ImageSize::Small, small)];
                self.store.keep_image(url, &images, now).await?;
            }
            Err(error) => {
                tracing::info!("A picture is left out: {error}");
                self.store.image_failed(url, &error.to_string(), self.failed_at(&error, now)).await?;
            }
        }
        Ok(self.store.image_of(url).await?.and_then(|known| shown(&self.links, &known)))
    }

    /// Returns the moment a failure counts from: what will not change is not asked for again for a long time.
    fn failed_at(&self, error: &PictureError, now: Timestamp) -> Timestamp {
        match error {
            PictureError::Blocked(_) | PictureError::TooLarge | PictureError::Refused(_) => now + KEPT_UNUSED / 2,
            PictureError::Http(status) if *status < 500 => now + KEPT_UNUSED / 2,
            _ => now,
        }
    }
}

/// Returns how a picture is shown, if it is here in both sizes.
fn shown(links: &Links, known: &KnownImage) -> Option<Picture> {
    let line = |size| known.renditions.iter().find(|line| line.size == size);
    let rendition = |line: &ImageLine, widest: u32| {
        let width = line.width.min(widest);
        let height = u64::from(line.height) * u64::from(width) / u64::from(line.width);
        Rendition { url: links.image(&line.hash), width, height: u32::try_from(height).unwrap_or(1).max(1) }
    };
    Some(Picture {
        large: rendition(line(ImageSize::Large)?, COLUMN_PX),
        small: rendition(line(ImageSize::Small)?, BESIDE_PX),
    })
}

fn new_image(size: ImageSize, drawing: Drawing) -> NewImage {
    let Drawing { width, height, bytes } = drawing;
    let hash = HEXLOWER.encode(&Sha256::digest(&bytes)[..HASH_BYTES]);
    NewImage { size, hash, width, height, content_type: "image/jpeg", bytes }
}
