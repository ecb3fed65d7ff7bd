//! Who calls: the bearer of a token (RFC 6750), and what the token allows.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::problem::{Kind, Problem};
use crate::clock::Clock;
use crate::domain::api_token::{Bearer, Scope};
use crate::web::WebState;
use crate::web::limit::Limit;

/// A program that has been quiet may make this many calls in one go: sixty thousand articles.
const BURST: NonZeroU32 = NonZeroU32::new(60).expect("sixty is not zero");
/// After that, one in this time.
const PERIOD: Duration = Duration::from_secs(1);
/// How many tokens are remembered. Only tokens that exist come this far, and nobody makes a thousand.
const MAX_TOKENS: usize = 1000;

const NO_TOKEN: &str = "Bearer realm=\"kawaraban\"";
const BAD_TOKEN: &str = "Bearer realm=\"kawaraban\", error=\"invalid_token\"";
const NO_READING: &str = "Bearer realm=\"kawaraban\", error=\"insufficient_scope\", scope=\"articles:read\"";
const NO_WRITING: &str = "Bearer realm=\"kawaraban\", error=\"insufficient_scope\", scope=\"articles:write\"";

/// Returns the limit on calls with one token.
pub(super) fn limit(clock: Arc<dyn Clock>) -> Limit<i64> {
    Limit::new(clock, BURST, PERIOD, MAX_TOKENS)
}

/// A caller who may look at articles.
pub(super) struct Reader;

/// A caller who may change them.
pub(super) struct Writer;

impl FromRequestParts<WebState> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        admit(parts, state, Scope::ArticlesRead).await.map(|()| Self)
    }
}

impl FromRequestParts<WebState> for Writer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        admit(parts, state, Scope::ArticlesWrite).await.map(|()| Self)
    }
}

async fn admit(parts: &Parts, state: &WebState, scope: Scope) -> Result<(), Problem> {
    let api = state.api()?;
    let mut shown = parts.headers.get_all(AUTHORIZATION).iter();
    let (Some(header), None) = (shown.next(), shown.next()) else {
        return Err(Problem::unauthorised(NO_TOKEN, Kind::NoToken, "Send one header Authorization: Bearer kwb_…"));
    };
    let bearer = header.to_str().ok().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        if scheme.eq_ignore_ascii_case("bearer") { Bearer::parse(token.trim()) } else { None }
    });
    let token = match bearer {
        Some(bearer) => api.access.recognise(&bearer).await?,
        None => None,
    };
    // One answer for every token that is not good, whatever the reason.
    let bad = || Problem::unauthorised(BAD_TOKEN, Kind::NoToken, "This token is not one that is in use.");
    let token = token.ok_or_else(bad)?;
    api.limit.check(&token.id).map_err(Problem::too_many)?;
    if !token.allows(scope) {
        let challenge = match scope {
            Scope::ArticlesRead => NO_READING,
            Scope::ArticlesWrite => NO_WRITING,
        };
        return Err(Problem::unauthorised(challenge, Kind::NoScope, format!("This call needs the scope {scope}.")));
    }
    Ok(())
}
