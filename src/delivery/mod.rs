//! The delivery service: claims what is due, renders it for its reader, hands it to a relay and records what became of
//! it.
//!
//! The order of writes is the promise (see `domain::delivery`): a claim is committed before MAIL, `offered` before the
//! content can be complete at the relay, and the result right after the reply. So a crash loses nothing, and can repeat
//! only what was offered at that moment: one message per open connection, with the same Message-ID and the same bytes.

mod attempt;
mod error;
mod gate;
mod keeper;
mod letters;
mod node;
mod pace;
mod policy;
mod run;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::clock::Clock;
use crate::domain::links::Links;
use crate::mail::Relay;
use crate::store::Store;
use gate::Gate;
use letters::Letters;
use node::Node;
use pace::Pace;

pub use error::DeliveryError;
pub use pace::Pacing;
pub use policy::Policy;

/// The delivery service of one process.
pub struct Delivery {
    store: Store,
    clock: Arc<dyn Clock>,
    links: Links,
    policy: Policy,
    gates: Vec<Arc<Gate>>,
    letters: Letters,
    node: Node,
    pace: Pace,
    /// When this process began, by a clock that nobody sets.
    begun: std::time::Instant,
}

impl Delivery {
    /// Returns a service that hands mail to `relays`.
    pub fn new(store: Store, clock: Arc<dyn Clock>, links: Links, policy: Policy, relays: Vec<Relay>) -> Self {
        Self {
            letters: Letters::default(),
            node: Node::new(&*clock),
            pace: Pace::new(policy.rate_per_minute, &relays),
            gates: relays.into_iter().map(|relay| Arc::new(Gate::new(relay))).collect(),
            begun: std::time::Instant::now(),
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
