//! Finishing: the last delivery of an issue has come to an end.

use super::{DigestError, Digests};
use crate::domain::issue::Issue;

impl Digests {
    /// Finishes the issues that have nothing left to send, and returns them.
    pub async fn finish(&self) -> Result<Vec<Issue>, DigestError> {
        let finished = self.store.finish_issues(self.clock.now()).await?;
        for issue in &finished {
            tracing::info!(issue.id = %issue.id, issue.number, "Finished an issue");
        }
        Ok(finished)
    }
}
