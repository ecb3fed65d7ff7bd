//! The contexts of the public archive: the list of past issues, an issue as a page, and an issue as an entry of a feed.
//!
//! Everything comes from what was printed. Only whether an opening has closed is looked up anew each time a page is
//! made: the letter in the inbox cannot know, the page can.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Page, PageContext, field, samples, seal, web_url};
use crate::domain::article::ArticleKind;
use crate::domain::issue::IssueItem;
use crate::domain::language::Language;
use crate::render::dates::date_short;
use crate::render::markdown::markdown_html;
use crate::render::tidy::one_line;

/// The list of past issues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueList {
    /// The frame.
    pub page: Page,
    /// The editions to choose from; empty if there is but one.
    pub editions: Vec<EditionTab>,
    /// The issues, newest first.
    pub issues: Vec<IssueLine>,
    /// How often the edition shown appears: `daily`, `weekly`, `monthly`, or `other` if it is about several.
    pub often: &'static str,
    /// The sign-up page, with the edition shown ticked.
    pub subscribe_url: String,
    /// The next page: issues before these.
    pub older_url: Option<String>,
    /// The first page, if this is another.
    pub newest_url: Option<String>,
}

/// An edition the list can be narrowed down to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EditionTab {
    /// Its name; none for all of them.
    pub title: Option<String>,
    /// The list of its issues.
    pub href: String,
    /// Whether this is the list shown.
    pub current: bool,
}

/// One issue in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueLine {
    /// Its number.
    pub number: i64,
    /// Its day, written out in full.
    pub date: String,
    /// Its edition, where there are several.
    pub edition: Option<String>,
    /// What it leads with.
    pub headline: String,
    /// What else is in it: a few headlines.
    pub more: Vec<String>,
    /// Its page.
    pub url: String,
}

/// An issue, as a page for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssuePage {
    /// The frame.
    pub page: Page,
    /// The edition's name.
    pub edition_title: String,
    /// The number of the issue.
    pub number: i64,
    /// Its day, written out in full.
    pub date: String,
    /// What it leads with.
    pub headline: String,
    /// What it is called in one line: the subject of its mail.
    pub title: String,
    /// What it brings.
    #[serde(flatten)]
    pub entry: IssueEntry,
    /// How often its edition appears: `daily`, `weekly`, `monthly` or `other`.
    pub often: &'static str,
    /// The sign-up page, with its edition ticked.
    pub subscribe_url: String,
    /// The page of the issue before it.
    pub older_url: Option<String>,
    /// The page of the issue after it.
    pub newer_url: Option<String>,
}

/// What an issue brings, on its page and in feeds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IssueEntry {
    /// What the editor has to say, as HTML: the work of [`markdown_html`](crate::render::markdown_html).
    pub introduction_html: Option<String>,
    /// The story it opens with; it stands in no section.
    pub lead: Option<PageItem>,
    /// The rest under its headings.
    pub sections: Vec<PageSection>,
}

/// A heading and what stands under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageSection {
    /// The heading, as readers see it.
    pub title: String,
    /// Whether every item is an opening: they stand as cards.
    pub openings: bool,
    /// The items, in order.
    pub items: Vec<PageItem>,
}

/// One item: each text on one line, links only to the web.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PageItem {
    /// The headline.
    pub title: String,
    /// Where it leads, if that is on the web.
    pub url: Option<String>,
    /// A short text; may be empty.
    pub summary: String,
    /// Source and day; may be empty.
    pub byline: String,
    /// Whether it is an opening.
    pub opening: bool,
    /// When it closes, written out.
    pub closes: Option<String>,
    /// Whether that has passed.
    pub closed: bool,
    /// Whose opening it is.
    pub company: Option<String>,
    /// Where the work is.
    pub place: Option<String>,
    /// What it pays.
    pub pay: Option<String>,
    /// Who else told the story.
    pub also_at: Vec<PageSource>,
    /// The language it is in, if not that of the page.
    pub language: Option<String>,
    /// Its picture.
    pub image: Option<PageImage>,
}

/// Another source of a story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageSource {
    /// Its name.
    pub source: String,
    /// Where it tells the story.
    pub url: String,
}

/// A picture, on our own host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageImage {
    /// Where it is.
    pub url: String,
    /// What it shows; may be empty.
    pub alt: String,
    /// Who made it.
    pub credit: Option<String>,
    /// How wide it is shown, in CSS pixels.
    pub width: u32,
    /// How high it is shown, in CSS pixels.
    pub height: u32,
}

impl PageItem {
    /// Returns an item as it is shown in `language` at the moment `now` (`None`: as it was printed, with nothing
    /// closed); days are those of `zone`. It has no picture: who serves pictures gives it one.
    pub fn new(language: Language, item: &IssueItem, zone: &TimeZone, now: Option<Timestamp>) -> Self {
        let line = |text: &Option<String>| text.as_deref().map(one_line).filter(|text| !text.is_empty());
        let day = |at: Timestamp| date_short(language, zone.to_datetime(at).date());
        let byline = [line(&item.source), Some(day(item.published))];
        Self {
            title: one_line(&item.title),
            url: web_url(&item.url),
            summary: one_line(&item.summary),
            byline: byline.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            opening: item.details.kind == ArticleKind::Opening || item.closes.is_some(),
            closes: item.closes.map(day),
            closed: item.closes.is_some_and(|closes| now.is_some_and(|now| closes <= now)),
            company: line(&item.details.company),
            place: line(&item.details.place),
            pay: line(&item.details.pay),
            also_at: item
                .also_at
                .iter()
                .filter_map(|at| Some(PageSource { source: line(&Some(at.source.clone()))?, url: web_url(&at.url)? }))
                .collect(),
            language: item
                .language
                .clone()
                .filter(|tag| !tag.eq_ignore_ascii_case(language.tag()))
                .filter(|tag| tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')),
            image: None,
        }
    }
}

impl IssueEntry {
    /// Returns what an issue brings: the introduction (Markdown), and `items` in the order in which they were printed, each made by `make`, under the
    /// headings that `title` gives. The sections stand in the order in which they first appear.
    pub(in crate::render) fn new(
        introduction: Option<&str>,
        items: &[IssueItem],
        make: impl Fn(&IssueItem) -> PageItem,
        title: impl Fn(&str) -> String,
    ) -> Self {
        let lead_at = items.iter().position(|item| item.lead);
        let mut sections: Vec<(&str, PageSection)> = Vec::new();
        for (_, item) in items.iter().enumerate().filter(|(at, _)| Some(*at) != lead_at) {
            let place = sections.iter().position(|(name, _)| *name == item.section).unwrap_or_else(|| {
                let section = PageSection { title: title(&item.section), openings: true, items: Vec::new() };
                sections.push((&item.section, section));
                sections.len() - 1
            });
            let shown = make(item);
            sections[place].1.openings &= shown.opening;
            sections[place].1.items.push(shown);
        }
        Self {
            introduction_html: introduction.map(markdown_html),
            lead: lead_at.map(|at| make(&items[at])),
            sections: sections.into_iter().map(|(_, section)| section).collect(),
        }
    }
}

impl PageContext for IssueEntry {
    const NAME: &'static str = "issue_entry";

    fn samples(language: Language) -> Vec<Self> {
        samples::issue_entries(language)
    }
}

impl PageContext for IssuePage {
    const NAME: &'static str = "issue_page";

    fn samples(language: Language) -> Vec<Self> {
        samples::issue_pages(language)
    }

    fn derived(&self) -> Map<String, Value> {
        field("seal", seal(&self.page.site_title))
    }
}

impl PageContext for IssueList {
    const NAME: &'static str = "issue_list";

    fn samples(language: Language) -> Vec<Self> {
        samples::issue_lists(language)
    }

    fn derived(&self) -> Map<String, Value> {
        field("seal", seal(&self.page.site_title))
    }
}
