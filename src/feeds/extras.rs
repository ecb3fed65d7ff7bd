//! What items say in elements feed-rs does not read, or must not: pictures, closing dates, places.
//!
//! The namespaces of media are kept from feed-rs, which panics on some of what stands there. So they are read on the way
//! to it, and each item that has something gets one category more, a mark with the number of its extras: feed-rs may
//! drop or sort entries as it likes.
//!
//! Only conventions that exist are read: Media RSS (`media:content`, `media:thumbnail` and what describes them),
//! enclosures that are pictures, RSS 0.93 `expirationDate` (PRISM has the same), `g:expiration_date` of product feeds,
//! `age:expires` of Atom, and the `job_listing:` elements of WordPress job boards.

use feed_rs::model::Entry;
use jiff::Timestamp;
use url::Url;

use super::{date, html, item, text};
use crate::domain::article::Image;

/// Begins the category that leads from an entry to its extras.
const MARK: &str = "urn:kawaraban:extras:";
/// A picture smaller than this, either way, is an icon or a counter.
const MIN_PICTURE_PIXELS: u32 = 64;
/// The text of an element that is looked at.
const MAX_TEXT_BYTES: usize = 4096;
const MAX_ALT_GRAPHEMES: usize = 200;
const MAX_SHORT_GRAPHEMES: usize = 100;
/// The faces of authors, which WordPress.com offers as pictures of their posts.
const FACES: &str = "gravatar.com";

/// What one item says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Extras {
    picture: Option<Picture>,
    description: Option<String>,
    title: Option<String>,
    credit: Option<String>,
    /// When it is over.
    pub(super) closes: Option<Timestamp>,
    /// Where the work is.
    pub(super) place: Option<String>,
    /// Who offers it.
    pub(super) company: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Picture {
    href: String,
    source: PictureSource,
    width: u32,
}

/// Where a picture was named, the best last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PictureSource {
    Enclosure,
    Thumbnail,
    Content,
}

/// An element whose text counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Description,
    Title,
    Credit,
    Closes,
    Place,
    Company,
}

impl Field {
    /// Returns which field an element of this name is.
    pub(super) fn of(name: &str) -> Option<Self> {
        let (prefix, local) = name.rsplit_once(':').unwrap_or(("", name));
        match (prefix, local) {
            ("media", "description") => Some(Self::Description),
            ("media", "title") => Some(Self::Title),
            ("media", "credit" | "copyright") => Some(Self::Credit),
            ("" | "prism", "expirationDate") | ("g", "expiration_date") | ("age", "expires") => Some(Self::Closes),
            ("job_listing", "location") => Some(Self::Place),
            ("job_listing", "company") => Some(Self::Company),
            _ => None,
        }
    }
}

/// Returns the category that marks an entry with the number of its extras.
pub(super) fn mark(number: usize) -> String {
    format!("{MARK}{number}")
}

/// Returns whether a category is a mark.
pub(super) fn is_mark(term: &str) -> bool {
    term.trim().starts_with(MARK)
}

impl Extras {
    /// Returns what the mark of `entry` leads to. A feed may write such a category itself; ours comes last.
    pub(super) fn of<'a>(entry: &Entry, all: &'a [Self]) -> Option<&'a Self> {
        let number = entry.categories.iter().rev().find_map(|c| c.term.trim().strip_prefix(MARK))?;
        all.get(number.parse::<usize>().ok()?)
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes the element's picture, if it has one that is better than the one here. `attribute` gives its attributes as
    /// they were written.
    pub(super) fn offer_element<'a>(&mut self, name: &str, attribute: impl Fn(&str) -> Option<&'a str>) {
        let (prefix, local) = name.rsplit_once(':').unwrap_or(("", name));
        let kind = attribute("type").unwrap_or_default().trim().to_ascii_lowercase();
        let (source, href) = match (prefix, local) {
            ("media", "content") => {
                let said = attribute("medium").map_or(kind.as_str(), str::trim);
                let is_picture =
                    if said.is_empty() { has_picture_name(attribute("url")) } else { said.starts_with("image") };
                (PictureSource::Content, attribute("url").filter(|_| is_picture))
            }
            ("media", "thumbnail") => (PictureSource::Thumbnail, attribute("url")),
            (_, "enclosure") => (PictureSource::Enclosure, attribute("url").filter(|_| kind.starts_with("image/"))),
            (_, "link") if attribute("rel") == Some("enclosure") => {
                (PictureSource::Enclosure, attribute("href").filter(|_| kind.starts_with("image/")))
            }
            _ => return,
        };
        // Mail programs show no SVG.
        let Some(href) = href.filter(|_| !kind.contains("svg")) else { return };
        let pixels = |name| attribute(name).and_then(|n: &str| n.trim().parse::<u32>().ok());
        let (width, height) = (pixels("width"), pixels("height"));
        if [width, height].into_iter().flatten().any(|pixels| pixels < MIN_PICTURE_PIXELS) {
            return;
        }
        self.offer(&with_plain_ampersands(href), source, width.unwrap_or(0));
    }

    /// Takes the picture of a JSON Feed's item.
    pub(super) fn offer_link(&mut self, href: &str) {
        self.offer(href, PictureSource::Content, 0);
    }

    fn offer(&mut self, href: &str, source: PictureSource, width: u32) {
        let better = self.picture.as_ref().is_none_or(|here| (source, width) > (here.source, here.width));
        if better && !href.contains(FACES) {
            self.picture = Some(Picture { href: href.to_owned(), source, width });
        }
    }

    /// Takes the text of an element; the first one of each kind counts.
    pub(super) fn set(&mut self, field: Field, text: &str) {
        let line = |graphemes| Some(text::cut(item::plain(text, false), graphemes)).filter(|line| !line.is_empty());
        match field {
            Field::Closes => self.closes = self.closes.or_else(|| date::parse(text)),
            Field::Description => self.description = self.description.take().or_else(|| line(MAX_ALT_GRAPHEMES)),
            Field::Title => self.title = self.title.take().or_else(|| line(MAX_ALT_GRAPHEMES)),
            Field::Credit => self.credit = self.credit.take().or_else(|| line(MAX_SHORT_GRAPHEMES)),
            Field::Place => self.place = self.place.take().or_else(|| line(MAX_SHORT_GRAPHEMES)),
            Field::Company => self.company = self.company.take().or_else(|| line(MAX_SHORT_GRAPHEMES)),
        }
    }

    /// Returns the picture, if its address is one of the web's.
    pub(super) fn image(&self, base: &Url) -> Option<Image> {
        let url = item::web_address(&self.picture.as_ref()?.href, base)?;
        let alt = self.description.clone().or_else(|| self.title.clone()).unwrap_or_default();
        Some(Image { url: url.into(), alt, credit: self.credit.clone() })
    }
}

/// Reads the extras of one item after the other, as its elements pass by.
#[derive(Debug, Default)]
pub(super) struct Reader {
    done: Vec<Extras>,
    item: Option<(usize, Extras)>,
    field: Option<(usize, Field, String)>,
}

impl Reader {
    /// Begins an item at this depth, if none has begun.
    pub(super) fn begin_item(&mut self, depth: usize) {
        if self.item.is_none() && self.done.len() < item::MAX_ITEMS {
            self.item = Some((depth, Extras::default()));
        }
    }

    /// Takes an element inside the item. One that `is_empty` has no text to wait for.
    pub(super) fn element<'a>(
        &mut self,
        depth: usize,
        name: &str,
        is_empty: bool,
        attribute: impl Fn(&str) -> Option<&'a str>,
    ) {
        let Some((_, extras)) = &mut self.item else { return };
        extras.offer_element(name, attribute);
        if let Some(field) = Field::of(name).filter(|_| self.field.is_none() && !is_empty) {
            self.field = Some((depth, field, String::new()));
        }
    }

    /// Takes text as it is meant (`CDATA`) or as it is escaped.
    pub(super) fn text(&mut self, text: &str, is_escaped: bool) {
        let Some((_, _, so_far)) = &mut self.field else { return };
        let room = MAX_TEXT_BYTES.saturating_sub(so_far.len());
        let text = &text[..text.floor_char_boundary(room.min(text.len()))];
        so_far.push_str(&if is_escaped { html::to_text(text) } else { text.to_owned() });
    }

    /// Ends the element at this depth. Returns the mark the item is to have, if it ended with it and had something.
    pub(super) fn end(&mut self, depth: usize) -> Option<String> {
        if let Some((_, field, text)) = self.field.take_if(|(at, ..)| *at >= depth)
            && let Some((_, extras)) = &mut self.item
        {
            extras.set(field, &text);
        }
        let (_, extras) = self.item.take_if(|(at, _)| *at >= depth)?;
        self.keep(extras)
    }

    /// Keeps an item's extras and returns its mark, if there is anything to keep.
    pub(super) fn keep(&mut self, extras: Extras) -> Option<String> {
        if extras.is_empty() {
            return None;
        }
        self.done.push(extras);
        Some(mark(self.done.len() - 1))
    }

    pub(super) fn finish(self) -> Vec<Extras> {
        self.done
    }
}

fn has_picture_name(url: Option<&str>) -> bool {
    let path = url.unwrap_or_default().split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"].iter().any(|end| path.ends_with(end))
}

/// An address in an attribute has its ampersands escaped, or not.
fn with_plain_ampersands(href: &str) -> String {
    href.replace("&amp;", "&").replace("&#038;", "&").replace("&#38;", "&").replace("&#x26;", "&")
}
