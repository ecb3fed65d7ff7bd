//! The command line: every command, its arguments and its help.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::DkimConfig;
use crate::domain::language::Language;

mod articles;
mod deliveries;
mod desk;
mod templates;

pub(super) use articles::{AddArgs, ArticlesCommand, TokensCommand};
pub(super) use deliveries::DeliveriesCommand;
pub(super) use desk::DeskCommand;
pub(super) use templates::TemplatesCommand;

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
    Check {
        /// Do not connect to the relays.
        #[arg(long)]
        offline: bool,
    },
    /// Bring the database's schema up to date.
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
}

#[derive(Debug, Subcommand)]
pub(super) enum IssuesCommand {
    /// List issues, newest first.
    List {
        /// How many.
        #[arg(long, default_value_t = 20)]
        limit: usize,
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
    Seal {
        /// The issue's number.
        number: i64,
    },
    /// Release a sealed issue at once; whoever delivers picks it up.
    Send {
        /// The issue's number.
        number: i64,
        /// Stay until it is sent, and send it if no daemon does.
        #[arg(long)]
        wait: bool,
    },
    /// Stop an issue: what is queued is withdrawn, what is on its way is finished.
    Cancel {
        /// The issue's number.
        number: i64,
    },
    /// Send an issue to one address to look at it, at once if no daemon runs.
    Test {
        /// The issue's number.
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

#[derive(Debug, Subcommand)]
pub(super) enum SubscribersCommand {
    /// List subscribers, oldest first.
    List {
        /// Only those in this state.
        #[arg(long)]
        state: Option<StateArg>,
        /// How many.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Show one subscriber, with the record of their consent and their mails.
    Show {
        /// The address.
        address: String,
    },
    /// Ask the owner of an address to confirm a subscription.
    Add {
        /// The address.
        address: String,
        /// The language of their mails.
        #[arg(long, default_value = "en")]
        lang: Language,
    },
    /// Read addresses from a CSV file: one column, or `email,language` with a header.
    #[command(after_help = "\
Every line that cannot be taken is reported with its number; the exit code is 1 only if not one could be. Who has left \
or is suppressed stays so. Doing it twice is doing it once.

Examples:
  kawaraban subscribers import old-list.csv --invite --dry-run
  kawaraban subscribers import old-list.csv --invite
  kawaraban subscribers import fair.csv --confirmed --consent 'paper form, job fair, 2026-10-03'")]
    Import {
        /// The file; UTF-8 (with or without BOM) or Shift_JIS.
        file: PathBuf,
        /// Their owners have agreed before: take them as confirmed. Needs --consent.
        #[arg(long, requires = "consent", conflicts_with = "invite", required_unless_present = "invite")]
        confirmed: bool,
        /// How and when they agreed; kept as the proof of it.
        #[arg(long, value_name = "HOW AND WHEN")]
        consent: Option<String>,
        /// Send each a confirmation mail.
        #[arg(long)]
        invite: bool,
        /// The language of those whose line names none.
        #[arg(long, default_value = "en")]
        lang: Language,
        /// Change nothing; report what would happen.
        #[arg(long)]
        dry_run: bool,
    },
    /// Write subscribers as CSV.
    Export {
        /// Only those in this state.
        #[arg(long)]
        state: Option<StateArg>,
        /// Write to this file instead of the terminal.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Set what a subscriber takes who has told you so; they can do it themselves by the link in each issue.
    #[command(after_help = "\
Examples:
  kawaraban subscribers set hana@example.jp --sections news --languages ja
  kawaraban subscribers set hana@example.jp --edition monthly          take it as well, all of it
  kawaraban subscribers set hana@example.jp --sections all             everything again
  kawaraban subscribers set hana@example.jp --edition monthly --leave  that edition no longer")]
    Set(SubscribersSetArgs),
    /// Let a subscriber go who has asked in another way than by the link.
    Unsubscribe {
        /// The address.
        address: String,
    },
    /// Erase a subscriber. A keyed hash stays, so that no import brings the address back.
    Erase {
        /// The address.
        address: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub(super) struct SubscribersSetArgs {
    /// The address.
    pub(super) address: String,
    /// The edition; without it, the first one.
    #[arg(long)]
    pub(super) edition: Option<String>,
    /// The sections they take of it, with commas between them, or `all`.
    #[arg(long, value_delimiter = ',', value_name = "SECTIONS")]
    pub(super) sections: Option<Vec<String>>,
    /// The languages of the articles they take, such as `ja`, or `all`.
    #[arg(long, value_delimiter = ',', value_name = "LANGUAGES")]
    pub(super) languages: Option<Vec<String>>,
    /// The language of their mails.
    #[arg(long)]
    pub(super) lang: Option<Language>,
    /// They no longer take the edition.
    #[arg(long, conflicts_with_all = ["sections", "languages"])]
    pub(super) leave: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum StateArg {
    /// Signed up, not confirmed.
    Pending,
    /// Gets the editions they take.
    Confirmed,
    /// Has left.
    Unsubscribed,
    /// Must not be written to.
    Suppressed,
}

impl StateArg {
    /// Returns the word stored for the state.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Unsubscribed => "unsubscribed",
            Self::Suppressed => "suppressed",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum FeedsCommand {
    /// Add a feed, or change one that is here. The address may be that of a web page that names its feed.
    #[command(after_help = "\
Examples:
  kawaraban feeds add https://news.example.jp/ --section news
  kawaraban feeds add https://news.example.jp/rss --section news --language ja
  kawaraban feeds add https://board.example.jp/atom --section news --category Jobs=openings
  kawaraban feeds add https://jobs.example.jp/rss --section openings --kind opening --life 30d")]
    Add {
        /// RSS, Atom or JSON Feed, or a page that names one.
        url: String,
        /// Where its items go.
        #[arg(long)]
        section: String,
        /// Items of this category of the feed go to that section instead. May be repeated.
        #[arg(long = "category", value_name = "CATEGORY=SECTION", value_parser = category)]
        categories: Vec<(String, String)>,
        /// What its items are. Openings close.
        #[arg(long, value_enum, default_value_t = KindArg::News)]
        kind: KindArg,
        /// How long an opening is open if it does not say, from the day it was published: 30d, 720h.
        #[arg(long, value_parser = span)]
        life: Option<Duration>,
        /// The language of its items if neither they nor the feed say: ja, en-GB.
        #[arg(long)]
        language: Option<String>,
        /// Add it without looking what is there.
        #[arg(long)]
        no_check: bool,
    },
    /// List the feeds, and how they fare.
    List,
    /// Remove a feed. Its articles stay.
    Remove {
        /// The feed's number in the list, or its URL.
        feed: String,
    },
    /// Fetch a feed no more until it is resumed.
    Pause {
        /// The feed's number in the list, or its URL.
        feed: String,
    },
    /// Fetch a feed again: one that was paused, or one that has to wait because it failed.
    Resume {
        /// The feed's number in the list, or its URL.
        feed: String,
    },
    /// Fetch all feeds now that are not paused and need not wait because they failed. The exit code is 1 if one of them
    /// gives nothing that can be read.
    Fetch,
    /// Add the feeds of an OPML list, as other feed readers write it.
    #[command(after_help = "\
A feed goes to the section that the innermost of its folders, or its category, is called like; otherwise to --section.
A feed that is here already stays as it is. The exit code is 1 if there is an entry that cannot be added.

Example:
  kawaraban feeds import subscriptions.opml --section news --dry-run")]
    Import {
        /// The list; `-` is standard input.
        file: PathBuf,
        /// The section of feeds whose folders are called like none.
        #[arg(long)]
        section: Option<String>,
        /// Only say what would be done.
        #[arg(long)]
        dry_run: bool,
    },
    /// Print the feeds as an OPML list, for another feed reader or another installation.
    Export,
}

/// What the items of a feed are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum KindArg {
    /// Something happened.
    News,
    /// A job, a call for entries, a residency.
    Opening,
}

#[derive(Debug, Subcommand)]
pub(super) enum DkimCommand {
    /// Make a key, and say what to write into the DNS and the configuration.
    #[command(after_help = "\
The file can be read by its owner only, and no file is overwritten. Nothing is signed before the configuration says so: \
publish the record first. A key is changed without a gap by making a new one under another selector; docs/deliverability.md \
has the steps.

Examples:
  kawaraban dkim generate --out /etc/kawaraban/dkim.pem
  kawaraban dkim generate --selector k2027 --out /etc/kawaraban/dkim-k2027.pem
  kawaraban dkim generate --ed25519 --out /etc/kawaraban/dkim-ed25519.pem   a second signature
  kawaraban dkim generate --domain example.jp --out dkim.pem                without a configuration")]
    Generate(DkimGenerateArgs),
    /// Show the DNS records of the configured keys.
    #[command(after_help = "\
Examples:
  kawaraban dkim show
  kawaraban dkim show --json               for a program that writes zones")]
    Show,
}

#[derive(Debug, Args)]
pub(super) struct DkimGenerateArgs {
    /// The file to write the private key to.
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
    /// The name of the key in the DNS. Without it: kawaraban, or kawaraban-ed25519.
    #[arg(long, value_parser = DkimConfig::parse_selector)]
    pub(super) selector: Option<String>,
    /// The domain to sign for. Without it: that of the configuration.
    #[arg(long, value_parser = DkimConfig::parse_domain)]
    pub(super) domain: Option<String>,
    /// Make an Ed25519 key, for a second signature beside RSA (RFC 8463).
    #[arg(long)]
    pub(super) ed25519: bool,
}

/// Returns a span of time such as `30d`.
fn span(text: &str) -> Result<Duration, String> {
    let span: Option<jiff::Span> = text.parse().ok();
    // Months and years have no length of their own and are refused by this.
    span.and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok())
        .and_then(|duration| Duration::try_from(duration).ok())
        .ok_or_else(|| "write a span such as 30d or 720h".to_owned())
}

fn category(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=').map(|(category, section)| (category.trim(), section.trim())) {
        Some((category, section)) if !category.is_empty() && !section.is_empty() => {
            Ok((category.to_lowercase(), section.to_owned()))
        }
        _ => Err("write CATEGORY=SECTION, such as Column=news".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
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
}
