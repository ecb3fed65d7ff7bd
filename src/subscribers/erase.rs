//! Forgetting somebody who asked for it.

use super::Subscribers;
use crate::domain::address::EmailAddress;
use crate::domain::subscriber::SuppressReason;
use crate::store::StoreError;

impl Subscribers {
    /// Erases a subscriber and all we know of them. A keyed hash of the address stays, so that no import brings them
    /// back; whoever was suppressed stays so. `false` if nobody has the address.
    pub async fn erase(&self, address: &EmailAddress) -> Result<bool, StoreError> {
        let Some(subscriber) = self.find(address).await? else { return Ok(false) };
        let reason = subscriber.state.suppress_reason().unwrap_or(SuppressReason::Erased);
        let hashes = self.links.signer().address_hashes(&address.key());
        let newest = *hashes.first().expect("a signer has at least the secret of today");
        match self.store.erase_subscriber(subscriber.id, newest, reason, self.clock.now()).await {
            Err(StoreError::NotFound(_)) => Ok(false),
            other => other.map(|()| true),
        }
    }
}
