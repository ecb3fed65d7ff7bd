//! Bringing in a file of addresses. Every bad line is reported, nobody who left or is suppressed comes back, and a
//! consent that was given elsewhere is described or asked for anew.

mod plan;
mod records;
mod rows;
mod takes;
mod text;

use super::desk::LOOKS;
use super::{Subscribers, SubscribersError};
use crate::domain::language::Language;
use crate::store::StoreError;

use plan::Step;
use rows::Row;

/// Lines written in one transaction: few enough that sign-ups need not wait long, many enough to be quick.
const BATCH: usize = 500;

/// Why the addresses of a file may be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// Their owners agreed elsewhere. The text says how and when, and becomes part of the consent record.
    Confirmed {
        /// How and when.
        consent: String,
    },
    /// They are asked: each gets a confirmation mail.
    Invite,
}

/// How a file is to be imported.
#[derive(Debug, Clone)]
pub struct Import {
    /// Why the addresses may be written to.
    pub basis: Basis,
    /// The language of those whose line does not name one.
    pub language: Language,
    /// Whether to do everything but write.
    pub dry_run: bool,
}

/// What came of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct ImportReport {
    /// Lines with something in them, the header not counted.
    pub read: usize,
    /// New confirmed subscribers.
    pub added: usize,
    /// Addresses that were asked to confirm.
    pub invited: usize,
    /// Of the new ones, those whose line says that they take no edition.
    pub without_edition: usize,
    /// Addresses that are subscribed already; they stay as they are.
    pub already: usize,
    /// The lines that were not taken, in order.
    pub refused: Vec<Refusal>,
    /// How the file was encoded.
    pub encoding: &'static str,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// A line that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Refusal {
    /// Its number in the file, from 1.
    pub line: u64,
    /// The column that is wrong, by its name or else by its number, if it is one.
    pub column: Option<String>,
    /// Why.
    pub reason: String,
}

/// The import did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Nobody said how the addresses' owners agreed.
    #[error("say how and when the owners of these addresses agreed; it becomes part of the consent record")]
    NoConsent,
    /// There is not a line in the file.
    #[error("the file is empty")]
    Empty,
    /// The file is not text.
    #[error("the file is neither UTF-8, UTF-16 nor Shift_JIS text")]
    NotText,
    /// The store, or the confirmation mail. What the report counts up to then is in.
    #[error(transparent)]
    Stopped(#[from] SubscribersError),
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Stopped(error.into())
    }
}

impl Subscribers {
    /// Imports a file of CSV: a header that names `email` and perhaps `language`, `state`, `editions` and `choices`, as
    /// [`export`](Subscribers::export) writes them; or no header, the address in the first column and perhaps the
    /// language in the second. A line that does not say what its reader takes stands for the first edition. `progress` hears after every batch how many lines
    /// of how many are done.
    ///
    /// Running it twice is running it once: who is in already is counted as such.
    ///
    /// # Errors
    /// [`ImportError`]; a bad line is none, it is in the report.
    pub async fn import(
        &self,
        file: &[u8],
        import: &Import,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<ImportReport, ImportError> {
        if matches!(&import.basis, Basis::Confirmed { consent } if consent.trim().is_empty()) {
            return Err(ImportError::NoConsent);
        }
        let (text, encoding) = text::decoded(file).ok_or(ImportError::NotText)?;
        let parsed = rows::parse(&text, import.language, &self.publication.editions);
        if parsed.read == 0 {
            return Err(ImportError::Empty);
        }
        let mut report = ImportReport {
            read: parsed.read,
            refused: parsed.refused,
            encoding,
            dry_run: import.dry_run,
            ..ImportReport::default()
        };
        let mut done = report.refused.len();
        for batch in parsed.rows.chunks(BATCH) {
            self.import_batch(batch, import, &mut report).await?;
            done += batch.len();
            progress(done, report.read);
        }
        report.refused.sort_by_key(|refusal| refusal.line);
        Ok(report)
    }

    async fn import_batch(&self, batch: &[Row], import: &Import, report: &mut ImportReport) -> Result<(), ImportError> {
        for _ in 0..LOOKS {
            let steps = self.planned(batch, import).await?;
            if !import.dry_run {
                let enrolments: Vec<_> = steps.iter().filter_map(Step::enrolment).cloned().collect();
                match self.store.enrol(&enrolments, None).await {
                    // One of five hundred signed up or left in this moment: look at all of them again.
                    Err(StoreError::Stale) => continue,
                    other => other?,
                }
            }
            for (row, step) in batch.iter().zip(steps) {
                report.count(row, step);
            }
            return Ok(());
        }
        Err(StoreError::Stale.into())
    }
}

impl ImportReport {
    fn count(&mut self, row: &Row, step: Step) {
        match step {
            Step::Add(enrolment) => {
                self.added += 1;
                self.without_edition += usize::from(enrolment.editions.is_empty());
            }
            Step::Invite(_) => self.invited += 1,
            Step::Already => self.already += 1,
            Step::Refuse(reason) => self.refused.push(Refusal { line: row.line, column: None, reason }),
        }
    }
}
