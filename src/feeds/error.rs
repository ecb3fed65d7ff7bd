//! What can go wrong between an address and its items, sorted by what the caller does about it.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// Why a feed gave nothing.
///
/// The sentences are for the operator. They name hosts and addresses, never a whole URL: its query may hold a token.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The HTTP client could not be built: no certificates, or a user agent that is no header value.
    #[error("the HTTP client could not be set up: {0}")]
    Setup(String),
    /// The address, or one it redirects to, is not one we may ask. Trying again changes nothing.
    #[error("{0}")]
    Blocked(BlockRule),
    /// The feed is gone for good (410): stop asking.
    #[error("the server says the feed is gone for good (410)")]
    Gone,
    /// Any other answer that is not a feed.
    #[error("the server answered {}{}", status_in_words(*status), wait_in_words(*retry_after))]
    Http {
        /// The HTTP status.
        status: u16,
        /// How long the server asks us to wait.
        retry_after: Option<Duration>,
    },
    /// More than [`MAX_REDIRECTS`](super::MAX_REDIRECTS) redirects, or one that leads nowhere.
    #[error("{0}")]
    Redirect(&'static str),
    /// The body is larger than we read, after decompression.
    #[error("the feed is larger than {} MiB", limit_bytes / (1024 * 1024))]
    TooLarge {
        /// The limit it exceeds.
        limit_bytes: usize,
    },
    /// The server took too long.
    #[error("the server did not answer in full within {} seconds", .0.as_secs_f32())]
    Timeout(Duration),
    /// The server could not be reached, or the connection broke.
    #[error("the connection failed: {0}")]
    Network(String),
    /// What came is something else, usually a web page.
    #[error("{what}{}", hint_in_words(hint.as_deref()))]
    NotAFeed {
        /// What it is instead, as a sentence.
        what: String,
        /// The feed it points to, where it does.
        hint: Option<String>,
    },
    /// It is a feed, but broken beyond reading.
    #[error("the feed is broken: {reason}")]
    Parse {
        /// What the parser says.
        reason: String,
    },
}

/// The rule that keeps us from asking an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockRule {
    /// It cannot be read as a URL.
    NotAUrl,
    /// Neither `http` nor `https`.
    Scheme(String),
    /// `https` that redirects to `http`.
    Downgrade,
    /// A user name or a password in the URL.
    UserInfo,
    /// Neither 80 nor 443.
    Port(u16),
    /// An address of that kind is not public.
    Address(IpAddr, &'static str),
    /// The host has no address we may ask.
    Host(String),
}

impl fmt::Display for BlockRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const HOW: &str = "add its network to feeds.allow_networks if it is yours";
        match self {
            Self::NotAUrl => f.write_str("the address is not a URL"),
            Self::Scheme(scheme) => write!(f, "the address begins with {scheme:?}; only http and https are fetched"),
            Self::Downgrade => f.write_str("the server redirects from https to http, which is not followed"),
            Self::UserInfo => f.write_str("the address holds a user name or password, which is not sent"),
            Self::Port(port) => write!(f, "port {port} is not asked, only 80 and 443; {HOW}"),
            Self::Address(ip, kind) => write!(f, "{ip} is not a public address ({kind}); {HOW}"),
            Self::Host(host) => write!(f, "{host} has no public address; {HOW}"),
        }
    }
}

impl std::error::Error for BlockRule {}

impl From<BlockRule> for FeedError {
    fn from(rule: BlockRule) -> Self {
        Self::Blocked(rule)
    }
}

fn status_in_words(status: u16) -> String {
    match reqwest::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()) {
        Some(reason) => format!("{status} ({reason})"),
        None => status.to_string(),
    }
}

fn wait_in_words(retry_after: Option<Duration>) -> String {
    retry_after.map(|wait| format!(" and asks to wait {} seconds", wait.as_secs())).unwrap_or_default()
}

fn hint_in_words(hint: Option<&str>) -> String {
    hint.map(|url| format!("; it names this feed: {url}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_read_as_sentences() {
        let http = FeedError::Http { status: 503, retry_after: Some(Duration::from_secs(120)) };
        assert_eq!(http.to_string(), "the server answered 503 (Service Unavailable) and asks to wait 120 seconds");
        let page = FeedError::NotAFeed {
            what: "this is a web page, not a feed".to_owned(),
            hint: Some("https://news.example.jp/feed".to_owned()),
        };
        assert_eq!(
            page.to_string(),
            "this is a web page, not a feed; it names this feed: https://news.example.jp/feed"
        );
        assert!(FeedError::from(BlockRule::Port(22)).to_string().starts_with("port 22 is not asked"));
    }
}
