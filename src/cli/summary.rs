//! The closing words of a send.

use std::time::Duration;

use super::delivering::{Ending, Seen};
use super::exit::Exit;
use super::output::facts;
use super::words::{Wall, count, digits, span};

/// Returns the exit code of what was seen.
pub(super) fn exit(seen: &Seen) -> Exit {
    if seen.is_all_well() { Exit::Done } else { Exit::MailLeft }
}

/// Returns the summary in words. `again` is the command that continues.
pub(super) fn summary(seen: &Seen, wall: &Wall, again: &str) -> String {
    let counts = &seen.counts;
    let elapsed = Duration::from_millis(seen.elapsed_ms);
    let mut lines = vec![("accepted", digits(counts.accepted))];
    for (name, n) in [
        ("rejected", counts.rejected),
        ("still queued", counts.open()),
        ("unknown", counts.unknown),
        ("withdrawn", counts.withdrawn),
        ("given up", counts.expired),
    ] {
        if n > 0 {
            lines.push((name, digits(n)));
        }
    }
    let by = if seen.sent_here { "" } else { " (the daemon sent)" };
    lines.push(("time", format!("{}{by}", span(elapsed))));
    if let Some(rate) = rate(seen) {
        lines.push(("rate", format!("{rate:.1} mails a second")));
    }
    let mut text = facts(&lines);
    if let Some(left) = left(seen, wall, again) {
        text.push_str(&left);
        text.push('\n');
    }
    text
}

/// Returns how many mails were accepted in a second, if it took long enough to tell.
fn rate(seen: &Seen) -> Option<f64> {
    let n = u32::try_from(seen.accepted_meanwhile).ok().filter(|n| *n > 0)?;
    (seen.elapsed_ms > 0).then(|| f64::from(n) / Duration::from_millis(seen.elapsed_ms).as_secs_f64())
}

/// Returns what is left and what becomes of it.
fn left(seen: &Seen, wall: &Wall, again: &str) -> Option<String> {
    let counts = &seen.counts;
    let open = counts.open();
    let mails = count(open, "mail is", "mails are");
    let continues = format!("`kawaraban serve`, or `{again}` again, continues; nothing is lost.");
    let mut text = match &seen.ending {
        Ending::Complete => String::new(),
        Ending::Deferred { due } => {
            format!("{mails} put off by the relay; the first is due at {}. {continues}", wall.at(*due))
        }
        Ending::Trouble { relays } => {
            format!("{mails} left, because no relay takes them:\n  {}\n{continues}", relays.join("\n  "))
        }
        Ending::NobodyDelivers => format!(
            "{mails} left: a daemon has this database to itself and does not send. Run it with the delivery role, or \
             stop it. {continues}"
        ),
        Ending::NothingMoves => {
            format!(
                "{mails} left, and nothing has moved for a while; the log of the daemon says why. It will continue."
            )
        }
        Ending::Interrupted if open == 0 => String::new(),
        Ending::Interrupted if seen.sent_here => format!("Stopped; {mails} left. {continues}"),
        Ending::Interrupted => format!("{mails} left; the daemon continues."),
    };
    if counts.unknown > 0 {
        let also = format!(
            "The relay did not tell the fate of {}: see `kawaraban deliveries unknown`.",
            count(counts.unknown, "mail", "mails")
        );
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&also);
    }
    (!text.is_empty()).then_some(text)
}
