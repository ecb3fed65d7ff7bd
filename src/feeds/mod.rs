//! Feeds: the only HTTP client and the only feed parser. An address goes in, clean items come out.
//!
//! Everything a feed says is foreign: where it redirects to, how big it is, which charset it claims, what its HTML does.
//! Each file takes one of those away:
//!
//! | file | takes away |
//! |---|---|
//! | `guard` | addresses that are not the public's: loopback, intranet, cloud metadata |
//! | `fetcher`, `headers` | redirects without end, bombs, slow answers |
//! | `turns` | the temptation to ask one host for everything at once |
//! | `charset` | every encoding but UTF-8 |
//! | `xml`, `json` | what would upset the parser: unknown dialects, bare ampersands, endless attributes |
//! | `web_page` | web pages that are not feeds |
//! | `document`, `item` | feed-rs's model: from here on there are only [`FeedItem`]s |
//! | `extras` | what feed-rs does not read: pictures, closing dates |
//! | `opml` | what lists of feeds from elsewhere may hold |
//! | `picture` | pictures as they come: what is in their margins, bombs, documents that call themselves pictures |
//! | `text`, `html`, `date` | markup, control characters, dates of 1970 |
//!
//! Nothing is stored here and nothing is remembered between two calls.
//!
//! [`FeedItem`]: crate::domain::feed::FeedItem

mod charset;
mod date;
mod document;
mod error;
mod extras;
mod fetcher;
mod guard;
mod headers;
mod html;
mod item;
mod json;
mod opml;
mod picture;
mod text;
mod turns;
mod web_page;
mod xml;

#[cfg(test)]
mod tests;

pub use document::{FeedLink, ParsedFeed, parse};
pub use error::{BlockRule, FeedError};
pub use fetcher::{
    Answer, CONNECT_TIMEOUT, FETCH_TIMEOUT, FetchPolicy, Fetched, FetchedFeed, Fetcher, Found, MAX_BODY_BYTES,
    MAX_REDIRECTS,
};
pub use item::{MAX_ITEMS, MAX_SUMMARY_GRAPHEMES, MAX_TITLE_GRAPHEMES, language_tag};
pub use opml::{OpmlFeed, read_opml, write_opml};
pub use picture::{
    Drawing, Drawn, LARGE_WIDTH_PX, MAX_PICTURE_BYTES, MAX_PICTURE_URL_BYTES, PICTURE_TIMEOUT, PictureError,
    PictureFetcher, paint,
};
