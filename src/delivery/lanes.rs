//! Who takes what: the relays' shares of the mail that was claimed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::Notify;

use super::Held;
use super::gate::Gate;

/// How many claims wait for each connection of a relay, beside the one it is sending. What is claimed here nobody else
/// can send, and what is not claimed yet has to be waited for: this is a fraction of a second's work.
const AHEAD: usize = 8;
/// How long the others respect the share of a relay that cannot keep up. After that they take what it leaves.
pub(super) const RESPECT: Duration = Duration::from_millis(500);

/// The way to one relay: its gate, and what waits in front of it.
#[derive(Debug, Clone)]
pub(super) struct Lane {
    pub(super) gate: Arc<Gate>,
    pub(super) waiting: flume::Receiver<Held>,
    sender: flume::Sender<Held>,
    /// Wakes the claimer when something was taken.
    pub(super) taken: Arc<Notify>,
}

/// All of them, and whose turn it is.
#[derive(Debug)]
pub(super) struct Lanes {
    pub(super) lanes: Vec<Lane>,
    turns: Vec<i64>,
    /// Which relays may be handed nothing for now, since their rate is used up.
    resting: Vec<bool>,
    full_since: Vec<Option<Instant>>,
    pub(super) taken: Arc<Notify>,
}

impl Lanes {
    pub(super) fn new(gates: &[Arc<Gate>]) -> Self {
        let taken = Arc::new(Notify::new());
        let lane = |gate: &Arc<Gate>| {
            let (sender, waiting) = flume::bounded(gate.relay.config.connections * AHEAD);
            Lane { gate: Arc::clone(gate), waiting, sender, taken: Arc::clone(&taken) }
        };
        let lanes: Vec<Lane> = gates.iter().map(lane).collect();
        let n = lanes.len();
        Self { turns: vec![0; n], resting: vec![false; n], full_since: vec![None; n], lanes, taken }
    }

    /// Takes note which relays `rests`, by name: the others take their share.
    pub(super) fn rest(&mut self, rests: impl Fn(&str) -> bool) {
        for (resting, lane) in self.resting.iter_mut().zip(&self.lanes) {
            *resting = rests(lane.gate.name());
        }
    }

    /// Returns whether so little waits for one of the relays that it is time to claim: half of what fits, since every
    /// claim costs a transaction. What waits for the others does not count: they may take nothing.
    pub(super) fn want_more(&self, now: Timestamp) -> bool {
        self.shares_of(now).iter().zip(&self.lanes).any(|(share, lane)| *share > 0 && lane.is_half_empty())
    }

    /// Returns what each relay's share is worth at `now`; 0 for those that take no part.
    fn shares_of(&self, now: Timestamp) -> Vec<i64> {
        let open: Vec<bool> = self.lanes.iter().map(|lane| lane.is_open(now)).collect();
        let weight = |lane: &Lane| i64::from(lane.gate.relay.config.weight);
        let anyone_weighs = self.lanes.iter().zip(&open).any(|(lane, open)| *open && weight(lane) > 0);
        let share = |((lane, open), resting): ((&Lane, &bool), &bool)| match (*open && !resting, anyone_weighs) {
            (false, _) => 0,
            (true, true) => weight(lane),
            (true, false) => 1,
        };
        self.lanes.iter().zip(&open).zip(&self.resting).map(share).collect()
    }

    /// Returns which lanes the next claims go to, as many as have room, each relay according to its weight (smooth
    /// weighted round robin). Relays in trouble leave their share to the others; those of weight 0 wait until all
    /// others are in trouble.
    pub(super) fn plan(&mut self, now: Timestamp) -> Vec<usize> {
        let mut room: Vec<usize> = self
            .lanes
            .iter()
            .map(|lane| lane.waiting.capacity().unwrap_or_default().saturating_sub(lane.waiting.len()))
            .collect();
        for (lane, since) in self.lanes.iter().zip(&mut self.full_since) {
            // One that takes a mail now and then does not keep up, either.
            if lane.is_half_empty() {
                *since = None;
            }
        }
        let shares = self.shares_of(now);
        let mut plan = Vec::new();
        loop {
            let takes_part = |at: usize| {
                let slow = self.full_since[at].is_some_and(|since| since.elapsed() >= RESPECT);
                shares[at] > 0 && (room[at] > 0 || !slow)
            };
            let eligible: Vec<usize> = (0..self.lanes.len()).filter(|at| takes_part(*at)).collect();
            let total: i64 = eligible.iter().map(|at| shares[*at]).sum();
            let richest = |at: &usize| (self.turns[*at] + shares[*at], std::cmp::Reverse(*at));
            let Some(next) = eligible.iter().copied().max_by_key(richest) else { break };
            if room[next] == 0 {
                self.full_since[next].get_or_insert_with(Instant::now);
                break;
            }
            for at in eligible {
                self.turns[at] += shares[at];
            }
            self.turns[next] -= total;
            room[next] -= 1;
            plan.push(next);
        }
        plan
    }

    /// Returns how many of a plan each relay gets.
    pub(super) fn shares(&self, plan: &[usize]) -> Vec<(&str, u32)> {
        let count = |at: usize| u32::try_from(plan.iter().filter(|lane| **lane == at).count()).unwrap_or(u32::MAX);
        self.lanes.iter().enumerate().map(|(at, lane)| (lane.gate.name(), count(at))).collect()
    }

    /// Puts a claim in front of the relay it was planned for.
    pub(super) fn hand_over(&self, lane: usize, held: Held) {
        // There is room: it was counted for the plan, and only the claimer fills it.
        let _ = self.lanes[lane].sender.try_send(held);
    }
}

impl Lane {
    fn is_open(&self, now: Timestamp) -> bool {
        self.gate.paused_for(now).is_none()
    }

    fn is_half_empty(&self) -> bool {
        self.waiting.len() <= self.waiting.capacity().unwrap_or_default() / 2
    }

    /// Returns what waits, without waiting for more.
    pub(super) fn next(&self) -> Option<Held> {
        let held = self.waiting.try_recv().ok()?;
        self.taken.notify_one();
        Some(held)
    }

    /// Waits for something to send. None when the claimer has gone.
    pub(super) async fn wait(&self) -> Option<Held> {
        let held = self.waiting.recv_async().await.ok()?;
        self.taken.notify_one();
        Some(held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RelayConfig;
    use crate::domain::delivery::{Claim, DeliveryKind, Reply};
    use crate::domain::ids::{DeliveryId, LetterId};
    use crate::mail::{Phase, Relay, RelayTrouble};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn lanes(relays: &[(u32, usize)]) -> Lanes {
        let gate = |(at, (weight, connections)): (usize, &(u32, usize))| {
            let config = RelayConfig {
                weight: *weight,
                connections: *connections,
                ..RelayConfig::plain(&format!("relay-{at}"), "localhost", 25)
            };
            Arc::new(Gate::new(Relay::new(config, "news.example.jp")))
        };
        Lanes::new(&relays.iter().enumerate().map(gate).collect::<Vec<_>>())
    }

    fn counts(plan: &[usize], relays: usize) -> Vec<usize> {
        (0..relays).map(|at| plan.iter().filter(|to| **to == at).count()).collect()
    }

    fn pause(lanes: &Lanes, at: usize) {
        let trouble =
            RelayTrouble { relay: "x".into(), phase: Phase::Connect, reply: Reply::new(None, "x"), permanent: false };
        lanes.lanes[at].gate.pause(&trouble, NOW);
    }

    #[test]
    fn every_relay_gets_its_share() {
        let mut lanes = lanes(&[(3, 30), (1, 30)]);
        let plan = lanes.plan(NOW);
        // The heavier one is full first, and the other respects that.
        assert_eq!(counts(&plan, 2), [240, 80]);
        assert_eq!(plan[..4], [0, 0, 1, 0]);
    }

    #[test]
    fn a_relay_in_trouble_leaves_its_share_to_the_others() {
        let mut lanes = lanes(&[(3, 1), (1, 1)]);
        pause(&lanes, 0);
        assert_eq!(counts(&lanes.plan(NOW), 2), [0, 8]);
    }

    #[test]
    fn a_relay_of_weight_zero_waits_for_the_others_trouble() {
        let mut lanes = lanes(&[(1, 1), (0, 1)]);
        assert_eq!(counts(&lanes.plan(NOW), 2), [8, 0]);
        pause(&lanes, 0);
        assert_eq!(counts(&lanes.plan(NOW), 2), [0, 8]);
        pause(&lanes, 1);
        assert!(lanes.plan(NOW).is_empty() && !lanes.want_more(NOW));
    }

    #[test]
    fn what_a_slow_relay_leaves_is_taken_by_the_others() {
        let mut lanes = lanes(&[(1, 1), (1, 4)]);
        let mut plan = lanes.plan(NOW);
        assert_eq!(counts(&plan, 2), [8, 8], "the first is full, and the second waits for it");
        plan.drain(..).for_each(|at| lanes.hand_over(at, held()));
        assert!(lanes.plan(NOW).is_empty());
        lanes.full_since[0] = Instant::now().checked_sub(RESPECT);
        assert_eq!(counts(&lanes.plan(NOW), 2), [0, 24], "it had its time");
        assert!(lanes.lanes[0].next().is_some());
        assert_eq!(lanes.plan(NOW)[0], 0, "it has room again");
    }

    #[test]
    fn a_relay_that_takes_nothing_does_not_keep_the_others_from_being_filled() {
        let mut lanes = lanes(&[(1, 4), (1, 1)]);
        for _ in 0..32 {
            lanes.hand_over(0, held());
        }
        assert!(lanes.want_more(NOW), "the second has nothing to do");
        lanes.full_since[0] = Instant::now().checked_sub(RESPECT);
        assert_eq!(counts(&lanes.plan(NOW), 2), [0, 8]);
    }

    #[test]
    fn a_relay_that_now_and_then_takes_one_does_not_make_the_others_wait_again() {
        let mut lanes = lanes(&[(1, 1), (1, 4)]);
        lanes.plan(NOW).into_iter().for_each(|at| lanes.hand_over(at, held()));
        lanes.full_since[0] = Instant::now().checked_sub(RESPECT);
        lanes.plan(NOW).into_iter().for_each(|at| lanes.hand_over(at, held()));
        for _ in 0..3 {
            assert!(lanes.lanes[0].next().is_some());
            while lanes.lanes[1].next().is_some() {}
            assert!(lanes.want_more(NOW));
            let plan = lanes.plan(NOW);
            assert_eq!(counts(&plan, 2), [1, 32]);
            plan.into_iter().for_each(|at| lanes.hand_over(at, held()));
        }
    }

    fn held() -> Held {
        let claim = Claim {
            id: DeliveryId(1),
            fence: 1,
            kind: DeliveryKind::Issue,
            letter_id: LetterId(1),
            issue_id: None,
            subscriber_id: None,
            public_id: None,
            address: String::new(),
            attempts: 0,
        };
        Held { node: "node".into(), claim }
    }
}
