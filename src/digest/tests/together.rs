//! Two hands at the same moment.

use super::*;
use crate::domain::issue::IssueState;

#[tokio::test]
async fn two_nodes_at_the_same_slot_make_one_issue() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.reader("a").await;
        house.reader("ja").await;
        let other = house.another_process();
        for week in 1..=5 {
            let articles: Vec<_> = (0..4).map(|n| news(&format!("w{week}n{n}"), n)).collect();
            house.store_articles(&articles).await;
            let slot = house.next_slot();
            let (one, two) = tokio::join!(the_job(&house.digests, &slot), the_job(&other, &slot));
            assert_eq!((one.id, one.number), (two.id, Some(week)));
            assert_eq!(store.delivery_counts(one.id).await.unwrap().total(), 2);
        }
        assert_eq!(house.issues().await.len(), 5);
    })
    .await;
}

#[tokio::test]
async fn a_hand_run_a_minute_after_the_slot_and_the_scheduler_make_one_issue() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.reader("a").await;
        let other = house.another_process();
        for _ in 0..5 {
            let titles = format!("{}", house.now().as_second());
            house
                .store_articles(&[news(&titles, 1), news(&format!("{titles}b"), 2), news(&format!("{titles}c"), 3)])
                .await;
            let slot = house.next_slot();
            // The scheduler is still fetching when the operator loses patience.
            house.pass(jiff::SignedDuration::from_secs(80));
            let by_hand = house.by_hand();
            assert_ne!(by_hand.key(), slot.key());
            let (one, two) = tokio::join!(the_job(&house.digests, &slot), the_job(&other, &by_hand));
            assert_eq!(one.id, two.id);
            // And whoever comes later finds it too.
            assert_eq!(the_job(&other, &slot).await.id, one.id);
        }
        let printed = house.issues().await;
        assert_eq!(printed.iter().filter(|issue| issue.number.is_some()).count(), 5);
    })
    .await;
}

#[tokio::test]
async fn two_nodes_that_find_nothing_record_it_once() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        let other = house.another_process();
        let slot = house.next_slot();
        let (one, two) = tokio::join!(the_job(&house.digests, &slot), the_job(&other, &slot));
        assert_eq!(one, two);
        assert!(matches!(one.state, IssueState::Skipped(_)));
        assert_eq!(house.issues().await, [one]);
    })
    .await;
}

#[tokio::test]
async fn sealing_and_cancelling_at_the_same_moment_leaves_one_of_both() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.reader("a").await;
        house.store_articles(&[news("n1", 1)]).await;
        let draft = house.compile(&house.next_slot()).await.issue;
        let other = house.another_process();
        let (sealed, cancelled) = tokio::join!(house.digests.seal(draft.id), other.cancel(draft.id));
        assert_eq!(cancelled.unwrap().issue.state, IssueState::Cancelled);
        if let Err(error) = sealed {
            assert!(error.to_string().starts_with("issue 1 is cancelled and cannot be sealed; "), "{error}");
        }
        let counts = store.delivery_counts(draft.id).await.unwrap();
        assert_eq!((counts.open(), what_waits(&store, EDITION, "news", house.now()).await.len()), (0, 1));
    })
    .await;
}
