//! The arguments of `articles`.

use clap::{Args, Subcommand, ValueEnum};

use super::at_least_one;
use super::numbers::article_number;
use crate::domain::article::ArticleKind;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ArticlesCommand {
    /// Write an article by hand.
    #[command(after_help = "\
Examples:
  kawaraban articles add --section openings --kind opening --title 'Rust engineer, Kyoto' \\
      --url https://jobs.example.jp/1 --summary 'Remote two days a week.' --closes 2026-12-15 \\
      --place Kyoto --company 'Kamo Works' --pay '¥7,000,000 a year'
  kawaraban articles add --section news --title 'A bridge reopens' --url https://example.jp/bridge \\
      --image https://example.jp/bridge.jpg --image-alt 'A red bridge' --image-credit 'M. Sato'")]
    Add(Box<AddArgs>),
    /// Say what became of an article: where it was printed, or why it was not.
    #[command(after_help = "\
Example:
  kawaraban articles why 4711")]
    Why {
        /// The article's number in the list.
        #[arg(value_parser = article_number)]
        article: i64,
    },
    /// List articles, newest first.
    #[command(after_help = "\
Examples:
  kawaraban articles list
  kawaraban articles list --section openings --waiting weekly
  kawaraban articles list --before 4711    those older than this one
  kawaraban articles list --all --json")]
    List {
        /// Only those of this section.
        #[arg(long)]
        section: Option<String>,
        /// Only those that wait for an issue of this edition.
        #[arg(long, value_name = "EDITION")]
        waiting: Option<String>,
        /// Only articles older than this one.
        #[arg(long, value_name = "ID")]
        before: Option<i64>,
        /// How many.
        #[arg(long, default_value_t = 50, value_parser = at_least_one)]
        limit: usize,
        /// All of them.
        #[arg(long, conflicts_with = "limit")]
        all: bool,
    },
    /// Take an article back, wherever it came from: no issue takes it after that. What is printed stays printed.
    #[command(after_help = "\
Example:
  kawaraban articles withdraw 4711")]
    Withdraw {
        /// The article's number in the list.
        #[arg(value_parser = article_number)]
        id: i64,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AddArgs {
    /// The headline.
    #[arg(long)]
    pub(in crate::cli) title: String,
    /// Where it leads.
    #[arg(long)]
    pub(in crate::cli) url: String,
    /// The heading it goes under.
    #[arg(long)]
    pub(in crate::cli) section: String,
    /// A short text.
    #[arg(long)]
    pub(in crate::cli) summary: Option<String>,
    /// News or an opening.
    #[arg(long, default_value = "news")]
    pub(in crate::cli) kind: KindArg,
    /// The last day, in the first edition's zone, or a moment such as 2026-12-15T17:00:00+09:00; it is in no issue after
    /// that.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(in crate::cli) closes: Option<String>,
    /// The language it is in, such as ja or en.
    #[arg(long)]
    pub(in crate::cli) lang: Option<String>,
    /// Where the work of an opening is.
    #[arg(long)]
    pub(in crate::cli) place: Option<String>,
    /// Whose opening it is.
    #[arg(long)]
    pub(in crate::cli) company: Option<String>,
    /// What an opening pays.
    #[arg(long)]
    pub(in crate::cli) pay: Option<String>,
    /// The name of its source, shown beside the headline.
    #[arg(long)]
    pub(in crate::cli) source: Option<String>,
    /// Where a picture is.
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) image: Option<String>,
    /// What the picture shows.
    #[arg(long, value_name = "TEXT", requires = "image")]
    pub(in crate::cli) image_alt: Option<String>,
    /// Who made the picture.
    #[arg(long, value_name = "NAME", requires = "image")]
    pub(in crate::cli) image_credit: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum KindArg {
    /// Something happened.
    News,
    /// A job, a call for entries, a residency.
    Opening,
}

impl From<KindArg> for ArticleKind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::News => Self::News,
            KindArg::Opening => Self::Opening,
        }
    }
}
