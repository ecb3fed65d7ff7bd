//! `GET /embed`: the form for other sites; where there are several editions, one for each (`?edition=`).

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;

use super::cached;
use super::issues::{Wanted, with_language};
use crate::domain::edition::Edition;
use crate::render::{EditionTab, Embed, EmbedForm};
use crate::web::WebState;
use crate::web::failure::Answer;
use crate::web::language::Asked;
use crate::web::state::often;

/// Shows the lines to copy, and what they look like.
pub(super) async fn show(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
    asked: Asked,
    headers: HeaderMap,
) -> Answer {
    let wanted = Wanted::read(&state, query.as_deref())?;
    let language = asked.language();
    let edition = wanted.edition.or(state.site.editions.first());
    let named = edition.filter(|_| state.several());
    let form = EmbedForm {
        // On another site only a whole URL leads here.
        action: state.links.subscribe(),
        site_title: named.map_or(&state.site.title, |edition| &edition.title).clone(),
        sender_name: state.site.sender.name.clone(),
        edition: named.map(|edition| edition.name.clone()),
        often: often(edition),
    };
    let tab = |one: &Edition| EditionTab {
        title: Some(one.title.clone()),
        href: with_language(&state.path(&path(Some(one))), language),
        current: edition.is_some_and(|shown| shown.name == one.name),
    };
    let editions = if state.several() { state.site.editions.iter().map(tab).collect() } else { Vec::new() };
    let snippet = state.templates.embed_snippet(language, &form)?;
    let page = state.frame(language, &path(wanted.edition));
    let context = Embed { page, editions, form, snippet };
    Ok(cached::page(&headers, state.templates.page(language, &context)?))
}

fn path(edition: Option<&Edition>) -> String {
    Wanted { edition, before: None }.path("/embed", None)
}
