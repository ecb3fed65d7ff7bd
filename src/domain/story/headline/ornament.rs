//! What stands before and behind a title and is no part of it: marks, sections, and the names of who tells it.

use super::spelling::{normalised, spelled};
use crate::domain::story::words::{CALLS, MEDIA, ORNAMENTS, PERKS};

/// A site's name is not longer.
const MAX_NAME_CHARS: usize = 40;

/// Whose names may stand beside a title.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Names<'a> {
    /// The feed it comes from.
    pub(super) source: Option<&'a str>,
    /// Whose opening it is.
    pub(super) company: Option<&'a str>,
}

/// Returns a normalised title without marks and names, as long as something is left.
pub(super) fn without_ornaments(text: &str, names: Names<'_>) -> String {
    let own =
        |name: Option<&str>| name.map(|name| letters(&spelled(&normalised(name)))).filter(|name| !name.is_empty());
    let (source, company) = (own(names.source), own(names.company));
    let (source, company) = (source.as_deref(), company.as_deref());
    let mut text = text.trim_end_matches(['…', '.', ' ']).to_owned();
    loop {
        let shorter = without_leading(&text)
            .or_else(|| without_bracket_behind(&text, source))
            .or_else(|| without_name_behind(&text, source))
            .or_else(|| without_company(&text, company))
            .or_else(|| names.company.and_then(|_| without_call(&text)));
        match shorter {
            Some(shorter) if shorter.chars().count() >= 2 && shorter.len() < text.len() => text = shorter,
            _ => return text,
        }
    }
}

const BRACKETS: [(char, char); 9] = [
    ('【', '】'),
    ('[', ']'),
    ('(', ')'),
    ('〔', '〕'),
    ('<', '>'),
    ('〈', '〉'),
    ('《', '》'),
    ('〖', '〗'),
    ('{', '}'),
];

fn without_leading(text: &str) -> Option<String> {
    let first = text.chars().next()?;
    if let Some((_, close)) = BRACKETS.iter().find(|(open, _)| *open == first) {
        let (inside, rest) = text[first.len_utf8()..].split_once(*close)?;
        return is_ornament(inside).then(|| rest.trim_start().to_owned());
    }
    let (mark, rest) = text.split_once([':', '-'])?;
    (is_ornament(mark) && !rest.is_empty()).then(|| rest.trim_start().to_owned())
}

fn without_bracket_behind(text: &str, source: Option<&str>) -> Option<String> {
    let last = text.chars().next_back()?;
    let (open, _) = BRACKETS.iter().find(|(_, close)| *close == last)?;
    let (rest, inside) = text[..text.len() - last.len_utf8()].rsplit_once(*open)?;
    (is_ornament(inside) || is_name(inside, source)).then(|| rest.trim_end().to_owned())
}

fn without_name_behind(text: &str, source: Option<&str>) -> Option<String> {
    for separator in ["|", " - ", " – ", " — ", " :: ", ":", " « ", " » ", " / ", " · ", "―"] {
        // A name is shorter than what it stands behind: "Events: jazz festival in Osaka" of the Osaka Times is no event
        // called "Events". A colon parts sentences, too, so behind it only the source's own name is one.
        if let Some((rest, name)) = text.rsplit_once(separator)
            && rest.chars().count() >= name.chars().count()
            && (is_ornament(name)
                || if separator == ":" { is_own_name(name, source) } else { is_name(name.trim(), source) })
        {
            return Some(rest.trim_end().to_owned());
        }
    }
    // "Title | Culture | Paper": between two bars stands a section.
    let (rest, section) = text.rsplit_once(" | ").or_else(|| text.rsplit_once(" - "))?;
    let words = section.split(' ').count();
    ([
        "news", "culture", "sports", "politics", "business", "world", "local", "opinion", "tech", "社会", "経済",
        "政治", "文化",
    ]
    .contains(&section)
        && words == 1)
        .then(|| rest.trim_end().to_owned())
}

/// Returns an opening's title without the company it is of: “Data scientist at Valley Cloud”, 港町ソフト｜デザイナー.
fn without_company(text: &str, company: Option<&str>) -> Option<String> {
    let behind = ["|", " - ", " – ", " — ", " at ", " @ ", "/", ":"].into_iter().find_map(|separator| {
        let (rest, name) = text.rsplit_once(separator)?;
        is_own_name(name, company).then(|| rest.trim_end().to_owned())
    });
    behind.or_else(|| {
        ["|", " - ", " – ", " — ", ":"].into_iter().find_map(|separator| {
            let (name, rest) = text.split_once(separator)?;
            is_own_name(name, company).then(|| rest.trim_start().to_owned())
        })
    })
}

/// Returns an opening's title without the words that say it is one.
fn without_call(text: &str) -> Option<String> {
    CALLS.iter().find_map(|call| text.strip_suffix(call)).map(|rest| rest.trim_end().to_owned())
}

/// Returns an opening's title with what stands in brackets before it behind it: 【リモート可】 is found at either place.
pub(super) fn brackets_behind(text: &str) -> String {
    let bracket = text.chars().next().and_then(|first| BRACKETS.iter().find(|(open, _)| *open == first));
    match bracket.and_then(|(open, close)| text[open.len_utf8()..].split_once(*close)) {
        Some((inside, rest)) if !rest.trim().is_empty() => format!("{} {}", rest.trim(), inside),
        _ => text.to_owned(),
    }
}

fn is_ornament(text: &str) -> bool {
    let text = text.trim().trim_end_matches('!');
    // "update 2" is the second; "cve-2026-12345" is what somebody else calls it.
    let unnumbered = text.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end();
    ORNAMENTS.contains(&unnumbered) || text.starts_with("cve-") || PERKS.iter().any(|perk| text.contains(perk))
}

fn is_name(text: &str, source: Option<&str>) -> bool {
    let text = text.trim();
    let long = text.chars().count();
    if !(2..=MAX_NAME_CHARS).contains(&long) || text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace()) {
        return false;
    }
    let of_source = source.is_some_and(|source| {
        let text = letters(&spelled(text));
        let (ours, theirs) = (text.chars().count(), source.chars().count());
        // A part of the name, or the name and a little more, and not every sentence with the name in it.
        long >= 3 && (source.contains(&text) && 2 * ours >= theirs || text.starts_with(source) && 2 * theirs >= ours)
    });
    is_own_name(text, source)
        || of_source
        || long <= MAX_NAME_CHARS / 2 + 5
            && text.split(' ').count() <= 4
            && MEDIA.iter().any(|word| {
                if word.is_ascii() && !word.starts_with('.') {
                    text.split(' ').next_back() == Some(word)
                } else {
                    text.ends_with(word) || text.ends_with(&format!("{word}デジタル"))
                }
            })
}

/// Returns whether the text is the name, whose letters are given.
fn is_own_name(text: &str, name: Option<&str>) -> bool {
    name.is_some_and(|name| letters(&spelled(text)) == name)
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}
