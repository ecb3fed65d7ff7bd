//! `issues`: what an editor does to a draft.

use std::path::PathBuf;

use clap::Subcommand;

/// Something done to a draft, until it is sealed.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DeskCommand {
    /// Pin an item to the top of its section.
    Pin {
        /// The number.
        number: i64,
        /// The article's number; `issues show` lists them.
        item: i64,
    },
    /// Unpin an item; it stays where it is.
    Unpin {
        /// The number.
        number: i64,
        /// The article's number.
        item: i64,
    },
    /// Strike an item from the draft, for good: the edition never prints it.
    #[command(after_help = "\
Struck by mistake? `issues undo` puts it back, and `issues add` takes it into any later draft.

Examples:
  kawaraban issues skip 12 345 --reason 'an advert'
  kawaraban issues skip 12 346 --later             it waits for the next issue")]
    Skip {
        /// The number.
        number: i64,
        /// The article's number.
        item: i64,
        /// Why; kept with the article.
        #[arg(long, conflicts_with = "later")]
        reason: Option<String>,
        /// Not for good: let it wait for the next issue.
        #[arg(long)]
        later: bool,
    },
    /// Move an item within its section, or to another.
    #[command(after_help = "\
Examples:
  kawaraban issues move 12 345 --position 1
  kawaraban issues move 12 345 --section openings")]
    Move {
        /// The number.
        number: i64,
        /// The article's number.
        item: i64,
        /// The section.
        #[arg(long, required_unless_present = "position")]
        section: Option<String>,
        /// The place there, from 1.
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
        position: Option<u16>,
    },
    /// Open the issue with an item, or with none of them in particular.
    Lead {
        /// The number.
        number: i64,
        /// The article's number; without it, the issue has no lead.
        item: Option<i64>,
    },
    /// Put other words in the place of an article's own, in this issue only.
    Rewrite {
        /// The number.
        number: i64,
        /// The article's number.
        item: i64,
        /// The headline.
        #[arg(long, required_unless_present = "summary")]
        title: Option<String>,
        /// The summary; empty to print none.
        #[arg(long)]
        summary: Option<String>,
    },
    /// Write an introduction, in Markdown; an empty one takes it away.
    #[command(after_help = "\
Examples:
  kawaraban issues intro 12 'Good morning. A quiet week, and **five** openings.'
  kawaraban issues intro 12 --file intro.md
  pandoc note.docx -t markdown | kawaraban issues intro 12 -")]
    Intro {
        /// The number.
        number: i64,
        /// The text; `-` reads it from the standard input.
        #[arg(required_unless_present = "file", conflicts_with = "file")]
        text: Option<String>,
        /// Read it from this file.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Set the subject; an empty one leaves it to the templates.
    Subject {
        /// The number.
        number: i64,
        /// The subject.
        text: String,
    },
    /// Take another article into the draft.
    Add {
        /// The number.
        number: i64,
        /// The article's number; `articles list` shows it.
        article: i64,
        /// The section, if not its own.
        #[arg(long)]
        section: Option<String>,
    },
    /// Hold a draft: it does not go out before it is approved.
    Hold {
        /// The number.
        number: i64,
    },
    /// Approve a draft as it is: it goes out at its time, or at once if that has passed. An edit takes it back.
    Approve {
        /// The number.
        number: i64,
    },
    /// Undo the last of these that is not undone.
    Undo {
        /// The number.
        number: i64,
    },
    /// Show what was done to a draft, when and by whom.
    Log {
        /// The number.
        number: i64,
    },
}
