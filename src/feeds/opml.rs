//! Lists of feeds as other readers keep them: OPML 2.0, in and out.
//!
//! A list may come from anywhere. Entities of its own mean nothing, nothing is fetched, and depth and number are bounded.

use std::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::escape::{escape, unescape};
use quick_xml::events::{BytesStart, Event};

use super::error::FeedError;
use super::{charset, fetcher, text};
use crate::domain::article::ArticleKind;
use crate::domain::feed::Feed;

/// Folders in folders; people nest two or three.
const MAX_DEPTH: usize = 64;
/// More than anybody reads.
const MAX_FEEDS: usize = 10_000;
const MAX_ATTRIBUTES: usize = 64;
/// What OPML has no attribute for stands in this namespace, under the prefix `kawaraban`.
const NAMESPACE: &str = "urn:kawaraban:opml";

/// One feed of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpmlFeed {
    /// The line it begins in, from 1.
    pub line: usize,
    /// The folders it is in, from the outside in.
    pub folders: Vec<String>,
    /// Its `category`, at its commas and slashes.
    pub categories: Vec<String>,
    /// Its address as it is written; empty if there is none.
    pub url: String,
    /// What the list calls it.
    pub title: Option<String>,
    /// The language of its items.
    pub language: Option<String>,
    /// Whether it is a feed of openings, if the list is one of ours.
    pub kind: Option<String>,
    /// How long an opening is open, if the list is one of ours.
    pub life: Option<String>,
    /// Which of its categories lead where, as `category=section`, if the list is one of ours.
    pub category_sections: Vec<String>,
}

/// Reads a list. An outline without an address is a folder, unless it says that it is a feed.
///
/// # Errors
/// [`FeedError::Parse`] with the line, [`FeedError::NotAFeed`], [`FeedError::TooLarge`].
pub fn read_opml(bytes: &[u8]) -> Result<Vec<OpmlFeed>, FeedError> {
    if bytes.len() > fetcher::MAX_BODY_BYTES {
        return Err(FeedError::TooLarge { limit_bytes: fetcher::MAX_BODY_BYTES });
    }
    let document = charset::decode(bytes, None);
    let document = document.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let mut reader = Reader::from_str(document);
    reader.config_mut().allow_dangling_amp = true;
    let mut lines = Lines { document, counted: 0, line: 1 };
    let mut feeds = Vec::new();
    let mut has_root = false;
    // The folder each open element stands for, if any.
    let mut open: Vec<Option<String>> = Vec::new();
    loop {
        let line = lines.at(reader.buffer_position());
        let event =
            reader.read_event().map_err(|error| broken(lines.at(reader.error_position()), &error.to_string()))?;
        let (tag, is_empty) = match &event {
            Event::Start(tag) => (tag, false),
            Event::Empty(tag) => (tag, true),
            Event::End(_) => {
                open.pop();
                continue;
            }
            Event::Eof if has_root => return Ok(feeds),
            Event::Eof => return Err(no_list()),
            // Entities a document type declares are never looked up, so they mean nothing.
            _ => continue,
        };
        let name = tag.name();
        if !has_root && !name.as_ref().eq_ignore_ascii_case("opml") {
            return Err(no_list());
        }
        has_root = true;
        if open.len() >= MAX_DEPTH {
            return Err(broken(line, "its outlines are nested too deep"));
        }
        let mut folder = None;
        if name.as_ref().eq_ignore_ascii_case("outline") {
            let (feed, is_feed) = outline(tag, line);
            if is_feed {
                if feeds.len() >= MAX_FEEDS {
                    return Err(broken(line, &format!("there are more than {MAX_FEEDS} feeds")));
                }
                let folders = open.iter().flatten().cloned().collect();
                feeds.push(OpmlFeed { folders, ..feed });
            } else {
                folder = feed.title;
            }
        }
        if !is_empty {
            open.push(folder);
        }
    }
}

/// Returns what an outline says, and whether it is a feed.
fn outline(tag: &BytesStart<'_>, line: usize) -> (OpmlFeed, bool) {
    let mut feed = OpmlFeed { line, ..Default::default() };
    let (mut title, mut label, mut says_feed, mut has_url) = (None, None, false, false);
    // Without the check for doubles, which compares each with all before it.
    for attribute in tag.attributes().with_checks(false).take(MAX_ATTRIBUTES).flatten() {
        let value = decoded(&attribute.value);
        let line = text::fold(&text::clean(&value));
        let some = Some(line.clone()).filter(|line| !line.is_empty());
        match attribute.key.as_ref() {
            name if name.eq_ignore_ascii_case("xmlUrl") => {
                has_url = true;
                feed.url = value.trim().to_owned();
            }
            "title" => title = some,
            "text" => label = some,
            "type" => says_feed = matches!(line.to_ascii_lowercase().as_str(), "rss" | "atom" | "feed"),
            "language" => feed.language = some,
            "category" => {
                feed.categories =
                    line.split([',', '/']).map(|one| one.trim().to_owned()).filter(|c| !c.is_empty()).collect();
            }
            "kawaraban:kind" => feed.kind = some,
            "kawaraban:life" => feed.life = some,
            "kawaraban:categories" => feed.category_sections = line.split(';').map(str::to_owned).collect(),
            _ => {}
        }
    }
    feed.title = title.or(label);
    (feed, has_url || says_feed)
}

/// Many lists have bare ampersands in their addresses; then the rest is taken as it stands.
fn decoded(value: &str) -> String {
    unescape(value).map_or_else(|_| value.replace("&amp;", "&"), Into::into)
}

fn no_list() -> FeedError {
    FeedError::NotAFeed { what: "this is not an OPML list".to_owned(), hint: None }
}

fn broken(line: usize, what: &str) -> FeedError {
    FeedError::Parse { reason: format!("line {line}: {what}") }
}

/// Counts lines, each once.
struct Lines<'a> {
    document: &'a str,
    counted: usize,
    line: usize,
}

impl Lines<'_> {
    fn at(&mut self, position: u64) -> usize {
        let position = usize::try_from(position).unwrap_or(usize::MAX).min(self.document.len());
        if position > self.counted {
            let between = &self.document.as_bytes()[self.counted..position];
            self.line += between.iter().filter(|byte| **byte == b'\n').count();
            self.counted = position;
        }
        self.line
    }
}

/// Writes feeds as a list, a folder for each section.
pub fn write_opml(title: &str, feeds: &[Feed]) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\" xmlns:kawaraban=\"{NAMESPACE}\">\n\
         <head><title>{}</title></head>\n<body>\n",
        attribute_text(title)
    );
    let mut sections: Vec<&str> = Vec::new();
    for feed in feeds {
        if !sections.contains(&feed.section.as_str()) {
            sections.push(&feed.section);
        }
    }
    for section in sections {
        let _ = writeln!(out, "<outline text=\"{}\">", attribute_text(section));
        for feed in feeds.iter().filter(|feed| feed.section == section) {
            let name = attribute_text(feed.name());
            // A feed that was never fetched has no title yet, and an address for one would stay in other readers.
            let title = feed.title.as_ref().map(|_| format!(" title=\"{name}\"")).unwrap_or_default();
            let _ = write!(out, "  <outline type=\"rss\" text=\"{name}\"{title}");
            let mut attribute = |name: &str, value: &str| {
                let _ = write!(out, " {name}=\"{}\"", attribute_text(value));
            };
            attribute("xmlUrl", &feed.url);
            if let Some(language) = &feed.items.language {
                attribute("language", language);
            }
            if feed.items.kind != ArticleKind::News {
                attribute("kawaraban:kind", feed.items.kind.as_str());
            }
            if let Some(life) = feed.items.opening_life {
                attribute("kawaraban:life", &format!("{}h", life.as_secs() / 3600));
            }
            if !feed.category_sections.is_empty() {
                let pairs: Vec<_> = feed.category_sections.iter().map(|(from, to)| format!("{from}={to}")).collect();
                attribute("kawaraban:categories", &pairs.join(";"));
            }
            out.push_str("/>\n");
        }
        out.push_str("</outline>\n");
    }
    out.push_str("</body>\n</opml>\n");
    out
}

fn attribute_text(text: &str) -> String {
    escape(text::fold(&text::clean(text))).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_nest_and_each_feed_knows_its_line() {
        let list = "<?xml version='1.0'?>\n<opml version='1.0'><head><title>x</title></head><body>\n\
            <outline text='Town'>\n  <outline text='News' title='新聞'>\n\
            <outline type='rss' text='A &amp; B' xmlUrl='https://a.example/?x=1&y=2' htmlUrl='https://a.example/'/>\n\
            </outline>\n<outline type='RSS' text='None'/></outline>\n\
            <outline XMLURL=' https://b.example/ ' category='/Jobs/Japan,work' language='ja'></outline></body></opml>";
        let feeds = read_opml(list.as_bytes()).unwrap();
        let told: Vec<_> =
            feeds.iter().map(|f| (f.line, f.folders.join(">"), f.url.as_str(), f.title.as_deref())).collect();
        assert_eq!(
            told,
            [
                (5, "Town>新聞".to_owned(), "https://a.example/?x=1&y=2", Some("A & B")),
                (7, "Town".to_owned(), "", Some("None")),
                (8, String::new(), "https://b.example/", None),
            ]
        );
        assert_eq!(feeds[2].categories, ["Jobs", "Japan", "work"]);
        assert_eq!(feeds[2].language.as_deref(), Some("ja"));
    }

    #[test]
    fn what_is_broken_says_where_and_what_is_no_list_says_so() {
        let error = |text: &str| read_opml(text.as_bytes()).unwrap_err().to_string();
        assert!(error("<opml>\n<body>\n</opml>").contains("line 3"), "{}", error("<opml>\n<body>\n</opml>"));
        assert!(error("<rss/>").contains("not an OPML list"));
        assert!(error("hello").contains("not an OPML list"));
        assert!(matches!(read_opml(&vec![b' '; fetcher::MAX_BODY_BYTES + 1]), Err(FeedError::TooLarge { .. })));
    }

    #[test]
    fn a_hostile_list_expands_nothing_and_ends() {
        let entities = "<!DOCTYPE opml [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'><!ENTITY f SYSTEM 'file:///etc/hostname'>]>\
            <opml><body><outline text='&b;&f;' xmlUrl='https://a.example/&b;'/></body></opml>";
        let feed = read_opml(entities.as_bytes()).unwrap().remove(0);
        assert_eq!((feed.title.as_deref(), feed.url.as_str()), (Some("&b;&f;"), "https://a.example/&b;"));
        let deep = format!("<opml>{}", "<outline>".repeat(100_000));
        assert!(read_opml(deep.as_bytes()).unwrap_err().to_string().contains("too deep"));
        let many = format!("<opml>{}</opml>", "<outline xmlUrl='a'/>".repeat(MAX_FEEDS + 1));
        assert!(read_opml(many.as_bytes()).unwrap_err().to_string().contains("more than"));
        let mut wide = "<opml><outline".to_owned();
        for n in 0..200_000 {
            let _ = write!(wide, " a{n}=''");
        }
        assert_eq!(read_opml((wide + " xmlUrl='x'/></opml>").as_bytes()).unwrap(), []);
    }
}
