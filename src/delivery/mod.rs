//! The delivery service: claims what is due, renders it for its reader, hands it to a relay and records what became of
//! it.
//!
//! The order of writes is the promise (see `domain::delivery`): a claim is committed before MAIL, `offered` before the
//! content can be complete at the relay, and the result right after the reply. So a crash loses nothing, and can repeat
//! only what was offered at that moment: one message per open connection, with the same Message-ID and the same bytes.

mod address;
mod connection;
mod copy;
mod error;
mod forms;
mod gate;
mod keeper;
mod lanes;
mod node;
mod pace;
mod policy;
mod run;
mod scribe;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::clock::Clock;
use crate::domain::delivery::Claim;
use crate::domain::links::Links;
use crate::mail::{Dkim, Relay};
use crate::store::Store;
use forms::Forms;
use gate::Gate;
use node::Node;
use pace::Pace;

pub use error::DeliveryError;
pub use pace::Pacing;
pub use policy::Policy;

/// A claim, and the node id it was made under.
#[derive(Debug, Clone)]
struct Held {
    node: Arc<str>,
    claim: Claim,
}

/// The delivery service of one process.
pub struct Delivery {
    store: Store,
    clock: Arc<dyn Clock>,
    links: Links,
    policy: Policy,
    gates: Vec<Arc<Gate>>,
    dkim: Option<Arc<Dkim>>,
    forms: Forms,
    node: Node,
    pace: Pace,
    /// When this process began, by a clock that nobody sets.
    begun: std::time::Instant,
}

impl Delivery {
    /// Returns a service that hands mail to `relays`, signed with `dkim` if there is one.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        links: Links,
        policy: Policy,
        relays: Vec<Relay>,
        dkim: Option<Arc<Dkim>>,
    ) -> Self {
        Self {
            forms: Forms::default(),
            node: Node::new(&*clock),
            pace: Pace::new(policy.rate_per_minute, &relays),
            gates: relays.into_iter().map(|relay| Arc::new(Gate::new(relay))).collect(),
            begun: std::time::Instant::now(),
            dkim,
            store,
            clock,
            links,
            policy,
        }
    }

    /// Returns the service with limits for domains, and a warm-up plan.
    #[must_use]
    pub fn paced(mut self, pacing: Pacing) -> Self {
        self.pace.set(pacing);
        self
    }

    /// Returns, for each relay that is paused, what is wrong with it, in words.
    pub fn troubles(&self) -> Vec<String> {
        self.gates.iter().filter_map(|gate| gate.trouble()).collect()
    }
}
