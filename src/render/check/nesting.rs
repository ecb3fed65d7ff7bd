//! How deep the blocks of a template are nested, counted on its text.
//!
//! Handlebars' parser and renderer recurse once a level and have no limit: two thousand nested `{{#if}}` end the
//! process on a worker's stack of 2 MiB. So this looks before the parser does. It reads tags more simply than the parser
//! (a quote inside `[…]` confuses it), which is why what was parsed is measured once more, and parsing has a big stack.

use super::tags::{self, Kind};
use crate::render::error::TemplateError;
use crate::render::source::Source;

/// More levels than any template of ours has, by far, and few enough for any stack. Partials count with what they
/// include.
pub(in crate::render) const MAX_DEPTH: usize = 100;

/// Refuses a template nested deeper than [`MAX_DEPTH`].
pub(in crate::render) fn check(source: &Source) -> Result<(), TemplateError> {
    match too_deep(source.written()) {
        None => Ok(()),
        Some(offset) => {
            let problem = format!("nested more than {MAX_DEPTH} levels deep: take blocks out, or into one another");
            Err(source.at_offset(offset, problem))
        }
    }
}

/// Returns where the nesting first exceeds the limit.
fn too_deep(text: &str) -> Option<usize> {
    // One entry a block that is open: how many levels it and its `else if`s make.
    let mut blocks: Vec<usize> = Vec::new();
    let mut depth = 0;
    for tag in tags::scan(text) {
        match tag.kind {
            Kind::Block | Kind::PartialBlock | Kind::DecoratorBlock | Kind::Raw => {
                blocks.push(1);
                depth += 1;
            }
            Kind::Close => depth -= blocks.pop().unwrap_or(0),
            Kind::Else | Kind::ElseIf => {
                // An `else if` is a block inside the one before it.
                if let Some(levels) = blocks.last_mut() {
                    *levels += 1;
                    depth += 1;
                }
            }
            Kind::Value => {}
        }
        if depth + tag.brackets > MAX_DEPTH {
            return Some(tag.start);
        }
        if tag.kind == Kind::Raw {
            depth -= blocks.pop().unwrap_or(0);
        }
    }
    None
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
