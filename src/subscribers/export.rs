//! Every subscriber as CSV.

use std::io::Write;

use super::Subscribers;
use super::cell::guarded;
use crate::domain::ids::SubscriberId;
use crate::domain::subscriber::Subscriber;
use crate::store::StoreError;

/// Rows read at a time.
const PAGE: usize = 500;

/// The columns. `import` reads them all but those that only say what was: why somebody is suppressed, and since when they
/// are here.
pub(super) const HEADER: [&str; 8] =
    ["email", "language", "state", "suppress_reason", "editions", "created", "confirmed", "choices"];

/// The export did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file.
    #[error("the export cannot be written: {0}")]
    Write(#[from] csv::Error),
}

impl Subscribers {
    /// Writes every subscriber as a line of CSV, in UTF-8, and returns how many; only those stored as `state`, if
    /// given. No spreadsheet finds a formula in it.
    pub async fn export(&self, out: impl Write, state: Option<&str>) -> Result<usize, ExportError> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(HEADER)?;
        let mut written = 0;
        let mut after = SubscriberId(0);
        loop {
            let page = self.store.subscribers_after(after, state, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for subscriber in &page {
                csv.write_record(
                    row(subscriber, &self.store.subscriptions_of(subscriber.id).await?)
                        .map(|cell| guarded(&cell).into_owned()),
                )?;
            }
            written += page.len();
        }
        csv.flush().map_err(csv::Error::from)?;
        Ok(written)
    }
}

/// `taken` are the editions and the keys of which part of each; `choices` has those of which only a part is taken.
fn row(subscriber: &Subscriber, taken: &[(String, String)]) -> [String; 8] {
    let parts = taken.iter().filter(|(_, key)| !key.is_empty()).map(|(edition, key)| format!("{edition}:{key}"));
    [
        subscriber.address.clone(),
        subscriber.language.to_string(),
        subscriber.state.as_str().to_owned(),
        subscriber.state.suppress_reason().map(|reason| reason.as_str().to_owned()).unwrap_or_default(),
        subscriber.editions.join(" "),
        subscriber.created.to_string(),
        subscriber.confirmed.map(|at| at.to_string()).unwrap_or_default(),
        parts.collect::<Vec<_>>().join(" "),
    ]
}
