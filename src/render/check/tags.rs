//! The tags of a template, told by its text: where each begins and ends, and what it opens or closes.
//!
//! This reads more simply than the parser, and so it can read what the parser gives up on.

/// What a tag does, as far as its first letters say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render) enum Kind {
    /// `{{#name …}}`.
    Block,
    /// `{{#> name …}}`.
    PartialBlock,
    /// `{{#*name …}}`.
    DecoratorBlock,
    /// `{{else}}`, `{{^}}`.
    Else,
    /// `{{else name …}}`, `{{^name …}}`.
    ElseIf,
    /// `{{/name}}`.
    Close,
    /// `{{{{name}}}} … {{{{/name}}}}`, all of it.
    Raw,
    /// Anything else but a comment.
    Value,
}

/// A tag: from its opening braces to its closing ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::render) struct Tag {
    pub(in crate::render) start: usize,
    pub(in crate::render) end: usize,
    pub(in crate::render) kind: Kind,
    /// The first word behind what `kind` says.
    pub(in crate::render) name: String,
    /// How deep brackets are nested in it.
    pub(in crate::render) brackets: usize,
    /// Whether its closing braces are there.
    pub(in crate::render) closed: bool,
}

/// Returns the tags of a template in their order, without the comments.
pub(in crate::render) fn scan(text: &str) -> Vec<Tag> {
    let mut from = 0;
    std::iter::from_fn(|| {
        let tag = next(text, from)?;
        from = tag.end;
        Some(tag)
    })
    .collect()
}

/// Returns the first tag from here on that is no comment.
pub(in crate::render) fn next(text: &str, mut from: usize) -> Option<Tag> {
    loop {
        let start = from + text.get(from..)?.find("{{")?;
        let before = &text[..start];
        // `\{{` is text; two backslashes are one, with a tag behind.
        if before.len() - before.trim_end_matches('\\').len() == 1 {
            from = start + 2;
        } else if text[start..].starts_with("{{!") {
            from = start + comment_length(&text[start..]);
        } else {
            return Some(read(text, start, extent(&text[start..])));
        }
    }
}

/// Returns the same tag as if nothing in it were quoted: up to the first braces that could close it.
pub(in crate::render) fn cut_short(text: &str, tag: &Tag) -> Tag {
    read(text, tag.start, shortest(&text[tag.start..]))
}

/// Returns where the `nth` branch of the block at `offset` begins, from 0.
pub(in crate::render) fn branch(text: &str, offset: usize, nth: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut branches = 0;
    let mut from = offset;
    while let Some(tag) = next(text, from) {
        from = tag.end;
        match tag.kind {
            Kind::Block | Kind::PartialBlock | Kind::DecoratorBlock => depth += 1,
            Kind::Close if depth <= 1 => return None,
            Kind::Close => depth -= 1,
            Kind::Else | Kind::ElseIf if depth == 1 => {
                if branches == nth {
                    return Some(tag.start);
                }
                branches += 1;
            }
            Kind::Else | Kind::ElseIf | Kind::Raw | Kind::Value => {}
        }
    }
    None
}

/// Returns the end of the block whose opening tag this is.
pub(in crate::render) fn end_of_block(text: &str, opening: &Tag) -> Option<Tag> {
    let mut depth = 1_usize;
    let mut from = opening.end;
    while let Some(tag) = next(text, from) {
        from = tag.end;
        match tag.kind {
            Kind::Block | Kind::PartialBlock | Kind::DecoratorBlock => depth += 1,
            Kind::Close if depth == 1 => return Some(tag),
            Kind::Close => depth -= 1,
            Kind::Else | Kind::ElseIf | Kind::Raw | Kind::Value => {}
        }
    }
    None
}

pub(in crate::render) fn comment_length(text: &str) -> usize {
    // Without its long end it is a short one.
    let long = text.starts_with("{{!--").then(|| text.find("--}}").map(|found| found + 4)).flatten();
    long.or_else(|| text.find("}}").map(|found| found + 2)).unwrap_or(text.len())
}

fn read(text: &str, start: usize, (length, brackets, closed): (usize, usize, bool)) -> Tag {
    let rest = &text[start..];
    if rest.starts_with("{{{{") {
        return raw(text, start);
    }
    let inner = rest[..length].trim_start_matches('{').trim_start_matches('~').trim_start();
    let (kind, behind) = if let Some(behind) = inner.strip_prefix("#>") {
        (Kind::PartialBlock, behind)
    } else if let Some(behind) = inner.strip_prefix("#*") {
        (Kind::DecoratorBlock, behind)
    } else if let Some(behind) = inner.strip_prefix('#') {
        (Kind::Block, behind)
    } else if let Some(behind) = inner.strip_prefix('/') {
        (Kind::Close, behind)
    } else if let Some(behind) = inner.strip_prefix('^') {
        (if word(behind).is_empty() { Kind::Else } else { Kind::ElseIf }, behind)
    } else if let Some(behind) = inner.strip_prefix("else").filter(|behind| !behind.starts_with(is_of_a_word)) {
        (if word(behind).is_empty() { Kind::Else } else { Kind::ElseIf }, behind)
    } else {
        (Kind::Value, inner)
    };
    Tag { start, end: start + length, kind, name: word(behind).to_owned(), brackets, closed }
}

fn raw(text: &str, start: usize) -> Tag {
    let rest = &text[start..];
    let end = rest.find("{{{{/").and_then(|close| Some(close + rest[close..].find("}}}}")? + 4));
    let name = word(rest.trim_start_matches('{').trim_start_matches('~')).to_owned();
    Tag { start, end: start + end.unwrap_or(rest.len()), kind: Kind::Raw, name, brackets: 0, closed: end.is_some() }
}

fn is_of_a_word(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '}' | '~' | '(' | ')' | '"' | '\'')
}

fn word(text: &str) -> &str {
    let text = text.trim_start();
    &text[..text.find(|c| !is_of_a_word(c)).unwrap_or(text.len())]
}

/// Returns how long the tag at the beginning of `text` is, how deep its brackets are nested, and whether it is closed.
/// One that is not ends before the next tag begins, or with its line.
fn extent(text: &str) -> (usize, usize, bool) {
    let opening = text.len() - text.trim_start_matches('{').len();
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut quote: Option<char> = None;
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(opening) {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            // No value begins with two braces: this is the next tag.
            (None, '{') if text[index..].starts_with("{{") => break,
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, '}') if depth == 0 => {
                let braces = text[index..].len() - text[index..].trim_start_matches('}').len();
                if braces < 2 {
                    break;
                }
                return (index + braces.min(opening.max(2)), deepest, true);
            }
            (None, '}') => depth -= 1,
            (None, _) => {}
        }
        deepest = deepest.max(depth);
    }
    shortest(text)
}

/// Returns the same where a quote or a bracket is what is not closed.
fn shortest(text: &str) -> (usize, usize, bool) {
    let opening = text.len() - text.trim_start_matches('{').len();
    let line = &text[opening..];
    let next = line.find("{{").into_iter().chain(line.find('\n')).min().unwrap_or(line.len());
    match line[..next].find("}}") {
        Some(close) => {
            let braces = line[close..].len() - line[close..].trim_start_matches('}').len();
            (opening + close + braces.min(opening.max(2)), 0, true)
        }
        None => (opening + next, 0, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(&str, Kind, String)> {
        scan(text).into_iter().map(|tag| (&text[tag.start..tag.end], tag.kind, tag.name)).collect()
    }

    #[test]
    fn tags_are_told_apart_by_their_first_letters() {
        let text =
            "{{~#if a ~}}{{else}}{{ else if b}}{{^}}{{/if}}{{elsewhere}}{{#> p x=1}}{{/p}}{{{c}}}{{!-- {{d}} --}}";
        let of = |kind, name: &str| (kind, name.to_owned());
        let told: Vec<_> = told(text).into_iter().map(|(_, kind, name)| (kind, name)).collect();
        assert_eq!(
            told,
            [
                of(Kind::Block, "if"),
                of(Kind::Else, ""),
                of(Kind::ElseIf, "if"),
                of(Kind::Else, ""),
                of(Kind::Close, "if"),
                of(Kind::Value, "elsewhere"),
                of(Kind::PartialBlock, "p"),
                of(Kind::Close, "p"),
                of(Kind::Value, "c"),
            ]
        );
    }

    #[test]
    fn branches_and_ends_are_those_of_the_block() {
        let text = "{{#if a}}{{#if b}}{{else}}{{/if}}{{else if c}}{{else}}{{/if}}{{/if}}";
        assert_eq!(branch(text, 0, 0), text.find("{{else if c"));
        assert_eq!(branch(text, 0, 1), text.rfind("{{else}}"));
        assert_eq!(branch(text, 0, 2), None);
        let first = next(text, 0).unwrap();
        assert_eq!(end_of_block(text, &first).unwrap().start, text.len() - 2 * "{{/if}}".len());
    }

    #[test]
    fn braces_in_quotes_and_values_close_nothing() {
        assert_eq!(told("{{t \"}}\" a={\"b\":1}}}x")[0].0, "{{t \"}}\" a={\"b\":1}}}");
        assert_eq!(told("{{{a}}}}")[0].0, "{{{a}}}");
        assert_eq!(told("\\{{a}} \\\\{{b}}").len(), 1);
    }

    #[test]
    fn what_is_not_closed_ends_where_the_next_begins_or_with_its_line() {
        let text = "{{a {{b}}\n{{c\n{{t \"d}} \"e\" {{f}}";
        let told: Vec<_> = scan(text).into_iter().map(|tag| (&text[tag.start..tag.end], tag.closed)).collect();
        assert_eq!(told, [("{{a ", false), ("{{b}}", true), ("{{c", false), ("{{t \"d}}", true), ("{{f}}", true)]);
    }
}
