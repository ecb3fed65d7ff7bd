//! The loop around it all: one task claims, one per connection sends, and a stop token ends it at a safe point.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::attempt::Held;
use super::gate::Gate;
use super::node::LEASE;
use super::{Delivery, DeliveryError};
use crate::mail::Session;

/// How often the ledger is asked when nothing was due.
const POLL: Duration = Duration::from_secs(1);
/// A third of the lease: two renewals may fail before it is lost.
const RENEW_EVERY: Duration = LEASE.checked_div(3).expect("three is not zero");
/// Finishing and giving up are not urgent, but an operator is watching.
const TIDY_EVERY: Duration = Duration::from_secs(2);
/// An idle connection is closed after this: most relays close it themselves soon after.
const IDLE_CLOSE: Duration = Duration::from_secs(20);
/// How long SIGTERM waits for what is offered.
const DRAIN: Duration = Duration::from_secs(30);
/// How long to wait when the store fails, before asking it again.
const STORE_PAUSE: Duration = Duration::from_secs(2);

impl Delivery {
    /// Delivers until `stop`: then claims nothing more, gives back what was not begun, and finishes what was, for 30
    /// seconds at most. What is still open then is put down as unknown by the next start.
    ///
    /// # Errors
    /// [`DeliveryError::Store`] if the node cannot register. Later failures of the store are waited out.
    pub async fn run(self: Arc<Self>, alone: bool, stop: CancellationToken) -> Result<(), DeliveryError> {
        self.node.join(&self.store, &*self.clock).await?;
        self.recover(alone).await?;

        let connections = self.gates.iter().map(|gate| gate.relay.config.connections).sum::<usize>().max(1);
        let (sender, receiver) = mpsc::channel(connections);
        let receiver = Arc::new(Mutex::new(receiver));
        let mut senders = JoinSet::new();
        for gate in &self.gates {
            for _ in 0..gate.relay.config.connections {
                senders.spawn(Arc::clone(&self).send_loop(Arc::clone(gate), Arc::clone(&receiver), stop.clone()));
            }
        }
        let keeper = tokio::spawn(Arc::clone(&self).keep_loop());

        self.claim_loop(&sender, &stop).await;

        drop(sender);
        let drained = tokio::time::timeout(DRAIN, async { while senders.join_next().await.is_some() {} }).await;
        senders.abort_all();
        keeper.abort();
        let mut receiver = receiver.lock().await;
        while let Some(held) = receiver.recv().await {
            self.let_go(&held).await;
        }
        if drained.is_err() {
            tracing::warn!("Stopped in the middle of a mail; the next start says whether it can have gone out");
        }
        self.tidy(self.clock.now()).await?;
        Ok(self.store.leave(&self.node.id()).await?)
    }

    /// Claims and sends one by one until nothing is due, and returns how many attempts were made: the loop of a test,
    /// which wants no tasks and has one relay.
    #[cfg(test)]
    pub(super) async fn drain(&self, alone: bool) -> Result<usize, DeliveryError> {
        self.node.join(&self.store, &*self.clock).await?;
        self.recover(alone).await?;
        self.tidy(self.clock.now()).await?;
        let mut attempts = 0;
        let mut session = None;
        if let Some(gate) = self.gates.first() {
            while gate.paused_for(self.clock.now()).is_none()
                && self.pace.take_relay(&self.store, gate.name(), 1, self.clock.now()).await? == 1
                && let Some(held) = self.claim(1).await?.pop()
            {
                self.attempt(gate, &mut session, &held).await?;
                attempts += 1;
            }
        }
        if let Some(session) = session {
            session.quit().await;
        }
        self.tidy(self.clock.now()).await?;
        self.store.leave(&self.node.id()).await?;
        Ok(attempts)
    }

    pub(super) async fn claim(&self, limit: usize) -> Result<Vec<Held>, DeliveryError> {
        let node = self.node.id();
        match self.pace.claim(&self.store, &node, limit, self.clock.now(), LEASE).await? {
            Some(claims) => Ok(claims.into_iter().map(|claim| Held { node: Arc::clone(&node), claim }).collect()),
            None => {
                self.node.renew(&self.store, &*self.clock).await?;
                Ok(Vec::new())
            }
        }
    }

    /// Gives a claim back that nothing was done with. If that fails, the lease runs out and the claim is recovered.
    async fn let_go(&self, held: &Held) {
        if let Err(error) = self.store.give_back(&held.node, &held.claim, self.clock.now()).await {
            tracing::warn!(delivery.id = %held.claim.id, "A claim could not be given back: {error}");
            self.node.begin_anew(&*self.clock);
        }
    }

    /// Claims one for each connection beside what those have in hand, and no more: what is claimed here nobody else
    /// can send.
    async fn claim_loop(&self, sender: &mpsc::Sender<Held>, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let free = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                permit = sender.reserve() => match permit { Ok(permit) => permit, Err(_) => return },
            };
            drop(free);
            let now = self.clock.now();
            let works = self.gates.iter().any(|gate| gate.paused_for(now).is_none());
            let claimed = if works { self.claim(sender.capacity()).await } else { Ok(Vec::new()) };
            let wait = match claimed {
                Ok(held) if !held.is_empty() => {
                    for held in held {
                        // There is room: this task is the only one that fills it.
                        let _ = sender.send(held).await;
                    }
                    continue;
                }
                Ok(_) => self.pace.wait(now).unwrap_or(POLL).min(POLL),
                Err(error) => {
                    tracing::error!("Nothing can be claimed, and so nothing is sent: {error}");
                    // The claim may have been committed all the same, and its answer lost.
                    self.node.begin_anew(&*self.clock);
                    STORE_PAUSE
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// One connection: waits for its relay and for a claim, and sends.
    async fn send_loop(
        self: Arc<Self>,
        gate: Arc<Gate>,
        receiver: Arc<Mutex<mpsc::Receiver<Held>>>,
        stop: CancellationToken,
    ) {
        let mut session: Option<Session> = None;
        loop {
            if let Some(left) = gate.paused_for(self.clock.now()) {
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = gate.resumed.notified() => {}
                    // Wakes early too, since the clock may have been moved.
                    () = tokio::time::sleep(left.min(POLL)) => {}
                }
                continue;
            }
            if let Some(wait) = self.pace.relay_wait(gate.name(), self.clock.now()) {
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(wait.min(POLL)) => continue,
                }
            }
            let next = tokio::select! {
                () = stop.cancelled() => break,
                next = async { receiver.lock().await.recv().await } => next,
                () = tokio::time::sleep(IDLE_CLOSE), if session.is_some() => {
                    if let Some(idle) = session.take() {
                        idle.quit().await;
                    }
                    continue;
                }
            };
            let Some(held) = next else { break };
            tokio::select! {
                () = stop.cancelled() => {
                    self.let_go(&held).await;
                    break;
                }
                () = self.relay_turn(gate.name()) => {}
            }
            if let Err(error) = self.attempt(&gate, &mut session, &held).await {
                session = None;
                tracing::error!(delivery.id = %held.claim.id, "The ledger failed in the middle of an attempt: {error}");
                // Nobody knows what of it was written. Under this id the claim would be kept alive for ever.
                self.node.begin_anew(&*self.clock);
                self.let_go(&held).await;
                tokio::time::sleep(STORE_PAUSE).await;
            }
        }
        if let Some(session) = session {
            session.quit().await;
        }
    }

    /// Waits until a mail may be handed to this relay.
    async fn relay_turn(&self, relay: &str) {
        loop {
            let now = self.clock.now();
            let wait = match self.pace.take_relay(&self.store, relay, 1, now).await {
                Ok(0) => self.pace.relay_wait(relay, now).unwrap_or(POLL).min(POLL),
                Ok(_) => return,
                Err(error) => {
                    tracing::error!("Nobody can tell how fast this relay may be sent to: {error}");
                    STORE_PAUSE
                }
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// Keeps the lease and the ledger's house.
    async fn keep_loop(self: Arc<Self>) {
        let mut renew = tokio::time::interval(RENEW_EVERY);
        let mut tidy = tokio::time::interval(TIDY_EVERY);
        for timer in [&mut renew, &mut tidy] {
            timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        }
        loop {
            let outcome = tokio::select! {
                _ = renew.tick() => match self.node.renew(&self.store, &*self.clock).await {
                    Ok(()) => self.recover(false).await,
                    Err(error) => Err(error.into()),
                },
                _ = tidy.tick() => self.tidy(self.clock.now()).await,
            };
            if let Err(error) = outcome {
                tracing::error!("The ledger cannot be looked after: {error}");
            }
        }
    }
}
