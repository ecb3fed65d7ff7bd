//! The arguments of `subscribers`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use super::at_least_one;
use crate::domain::language::Language;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SubscribersCommand {
    /// List subscribers, oldest first.
    #[command(after_help = "\
Examples:
  kawaraban subscribers list
  kawaraban subscribers list --state suppressed --all
  kawaraban subscribers list --all --json")]
    List {
        /// Only those in this state.
        #[arg(long)]
        state: Option<StateArg>,
        /// How many.
        #[arg(long, default_value_t = 100, value_parser = at_least_one)]
        limit: usize,
        /// All of them.
        #[arg(long, conflicts_with = "limit")]
        all: bool,
    },
    /// Show one subscriber, with the record of their consent and their mails.
    #[command(after_help = "\
Example:
  kawaraban subscribers show hana@example.jp")]
    Show {
        /// The address.
        address: String,
    },
    /// Ask the owner of an address to confirm a subscription.
    #[command(after_help = "\
Examples:
  kawaraban subscribers add hana@example.jp --lang ja
  kawaraban subscribers add hana@example.jp --edition weekly --edition monthly")]
    Add {
        /// The address.
        address: String,
        /// The language of their mails.
        #[arg(long, default_value = "en")]
        lang: Language,
        /// The edition they are asked about; without it, what they signed up for, or else the first one. May be repeated.
        #[arg(long = "edition", value_name = "EDITION")]
        editions: Vec<String>,
    },
    /// Read subscribers from a CSV file: addresses alone, or columns with a header.
    #[command(group(ArgGroup::new("basis").required(true).args(["confirmed", "invite"])), after_help = "\
A header names the columns: email, language, editions (names with spaces between them; an empty cell is none), choices \
(parts of editions: weekly:s=news;l=ja), state. That is what `subscribers export` writes, so an export can be read \
back. Without editions and choices a line stands for the first edition. Others are not read.

Every line that cannot be taken is reported with its number and column, and the others are taken; the exit code is 1 \
if there was one. Who has left or is suppressed stays so, and who is subscribed stays as they are. Doing it twice is \
doing it once.

Examples:
  kawaraban subscribers import old-list.csv --invite --dry-run
  kawaraban subscribers import old-list.csv --invite
  kawaraban subscribers import fair.csv --confirmed --consent 'paper form, job fair, 2026-10-03'")]
    Import {
        /// The file; UTF-8 (with or without BOM) or Shift_JIS.
        file: PathBuf,
        /// Their owners have agreed before: take them as confirmed. Needs --consent.
        #[arg(long, requires = "consent")]
        confirmed: bool,
        /// How and when they agreed; kept as the proof of it.
        #[arg(long, value_name = "HOW AND WHEN", conflicts_with = "invite")]
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
    #[command(after_help = "\
Examples:
  kawaraban subscribers export > subscribers.csv
  kawaraban subscribers export --state confirmed --out subscribers.csv")]
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
    #[command(after_help = "\
Example:
  kawaraban subscribers unsubscribe hana@example.jp")]
    Unsubscribe {
        /// The address.
        address: String,
    },
    /// Erase a subscriber. A keyed hash stays, so that no import brings the address back.
    #[command(after_help = "\
Examples:
  kawaraban subscribers erase hana@example.jp
  kawaraban subscribers erase hana@example.jp --yes")]
    Erase {
        /// The address.
        address: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
#[command(group(
    ArgGroup::new("what").required(true).multiple(true).args(["edition", "sections", "languages", "lang", "leave"])
))]
pub(in crate::cli) struct SubscribersSetArgs {
    /// The address.
    pub(in crate::cli) address: String,
    /// The edition; without it, the first one.
    #[arg(long)]
    pub(in crate::cli) edition: Option<String>,
    /// The sections they take of it, with commas between them, or `all`.
    #[arg(long, value_delimiter = ',', value_name = "SECTIONS")]
    pub(in crate::cli) sections: Option<Vec<String>>,
    /// The languages of the articles they take, such as `ja`, or `all`.
    #[arg(long, value_delimiter = ',', value_name = "LANGUAGES")]
    pub(in crate::cli) languages: Option<Vec<String>>,
    /// The language of their mails.
    #[arg(long)]
    pub(in crate::cli) lang: Option<Language>,
    /// They no longer take the edition.
    #[arg(long, conflicts_with_all = ["sections", "languages"])]
    pub(in crate::cli) leave: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum StateArg {
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
    pub(in crate::cli) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Unsubscribed => "unsubscribed",
            Self::Suppressed => "suppressed",
        }
    }
}
