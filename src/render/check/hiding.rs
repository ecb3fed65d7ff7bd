//! What an operator's mail templates may not do, told by their text: hide something from readers, or load something
//! from elsewhere. Mailbox providers take both for spam, and rightly.

use crate::render::error::TemplateError;
use crate::render::source::Source;

/// What hides, written without spaces; the bool says that a digit or a point behind it makes it harmless.
const HIDING: [(&str, bool); 8] = [
    ("display:none", false),
    ("visibility:hidden", false),
    ("mso-hide:all", false),
    ("max-height:0", true),
    ("font-size:0", true),
    ("line-height:0", true),
    ("opacity:0", true),
    ("text-indent:-9", false),
];
/// What runs, or fetches more than a picture.
const LOADING: [&str; 11] = [
    "<script",
    "<iframe",
    "<object",
    "<embed",
    "<form",
    "<link",
    "<base",
    "<svg",
    "@import",
    "javascript:",
    "url(http",
];

/// Returns every place of a mail template that hides or loads.
pub(in crate::render) fn look(source: &Source) -> Vec<TemplateError> {
    let mut found = Vec::new();
    for (index, line) in source.written().lines().enumerate() {
        // What is written with spaces in it is the same. Of each byte that is left, its column is kept.
        let (mut bare, mut columns) = (String::new(), Vec::new());
        for (column, c) in line.chars().enumerate().filter(|(_, c)| !c.is_whitespace()) {
            bare.push(c.to_ascii_lowercase());
            columns.extend(std::iter::repeat_n(column + 1, c.len_utf8()));
        }
        let mut refuse =
            |at: usize, problem: String| found.push(source.at(index + 1, columns.get(at).copied(), problem));
        for (words, fraction) in HIDING {
            for (at, _) in bare.match_indices(words) {
                let next = bare[at + words.len()..].chars().next();
                if !(fraction && next.is_some_and(|c| c == '.' || c.is_ascii_digit())) {
                    refuse(at, format!("`{words}` hides text, which mailbox providers punish; leave the text out"));
                }
            }
        }
        for words in LOADING {
            for (at, _) in bare.match_indices(words) {
                refuse(at, format!("`{words}` has no place in a mail: mail programs drop it, or the whole mail"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        look(&Source::written_as("x.hbs", text))
            .iter()
            .map(|error| error.to_string().chars().take(24).collect())
            .collect()
    }

    #[test]
    fn what_hides_is_found_on_its_line_and_what_only_looks_like_it_is_not() {
        assert_eq!(lines("a\n<p style=\"DISPLAY : none\">"), ["x.hbs:2:11: `display:non"]);
        assert_eq!(lines("<p style=\"max-height:0;font-size:0px\">").len(), 1 + 1);
        assert_eq!(lines("<p style=\"font-size:0.9em;opacity:0.5;max-height:05em\">"), Vec::<String>::new());
        assert_eq!(lines("display:block\nfont-size:10px"), Vec::<String>::new());
        assert_eq!(lines("<script>\n\n<link rel=x>").len(), 2);
    }
}
