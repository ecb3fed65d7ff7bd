//! The arguments of `deliveries`.

use clap::{ArgGroup, Subcommand};

use super::at_least_one;
use super::numbers::{after, issue_number, line_number};
use crate::domain::delivery::DeliveryState;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DeliveriesCommand {
    /// How many deliveries stand where.
    #[command(after_help = "\
Examples:
  kawaraban deliveries stats
  kawaraban deliveries stats --issue 12")]
    Stats {
        /// Only those of this issue.
        #[arg(long, value_name = "NUMBER", value_parser = issue_number)]
        issue: Option<i64>,
    },
    /// How fast mail may leave: each limit, what was slowed down, and why.
    #[command(after_help = "\
Example:
  kawaraban deliveries pace")]
    Pace,
    /// The ledger, line by line, oldest first.
    #[command(after_help = "\
Examples:
  kawaraban deliveries list --issue 12 --state rejected
  kawaraban deliveries list --after 4711   the next ones
  kawaraban deliveries list --all --json")]
    List {
        /// Only those of this issue.
        #[arg(long, value_name = "NUMBER", value_parser = issue_number)]
        issue: Option<i64>,
        /// Only those in this state.
        #[arg(long, value_parser = delivery_state)]
        state: Option<DeliveryState>,
        /// Only lines after this one.
        #[arg(long, value_name = "ID", default_value_t = 0, value_parser = after)]
        after: i64,
        /// How many.
        #[arg(long, default_value_t = 100, value_parser = at_least_one)]
        limit: usize,
        /// All of them.
        #[arg(long, conflicts_with = "limit")]
        all: bool,
    },
    /// Mail whose fate nobody knows: since when, what was seen last, and what will become of it.
    #[command(after_help = "\
The content was sent, and the relay's answer never came. The relay's log knows more: look there for the time and the \
address, then decide.

Examples:
  kawaraban deliveries unknown
  kawaraban deliveries accept 17 18        the relay's log says that these arrived
  kawaraban deliveries resend 19           and that this one did not")]
    Unknown {
        /// Only those of this issue.
        #[arg(long, value_name = "NUMBER", value_parser = issue_number)]
        issue: Option<i64>,
    },
    /// Send mail of unknown fate again, now, with the same Message-ID and the same bytes.
    #[command(group(ArgGroup::new("which").required(true).args(["ids", "all"])), after_help = "\
Named one by one, all are queued or none is: one that is not unknown, whose reader has left or whose issue was \
cancelled is said, and the exit code is 1. --all leaves those out and says so. A daemon sends them; with --wait this \
command does if no daemon does.

Examples:
  kawaraban deliveries resend 19 23 --wait
  kawaraban deliveries resend --all --issue 12
  kawaraban deliveries resend --all --yes")]
    Resend {
        /// The lines' ids.
        #[arg(value_name = "ID", value_parser = line_number)]
        ids: Vec<i64>,
        /// All that are unknown and still wanted.
        #[arg(long)]
        all: bool,
        /// With --all: only those of this issue.
        #[arg(long, value_name = "NUMBER", value_parser = issue_number, requires = "all", conflicts_with = "ids")]
        issue: Option<i64>,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        /// Stay until they are sent, and send them if no daemon does.
        #[arg(long)]
        wait: bool,
    },
    /// Record that mail of unknown fate has arrived, as you have found out.
    #[command(after_help = "\
It counts as accepted from now on, and the ledger says that this was found out by hand. All are recorded or none is.

Example:
  kawaraban deliveries accept 17 18")]
    Accept {
        /// The lines' ids.
        #[arg(value_name = "ID", value_parser = line_number, required = true)]
        ids: Vec<i64>,
    },
    /// What was decided by hand about mail of unknown fate, and when, newest first.
    #[command(after_help = "\
Example:
  kawaraban deliveries decisions --issue 12")]
    Decisions {
        /// Only those of this issue.
        #[arg(long, value_name = "NUMBER", value_parser = issue_number)]
        issue: Option<i64>,
        /// How many.
        #[arg(long, default_value_t = 100, value_parser = at_least_one)]
        limit: usize,
    },
    /// What was saved when a sender had died: accepted, in doubt, remaining, and when sending was resumed.
    #[command(after_help = "\
Examples:
  kawaraban deliveries recovery
  kawaraban deliveries recovery --limit 5 --json")]
    Recovery {
        /// How many, newest first.
        #[arg(long, default_value_t = 1, value_parser = at_least_one)]
        limit: usize,
    },
}

fn delivery_state(word: &str) -> Result<DeliveryState, String> {
    DeliveryState::from_stored(word)
        .ok_or_else(|| format!("one of {}", DeliveryState::ALL.map(DeliveryState::as_str).join(", ")))
}
