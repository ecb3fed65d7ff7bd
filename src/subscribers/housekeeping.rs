//! Forgetting what is no longer needed.

use super::{Subscribers, throttle};
use crate::store::StoreError;

/// Rows in one transaction: short enough that nobody waits for it.
const BATCH: usize = 500;

impl Subscribers {
    /// Forgets the sign-ups nobody confirmed in time, and confirmations too old to count. Returns how many sign-ups.
    pub async fn housekeeping(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let mut forgotten = 0;
        loop {
            let batch = self.store.expire_pending(now, BATCH).await?;
            forgotten += batch;
            if batch < BATCH {
                break;
            }
        }
        self.store.prune_confirmation_sends(throttle::counts_since(now)).await?;
        Ok(forgotten)
    }
}
