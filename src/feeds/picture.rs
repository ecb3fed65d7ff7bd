//! One visit to a picture: fetched once, within its bounds and past the same guard as feeds, and drawn anew.
//!
//! What comes out is ours: a JPEG without a comment, a place or a date in it. What the server sent is thrown away.

mod redraw;

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderValue, LOCATION};
use reqwest::{Client, Response, redirect};
use tokio::sync::Semaphore;
use url::Url;

use super::error::{BlockRule, FeedError};
use super::fetcher::{CONNECT_TIMEOUT, FetchPolicy};
use super::guard::{Guard, GuardedResolver, Reach, system_names};
use super::headers::redirect_target;

pub use redraw::{Drawing, Drawn, LARGE_WIDTH_PX, paint};

/// A picture of a newspaper has some hundred kilobytes; a photographer's original has twenty megabytes, and is refused.
pub const MAX_PICTURE_BYTES: usize = 8 * 1024 * 1024;
/// From the first packet to the last, redirects included.
pub const PICTURE_TIMEOUT: Duration = Duration::from_secs(10);
/// To https, to a content network, and one to spare.
const MAX_REDIRECTS: usize = 3;
/// Longer addresses carry their picture with them.
pub const MAX_PICTURE_URL_BYTES: usize = 2048;
/// A picture may take 64 MiB while it is drawn: one after the other.
const DRAWING_AT_ONCE: usize = 1;

const ACCEPTED: HeaderValue = HeaderValue::from_static("image/jpeg, image/png, image/webp, image/gif");

/// Why there is no picture. The sentences name hosts and addresses, never a whole URL.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The HTTP client could not be built.
    #[error("the HTTP client could not be set up: {0}")]
    Setup(String),
    /// The address, or one it redirects to, is not one we may ask.
    #[error(transparent)]
    Blocked(#[from] BlockRule),
    /// Any answer but 200.
    #[error("the server answered {0}")]
    Http(u16),
    /// The connection failed.
    #[error("the connection failed: {0}")]
    Network(String),
    /// The server took too long.
    #[error("the picture was not there within {} seconds", PICTURE_TIMEOUT.as_secs())]
    Timeout,
    /// It is larger than we read.
    #[error("the picture has more than {} MiB", MAX_PICTURE_BYTES / (1024 * 1024))]
    TooLarge,
    /// It is no picture we draw, or not one to be looked at.
    #[error("{0}")]
    Refused(String),
}

/// Visits pictures. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PictureFetcher {
    guard: Guard,
    public: Client,
    allowed: Client,
    drawing: Arc<Semaphore>,
    large_width_px: u32,
    timeout: Duration,
}

impl PictureFetcher {
    /// Sets the HTTP client up, with the bounds feeds have. Large pictures are drawn `large_width_px` wide at most.
    ///
    /// # Errors
    /// [`PictureError::Setup`].
    pub fn new(policy: &FetchPolicy, large_width_px: u32) -> Result<Self, PictureError> {
        let guard = Guard::new(&policy.allow_networks);
        let client = |reach| {
            Client::builder()
                .user_agent(&policy.user_agent)
                .dns_resolver(Arc::new(GuardedResolver::new(guard.clone(), reach, system_names())))
                .no_proxy()
                .redirect(redirect::Policy::none())
                .referer(false)
                .connect_timeout(CONNECT_TIMEOUT)
                .pool_max_idle_per_host(0)
                .build()
                .map_err(|error| PictureError::Setup(error.to_string()))
        };
        let (public, allowed) = (client(Reach::Public)?, client(Reach::AllowedNetworks)?);
        let drawing = Arc::new(Semaphore::new(DRAWING_AT_ONCE));
        Ok(Self { guard, public, allowed, drawing, large_width_px, timeout: PICTURE_TIMEOUT })
    }

    /// Fetches the picture at `url` and draws it in its two sizes.
    ///
    /// # Errors
    /// [`PictureError`]; only [`PictureError::Network`], [`PictureError::Timeout`] and a 5xx may pass.
    pub async fn fetch(&self, url: &str) -> Result<Drawn, PictureError> {
        let bytes = tokio::time::timeout(self.timeout, self.get(url)).await.map_err(|_| PictureError::Timeout)??;
        // The permit goes along, because the thread goes on even where nobody waits for it any more.
        let permit = Arc::clone(&self.drawing).acquire_owned().await.expect("the semaphore is never closed");
        let large_width_px = self.large_width_px;
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            redraw::redraw(&bytes, large_width_px)
        });
        // A decoder that panics has met its match; the issue goes out without the picture.
        let drawn = work.await.unwrap_or_else(|_| Err("the decoder gave up on it".to_owned()));
        drawn.map_err(PictureError::Refused)
    }

    async fn get(&self, url: &str) -> Result<Vec<u8>, PictureError> {
        if url.len() > MAX_PICTURE_URL_BYTES {
            return Err(PictureError::Refused("its address is too long".to_owned()));
        }
        let mut url = Url::parse(url.trim()).map_err(|_| BlockRule::NotAUrl)?;
        for _ in 0..=MAX_REDIRECTS {
            url.set_fragment(None);
            let client = match self.guard.check(&url)? {
                Reach::Public => &self.public,
                Reach::AllowedNetworks => &self.allowed,
            };
            let response = client.get(url.clone()).header(ACCEPT, ACCEPTED).send().await.map_err(|e| broken(&e))?;
            let status = response.status();
            if status.as_u16() == 200 {
                return body(response).await;
            }
            if !status.is_redirection() || !response.headers().contains_key(LOCATION) {
                return Err(PictureError::Http(status.as_u16()));
            }
            // The rules of feeds: never from https to http.
            url = redirect_target(&url, response.headers()).map_err(|error| match error {
                FeedError::Blocked(rule) => PictureError::Blocked(rule),
                other => PictureError::Refused(other.to_string()),
            })?;
        }
        Err(PictureError::Refused("the server redirects again and again".to_owned()))
    }
}

/// Reads the body as it comes out of decompression, and stops where it gets too large.
async fn body(mut response: Response) -> Result<Vec<u8>, PictureError> {
    let too_large = |length| usize::try_from(length).map_or(true, |length| length > MAX_PICTURE_BYTES);
    if response.content_length().is_some_and(too_large) {
        return Err(PictureError::TooLarge);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
        if body.len() + chunk.len() > MAX_PICTURE_BYTES {
            return Err(PictureError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn broken(error: &reqwest::Error) -> PictureError {
    let mut innermost: Option<&dyn std::error::Error> = None;
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(rule) = inner.downcast_ref::<BlockRule>() {
            return PictureError::Blocked(rule.clone());
        }
        innermost = Some(inner);
        cause = inner.source();
    }
    // The innermost cause never has the URL in it.
    PictureError::Network(innermost.map_or_else(|| "the answer could not be read".to_owned(), ToString::to_string))
}
