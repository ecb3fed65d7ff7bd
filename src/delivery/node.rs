//! This process as a holder of claims: a random id and a lease.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use crate::clock::{Clock, random_bytes};
use crate::store::{Store, StoreError};

/// How long others wait before they take over what a silent node holds. Longer than a pause that a busy machine or a
/// moving virtual one makes, shorter than anybody's patience.
pub(super) const LEASE: Duration = Duration::from_secs(60);

/// Who claims. The id changes when the lease is lost: what the old one held belongs to others.
#[derive(Debug)]
pub(super) struct Node {
    id: RwLock<Arc<str>>,
}

impl Node {
    pub(super) fn new(clock: &dyn Clock) -> Self {
        Self { id: RwLock::new(fresh_id(clock)) }
    }

    /// Returns the id claims are made under.
    pub(super) fn id(&self) -> Arc<str> {
        Arc::clone(&self.id.read().expect("no holder of this lock panics"))
    }

    /// Registers the node under its present id.
    pub(super) async fn join(&self, store: &Store, clock: &dyn Clock) -> Result<(), StoreError> {
        store.join(&self.id(), clock.now(), LEASE).await
    }

    /// Claims from now on under a new id. What the old one held and nobody brings to an end is recovered like a dead
    /// node's when its lease, which is renewed no more, has run out.
    pub(super) fn begin_anew(&self, clock: &dyn Clock) {
        *self.id.write().expect("no holder of this lock panics") = fresh_id(clock);
    }

    /// Renews the lease; if it was lost, registers under a new id and says so.
    pub(super) async fn renew(&self, store: &Store, clock: &dyn Clock) -> Result<(), StoreError> {
        if store.renew_lease(&self.id(), clock.now(), LEASE).await? {
            return Ok(());
        }
        self.begin_anew(clock);
        tracing::info!(node.id = %self.id(), "This node has no lease, or has lost it, and registers anew");
        self.join(store, clock).await
    }
}

fn fresh_id(clock: &dyn Clock) -> Arc<str> {
    data_encoding::HEXLOWER.encode(&random_bytes::<8>(clock)).into()
}
