//! Whatever happens to a ledger, and in whatever order: every recipient's mail is in exactly one state, and what has
//! come to an end stays so.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::*;
use crate::domain::consent::ConsentKind;
use crate::domain::delivery::{Claim, DeliveryState, Reply};
use crate::domain::doubt::Decision;
use crate::domain::ids::{DeliveryId, IssueId, SubscriberId};
use crate::domain::issue::IssueState;
use crate::domain::subscriber::SubscriberState::{self, Confirmed, Unsubscribed};
use crate::domain::subscriber::SuppressReason;
use crate::store::{DeliveryFilter, Entry, Existing, Store};

const READERS: usize = 24;
const STEPS: usize = 160;
const NODES: [&str; 3] = ["node-a", "node-b", "node-c"];

/// A ledger with two issues, the nodes that work on it, and dice.
struct World {
    store: Store,
    dice: StdRng,
    now: i64,
    issues: Vec<IssueId>,
    readers: Vec<SubscriberId>,
    /// What each node believes to hold, and whether it has offered it. A dead node keeps believing.
    held: Vec<(&'static str, Claim, bool)>,
    ends: BTreeMap<DeliveryId, DeliveryState>,
}

impl World {
    async fn new(store: Store, seed: u64) -> Self {
        let mut world = Self {
            store,
            dice: StdRng::seed_from_u64(seed),
            now: 12,
            issues: Vec::new(),
            readers: Vec::new(),
            held: Vec::new(),
            ends: BTreeMap::new(),
        };
        for n in 0..READERS {
            world.readers.push(enrolled(&world.store, &format!("reader-{n:02}"), Confirmed).await);
        }
        for (guid, slot) in [("one", "2026-11-20T08:00"), ("two", "2026-11-27T08:00")] {
            world.store.store_articles(&[article(None, guid, 0)], minute(0)).await.unwrap();
            let issue = a_draft(&world.store, slot).await.unwrap();
            seal(&world.store, &issue).await;
            world.store.release_issue(issue.id, minute(12)).await.unwrap().unwrap();
            world.issues.push(issue.id);
        }
        for node in NODES {
            world.store.join(node, minute(12), LEASE).await.unwrap();
        }
        world
    }

    fn roll(&mut self, below: usize) -> usize {
        self.dice.random_range(0..below)
    }

    fn node(&mut self) -> &'static str {
        NODES[self.roll(NODES.len())]
    }

    /// Does something, and says what.
    async fn step(&mut self) -> &'static str {
        if self.roll(4) == 0 {
            self.now += 1;
        }
        match self.roll(20) {
            0..=4 => self.claim().await,
            5..=7 => self.offer().await,
            8..=11 => self.record().await,
            12 => self.give_back().await,
            13 => self.recover().await,
            14 => {
                self.store.resend_unknown(minute(self.now)).await.unwrap();
                "resend what is due again"
            }
            15 => self.decide(Decision::Resend).await,
            16 => self.decide(Decision::Accept).await,
            17 => self.part_with_a_reader().await,
            18 => {
                self.store.finish_issues(minute(self.now)).await.unwrap();
                "finish"
            }
            _ => self.rarely().await,
        }
    }

    async fn claim(&mut self) -> &'static str {
        let (node, limit) = (self.node(), 1 + self.roll(4));
        match self.store.claim(node, limit, minute(self.now), LEASE).await.unwrap() {
            Some(claims) => self.held.extend(claims.into_iter().map(|claim| (node, claim, false))),
            None => self.store.join(node, minute(self.now), LEASE).await.unwrap(),
        }
        "claim"
    }

    async fn offer(&mut self) -> &'static str {
        if !self.held.is_empty() {
            let n = self.roll(self.held.len());
            let (node, claim, offered) = &mut self.held[n];
            *offered |= self.store.offer(node, claim, minute(self.now)).await.unwrap();
        }
        "offer"
    }

    async fn record(&mut self) -> &'static str {
        if self.held.is_empty() {
            return "nothing to record";
        }
        let n = self.roll(self.held.len());
        let (node, claim, offered) = self.held.swap_remove(n);
        let later = minute(self.now + 2);
        let entry = match self.roll(6) {
            0 | 1 if offered => Entry::Accepted(Reply::new(250, "ok")),
            2 if offered => Entry::Unknown(Reply::new(None, "silence"), Some(later)),
            3 if offered => Entry::Unknown(Reply::new(None, "silence"), None),
            4 => Entry::Rejected(Reply::new(550, "no")),
            _ => Entry::Later(Reply::new(451, "later"), later),
        };
        self.store.record(node, &claim, "main", &entry, minute(self.now)).await.unwrap();
        "record"
    }

    async fn give_back(&mut self) -> &'static str {
        if !self.held.is_empty() {
            let n = self.roll(self.held.len());
            let (node, claim, _) = self.held.swap_remove(n);
            self.store.give_one_back(node, &claim, minute(self.now)).await.unwrap();
        }
        "give back"
    }

    /// One node finds that the others are dead. They do not know, and go on writing.
    async fn recover(&mut self) -> &'static str {
        let (node, alone) = (self.node(), self.roll(2) == 0);
        let resend_at = (self.roll(2) == 0).then(|| minute(self.now + 3));
        self.store.recover(node, alone, resend_at, minute(self.now)).await.unwrap();
        "recover"
    }

    async fn decide(&mut self, decision: Decision) -> &'static str {
        let unknown = self.store.unknown_deliveries(None, DeliveryId(0), 3).await.unwrap();
        let mut ids: Vec<DeliveryId> = unknown.iter().map(|doubt| doubt.id).collect();
        // Operators mistype.
        ids.extend((self.roll(3) == 0).then(|| DeliveryId(self.dice.random_range(0..60))));
        let leave_out = self.roll(2) == 0;
        self.store.decide(&ids, decision, leave_out, minute(self.now)).await.unwrap();
        "decide by hand"
    }

    async fn part_with_a_reader(&mut self) -> &'static str {
        let n = self.roll(self.readers.len());
        let id = self.readers[n];
        let Some(reader) = self.store.subscriber(id).await.unwrap() else { return "nobody there" };
        match self.roll(3) {
            0 => {
                self.store.erase_subscriber(id, [7; 32], SuppressReason::Erased, minute(self.now)).await.unwrap();
                "erase"
            }
            1 if reader.state != Confirmed => {
                self.change(id, reader.state, Confirmed, ConsentKind::Confirmed).await;
                "come back"
            }
            _ => {
                self.change(id, reader.state, Unsubscribed, ConsentKind::Unsubscribed).await;
                "leave"
            }
        }
    }

    async fn change(&self, id: SubscriberId, from: SubscriberState, to: SubscriberState, why: ConsentKind) {
        let event = event(why, minute(self.now));
        self.store.change_subscriber(Existing { id, state: from }, to, &event).await.unwrap();
    }

    /// What would end the story if it came too often.
    async fn rarely(&mut self) -> &'static str {
        match self.roll(8) {
            0 => {
                let n = self.roll(self.issues.len());
                let state = self.store.issue(self.issues[n]).await.unwrap().state;
                if state.can_cancel() {
                    self.store.cancel_issue(self.issues[n], &state, minute(self.now)).await.unwrap();
                }
                "cancel"
            }
            1 => {
                self.store.expire_overdue(minute(12), true, minute(self.now)).await.unwrap();
                "expire"
            }
            _ => {
                self.now += 5;
                "time passes"
            }
        }
    }

    /// Looks at the ledger from outside.
    async fn look(&mut self, what: &str) {
        let mut lines = BTreeMap::new();
        for line in self.store.deliveries(&DeliveryFilter::default(), 1000).await.unwrap() {
            lines.insert(line.id, line.state);
        }
        for issue in &self.issues {
            let tally = self.store.issue_tally(*issue).await.unwrap();
            assert!(tally.adds_up(), "after {what:?}: {tally:?}");
            assert_eq!(usize::try_from(tally.recipients).unwrap(), READERS);
        }
        assert_eq!(lines.len(), READERS * self.issues.len(), "after {what:?}");
        for (id, state) in &self.ends {
            assert_eq!(lines[id], *state, "after {what:?}, {id} is not what it came to");
        }
        let settled = |state: &DeliveryState| {
            use DeliveryState::{Accepted, Expired, Rejected, Withdrawn};
            matches!(state, Accepted | Rejected | Withdrawn | Expired)
        };
        self.ends = lines.into_iter().filter(|(_, state)| settled(state)).collect();
    }
}

#[tokio::test]
async fn every_recipient_is_counted_once_whatever_happens() {
    for seed in 0..4 {
        on_each_engine(async |store| {
            let mut world = World::new(store, seed).await;
            world.look("the beginning").await;
            let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
            for _ in 0..STEPS {
                let what = world.step().await;
                *seen.entry(what).or_default() += 1;
                world.look(&format!("{what} (seed {seed}, on {})", world.store.engine())).await;
            }
            assert!(seen.len() >= 10, "too little happened: {seen:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_story_comes_to_its_end() {
    on_each_engine(async |store| {
        let mut world = World::new(store, 1).await;
        for _ in 0..40 {
            world.step().await;
        }
        // Everybody dies, nobody cancels, and the relay takes whatever it is given.
        world.held.clear();
        world.store.recover("the-last", true, None, minute(world.now)).await.unwrap();
        world.store.join("the-last", minute(world.now), LEASE).await.unwrap();
        world.now += 60;
        world.store.resend_unknown(minute(world.now)).await.unwrap();
        world.store.renew_lease("the-last", minute(world.now), LEASE).await.unwrap();
        for claim in world.store.claim("the-last", 1000, minute(world.now), LEASE).await.unwrap().unwrap() {
            assert!(world.store.offer("the-last", &claim, minute(world.now)).await.unwrap());
            let accepted = Entry::Accepted(Reply::new(250, "ok"));
            assert!(world.store.record("the-last", &claim, "main", &accepted, minute(world.now)).await.unwrap());
        }
        world.store.finish_issues(minute(world.now)).await.unwrap();
        for issue in world.issues.clone() {
            let counts = world.store.delivery_counts(issue).await.unwrap();
            assert_eq!(counts.open(), 0, "{counts:?}");
            let state = world.store.issue(issue).await.unwrap().state;
            assert!(matches!(state, IssueState::Finished | IssueState::Cancelled), "{state}");
        }
    })
    .await;
}
