//! The locales agree with each other and with the templates.

use std::collections::BTreeSet;

use super::super::*;
use super::load_with;
use crate::render::locale::keys;
use crate::render::sources::Sources;

fn locale(language: Language) -> String {
    Sources::read(None).unwrap().files[&format!("locales/{language}.ftl")].text.clone()
}

fn templates() -> Vec<(String, String)> {
    Sources::read(None)
        .unwrap()
        .files
        .into_iter()
        .filter(|(name, _)| name.ends_with(".hbs"))
        .map(|(name, source)| (name, source.text))
        .collect()
}

#[test]
fn every_language_has_the_same_messages() {
    let messages = |language| {
        let text = locale(language);
        keys(&text).map(|(key, _)| key.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(messages(Language::En), messages(Language::Ja));
    assert!(messages(Language::En).len() > 50);
}

#[test]
fn every_message_is_used() {
    let templates = templates();
    let english = locale(Language::En);
    // The last is for programs that ask what a page is.
    let by_code = |key: &str| key.starts_with("section-") || key == "issues-description";
    for (key, _) in keys(&english).filter(|(key, _)| !by_code(key)) {
        let wanted = format!("t \"{key}\"");
        assert!(templates.iter().any(|(_, text)| text.contains(&wanted)), "`{key}` is used nowhere");
    }
}

#[test]
fn every_case_has_its_own_words() {
    let templates = Templates::load(None).unwrap();
    for language in Language::ALL {
        let pages: BTreeSet<_> =
            Message::samples(language).iter().map(|sample| templates.page(language, sample).unwrap()).collect();
        assert_eq!(pages.len(), Problem::ALL.len());
        let errors: BTreeSet<_> = SignUp::samples(language)
            .into_iter()
            .filter_map(|sample| Some(SignUp { error: Some(sample.error?), suggestion: None, ..sample }))
            .map(|sample| templates.page(language, &sample).unwrap())
            .collect();
        assert_eq!(errors.len(), SignUpError::ALL.len());
    }
}

#[test]
fn every_template_has_a_context() {
    let contexts = BTreeSet::from([
        Digest::NAME,
        Confirmation::NAME,
        SignUp::NAME,
        CheckInbox::NAME,
        Confirm::NAME,
        Confirmed::NAME,
        Unsubscribe::NAME,
        Unsubscribed::NAME,
        Resubscribed::NAME,
        Preferences::NAME,
        BadLink::NAME,
        LinkOver::NAME,
        Message::NAME,
        IssueList::NAME,
        IssuePage::NAME,
        IssueEntry::NAME,
        Embed::NAME,
        DeskAsk::NAME,
        DeskDone::NAME,
        DeskDraft::NAME,
        DeskOver::NAME,
        PreviewLink::NAME,
        DraftPreview::NAME,
        Report::NAME,
        Skipped::NAME,
        PausedFeeds::NAME,
        EmbedForm::NAME,
        ApiPage::NAME,
        DemoInbox::NAME,
        DemoMail::NAME,
        DemoArticle::NAME,
    ]);
    let files = templates();
    let found: BTreeSet<_> = files
        .iter()
        .filter_map(|(name, _)| {
            let name = name.strip_prefix("mail/").or_else(|| name.strip_prefix("web/"))?;
            name.split(['/', '.']).next()
        })
        .collect();
    assert_eq!(found, contexts);
}

/// Misspells every variable of every template, one at a time. If a branch were taken by no sample, a mistake in it
/// would wait for the reader it concerns.
#[test]
fn no_misspelt_variable_goes_unnoticed() {
    let mut tried = 0;
    for (name, text) in templates() {
        for (at, end) in variables(&text) {
            let misspelt = format!("{}_x{}", &text[..end], &text[end..]);
            let line = text[..at].matches('\n').count() + 1;
            let variable = &text[at..end];
            match load_with(&[(&name, &misspelt)]) {
                Err(TemplateError::Refused { place, .. }) => {
                    assert!(place.file.ends_with(&name), "{variable} in {name}:{line} is blamed on {place}");
                    // A helper over several lines is known by the line it begins on.
                    assert!(place.line <= line, "{variable} in {name}:{line} is blamed on {place}");
                }
                other => panic!("{variable} in {name}:{line} was not noticed: {other:?}"),
            }
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
}

/// Returns where the variables of a template stand: `{{a.b}}`, `{{#if a}}`, `{{#each a}}`, `{{t "k" x=a.b}}`.
fn variables(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (open, _) in text.match_indices("{{") {
        let tag = &text[open..open + text[open..].find("}}").unwrap()];
        if tag.starts_with("{{!") || tag.starts_with("{{/") || tag.starts_with("{{>") || tag.starts_with("{{else") {
            continue;
        }
        let mut at = 0;
        for word in tag.split_inclusive([' ', '{', '#', '(', ')', '=', '>']) {
            let start = open + at;
            at += word.len();
            let bare = word.trim_end_matches([' ', '{', '#', '(', ')', '=', '>']);
            let is_name = bare.starts_with(|c: char| c.is_ascii_lowercase())
                && !word.ends_with('=')
                && !bare.starts_with("partials/")
                && !["t", "if", "unless", "each", "with"].contains(&bare);
            if is_name {
                found.push((start, start + bare.len()));
            }
        }
    }
    found
}
