//! One article as a teller of a story, and whether two of them tell the same one.

use jiff::{SignedDuration, Timestamp};

use super::address::{names_a_page, place_on_page};
use super::employer::{company_key, place_key};
use super::{Headline, canonical_url};
use crate::domain::article::ArticleKind;

/// How far apart two articles with nearly equal titles may be published and still tell one story: a fortnight, after
/// which the same words are about another storm.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(14 * 24);
/// What one site publishes under the same title further apart than this is a column, not a story told twice.
const SAME_SITE_WINDOW: SignedDuration = SignedDuration::from_hours(12);
/// A short title, such as “Mayor resigns”, tells the same story elsewhere only around the same day.
const SHORT_TITLE_WINDOW: SignedDuration = SignedDuration::from_hours(48);
/// So many digits in a row are the number or the date of one article.
const DIGITS_OF_AN_ARTICLE: usize = 4;

/// An article, as far as it tells a story.
#[derive(Debug, Clone)]
pub struct Telling {
    /// The canonical form of its link.
    pub canonical_url: Option<String>,
    /// Where on the page it is, if the link says.
    place_on_page: Option<String>,
    /// Its title, taken apart.
    pub headline: Headline,
    /// What its feed knows it by, if that means the same in every feed.
    pub world_guid: Option<String>,
    /// The feed, or another number for those of one hand.
    pub feed: Option<i64>,
    /// When it was published.
    pub published: Timestamp,
    /// News or an opening.
    pub kind: ArticleKind,
    place: Option<String>,
    company: Option<String>,
}

/// What an article says, before it is taken apart.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    /// Its feed.
    pub feed: Option<i64>,
    /// What its feed knows it by.
    pub guid: &'a str,
    /// The name of its source.
    pub source: Option<&'a str>,
    /// The title.
    pub title: &'a str,
    /// The link.
    pub url: &'a str,
    /// When it was published.
    pub published: Timestamp,
    /// News or an opening.
    pub kind: ArticleKind,
    /// Where an opening is.
    pub place: Option<&'a str>,
    /// Whose opening it is.
    pub company: Option<&'a str>,
}

/// Why two articles are one story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// They lead to the same page.
    Page,
    /// They have the same id, of a kind that is one in the world.
    Guid,
    /// They say the same in their titles.
    Title,
}

impl Telling {
    /// Takes an article apart.
    pub fn new(words: Words<'_>) -> Self {
        let headline = match words.kind {
            ArticleKind::News => Headline::new(words.title, words.source),
            ArticleKind::Opening => Headline::of_opening(words.title, words.source, words.company),
        };
        Self {
            canonical_url: canonical_url(words.url, None),
            place_on_page: place_on_page(words.url),
            headline,
            world_guid: world_guid(words.guid),
            feed: words.feed,
            published: words.published,
            kind: words.kind,
            place: words.place.map(place_key).filter(|key| !key.is_empty()),
            company: words.company.map(company_key).filter(|key| !key.is_empty()),
        }
    }

    /// Returns why this article and another are one story, if they are. The order of the two does not matter.
    pub fn same_story(&self, other: &Self) -> Option<Evidence> {
        if self.kind != other.kind || self.is_elsewhere(other) {
            return None;
        }
        let equal = self.headline.key() == other.headline.key();
        let apart = self.published.duration_since(other.published).abs();
        if self.world_guid.is_some() && self.world_guid == other.world_guid && self.feed != other.feed {
            return Some(Evidence::Guid);
        }
        if let (Some(mine), Some(others)) = (&self.canonical_url, &other.canonical_url)
            && mine == others
            && self.same_page(other, mine, equal, apart)
        {
            return Some(Evidence::Page);
        }
        (apart <= WINDOW && self.same_title(other, equal, apart)).then_some(Evidence::Title)
    }

    /// Two openings with different places or companies are two, whatever else they share.
    fn is_elsewhere(&self, other: &Self) -> bool {
        let differ = |a: &Option<String>, b: &Option<String>| matches!((a, b), (Some(a), Some(b)) if a != b);
        differ(&self.place, &other.place) || differ(&self.company, &other.company)
    }

    /// Returns whether two articles with one link are about one thing. A link to a list is not about anything, and
    /// neither is one to another mark on the page.
    fn same_page(&self, other: &Self, page: &str, equal: bool, apart: SignedDuration) -> bool {
        if matches!((&self.place_on_page, &other.place_on_page), (Some(a), Some(b)) if a != b) {
            return false;
        }
        if self.kind == ArticleKind::Opening || !names_a_page(page) {
            return (equal && (apart <= SAME_SITE_WINDOW || names_a_page(page)))
                || (apart <= SAME_SITE_WINDOW && self.headline.nearly(&other.headline));
        }
        if apart > WINDOW {
            return equal;
        }
        // A page whose address stays and whose title counts on is written anew every time.
        let counts_on = apart > SAME_SITE_WINDOW && self.headline.differs_in_numbers_only(&other.headline);
        !counts_on || longest_run_of_digits(page) >= DIGITS_OF_AN_ARTICLE
    }

    fn same_title(&self, other: &Self, equal: bool, apart: SignedDuration) -> bool {
        if self.kind == ArticleKind::Opening {
            // Of an opening, the title is what half of a trade is called; whose it is makes it one.
            let whose = self.company.is_some() && self.company == other.company;
            let there = self.place == other.place || equal;
            let soon = self.feed != other.feed || apart <= SAME_SITE_WINDOW;
            return whose && there && soon && (equal || self.headline.nearly(&other.headline));
        }
        if self.same_site(other) && apart > SAME_SITE_WINDOW {
            return false;
        }
        if !equal {
            return self.headline.nearly(&other.headline);
        }
        let enough = self.headline.says_enough();
        let long = self.headline.key().chars().count() >= 24 || !self.headline.key().is_ascii();
        if self.same_site(other) {
            enough || apart <= SAME_SITE_WINDOW / 12
        } else {
            enough && (long || apart <= SHORT_TITLE_WINDOW)
        }
    }

    fn same_site(&self, other: &Self) -> bool {
        let host = |telling: &Self| {
            let url = telling.canonical_url.as_deref()?.strip_prefix("https://")?;
            Some(url.split(['/', '?', '#']).next().unwrap_or(url).to_owned())
        };
        self.feed.is_some() && self.feed == other.feed || host(self).is_some() && host(self) == host(other)
    }
}

/// Returns an id that means one thing in the world: a `tag:` (RFC 4151), a UUID, or an address with a path of its own,
/// folded like a link. Numbers and words mean something in their feed only.
fn world_guid(guid: &str) -> Option<String> {
    let guid = guid.trim();
    if guid.starts_with("tag:") || guid.starts_with("urn:uuid:") {
        return Some(guid.to_owned());
    }
    canonical_url(guid, None).filter(|url| names_a_page(url))
}

fn longest_run_of_digits(text: &str) -> usize {
    text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0)
}
