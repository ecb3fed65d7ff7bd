//! What is done by hand.

use super::*;
use crate::digest::{NotReached, PlannedIssue};
use crate::domain::address::EmailAddress;
use crate::domain::delivery::{DeliveryKind, DeliveryState};
use crate::domain::desk::Edit;
use crate::domain::issue::IssueState;
use crate::domain::language::Language;
use crate::domain::skip::Skip;
use crate::domain::subscriber::{SubscriberState, SuppressReason};
use crate::store::DeliveryFilter;

#[tokio::test]
async fn a_plan_says_who_would_get_what_and_who_not_and_writes_nothing() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.reader("a").await;
        house.reader("ja-a").await;
        house.reader("ja-b").await;
        house.person("elsewhere", SubscriberState::Confirmed, "monthly").await;
        house.person("new", SubscriberState::Pending, EDITION).await;
        house.person("left", SubscriberState::Unsubscribed, EDITION).await;
        house.person("gone", SubscriberState::Suppressed(SuppressReason::Bounced), EDITION).await;
        let slot = house.next_slot();
        let plan = house.digests.plan(EDITION, &slot).await.unwrap();
        let nothing =
            PlannedIssue::Nothing { slot: "2026-11-27T08:00".into(), reason: "nothing to publish yet".into() };
        assert_eq!((&plan.issue, plan.item_count()), (&nothing, 0));

        house.store_articles(&[news("n1", 1), news("n2", 2), news("n3", 3)]).await;
        let plan = house.digests.plan(EDITION, &slot).await.unwrap();
        assert_eq!(plan.issue, PlannedIssue::New { slot: "2026-11-27T08:00".into() });
        assert_eq!((plan.recipient_count(), plan.item_count()), (3, 2));
        let recipients: Vec<_> = plan.recipients.iter().map(|r| (r.language, r.count)).collect();
        assert_eq!(recipients, [(Language::En, 1), (Language::Ja, 2)]);
        let mut reasons: Vec<_> =
            plan.not_reached.iter().map(|NotReached { reason, count, .. }| (reason.as_str(), *count)).collect();
        reasons.sort_unstable();
        let expected =
            [("pending", 1), ("suppressed (bounced)", 1), ("takes other editions only", 1), ("unsubscribed", 1)];
        assert_eq!(reasons, expected);
        let news = &plan.sections[1];
        assert_eq!((news.items[0].title.as_str(), news.items[1].title.as_str(), news.rolls_over), ("n2", "n1", 1));
        assert!(house.issues().await.is_empty());

        let draft = house.compile(&slot).await.issue;
        let plan = house.digests.plan(EDITION, &slot).await.unwrap();
        assert_eq!(plan.issue, PlannedIssue::Existing { number: Some(1), state: IssueState::Draft });
        assert_eq!((plan.item_count(), plan.sections[1].rolls_over), (2, 1));
        house.digests.seal(draft.id).await.unwrap();
        let plan = house.digests.plan(EDITION, &slot).await.unwrap();
        assert_eq!((plan.ledger.unwrap().queued, plan.item_count()), (3, 2));
        let json = serde_json::to_value(&plan).unwrap();
        assert_eq!(json["issue"], serde_json::json!({"kind": "existing", "number": 1, "state": "sealed"}));
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_issue_gives_its_articles_back_unless_somebody_may_have_read_it() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.reader("a").await;
        house.store_articles(&[news("n1", 1)]).await;
        let slot = house.next_slot();
        let issue = house.compile(&slot).await.issue;
        house.digests.seal(issue.id).await.unwrap();
        let cancelled = house.digests.cancel(issue.id).await.unwrap();
        assert_eq!((cancelled.withdrawn, cancelled.articles_returned), (1, true));
        assert_eq!(house.digests.cancel(issue.id).await.unwrap().withdrawn, 0, "again, nothing happens");
        assert_eq!(the_job(&house.digests, &slot).await.state, IssueState::Cancelled, "the slot stays cancelled");
        let refusal = house.digests.seal(issue.id).await.unwrap_err().to_string();
        let expected = "issue 1 is cancelled and cannot be sealed; `kawaraban issues compile weekly` makes a new draft";
        assert!(refusal.starts_with(expected), "{refusal}");

        house.pass(hours(1));
        let issue = house.publish(&house.by_hand()).await;
        assert_eq!((issue.number, house.titles(&issue).await), (Some(2), vec!["n1".to_owned()]));
        let cancelled = house.digests.cancel(issue.id).await.unwrap();
        assert_eq!((cancelled.withdrawn, cancelled.articles_returned), (1, false));
        assert_eq!(house.titles(&issue).await, ["n1"]);
        assert!(!house.digests.cancel(issue.id).await.unwrap().articles_returned);
    })
    .await;
}

#[tokio::test]
async fn a_step_out_of_turn_is_refused_in_words() {
    on_each_engine(async |store| {
        let house = House::for_the_web(&store);
        house.store_articles(&[news("n1", 1)]).await;
        let draft = house.compile(&house.next_slot()).await.issue;
        let refusal = house.digests.release(draft.id).await.unwrap_err().to_string();
        let expected = "issue 1 is draft and cannot be released; `kawaraban issues seal 1` freezes it first";
        assert_eq!(refusal, expected);
        house.digests.seal(draft.id).await.unwrap();
        let refusal = house.digests.edit(draft.id, &Edit::Hold, "ed").await.unwrap_err().to_string();
        assert!(refusal.contains("sealed and cannot be edited; `kawaraban issues cancel 1`"), "{refusal}");
        house.digests.release(draft.id).await.unwrap();
        house.digests.finish().await.unwrap();
        let refusal = house.digests.cancel(draft.id).await.unwrap_err().to_string();
        assert_eq!(refusal, "issue 1 is finished and cannot be cancelled; all of its mail has been dealt with");
        assert_eq!(house.digests.issue_numbered(1).await.unwrap().id, draft.id);
        let refusal = house.digests.issue_numbered(9).await.unwrap_err().to_string();
        assert_eq!(refusal, "there is no issue 9");
        let refusal = house.digests.compile("daily", &house.by_hand()).await.unwrap_err().to_string();
        assert_eq!(refusal, "there is no edition \"daily\"; the configuration has: weekly");
    })
    .await;
}

#[tokio::test]
async fn a_missed_slot_is_recorded_and_its_articles_wait() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.reader("a").await;
        house.store_articles(&[news("n1", 1)]).await;
        let missed = house.next_slot();
        house.pass(hours(48));
        let issue = house.digests.record_missed(EDITION, &missed, Skip::TooLate(48 * 60)).await.unwrap();
        assert_eq!(issue.state, IssueState::Skipped("missed by more than 48 h".to_owned()));
        assert_eq!(house.digests.record_missed(EDITION, &missed, Skip::LaterSlotDue).await.unwrap(), issue);
        assert_eq!(house.compile(&missed).await.issue, issue);
        let next = house.publish(&house.next_slot()).await;
        assert_eq!(house.titles(&next).await, ["n1"]);
        let sent = house.digests.record_missed(EDITION, &house.by_hand(), Skip::LaterSlotDue).await.unwrap();
        assert_eq!(sent.id, next.id, "a slot that has an issue was not missed");
    })
    .await;
}

#[tokio::test]
async fn a_test_goes_to_the_operator_alone() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.reader("a").await;
        house.store_articles(&[news("n1", 1)]).await;
        let draft = house.compile(&house.next_slot()).await.issue;
        let address = EmailAddress::parse("desk@example.jp").unwrap();
        let id = house.digests.queue_test(draft.id, Language::Ja, &address).await.unwrap();
        assert_eq!(store.delivery_state(id).await.unwrap().0, DeliveryState::Queued);
        let lines = store.deliveries(&DeliveryFilter::default(), 9).await.unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].kind, lines[0].address.as_deref()), (DeliveryKind::Test, Some("desk@example.jp")));
        assert_eq!(store.issue(draft.id).await.unwrap(), draft);
    })
    .await;
}
