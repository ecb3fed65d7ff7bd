//! Answers that are the same for everybody: kept for a while by whoever fetches them, and not sent twice.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};
use sha2::{Digest, Sha256};

use crate::domain::language::Language;

/// Issues do not change and the other pages hardly do; five minutes is how long a new issue may be missing in the list.
const FIVE_MINUTES: &str = "public, max-age=300";
const HTML: &str = "text/html; charset=utf-8";

/// What is sent, and what is known of it.
pub(super) struct Copy {
    pub(super) body: String,
    pub(super) content_type: &'static str,
    /// The language it is in, if it is in one.
    pub(super) language: Option<Language>,
    /// Since when it has been as it is.
    pub(super) modified: Option<Timestamp>,
}

/// Answers with a page, or with nothing if the visitor has this very page already.
pub(super) fn page(asked: &HeaderMap, body: String) -> Response {
    send(asked, Copy { body, content_type: HTML, language: None, modified: None })
}

/// Answers with a page of the archive in `language`, which is as it is since `modified`.
pub(super) fn dated_page(asked: &HeaderMap, body: String, language: Language, modified: Timestamp) -> Response {
    send(asked, Copy { body, content_type: HTML, language: Some(language), modified: Some(modified) })
}

/// Answers with a copy, or with nothing if the visitor has this very copy already.
pub(super) fn send(asked: &HeaderMap, copy: Copy) -> Response {
    // The content itself makes its tag: whatever changes it (a newer issue, a template, a stylesheet) changes the tag.
    let etag = format!("\"{}\"", data_encoding::HEXLOWER.encode(&Sha256::digest(&copy.body)[..8]));
    let known = if asked.contains_key(IF_NONE_MATCH) {
        matches(asked, &etag)
    } else {
        // Only where there is no tag to go by (RFC 9110 §13.1.3).
        copy.modified.is_some_and(|modified| unmodified(asked, modified))
    };
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { copy.body.into_response() };
    let headers = response.headers_mut();
    if !known {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(copy.content_type));
        if let Some(language) = copy.language {
            headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
        }
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(FIVE_MINUTES));
    headers.insert(VARY, HeaderValue::from_static("accept-language"));
    headers.insert(ETAG, HeaderValue::try_from(etag).expect("quotes and hexadecimal digits make a header"));
    if let Some(date) = copy.modified.and_then(http_date) {
        headers.insert(LAST_MODIFIED, date);
    }
    response
}

/// Returns whether the visitor has the version named `etag` (RFC 9110 §13.1.2: compared weakly).
pub(super) fn matches(asked: &HeaderMap, etag: &str) -> bool {
    asked
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag))
}

/// Returns whether the visitor has seen it as it is since `modified`. A date that cannot be read is none.
fn unmodified(asked: &HeaderMap, modified: Timestamp) -> bool {
    let since = asked.get(IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
    let since = since.and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
    // Dates have whole seconds: what changed later within the same one is told by the tag alone.
    since.is_some_and(|since| whole_seconds(modified) <= since.as_second())
}

/// Returns a moment as HTTP writes it (RFC 9110 §5.6.7).
fn http_date(at: Timestamp) -> Option<HeaderValue> {
    let at = Timestamp::from_second(whole_seconds(at)).ok()?;
    HeaderValue::try_from(DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()?).ok()
}

/// Rounded up: a visitor who came within the second of the change is sent the page once more.
fn whole_seconds(at: Timestamp) -> i64 {
    at.as_second() + i64::from(at.subsec_nanosecond() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_and_read_as_http_has_it() {
        let at: Timestamp = "2026-11-27T00:00:00.5Z".parse().unwrap();
        assert_eq!(http_date(at).unwrap(), "Fri, 27 Nov 2026 00:00:01 GMT");
        let asked = |date: &str| HeaderMap::from_iter([(IF_MODIFIED_SINCE, date.parse().unwrap())]);
        assert!(unmodified(&asked("Fri, 27 Nov 2026 00:00:01 GMT"), at));
        assert!(!unmodified(&asked("Fri, 27 Nov 2026 00:00:00 GMT"), at));
        for odd in ["", "yesterday", "2026-11-28", "Fri, 99 Nov 2026 00:00:01 GMT"] {
            assert!(!unmodified(&asked(odd), at), "{odd}");
        }
        assert!(!unmodified(&HeaderMap::new(), at));
    }
}
