//! The command line: the only room that knows clap, and the last to hear of an error.
//!
//! One file a group of commands; a handler reads its arguments, calls a service, and says what came of it: in a table
//! or a sentence, or with `--json` as one document. Answers go to standard output, everything else to standard error.

mod args;
mod articles;
mod ask;
mod check;
mod deliveries;
mod delivering;
mod demo;
mod desk;
mod dkim;
mod doubts;
mod exit;
mod feed_view;
mod feeds;
mod import;
mod issues;
mod migrate;
mod open;
mod opml;
mod output;
mod plan;
mod preview;
mod progress;
mod recovery;
mod send;
mod serve;
mod signals;
mod subscribers;
mod summary;
mod templates;
mod tokens;
mod views;
mod who;
mod words;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use args::{Cli, Command};
use exit::Outcome;
use open::{Logging, load};
use output::Output;

/// How long a task that nobody waits for any more, such as the resolution of a name, may hold up the exit.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Runs the program: reads the command line, does what it says, and returns the exit code.
pub fn run() -> ExitCode {
    // Two libraries could bring providers of their own; with a default set, TLS is the same everywhere. An error means
    // that there is one already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let cli = Cli::parse();
    let outcome =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Into::into).and_then(|runtime| {
            let outcome = runtime.block_on(Box::pin(dispatch(cli)));
            runtime.shutdown_timeout(LAST_WORDS);
            outcome
        });
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) => exit::report(&error).into(),
    }
}

async fn dispatch(cli: Cli) -> Outcome {
    let out = Output::new(cli.json);
    let file = cli.config.as_deref();
    match cli.command {
        // None of these can count on a configuration.
        Command::Demo(args) => return demo::demo(args, &out).await,
        Command::Check { offline } => return check::check(file, offline, &out).await,
        Command::Dkim(command) => return dkim::run(file, command, &out),
        Command::Templates(command) => return templates::run(command, &out),
        _ => {}
    }
    let logging = if matches!(cli.command, Command::Serve { .. }) { Logging::AsConfigured } else { Logging::Quiet };
    let config = load(file, logging)?;
    match cli.command {
        Command::Demo(_) | Command::Check { .. } | Command::Dkim(_) | Command::Templates(_) => {
            unreachable!("these have returned above")
        }
        Command::Serve { only } => serve::serve(config, &only, &out).await,
        Command::Migrate => migrate::migrate(&config, &out).await,
        Command::Send(args) => send::send(config, args, &out).await,
        Command::Issues(command) => issues::run(config, command, &out).await,
        Command::Subscribers(command) => subscribers::run(config, command, &out).await,
        Command::Feeds(command) => feeds::run(config, command, &out).await,
        Command::Articles(command) => articles::run(config, command, &out).await,
        Command::Tokens(command) => tokens::run(config, command, &out).await,
        Command::Deliveries(command) => deliveries::run(config, command, &out).await,
    }
}
