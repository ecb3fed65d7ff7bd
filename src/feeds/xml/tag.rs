//! Reading what begins with `<`, forgivingly and in one pass.

/// No element of a feed has nearly as many; the parser compares each with all before it.
const MAX_ATTRIBUTES: usize = 64;

/// A start tag as it was written.
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    pub(super) attributes: Vec<(&'a str, &'a str)>,
    pub(super) is_empty: bool,
}

impl<'a> Tag<'a> {
    /// Reads a tag whose `<` has been taken off. Returns it and what follows, or `None` if the document ends before it.
    pub(super) fn read(text: &'a str) -> Option<(Self, &'a str)> {
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

    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(found, _)| *found == name).map(|(_, value)| *value)
    }

    /// Returns where an `atom:link` in RSS leads, if it leads to the page.
    pub(super) fn alternate_link(&self) -> Option<&'a str> {
        let is_alternate = self.attribute("rel").is_none_or(|rel| rel == "alternate");
        self.attribute("href").filter(|_| is_alternate && self.local_name() == "link")
    }

    pub(super) fn local_name(&self) -> &'a str {
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

/// Returns what follows a `<!DOCTYPE …>`, whose internal subset may hold quotes, comments and brackets.
pub(super) fn after_doctype(rest: &str) -> Option<&str> {
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
