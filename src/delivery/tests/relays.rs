//! What one relay, one connection or one recipient does to the others.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::store::tests::harness::spoil_letters;

/// Waits until the ledger is as the test wants it, and fails when that takes longer than any machine needs.
pub(super) async fn until(what: &str, reached: impl AsyncFn() -> bool) {
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

/// A relay that announces PIPELINING, answers the first command of what has arrived and forgets the rest.
async fn forgets_what_it_has_not_answered(mut stream: TcpStream, taken: Arc<AtomicUsize>) {
    let mut reply = "220 relay\r\n";
    let mut chunk = [0; 65536];
    loop {
        if stream.write_all(reply.as_bytes()).await.is_err() {
            return;
        }
        let Ok(n @ 1..) = stream.read(&mut chunk).await else { return };
        reply = match &chunk[..4.min(n)] {
            b"EHLO" => "250-relay\r\n250 PIPELINING\r\n",
            b"DATA" => "354 go on\r\n",
            b"MAIL" | b"RCPT" | b"RSET" | b"QUIT" => "250 ok\r\n",
            _ => {
                let mut end = chunk[..n].to_vec();
                while !end.windows(5).any(|window| window == b"\r\n.\r\n") {
                    let Ok(n @ 1..) = stream.read(&mut chunk).await else { return };
                    end.extend_from_slice(&chunk[..n]);
                }
                taken.fetch_add(1, Ordering::SeqCst);
                "250 taken\r\n"
            }
        };
    }
}

#[tokio::test]
async fn a_relay_that_does_not_do_what_it_announces_gets_one_command_at_a_time() {
    let mut house = House::new(Courteous).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let taken = Arc::new(AtomicUsize::new(0));
    house.relay = relay(listener.local_addr().unwrap().port());
    house.relay.deadlines.rcpt = Duration::from_millis(300);
    let count = taken.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(forgets_what_it_has_not_answered(stream, count.clone()));
        }
    });
    for n in 0..3 {
        house.reader(&format!("reader-{n}@example.jp")).await;
    }
    house.issue().await;
    let delivery = house.delivery();
    delivery.drain(true).await.unwrap();
    for _ in 0..2 {
        house.pass(SignedDuration::from_mins(10));
        delivery.drain(true).await.unwrap();
    }
    assert_eq!(taken.load(Ordering::SeqCst), 3);
    assert!(house.lines().await.iter().all(|line| line.state == DeliveryState::Accepted));
}

#[tokio::test]
async fn a_letter_that_cannot_be_read_is_not_the_first_to_be_claimed_again() {
    let house = House::new(Courteous).await;
    house.reader("a@example.jp").await;
    house.issue().await;
    spoil_letters(&house.store).await;
    house.pass(SignedDuration::from_secs(1));
    house.reader("b@example.jp").await;
    house.issue().await;
    let delivery = house.delivery();
    let sending = delivery.drain(true);
    let attempts = tokio::time::timeout(Duration::from_secs(20), sending).await.expect("it comes to an end").unwrap();
    assert_eq!((attempts, house.inbox.taken()), (3, 2));
    let lines = house.lines().await;
    assert_eq!(lines.iter().filter(|line| line.state == DeliveryState::Accepted).count(), 2);
    let spoilt = lines.iter().find(|line| line.state == DeliveryState::Queued).unwrap();
    assert!(spoilt.due.unwrap() > house.now() && spoilt.reply.is_some(), "{spoilt:?}");
}

#[tokio::test]
async fn what_is_in_hand_when_a_node_begins_anew_is_not_put_in_doubt() {
    let house = House::new(Courteous).await;
    for address in ["a@example.jp", "b@example.jp"] {
        house.reader(address).await;
    }
    house.issue().await;
    let delivery = house.delivery();
    delivery.node.join(&house.store, &*house.clock).await.unwrap();
    let in_hand = delivery.claim(1).await.unwrap().remove(0);
    assert!(house.store.offer(&in_hand.node, &in_hand.claim, house.now()).await.unwrap());
    delivery.node.begin_anew(&*house.clock);
    let a = async || house.line_to("a@example.jp").await.state;
    for _ in 0..10 {
        house.pass(SignedDuration::from_secs(20));
        delivery.node.renew(&house.store, &*house.clock).await.unwrap();
        delivery.recover(false).await.unwrap();
        assert_eq!(a().await, DeliveryState::Offered, "the relay may still answer");
    }
    drop(in_hand);
    for _ in 0..4 {
        house.pass(SignedDuration::from_secs(20));
        delivery.node.renew(&house.store, &*house.clock).await.unwrap();
        delivery.recover(false).await.unwrap();
    }
    assert_eq!(a().await, DeliveryState::Unknown);
}

#[tokio::test]
async fn a_relay_that_is_down_is_paused_and_nobody_is_blamed() {
    let mut house = House::new(Courteous).await;
    let works = house.relay.clone();
    // A port that was free a moment ago and that nobody listens on.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    house.relay = relay(closed);
    house.reader("a@example.jp").await;
    house.issue().await;
    let delivery = house.delivery();
    assert_eq!(delivery.drain(true).await.unwrap(), 1);
    assert_eq!(delivery.troubles().len(), 1, "{:?}", delivery.troubles());
    assert!(delivery.troubles()[0].contains("main"), "{:?}", delivery.troubles());
    let line = house.line_to("a@example.jp").await;
    assert_eq!((line.state, line.attempts), (DeliveryState::Queued, 0));
    assert_eq!(delivery.drain(true).await.unwrap(), 0, "it gets a pause");
    house.relay = works;
    assert_eq!(house.drain().await, 1);
    assert_eq!(house.line_to("a@example.jp").await.state, DeliveryState::Accepted);
}

#[tokio::test]
async fn a_relay_that_dies_after_every_dot_is_paused_before_it_puts_the_list_in_doubt() {
    let (behaviour, seen) = AtTheDot::new(usize::MAX, Answer::Drop);
    let house = House::new(behaviour).await;
    for n in 0..20 {
        house.reader(&format!("reader-{n}@example.jp")).await;
    }
    house.issue().await;
    let delivery = house.delivery();
    assert_eq!(delivery.drain(true).await.unwrap(), 1);
    assert!(delivery.troubles()[0].contains("main"), "{:?}", delivery.troubles());
    house.pass(SignedDuration::from_secs(3));
    assert_eq!(delivery.drain(true).await.unwrap(), 1);
    house.pass(SignedDuration::from_secs(3));
    assert_eq!(delivery.drain(true).await.unwrap(), 0, "the pause grows");
    let unknown = house.lines().await.iter().filter(|line| line.state == DeliveryState::Unknown).count();
    assert_eq!((unknown, seen.lock().unwrap().len()), (2, 2));
}

#[tokio::test]
async fn a_recipient_who_upsets_the_relay_does_not_hold_up_the_others() {
    let house = House::new(AtTheRecipient(vec![("poison@example.jp", Answer::Drop)])).await;
    for address in ["poison@example.jp", "a@example.jp", "b@example.jp"] {
        house.reader(address).await;
    }
    house.issue().await;
    let delivery = house.delivery();
    delivery.drain(true).await.unwrap();
    house.pass(SignedDuration::from_secs(3));
    delivery.drain(true).await.unwrap();
    assert_eq!(house.inbox.taken(), 2);
    let line = house.line_to("poison@example.jp").await;
    assert_eq!((line.state, line.attempts), (DeliveryState::Queued, 1));
    assert_eq!(house.state("poison@example.jp").await, SubscriberState::Confirmed);
}

/// Hangs up after each message, as some relays do, without a word.
struct OneEach;

impl Behaviour for OneEach {
    fn on_taken(&self, _peer: &Peer, _envelope: &Envelope, reply: &crate::domain::delivery::Reply) -> Answer {
        Answer::ReplyThenDrop(reply.code.unwrap_or(250), reply.text.clone())
    }
}

#[tokio::test]
async fn a_connection_that_was_closed_between_two_mails_is_no_trouble() {
    let house = House::new(OneEach).await;
    for n in 0..5 {
        house.reader(&format!("reader-{n}@example.jp")).await;
    }
    house.issue().await;
    let delivery = house.delivery();
    assert_eq!(delivery.drain(true).await.unwrap(), 5);
    assert_eq!(house.inbox.taken(), 5);
    assert!(delivery.troubles().is_empty(), "{:?}", delivery.troubles());
}
