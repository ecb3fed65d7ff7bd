//! This process as a holder of claims: a random id and a lease.

use std::sync::{Arc, Mutex, RwLock, Weak};
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
    /// Former ids. Claims that are still in hand keep theirs alive.
    former: Mutex<Vec<Weak<str>>>,
}

impl Node {
    pub(super) fn new(clock: &dyn Clock) -> Self {
        Self { id: RwLock::new(fresh_id(clock)), former: Mutex::default() }
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
    /// node's when its lease has run out, which is renewed only as long as something of it is in hand: a relay may take
    /// minutes to say what became of a mail, and others must not put it in doubt meanwhile.
    pub(super) fn begin_anew(&self, clock: &dyn Clock) {
        let mut id = self.id.write().expect("no holder of this lock panics");
        let former = std::mem::replace(&mut *id, fresh_id(clock));
        self.former.lock().expect("no holder of this lock panics").push(Arc::downgrade(&former));
    }

    /// Returns the former ids under which something is in hand.
    fn former(&self) -> Vec<Arc<str>> {
        let mut former = self.former.lock().expect("no holder of this lock panics");
        former.retain(|id| id.strong_count() > 0);
        former.iter().filter_map(Weak::upgrade).collect()
    }

    /// Renews the lease; if it was lost, registers under a new id and says so.
    pub(super) async fn renew(&self, store: &Store, clock: &dyn Clock) -> Result<(), StoreError> {
        for id in self.former() {
            // One that was lost stays lost.
            store.renew_lease(&id, clock.now(), LEASE).await?;
        }
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
