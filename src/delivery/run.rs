//! The loop around it all: one task claims, one per connection sends, and a stop token ends it at a safe point.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::connection::Connection;
use super::lanes::{Lane, Lanes, RESPECT};
use super::node::LEASE;
use super::scribe::Scribe;
use super::{Delivery, DeliveryError, Held};

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
/// How long a database that does not answer may keep us from saying goodbye to it.
const FAREWELL: Duration = Duration::from_secs(5);
/// How long to wait when the store fails, before asking it again.
const STORE_PAUSE: Duration = Duration::from_secs(2);

/// What came of a round of claiming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claimed {
    /// All there was room for: there may be more as soon as there is more room.
    AllPlanned,
    /// Less is due, or may be sent, than there was room for: more comes with time.
    LessThanPlanned,
    /// The relays that could take more wait for the share of one that could not.
    Nobody,
}

impl Delivery {
    /// Delivers until `stop`: then claims nothing more, gives back what was not begun, and finishes what was, for 30
    /// seconds at most. What is still open then is put down as unknown by the next start.
    ///
    /// # Errors
    /// [`DeliveryError::Store`] if the node cannot register. Later failures of the store are waited out.
    pub async fn run(self: Arc<Self>, alone: bool, stop: CancellationToken) -> Result<(), DeliveryError> {
        self.node.join(&self.store, &*self.clock).await?;
        self.recover(alone).await?;

        let mut tasks = JoinSet::new();
        let scribe = Scribe::start(&mut tasks, self.store.clone(), Arc::clone(&self.clock));
        let mut lanes = Lanes::new(&self.gates);
        for lane in &lanes.lanes {
            for _ in 0..lane.gate.relay.config.connections {
                let connection = Connection::new(Arc::clone(&self), Arc::clone(&lane.gate), scribe.clone());
                tasks.spawn(Arc::clone(&self).send_loop(lane.clone(), connection, stop.clone()));
            }
        }
        // It works as long as there are connections.
        drop(scribe);
        let mut keeper = JoinSet::new();
        keeper.spawn(Arc::clone(&self).keep_loop());

        {
            let mut claiming = std::pin::pin!(self.claim_loop(&mut lanes, &stop));
            loop {
                tokio::select! {
                    () = &mut claiming => break,
                    Some(ended) = tasks.join_next() => pass_on_panic(ended),
                    Some(ended) = keeper.join_next() => pass_on_panic(ended),
                }
            }
        }

        let drained = tokio::time::timeout(DRAIN, async { while tasks.join_next().await.is_some() {} }).await;
        tasks.abort_all();
        keeper.abort_all();
        if drained.is_err() {
            tracing::warn!("Stopped in the middle of a mail; the next start says whether it can have gone out");
        }
        tokio::time::timeout(FAREWELL, self.say_goodbye(&lanes)).await.unwrap_or_else(|_| {
            tracing::warn!(
                "The database does not answer; what was claimed is recovered by another node or the next start"
            );
            Ok(())
        })
    }

    /// Gives back what was not begun, and leaves the list of nodes.
    async fn say_goodbye(&self, lanes: &Lanes) -> Result<(), DeliveryError> {
        for lane in &lanes.lanes {
            self.let_go(&lane.waiting.drain().collect::<Vec<_>>()).await;
        }
        self.tidy(self.clock.now()).await?;
        Ok(self.store.leave(&self.node.id()).await?)
    }

    /// Claims and sends one by one until nothing is due, and returns how many attempts were made: the loop of a test,
    /// which wants no tasks and has one relay.
    #[cfg(test)]
    pub(super) async fn drain(self: &Arc<Self>, alone: bool) -> Result<usize, DeliveryError> {
        self.node.join(&self.store, &*self.clock).await?;
        self.recover(alone).await?;
        self.tidy(self.clock.now()).await?;
        let mut attempts = 0;
        if let Some(gate) = self.gates.first() {
            let mut tasks = JoinSet::new();
            let scribe = Scribe::start(&mut tasks, self.store.clone(), Arc::clone(&self.clock));
            let mut connection = Connection::new(Arc::clone(self), Arc::clone(gate), scribe);
            while gate.paused_for(self.clock.now()).is_none()
                && self.pace.take_relays(&self.store, &[(gate.name(), 1)], self.clock.now()).await?.mails() == [1]
                && let Some(held) = self.claim(1).await?.pop()
            {
                connection.send(held, || None).await.expect("the ledger of a test can be written");
                attempts += 1;
            }
            connection.close().await;
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

    /// Gives claims back that nothing was done with. If that fails, the lease runs out and they are recovered.
    pub(super) async fn let_go(&self, held: &[Held]) {
        if held.is_empty() {
            return;
        }
        let holds: Vec<_> = held.iter().map(Held::hold).collect();
        if let Err(error) = self.store.give_back(&holds, self.clock.now()).await {
            tracing::warn!("{} claims could not be given back: {error}", held.len());
            self.node.begin_anew(&*self.clock);
        }
        self.pace.unsent(&self.store, held.iter().map(|held| &held.claim), self.clock.now()).await;
    }

    /// Claims a little more than the connections have in hand: what is claimed here nobody else can send.
    async fn claim_loop(&self, lanes: &mut Lanes, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let (claimed, wait) = match self.claim_for(lanes).await {
                Ok(claimed) => (claimed, self.pace.wait(self.clock.now()).unwrap_or(POLL).min(POLL)),
                Err(error) => {
                    tracing::error!("Nothing can be claimed, and so nothing is sent: {error}");
                    // The claim may have been committed all the same, and its answer lost.
                    self.node.begin_anew(&*self.clock);
                    (Claimed::LessThanPlanned, STORE_PAUSE)
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = lanes.taken.notified(), if claimed != Claimed::LessThanPlanned => {}
                () = tokio::time::sleep(if claimed == Claimed::Nobody { wait.min(RESPECT) } else { wait }) => {}
            }
        }
    }

    /// Claims what the relays have room for and may be handed.
    async fn claim_for(&self, lanes: &mut Lanes) -> Result<Claimed, DeliveryError> {
        let now = self.clock.now();
        lanes.rest(|relay| self.pace.relay_rests(relay, now));
        if !lanes.want_more(now) {
            return Ok(Claimed::AllPlanned);
        }
        let mut plan = lanes.plan(now);
        if plan.is_empty() {
            return Ok(Claimed::Nobody);
        }
        let granted = self.pace.take_relays(&self.store, &lanes.shares(&plan), now).await?;
        let mut left = granted.mails();
        plan.retain(|lane| {
            let may = left[*lane] > 0;
            left[*lane] = left[*lane].saturating_sub(1);
            may
        });
        let mut claimed = if plan.is_empty() { Vec::new() } else { self.claim(plan.len()).await? };
        let outcome = if claimed.len() < plan.len() { Claimed::LessThanPlanned } else { Claimed::AllPlanned };
        plan.truncate(claimed.len());
        // There is nobody for more than was asked for, should that ever come; here it would be held for ever.
        self.let_go(&claimed.split_off(plan.len())).await;
        let used = lanes.shares(&plan).into_iter().map(|(_, mails)| mails).collect();
        for (lane, held) in plan.into_iter().zip(claimed) {
            lanes.hand_over(lane, held);
        }
        self.pace.give_relays_back(&self.store, granted, used).await?;
        Ok(outcome)
    }

    /// One connection: waits for its relay and for a claim, and sends.
    async fn send_loop(self: Arc<Self>, lane: Lane, mut connection: Connection, stop: CancellationToken) {
        loop {
            if let Some(left) = lane.gate.paused_for(self.clock.now()) {
                // Others can send it meanwhile: another relay, another node.
                self.let_go(&lane.waiting.drain().collect::<Vec<_>>()).await;
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = lane.gate.resumed.notified() => {}
                    // Wakes early too, since the clock may have been moved.
                    () = tokio::time::sleep(left.min(POLL)) => {}
                }
                continue;
            }
            if let Some(until) = connection.rests_until() {
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep_until(until.min(tokio::time::Instant::now() + POLL)) => {}
                }
                continue;
            }
            let next = tokio::select! {
                () = stop.cancelled() => break,
                next = lane.wait() => next,
                () = tokio::time::sleep(IDLE_CLOSE), if connection.is_open() => {
                    connection.close().await;
                    continue;
                }
            };
            let Some(held) = next else { break };
            let more = || if stop.is_cancelled() { None } else { lane.next() };
            if let Err(error) = connection.send(held, more).await {
                tracing::error!("{error} in the middle of an attempt");
                // Nobody knows what of it was written. Under this id the claim would be kept alive for ever.
                self.node.begin_anew(&*self.clock);
                tokio::time::sleep(STORE_PAUSE).await;
            }
        }
        connection.close().await;
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

/// A daemon in which one of these is missing would only look alive: its supervisor starts a whole one.
fn pass_on_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        std::panic::resume_unwind(error.into_panic());
    }
}
