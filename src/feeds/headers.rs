//! What the headers of an answer say: how long it holds, when to come back, where to go instead.

use std::time::Duration;

use reqwest::header::{
    AGE, CACHE_CONTROL, DATE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use url::Url;

use super::date;
use super::error::{BlockRule, FeedError};
use crate::domain::feed::Validators;

/// Servers' validators have tens of bytes; they are stored and sent back.
const MAX_VALIDATOR_BYTES: usize = 1024;

pub(super) fn redirect_target(url: &Url, headers: &HeaderMap) -> Result<Url, FeedError> {
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
pub(super) fn conditions(validators: &Validators) -> HeaderMap {
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

pub(super) fn validators_of(headers: &HeaderMap) -> Validators {
    let read = |name| latin1(headers.get(name)).filter(|v| !v.is_empty() && v.chars().count() <= MAX_VALIDATOR_BYTES);
    Validators { etag: read(ETAG), last_modified: read(LAST_MODIFIED) }
}

/// Reads a header byte for character, so that [`to_header`] gives the same bytes whatever they are.
pub(super) fn latin1(value: Option<&HeaderValue>) -> Option<String> {
    value.map(|value| value.as_bytes().iter().copied().map(char::from).collect())
}

fn to_header(value: &str) -> Option<HeaderValue> {
    let bytes: Option<Vec<u8>> = value.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    HeaderValue::from_bytes(&bytes?).ok()
}

/// Reads `Retry-After` (RFC 9110 §10.2.3). A date counts from the answer's own `Date`: what our clock says does not
/// matter.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // What does not fit is as long as can be said; the caller has a limit of its own.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let sent = date::parse(headers.get(DATE)?.to_str().ok()?)?;
    Duration::try_from(date::parse(value)?.duration_since(sent)).ok()
}

/// Returns for how long the answer holds: `max-age` less the time it was in a cache (RFC 9111 §4.2), if there is any.
pub(super) fn fresh_for(headers: &HeaderMap) -> Option<Duration> {
    let seconds = |text: &str| text.trim().trim_matches('"').parse::<u64>().ok();
    let mut max_age = None;
    for line in headers.get_all(CACHE_CONTROL) {
        for directive in line.to_str().ok()?.split(',') {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "no-cache" | "no-store" => return None,
                "max-age" => max_age = max_age.or(seconds(value)),
                _ => {}
            }
        }
    }
    let age = headers.get(AGE).and_then(|age| seconds(age.to_str().ok()?)).unwrap_or_default();
    max_age.map(|max| max.saturating_sub(age)).filter(|left| *left > 0).map(Duration::from_secs)
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
        assert_eq!(wait("99999999999999999999999"), Some(Duration::from_secs(u64::MAX)));
        assert_eq!(wait("Fri, 06 Nov 2026 07:00:00 GMT"), None);
        for other in ["soon", "", "-5", "1.5"] {
            assert_eq!(wait(other), None, "{other}");
        }
    }

    #[test]
    fn an_answer_holds_as_long_as_it_says_less_its_age() {
        let fresh = |value: &'static str, age: &'static str| {
            let headers = HeaderMap::from_iter([
                (CACHE_CONTROL, HeaderValue::from_static(value)),
                (AGE, HeaderValue::from_static(age)),
            ]);
            fresh_for(&headers).map(|fresh| fresh.as_secs())
        };
        assert_eq!(fresh("public, Max-Age=3600", "600"), Some(3000));
        assert_eq!(fresh("max-age=\"60\", s-maxage=5", "x"), Some(60));
        for none in ["max-age=600", "no-cache, max-age=9000", "max-age=9000, no-store", "max-age=-1", "private", ""] {
            assert_eq!(fresh(none, "600"), None, "{none}");
        }
        assert_eq!(fresh_for(&HeaderMap::new()), None);
    }
}
