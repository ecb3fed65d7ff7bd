//! `/preferences/{token}`: what a reader takes, and the button that saves it. The token is that of the unsubscribe link.

use std::collections::BTreeSet;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};

use super::page;
use super::unsubscribe::preview;
use crate::domain::choice::Choice;
use crate::domain::edition::Edition;
use crate::domain::language::Language;
use crate::domain::subscriber::Subscriber;
use crate::domain::token::PREVIEW_TOKEN;
use crate::render::{Preferences, PreferredEdition, Tick};
use crate::store::Taken;
use crate::web::WebState;
use crate::web::client::Visitor;
use crate::web::failure::Answer;
use crate::web::language::Asked;
use crate::web::token::TokenText;

/// What was ticked.
#[derive(Debug, Default)]
struct Ticked {
    editions: BTreeSet<String>,
    /// `edition/section`.
    sections: BTreeSet<String>,
    /// `edition/language`.
    languages: BTreeSet<String>,
    mail_language: Option<Language>,
}

/// Shows the form. Mail scanners follow every link, so this page changes nothing.
pub(super) async fn ask(State(state): State<WebState>, asked: Asked, TokenText(token): TokenText) -> Answer {
    if token == PREVIEW_TOKEN {
        return preview(&state, asked, "preferences");
    }
    let (subscriber, taken) = state.subscribers.preferences(&token).await?;
    show(&state, asked, &token, &subscriber, &taken, Outcome::Asked)
}

/// Saves what was ticked. Whoever ticks no edition at all is led to the page where one leaves.
pub(super) async fn save(
    State(state): State<WebState>,
    asked: Asked,
    visitor: Visitor,
    TokenText(token): TokenText,
    body: Bytes,
) -> Answer {
    let (subscriber, before) = state.subscribers.preferences(&token).await?;
    let ticked = Ticked::of(&body);
    let taken = ticked.taken(&state.site.editions, subscriber.language);
    if taken.editions.is_empty() {
        let leave = state.path(&format!("/unsubscribe/{token}")) + &asked.query_suffix();
        return Ok(Redirect::to(&leave).into_response());
    }
    if let Some((edition, _)) = taken.editions.iter().find(|(_, choice)| takes_nothing(choice)) {
        let title = state.edition(edition).map(|edition| edition.title.clone()).unwrap_or_default();
        return show(&state, asked, &token, &subscriber, &before, Outcome::NothingOf(title));
    }
    let subscriber = state.subscribers.choose(&token, &taken, &visitor.visit()).await?;
    show(&state, asked, &token, &subscriber, &taken.editions, Outcome::Saved)
}

/// What came of a press of the button.
enum Outcome {
    Asked,
    Saved,
    NothingOf(String),
}

fn takes_nothing(choice: &Choice) -> bool {
    [&choice.sections, &choice.languages].into_iter().flatten().any(BTreeSet::is_empty)
}

fn show(
    state: &WebState,
    asked: Asked,
    token: &str,
    subscriber: &Subscriber,
    taken: &[(String, Choice)],
    outcome: Outcome,
) -> Answer {
    let language = asked.language_or(subscriber.language);
    let path = format!("/preferences/{token}");
    let (saved, nothing_of) = match outcome {
        Outcome::Asked => (false, None),
        Outcome::Saved => (true, None),
        Outcome::NothingOf(edition) => (false, Some(edition)),
    };
    let editions = &state.site.editions;
    let context = Preferences {
        page: state.frame(language, &path),
        action: state.path(&path) + &asked.query_suffix(),
        address: masked(&subscriber.address),
        editions: editions.iter().map(|edition| preferred(state, language, edition, taken)).collect(),
        several: editions.len() > 1,
        mail_languages: Tick::languages(language, |one| one.to_string(), |one| one == subscriber.language),
        saved,
        nothing_of,
        unsubscribe_url: state.path(&format!("/unsubscribe/{token}")) + &asked.query_suffix(),
    };
    page(state, language, &context)
}

fn preferred(state: &WebState, language: Language, edition: &Edition, taken: &[(String, Choice)]) -> PreferredEdition {
    let choice = taken.iter().find(|(name, _)| *name == edition.name).map(|(_, choice)| choice);
    // An edition that is not taken offers all of it.
    let everything = Choice::everything();
    let part = choice.unwrap_or(&everything);
    let section = |name: &String| Tick {
        value: format!("{}/{name}", edition.name),
        label: state.templates.section_title(language, name),
        checked: part.takes(name, None),
        language: None,
    };
    let sections = if edition.sections.len() > 1 { edition.sections.iter().map(section).collect() } else { Vec::new() };
    let reads = |one: Language| part.languages.as_ref().is_none_or(|languages| languages.contains(one.tag()));
    PreferredEdition {
        name: edition.name.clone(),
        title: edition.title.clone(),
        taken: choice.is_some(),
        sections,
        languages: Tick::languages(language, |one| format!("{}/{one}", edition.name), reads),
    }
}

impl Ticked {
    /// Reads a form. What it does not know is left out; a form that makes no sense has ticked nothing.
    fn of(body: &[u8]) -> Self {
        let mut ticked = Self::default();
        for (name, value) in url::form_urlencoded::parse(body) {
            let value = value.into_owned();
            match &*name {
                "edition" => _ = ticked.editions.insert(value),
                "section" => _ = ticked.sections.insert(value),
                "language" => _ = ticked.languages.insert(value),
                "mail_language" => ticked.mail_language = value.parse().ok(),
                _ => {}
            }
        }
        ticked
    }

    /// Returns what that comes to, of the editions there are.
    fn taken(&self, editions: &[Edition], mail_language: Language) -> Taken {
        let languages = Language::ALL.map(Language::tag);
        let of = |ticked: &BTreeSet<String>, edition: &Edition| -> Vec<String> {
            let prefix = format!("{}/", edition.name);
            ticked.iter().filter_map(|value| value.strip_prefix(&prefix)).map(str::to_owned).collect()
        };
        let choice = |edition: &Edition| {
            // Where there is one section only, the form does not ask for it.
            let sections =
                if edition.sections.len() > 1 { of(&self.sections, edition) } else { edition.sections.clone() };
            Choice::among(sections, &edition.sections, of(&self.languages, edition), &languages)
        };
        Taken {
            language: self.mail_language.unwrap_or(mail_language),
            offered: editions.iter().map(|edition| edition.name.clone()).collect(),
            editions: editions
                .iter()
                .filter(|edition| self.editions.contains(&edition.name))
                .map(|edition| (edition.name.clone(), choice(edition)))
                .collect(),
        }
    }
}

/// Covers an address: enough is left for its owner to recognise it, too little to write to.
fn masked(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    let end = domain.rsplit_once('.').map(|(_, end)| format!(".{end}")).unwrap_or_default();
    format!("{}•••@{}•••{end}", first(local), first(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_covered() {
        assert_eq!(masked("hana@example.jp"), "h•••@e•••.jp");
        assert_eq!(masked("花@xn--wgv71a119e"), "花•••@x•••");
        assert_eq!(masked(""), "•••@•••");
    }
}
