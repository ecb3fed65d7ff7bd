//! `GET /`: the sign-up page. Where there are several editions, the first is ticked, or that of `?edition=`.

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;

use super::cached;
use super::issues::Wanted;
use crate::domain::edition::Edition;
use crate::domain::language::Language;
use crate::render::{RenderError, SignUp, SignUpError, SignUpFaults, Tick};
use crate::web::WebState;
use crate::web::failure::Answer;
use crate::web::language::Asked;
use crate::web::state::often;

/// What was wrong with a form that comes back.
#[derive(Debug, Clone, Default)]
pub(super) struct Returned {
    pub(super) email: String,
    /// What was ticked; `None` where there was no choice.
    pub(super) editions: Option<Vec<String>>,
    pub(super) error: Option<SignUpError>,
    pub(super) suggestion: Option<String>,
    pub(super) faults: SignUpFaults,
}

/// Shows the form.
pub(super) async fn show(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
    asked: Asked,
    headers: HeaderMap,
) -> Answer {
    // A link to an edition that is no more leads to those there are.
    let wanted = Wanted::read(&state, query.as_deref()).ok().and_then(|wanted| wanted.edition);
    let path = Wanted { edition: wanted, before: None }.path("/", None);
    let editions = wanted.map(|edition| vec![edition.name.clone()]);
    let form = render(&state, asked.language(), &path, Returned { editions, ..Returned::default() })?;
    Ok(cached::page(&headers, form))
}

/// Renders the form with what was wrong with it.
pub(super) fn form(state: &WebState, language: Language, returned: Returned) -> Result<String, RenderError> {
    render(state, language, "/", returned)
}

/// Renders the form of the page at `path`.
fn render(state: &WebState, language: Language, path: &str, returned: Returned) -> Result<String, RenderError> {
    let Returned { email, editions: ticked, error, suggestion, faults } = returned;
    let all = &state.site.editions;
    // The first one is ticked to begin with: whoever only types an address takes it, as where there is no choice.
    let checked = |at: usize, name: &String| ticked.as_ref().map_or(at == 0, |ticked| ticked.contains(name));
    let tick = |(at, edition): (usize, &Edition)| Tick {
        value: edition.name.clone(),
        label: edition.title.clone(),
        checked: checked(at, &edition.name),
        language: None,
    };
    let editions = if state.several() { all.iter().enumerate().map(tick).collect() } else { Vec::new() };
    state.templates.page(
        language,
        &SignUp {
            page: state.frame(language, path),
            action: state.path("/subscribe"),
            mail_domain: state.site.mail_domain.clone(),
            email,
            editions,
            often: often(state.only_edition()),
            error,
            suggestion,
            faults,
        },
    )
}
