//! What the operator does by hand.

use crate::domain::consent::ConsentKind;
use crate::domain::language::Language;
use crate::domain::subscriber::SubscriberState::{Confirmed, Pending, Suppressed, Unsubscribed};
use crate::domain::subscriber::SuppressReason;
use crate::subscribers::harness::{House, days, email};
use crate::subscribers::{Invited, Left, Throttled};

const HANA: &str = "hana@example.jp";

#[tokio::test]
async fn an_invited_address_is_asked_and_nothing_else() {
    let house = House::new().await;
    let invite = async || house.subscribers.invite(&email(HANA), Language::Ja).await.unwrap();
    assert_eq!(invite().await, Invited::Asked);
    assert_eq!(house.state(HANA).await, Some(Pending));
    assert_eq!(house.events(HANA).await, [ConsentKind::Invited]);
    assert_eq!(house.confirmations().await.len(), 1);
    assert_eq!(invite().await, Invited::Throttled(Throttled::Day));
    house.pass(days(1));
    assert_eq!(invite().await, Invited::Asked);
}

#[tokio::test]
async fn nobody_who_left_or_is_suppressed_is_invited() {
    let gone = Suppressed(SuppressReason::Bounced);
    for (state, outcome) in [
        (Confirmed, Invited::Already),
        (Unsubscribed, Invited::Unsubscribed),
        (gone, Invited::Suppressed(SuppressReason::Bounced)),
    ] {
        let house = House::new().await;
        house.bring(HANA, state).await;
        house.pass(days(2));
        assert_eq!(house.subscribers.invite(&email(HANA), Language::En).await.unwrap(), outcome);
        assert_eq!((house.state(HANA).await, house.confirmations().await.len()), (Some(state), 1));
    }
    let house = House::new().await;
    house.bring(HANA, Confirmed).await;
    house.subscribers.erase(&email(HANA)).await.unwrap();
    house.pass(days(2));
    let outcome = house.subscribers.invite(&email(HANA), Language::En).await.unwrap();
    assert_eq!(outcome, Invited::Suppressed(SuppressReason::Erased));
}

#[tokio::test]
async fn the_operator_can_take_somebody_off_the_list() {
    let house = House::new().await;
    house.bring(HANA, Confirmed).await;
    let leave = async || house.subscribers.unsubscribe_by_operator(&email(HANA)).await.unwrap();
    assert!(matches!(leave().await, Some(Left::Now(_))));
    assert!(matches!(leave().await, Some(Left::Before(_))));
    assert!(house.subscribers.unsubscribe_by_operator(&email("nobody@example.jp")).await.unwrap().is_none());
    let id = house.find(HANA).await.unwrap().id;
    let events = house.store.consent_events(id).await.unwrap();
    assert_eq!((events.len(), events[2].detail.as_deref()), (3, Some("by the operator")));
}

#[tokio::test]
async fn any_address_can_be_suppressed_and_the_first_reason_stays() {
    let house = House::new().await;
    let suppress = async |reason| house.subscribers.suppress(&email(HANA), reason).await.unwrap();
    assert!(suppress(SuppressReason::Operator).await);
    assert_eq!(house.state(HANA).await, Some(Suppressed(SuppressReason::Operator)));
    assert!(!suppress(SuppressReason::Bounced).await);
    assert_eq!(house.state(HANA).await, Some(Suppressed(SuppressReason::Operator)));
    house.sign_up(HANA).await;
    assert_eq!(house.confirmations().await.len(), 0);
}

#[tokio::test]
async fn erasing_leaves_no_row() {
    let house = House::new().await;
    house.bring(HANA, Confirmed).await;
    assert!(house.subscribers.erase(&email("HANA@example.jp")).await.unwrap());
    assert!(!house.subscribers.erase(&email(HANA)).await.unwrap());
    assert!(house.find(HANA).await.is_none());
}

#[tokio::test]
async fn housekeeping_forgets_more_than_one_batch() {
    let house = House::new().await;
    for index in 0..510 {
        house.subscribers.invite(&email(&format!("r{index}@example.jp")), Language::En).await.unwrap();
    }
    assert_eq!(house.subscribers.housekeeping().await.unwrap(), 0);
    house.pass(days(7));
    assert_eq!(house.subscribers.housekeeping().await.unwrap(), 510);
}
