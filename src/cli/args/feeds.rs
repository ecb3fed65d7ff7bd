//! The arguments of `feeds`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Subcommand;

use super::articles::KindArg;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum FeedsCommand {
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
    #[command(after_help = "\
Examples:
  kawaraban feeds list
  kawaraban feeds list --json")]
    List,
    /// Remove a feed. Its articles stay.
    #[command(after_help = "\
Examples:
  kawaraban feeds remove 3
  kawaraban feeds remove https://news.example.jp/rss")]
    Remove {
        /// The feed's number in the list, or its URL.
        feed: String,
    },
    /// Fetch a feed no more until it is resumed.
    #[command(after_help = "\
Example:
  kawaraban feeds pause 3")]
    Pause {
        /// The feed's number in the list, or its URL.
        feed: String,
    },
    /// Fetch a feed again: one that was paused, or one that has to wait because it failed.
    #[command(after_help = "\
Examples:
  kawaraban feeds resume 3
  kawaraban feeds resume --all                     after a time without network")]
    Resume {
        /// The feed's number in the list, or its URL.
        #[arg(required_unless_present = "all")]
        feed: Option<String>,
        /// All that failed, whether they were paused for it or have to wait. Those that are gone or were paused by hand
        /// stay paused.
        #[arg(long, conflicts_with = "feed")]
        all: bool,
    },
    /// Fetch all feeds now that are not paused and need not wait because they failed. The exit code is 1 if one of them
    /// gives nothing that can be read.
    #[command(after_help = "\
Example:
  kawaraban feeds fetch")]
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
    #[command(after_help = "\
Example:
  kawaraban feeds export > feeds.opml")]
    Export,
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
