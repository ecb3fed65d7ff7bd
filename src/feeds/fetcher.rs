//! One visit to a feed: a conditional GET (RFC 9110 §13) that stays within its bounds.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, DATE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use reqwest::{Client, Response, StatusCode, redirect};
use tokio::sync::Semaphore;
use url::Url;

use super::date;
use super::document::{ParsedFeed, parse};
use super::error::{BlockRule, FeedError};
use super::guard::{Guard, GuardedResolver, Reach};
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
/// Servers' validators have tens of bytes; they are stored and sent back.
const MAX_VALIDATOR_BYTES: usize = 1024;

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
    NotModified,
    /// The feed as it is now.
    Modified(FetchedFeed),
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
    /// What was left out, and why, in words.
    pub skipped: Vec<String>,
}

/// The bounds of a visit, so that tests need not wait for the real ones.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) connect: Duration,
    pub(super) total: Duration,
    pub(super) body_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: CONNECT_TIMEOUT, total: FETCH_TIMEOUT, body_bytes: MAX_BODY_BYTES }
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
}

/// A body and what came with it.
struct Answer {
    url: Url,
    moved_for_good: bool,
    content_type: Option<String>,
    validators: Validators,
    body: Vec<u8>,
}

impl Fetcher {
    /// Sets the HTTP client up.
    pub fn new(policy: FetchPolicy) -> Result<Self, FeedError> {
        Self::with_limits(policy, Limits::default())
    }

    pub(super) fn with_limits(policy: FetchPolicy, limits: Limits) -> Result<Self, FeedError> {
        let guard = Guard::new(&policy.allow_networks);
        let client = |reach| {
            Client::builder()
                .user_agent(&policy.user_agent)
                .dns_resolver(Arc::new(GuardedResolver::new(guard.clone(), reach)))
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
        Ok(Self { guard, limits, public, allowed, parsing: Arc::new(Semaphore::new(PARSERS)) })
    }

    /// Fetches and parses the feed at `url`, unless the server says that `validators` still hold.
    pub async fn fetch(&self, url: &str, validators: &Validators) -> Result<Fetched, FeedError> {
        let visit = tokio::time::timeout(self.limits.total, self.get(url, validators));
        let Some(answer) = visit.await.map_err(|_| FeedError::Timeout(self.limits.total))?? else {
            return Ok(Fetched::NotModified);
        };
        let Answer { url, moved_for_good, content_type, validators, body } = answer;
        let final_url = url.to_string();
        let ParsedFeed { title, items, skipped } = self.parse(body, content_type, url).await?;
        Ok(Fetched::Modified(FetchedFeed { final_url, moved_for_good, title, items, validators, skipped }))
    }

    async fn parse(&self, body: Vec<u8>, content_type: Option<String>, url: Url) -> Result<ParsedFeed, FeedError> {
        // The permit goes along, because the thread goes on even where nobody waits for it any more.
        let permit = self.parsing.clone().acquire_owned().await.expect("the semaphore is never closed");
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            parse(&body, content_type.as_deref(), &url)
        });
        // A panic in the parser is the feed's fault and nobody else's trouble.
        work.await.unwrap_or_else(|_| Err(FeedError::Parse { reason: "the parser gave up on it".to_owned() }))
    }

    /// Follows redirects to an answer; `None` is "not modified".
    async fn get(&self, url: &str, validators: &Validators) -> Result<Option<Answer>, FeedError> {
        let mut url = Url::parse(url.trim()).map_err(|_| BlockRule::NotAUrl)?;
        let conditions = conditions(validators);
        let mut moved_for_good = None;
        for _ in 0..=MAX_REDIRECTS {
            url.set_fragment(None);
            let client = match self.guard.check(&url)? {
                Reach::Public => &self.public,
                Reach::AllowedNetworks => &self.allowed,
            };
            let request = client.get(url.clone()).header(ACCEPT, ACCEPTED).headers(conditions.clone());
            let response = request.send().await.map_err(|error| self.broken_connection(&error))?;
            match response.status() {
                StatusCode::NOT_MODIFIED if !conditions.is_empty() => return Ok(None),
                StatusCode::GONE => return Err(FeedError::Gone),
                status @ (StatusCode::MOVED_PERMANENTLY
                | StatusCode::FOUND
                | StatusCode::SEE_OTHER
                | StatusCode::TEMPORARY_REDIRECT
                | StatusCode::PERMANENT_REDIRECT) => {
                    let next = redirect_target(&url, response.headers())?;
                    let for_good = matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT);
                    moved_for_good = Some(moved_for_good.unwrap_or(true) && for_good);
                    url = next;
                }
                status if status.is_success() => {
                    let validators = validators_of(response.headers());
                    let content_type = latin1(response.headers().get(CONTENT_TYPE));
                    let body = self.body(response).await?;
                    let moved_for_good = moved_for_good.unwrap_or(false);
                    return Ok(Some(Answer { url, moved_for_good, content_type, validators, body }));
                }
                status => {
                    let retry_after = retry_after(response.headers());
                    return Err(FeedError::Http { status: status.as_u16(), retry_after });
                }
            }
        }
        Err(FeedError::Redirect("the server redirects again and again"))
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

fn redirect_target(url: &Url, headers: &HeaderMap) -> Result<Url, FeedError> {
    let location = headers.get(LOCATION).ok_or(FeedError::Redirect("the server redirects without saying where to"))?;
    // Some servers write raw UTF-8 there.
    let location = String::from_utf8_lossy(location.as_bytes());
    let next =
        url.join(location.trim()).map_err(|_| FeedError::Redirect("the server redirects to what is not an address"))?;
    if url.scheme() == "https" && next.scheme() == "http" {
        return Err(BlockRule::Downgrade.into());
    }
    Ok(next)
}

/// Returns the headers that ask whether anything has changed.
fn conditions(validators: &Validators) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let pairs: [(HeaderName, _); 2] =
        [(IF_NONE_MATCH, &validators.etag), (IF_MODIFIED_SINCE, &validators.last_modified)];
    for (name, value) in pairs {
        if let Some(value) = value.as_deref().and_then(to_header) {
            headers.insert(name, value);
        }
    }
    headers
}

fn validators_of(headers: &HeaderMap) -> Validators {
    let read = |name| latin1(headers.get(name)).filter(|v| !v.is_empty() && v.chars().count() <= MAX_VALIDATOR_BYTES);
    Validators { etag: read(ETAG), last_modified: read(LAST_MODIFIED) }
}

/// Reads a header byte for character, so that [`to_header`] gives the same bytes whatever they are.
fn latin1(value: Option<&HeaderValue>) -> Option<String> {
    value.map(|value| value.as_bytes().iter().copied().map(char::from).collect())
}

fn to_header(value: &str) -> Option<HeaderValue> {
    let bytes: Option<Vec<u8>> = value.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    HeaderValue::from_bytes(&bytes?).ok()
}

/// Reads `Retry-After`. A date counts from the answer's own `Date`: what our clock says does not matter.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let sent = date::parse(headers.get(DATE)?.to_str().ok()?)?;
    Duration::try_from(date::parse(value)?.duration_since(sent)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validators_go_back_byte_for_byte() {
        let mut headers = HeaderMap::new();
        headers.insert(ETAG, HeaderValue::from_bytes(b"W/\"\xe3\x81\x82 ~\xff\"").unwrap());
        headers.insert(LAST_MODIFIED, HeaderValue::from_static("yesterday, or so"));
        let sent = conditions(&validators_of(&headers));
        assert_eq!(sent[IF_NONE_MATCH].as_bytes(), b"W/\"\xe3\x81\x82 ~\xff\"");
        assert_eq!(sent[IF_MODIFIED_SINCE], "yesterday, or so");
        let unsound = Validators { etag: Some("a\r\nb".to_owned()), last_modified: Some("日".to_owned()) };
        assert!(conditions(&unsound).is_empty());
    }

    #[test]
    fn a_redirect_may_gain_encryption_but_not_lose_it() {
        let next = |from: &str, location: &'static str| {
            let headers = HeaderMap::from_iter([(LOCATION, HeaderValue::from_static(location))]);
            redirect_target(&Url::parse(from).unwrap(), &headers)
        };
        let lost = next("https://a.example/", "http://a.example/feed");
        assert!(matches!(lost, Err(FeedError::Blocked(BlockRule::Downgrade))));
        assert_eq!(next("http://a.example/x/", "https://a.example/").unwrap().as_str(), "https://a.example/");
        assert_eq!(next("https://a.example/x/y", "z?q").unwrap().as_str(), "https://a.example/x/z?q");
    }

    #[test]
    fn a_wait_is_seconds_or_a_date() {
        let wait = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(value));
            headers.insert(DATE, HeaderValue::from_static("Fri, 06 Nov 2026 08:00:00 GMT"));
            retry_after(&headers)
        };
        assert_eq!(wait("120"), Some(Duration::from_secs(120)));
        assert_eq!(wait("Fri, 06 Nov 2026 08:05:00 GMT"), Some(Duration::from_secs(300)));
        assert_eq!(wait("Fri, 06 Nov 2026 07:00:00 GMT"), None);
        assert_eq!(wait("soon"), None);
    }
}
