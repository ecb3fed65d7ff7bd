//! One visit to a feed: a conditional GET (RFC 9110 §13) that stays within its bounds.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Response, StatusCode, redirect};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use url::Url;

use super::document::{Document, FeedLink, ParsedFeed, read};
use super::error::{BlockRule, FeedError};
use super::guard::{Guard, GuardedResolver, LookUp, Reach, system_names};
use super::headers::{conditions, fresh_for, latin1, redirect_target, retry_after, validators_of};
use super::turns::{GAP, Turns};
use crate::domain::feed::{FeedItem, Validators};

/// A server that does not accept within this time is down.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A whole visit, redirects and body included. A server that sends a byte a second is not worth more.
pub const FETCH_TIMEOUT: Duration = Duration::from_secs(30);
/// What is read of a body, after decompression. Feeds have tens or hundreds of kilobytes.
pub const MAX_BODY_BYTES: usize = 5 * 1024 * 1024;
/// http to https, then to www, then to a feed service, and two to spare.
pub const MAX_REDIRECTS: usize = 5;

/// Parsing keeps a core busy; feeds that arrive together take turns.
const PARSERS: usize = 2;

const ACCEPTED: HeaderValue = HeaderValue::from_static(
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, \
     application/json;q=0.8, */*;q=0.1",
);

/// What the operator decides about fetching.
#[derive(Debug, Clone)]
pub struct FetchPolicy {
    /// Networks that may be asked although they are not public, on any port.
    pub allow_networks: Vec<IpNet>,
    /// How we introduce ourselves: `Kawaraban/<version> (+<base url>)`.
    pub user_agent: String,
}

/// What a visit brought.
#[derive(Debug)]
pub enum Fetched {
    /// Nothing has changed since the validators were handed out.
    NotModified {
        /// For how long the server says that this holds.
        fresh_for: Option<Duration>,
    },
    /// The feed as it is now.
    Modified(FetchedFeed),
}

/// What stands at an address.
#[derive(Debug)]
pub enum Found {
    /// A feed.
    Feed(FetchedFeed),
    /// A web page, and the feeds it names.
    Page(Vec<FeedLink>),
}

/// A feed as it is now.
#[derive(Debug)]
pub struct FetchedFeed {
    /// Where it was found in the end.
    pub final_url: String,
    /// Whether every redirect on the way said it is for good (301, 308), so that `final_url` may replace the address.
    pub moved_for_good: bool,
    /// The name it gives itself.
    pub title: Option<String>,
    /// Its items, in its order.
    pub items: Vec<FeedItem>,
    /// What to send with the next visit.
    pub validators: Validators,
    /// For how long the server, or the feed itself, says that this holds.
    pub fresh_for: Option<Duration>,
    /// What was left out, and why, in words.
    pub skipped: Vec<String>,
}

/// The bounds of a visit, so that tests need not wait for the real ones.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) connect: Duration,
    pub(super) total: Duration,
    pub(super) body_bytes: usize,
    pub(super) gap: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: CONNECT_TIMEOUT, total: FETCH_TIMEOUT, body_bytes: MAX_BODY_BYTES, gap: GAP }
    }
}

/// Visits feeds. Cheap to clone; clones share their parsing threads' turn.
#[derive(Clone)]
pub struct Fetcher {
    guard: Guard,
    limits: Limits,
    /// Connects names to public and allowed addresses.
    public: Client,
    /// Connects names to allowed addresses alone, for other ports.
    allowed: Client,
    parsing: Arc<Semaphore>,
    turns: Turns,
}

/// How one request ended, if it did not fail.
enum Hop {
    Redirect { to: Url, for_good: bool },
    Gone,
    NotModified { fresh_for: Option<Duration> },
    Body(Body),
}

/// A body and what came with it.
struct Body {
    content_type: Option<String>,
    validators: Validators,
    fresh_for: Option<Duration>,
    bytes: Vec<u8>,
}

/// What came back from a feed, not read yet: [`Fetcher::read_answer`] does.
pub struct Answer(Arrived);

impl Answer {
    /// Returns whether there is something to read: what strangers wrote, and may break whoever reads it.
    pub fn has_body(&self) -> bool {
        matches!(self.0, Arrived::Body { .. })
    }
}

/// Where a visit ended.
enum Arrived {
    NotModified { fresh_for: Option<Duration> },
    Body { body: Body, url: Url, moved_for_good: bool },
}

impl Fetcher {
    /// Sets the HTTP client up.
    pub fn new(policy: FetchPolicy) -> Result<Self, FeedError> {
        Self::with_limits(policy, Limits::default())
    }

    pub(super) fn with_limits(policy: FetchPolicy, limits: Limits) -> Result<Self, FeedError> {
        Self::with_names(policy, limits, &system_names())
    }

    pub(super) fn with_names(policy: FetchPolicy, limits: Limits, names: &LookUp) -> Result<Self, FeedError> {
        let guard = Guard::new(&policy.allow_networks);
        let client = |reach| {
            Client::builder()
                .user_agent(&policy.user_agent)
                .dns_resolver(Arc::new(GuardedResolver::new(guard.clone(), reach, Arc::clone(names))))
                // A proxy would resolve names for itself, past the guard.
                .no_proxy()
                // Each hop is judged before it is followed.
                .redirect(redirect::Policy::none())
                .referer(false)
                .connect_timeout(limits.connect)
                // Days may pass between two visits.
                .pool_max_idle_per_host(0)
                .build()
                .map_err(|error| FeedError::Setup(root_cause(&error)))
        };
        let (public, allowed) = (client(Reach::Public)?, client(Reach::AllowedNetworks)?);
        let parsing = Arc::new(Semaphore::new(PARSERS));
        Ok(Self { guard, limits, public, allowed, parsing, turns: Turns::default() })
    }

    /// Fetches and parses the feed at `url`, unless the server says that `validators` still hold.
    pub async fn fetch(&self, url: &str, validators: &Validators) -> Result<Fetched, FeedError> {
        self.read_answer(self.ask_for(url, validators).await?).await
    }

    /// Fetches what stands at `url` and leaves it unread, unless the server says that `validators` still hold.
    pub async fn ask_for(&self, url: &str, validators: &Validators) -> Result<Answer, FeedError> {
        self.get(url, validators).await.map(Answer)
    }

    /// Parses the feed in an answer, if there is one in it.
    pub async fn read_answer(&self, answer: Answer) -> Result<Fetched, FeedError> {
        match answer.0 {
            Arrived::NotModified { fresh_for } => Ok(Fetched::NotModified { fresh_for }),
            Arrived::Body { body, url, moved_for_good } => match self.read(body, url, moved_for_good).await? {
                (Found::Feed(feed), _) => Ok(Fetched::Modified(feed)),
                (Found::Page(feeds), url) => Err(super::web_page::mistaken_for_a_feed(&feeds, &url)),
            },
        }
    }

    /// Looks what stands at `url`: a feed, or a page that names some.
    pub async fn look(&self, url: &str) -> Result<Found, FeedError> {
        match self.get(url, &Validators::default()).await? {
            Arrived::NotModified { .. } => Err(FeedError::Http { status: 304, retry_after: None }),
            Arrived::Body { body, url, moved_for_good } => Ok(self.read(body, url, moved_for_good).await?.0),
        }
    }

    async fn read(&self, body: Body, url: Url, moved_for_good: bool) -> Result<(Found, Url), FeedError> {
        let Body { content_type, validators, fresh_for, bytes } = body;
        // The permit goes along, because the thread goes on even where nobody waits for it any more.
        let permit = self.parsing.clone().acquire_owned().await.expect("the semaphore is never closed");
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            read(&bytes, content_type.as_deref(), &url).map(|document| (document, url))
        });
        // A panic in the parser is the feed's fault and nobody else's trouble.
        let gave_up = |_| Err(FeedError::Parse { reason: "the parser gave up on it".to_owned() });
        let (document, url) = work.await.unwrap_or_else(gave_up)?;
        let found = match document {
            Document::Page(feeds) => Found::Page(feeds),
            Document::Feed(ParsedFeed { title, items, skipped, ttl }) => Found::Feed(FetchedFeed {
                final_url: url.to_string(),
                moved_for_good,
                title,
                items,
                validators,
                fresh_for: fresh_for.max(ttl),
                skipped,
            }),
        };
        Ok((found, url))
    }

    /// Follows redirects to an answer.
    async fn get(&self, url: &str, validators: &Validators) -> Result<Arrived, FeedError> {
        let mut url = Url::parse(url.trim()).map_err(|_| BlockRule::NotAUrl)?;
        let conditions = conditions(validators);
        let mut moved_for_good = None;
        // Waiting for one's turn at a host is not the server's slowness.
        let mut time_left = self.limits.total;
        for _ in 0..=MAX_REDIRECTS {
            url.set_fragment(None);
            let reach = self.guard.check(&url)?;
            // A network of the operator's own is not asked by strangers, and needs no pause.
            let gap = if self.guard.is_own(&url, reach) { Duration::ZERO } else { self.limits.gap };
            let turn = self.turns.take(url.host_str().unwrap_or_default(), gap).await;
            let started = Instant::now();
            let hop = tokio::time::timeout(time_left, self.ask(&url, reach, &conditions)).await;
            time_left = time_left.saturating_sub(started.elapsed());
            drop(turn);
            match hop.map_err(|_| FeedError::Timeout(self.limits.total))?? {
                Hop::Redirect { to, for_good } => {
                    moved_for_good = Some(moved_for_good.unwrap_or(true) && for_good);
                    url = to;
                }
                // Where a redirect leads for the time being may go without the feed being gone.
                Hop::Gone if moved_for_good == Some(false) => {
                    return Err(FeedError::Http { status: StatusCode::GONE.as_u16(), retry_after: None });
                }
                Hop::Gone => return Err(FeedError::Gone),
                Hop::NotModified { fresh_for } => return Ok(Arrived::NotModified { fresh_for }),
                Hop::Body(body) => {
                    return Ok(Arrived::Body { body, url, moved_for_good: moved_for_good.unwrap_or(false) });
                }
            }
        }
        Err(FeedError::Redirect("the server redirects again and again"))
    }

    /// Sends one request.
    async fn ask(&self, url: &Url, reach: Reach, conditions: &HeaderMap) -> Result<Hop, FeedError> {
        let client = match reach {
            Reach::Public => &self.public,
            Reach::AllowedNetworks => &self.allowed,
        };
        let request = client.get(url.clone()).header(ACCEPT, ACCEPTED).headers(conditions.clone());
        let response = request.send().await.map_err(|error| self.broken_connection(&error))?;
        let headers = response.headers();
        match response.status() {
            StatusCode::NOT_MODIFIED if !conditions.is_empty() => {
                Ok(Hop::NotModified { fresh_for: fresh_for(headers) })
            }
            StatusCode::GONE => Ok(Hop::Gone),
            status @ (StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT) => Ok(Hop::Redirect {
                to: redirect_target(url, headers)?,
                for_good: matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT),
            }),
            status if status.is_success() => Ok(Hop::Body(Body {
                content_type: latin1(headers.get(CONTENT_TYPE)),
                validators: validators_of(headers),
                fresh_for: fresh_for(headers),
                bytes: self.body(response).await?,
            })),
            status => {
                // Elsewhere it has no meaning (RFC 9110 §10.2.3, RFC 6585 §4).
                let busy = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
                let retry_after = busy.then(|| retry_after(headers)).flatten();
                Err(FeedError::Http { status: status.as_u16(), retry_after })
            }
        }
    }

    /// Reads the body as it comes out of decompression, and stops where it gets too large.
    async fn body(&self, mut response: Response) -> Result<Vec<u8>, FeedError> {
        let limit_bytes = self.limits.body_bytes;
        // Only a body that is not compressed still has a length here; it may lie, but seldom by saying too much.
        if response.content_length().is_some_and(|length| usize::try_from(length).is_ok_and(|l| l > limit_bytes)) {
            return Err(FeedError::TooLarge { limit_bytes });
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.broken_connection(&error))? {
            if body.len() + chunk.len() > limit_bytes {
                return Err(FeedError::TooLarge { limit_bytes });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn broken_connection(&self, error: &reqwest::Error) -> FeedError {
        let mut cause = error.source();
        while let Some(inner) = cause {
            if let Some(rule) = inner.downcast_ref::<BlockRule>() {
                return FeedError::Blocked(rule.clone());
            }
            cause = inner.source();
        }
        if error.is_timeout() {
            return FeedError::Timeout(self.limits.connect);
        }
        FeedError::Network(root_cause(error))
    }
}

/// Returns the innermost cause: "connection refused" says more than "error sending request", and never has the URL.
fn root_cause(error: &reqwest::Error) -> String {
    let Some(mut cause) = error.source() else { return "the answer could not be read".to_owned() };
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
