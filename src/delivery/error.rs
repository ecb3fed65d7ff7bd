//! What stops the service, as opposed to what happens to one delivery.

use crate::store::StoreError;

/// Deliveries cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The ledger cannot be read or written; without it nothing is sent.
    #[error(transparent)]
    Store(#[from] StoreError),
}
