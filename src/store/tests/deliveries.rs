use super::*;
use crate::domain::consent::ConsentKind;
use crate::domain::delivery::{DeliveryKind, DeliveryState, Reply};
use crate::domain::ids::DeliveryId;
use crate::domain::language::Language;
use crate::domain::subscriber::SubscriberState::{Confirmed, Pending, Unsubscribed};
use crate::store::{DeliveryFilter, Entry, Existing, Hold, Offer, Pools, Recovery, Store, StoreError};

async fn state_of(store: &Store, id: DeliveryId) -> DeliveryState {
    store.delivery_state(id).await.unwrap().0
}

#[tokio::test]
async fn a_confirmation_is_claimed_before_an_issue() {
    on_each_engine(async |store| {
        enrolled(&store, "reader", Confirmed).await;
        an_issue_on_its_way(&store).await;
        enrolled(&store, "visitor", Pending).await;
        store.join(NODE, minute(12), LEASE).await.unwrap();
        let claims = store.claim(NODE, 5, minute(12), LEASE).await.unwrap().unwrap();
        let mut kinds: Vec<_> = claims.iter().map(|c| (c.kind, c.address.as_str())).collect();
        assert!(kinds.contains(&(DeliveryKind::Confirmation, "visitor@example.jp")));
        assert_eq!(kinds.len(), 2);
        for claim in &claims {
            store.give_one_back(NODE, claim, minute(12)).await.unwrap();
        }
        kinds.clear();
        assert_eq!(claim_one(&store, minute(12)).await.unwrap().kind, DeliveryKind::Confirmation);
        let claim = claim_one(&store, minute(12)).await.unwrap();
        assert_eq!((claim.kind, claim.attempts, claim.fence), (DeliveryKind::Issue, 0, 2));
        assert_eq!(claim.public_id, Some(enrolment("reader", Confirmed).public_id));
        assert!(claim_one(&store, minute(12)).await.is_none(), "nothing is claimed twice");
    })
    .await;
}

#[tokio::test]
async fn every_outcome_is_recorded_once_and_only_by_its_holder() {
    on_each_engine(async |store| {
        enrolled(&store, "reader", Confirmed).await;
        let issue = an_issue_on_its_way(&store).await;
        store.join(NODE, minute(12), LEASE).await.unwrap();
        let claim = claim_one(&store, minute(12)).await.unwrap();
        let accepted = Entry::Accepted(Reply::new(250, "2.0.0 queued as 4711"));
        assert!(!store.offer("node-2", &claim, minute(12)).await.unwrap());
        assert!(!store.record("node-2", &claim, "main", &accepted, minute(12)).await.unwrap());

        let later = Entry::Later(Reply::new(451, "4.7.1 greylisted"), minute(17));
        assert!(store.record(NODE, &claim, "main", &later, minute(12)).await.unwrap());
        assert!(!store.offer(NODE, &claim, minute(12)).await.unwrap(), "the old claim is worth nothing");
        assert!(claim_one(&store, minute(16)).await.is_none(), "it is not due yet");
        let claim = claim_one(&store, minute(17)).await.unwrap();
        assert_eq!((claim.attempts, claim.fence), (1, 2));
        assert!(store.offer(NODE, &claim, minute(17)).await.unwrap());
        assert!(store.record(NODE, &claim, "main", &accepted, minute(18)).await.unwrap());
        assert!(!store.record(NODE, &claim, "main", &later, minute(18)).await.unwrap());

        let filter = DeliveryFilter { issue: Some(issue), state: Some(DeliveryState::Accepted), ..Default::default() };
        let line = &store.deliveries(&filter, 5).await.unwrap()[0];
        assert_eq!(line.reply, Some(Reply::new(250, "2.0.0 queued as 4711")));
        assert_eq!((line.relay.as_deref(), line.attempts, line.settled), (Some("main"), 2, Some(minute(18))));
        assert_eq!((line.issue, line.due), (Some(1), None));
        assert_eq!(store.delivery_count(&filter).await.unwrap(), 1);
        let filter = DeliveryFilter { after: Some(line.id), ..filter };
        assert!(store.deliveries(&filter, 5).await.unwrap().is_empty());
        assert_eq!(store.delivery_count(&filter).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_reader_who_left_is_not_claimed_and_not_tried_again() {
    on_each_engine(async |store| {
        let id = enrolled(&store, "reader", Confirmed).await;
        let issue = an_issue_on_its_way(&store).await;
        store.join(NODE, minute(12), LEASE).await.unwrap();
        let claim = claim_one(&store, minute(12)).await.unwrap();
        let left = event(ConsentKind::Unsubscribed, minute(13));
        store.change_subscriber(Existing { id, state: Confirmed }, Unsubscribed, &left).await.unwrap();
        let later = Entry::Later(Reply::new(451, "busy"), minute(14));
        assert!(store.record(NODE, &claim, "main", &later, minute(13)).await.unwrap());
        assert_eq!(state_of(&store, claim.id).await, DeliveryState::Withdrawn);
        assert!(claim_one(&store, minute(60)).await.is_none());
        assert_eq!(store.delivery_counts(issue).await.unwrap().withdrawn, 1);
    })
    .await;
}

#[tokio::test]
async fn an_unknown_delivery_is_resent_or_parked() {
    on_each_engine(async |store| {
        enrolled(&store, "a", Confirmed).await;
        enrolled(&store, "b", Confirmed).await;
        an_issue_on_its_way(&store).await;
        store.join(NODE, minute(12), LEASE).await.unwrap();
        let claims = store.claim(NODE, 2, minute(12), LEASE).await.unwrap().unwrap();
        for (claim, due) in claims.iter().zip([Some(minute(30)), None]) {
            let entry = Entry::Unknown(Reply::new(None, "connection lost after the dot"), due);
            assert!(!store.record(NODE, claim, "main", &entry, minute(12)).await.unwrap(), "it was never offered");
            assert!(store.offer(NODE, claim, minute(12)).await.unwrap());
            assert!(store.record(NODE, claim, "main", &entry, minute(12)).await.unwrap());
        }
        assert_eq!(store.resend_unknown(minute(29)).await.unwrap(), 0);
        assert!(store.finish_issues(minute(29)).await.unwrap().is_empty(), "one will be sent again");
        assert_eq!(store.resend_unknown(minute(30)).await.unwrap(), 1);
        let claim = claim_one(&store, minute(30)).await.unwrap();
        assert_eq!(claim.id, claims[0].id);
        store.offer(NODE, &claim, minute(30)).await.unwrap();
        store.record(NODE, &claim, "main", &Entry::Rejected(Reply::new(550, "no")), minute(30)).await.unwrap();
        assert_eq!(store.finish_issues(minute(31)).await.unwrap().len(), 1, "a parked one does not hold it open");
        assert_eq!(state_of(&store, claims[1].id).await, DeliveryState::Unknown);
    })
    .await;
}

#[tokio::test]
async fn a_dead_nodes_claims_are_queued_and_its_offers_unknown() {
    on_each_engine(async |store| {
        for name in ["a", "b", "c"] {
            enrolled(&store, name, Confirmed).await;
        }
        an_issue_on_its_way(&store).await;
        store.join(NODE, minute(12), LEASE).await.unwrap();
        let claims = store.claim(NODE, 3, minute(12), LEASE).await.unwrap().unwrap();
        assert!(store.offer(NODE, &claims[0], minute(12)).await.unwrap());
        assert!(store.somebody_delivers(minute(12)).await.unwrap());

        assert_eq!(store.recover("node-2", false, None, minute(12)).await.unwrap(), Recovery::default());
        assert!(store.renew_lease(NODE, minute(12), LEASE).await.unwrap());
        assert_eq!(
            store.recover("node-2", false, Some(minute(28)), minute(13)).await.unwrap(),
            Recovery { requeued: 2, unknown: 1 }
        );
        assert!(!store.somebody_delivers(minute(13)).await.unwrap());
        assert!(!store.renew_lease(NODE, minute(13), LEASE).await.unwrap());
        assert_eq!(store.claim(NODE, 3, minute(13), LEASE).await.unwrap(), None, "a dead node claims nothing");
        let accepted = Entry::Accepted(Reply::new(250, "ok"));
        assert!(!store.record(NODE, &claims[0], "main", &accepted, minute(13)).await.unwrap());
        assert!(!store.offer(NODE, &claims[1], minute(13)).await.unwrap());
        assert_eq!(state_of(&store, claims[0].id).await, DeliveryState::Unknown);
        assert_eq!(state_of(&store, claims[1].id).await, DeliveryState::Queued);
    })
    .await;
}

#[tokio::test]
async fn alone_on_a_database_every_other_node_is_dead() {
    on_each_engine(async |store| {
        enrolled(&store, "a", Confirmed).await;
        an_issue_on_its_way(&store).await;
        store.join(NODE, minute(12), LEASE).await.unwrap();
        claim_one(&store, minute(12)).await.unwrap();
        store.join("node-2", minute(12), LEASE).await.unwrap();
        let recovery = store.recover("node-2", true, None, minute(12)).await.unwrap();
        assert_eq!(recovery, Recovery { requeued: 1, unknown: 0 });
        let claim = store.claim("node-2", 1, minute(12), LEASE).await.unwrap().unwrap().pop().unwrap();
        store.leave("node-2").await.unwrap();
        assert!(store.renew_lease("node-2", minute(12), LEASE).await.unwrap(), "it still holds a delivery");
        store.give_one_back("node-2", &claim, minute(12)).await.unwrap();
        store.leave("node-2").await.unwrap();
        assert!(!store.renew_lease("node-2", minute(12), LEASE).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_delivered_is_given_up() {
    on_each_engine(async |store| {
        enrolled(&store, "reader", Confirmed).await;
        enrolled(&store, "visitor", Pending).await;
        let issue = an_issue_on_its_way(&store).await;
        assert_eq!(store.expire_overdue(minute(12), false, minute(40)).await.unwrap(), 0, "it was never tried");
        assert_eq!(store.expire_overdue(minute(-1), true, minute(40)).await.unwrap(), 0);
        assert_eq!(store.expire_overdue(minute(11), true, minute(40)).await.unwrap(), 1, "the confirmation");
        assert_eq!(store.expire_overdue(minute(12), true, minute(40)).await.unwrap(), 1, "the issue");
        assert_eq!(store.delivery_counts(issue).await.unwrap().expired, 1);
        let all = store.all_delivery_counts().await.unwrap();
        assert_eq!(all.iter().map(|(_, counts)| counts.expired).sum::<i64>(), 2);
        assert_eq!(all.iter().map(|(_, counts)| counts.total()).sum::<i64>(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_test_mail_goes_to_the_address_it_names() {
    on_each_engine(async |store| {
        let id = store.queue_test(&letter(Language::En), "boss@example.jp", minute(1)).await.unwrap();
        store.join(NODE, minute(1), LEASE).await.unwrap();
        let claim = claim_one(&store, minute(1)).await.unwrap();
        assert_eq!((claim.id, claim.kind, claim.address.as_str()), (id, DeliveryKind::Test, "boss@example.jp"));
        assert_eq!(store.letter(claim.letter_id).await.unwrap(), letter(Language::En));
        assert_eq!(state_of(&store, id).await, DeliveryState::Claimed);
        assert!(matches!(store.delivery_state(DeliveryId(999)).await, Err(StoreError::NotFound(_))));
    })
    .await;
}

#[tokio::test]
async fn many_claimers_never_share_a_delivery() {
    on_each_engine(async |store| {
        for n in 0..40 {
            enrolled(&store, &format!("reader-{n:02}"), Confirmed).await;
        }
        an_issue_on_its_way(&store).await;
        let claimers = (0..4).map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let node = format!("node-{n}");
                store.join(&node, minute(12), LEASE).await.unwrap();
                let mut mine = Vec::new();
                loop {
                    let claims = store.claim(&node, 3, minute(12), LEASE).await.unwrap().unwrap();
                    if claims.is_empty() {
                        return mine;
                    }
                    mine.extend(claims.into_iter().map(|c| c.id));
                }
            })
        });
        let mut all = Vec::new();
        for claimer in claimers.collect::<Vec<_>>() {
            all.extend(claimer.await.unwrap());
        }
        // A claimer that finds every due row locked by others may stop early; the rest is still queued, not lost.
        let queued = store.all_delivery_counts().await.unwrap().iter().map(|(_, c)| c.queued).sum::<i64>();
        let claimed = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), claimed, "a delivery was claimed twice");
        assert_eq!(i64::try_from(claimed).unwrap() + queued, 40);
    })
    .await;
}

#[tokio::test]
async fn what_may_have_gone_out_stays_unknown_when_its_reader_leaves() {
    on_each_engine(async |store| {
        let id = enrolled(&store, "reader", Confirmed).await;
        an_issue_on_its_way(&store).await;
        store.join(NODE, minute(12), LEASE).await.unwrap();
        let claim = claim_one(&store, minute(12)).await.unwrap();
        assert!(store.offer(NODE, &claim, minute(12)).await.unwrap());
        let entry = Entry::Unknown(Reply::new(None, "silence"), Some(minute(30)));
        assert!(store.record(NODE, &claim, "main", &entry, minute(12)).await.unwrap());
        let left = event(ConsentKind::Unsubscribed, minute(13));
        store.change_subscriber(Existing { id, state: Confirmed }, Unsubscribed, &left).await.unwrap();
        assert_eq!(store.resend_unknown(minute(60)).await.unwrap(), 0);
        assert_eq!(state_of(&store, claim.id).await, DeliveryState::Unknown);
        assert_eq!(store.finish_issues(minute(61)).await.unwrap().len(), 1, "nothing waits for it");
    })
    .await;
}

#[tokio::test]
async fn no_reply_names_somebody_who_was_erased() {
    on_each_engine(async |store| {
        let before = enrolled(&store, "before", Confirmed).await;
        let after = enrolled(&store, "after", Confirmed).await;
        an_issue_on_its_way(&store).await;
        store.join(NODE, minute(12), LEASE).await.unwrap();
        let claims = store.claim(NODE, 2, minute(12), LEASE).await.unwrap().unwrap();
        let refused = |address: &str| Entry::Rejected(Reply::new(550, &format!("5.7.1 <{address}>: no")));
        assert!(store.record(NODE, &claims[0], "main", &refused("before"), minute(12)).await.unwrap());
        for id in [before, after] {
            store
                .erase_subscriber(id, [4; 32], crate::domain::subscriber::SuppressReason::Erased, minute(13))
                .await
                .unwrap();
        }
        assert!(store.record(NODE, &claims[1], "main", &refused("after"), minute(14)).await.unwrap());
        for line in store.deliveries(&DeliveryFilter::default(), 10).await.unwrap() {
            assert_eq!((line.state, line.reply, line.address), (DeliveryState::Rejected, None, None));
        }
    })
    .await;
}

/// What a caller does whose commit was made and whose answer was lost: it says everything once more.
#[tokio::test]
async fn an_offer_written_twice_is_an_offer_and_can_be_given_back() {
    on_each_engine(async |store| {
        enrolled(&store, "reader", Confirmed).await;
        an_issue_on_its_way(&store).await;
        store.join(NODE, minute(12), LEASE).await.unwrap();
        let claim = claim_one(&store, minute(12)).await.unwrap();
        assert!(store.offer(NODE, &claim, minute(12)).await.unwrap());
        assert!(store.offer(NODE, &claim, minute(13)).await.unwrap(), "it is still the holder's");
        assert!(!store.offer("node-2", &claim, minute(13)).await.unwrap());
        assert_eq!(state_of(&store, claim.id).await, DeliveryState::Offered);
        // The content was never sent: its holder knows that, and only the holder.
        store.give_one_back("node-2", &claim, minute(13)).await.unwrap();
        assert_eq!(state_of(&store, claim.id).await, DeliveryState::Offered);
        store.give_one_back(NODE, &claim, minute(13)).await.unwrap();
        assert_eq!(state_of(&store, claim.id).await, DeliveryState::Queued);
        assert!(!store.offer(NODE, &claim, minute(13)).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn two_holders_of_one_row_in_one_batch_are_told_apart() {
    on_each_engine(async |store| {
        enrolled(&store, "reader", Confirmed).await;
        an_issue_on_its_way(&store).await;
        store.join(NODE, minute(12), LEASE).await.unwrap();
        let lost = Hold::new(&NODE.into(), &claim_one(&store, minute(12)).await.unwrap());
        store.join("node-2", minute(20), LEASE).await.unwrap();
        store.recover("node-2", false, None, minute(20)).await.unwrap();
        let claim = store.claim("node-2", 1, minute(20), LEASE).await.unwrap().unwrap().remove(0);
        let held = Hold::new(&"node-2".into(), &claim);
        let offer = |hold: &Hold| Offer { hold: hold.clone(), relay: "main".to_owned() };
        let written = store.write_down(&[], &[offer(&lost), offer(&held)], minute(20)).await.unwrap();
        assert_eq!((written.offered(&lost), written.offered(&held)), (false, true));
    })
    .await;
}

/// SQLite has one writer at a time.
#[tokio::test]
async fn whoever_leaves_while_their_mail_is_queued_again_leaves_nothing_queued() {
    on_each_engine(async |store| {
        let Pools::Postgres(pool) = store.pools() else { return };
        for name in ["again", "back", "lane", "dead"] {
            enrolled(&store, name, Confirmed).await;
        }
        let issue = an_issue_on_its_way(&store).await;
        store.join(NODE, minute(12), LEASE).await.unwrap();
        let claims = store.claim(NODE, 3, minute(12), LEASE).await.unwrap().unwrap();
        store.join("dead", minute(12), LEASE).await.unwrap();
        store.claim("dead", 1, minute(12), LEASE).await.unwrap().unwrap();
        assert!(store.renew_lease(NODE, minute(14), LEASE).await.unwrap());
        let mut leaving = pool.begin().await.unwrap();
        for sql in [
            "UPDATE subscribers SET state = 'unsubscribed'",
            "UPDATE deliveries SET state = 'withdrawn', settled_ms = 0 WHERE state = 'queued'",
        ] {
            sqlx::query(sql).execute(&mut *leaving).await.unwrap();
        }
        let later = Entry::Later(Reply::new(451, "busy"), minute(14));
        let queueing = async {
            store.record(NODE, &claims[0], "main", &later, minute(13)).await.unwrap();
        };
        let giving_back = async { store.give_one_back(NODE, &claims[1], minute(13)).await.unwrap() };
        let putting_aside = async {
            let by_domain = [("example.jp".to_owned(), vec![claims[2].clone()])].into();
            store.put_aside(NODE, &by_domain, 10, minute(13)).await.unwrap();
        };
        let recovering = async {
            store.recover(NODE, false, None, minute(14)).await.unwrap();
        };
        let committing = async {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            leaving.commit().await.unwrap();
        };
        tokio::join!(queueing, giving_back, putting_aside, recovering, committing);
        let counts = store.delivery_counts(issue).await.unwrap();
        assert_eq!((counts.queued, counts.withdrawn), (0, 4));
    })
    .await;
}
