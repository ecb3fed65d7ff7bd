//! How far a long command is: a bar on a terminal, a line now and then elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::output::Output;
use super::words::digits;

/// Often enough for whoever watches a log, seldom enough not to fill it.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// The progress of one command, on standard error.
pub(super) struct Progress {
    out: Output,
    what: &'static str,
    shown: Shown,
}

enum Shown {
    Bar(ProgressBar),
    Lines { last: Instant, done: u64 },
}

impl Progress {
    /// Returns the progress of `what`: "mails", "lines".
    pub(super) fn new(out: Output, what: &'static str) -> Self {
        let shown = if std::io::stderr().is_terminal() {
            let style = ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} {prefix}  {msg}")
                .expect("the template is a valid one");
            Shown::Bar(ProgressBar::new(0).with_style(style).with_prefix(what))
        } else {
            Shown::Lines { last: Instant::now(), done: 0 }
        };
        Self { out, what, shown }
    }

    /// Shows that `done` of `of` are done, and a few words about it.
    pub(super) fn show(&mut self, done: u64, of: u64, words: &str) {
        match &mut self.shown {
            Shown::Bar(bar) => {
                bar.set_length(of);
                bar.set_position(done);
                bar.set_message(words.to_owned());
            }
            Shown::Lines { last, done: before } => {
                if last.elapsed() >= LINE_EVERY && *before != done {
                    (*last, *before) = (Instant::now(), done);
                    self.out.remark(&format!("{} of {} {}  {words}", digits(done), digits(of), self.what));
                }
            }
        }
    }

    /// Says something in between.
    pub(super) fn remark(&self, text: &str) {
        match &self.shown {
            Shown::Bar(bar) => bar.suspend(|| self.out.remark(text)),
            Shown::Lines { .. } => self.out.remark(text),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}
