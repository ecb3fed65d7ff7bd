//! The command line: every command, its arguments and its help. A group of commands has a file of its own.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

mod articles;
mod deliveries;
mod desk;
mod dkim;
mod feeds;
mod issues;
mod numbers;
mod subscribers;
mod templates;
mod tokens;

pub(super) use articles::{AddArgs, ArticlesCommand};
pub(super) use deliveries::DeliveriesCommand;
pub(super) use desk::DeskCommand;
pub(super) use dkim::{DkimCommand, DkimGenerateArgs};
pub(super) use feeds::FeedsCommand;
pub(super) use issues::IssuesCommand;
pub(super) use subscribers::{StateArg, SubscribersCommand, SubscribersSetArgs};
pub(super) use templates::TemplatesCommand;
pub(super) use tokens::TokensCommand;

/// A self-hosted newsletter daemon: feeds in, one weekly digest out, nobody lost and nobody mailed twice.
#[derive(Debug, Parser)]
#[command(name = "kawaraban", version, after_help = EXIT_CODES, max_term_width = 100)]
pub(super) struct Cli {
    /// The configuration file. Without it: $KAWARABAN_CONFIG, ./kawaraban.toml, /etc/kawaraban/kawaraban.toml.
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Print JSON instead of tables and sentences.
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  failed; the message says why
  2  the command line is wrong
  3  the configuration is wrong or missing
  4  the database is not available, or its schema is not this version's
  5  mail is left: put off, of unknown fate or given up; `deliveries list` shows it, nothing is lost

Examples:
  kawaraban demo                          try everything on this machine, without a configuration
  kawaraban check                         see whether everything is ready, the relays included
  kawaraban serve                         run the daemon
  kawaraban send weekly --dry-run         see who would get what, and who would not";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the daemon: the pages, the schedule and the sending.
    #[command(after_help = "\
Examples:
  kawaraban serve
  kawaraban serve --only web               pages on one node …
  kawaraban serve --only scheduler,delivery  … schedule and sending on another (PostgreSQL)")]
    Serve {
        /// Do only these.
        #[arg(long, value_delimiter = ',', value_name = "ROLES")]
        only: Vec<Role>,
    },
    /// Try everything on this machine: sample feeds, a mail server that keeps what it gets, and an inbox to read it.
    #[command(after_help = "\
Examples:
  kawaraban demo
  kawaraban demo --once                    make the whole journey by itself and report; exit 0 if all went well")]
    Demo(DemoArgs),
    /// Look at the configuration, the database, the templates and the relays, and say what is wrong.
    #[command(after_help = "\
Examples:
  kawaraban check
  kawaraban check --offline                without the relays
  kawaraban check --json                   a finding each, with its verdict")]
    Check {
        /// Do not connect to the relays.
        #[arg(long)]
        offline: bool,
    },
    /// Bring the database's schema up to date.
    #[command(after_help = "\
Example:
  kawaraban migrate                        `serve` does it, too, when it starts")]
    Migrate,
    /// Do an edition's job by hand, now: fetch, compile, seal, send.
    #[command(after_help = "\
Beside a running daemon the daemon sends, and this command shows how far it is. What an earlier issue of the edition \
has left in the ledger is sent, too. Mail that a relay puts off is not waited for: the command says when it is due, \
and ends with 5. An address that is refused for good is reported and is no failure.

Examples:
  kawaraban send weekly
  kawaraban send weekly --dry-run          who would get what and who would not, by reason
  kawaraban send weekly --no-fetch         use the articles that are here")]
    Send(SendArgs),
    /// Look at issues and move them along.
    #[command(subcommand)]
    Issues(IssuesCommand),
    /// Look at subscribers, add and import them, let them go.
    #[command(subcommand)]
    Subscribers(SubscribersCommand),
    /// The feeds articles come from.
    #[command(subcommand)]
    Feeds(FeedsCommand),
    /// Articles: writing one by hand, taking one back.
    #[command(subcommand)]
    Articles(ArticlesCommand),
    /// The tokens other programs push articles with.
    #[command(subcommand)]
    Tokens(TokensCommand),
    /// The ledger: what went out, what did not, and why.
    #[command(subcommand)]
    Deliveries(DeliveriesCommand),
    /// The keys mail is signed with, and what has to stand in the DNS.
    #[command(subcommand)]
    Dkim(DkimCommand),
    /// Templates of your own: export ours, check yours, see what they are given.
    #[command(subcommand)]
    Templates(TemplatesCommand),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Role {
    /// The pages readers see.
    Web,
    /// Feeds and schedule.
    Scheduler,
    /// Sending.
    Delivery,
}

#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Make the whole journey by itself, print each step (with --json as a line of JSON), and exit.
    #[arg(long)]
    pub(super) once: bool,
    /// The port of the pages; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    pub(super) port: u16,
}

#[derive(Debug, Args)]
pub(super) struct SendArgs {
    /// The edition, such as `weekly`.
    pub(super) edition: String,
    /// Change nothing; say what would happen. The feeds are not fetched.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Do not fetch the feeds first.
    #[arg(long)]
    pub(super) no_fetch: bool,
    /// Release the issue and return; a daemon sends it.
    #[arg(long, conflicts_with = "dry_run")]
    pub(super) no_wait: bool,
    /// Publish it on the web even if nobody would get it; otherwise it is skipped then, and its articles wait.
    #[arg(long)]
    pub(super) without_readers: bool,
}

/// A list of nothing would look like one that is empty.
fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|n| *n > 0).ok_or_else(|| "write a whole number from 1 on".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    /// Returns the commands without subcommands, each with the words that lead to it.
    fn leaves(command: &clap::Command, path: &str) -> Vec<(String, String)> {
        let subcommands = command.get_subcommands().filter(|sub| sub.get_name() != "help");
        let found: Vec<_> = subcommands.flat_map(|sub| leaves(sub, &format!("{path} {}", sub.get_name()))).collect();
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        if found.is_empty() { vec![(path.to_owned(), help)] } else { found }
    }

    /// Returns the words of a line as a shell would pass them on.
    fn words(line: &str) -> Vec<String> {
        let mut words = Vec::new();
        let mut word: Option<String> = None;
        let mut quoted = false;
        for c in line.chars() {
            match c {
                '\'' => {
                    quoted = !quoted;
                    word.get_or_insert_default();
                }
                ' ' if !quoted => words.extend(word.take()),
                c => word.get_or_insert_default().push(c),
            }
        }
        words.extend(word);
        words
    }

    /// Returns the examples of a help, without what is said of them and where their output goes.
    fn examples(help: &str) -> Vec<Vec<String>> {
        let joined = help.replace(" \\\n      ", " ");
        let lines = joined.lines().map(str::trim).filter(|line| line.starts_with("kawaraban "));
        // What is said of an example stands behind two spaces.
        lines.map(|line| words(line.split("  ").next().unwrap_or(line).split(" > ").next().unwrap_or(line))).collect()
    }

    #[test]
    fn every_command_has_examples_and_each_of_them_can_be_typed() {
        let top = examples(EXIT_CODES);
        let all = leaves(&Cli::command(), "kawaraban");
        assert!(all.len() > 50, "{}", all.len());
        for (path, help) in &all {
            let examples = examples(help);
            assert!(!examples.is_empty(), "{path} has no example");
            for example in examples.into_iter().chain(top.clone()) {
                let parsed = Cli::try_parse_from(&example);
                assert!(parsed.is_ok(), "{path}: {example:?}: {}", parsed.unwrap_err());
            }
        }
    }

    #[test]
    fn an_import_says_where_consent_comes_from() {
        let parse = |words: &str| Cli::try_parse_from(words.split(' '));
        assert!(parse("kawaraban subscribers import f.csv").is_err());
        assert!(parse("kawaraban subscribers import f.csv --confirmed").is_err());
        assert!(parse("kawaraban subscribers import f.csv --confirmed --consent fair").is_ok());
        assert!(parse("kawaraban subscribers import f.csv --invite").is_ok());
        assert!(parse("kawaraban subscribers import f.csv --invite --confirmed --consent x").is_err());
    }

    #[test]
    fn of_two_ways_the_usage_names_both() {
        let refused = |words: &str| Cli::try_parse_from(words.split(' ')).unwrap_err().to_string();
        for (words, usage) in [
            ("kawaraban issues move 12 345", "move <--section <SECTION>|--position <POSITION>> <NUMBER> <ITEM>"),
            ("kawaraban issues rewrite 12 345", "rewrite <--title <TITLE>|--summary <SUMMARY>> <NUMBER> <ITEM>"),
            ("kawaraban issues intro 12", "intro [OPTIONS] <NUMBER> <TEXT|--file <FILE>>"),
            ("kawaraban deliveries resend", "resend <ID|--all>"),
        ] {
            assert!(refused(words).contains(usage), "{usage:?} is not in {}", refused(words));
        }
        let parse = |words: &str| Cli::try_parse_from(words.split(' '));
        assert!(parse("kawaraban issues move 12 345 --section news --position 2").is_ok());
        assert!(parse("kawaraban issues rewrite 12 345 --title a --summary b").is_ok());
        assert!(parse("kawaraban issues intro 12 a --file b").is_err());
        assert!(parse("kawaraban deliveries resend 12 --all").is_err());
    }
}
