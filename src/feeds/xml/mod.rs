//! Between the charset and the parser: writes an XML feed anew, in the dialect feed-rs understands.
//!
//! Feeds in the wild are often not quite XML, and feed-rs refuses a whole feed for one bare ampersand, knows four
//! values of `version`, and only the namespaces of today. It also has corners that a hostile document can find: a
//! quadratic check for double attributes, `xml:base` chains that grow without end, and panics on an author or a
//! duration it did not expect. None of that reaches it, because only what is written here does:
//!
//! - one root, `rss` 2.0 or Atom 1.0, by its own namespace; RSS 1.0 (RDF) is laid out as RSS 2.0, which also gives it
//!   categories (`dc:subject`);
//! - a bounded number of attributes, quoted; tags that close in order; references that resolve;
//! - no document type (so no entities of its own), no comments, no processing instructions;
//! - no authors, which the digest does not print, and no media, which are read here.

mod dialect;
mod reference;
mod tag;

use std::borrow::Cow;
use std::fmt::Write as _;

use self::dialect::{ATOM, atom_name, atom_text_type, is_atom_text, is_sound_base, known_namespace, rss_name};
use self::reference::push_with_sound_references;
use self::tag::{Tag, after_doctype};
use super::error::FeedError;
use super::extras::{Extras, Reader};
use super::item::MAX_ITEMS;

/// Feed, entry, content: `xml:base` stands in no deeper chain.
const MAX_BASES: usize = 4;
/// How far up a closing tag looks for its element: HTML that was never XML nests its mistakes shallowly.
const MAX_REPAIR_DEPTH: usize = 64;
/// Namespaces in force at one place. The parser searches them all for each element.
const MAX_BINDINGS: usize = 128;
/// Of a feed with XHTML content; what is deeper wants to exhaust somebody's stack or memory.
const MAX_DEPTH: usize = 1000;

/// Elements of an item or of the feed's head that are read. Each costs a hundred bytes or more, however short it is.
const MAX_PARTS: usize = 200;

/// Items are in the channel, which is in the root; RSS 1.0 has them beside the channel, and Atom in the root.
const ITEMS_DEPTH: usize = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Rss,
    Rdf,
    Atom,
}

/// Returns the document as feed-rs reads it best, what it does not read of the items, and how many items were left out:
/// those after the first [`MAX_ITEMS`], each of which would cost a kilobyte before anybody could refuse it.
pub(super) fn normalise(document: &str) -> Result<(String, Vec<Extras>, usize), FeedError> {
    let mut writer = Writer {
        out: String::with_capacity(document.len() + 128),
        dialect: None,
        open: Vec::new(),
        bases: 0,
        bindings: 0,
        items: 0,
        extras: Reader::default(),
    };
    let mut rest = document;
    while let Some(start) = rest.find('<') {
        writer.text(&rest[..start]);
        rest = &rest[start..];
        rest = if let Some(data) = rest.strip_prefix("<![CDATA[") {
            let (data, after) = data.split_once("]]>").ok_or_else(|| broken("a CDATA section does not end"))?;
            writer.cdata(data);
            after
        } else if let Some(comment) = rest.strip_prefix("<!--") {
            comment.split_once("-->").ok_or_else(|| broken("a comment does not end"))?.1
        } else if rest.starts_with("<?") {
            rest.split_once("?>").ok_or_else(|| broken("a processing instruction does not end"))?.1
        } else if rest.starts_with("<!") {
            after_doctype(rest).ok_or_else(|| broken("the document type does not end"))?
        } else if let Some(name) = rest.strip_prefix("</") {
            let (name, after) = name.split_once('>').ok_or_else(|| broken("a closing tag does not end"))?;
            writer.close(name.trim());
            after
        } else if rest[1..].starts_with(|c: char| c.is_alphabetic() || c == '_') {
            let (tag, after) = Tag::read(&rest[1..]).ok_or_else(|| broken("a tag does not end"))?;
            writer.open(&tag)?;
            after
        } else {
            // "1 < 2": no tag begins with a space or a digit.
            writer.text("&lt;");
            &rest[1..]
        };
        if writer.is_complete() {
            return Ok((writer.out, writer.extras.finish(), writer.items.saturating_sub(MAX_ITEMS)));
        }
    }
    match writer.dialect {
        // Only the root's own end is missing: every item is whole.
        Some(_) if writer.open.len() == 1 => {
            let root = writer.open[0].name.clone();
            writer.close(&root);
            Ok((writer.out, writer.extras.finish(), writer.items.saturating_sub(MAX_ITEMS)))
        }
        Some(_) => Err(broken("it ends in the middle")),
        None => Err(neither_xml_nor_json()),
    }
}

fn neither_xml_nor_json() -> FeedError {
    FeedError::NotAFeed { what: "this is neither XML nor JSON, so not a feed".to_owned(), hint: None }
}

fn broken(reason: &str) -> FeedError {
    FeedError::Parse { reason: reason.to_owned() }
}

/// An element that was opened and not closed yet.
struct Open {
    name: String,
    /// What closes it in the output; RDF's `channel` closes with nothing.
    closing: String,
    has_base: bool,
    /// How many namespaces it declares.
    bindings: usize,
    /// Where in the output it begins, if it is one too many: an item, or a part of one or of the head.
    too_many: Option<usize>,
    is_item: bool,
    /// How many elements that are no items stand in it.
    parts: usize,
}

struct Writer {
    out: String,
    /// Known once the root has been read.
    dialect: Option<Dialect>,
    open: Vec<Open>,
    /// How many of the open elements have an `xml:base`.
    bases: usize,
    /// How many namespaces the open elements declare.
    bindings: usize,
    /// How many items there were.
    items: usize,
    extras: Reader,
}

impl Writer {
    fn is_complete(&self) -> bool {
        self.dialect.is_some() && self.open.is_empty()
    }

    fn text(&mut self, text: &str) {
        if !self.open.is_empty() {
            push_with_sound_references(&mut self.out, text);
            self.extras.text(text, true);
        }
    }

    fn cdata(&mut self, data: &str) {
        if !self.open.is_empty() {
            let _ = write!(self.out, "<![CDATA[{data}]]>");
            self.extras.text(data, false);
        }
    }

    fn open(&mut self, tag: &Tag<'_>) -> Result<(), FeedError> {
        let Some(dialect) = self.dialect else { return self.open_root(tag) };
        if self.open.len() >= MAX_DEPTH {
            return Err(broken("its elements are nested too deep"));
        }
        let base = tag.attribute("xml:base").filter(|base| self.bases < MAX_BASES && is_sound_base(base));
        let in_depth = self.open.len();
        let begins = self.out.len();
        let (name, closing) = match dialect {
            // RDF's channel holds only the head: its items follow it. Without its tags they all are in ours.
            Dialect::Rdf if in_depth == 1 && tag.local_name() == "channel" => (None, String::new()),
            // .NET writes an item's address as Atom does, which feed-rs looks for in the channel alone.
            Dialect::Rss | Dialect::Rdf if tag.alternate_link().is_some() => {
                self.out.push_str("<link>");
                push_with_sound_references(&mut self.out, &tag.alternate_link().unwrap_or_default().replace('<', ""));
                (None, "</link>".to_owned())
            }
            Dialect::Rss | Dialect::Rdf => named(rss_name(tag.name)),
            Dialect::Atom => named(atom_name(tag, in_depth)),
        };
        let mut bindings = 0;
        if let Some(name) = name {
            let _ = write!(self.out, "<{name}");
            for (name, value) in &tag.attributes {
                match (dialect, *name) {
                    (_, "xml:base") => {}
                    (_, name) if name.starts_with("xmlns") => {
                        if self.bindings + bindings < MAX_BINDINGS {
                            bindings += 1;
                            self.attribute(name, value);
                        }
                    }
                    // Only these carry a type that the parser judges.
                    (Dialect::Atom, "type") if is_atom_text(tag.local_name()) => {
                        self.attribute(name, atom_text_type(value).unwrap_or("html"));
                    }
                    (Dialect::Atom, "src") if tag.local_name() == "content" => {}
                    _ => self.attribute(name, value),
                }
            }
            if let Some(base) = base {
                self.attribute("xml:base", base);
            }
            self.out.push('>');
        }
        self.extras.element(in_depth, tag.name, tag.is_empty, |name| tag.attribute(name));
        let is_item = match dialect {
            Dialect::Rss | Dialect::Rdf => tag.local_name() == "item",
            Dialect::Atom => in_depth == 1 && tag.local_name() == "entry",
        };
        let excess = !is_item && self.is_excess(dialect);
        if tag.is_empty {
            self.out.push_str(&closing);
            if is_item || excess {
                // An item that says nothing: a million of them would cost as much as if they did.
                self.out.truncate(begins);
            }
        } else {
            if is_item {
                self.extras.begin_item(in_depth);
            }
            self.items += usize::from(is_item && in_depth <= ITEMS_DEPTH);
            let excess = excess || is_item && in_depth <= ITEMS_DEPTH && self.items > MAX_ITEMS;
            self.bases += usize::from(base.is_some());
            self.bindings += bindings;
            self.open.push(Open {
                name: tag.name.to_owned(),
                closing,
                has_base: base.is_some(),
                bindings,
                too_many: excess.then_some(begins),
                is_item,
                parts: 0,
            });
        }
        Ok(())
    }

    /// Counts an element that is no item, and returns whether it is a part too many of an item or of the head.
    fn is_excess(&mut self, dialect: Dialect) -> bool {
        let head = if dialect == Dialect::Atom { 1 } else { ITEMS_DEPTH };
        let in_head = self.open.len() <= head;
        let Some(parent) = self.open.last_mut().filter(|parent| parent.is_item || in_head) else { return false };
        parent.parts += 1;
        parent.parts > MAX_PARTS
    }

    fn open_root(&mut self, tag: &Tag<'_>) -> Result<(), FeedError> {
        let dialect = match tag.local_name() {
            "rss" => Dialect::Rss,
            "RDF" => Dialect::Rdf,
            "feed" => Dialect::Atom,
            other if other.len() <= 40 && other.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) => {
                let what = format!("this is an XML document that begins with <{other}>, not a feed");
                return Err(FeedError::NotAFeed { what, hint: None });
            }
            _ => return Err(neither_xml_nor_json()),
        };
        let closing = match dialect {
            Dialect::Rss => {
                self.out.push_str("<rss version=\"2.0\"");
                "</rss>".to_owned()
            }
            Dialect::Rdf => {
                self.out.push_str("<rss version=\"2.0\"");
                "</channel></rss>".to_owned()
            }
            Dialect::Atom => {
                let _ = write!(self.out, "<{} xmlns=\"{ATOM}\"", tag.name);
                format!("</{}>", tag.name)
            }
        };
        let base = tag.attribute("xml:base").filter(|base| is_sound_base(base));
        for (name, value) in &tag.attributes {
            // The default namespace is told by the root's name; those of old are no longer understood.
            if (name.starts_with("xmlns:") || name.starts_with("xml:")) && *name != "xml:base" {
                self.attribute(name, value);
            }
        }
        if let Some(base) = base {
            self.attribute("xml:base", base);
        }
        self.out.push('>');
        if dialect == Dialect::Rdf {
            self.out.push_str("<channel>");
            // A channel that names its language itself comes later, and counts.
            if let Some(language) = tag.attribute("xml:lang") {
                self.out.push_str("<language>");
                push_with_sound_references(&mut self.out, &language.replace('<', ""));
                self.out.push_str("</language>");
            }
        }
        self.dialect = Some(dialect);
        self.bases = usize::from(base.is_some());
        // Its attributes are bounded, so its namespaces are.
        self.open.push(Open {
            name: tag.name.to_owned(),
            closing,
            has_base: base.is_some(),
            bindings: 0,
            too_many: None,
            is_item: false,
            parts: 0,
        });
        if tag.is_empty {
            self.close(tag.name);
        }
        Ok(())
    }

    fn attribute(&mut self, name: &str, value: &str) {
        let value = value.trim();
        let value = if name.starts_with("xmlns") { known_namespace(value) } else { Cow::Borrowed(value) };
        let mut sound = String::with_capacity(value.len());
        push_with_sound_references(&mut sound, &value);
        let _ = write!(self.out, " {name}=\"{}\"", sound.replace('"', "&quot;").replace('<', "&lt;"));
    }

    /// Closes `name` and whatever was left open in it. A closing tag that matches nothing is dropped.
    fn close(&mut self, name: &str) {
        let reach = self.open.len().saturating_sub(MAX_REPAIR_DEPTH);
        let Some(at) = self.open[reach..].iter().rposition(|open| open.name == name) else { return };
        let is_atom = self.dialect == Some(Dialect::Atom);
        let ending = reach + at;
        for (depth, open) in self.open.drain(ending..).enumerate().rev() {
            match self.extras.end(ending + depth) {
                Some(mark) if is_atom => {
                    let _ = write!(self.out, "<category xmlns=\"{ATOM}\" term=\"{mark}\"></category>");
                }
                Some(mark) => {
                    let _ = write!(self.out, "<category>{mark}</category>");
                }
                None => {}
            }
            self.out.push_str(&open.closing);
            if let Some(begins) = open.too_many {
                self.out.truncate(begins);
            }
            self.bases -= usize::from(open.has_base);
            self.bindings -= open.bindings;
        }
    }
}

fn named(name: Cow<'_, str>) -> (Option<Cow<'_, str>>, String) {
    let closing = format!("</{name}>");
    (Some(name), closing)
}

#[cfg(test)]
mod tests {
    use super::*;

    use super::dialect::MAX_BASE_BYTES;

    fn normal(document: &str) -> String {
        normalise(document).unwrap().0
    }

    #[test]
    fn every_version_of_rss_becomes_the_one_that_is_understood() {
        for root in
            ["<rss>", "<rss version='0.93'>", "<rss version=\"2.0.1\" xmlns=\"http://backend.userland.com/rss2\">"]
        {
            let document = format!("<?xml version='1.0'?>\n<!-- hello -->{root}<channel></channel></rss> junk <");
            assert_eq!(normal(&document), "<rss version=\"2.0\"><channel></channel></rss>");
        }
    }

    #[test]
    fn rdf_is_laid_out_as_rss() {
        let document = "<rdf:RDF xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'>\
            <channel rdf:about='x'><title>T</title><dc:language>ja</dc:language></channel>\
            <item><title>I</title><dc:subject>求人</dc:subject></item></rdf:RDF>";
        assert_eq!(
            normal(document),
            "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>T</title>\
             <language>ja</language><item><title>I</title><category>求人</category></item></channel></rss>"
        );
    }

    #[test]
    fn rdf_speaks_the_language_of_its_root() {
        let document = "<rdf:RDF xml:lang='ja'><channel/></rdf:RDF>";
        assert_eq!(
            normal(document),
            "<rss version=\"2.0\" xml:lang=\"ja\"><channel><language>ja</language></channel></rss>"
        );
    }

    #[test]
    fn an_atom_link_in_rss_is_a_link() {
        let document = "<rss><a10:link href='https://a.example/?a=1&amp;b=2'/><atom:link rel='self' href='x'/></rss>";
        assert_eq!(
            normal(document),
            "<rss version=\"2.0\"><link>https://a.example/?a=1&amp;b=2</link>\
             <atom:link rel=\"self\" href=\"x\"></atom:link></rss>"
        );
    }

    #[test]
    fn atom_of_2003_becomes_atom_of_2005() {
        let document = "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry>\
            <title type='text/plain' mode='escaped'>T</title><issued>2004-01-02</issued>\
            <content type='image/png'>AAAA</content></entry></feed>";
        assert_eq!(
            normal(document),
            "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><title type=\"text\" mode=\"escaped\">T</title>\
             <published>2004-01-02</published><ignored type=\"html\">AAAA</ignored></entry></feed>"
        );
    }

    #[test]
    fn loose_ends_are_tied() {
        let within = |inner: &str| {
            let whole = normal(&format!("<rss>{inner}</rss>"));
            whole.strip_prefix("<rss version=\"2.0\">").unwrap().strip_suffix("</rss>").unwrap().to_owned()
        };
        assert_eq!(
            within("a & b &amp; c&nbsp;&#x65e5;&#0;&#60;&bad ref;"),
            "a &amp; b &amp; c&nbsp;日&lt;&amp;bad ref;"
        );
        assert_eq!(within("<a href=x?a=1&b=2 nowrap>1 < 2</a>"), "<a href=\"x?a=1&amp;b=2\" nowrap=\"\">1 &lt; 2</a>");
        assert_eq!(within("<p>one<br>two</p></i>"), "<p>one<br>two</br></p>");
        assert_eq!(within("<![CDATA[<b>&amp;</b>]]>"), "<![CDATA[<b>&amp;</b>]]>");
        assert_eq!(within("<a x='1' x='2' \"y\" / z/>"), "<a x=\"1\" z=\"\"></a>");
        assert_eq!(within("<a x='1'<b/></a>"), "<a x=\"1\"><b></b></a>");
        assert_eq!(
            within("<dc:creator>編集部（a@b.example）</dc:creator>"),
            "<ignored>編集部（a@b.example）</ignored>"
        );
    }

    #[test]
    fn a_document_type_goes_with_all_its_entities() {
        let document = "<!DOCTYPE rss [<!ENTITY a \"]>\"><!-- ]> ' --><!ENTITY % p SYSTEM 'http://127.0.0.1/'>]>\
            <rss><title>&a;</title></rss>";
        assert_eq!(normal(document), "<rss version=\"2.0\"><title>&a;</title></rss>");
    }

    #[test]
    fn what_ends_in_the_middle_is_broken_and_what_is_no_feed_says_so() {
        assert!(matches!(normalise("<rss><channel><item>"), Err(FeedError::Parse { .. })));
        assert_eq!(normal("<rss><channel></channel>"), "<rss version=\"2.0\"><channel></channel></rss>");
        assert!(matches!(normalise("<rss><![CDATA["), Err(FeedError::Parse { .. })));
        assert!(matches!(normalise("<rss><a b='"), Err(FeedError::Parse { .. })));
        assert!(matches!(normalise("hello"), Err(FeedError::NotAFeed { .. })));
        let error = normalise("<urlset><url/></urlset>").unwrap_err().to_string();
        assert_eq!(error, "this is an XML document that begins with <urlset>, not a feed");
    }

    #[test]
    fn bases_are_few_and_short() {
        let nested = format!("<feed xml:base='https://a.example/'>{}</feed>", "<x xml:base='b/'>".repeat(50));
        assert_eq!(normal(&nested).matches("xml:base").count(), MAX_BASES);
        let long = format!("<feed xml:base='https://a.example/{}'></feed>", "b/".repeat(MAX_BASE_BYTES));
        assert!(!normal(&long).contains("xml:base"));
        assert!(!normal("<feed xml:base='http://['></feed>").contains("xml:base"));
    }
}
