//! What nobody knows, and what the operator decides about it.

use super::*;
use crate::domain::consent::ConsentKind;
use crate::domain::delivery::{Claim, DeliveryState, Reply};
use crate::domain::doubt::{Decision, Obstacle, Prospect, Unwanted};
use crate::domain::ids::{DeliveryId, IssueId};
use crate::domain::issue::IssueState;
use crate::domain::subscriber::SubscriberState::{Confirmed, Unsubscribed};
use crate::store::{DeliveryFilter, Entry, Existing, Store};

/// Offers everything that is due, and hears nothing of it.
async fn doubt_all(store: &Store, resend_at: Option<i64>) -> Vec<Claim> {
    let claims = store.claim(NODE, 100, minute(12), LEASE).await.unwrap().unwrap();
    for claim in &claims {
        assert!(store.offer(NODE, claim, minute(12)).await.unwrap());
        let entry = Entry::Unknown(Reply::new(None, "silence after the dot"), resend_at.map(minute));
        assert!(store.record(NODE, claim, "main", &entry, minute(13)).await.unwrap());
    }
    claims
}

async fn an_issue_in_doubt(store: &Store, readers: &[&str], resend_at: Option<i64>) -> (IssueId, Vec<DeliveryId>) {
    for name in readers {
        enrolled(store, name, Confirmed).await;
    }
    let issue = an_issue_on_its_way(store).await;
    store.join(NODE, minute(12), LEASE).await.unwrap();
    let mut ids: Vec<DeliveryId> = doubt_all(store, resend_at).await.into_iter().map(|claim| claim.id).collect();
    ids.sort_unstable();
    (issue, ids)
}

async fn state_of(store: &Store, id: DeliveryId) -> DeliveryState {
    store.delivery_state(id).await.unwrap().0
}

async fn leave(store: &Store, name: &str) {
    let id = store.subscriber_by_key(&format!("{name}@example.jp")).await.unwrap().unwrap().id;
    let left = event(ConsentKind::Unsubscribed, minute(14));
    store.change_subscriber(Existing { id, state: Confirmed }, Unsubscribed, &left).await.unwrap();
}

#[tokio::test]
async fn the_list_says_what_was_seen_and_what_will_become_of_it() {
    on_each_engine(async |store| {
        let (issue, ids) = an_issue_in_doubt(&store, &["a", "b"], Some(30)).await;
        leave(&store, "b").await;
        let list = store.unknown_deliveries(Some(issue), DeliveryId(0), 10).await.unwrap();
        assert_eq!(list.len(), 2);
        assert_eq!((list[0].id, list[0].issue, list[0].since), (ids[0], Some(1), Some(minute(12))));
        assert_eq!(list[0].address.as_deref(), Some("a@example.jp"));
        assert_eq!((list[0].relay.as_deref(), list[0].attempts), (Some("main"), 1));
        assert_eq!(list[0].reply, Some(Reply::new(None, "silence after the dot")));
        assert_eq!(list[0].prospect, Some(Prospect::Resent { at: minute(30) }));
        assert_eq!(list[1].prospect, Some(Prospect::Stays { why: Unwanted::ReaderLeft }));
        assert_eq!(store.unknown_deliveries(None, ids[0], 10).await.unwrap().len(), 1);
        assert!(store.unknown_deliveries(Some(IssueId(77)), DeliveryId(0), 10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn one_that_cannot_be_decided_on_leaves_all_as_they_were() {
    on_each_engine(async |store| {
        let (_, ids) = an_issue_in_doubt(&store, &["a", "b", "c"], None).await;
        assert_eq!(store.decide(&ids[..1], Decision::Accept, false, minute(20)).await.unwrap().done, ids[..1]);
        leave(&store, "c").await;
        let asked = [ids[2], ids[1], ids[0], DeliveryId(999), ids[1]];
        let decided = store.decide(&asked, Decision::Resend, false, minute(21)).await.unwrap();
        assert!(decided.done.is_empty());
        let refused = [
            (ids[0], Obstacle::Known(DeliveryState::Accepted)),
            (ids[2], Obstacle::Unwanted(Unwanted::ReaderLeft)),
            (DeliveryId(999), Obstacle::NoSuchDelivery),
        ];
        assert_eq!(decided.refused, refused);
        assert_eq!(state_of(&store, ids[1]).await, DeliveryState::Unknown);
        assert_eq!(store.decisions(None, 10).await.unwrap().len(), 1);

        let decided = store.decide(&asked, Decision::Resend, true, minute(22)).await.unwrap();
        assert_eq!((decided.done, decided.refused.len()), (vec![ids[1]], 3));
        assert_eq!(state_of(&store, ids[1]).await, DeliveryState::Queued);
        assert_eq!(state_of(&store, ids[2]).await, DeliveryState::Unknown);
    })
    .await;
}

#[tokio::test]
async fn a_decision_is_remembered_with_its_time() {
    on_each_engine(async |store| {
        let (issue, ids) = an_issue_in_doubt(&store, &["a", "b"], Some(30)).await;
        store.decide(&ids[..1], Decision::Accept, false, minute(20)).await.unwrap();
        store.decide(&ids[1..], Decision::Resend, false, minute(21)).await.unwrap();
        let decisions = store.decisions(Some(issue), 10).await.unwrap();
        let seen: Vec<_> = decisions.iter().map(|d| (d.id, d.decision, d.at, d.state)).collect();
        assert_eq!(
            seen,
            [
                (ids[1], Decision::Resend, minute(21), DeliveryState::Queued),
                (ids[0], Decision::Accept, minute(20), DeliveryState::Accepted)
            ]
        );
        assert_eq!(store.decisions(None, 1).await.unwrap().len(), 1);
        let accepted = DeliveryFilter { state: Some(DeliveryState::Accepted), ..Default::default() };
        let line = store.deliveries(&accepted, 5).await.unwrap().remove(0);
        assert_eq!((line.settled, line.relay.as_deref()), (Some(minute(20)), Some("main")));
        let reply = line.reply.unwrap();
        assert!(reply.code.is_none() && reply.text.contains("by hand") && reply.text.contains("operator"), "{reply:?}");
    })
    .await;
}

#[tokio::test]
async fn a_parked_mail_of_a_finished_issue_can_be_sent_again() {
    on_each_engine(async |store| {
        let (issue, ids) = an_issue_in_doubt(&store, &["a", "b"], None).await;
        assert_eq!(store.finish_issues(minute(14)).await.unwrap().len(), 1);
        // Days later: the time an issue has is long over, and what the operator asks for has its own.
        let days = 3 * 24 * 60;
        store.decide(&ids[..1], Decision::Resend, false, minute(days)).await.unwrap();
        assert_eq!(store.expire_overdue(minute(days - 48 * 60), true, minute(days + 1)).await.unwrap(), 0);
        store.renew_lease(NODE, minute(days), LEASE).await.unwrap();
        let claim = claim_one(&store, minute(days + 1)).await.expect("a finished issue's mail is claimed");
        assert_eq!(claim.id, ids[0]);
        assert!(store.issue_tally(issue).await.unwrap().adds_up());
        assert!(store.offer(NODE, &claim, minute(days + 1)).await.unwrap());
        let accepted = Entry::Accepted(Reply::new(250, "ok"));
        assert!(store.record(NODE, &claim, "main", &accepted, minute(days + 1)).await.unwrap());
        let tally = store.issue_tally(issue).await.unwrap();
        assert!(tally.adds_up());
        assert_eq!((tally.recipients, tally.counts.accepted, tally.counts.unknown), (2, 1, 1));
        assert_eq!(store.issue(issue).await.unwrap().state, IssueState::Finished, "it stays on the public pages");
    })
    .await;
}

#[tokio::test]
async fn what_the_operator_had_sent_again_is_given_up_in_its_own_time() {
    on_each_engine(async |store| {
        let (issue, ids) = an_issue_in_doubt(&store, &["a"], None).await;
        store.finish_issues(minute(14)).await.unwrap();
        let (decided, later) = (3 * 24 * 60, 6 * 24 * 60);
        store.decide(&ids, Decision::Resend, false, minute(decided)).await.unwrap();
        assert_eq!(store.expire_overdue(minute(later - 48 * 60), true, minute(later)).await.unwrap(), 1);
        let tally = store.issue_tally(issue).await.unwrap();
        assert_eq!((tally.adds_up(), tally.counts.expired), (true, 1));
    })
    .await;
}

#[tokio::test]
async fn what_is_unknown_of_a_cancelled_issue_stays_so_or_is_found_to_have_arrived() {
    on_each_engine(async |store| {
        let (issue, ids) = an_issue_in_doubt(&store, &["a", "b"], Some(30)).await;
        store.cancel_issue(issue, &IssueState::Sending, minute(15)).await.unwrap();
        assert_eq!(store.resend_unknown(minute(60)).await.unwrap(), 0);
        let decided = store.decide(&ids, Decision::Resend, true, minute(20)).await.unwrap();
        assert!(decided.done.is_empty());
        assert!(decided.refused.iter().all(|(_, why)| *why == Obstacle::Unwanted(Unwanted::IssueCancelled)));
        let decided = store.decide(&ids[..1], Decision::Accept, false, minute(20)).await.unwrap();
        assert_eq!(decided.done, ids[..1]);
        let tally = store.issue_tally(issue).await.unwrap();
        assert_eq!((tally.adds_up(), tally.counts.accepted, tally.counts.unknown), (true, 1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_recovery_is_on_record_with_what_it_put_in_doubt() {
    on_each_engine(async |store| {
        for name in ["a", "b", "c", "d"] {
            enrolled(&store, name, Confirmed).await;
        }
        an_issue_on_its_way(&store).await;
        store.join(NODE, minute(12), LEASE).await.unwrap();
        let claims = store.claim(NODE, 3, minute(12), LEASE).await.unwrap().unwrap();
        for claim in &claims[..2] {
            assert!(store.offer(NODE, claim, minute(12)).await.unwrap());
        }
        let accepted = Entry::Accepted(Reply::new(250, "ok"));
        assert!(store.record(NODE, &claims[0], "main", &accepted, minute(12)).await.unwrap());

        store.recover("node-2", false, None, minute(12)).await.unwrap();
        assert!(store.recoveries(0, 10).await.unwrap().is_empty(), "nobody had died");
        store.recover("node-2", true, Some(minute(30)), minute(20)).await.unwrap();
        let report = store.recoveries(0, 10).await.unwrap().remove(0);
        assert_eq!((report.node.as_str(), report.at), ("node-2", minute(20)));
        assert_eq!((report.requeued, report.unknown, report.accepted, report.remaining), (1, 1, 1, 2));
        let doubts = store.recovery_unknowns(report.id).await.unwrap();
        assert_eq!(doubts.iter().map(|doubt| doubt.id).collect::<Vec<_>>(), [claims[1].id]);
        assert_eq!(doubts[0].prospect, Some(Prospect::Resent { at: minute(30) }));
        assert!(store.recoveries(report.id, 10).await.unwrap().is_empty());

        store.decide(&[claims[1].id], Decision::Accept, false, minute(21)).await.unwrap();
        let doubt = store.recovery_unknowns(report.id).await.unwrap().remove(0);
        assert_eq!((doubt.state, doubt.prospect), (DeliveryState::Accepted, None));
        store.recover("node-2", true, None, minute(22)).await.unwrap();
        assert_eq!(store.recoveries(0, 10).await.unwrap().len(), 1, "nothing was saved this time");
    })
    .await;
}
