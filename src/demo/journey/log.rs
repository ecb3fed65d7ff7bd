//! What is printed about the journey: a line a step, and a closing one.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::reader::Seen;
use crate::demo::DemoError;

/// Prints the steps as they are done.
pub(super) struct Log {
    begun: Instant,
    current: Cell<&'static str>,
    done: Cell<usize>,
}

impl Log {
    pub(super) fn begin() -> Self {
        print("Kawaraban’s demo makes the journey of two readers, all on this machine:\n");
        Self { begun: Instant::now(), current: Cell::new("Everything starts"), done: Cell::new(0) }
    }

    /// Returns the step in hand.
    pub(super) fn current(&self) -> &'static str {
        self.current.get()
    }

    /// Does a step, and prints that it is done or returns what was seen instead.
    pub(super) async fn step<T>(
        &self,
        name: &'static str,
        work: impl Future<Output = Result<T, Seen>>,
    ) -> Result<T, DemoError> {
        self.current.set(name);
        let begun = Instant::now();
        let outcome = work.await.map_err(|Seen(seen)| {
            print(&format!("  ✗ {name}"));
            DemoError::Journey { step: name, seen }
        })?;
        self.done.set(self.done.get() + 1);
        print(&format!("  ✓ {name:<64} {:>8}", shown(begun.elapsed())));
        Ok(outcome)
    }

    /// Prints the closing line.
    pub(super) fn close(&self) {
        let (steps, time) = (self.done.get(), shown(self.begun.elapsed()));
        print(&format!("\nAll {steps} steps went well, in {time}. Nothing is left behind."));
    }
}

#[expect(clippy::print_stdout, reason = "whoever started the demo reads this")]
fn print(line: &str) {
    println!("{line}");
}

fn shown(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{} ms", time.as_millis())
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}
