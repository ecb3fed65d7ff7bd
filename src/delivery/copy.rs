//! One reader's copy as it goes out, for whoever wants to look at it. Nothing is claimed and nothing is sent.

use super::{Delivery, Held};
use crate::domain::delivery::Claim;
use crate::store::StoreError;

impl Delivery {
    /// Returns the message a line of the ledger stands for, signed, byte by byte as it is handed to a relay; or in words
    /// why there can be none.
    ///
    /// # Errors
    /// If the letter cannot be read.
    pub async fn message_of(&self, claim: &Claim) -> Result<Result<Vec<u8>, String>, StoreError> {
        let held = Held { node: "".into(), claim: claim.clone() };
        Ok(self.address(&held).await?.map(|addressed| addressed.content))
    }
}
