//! The arguments of `issues`, but for what an editor does.

use std::path::PathBuf;

use clap::Subcommand;

use super::at_least_one;
use super::desk::DeskCommand;
use super::numbers::issue_number;
use crate::domain::language::Language;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum IssuesCommand {
    /// List issues, newest first. Numbers run through all editions.
    #[command(after_help = "\
Examples:
  kawaraban issues list
  kawaraban issues list --all --json")]
    List {
        /// How many.
        #[arg(long, default_value_t = 20, value_parser = at_least_one)]
        limit: usize,
        /// All of them.
        #[arg(long, conflicts_with = "limit")]
        all: bool,
    },
    /// Show an issue: its items, its state and where its deliveries stand.
    #[command(after_help = "\
Examples:
  kawaraban issues show 12
  kawaraban issues show weekly/2026-11-27T08:00    by its slot: an issue that was skipped has no number")]
    Show {
        /// The issue's number, or its slot.
        issue: String,
    },
    /// Make a draft of what waits for an edition now.
    #[command(after_help = "\
Example:
  kawaraban issues compile weekly")]
    Compile {
        /// The edition, such as `weekly`.
        edition: String,
    },
    /// Say who gets an issue, who does not and why. Nothing is written or sent.
    #[command(after_help = "\
Examples:
  kawaraban issues plan 12
  kawaraban issues plan 12 --list          every address, with the reason where it does not get it
  kawaraban issues plan 12 --list --json   the same, as a JSON object a line")]
    Plan {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
        /// Print every address instead of the counts.
        #[arg(long)]
        list: bool,
    },
    /// Write an issue as its readers would get it.
    #[command(after_help = "\
Examples:
  kawaraban issues preview 12                       the text, on the terminal
  kawaraban issues preview 12 --lang ja --out dir   subject.txt, text.txt, index.html and message.eml in dir
  kawaraban issues preview 12 --as hana@example.jp --out dir
                                                    the copy of one reader; the links in it are theirs, do not press them")]
    Preview {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
        /// The language.
        #[arg(long, default_value = "en")]
        lang: Language,
        /// The copy of this reader: their language, their part of the edition and their own links.
        #[arg(long = "as", value_name = "ADDRESS", conflicts_with = "lang")]
        reader: Option<String>,
        /// Write files into this folder.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Freeze a draft: items, texts and recipients. It is sent by `issues send`.
    #[command(after_help = "\
Example:
  kawaraban issues seal 12")]
    Seal {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
        /// Even if nobody would get it: it is published on the web alone.
        #[arg(long)]
        without_readers: bool,
    },
    /// Release a sealed issue at once; whoever delivers picks it up.
    #[command(after_help = "\
Examples:
  kawaraban issues send 12
  kawaraban issues send 12 --wait          and stay until it is sent")]
    Send {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
        /// Stay until it is sent, and send it if no daemon does.
        #[arg(long)]
        wait: bool,
    },
    /// Stop an issue: what is queued is withdrawn, what is on its way is finished.
    #[command(after_help = "\
Example:
  kawaraban issues cancel 12")]
    Cancel {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
    },
    /// Send an issue to one address to look at it, at once if no daemon runs.
    #[command(after_help = "\
Examples:
  kawaraban issues test 12 --to you@example.jp
  kawaraban issues test 12 --to you@example.jp --lang ja
  kawaraban issues test 12 --to you@example.jp --as hana@example.jp")]
    Test {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
        /// The address.
        #[arg(long, value_name = "ADDRESS")]
        to: String,
        /// The language.
        #[arg(long, default_value = "en")]
        lang: Language,
        /// The copy of this reader, with links to leave that do nothing.
        #[arg(long = "as", value_name = "ADDRESS", conflicts_with = "lang")]
        reader: Option<String>,
    },
    #[command(flatten)]
    Desk(DeskCommand),
}
