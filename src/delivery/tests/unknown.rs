//! Mail whose fate nobody knows: silence after the dot, and crashes.

use super::*;

#[tokio::test]
async fn silence_after_the_dot_is_unknown_and_sent_again_with_the_same_bytes() {
    let (behaviour, seen) = AtTheDot::new(1, Answer::Drop);
    let house = House::new(behaviour).await;
    house.reader("a@example.jp").await;
    let issue = house.issue().await;
    house.drain().await;
    assert_eq!(house.line_to("a@example.jp").await.state, DeliveryState::Unknown);
    assert_eq!(house.store.issue(issue).await.unwrap().state, IssueState::Sending);
    house.pass(SignedDuration::from_mins(16));
    assert_eq!(house.drain().await, 1);
    assert_eq!(house.line_to("a@example.jp").await.state, DeliveryState::Accepted);
    assert_eq!(house.store.issue(issue).await.unwrap().state, IssueState::Finished);
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_parked_unknown_is_never_sent_again() {
    let (behaviour, seen) = AtTheDot::new(1, Answer::Raw(b"25".to_vec()));
    let mut house = House::new(behaviour).await;
    house.policy.on_unknown = OnUnknown::Park;
    house.relay.deadlines.final_dot = Duration::from_millis(200);
    house.reader("a@example.jp").await;
    let issue = house.issue().await;
    house.drain().await;
    house.pass(SignedDuration::from_hours(72));
    assert_eq!(house.drain().await, 0);
    assert_eq!(house.line_to("a@example.jp").await.state, DeliveryState::Unknown);
    assert_eq!(house.store.issue(issue).await.unwrap().state, IssueState::Finished);
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_mail_of_unknown_fate_is_sent_again_ever_more_rarely() {
    let (behaviour, seen) = AtTheDot::new(usize::MAX, Answer::Drop);
    let house = House::new(behaviour).await;
    house.reader("a@example.jp").await;
    house.issue().await;
    for _ in 0..(48 * 4) {
        house.drain().await;
        house.pass(SignedDuration::from_mins(15));
    }
    let copies = seen.lock().unwrap().len();
    assert!((6..=9).contains(&copies), "{copies} copies in two days");
}

#[tokio::test]
async fn after_a_crash_what_was_claimed_is_sent_and_what_was_offered_is_doubted() {
    let house = House::new(Courteous).await;
    for address in ["a@example.jp", "b@example.jp", "c@example.jp"] {
        house.reader(address).await;
    }
    house.issue().await;
    let crashed = house.delivery();
    crashed.node.join(&house.store, &*house.clock).await.unwrap();
    let held = crashed.claim(2).await.unwrap();
    assert!(house.store.offer(&held[0].node, &held[0].claim, house.now()).await.unwrap());
    drop(crashed);

    assert_eq!(house.drain().await, 2, "at once, without waiting for the dead node's lease");
    assert_eq!(house.line_to("a@example.jp").await.state, DeliveryState::Unknown);
    house.pass(SignedDuration::from_mins(16));
    assert_eq!(house.drain().await, 1);
    assert!(house.lines().await.iter().all(|line| line.state == DeliveryState::Accepted));
}

#[tokio::test]
async fn what_a_node_lost_sight_of_is_recovered_while_it_lives() {
    let house = House::new(Courteous).await;
    for address in ["a@example.jp", "b@example.jp"] {
        house.reader(address).await;
    }
    house.issue().await;
    let delivery = house.delivery();
    delivery.node.join(&house.store, &*house.clock).await.unwrap();
    let held = delivery.claim(2).await.unwrap();
    assert!(house.store.offer(&held[0].node, &held[0].claim, house.now()).await.unwrap());
    // As after an outage of the database, in which nothing could be written.
    drop(held);
    delivery.node.begin_anew(&*house.clock);
    assert_eq!(delivery.drain(false).await.unwrap(), 0, "the old id still has its lease");
    house.pass(SignedDuration::from_secs(61));
    assert_eq!(delivery.drain(false).await.unwrap(), 1);
    assert_eq!(house.line_to("a@example.jp").await.state, DeliveryState::Unknown);
    assert_eq!(house.line_to("b@example.jp").await.state, DeliveryState::Accepted);
}
