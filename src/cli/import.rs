//! `subscribers import`: addresses from a file.

use std::path::Path;

use anyhow::Context;

use super::exit::{Exit, Outcome};
use super::output::{Output, plain};
use super::progress::Progress;
use super::words::{count, number};
use crate::app::App;
use crate::domain::language::Language;
use crate::subscribers::{Basis, Import, ImportReport};

/// Returns why the addresses may be written to. Clap has seen to it that one of the two is there.
pub(super) fn basis(consent: Option<String>, invite: bool) -> Basis {
    if invite { Basis::Invite } else { Basis::Confirmed { consent: consent.unwrap_or_default() } }
}

pub(super) async fn import(
    app: &App,
    file: &Path,
    basis: Basis,
    language: Language,
    dry_run: bool,
    out: &Output,
) -> Outcome {
    let content = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let import = Import { basis, language, dry_run };
    let report = {
        let mut progress = Progress::new(*out, "lines");
        let lines = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        app.subscribers.import(&content, &import, |done, of| progress.show(lines(done), lines(of), "")).await?
    };
    out.answer(&report, |report| worded(file, report))?;
    Ok(if report.refused.is_empty() { Exit::Done } else { Exit::Failed })
}

fn worded(file: &Path, report: &ImportReport) -> String {
    let mut text = String::new();
    for refusal in &report.refused {
        let column = refusal.column.as_ref().map(|name| format!("column {}: ", plain(name))).unwrap_or_default();
        text.push_str(&format!("{}:{}: {column}{}\n", file.display(), refusal.line, plain(&refusal.reason)));
    }
    let n = |n: usize, one: &str, many: &str| count(number(n), one, many);
    text.push_str(&format!(
        "{} read as {}: {} added, {} invited, {} subscribed already, {} refused.\n",
        n(report.read, "line", "lines"),
        report.encoding,
        report.added,
        report.invited,
        report.already,
        report.refused.len(),
    ));
    if report.without_edition > 0 {
        text.push_str(&format!("Of those added, {} take no edition.\n", report.without_edition));
    }
    if report.dry_run {
        text.push_str("A dry run: nothing was written.\n");
    }
    text
}
