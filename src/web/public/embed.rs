//! `GET /embed`: the form for other sites.

use axum::extract::State;
use axum::http::HeaderMap;

use super::cached;
use crate::render::{Embed, EmbedForm};
use crate::web::WebState;
use crate::web::failure::Answer;
use crate::web::language::Asked;

/// Shows the lines to copy, and what they look like.
pub(super) async fn show(State(state): State<WebState>, asked: Asked, headers: HeaderMap) -> Answer {
    let language = asked.language();
    let form = EmbedForm {
        // On another site only a whole URL leads here.
        action: state.links.subscribe(),
        site_title: state.site.title.clone(),
        sender_name: state.site.sender.name.clone(),
    };
    let snippet = state.templates.embed_snippet(language, &form)?;
    let context = Embed { page: state.frame(language, "/embed"), form, snippet };
    Ok(cached::page(&headers, state.templates.page(language, &context)?))
}
