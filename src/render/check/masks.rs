//! Taking a tag out of a template, so that what stands behind it is seen. Places stay what they were.

use super::syntax::padded;
use super::tags::{self, Kind, Tag};

/// Returns `text` without the tag at or shortly before `offset`; a condition becomes one that holds, a loop one without
/// a round. Returns nothing if there is none, or none that can be taken out.
pub(in crate::render) fn over(text: &str, offset: usize) -> Option<String> {
    let line_start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    // The place may be that of the braces or of the name between them.
    let open = text[..text.floor_char_boundary((offset + 3).min(text.len()))].rfind("{{")?;
    let start = text[..open].trim_end_matches('{').len();
    // What has been taken out before leaves the tag before it as the nearest.
    let tag = tags::next(text, start).filter(|tag| tag.start == start && start >= line_start && tag.end > offset)?;
    let written = &text[tag.start..tag.end];
    let (instead, end) = match (tag.kind, tag.name.as_str()) {
        (Kind::Block, "if") => ("{{#if 1}}".to_owned(), None),
        (Kind::Block, "unless") => ("{{#unless 0}}".to_owned(), None),
        (Kind::Block, "each") => ("{{#each []}}".to_owned(), None),
        // What is in it is not rendered, and is in a scope of its own all the same.
        (Kind::Block, "with") => ("{{#with 0}}".to_owned(), None),
        (Kind::Block | Kind::DecoratorBlock, _) => ("{{#with 0}}".to_owned(), Some(tags::end_of_block(text, &tag)?)),
        (Kind::PartialBlock, _) => ("{{#with this}}".to_owned(), Some(tags::end_of_block(text, &tag)?)),
        (Kind::ElseIf, _) => ("{{else if 0}}".to_owned(), None),
        (Kind::Value, _) if written.starts_with("{{{") => {
            (format!("{{{{{}}}}}", written.trim_matches(['{', '}'])), None)
        }
        (Kind::Value, name) if name.starts_with('&') => (written.replacen('&', " ", 1), None),
        (Kind::Value | Kind::Raw, _) => (String::new(), None),
        (Kind::Else | Kind::Close, _) => return None,
    };
    let instead = filled(&instead, &tag, written);
    if instead == written {
        return None;
    }
    let mut masked = format!("{}{instead}", &text[..tag.start]);
    match end {
        None => masked.push_str(&text[tag.end..]),
        Some(end) => {
            masked.push_str(&text[tag.end..end.start]);
            masked.push_str(&padded("{{/with}}", end.end - end.start));
            masked.push_str(&text[end.end..]);
        }
    }
    Some(masked)
}

fn filled(instead: &str, tag: &Tag, written: &str) -> String {
    match tag.kind {
        Kind::Value if instead.starts_with("{{") => format!("{instead}{}", " ".repeat(written.len() - instead.len())),
        Kind::Value | Kind::Raw => written.chars().map(|c| if c == '\n' { c } else { ' ' }).collect(),
        _ => padded(instead, written.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_out_leaves_everything_in_its_place() {
        let masked = |text: &str| over(text, 0);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(masked("{{title}} x"), some("          x"));
        assert_eq!(masked("{{{a}}} x"), some("{{a}}   x"));
        assert_eq!(masked("{{& a}} x"), some("{{  a}} x"));
        assert_eq!(masked("{{#if titel}}a{{/if}}"), some("{{#if 1    }}a{{/if}}"));
        assert_eq!(masked("{{#if 1}}a{{/if}}"), None);
        assert_eq!(
            masked("{{#each list}}{{#if a}}b{{/if}}{{/each}}x"),
            some("{{#each []  }}{{#if a}}b{{/if}}{{/each}}x")
        );
        assert_eq!(
            masked("{{#shout it}}{{#if a}}b{{/if}}{{/shout}}x"),
            some("{{#with 0  }}{{#if a}}b{{/if}}{{/with }}x")
        );
        assert_eq!(masked("{{/if}}"), None);
        assert_eq!(masked("no tag"), None);
        assert_eq!(over("{{a}}     {{b}}", 5), None);
        assert_eq!(over("{{#if a}}{{else if bb}}{{/if}}", 9), some("{{#if a}}{{else if 0 }}{{/if}}"));
    }
}
