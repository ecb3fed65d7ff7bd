//! Which element of MJML is never closed. The parser knows only where it gave up, often at the end of the file.

use htmlparser::{ElementEnd, Token, Tokenizer};

use super::VOID;

/// Returns the first element that is not closed: where it begins, and its name.
pub(super) fn unclosed(text: &str) -> Option<(usize, &str)> {
    let mut open: Vec<(usize, &str)> = Vec::new();
    let mut begun = (0, "");
    for token in Tokenizer::from(text) {
        // What cannot be read is the mistake, and not what is still open there.
        match token.ok()? {
            Token::ElementStart { local, span, .. } => begun = (span.start(), local.as_str()),
            Token::ElementEnd { end: ElementEnd::Open, .. } if !VOID.contains(&begun.1) => open.push(begun),
            Token::ElementEnd { end: ElementEnd::Close(_, name), .. } => match open.pop() {
                Some((_, last)) if last == name.as_str() => {}
                // Somebody else's end: this one has none. If it is nobody's, that end is what is wrong.
                last => return last.filter(|_| open.iter().any(|(_, other)| *other == name.as_str())),
            },
            _ => {}
        }
    }
    open.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_closed_is_told_where_it_begins() {
        assert_eq!(unclosed("<mjml><mj-body><p>a<br></p></mj-body></mjml>"), None);
        assert_eq!(unclosed("<mjml><mj-body><p><b>a</p></mj-body></mjml>"), Some((18, "b")));
        assert_eq!(unclosed("<mjml><mj-body><p/>"), Some((6, "mj-body")));
        assert_eq!(unclosed("<mjml><p></b></p></mjml>"), None, "nothing is open that this could end");
        assert_eq!(unclosed("<mjml><p a=b>"), None, "something else is wrong");
    }
}
