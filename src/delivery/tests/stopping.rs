//! Stopping in the middle: the daemon's end, and an issue that is cancelled.

use super::*;

/// Asks the relay to be slow, and counts how many mails are in its hands at once.
struct Slow {
    at_once: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Behaviour for Slow {
    fn on_data(&self, _peer: &Peer, _envelope: &Envelope) -> Answer {
        let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        Answer::Usual
    }

    fn on_content(&self, _peer: &Peer, _envelope: &Envelope, _content: &[u8]) -> Answer {
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        Answer::Stall(Duration::from_millis(5))
    }
}

#[tokio::test]
async fn the_daemon_sends_over_all_its_connections_and_stops_at_a_safe_point() {
    let most = Arc::new(AtomicUsize::new(0));
    let house = House::new(Slow { at_once: Arc::default(), most: most.clone() }).await;
    for n in 0..60 {
        house.reader(&format!("reader-{n}@example.jp")).await;
    }
    let issue = house.issue().await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(house.delivery().run(true, stop.clone()));
    while house.inbox.taken() < 20 {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    running.await.unwrap().unwrap();
    let counts = house.store.delivery_counts(issue).await.unwrap();
    assert_eq!((counts.claimed, counts.offered, counts.unknown), (0, 0, 0), "{counts:?}");
    assert_eq!(u64::try_from(counts.accepted).unwrap(), house.inbox.taken());
    assert!(counts.queued > 0, "it stopped before it was through");
    assert!(most.load(Ordering::SeqCst) > 1, "one connection did it all");

    house.drain().await;
    assert_eq!(house.inbox.taken(), 60);
    let recipients: BTreeSet<_> = house.inbox.mails().iter().map(|mail| mail.envelope.to[0].clone()).collect();
    assert_eq!(recipients.len(), 60, "nobody got it twice");
}

/// Waits at the final dot until the test lets it go on.
struct Held {
    reached: Arc<AtomicUsize>,
    stall: Duration,
}

impl Behaviour for Held {
    fn on_content(&self, _peer: &Peer, _envelope: &Envelope, _content: &[u8]) -> Answer {
        self.reached.fetch_add(1, Ordering::SeqCst);
        Answer::Stall(self.stall)
    }
}

/// Sends to thirty readers over a relay that stalls at the dot, and cancels as soon as every connection is there.
async fn cancelled_at_the_dot(stall: Duration, patience: Duration) -> (House, IssueId) {
    let reached = Arc::new(AtomicUsize::new(0));
    let mut house = House::new(Held { reached: reached.clone(), stall }).await;
    house.relay.deadlines.final_dot = patience;
    for n in 0..30 {
        house.reader(&format!("reader-{n}@example.jp")).await;
    }
    let issue = house.issue().await;
    let stop = CancellationToken::new();
    let run = tokio::spawn(house.delivery().run(true, stop.clone()));
    while reached.load(Ordering::SeqCst) < house.relay.config.connections {
        tokio::task::yield_now().await;
    }
    house.store.cancel_issue(issue, &IssueState::Sending, house.now()).await.unwrap();
    loop {
        let tally = house.store.issue_tally(issue).await.unwrap();
        assert!(tally.adds_up(), "{tally:?}");
        assert_eq!(tally.counts.queued, 0, "{tally:?}");
        // What is claimed may wait for a relay that gets a pause; stopping gives it back, and nobody wants it.
        if tally.counts.offered == 0 {
            break;
        }
        tokio::task::yield_now().await;
    }
    stop.cancel();
    run.await.unwrap().unwrap();
    assert_eq!(house.store.delivery_counts(issue).await.unwrap().open(), 0);
    (house, issue)
}

#[tokio::test]
async fn what_is_at_the_dot_when_its_issue_is_cancelled_is_finished_and_the_rest_withdrawn() {
    let (house, issue) = cancelled_at_the_dot(Duration::from_millis(500), Duration::from_secs(60)).await;
    let counts = house.store.delivery_counts(issue).await.unwrap();
    assert_eq!(u64::try_from(counts.accepted).unwrap(), house.inbox.taken(), "the ledger and the relay agree");
    assert!(counts.accepted >= 4 && counts.withdrawn > 0, "{counts:?}");
    assert_eq!(counts.accepted + counts.withdrawn, 30);
    assert_eq!(house.store.issue(issue).await.unwrap().state, IssueState::Cancelled);
    assert_eq!(house.drain().await, 0);
}

#[tokio::test]
async fn what_is_unknown_when_its_issue_is_cancelled_stays_so() {
    let (house, issue) = cancelled_at_the_dot(Duration::from_secs(60), Duration::from_millis(300)).await;
    let counts = house.store.delivery_counts(issue).await.unwrap();
    assert!(counts.unknown >= 4, "{counts:?}");
    assert_eq!(counts.unknown + counts.withdrawn, 30, "{counts:?}");
    house.pass(SignedDuration::from_hours(24));
    assert_eq!(house.drain().await, 0, "it is not sent again");
    assert_eq!(house.store.delivery_counts(issue).await.unwrap(), counts);
}
