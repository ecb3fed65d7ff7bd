//! What is printed about the journey: a line a step, and a closing one.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::reader::Seen;
use crate::demo::{DemoError, Form, say};

/// Prints the steps as they are done.
pub(super) struct Log {
    begun: Instant,
    current: Cell<&'static str>,
    done: Cell<usize>,
    form: Form,
}

/// One step, as a line of JSON.
#[derive(serde::Serialize)]
struct Step {
    step: &'static str,
    done: bool,
    elapsed_ms: u128,
}

/// The last line of JSON.
#[derive(serde::Serialize)]
struct Closing {
    steps: usize,
    elapsed_ms: u128,
}

impl Log {
    pub(super) fn begin(form: Form) -> Self {
        if form == Form::Words {
            say("Kawaraban’s demo makes the journey of two readers, all on this machine:\n");
        }
        Self { begun: Instant::now(), current: Cell::new("Everything starts"), done: Cell::new(0), form }
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
            self.tell(name, false, begun.elapsed());
            DemoError::Journey { step: name, seen }
        })?;
        self.done.set(self.done.get() + 1);
        self.tell(name, true, begun.elapsed());
        Ok(outcome)
    }

    fn tell(&self, step: &'static str, done: bool, time: Duration) {
        match (self.form, done) {
            (Form::JsonLines, _) => print_json(&Step { step, done, elapsed_ms: time.as_millis() }),
            (Form::Words, true) => say(&format!("  ✓ {step:<64} {:>8}", shown(time))),
            (Form::Words, false) => say(&format!("  ✗ {step}")),
        }
    }

    /// Prints the closing line.
    pub(super) fn close(&self) {
        let (steps, time) = (self.done.get(), self.begun.elapsed());
        match self.form {
            Form::JsonLines => print_json(&Closing { steps, elapsed_ms: time.as_millis() }),
            Form::Words => {
                say(&format!("\nAll {steps} steps went well, in {}. Nothing is left behind.", shown(time)));
            }
        }
    }
}

fn print_json(line: &impl serde::Serialize) {
    say(&serde_json::to_string(line).expect("a step is numbers and words"));
}

fn shown(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{} ms", time.as_millis())
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}
