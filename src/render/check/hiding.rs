//! What an operator's mail templates may not do, told by their text: hide something from readers, or load something
//! from elsewhere. Mailbox providers take both for spam, and rightly.

use crate::render::error::TemplateError;
use crate::render::sources::Source;

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

/// Returns every line of a mail template that hides or loads.
pub(in crate::render) fn look(source: &Source) -> Vec<TemplateError> {
    let mut found = Vec::new();
    for (index, line) in source.written().lines().enumerate() {
        let bare: String = line.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
        for (words, fraction) in HIDING {
            let hides = bare.match_indices(words).any(|(at, _)| {
                let next = bare[at + words.len()..].chars().next();
                !(fraction && next.is_some_and(|c| c == '.' || c.is_ascii_digit()))
            });
            if hides {
                let problem = format!("`{words}` hides text, which mailbox providers punish; leave the text out");
                found.push(source.refuse(index + 1, None, problem));
            }
        }
        for words in LOADING.iter().filter(|words| bare.contains(*words)) {
            let problem = format!("`{words}` has no place in a mail: mail programs drop it, or the whole mail");
            found.push(source.refuse(index + 1, None, problem));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        let source = Source { shown: "x.hbs".to_owned(), text: text.to_owned(), overriding: true, mjml: None };
        look(&source).iter().map(|error| error.to_string().chars().take(24).collect()).collect()
    }

    #[test]
    fn what_hides_is_found_on_its_line_and_what_only_looks_like_it_is_not() {
        assert_eq!(lines("a\n<p style=\"DISPLAY : none\">"), ["x.hbs:2: `display:none` "]);
        assert_eq!(lines("<p style=\"max-height:0;font-size:0px\">").len(), 1 + 1);
        assert_eq!(lines("<p style=\"font-size:0.9em;opacity:0.5;max-height:05em\">"), Vec::<String>::new());
        assert_eq!(lines("display:block\nfont-size:10px"), Vec::<String>::new());
        assert_eq!(lines("<script>\n\n<link rel=x>").len(), 2);
    }
}
