//! Rendering one variant: the letter of an issue with two sections of twenty, in one language.

use std::hint::black_box;
use std::time::{Duration, Instant};

use kawaraban::domain::language::Language;
use kawaraban::render::{Digest, MailContext, Templates};

/// What a round is repeated for.
const ROUNDS: u32 = 200;

/// What was measured.
#[derive(Debug)]
pub(crate) struct RenderedVariant {
    /// The median of a variant's time.
    pub(crate) median: Duration,
    /// The size of its HTML.
    pub(crate) html_bytes: usize,
    /// How many items it has.
    pub(crate) items: usize,
}

/// Renders the three parts of a full issue again and again.
pub(crate) fn render_one_variant() -> RenderedVariant {
    let templates = Templates::load(None).unwrap();
    let mut digest = Digest::samples(Language::Ja).remove(0);
    for section in &mut digest.sections {
        let items: Vec<_> = section.items.iter().cycle().take(20).cloned().collect();
        section.items = items;
    }
    let items = digest.sections.iter().map(|section| section.items.len()).sum();
    let mut times = Vec::new();
    let mut html_bytes = 0;
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let mail = black_box(templates.mail(Language::Ja, black_box(&digest)).unwrap());
        times.push(started.elapsed());
        html_bytes = mail.html.len();
    }
    times.sort_unstable();
    RenderedVariant { median: times[times.len() / 2], html_bytes, items }
}
