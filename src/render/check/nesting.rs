//! How deep the blocks of a template are nested, counted on its text.
//!
//! Handlebars' parser and renderer recurse once a level and have no limit: two thousand nested `{{#if}}` end the
//! process on a worker's stack of 2 MiB. So this looks before the parser does. It reads tags more simply than the parser
//! (a quote inside `[…]` confuses it), which is why what was parsed is measured once more, and parsing has a big stack.

use crate::render::error::TemplateError;
use crate::render::sources::Source;

/// More levels than any template of ours has, by far, and few enough for any stack. Partials count with what they
/// include.
pub(in crate::render) const MAX_DEPTH: usize = 100;

/// Refuses a template nested deeper than [`MAX_DEPTH`].
pub(in crate::render) fn check(source: &Source) -> Result<(), TemplateError> {
    match too_deep(&source.text) {
        None => Ok(()),
        Some(offset) => {
            let problem = format!("nested more than {MAX_DEPTH} levels deep");
            Err(source.refuse(source.line_at(offset), None, problem))
        }
    }
}

/// Returns where the nesting first exceeds the limit.
fn too_deep(text: &str) -> Option<usize> {
    // One entry a block that is open: how many levels it and its `else if`s make.
    let mut blocks: Vec<usize> = Vec::new();
    let mut depth = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find("{{") {
        let start = at + found;
        if text[start..].starts_with("{{!") {
            at = start + comment_length(&text[start..]);
            continue;
        }
        let (length, inner) = tag(&text[start..]);
        at = start + length;
        let word = text[start..at].trim_start_matches(['{', '~']).trim_start();
        if word.starts_with('#') || text[start..].starts_with("{{{{") && !word.starts_with('/') {
            blocks.push(1);
            depth += 1;
        } else if word.starts_with('/') {
            depth -= blocks.pop().unwrap_or(0);
        } else if word.starts_with("else") || word.starts_with('^') {
            // An `else if` is a block inside the one before it.
            if let Some(levels) = blocks.last_mut() {
                *levels += 1;
                depth += 1;
            }
        }
        if depth + inner > MAX_DEPTH {
            return Some(start);
        }
    }
    None
}

fn comment_length(text: &str) -> usize {
    let end = if text.starts_with("{{!--") { "--}}" } else { "}}" };
    text.find(end).map_or(text.len(), |found| found + end.len())
}

/// Returns how long the tag at the beginning of `text` is, and how deep its brackets are nested.
fn tag(text: &str) -> (usize, usize) {
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
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, '}') if depth == 0 => return (index + closing_length(&text[index..]), deepest),
            (None, '}') => depth -= 1,
            (None, _) => {}
        }
        deepest = deepest.max(depth);
    }
    (text.len(), deepest)
}

fn closing_length(text: &str) -> usize {
    text.len() - text.trim_start_matches('}').len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> String {
        format!("{}x{}", "{{#if a}}\n".repeat(levels), "{{/if}}".repeat(levels))
    }

    #[test]
    fn a_hundred_levels_pass_and_one_more_does_not() {
        assert_eq!(too_deep(&nested(MAX_DEPTH)), None);
        assert_eq!(too_deep(&nested(MAX_DEPTH + 1)), Some(MAX_DEPTH * 10));
    }

    #[test]
    fn blocks_one_after_the_other_are_not_nested() {
        assert_eq!(too_deep(&"{{~#if a ~}} x {{~else~}} y {{~/if~}}".repeat(3000)), None);
        assert_eq!(too_deep(&"{{#> p}}{{t \"}}{{#if\"}}{{/p}}".repeat(3000)), None);
        assert_eq!(too_deep(&"{{!-- {{#if}} --}}{{! {{#if }}".repeat(3000)), None);
    }

    #[test]
    fn chains_of_else_and_brackets_count() {
        assert!(too_deep(&format!("{{{{#if a}}}}{}{{{{/if}}}}", "{{else if b}}".repeat(2000))).is_some());
        assert!(too_deep(&format!("{{{{t {}1{}}}}}", "(t ".repeat(2000), ")".repeat(2000))).is_some());
        assert!(too_deep(&format!("{{{{t {}{}}}}}", "[".repeat(2000), "]".repeat(2000))).is_some());
        assert!(too_deep(&"{{#*inline \"a\"}}".repeat(2000)).is_some());
    }
}
