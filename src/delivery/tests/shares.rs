//! Two relays: each takes its share, and the one that works takes all.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::relays::until;
use super::*;
use crate::mail::Relay;

const MAILS: usize = 120;

/// Sends an issue over these relays, and returns how many mails each has taken, by its name.
async fn sent_over(house: &House, relays: Vec<Relay>) -> impl Fn(&str) -> usize {
    for n in 0..MAILS {
        house.reader(&format!("reader-{n}@example.jp")).await;
    }
    house.issue().await;
    let (policy, links) = (house.policy.clone(), house.links.clone());
    let delivery = Delivery::new(house.store.clone(), house.clock.clone(), links, policy, relays, None);
    let stop = CancellationToken::new();
    let run = tokio::spawn(Arc::new(delivery).run(true, stop.clone()));
    until("everything leaves", async || house.inbox.taken() == u64::try_from(MAILS).unwrap()).await;
    stop.cancel();
    run.await.unwrap().unwrap();
    let lines = house.lines().await;
    for line in &lines {
        // `attempts` counts the one that succeeded, too.
        assert_eq!((line.state, line.attempts), (DeliveryState::Accepted, 1), "{line:?}");
    }
    move |name| lines.iter().filter(|line| line.relay.as_deref() == Some(name)).count()
}

fn named(relay: &Relay, name: &str, weight: u32) -> Relay {
    let mut relay = relay.clone();
    (relay.config.name, relay.config.weight) = (name.to_owned(), weight);
    relay
}

#[tokio::test]
async fn what_a_relay_in_trouble_cannot_take_goes_out_by_the_other_at_the_first_attempt() {
    let house = House::new(Courteous).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refusing = relay(listener.local_addr().unwrap().port());
    let turned_away = Arc::new(AtomicUsize::new(0));
    let count = turned_away.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let _ = stream.write_all(b"554 5.7.1 you are on a list\r\n").await;
        }
    });
    // It has the larger share.
    let relays = vec![named(&refusing, "refuses", 3), named(&house.relay, "works", 1)];
    let taken_by = sent_over(&house, relays).await;
    assert_eq!((taken_by("refuses"), taken_by("works")), (0, MAILS));
    assert!((1..=8).contains(&turned_away.load(Ordering::SeqCst)), "asked {turned_away:?} times, and then left alone");
}

#[tokio::test]
async fn a_relay_of_weight_three_takes_three_mails_of_four() {
    let house = House::new(Courteous).await;
    let mut relays = vec![named(&house.relay, "large", 3), named(&house.relay, "small", 1)];
    // So much room that neither is ever full, and leaves something of its share to the other, on a busy machine either.
    for relay in &mut relays {
        relay.config.connections = 16;
    }
    let taken_by = sent_over(&house, relays).await;
    let (large, small) = (taken_by("large"), taken_by("small"));
    assert_eq!(large + small, MAILS);
    assert!((MAILS * 70 / 100..=MAILS * 80 / 100).contains(&large), "{large} and {small}");
}
