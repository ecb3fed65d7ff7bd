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
//! - no authors and no media: the digest prints neither.

use std::borrow::Cow;
use std::fmt::Write as _;

use url::Url;

use super::error::FeedError;

/// No element of a feed has nearly as many; the parser compares each with all before it.
const MAX_ATTRIBUTES: usize = 64;
/// Feed, entry, content: `xml:base` stands in no deeper chain.
const MAX_BASES: usize = 4;
/// Longer ones are not for people. The parser copies it once an element.
const MAX_BASE_BYTES: usize = 2048;
/// How far up a closing tag looks for its element: HTML that was never XML nests its mistakes shallowly.
const MAX_REPAIR_DEPTH: usize = 64;

/// Of a feed with XHTML content; what is deeper wants to exhaust somebody's stack or memory.
const MAX_DEPTH: usize = 1000;

const ATOM: &str = "http://www.w3.org/2005/Atom";
/// Stands for the namespaces we do not want to be understood.
const IGNORED: &str = "urn:ignored";
const IGNORED_NAMESPACES: [&str; 3] = [
    "http://search.yahoo.com/mrss/",
    "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "https://podcastindex.org/namespace/1.0",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Rss,
    Rdf,
    Atom,
}

/// Returns the document as feed-rs reads it best.
pub(super) fn normalise(document: &str) -> Result<String, FeedError> {
    let mut writer =
        Writer { out: String::with_capacity(document.len() + 128), dialect: None, open: Vec::new(), bases: 0 };
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
            writer.cdata("<");
            &rest[1..]
        };
        if writer.is_complete() {
            return Ok(writer.out);
        }
    }
    match writer.dialect {
        // Only the root's own end is missing: every item is whole.
        Some(_) if writer.open.len() == 1 => {
            let root = writer.open[0].name.clone();
            writer.close(&root);
            Ok(writer.out)
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

/// Returns what follows a `<!DOCTYPE …>`, whose internal subset may hold quotes, comments and brackets.
fn after_doctype(rest: &str) -> Option<&str> {
    let mut brackets = 0_u32;
    let mut quote = None;
    let mut at = 2;
    while let Some(&byte) = rest.as_bytes().get(at) {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'<') if rest.as_bytes()[at..].starts_with(b"<!--") => at += rest[at..].find("-->")? + 2,
            (None, b'[') => brackets += 1,
            (None, b']') => brackets = brackets.saturating_sub(1),
            (None, b'>') if brackets == 0 => return Some(&rest[at + 1..]),
            (None, _) => {}
        }
        at += 1;
    }
    None
}

/// A start tag as it was written.
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
    is_empty: bool,
}

impl<'a> Tag<'a> {
    /// Reads a tag whose `<` has been taken off. Returns it and what follows, or `None` if the document ends before it.
    fn read(text: &'a str) -> Option<(Self, &'a str)> {
        let (name, mut rest) = text.split_at(text.find(ends_a_name)?);
        let mut tag = Self { name, attributes: Vec::new(), is_empty: false };
        loop {
            rest = rest.trim_ascii_start();
            if let Some(after) = rest.strip_prefix('>') {
                return Some((tag, after));
            }
            if let Some(after) = rest.strip_prefix("/>") {
                tag.is_empty = true;
                return Some((tag, after));
            }
            // Somebody forgot the end. Taking it as given here, rather than looking again from further in, is what
            // keeps reading linear.
            if rest.starts_with('<') {
                return Some((tag, rest));
            }
            // At least one character, so that a stray slash or equals sign is passed over.
            let first = rest.chars().next()?.len_utf8();
            let (name, after) = rest.split_at(first + rest[first..].find(ends_a_name)?);
            let (value, after) = match after.trim_ascii_start().strip_prefix('=') {
                Some(value) => attribute_value(value.trim_ascii_start())?,
                None => ("", after),
            };
            rest = after;
            let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_') && !name.contains(['"', '\'', '&']);
            // The first of two attributes of one name counts, as in HTML.
            if is_name && tag.attributes.len() < MAX_ATTRIBUTES && tag.attribute(name).is_none() {
                tag.attributes.push((name, value));
            }
        }
    }

    fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(found, _)| *found == name).map(|(_, value)| *value)
    }

    /// Returns where an `atom:link` in RSS leads, if it leads to the page.
    fn alternate_link(&self) -> Option<&'a str> {
        let is_alternate = self.attribute("rel").is_none_or(|rel| rel == "alternate");
        self.attribute("href").filter(|_| is_alternate && self.local_name() == "link")
    }

    fn local_name(&self) -> &'a str {
        self.name.rsplit(':').next().unwrap_or(self.name)
    }
}

fn ends_a_name(c: char) -> bool {
    c.is_ascii_whitespace() || matches!(c, '/' | '>' | '<' | '=')
}

fn attribute_value(text: &str) -> Option<(&str, &str)> {
    match text.chars().next()? {
        quote @ ('"' | '\'') => text[1..].split_once(quote),
        _ => Some(text.split_at(text.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '<'))?)),
    }
}

/// An element that was opened and not closed yet.
struct Open {
    name: String,
    /// What closes it in the output; RDF's `channel` closes with nothing.
    closing: String,
    has_base: bool,
}

struct Writer {
    out: String,
    /// Known once the root has been read.
    dialect: Option<Dialect>,
    open: Vec<Open>,
    /// How many of the open elements have an `xml:base`.
    bases: usize,
}

impl Writer {
    fn is_complete(&self) -> bool {
        self.dialect.is_some() && self.open.is_empty()
    }

    fn text(&mut self, text: &str) {
        if !self.open.is_empty() {
            push_with_sound_references(&mut self.out, text);
        }
    }

    fn cdata(&mut self, data: &str) {
        if !self.open.is_empty() {
            // As text it is the same to the parser, and nothing in it can end early.
            for part in data.split_inclusive(['&', '<', '>']) {
                let (plain, special) = part.split_at(part.len() - usize::from(part.ends_with(['&', '<', '>'])));
                self.out.push_str(plain);
                self.out.push_str(match special {
                    "&" => "&amp;",
                    "<" => "&lt;",
                    ">" => "&gt;",
                    _ => "",
                });
            }
        }
    }

    fn open(&mut self, tag: &Tag<'_>) -> Result<(), FeedError> {
        let Some(dialect) = self.dialect else { return self.open_root(tag) };
        if self.open.len() >= MAX_DEPTH {
            return Err(broken("its elements are nested too deep"));
        }
        let base = tag.attribute("xml:base").filter(|base| self.bases < MAX_BASES && is_sound_base(base));
        let in_depth = self.open.len();
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
        if let Some(name) = name {
            let _ = write!(self.out, "<{name}");
            for (name, value) in &tag.attributes {
                match (dialect, *name) {
                    (_, "xml:base") => {}
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
        if tag.is_empty {
            self.out.push_str(&closing);
        } else {
            self.bases += usize::from(base.is_some());
            self.open.push(Open { name: tag.name.to_owned(), closing, has_base: base.is_some() });
        }
        Ok(())
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
        self.open.push(Open { name: tag.name.to_owned(), closing, has_base: base.is_some() });
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
        for open in self.open.drain(reach + at..).rev() {
            self.out.push_str(&open.closing);
            self.bases -= usize::from(open.has_base);
        }
    }
}

fn named(name: Cow<'_, str>) -> (Option<Cow<'_, str>>, String) {
    let closing = format!("</{name}>");
    (Some(name), closing)
}

/// A name of RSS, or `ignored` for what we do not print and feed-rs might stumble over.
fn rss_name(name: &str) -> Cow<'_, str> {
    match name.rsplit(':').next().unwrap_or(name) {
        "creator" | "author" | "managingEditor" | "webMaster" => Cow::Borrowed("ignored"),
        "subject" if name.contains(':') => Cow::Borrowed("category"),
        // A library's dc:date may be a bare year; as an update it does not displace a pubDate.
        "date" if name.contains(':') => Cow::Borrowed("updated"),
        "language" => Cow::Borrowed("language"),
        _ => Cow::Borrowed(name),
    }
}

/// A name of Atom 1.0, also for what Atom 0.3 called differently.
fn atom_name<'a>(tag: &Tag<'a>, depth: usize) -> Cow<'a, str> {
    // Feed (1), entry (2): further down it is XHTML.
    if depth > 2 {
        return Cow::Borrowed(tag.name);
    }
    let (prefix, local) = match tag.name.rsplit_once(':') {
        Some((prefix, local)) => (format!("{prefix}:"), local),
        None => (String::new(), tag.name),
    };
    let renamed = match local {
        "issued" => "published",
        "modified" => "updated",
        "tagline" => "subtitle",
        "author" | "contributor" => "ignored",
        // Content elsewhere, or in a type that is not text.
        "content" if tag.attribute("src").is_some() => "ignored",
        "content" if tag.attribute("type").is_some_and(|kind| atom_text_type(kind).is_none()) => "ignored",
        _ => return Cow::Borrowed(tag.name),
    };
    Cow::Owned(prefix + renamed)
}

fn is_atom_text(local_name: &str) -> bool {
    matches!(local_name, "title" | "subtitle" | "tagline" | "summary" | "content" | "rights" | "copyright")
}

/// Returns which of Atom's three text types (RFC 4287 §3.1.1) a declared type amounts to, if any.
fn atom_text_type(declared: &str) -> Option<&'static str> {
    match declared.trim().to_ascii_lowercase().as_str() {
        "html" | "text/html" | "escaped" => Some("html"),
        "xhtml" | "application/xhtml+xml" | "text/xhtml" => Some("xhtml"),
        "text" => Some("text"),
        other if other.starts_with("text/") || other.is_empty() => Some("text"),
        _ => None,
    }
}

fn known_namespace(namespace: &str) -> Cow<'_, str> {
    match namespace {
        ignored if IGNORED_NAMESPACES.contains(&ignored) => Cow::Borrowed(IGNORED),
        "http://purl.org/atom/ns#" | "https://www.w3.org/2005/Atom" | "http://www.w3.org/2005/Atom/" => {
            Cow::Borrowed(ATOM)
        }
        // The namespaces feed-rs knows begin with http; some sites write what their browsers write.
        secure if secure.starts_with("https://purl.org/") => Cow::Owned(secure.replacen("https", "http", 1)),
        other => Cow::Borrowed(other),
    }
}

fn is_sound_base(base: &str) -> bool {
    base.len() <= MAX_BASE_BYTES && matches!(Url::parse(base), Ok(_) | Err(url::ParseError::RelativeUrlWithoutBase))
}

/// Appends text so that each `&` begins a reference the parser accepts.
fn push_with_sound_references(out: &mut String, text: &str) {
    let mut parts = text.split('&');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let reference = part.split_once(';').filter(|(name, _)| (1..=32).contains(&name.len()));
        match reference {
            Some((name, _)) if name.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                out.push('&');
                out.push_str(part);
            }
            // A number that names no character is not text.
            Some((name, after)) if name.starts_with('#') => {
                match character(&name[1..]) {
                    Some('<') => out.push_str("&lt;"),
                    Some('&') => out.push_str("&amp;"),
                    Some(c) => out.push(c),
                    None => {}
                }
                out.push_str(after);
            }
            _ => {
                out.push_str("&amp;");
                out.push_str(part);
            }
        }
    }
}

fn character(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    code.ok().and_then(char::from_u32).filter(|c| *c != '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(document: &str) -> String {
        normalise(document).unwrap()
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
        assert_eq!(within("<![CDATA[<b>&amp;</b>]]>"), "&lt;b&gt;&amp;amp;&lt;/b&gt;");
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
