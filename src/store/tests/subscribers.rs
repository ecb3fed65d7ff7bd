use super::*;
use crate::domain::choice::Choice;
use crate::domain::consent::{ConsentKind, Visit};
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::SubscriberId;
use crate::domain::language::Language;
use crate::domain::subscriber::SubscriberState::{Confirmed, Pending, Suppressed, Unsubscribed};
use crate::domain::subscriber::SuppressReason;
use crate::store::{DeliveryFilter, Existing, Pools, SignUp, StoreError};

#[tokio::test]
async fn a_subscriber_is_found_by_row_address_and_link() {
    on_each_engine(async |store| {
        let id = enrolled(&store, "ja-hana", Pending).await;
        let wanted = enrolment("ja-hana", Pending);
        let by_row = store.subscriber(id).await.unwrap().unwrap();
        assert_eq!(by_row.address, "ja-hana@example.jp");
        assert_eq!(by_row.language, Language::Ja);
        assert_eq!(by_row.state, Pending);
        assert_eq!(by_row.editions, ["weekly"]);
        assert_eq!(store.subscriber_by_public_id(wanted.public_id).await.unwrap().unwrap().id, id);
        assert!(store.subscriber_by_key("nobody@example.jp").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn an_enrolment_is_whole_or_not_at_all() {
    on_each_engine(async |store| {
        enrolled(&store, "hana", Confirmed).await;
        let both = [enrolment("taro", Confirmed), enrolment("hana", Confirmed)];
        assert!(matches!(store.enrol(&both, None).await, Err(StoreError::Stale)));
        assert!(store.subscriber_by_key("taro@example.jp").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn an_enrolment_counts_only_on_what_was_read() {
    on_each_engine(async |store| {
        let id = enrolled(&store, "hana", Unsubscribed).await;
        let mut again = enrolment("hana", Pending);
        again.existing = Some(Existing { id, state: Confirmed });
        assert!(matches!(store.enrol(&[again.clone()], None).await, Err(StoreError::Stale)));
        again.existing = Some(Existing { id, state: Unsubscribed });
        store.enrol(&[again], None).await.unwrap();
        assert_eq!(store.subscriber(id).await.unwrap().unwrap().state, Pending);
    })
    .await;
}

#[tokio::test]
async fn who_enters_anew_takes_what_they_ask_for_now_and_no_more() {
    on_each_engine(async |store| {
        let id = enrolled(&store, "hana", Unsubscribed).await;
        let part = Choice::from_key("s=news;l=ja").unwrap();
        let mut again = enrolment("hana", Pending);
        again.existing = Some(Existing { id, state: Unsubscribed });
        again.editions = vec![("daily".to_owned(), Choice::everything()), ("monthly".to_owned(), part)];
        store.enrol(&[again.clone()], None).await.unwrap();
        let taken = [("daily".to_owned(), String::new()), ("monthly".to_owned(), "s=news;l=ja".to_owned())];
        assert_eq!(store.subscriptions_of(id).await.unwrap(), taken);
        // What was read was another row by now: nothing is changed.
        again.editions = Vec::new();
        assert!(matches!(store.enrol(&[again], None).await, Err(StoreError::Stale)));
        assert_eq!(store.subscriptions_of(id).await.unwrap(), taken);
    })
    .await;
}

#[tokio::test]
async fn a_sign_up_is_settled_once() {
    on_each_engine(async |store| {
        let sign_up = SignUp {
            editions: vec!["weekly".to_owned(), "monthly".to_owned()],
            address: "hana@example.jp".to_owned(),
            language: Language::Ja,
            text_version: "1".to_owned(),
            visit: Visit { ip: Some("192.0.2.1".to_owned()), user_agent: None },
            at: minute(1),
        };
        store.record_sign_up(&sign_up).await.unwrap();
        let unsettled = store.unsettled_sign_ups(10).await.unwrap();
        assert_eq!(unsettled.len(), 1);
        assert_eq!(unsettled[0].1, sign_up);
        store.enrol(&[enrolment("hana", Pending)], Some(unsettled[0].0)).await.unwrap();
        assert!(store.unsettled_sign_ups(10).await.unwrap().is_empty());
        let again = store.enrol(&[enrolment("taro", Pending)], Some(unsettled[0].0)).await;
        assert!(matches!(again, Err(StoreError::Stale)));
    })
    .await;
}

#[tokio::test]
async fn the_context_of_a_sign_up_knows_earlier_confirmations_and_erased_addresses() {
    on_each_engine(async |store| {
        let hash = enrolment("hana", Pending).address_hash;
        let id = enrolled(&store, "hana", Pending).await;
        let context = store.sign_up_context("hana@example.jp", &[hash], minute(-1)).await.unwrap();
        assert_eq!(context.subscriber.unwrap().id, id);
        assert_eq!((context.suppressed, context.confirmations), (None, vec![minute(0)]));

        store.erase_subscriber(id, hash, SuppressReason::Erased, minute(5)).await.unwrap();
        let context = store.sign_up_context("hana@example.jp", &[[9; 32], hash], minute(-1)).await.unwrap();
        assert!(context.subscriber.is_none());
        assert_eq!(context.suppressed, Some(SuppressReason::Erased));
        assert_eq!(context.confirmations, [minute(0)], "an erased address still cannot be bombed");

        store.prune_confirmation_sends(minute(1)).await.unwrap();
        let context = store.sign_up_context("hana@example.jp", &[hash], minute(-1)).await.unwrap();
        assert!(context.confirmations.is_empty());
    })
    .await;
}

#[tokio::test]
async fn leaving_withdraws_what_is_queued_and_is_on_record() {
    on_each_engine(async |store| {
        let id = enrolled(&store, "hana", Confirmed).await;
        an_issue_on_its_way(&store).await;
        let existing = Existing { id, state: Confirmed };
        let left = event(ConsentKind::Unsubscribed, minute(20)).detail("one click");
        store.change_subscriber(existing, Unsubscribed, &left).await.unwrap();

        let filter = DeliveryFilter { subscriber: Some(id), ..DeliveryFilter::default() };
        let deliveries = store.deliveries(&filter, 10).await.unwrap();
        assert_eq!(deliveries[0].state, DeliveryState::Withdrawn);
        let kinds: Vec<_> = store.consent_events(id).await.unwrap();
        assert_eq!(kinds.len(), 2);
        assert_eq!(kinds[1], left);

        let again = store.change_subscriber(existing, Unsubscribed, &left).await;
        assert!(matches!(again, Err(StoreError::Stale)));
        assert_eq!(store.consent_events(id).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn consent_events_cannot_be_rewritten() {
    on_each_engine(async |store| {
        enrolled(&store, "hana", Confirmed).await;
        let rewrite = "UPDATE consent_events SET kind = 'confirmed'";
        let outcome = match store.pools() {
            Pools::Sqlite { writer, .. } => sqlx::query(rewrite).execute(writer).await.map(drop),
            Pools::Postgres(pool) => sqlx::query(rewrite).execute(pool).await.map(drop),
        };
        assert!(outcome.unwrap_err().to_string().contains("append-only"));
    })
    .await;
}

#[tokio::test]
async fn erasing_leaves_the_ledger_without_the_person() {
    on_each_engine(async |store| {
        let id = enrolled(&store, "hana", Confirmed).await;
        let issue = an_issue_on_its_way(&store).await;
        store.erase_subscriber(id, [1; 32], SuppressReason::Erased, minute(20)).await.unwrap();
        assert!(store.subscriber(id).await.unwrap().is_none());
        assert!(store.consent_events(id).await.unwrap().is_empty());
        let filter = DeliveryFilter { issue: Some(issue), ..DeliveryFilter::default() };
        let deliveries = store.deliveries(&filter, 10).await.unwrap();
        assert_eq!((deliveries[0].state, deliveries[0].address.as_deref()), (DeliveryState::Withdrawn, None));
        let again = store.erase_subscriber(SubscriberId(id.0), [1; 32], SuppressReason::Erased, minute(20)).await;
        assert!(matches!(again, Err(StoreError::NotFound(_))));
    })
    .await;
}

#[tokio::test]
async fn pending_rows_are_forgotten_and_returning_readers_stay_unsubscribed() {
    on_each_engine(async |store| {
        let stranger = enrolled(&store, "stranger", Pending).await;
        let returning = enrolled(&store, "returning", Confirmed).await;
        let left = event(ConsentKind::Unsubscribed, minute(1));
        store.change_subscriber(Existing { id: returning, state: Confirmed }, Unsubscribed, &left).await.unwrap();
        let mut again = enrolment("returning", Pending);
        again.existing = Some(Existing { id: returning, state: Unsubscribed });
        store.enrol(&[again], None).await.unwrap();

        let week = 7 * 24 * 60;
        assert_eq!(store.expire_pending(minute(week - 1), 100).await.unwrap(), 0);
        assert_eq!(store.expire_pending(minute(week), 100).await.unwrap(), 2);
        assert!(store.subscriber(stranger).await.unwrap().is_none());
        assert_eq!(store.subscriber(returning).await.unwrap().unwrap().state, Unsubscribed);
        assert_eq!(store.consent_events(returning).await.unwrap().len(), 4);
    })
    .await;
}

#[tokio::test]
async fn subscribers_are_counted_and_paged() {
    on_each_engine(async |store| {
        enrolled(&store, "a", Confirmed).await;
        enrolled(&store, "ja-b", Confirmed).await;
        let c = enrolled(&store, "c", Pending).await;
        let gone = Suppressed(SuppressReason::Complained);
        let complained = event(ConsentKind::Suppressed, minute(1));
        store.change_subscriber(Existing { id: c, state: Pending }, gone, &complained).await.unwrap();

        let counts = store.subscriber_counts(Some("weekly")).await.unwrap();
        assert_eq!(counts, store.subscriber_counts(None).await.unwrap());
        assert_eq!(counts.iter().map(|c| c.count).sum::<i64>(), 3);
        assert!(counts.iter().any(|c| c.state == gone && c.count == 1));
        assert!(store.subscriber_counts(Some("monthly")).await.unwrap().is_empty());

        let first = store.subscribers_after(SubscriberId(0), Some("confirmed"), 1).await.unwrap();
        let second = store.subscribers_after(first[0].id, Some("confirmed"), 5).await.unwrap();
        assert_eq!((first.len(), second.len()), (1, 1));
        assert_eq!(store.subscribers_after(SubscriberId(0), None, 10).await.unwrap().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn whoever_has_left_is_remembered_even_if_they_never_confirmed() {
    on_each_engine(async |store| {
        let id = enrolled(&store, "stranger", Pending).await;
        let left = event(ConsentKind::Unsubscribed, minute(1));
        store.change_subscriber(Existing { id, state: Pending }, Unsubscribed, &left).await.unwrap();
        let mut again = enrolment("stranger", Pending);
        again.existing = Some(Existing { id, state: Unsubscribed });
        store.enrol(&[again], None).await.unwrap();
        assert_eq!(store.expire_pending(minute(7 * 24 * 60), 100).await.unwrap(), 1);
        assert_eq!(store.subscriber(id).await.unwrap().unwrap().state, Unsubscribed);
    })
    .await;
}

#[tokio::test]
async fn of_two_erasures_the_stronger_reason_stays() {
    on_each_engine(async |store| {
        for (before, after) in
            [(SuppressReason::Erased, SuppressReason::Complained), (SuppressReason::Complained, SuppressReason::Erased)]
        {
            for reason in [before, after] {
                let id = enrolled(&store, "hana", Confirmed).await;
                store.erase_subscriber(id, [3; 32], reason, minute(5)).await.unwrap();
            }
            let context = store.sign_up_context("hana@example.jp", &[[3; 32]], minute(0)).await.unwrap();
            assert_eq!(context.suppressed, Some(SuppressReason::Complained));
        }
    })
    .await;
}

#[tokio::test]
async fn a_confirmation_counts_from_when_it_was_made() {
    on_each_engine(async |store| {
        let mut late = enrolment("hana", Pending);
        if let Some(letter) = &mut late.confirmation {
            letter.date = minute(30 * 60);
        }
        let hash = late.address_hash;
        store.enrol(&[late], None).await.unwrap();
        let context = store.sign_up_context("hana@example.jp", &[hash], minute(0)).await.unwrap();
        assert_eq!(context.confirmations, [minute(30 * 60)]);
    })
    .await;
}
