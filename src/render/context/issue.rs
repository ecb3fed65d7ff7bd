//! What mails and the public pages of issues have in common: a lead story, and sections of items.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::web_url;
use crate::domain::article::ArticleKind;
use crate::domain::issue::{AlsoAt, IssueItem};
use crate::domain::language::Language;
use crate::render::dates::date_short;
use crate::render::tidy::one_line;

/// What an issue brings, in the order in which it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Front {
    /// The story it opens with; it stands in no section.
    pub lead: Option<Item>,
    /// The rest, under its headings.
    pub sections: Vec<Section>,
}

/// A heading and what stands under it. Templates also see `openings`: whether every item is an opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The heading, as readers see it.
    pub title: String,
    /// Openings if every item is one.
    pub kind: ArticleKind,
    /// The items, in order.
    pub items: Vec<Item>,
}

/// The pictures that may be shown, by the address an article gives for them.
pub type Pictures = BTreeMap<String, Picture>;

/// A picture as we serve it, in two sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// As wide as a mail, or wider for fine screens.
    pub large: Rendition,
    /// Small, to stand beside a text.
    pub small: Rendition,
}

/// One size of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// Where it is, on our own host.
    pub url: String,
    /// How wide it is shown, in CSS pixels.
    pub width: u32,
    /// How high it is shown, in CSS pixels.
    pub height: u32,
}

/// A picture beside an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemImage {
    /// Where it is, on our own host.
    pub url: String,
    /// What it shows, for whoever does not see it; may be empty.
    pub alt: String,
    /// Who made it.
    pub credit: Option<String>,
    /// How wide it is shown, in CSS pixels.
    pub width: u32,
    /// How high it is shown, in CSS pixels.
    pub height: u32,
}

/// One item of an issue. Templates see each text on one line, URLs only if they are of the web, the `byline` made of
/// source and date, `opening`: whether it is one, and `facts`: whose it is, where and for how much, as far as known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// News or an opening.
    pub kind: ArticleKind,
    /// The headline.
    pub title: String,
    /// Where it leads.
    pub url: String,
    /// A short text.
    pub summary: String,
    /// The name of its source.
    pub source: Option<String>,
    /// The day it was published.
    pub published: Option<Date>,
    /// The same, written out.
    pub date_short: Option<String>,
    /// When it closes, written out, for an opening.
    pub closes: Option<String>,
    /// Where the work of an opening is.
    pub place: Option<String>,
    /// Whose opening it is.
    pub company: Option<String>,
    /// What an opening pays.
    pub pay: Option<String>,
    /// Its picture.
    pub image: Option<ItemImage>,
    /// Who else told the story.
    pub also_at: Vec<AlsoAt>,
    /// The language it is in, if not that of the issue.
    pub language: Option<String>,
}

/// Which size of a picture an item is shown with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    Large,
    Small,
}

impl Front {
    /// Returns an issue's items as they are read in `language`; `title` gives the heading of a section. The sections
    /// stand in the order in which they first appear. Days are those of `zone`. A picture that is not among
    /// `pictures` is left out.
    pub(in crate::render) fn new(
        language: Language,
        items: &[IssueItem],
        zone: &TimeZone,
        pictures: &Pictures,
        title: impl Fn(&str) -> String,
    ) -> Self {
        let lead_at = items.iter().position(|item| item.lead);
        let lead = lead_at.map(|at| Item::with_size(language, &items[at], zone, pictures, Size::Large));
        let mut sections: Vec<(&str, Section)> = Vec::new();
        for (_, item) in items.iter().enumerate().filter(|(at, _)| Some(*at) != lead_at) {
            let place = sections.iter().position(|(name, _)| *name == item.section).unwrap_or_else(|| {
                let section = Section { title: title(&item.section), kind: ArticleKind::Opening, items: Vec::new() };
                sections.push((&item.section, section));
                sections.len() - 1
            });
            let section = &mut sections[place].1;
            if item.details.kind == ArticleKind::News {
                section.kind = ArticleKind::News;
            }
            section.items.push(Item::new(language, item, zone, pictures));
        }
        Self { lead, sections: sections.into_iter().map(|(_, section)| section).collect() }
    }
}

impl Item {
    /// Returns an item as it is printed in an issue written in `language`; days are those of `zone`, and its picture
    /// is the small one of `pictures`, if there is one.
    pub fn new(language: Language, item: &IssueItem, zone: &TimeZone, pictures: &Pictures) -> Self {
        Self::with_size(language, item, zone, pictures, Size::Small)
    }

    fn with_size(language: Language, item: &IssueItem, zone: &TimeZone, pictures: &Pictures, size: Size) -> Self {
        let day = |at: jiff::Timestamp| zone.to_datetime(at).date();
        let image = item.details.image.as_ref().and_then(|image| {
            let picture = pictures.get(&image.url)?;
            let Rendition { url, width, height } = match size {
                Size::Large => picture.large.clone(),
                Size::Small => picture.small.clone(),
            };
            Some(ItemImage { url, alt: image.alt.clone(), credit: image.credit.clone(), width, height })
        });
        Self {
            kind: item.details.kind,
            title: item.title.clone(),
            url: item.url.clone(),
            summary: item.summary.clone(),
            source: item.source.clone(),
            published: Some(day(item.published)),
            date_short: Some(date_short(language, day(item.published))),
            closes: item.closes.map(|at| date_short(language, day(at))),
            place: item.details.place.clone(),
            company: item.details.company.clone(),
            pay: item.details.pay.clone(),
            image,
            also_at: item.also_at.clone(),
            language: item.language.clone().filter(|tag| !tag.eq_ignore_ascii_case(language.tag())),
        }
    }
}

impl Serialize for Section {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Section", 4)?;
        fields.serialize_field("title", &one_line(&self.title))?;
        fields.serialize_field("kind", &self.kind)?;
        fields.serialize_field("openings", &(self.kind == ArticleKind::Opening))?;
        fields.serialize_field("items", &self.items)?;
        fields.end()
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let line = |text: &Option<String>| text.as_deref().map(one_line).filter(|text| !text.is_empty());
        let source = line(&self.source);
        let byline = [&source, &line(&self.date_short)].into_iter().flatten().cloned().collect::<Vec<_>>().join(" · ");
        let mut fields = serializer.serialize_struct("Item", 17)?;
        fields.serialize_field("kind", &self.kind)?;
        fields.serialize_field("opening", &(self.kind == ArticleKind::Opening))?;
        fields.serialize_field("title", &one_line(&self.title))?;
        fields.serialize_field("url", &web_url(&self.url))?;
        fields.serialize_field("summary", &one_line(&self.summary))?;
        fields.serialize_field("source", &source)?;
        fields.serialize_field("published", &self.published)?;
        fields.serialize_field("date_short", &self.date_short)?;
        fields.serialize_field("byline", &byline)?;
        fields.serialize_field("closes", &self.closes)?;
        fields.serialize_field("place", &line(&self.place))?;
        fields.serialize_field("company", &line(&self.company))?;
        fields.serialize_field("pay", &line(&self.pay))?;
        let facts: Vec<_> = [&self.company, &self.place, &self.pay].into_iter().filter_map(line).collect();
        fields.serialize_field("facts", &facts)?;
        fields.serialize_field("image", &self.image)?;
        let also_at: Vec<_> = self.also_at.iter().filter_map(Elsewhere::new).collect();
        fields.serialize_field("also_at", &also_at)?;
        fields.serialize_field("language", &self.language)?;
        fields.end()
    }
}

impl Serialize for ItemImage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("ItemImage", 5)?;
        fields.serialize_field("url", &self.url)?;
        fields.serialize_field("alt", &one_line(&self.alt))?;
        fields.serialize_field("credit", &self.credit.as_deref().map(one_line).filter(|text| !text.is_empty()))?;
        fields.serialize_field("width", &self.width)?;
        fields.serialize_field("height", &self.height)?;
        fields.end()
    }
}

/// Another source of a story, as templates see it.
#[derive(Serialize)]
struct Elsewhere {
    source: String,
    url: String,
}

impl Elsewhere {
    /// Returns `None` for one that cannot be linked to, or has no name to show.
    fn new(at: &AlsoAt) -> Option<Self> {
        let source = one_line(&at.source);
        Some(Self { url: web_url(&at.url)?, source: (!source.is_empty()).then_some(source)? })
    }
}
