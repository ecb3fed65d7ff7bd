//! Days in seconds: the service in the test's own process, with a clock that jumps to the next moment at which something
//! is due.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use kawaraban::clock::{Clock, ManualClock};
use kawaraban::config::RelayConfig;
use kawaraban::delivery::Delivery;
use kawaraban::domain::delivery::DeliveryState;
use kawaraban::mail::Deadlines;
use tokio_util::sync::CancellationToken;

use super::house::House;
use super::truth::Truth;

/// How long nothing must have changed before a paused relay counts as paused.
const QUIET: Duration = Duration::from_millis(150);
/// How far the clock moves while a relay is paused: less than the longest pause, so that the end is not overshot much.
const STEP: SignedDuration = SignedDuration::from_secs(30);

/// A service and its clock.
pub(crate) struct Tempo {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) delivery: Arc<Delivery>,
    begun: Timestamp,
}

impl Tempo {
    /// Returns the service of `house` with the relay `relay`, at the moment its issue was released.
    pub(crate) fn new(house: &House, clock: &Arc<ManualClock>, deadlines: Deadlines, relay: RelayConfig) -> Self {
        let delivery = Arc::new(house.delivery(Arc::clone(clock) as _, deadlines, relay));
        Self { clock: Arc::clone(clock), delivery, begun: house.plan.now }
    }

    /// Sends until nothing is due, or the relay is paused, and stops.
    pub(crate) async fn settle(&self, house: &House) {
        let stop = CancellationToken::new();
        let running = tokio::spawn(Arc::clone(&self.delivery).run(true, stop.clone()));
        let mut quiet = Duration::ZERO;
        let mut before = None;
        loop {
            const LOOK: Duration = Duration::from_millis(15);
            tokio::time::sleep(LOOK).await;
            let counts = house.counts().await;
            // What was claimed before the relay was paused is held until it goes on.
            let at_rest = counts.offered == 0 && before == Some(counts);
            before = Some(counts);
            quiet = if at_rest { quiet + LOOK } else { Duration::ZERO };
            let nothing_due = self.next_due(house).await.is_none_or(|due| due > self.clock.now());
            let paused = !self.delivery.troubles().is_empty();
            // What is due may also wait for its domain, which said that it got too much: that is a pause, too.
            let waits = counts.claimed == 0 && quiet >= QUIET * 2;
            if (nothing_due && counts.claimed == 0 && quiet >= LOOK) || (paused && quiet >= QUIET) || waits {
                break;
            }
        }
        stop.cancel();
        running.await.unwrap().unwrap();
    }

    /// Sends and lets time pass until everything has come to an end, for `limit` at most, and returns how long it took on
    /// the service's clock.
    pub(crate) async fn run(&self, house: &House, truth: &mut Truth, limit: SignedDuration) -> SignedDuration {
        loop {
            self.settle(house).await;
            truth.look(house).await;
            let Some(due) = self.next_due(house).await else { break };
            let now = self.clock.now();
            self.clock.set(if due > now { due } else { now + STEP });
            let passed = self.clock.now().duration_since(self.begun);
            assert!(
                passed <= limit,
                "after {passed:#} it is not through: {:?}, {:?}",
                house.counts().await,
                self.delivery.troubles()
            );
        }
        self.clock.now().duration_since(self.begun)
    }

    /// Returns when the next line is due, if one is.
    async fn next_due(&self, house: &House) -> Option<Timestamp> {
        let mut lines = house.lines_in(DeliveryState::Queued).await;
        lines.extend(house.lines_in(DeliveryState::Unknown).await);
        lines.into_iter().filter_map(|line| line.due).min()
    }
}

/// Returns deadlines of `unit`, so that a test of a silent relay is over soon.
pub(crate) fn short_deadlines(unit: Duration) -> Deadlines {
    Deadlines {
        connect: unit,
        handshake: unit,
        greeting: unit,
        command: unit,
        mail: unit,
        rcpt: unit,
        data: unit,
        block: unit,
        final_dot: unit,
        quit: unit,
    }
}
