//! CSS as far as it hides or loads: its declarations, without comments, white space and escapes.

/// One declaration, or a rule such as `@import`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Declaration {
    /// Where it begins.
    pub(super) at: usize,
    pub(super) property: String,
    pub(super) value: String,
}

impl Declaration {
    /// Returns it as it might have been written.
    pub(super) fn shown(&self) -> String {
        if self.value.is_empty() { self.property.clone() } else { format!("{}:{}", self.property, self.value) }
    }

    fn is_zero(&self) -> bool {
        is_zero(&self.value)
    }

    /// Returns whether it fetches something; a picture that comes with the mail, or stands in it, is there already.
    pub(super) fn loads(&self) -> bool {
        let fetched = self.value.match_indices("url(").any(|(at, words)| {
            let of = self.value[at + words.len()..].trim_start_matches(['"', '\'']);
            !["cid:", "data:", "#", ")"].iter().any(|here| of.starts_with(here))
        });
        fetched || self.property.starts_with("@import") || self.value.contains("image-set(")
    }

    /// Returns whether it runs something, in mail programs that know no better.
    pub(super) fn runs(&self) -> bool {
        self.value.contains("expression(")
            || self.value.contains("javascript:")
            || matches!(self.property.as_str(), "behavior" | "-moz-binding")
    }
}

/// How something is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hiding {
    /// Whatever is in it is hidden, too.
    All,
    /// Something in it can say otherwise.
    Inherited,
}

/// Returns the blocks of declarations of a style sheet; an attribute's is one block. Places are those in `css`.
pub(super) fn blocks(css: &str) -> Vec<Vec<Declaration>> {
    let mut blocks = vec![Vec::new()];
    let mut bare = Bare::default();
    let mut rest = css.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        if bare.quote.is_none() && css[at..].starts_with("/*") {
            let end = css[at + 2..].find("*/").map_or(css.len(), |length| at + 2 + length + 2);
            while rest.peek().is_some_and(|(next, _)| *next < end) {
                rest.next();
            }
            continue;
        }
        let quoted = bare.quote.is_some() || bare.brackets > 0;
        match c {
            '\\' => {
                // Up to six digits and a space stand for a letter, another sign for itself.
                let mut digits = String::new();
                while let Some((_, digit)) = rest.next_if(|(_, c)| c.is_ascii_hexdigit() && digits.len() < 6) {
                    digits.push(digit);
                }
                let _ = rest.next_if(|(_, c)| !digits.is_empty() && c.is_whitespace());
                let letter = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                bare.push(at, letter.or_else(|| rest.next().map(|(_, c)| c)).unwrap_or('\u{fffd}'));
            }
            ';' if !quoted => blocks.last_mut().expect("there is one").extend(bare.take()),
            '{' if !quoted => {
                // What stands before it says what it is about.
                bare = Bare::default();
                blocks.push(Vec::new());
            }
            '}' if !quoted => {
                blocks.last_mut().expect("there is one").extend(bare.take());
                blocks.push(Vec::new());
            }
            c => bare.read(at, c),
        }
    }
    blocks.last_mut().expect("there is one").extend(bare.take());
    blocks
}

/// Returns which declaration of a block hides what it is about, and how.
pub(super) fn hides(block: &[Declaration]) -> Option<(&Declaration, Hiding)> {
    let clips = block.iter().any(|of| of.property.starts_with("overflow") && !of.value.starts_with("visible"));
    block.iter().find_map(|of| {
        let value = of.value.as_str();
        let far = |value: &str| {
            value
                .strip_prefix('-')
                .is_some_and(|n| n.len() - n.trim_start_matches(|c: char| c.is_ascii_digit()).len() >= 3)
        };
        let hiding = match of.property.as_str() {
            "display" if value.starts_with("none") => Hiding::All,
            "visibility" if value.starts_with("hidden") || value.starts_with("collapse") => Hiding::Inherited,
            "content-visibility" if value.starts_with("hidden") => Hiding::All,
            "mso-hide" if value.starts_with("all") => Hiding::All,
            "opacity" | "max-height" | "max-width" if of.is_zero() => Hiding::All,
            "height" | "width" if clips && of.is_zero() => Hiding::All,
            "font-size" | "line-height" if of.is_zero() => Hiding::Inherited,
            "font" if is_zero(value) => Hiding::Inherited,
            "color" if value.starts_with("transparent") => Hiding::Inherited,
            "text-indent" if value.starts_with("-9") || far(value) => Hiding::Inherited,
            "left" | "top" | "right" | "bottom" | "margin" | "margin-left" | "margin-top" if far(value) => Hiding::All,
            // Out of the flow it lies on top of something else, or beside everything.
            "position" if value.starts_with("fixed") || value.starts_with("absolute") => Hiding::All,
            "clip" | "clip-path" if !value.starts_with("auto") && !value.starts_with("none") => Hiding::All,
            "transform" if value.contains("scale(0") || value.contains("translate") => Hiding::All,
            _ => return None,
        };
        Some((of, hiding))
    })
}

fn is_zero(value: &str) -> bool {
    let end = value.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(value.len());
    value[..end].parse::<f64>() == Ok(0.0)
}

/// A declaration while it is read.
#[derive(Default)]
struct Bare {
    at: Option<usize>,
    text: String,
    quote: Option<char>,
    brackets: usize,
}

impl Bare {
    fn push(&mut self, at: usize, c: char) {
        self.at.get_or_insert(at);
        self.text.extend(c.to_lowercase());
    }

    fn read(&mut self, at: usize, c: char) {
        match (self.quote, c) {
            (Some(open), c) if open == c => self.quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => self.quote = Some(c),
            (None, '(') => self.brackets += 1,
            (None, ')') => self.brackets = self.brackets.saturating_sub(1),
            // What a block tag of Handlebars leaves is no more than a space.
            (None, c) if c.is_whitespace() || c.is_control() && c != super::scan::PRINTED => return,
            (None, _) => {}
        }
        self.push(at, c);
    }

    fn take(&mut self) -> Option<Declaration> {
        let Self { at, text, .. } = std::mem::take(self);
        let (property, value) = match text.split_once(':') {
            Some((property, value)) if !property.starts_with('@') => (property.to_owned(), value.to_owned()),
            _ => (text, String::new()),
        };
        Some(Declaration { at: at?, property, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(css: &str) -> Option<(usize, String)> {
        blocks(css).iter().find_map(|block| hides(block).map(|(of, _)| (of.at, of.shown())))
    }

    #[test]
    fn what_hides_is_found_however_it_is_written() {
        for (css, at, words) in [
            ("display:none", 0, "display:none"),
            ("color:red; DISPLAY :\nnone !important", 11, "display:none!important"),
            ("display:/**/none", 0, "display:none"),
            ("d/*;*/isplay:none", 0, "display:none"),
            ("d\\69 splay:no\\6e e", 0, "display:none"),
            ("height:0;overflow:hidden", 0, "height:0"),
            ("overflow-y:hidden;width:0.0px", 18, "width:0.0px"),
            ("a{color:red}\n.x{position:fixed;inset:0}", 16, "position:fixed"),
            ("@media (max-width:480px){.x{opacity:.0}}", 28, "opacity:.0"),
            ("font:0/0 a", 0, "font:0/0a"),
            ("max-height:0", 0, "max-height:0"),
            ("margin-left:-9999px", 0, "margin-left:-9999px"),
        ] {
            assert_eq!(hidden(css), Some((at, words.to_owned())), "{css}");
        }
        for css in [
            "height:0;border-top:1px solid",
            "width:100%;overflow:hidden",
            "font-size:0.9em;opacity:0.5;max-height:05em",
            "content:\"display:none\";font:600 18px/1.5 serif",
            "text-indent:-16px;margin:0 -4px;position:relative",
            "line-height:1;display:block",
        ] {
            assert_eq!(hidden(css), None, "{css}");
        }
    }

    #[test]
    fn what_loads_is_told_from_what_comes_with_the_mail() {
        let loads = |css: &str| blocks(css).iter().flatten().any(Declaration::loads);
        for css in
            ["background:url(//evil.example/x)", "a{b:URL( 'x.png' )}", "@import 'x.css';", "background:u\\72l(x)"]
        {
            assert!(loads(css), "{css}");
        }
        for css in ["background:url(cid:a@b)", "background:url(\"data:image/png;base64,xx\")", "color:red"] {
            assert!(!loads(css), "{css}");
        }
    }
}
