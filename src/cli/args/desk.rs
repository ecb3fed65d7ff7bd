//! `issues`: what an editor does to a draft.

use std::path::PathBuf;

use clap::{ArgGroup, Subcommand};

use super::numbers::{article_number, issue_number, place};

/// Something done to a draft, until it is sealed.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DeskCommand {
    /// Pin an item to the top of its section.
    #[command(after_help = "\
Example:
  kawaraban issues pin 12 345")]
    Pin {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
        /// The article's number; `issues show` lists them.
        #[arg(value_parser = article_number)]
        item: i64,
    },
    /// Unpin an item; it stays where it is.
    #[command(after_help = "\
Example:
  kawaraban issues unpin 12 345")]
    Unpin {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
        /// The article's number.
        #[arg(value_parser = article_number)]
        item: i64,
    },
    /// Strike an item from the draft, for good: the edition never prints it.
    #[command(after_help = "\
Struck by mistake? `issues undo` puts it back, and `issues add` takes it into any later draft.

Examples:
  kawaraban issues skip 12 345 --reason 'an advert'
  kawaraban issues skip 12 346 --later             it waits for the next issue")]
    Skip {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
        /// The article's number.
        #[arg(value_parser = article_number)]
        item: i64,
        /// Why; kept with the article.
        #[arg(long, conflicts_with = "later")]
        reason: Option<String>,
        /// Not for good: let it wait for the next issue.
        #[arg(long)]
        later: bool,
    },
    /// Move an item within its section, or to another.
    #[command(group(ArgGroup::new("where").required(true).multiple(true).args(["section", "position"])), after_help = "\
Examples:
  kawaraban issues move 12 345 --position 1
  kawaraban issues move 12 345 --section openings")]
    Move {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
        /// The article's number.
        #[arg(value_parser = article_number)]
        item: i64,
        /// The section.
        #[arg(long)]
        section: Option<String>,
        /// The place there, from 1; beyond the last, it is the end.
        #[arg(long, value_parser = place)]
        position: Option<u16>,
    },
    /// Open the issue with an item, or with the one it would open with by itself.
    #[command(after_help = "\
By itself an issue opens with its first story that has a picture, or else with its first story; an opening leads only \
if it is named here.

Examples:
  kawaraban issues lead 12 345
  kawaraban issues lead 12                         the one it would open with by itself")]
    Lead {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
        /// The article's number; without it, no item is preferred.
        #[arg(value_parser = article_number)]
        item: Option<i64>,
    },
    /// Put other words in the place of an article's own, in this issue only.
    #[command(group(ArgGroup::new("words").required(true).multiple(true).args(["title", "summary"])), after_help = "\
Examples:
  kawaraban issues rewrite 12 345 --title 'A bridge reopens'
  kawaraban issues rewrite 12 345 --summary ''     without a summary")]
    Rewrite {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
        /// The article's number.
        #[arg(value_parser = article_number)]
        item: i64,
        /// The headline.
        #[arg(long)]
        title: Option<String>,
        /// The summary; empty to print none.
        #[arg(long)]
        summary: Option<String>,
    },
    /// Write an introduction, in Markdown; an empty one takes it away. There is one, which goes to readers of every
    /// language: write it in each, one below the other, where the edition has readers of both.
    // By itself clap would write the text before the number.
    #[command(group(ArgGroup::new("source").required(true).args(["text", "file"])),
        override_usage = "kawaraban issues intro [OPTIONS] <NUMBER> <TEXT|--file <FILE>>", after_help = "\
Examples:
  kawaraban issues intro 12 'Good morning. A quiet week, and **five** openings.'
  kawaraban issues intro 12 --file intro.md
  pandoc note.docx -t markdown | kawaraban issues intro 12 -")]
    Intro {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
        /// The text; `-` reads it from the standard input.
        text: Option<String>,
        /// Read it from this file.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Set the subject; an empty one leaves it to the templates. There is one, which goes to readers of every language;
    /// the templates make one for each.
    #[command(after_help = "\
Examples:
  kawaraban issues subject 12 'Snow, and five openings'
  kawaraban issues subject 12 ''                   the one the templates make")]
    Subject {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
        /// The subject.
        text: String,
    },
    /// Take another article into the draft.
    #[command(after_help = "\
Examples:
  kawaraban issues add 12 345
  kawaraban issues add 12 345 --section openings")]
    Add {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
        /// The article's number; `articles list` shows it.
        #[arg(value_parser = article_number)]
        article: i64,
        /// The section, if not its own.
        #[arg(long)]
        section: Option<String>,
    },
    /// Hold a draft: it does not go out before it is approved.
    #[command(after_help = "\
Example:
  kawaraban issues hold 12")]
    Hold {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
    },
    /// Approve a draft as it is: it goes out at its time, or at once if that has passed. An edit takes it back.
    #[command(after_help = "\
Example:
  kawaraban issues approve 12")]
    Approve {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
    },
    /// Undo the last of these that is not undone.
    #[command(after_help = "\
Example:
  kawaraban issues undo 12")]
    Undo {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
    },
    /// Show what was done to a draft, when and by whom.
    #[command(after_help = "\
Example:
  kawaraban issues log 12")]
    Log {
        /// The issue's number.
        #[arg(value_parser = issue_number)]
        number: i64,
    },
}
