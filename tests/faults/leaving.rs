//! R6: readers who leave while their issue goes out.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use kawaraban::clock::{Clock, SystemClock};
use kawaraban::domain::consent::{ConsentEvent, ConsentKind, Visit};
use kawaraban::domain::delivery::DeliveryState;
use kawaraban::domain::subscriber::SubscriberState;
use kawaraban::smtpd::Answer;
use kawaraban::store::{DeliveryFilter, Existing};
use rand::seq::SliceRandom;

use crate::kit::house::{Engine, House, Plan, address};
use crate::kit::report::{dice, report, sized};
use crate::kit::server::{At, FaultServer};
use crate::kit::truth::Truth;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_left_before_a_claim_gets_no_mail() {
    for engine in Engine::all() {
        leave_at_random(engine).await;
    }
}

/// Readers leave at random while the sender runs and is killed now and then. What their line says in the moment after
/// the commit decides: a line that no node held is withdrawn, and then nobody may ever claim it.
async fn leave_at_random(engine: Engine) {
    let (recipients, leaving, kills) = sized((600, 300, 3), (15_000, 10_000, 20));
    // The relay keeps behind those who leave, so that most of them go before their mail is claimed.
    let (left, taken) = (Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0));
    let so_far = Arc::clone(&left);
    let relay = FaultServer::plain(move |moment| match moment.at {
        At::Dot => {
            let ahead = taken.fetch_add(1, Ordering::SeqCst) > so_far.load(Ordering::SeqCst) / 2;
            Answer::Stall(Duration::from_millis(if ahead { 200 } else { 4 }))
        }
        _ => Answer::Usual,
    })
    .await;
    let house = House::new(Plan::new(engine, recipients), relay).await;
    let mut readers: Vec<usize> = (0..recipients).collect();
    readers.shuffle(&mut dice(&format!("R6 {engine:?}")));
    let mut truth = Truth::default();
    let (mut withdrawn, mut held, mut after) = (HashMap::new(), 0, 0);
    let mut sender = house.sender("");
    for (n, reader) in readers.into_iter().take(leaving).enumerate() {
        if n % (leaving / kills) == leaving / kills - 1 {
            sender.kill().await;
            truth.look(&house).await;
            house.database.expire_leases().await;
            sender = house.sender("");
        }
        let address = address(reader);
        let reader = house.store.subscriber_by_key(&address).await.unwrap().unwrap();
        let event = ConsentEvent::new(ConsentKind::Unsubscribed, SystemClock.now(), &Visit::default());
        let existing = Existing { id: reader.id, state: reader.state };
        house.store.change_subscriber(existing, SubscriberState::Unsubscribed, &event).await.unwrap();
        let gone = Instant::now();
        left.fetch_add(1, Ordering::SeqCst);
        let filter = DeliveryFilter { subscriber: Some(reader.id), ..DeliveryFilter::default() };
        let line = house.store.deliveries(&filter, 1).await.unwrap().pop().unwrap();
        match line.state {
            DeliveryState::Withdrawn => {
                withdrawn.insert(address, gone);
            }
            DeliveryState::Claimed | DeliveryState::Offered => held += 1,
            DeliveryState::Queued => panic!("delivery {} waits for somebody who has left", line.id),
            _ => after += 1,
        }
    }
    // Nobody leaves any more: the rest may go out as fast as it can.
    left.store(usize::MAX, Ordering::SeqCst);
    // A doubt about somebody who has left is not resolved by sending again: it stays on the list.
    let through = async {
        loop {
            let waiting = async || house.lines_in(DeliveryState::Unknown).await.iter().any(|line| line.due.is_some());
            // Twice: a doubt may be queued again, or a line become a doubt, between one look and the other.
            if !waiting().await && house.counts().await.open() == 0 && !waiting().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(300), through).await.expect("it comes to an end");
    assert_eq!(sender.stop().await, Some(0));
    let verdict = truth.judge(&house).await;
    // A copy from before they left, that was in doubt when its sender was killed, is no such thing.
    let against_their_will = house
        .relay
        .journal
        .since(0)
        .iter()
        .filter(|taken| withdrawn.get(&taken.recipient).is_some_and(|gone| taken.at > *gone))
        .count();
    report(
        "R6",
        &format!("{engine:?}, readers leave at random, {kills} SIGKILLs"),
        &format!(
            "{recipients} recipients, {leaving} left: {} before a claim, {held} while claimed, {after} after; mailed against \
             their will {against_their_will}, lost {}, duplicates {}",
            withdrawn.len(),
            verdict.lost,
            verdict.duplicates
        ),
    );
    assert_eq!((against_their_will, verdict.lost), (0, 0));
    assert_eq!(withdrawn.len() + held + after, leaving, "each of them was counted");
    assert!(withdrawn.len() * 2 > leaving, "only {} of {leaving} left before a claim", withdrawn.len());
}
