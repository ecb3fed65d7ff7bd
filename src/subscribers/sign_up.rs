//! Taking down a sign-up.

use super::Subscribers;
use crate::domain::address::EmailAddress;
use crate::domain::consent::Visit;
use crate::domain::language::Language;
use crate::store::StoreError;

/// A sign-up as a visitor sent it.
#[derive(Debug, Clone)]
pub struct SignUp {
    /// The address.
    pub address: EmailAddress,
    /// The language of the page it was sent from.
    pub language: Language,
    /// The editions that were ticked; none takes what every new subscriber takes.
    pub editions: Vec<String>,
    /// Where it came from.
    pub visit: Visit,
}

impl Subscribers {
    /// Takes down a sign-up: one line, the same work for everybody.
    /// [`settle_sign_ups`](Subscribers::settle_sign_ups) decides what becomes of it.
    pub async fn sign_up(&self, sign_up: SignUp) -> Result<(), StoreError> {
        let line = crate::store::SignUp {
            address: sign_up.address.as_typed(),
            language: sign_up.language,
            editions: sign_up.editions,
            text_version: self.templates.form_text_version().to_owned(),
            visit: sign_up.visit,
            at: self.clock.now(),
        };
        self.store.record_sign_up(&line).await?;
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits until somebody signs up on this node. A sign-up since the last wait counts, so nothing is missed between
    /// looking for work and waiting for more; those of other nodes are found by looking now and then.
    pub async fn sign_up_arrived(&self) {
        self.arrived.notified().await;
    }
}
