//! What one relay, one connection or one recipient does to the others.

use super::*;

/// Waits until the ledger is as the test wants it, and fails when that takes longer than any machine needs.
async fn until(what: &str, reached: impl AsyncFn() -> bool) {
    let waiting = async {
        while !reached().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap_or_else(|_| panic!("{what}"));
}

#[tokio::test]
async fn a_result_is_written_before_the_next_recipient_is_waited_for() {
    let stall = Answer::Stall(Duration::from_secs(120));
    let mut house = House::new(AtTheRecipient(vec![("slow@example.jp", stall)])).await;
    house.relay.config.connections = 1;
    for address in ["a@example.jp", "slow@example.jp"] {
        house.reader(address).await;
    }
    house.issue().await;
    let stop = CancellationToken::new();
    let run = tokio::spawn(house.delivery().run(true, stop.clone()));
    until("what the relay has taken is known", async || {
        house.line_to("a@example.jp").await.state == DeliveryState::Accepted
    })
    .await;
    run.abort();
}

#[tokio::test]
async fn a_relay_with_a_rate_does_not_slow_down_the_one_without() {
    let house = House::new(Courteous).await;
    for n in 0..100 {
        house.reader(&format!("reader-{n}@example.jp")).await;
    }
    house.issue().await;
    let [mut limited, mut free] = [house.relay.clone(), house.relay.clone()];
    limited.config.name = "limited".to_owned();
    limited.config.rate_per_minute = 1;
    free.config.connections = 1;
    let (policy, links) = (house.policy.clone(), house.links.clone());
    let relays = vec![limited, free];
    let delivery = Delivery::new(house.store.clone(), house.clock.clone(), links, policy, relays, None);
    let begun = std::time::Instant::now();
    let stop = CancellationToken::new();
    let run = tokio::spawn(Arc::new(delivery).run(true, stop.clone()));
    until("everything leaves", async || house.inbox.taken() == 100).await;
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    stop.cancel();
    run.await.unwrap().unwrap();
}

/// Lets so many connections in, and turns the others away.
struct Crowded {
    most: u64,
    turned_away: Arc<AtomicUsize>,
}

impl Behaviour for Crowded {
    fn greeting(&self, peer: &Peer) -> Answer {
        if peer.connection <= self.most {
            return Answer::Usual;
        }
        self.turned_away.fetch_add(1, Ordering::SeqCst);
        Answer::ReplyThenDrop(421, "4.7.0 too many connections from you".to_owned())
    }
}

#[tokio::test]
async fn a_relay_that_lets_in_two_connections_is_used_with_two() {
    let turned_away = Arc::new(AtomicUsize::new(0));
    let house = House::new(Crowded { most: 2, turned_away: turned_away.clone() }).await;
    for n in 0..300 {
        house.reader(&format!("reader-{n}@example.jp")).await;
    }
    house.issue().await;
    let begun = std::time::Instant::now();
    let stop = CancellationToken::new();
    let run = tokio::spawn(house.delivery().run(true, stop.clone()));
    until("everything leaves", async || house.inbox.taken() == 300).await;
    eprintln!("{:?}, {} turned away", begun.elapsed(), turned_away.load(Ordering::SeqCst));
    assert!(turned_away.load(Ordering::SeqCst) <= 10, "{} turned away", turned_away.load(Ordering::SeqCst));
    stop.cancel();
    run.await.unwrap().unwrap();
}
