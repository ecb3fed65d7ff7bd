//! `tokens`: who may use the API.

use jiff::Timestamp;
use serde::Serialize;

use super::args::TokensCommand;
use super::exit::{Exit, Outcome};
use super::open::open;
use super::output::{Output, table};
use super::words::Wall;
use crate::app::App;
use crate::config::Config;
use crate::domain::api_token::{ApiToken, Scope};

/// A token without itself.
#[derive(Serialize)]
struct TokenView {
    name: String,
    scopes: Vec<Scope>,
    created: Timestamp,
    last_used: Option<Timestamp>,
    revoked: Option<Timestamp>,
}

impl From<ApiToken> for TokenView {
    fn from(token: ApiToken) -> Self {
        let ApiToken { name, scopes, created, last_used, revoked, .. } = token;
        Self { name, scopes, created, last_used, revoked }
    }
}

/// A token, this once.
#[derive(Serialize)]
struct Created {
    name: String,
    scopes: Vec<Scope>,
    token: String,
}

#[derive(Serialize)]
struct Revoked {
    name: String,
}

pub(super) async fn run(config: Config, command: TokensCommand, out: &Output) -> Outcome {
    let app = open(config).await?;
    match command {
        TokensCommand::Create { name, scopes } => create(&app, name, scopes, out).await,
        TokensCommand::List => list(&app, out).await,
        TokensCommand::Revoke { name } => {
            app.access.revoke(&name).await?;
            out.answer(&Revoked { name }, |revoked| format!("The token {:?} is revoked.", revoked.name))?;
            Ok(Exit::Done)
        }
    }
}

async fn create(app: &App, name: String, scopes: Vec<Scope>, out: &Output) -> Outcome {
    let token = app.access.create(&name, &scopes).await?.reveal().to_owned();
    if !out.is_json() {
        // Not on standard output, so that `TOKEN=$(kawaraban tokens create …)` gets the token and nothing else.
        out.remark(&format!("The token {name:?}; keep it now, it is not shown again:"));
    }
    out.answer(&Created { name, scopes, token }, |created| created.token.clone())?;
    Ok(Exit::Done)
}

async fn list(app: &App, out: &Output) -> Outcome {
    let tokens: Vec<TokenView> = app.access.list().await?.into_iter().map(TokenView::from).collect();
    let wall = Wall::of(&app.config, None);
    out.answer(&tokens, |tokens| {
        let rows = tokens.iter().map(|token| {
            let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
            [
                token.name.clone(),
                scopes.join(" "),
                wall.at(token.created),
                wall.maybe(token.last_used),
                wall.maybe(token.revoked),
            ]
        });
        table(["name", "scopes", "created", "last used", "revoked"], rows.collect(), "There is no token.")
    })?;
    Ok(Exit::Done)
}
