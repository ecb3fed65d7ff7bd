//! `/preferences/{token}`: what a reader takes, and the button that saves it. The token is that of the unsubscribe link.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};

use super::page;
use super::ticked::Ticked;
use super::unsubscribe::preview;
use crate::domain::choice::Choice;
use crate::domain::edition::Edition;
use crate::domain::language::Language;
use crate::domain::subscriber::Subscriber;
use crate::domain::token::PREVIEW_TOKEN;
use crate::render::{Preferences, PreferredEdition, Tick, UnknownTick};
use crate::store::Taken;
use crate::web::WebState;
use crate::web::client::Visitor;
use crate::web::failure::{Answer, worded};
use crate::web::language::Asked;
use crate::web::token::TokenText;
use crate::web::wording::speaks_json;

/// Shows the form. Mail scanners follow every link, so this page changes nothing.
pub(super) async fn ask(State(state): State<WebState>, asked: Asked, TokenText(token): TokenText) -> Answer {
    if token == PREVIEW_TOKEN {
        return preview(&state, asked, "preferences");
    }
    let (subscriber, taken) = state.subscribers.preferences(&token).await?;
    let stored = Taken { language: subscriber.language, offered: Vec::new(), editions: taken };
    show(&state, asked, &token, &subscriber, &stored, Outcome::Asked)
}

/// Saves what was ticked. Whoever ticks no edition at all is led to the page where one leaves; whoever names what there is
/// not gets the form back as they sent it.
pub(super) async fn save(
    State(state): State<WebState>,
    asked: Asked,
    visitor: Visitor,
    headers: HeaderMap,
    TokenText(token): TokenText,
    ticked: Ticked,
) -> Answer {
    let json = speaks_json(&headers);
    let (subscriber, before) = state.subscribers.preferences(&token).await?;
    let editions = &state.site.editions;
    let taken = ticked.taken(editions, subscriber.language);
    if let Some(unknown) = ticked.unknown(editions) {
        if json {
            return Ok(refused(&unknown.json(editions)));
        }
        let form = show(&state, asked, &token, &subscriber, &taken, Outcome::Unknown(unknown.into()))?;
        return Ok(worded(StatusCode::UNPROCESSABLE_ENTITY, form));
    }
    if taken.editions.is_empty() {
        let leave = state.path(&format!("/unsubscribe/{token}")) + &asked.query_suffix();
        return Ok(if json { refused(&no_edition(&leave)) } else { Redirect::to(&leave).into_response() });
    }
    if let Some((edition, choice)) = taken.editions.iter().find(|(_, choice)| takes_nothing(choice)) {
        if json {
            return Ok(refused(&nothing_of(edition, choice)));
        }
        let title = state.edition(edition).map(|edition| edition.title.clone()).unwrap_or_default();
        let stored = Taken { language: subscriber.language, offered: Vec::new(), editions: before };
        return show(&state, asked, &token, &subscriber, &stored, Outcome::NothingOf(title));
    }
    let subscriber = state.subscribers.choose(&token, &taken, &visitor.visit()).await?;
    if json {
        return Ok(Json(json!({ "status": "saved" })).into_response());
    }
    show(&state, asked, &token, &subscriber, &taken, Outcome::Saved)
}

/// What came of a press of the button.
enum Outcome {
    Asked,
    Saved,
    NothingOf(String),
    Unknown(UnknownTick),
}

fn takes_nothing(choice: &Choice) -> bool {
    [&choice.sections, &choice.languages].into_iter().flatten().any(BTreeSet::is_empty)
}

/// Answers a program.
fn refused(error: &Value) -> Response {
    worded(StatusCode::UNPROCESSABLE_ENTITY, Json(error).into_response())
}

/// Returns the error for a program that takes no edition; people are led to the page `leave` instead.
fn no_edition(leave: &str) -> Value {
    let message = format!("name at least one edition; to stop all mails, send a POST to {leave}");
    json!({ "error": { "problem": "no_edition", "field": "editions", "value": null, "message": message } })
}

/// Returns the error for a program that takes an edition and leaves nothing of it.
fn nothing_of(edition: &str, choice: &Choice) -> Value {
    let none = choice.sections.as_ref().is_some_and(BTreeSet::is_empty);
    let field = if none { "sections" } else { "languages" };
    let message = format!("name at least one of the {field} of {edition:?}, written as \"{edition}/…\"");
    json!({ "error": { "problem": "nothing_left", "field": field, "value": edition, "message": message } })
}

fn show(
    state: &WebState,
    asked: Asked,
    token: &str,
    subscriber: &Subscriber,
    ticked: &Taken,
    outcome: Outcome,
) -> Answer {
    let language = asked.language_or(subscriber.language);
    let path = format!("/preferences/{token}");
    let (saved, nothing_of, unknown) = match outcome {
        Outcome::Asked => (false, None, None),
        Outcome::Saved => (true, None, None),
        Outcome::NothingOf(edition) => (false, Some(edition), None),
        Outcome::Unknown(tick) => (false, None, Some(tick)),
    };
    let editions = &state.site.editions;
    let context = Preferences {
        page: state.frame(language, &path),
        action: state.path(&path) + &asked.query_suffix(),
        address: masked(&subscriber.address),
        editions: editions.iter().map(|edition| preferred(state, language, edition, &ticked.editions)).collect(),
        several: editions.len() > 1,
        mail_languages: Tick::languages(language, |one| one.to_string(), |one| one == ticked.language),
        saved,
        nothing_of,
        unknown,
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
