//! The arguments of `tokens`.

use clap::Subcommand;

use crate::domain::api_token::Scope;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TokensCommand {
    /// Make a token. It is shown this once; only its hash is kept.
    #[command(after_help = "\
Examples:
  kawaraban tokens create job-board --scope articles:write
  kawaraban tokens create cms --scope articles:read --scope articles:write --json")]
    Create {
        /// What you call it: who uses it, for example.
        name: String,
        /// What it allows: articles:read or articles:write. May be repeated.
        #[arg(long = "scope", required = true, value_name = "SCOPE")]
        scopes: Vec<Scope>,
    },
    /// List the tokens, and when each was last used.
    #[command(after_help = "\
Example:
  kawaraban tokens list")]
    List,
    /// Revoke a token, at once and for good. Its name can be given to another one.
    #[command(after_help = "\
Example:
  kawaraban tokens revoke job-board")]
    Revoke {
        /// Its name.
        name: String,
    },
}
