//! How much one connection carries, and for how long.

use std::collections::BTreeMap;
use std::sync::Mutex;

use tokio::task::JoinSet;

use super::relays::until;
use super::*;
use crate::delivery::connection::Connection;
use crate::delivery::scribe::Scribe;
use crate::domain::delivery::Reply;

/// How many mails came over each connection.
type Carried = Arc<Mutex<BTreeMap<u64, usize>>>;

/// Counts them.
struct Counting(Carried);

impl Behaviour for Counting {
    fn on_taken(&self, peer: &Peer, _envelope: &Envelope, _reply: &Reply) -> Answer {
        *self.0.lock().unwrap().entry(peer.connection).or_default() += 1;
        Answer::Usual
    }
}

/// A house with a relay that counts, one connection to it, and an issue to so many readers.
async fn house_with(readers: usize) -> (House, Carried) {
    let carried = Carried::default();
    let mut house = House::new(Counting(carried.clone())).await;
    house.relay.config.connections = 1;
    for n in 0..readers {
        house.reader(&format!("reader-{n}@example.jp")).await;
    }
    house.issue().await;
    (house, carried)
}

fn counts(carried: &Carried) -> Vec<usize> {
    carried.lock().unwrap().values().copied().collect()
}

#[tokio::test]
async fn a_connection_carries_as_many_mails_as_it_may_and_no_more() {
    // One after the other, and each announced with the one before.
    for in_a_stream in [false, true] {
        let (mut house, carried) = house_with(10).await;
        house.relay.config.messages_per_connection = 3;
        if in_a_stream {
            let stop = CancellationToken::new();
            let run = tokio::spawn(house.delivery().run(true, stop.clone()));
            until("everything leaves", async || house.inbox.taken() == 10).await;
            stop.cancel();
            run.await.unwrap().unwrap();
        } else {
            assert_eq!(house.drain().await, 10);
        }
        assert_eq!(counts(&carried), [3, 3, 3, 1], "in a stream: {in_a_stream}");
    }
}

#[tokio::test]
async fn a_connection_that_has_been_open_for_five_minutes_is_used_no_more() {
    /// Lets time pass for timers and deadlines, while no other is waited for.
    async fn pass(time: Duration) {
        tokio::time::pause();
        tokio::time::advance(time).await;
        tokio::time::resume();
    }
    let (house, carried) = house_with(3).await;
    let delivery = house.delivery();
    delivery.node.join(&house.store, &*house.clock).await.unwrap();
    let mut tasks = JoinSet::new();
    let scribe = Scribe::start(&mut tasks, house.store.clone(), house.clock.clone());
    let mut connection = Connection::new(delivery.clone(), delivery.gates[0].clone(), scribe);
    let mut held = delivery.claim(3).await.unwrap();
    let mut send = async || connection.send(held.remove(0), || None).await.unwrap();
    send().await;
    // The relay itself would hang up only after five minutes without a word.
    pass(Duration::from_secs(200)).await;
    send().await;
    assert_eq!(counts(&carried), [2], "it may be used again");
    pass(Duration::from_secs(101)).await;
    send().await;
    assert_eq!(counts(&carried), [2, 1], "it is five minutes old");
}
