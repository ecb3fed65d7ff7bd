//! Confirming, leaving and coming back, by the links in mails.

use jiff::SignedDuration;

use crate::domain::consent::ConsentKind;
use crate::domain::subscriber::SubscriberState::{Confirmed, Pending, Suppressed, Unsubscribed};
use crate::domain::subscriber::SuppressReason;
use crate::domain::token::Purpose;
use crate::store::NewIssue;
use crate::subscribers::harness::{House, days, email, visit};
use crate::subscribers::{Left, LeftBy, LinkError};

const HANA: &str = "hana@example.jp";

#[tokio::test]
async fn confirming_twice_is_confirming_once() {
    let house = House::new().await;
    house.sign_up(HANA).await;
    let token = house.confirm_token(HANA).await;
    for _ in 0..3 {
        assert_eq!(house.subscribers.look_up(Purpose::Confirm, &token).await.unwrap().address, HANA);
        assert_eq!(house.subscribers.confirm(&token, &visit()).await.unwrap().state, Confirmed);
    }
    assert_eq!(house.events(HANA).await, [ConsentKind::SignedUp, ConsentKind::Confirmed]);
    assert_eq!(house.waiting_confirmations().await, 0, "nobody is asked what they have answered");
}

#[tokio::test]
async fn a_confirmation_link_is_good_for_seven_days() {
    let house = House::new().await;
    house.sign_up(HANA).await;
    let token = house.confirm_token(HANA).await;
    house.pass(days(7) - SignedDuration::from_secs(1));
    house.subscribers.look_up(Purpose::Confirm, &token).await.unwrap();
    house.pass(SignedDuration::from_secs(1));
    assert!(matches!(house.subscribers.look_up(Purpose::Confirm, &token).await, Err(LinkError::Expired)));
    assert!(matches!(house.subscribers.confirm(&token, &visit()).await, Err(LinkError::Expired)));
    assert_eq!(house.subscribers.housekeeping().await.unwrap(), 1);
    assert!(house.find(HANA).await.is_none());
}

#[tokio::test]
async fn an_old_confirmation_link_undoes_neither_an_unsubscribe_nor_a_suppression() {
    for state in [Unsubscribed, Suppressed(SuppressReason::Bounced)] {
        let house = House::new().await;
        house.sign_up(HANA).await;
        let token = house.confirm_token(HANA).await;
        house.bring(HANA, state).await;
        assert!(matches!(house.subscribers.look_up(Purpose::Confirm, &token).await, Err(LinkError::NotAllowed(_))));
        assert!(matches!(house.subscribers.confirm(&token, &visit()).await, Err(LinkError::NotAllowed(_))));
        assert_eq!(house.state(HANA).await, Some(state));
    }
}

#[tokio::test]
async fn leaving_works_from_every_state_and_is_on_record_once() {
    let gone = Suppressed(SuppressReason::Complained);
    for (before, after, events) in
        [(Pending, Unsubscribed, 1), (Confirmed, Unsubscribed, 1), (Unsubscribed, Unsubscribed, 0), (gone, gone, 0)]
    {
        let house = House::new().await;
        house.bring(HANA, before).await;
        let earlier = house.events(HANA).await.len();
        let token = house.unsubscribe_token(HANA).await;
        house.pass(days(4000));
        for round in 0..5 {
            let left = house.subscribers.unsubscribe(&token, &visit(), LeftBy::OneClick).await.unwrap();
            assert_eq!(matches!(left, Left::Now(_)), round == 0 && events == 1, "{before}");
        }
        assert_eq!(house.state(HANA).await, Some(after));
        assert_eq!(house.events(HANA).await.len(), earlier + events);
    }
}

#[tokio::test]
async fn the_record_says_how_and_where_a_reader_left() {
    let house = House::new().await;
    house.bring(HANA, Confirmed).await;
    let hana = house.find(HANA).await.unwrap();
    let at = "2026-11-20T00:00:00Z".parse().unwrap();
    let issue = async |slot: &str, skipped: Option<&str>| {
        let (edition, skipped) = ("weekly".to_owned(), skipped.map(str::to_owned));
        let new = NewIssue { edition, slot: slot.to_owned(), scheduled: at, skipped, items: Vec::new() };
        house.store.create_issue(&new, at).await.unwrap().unwrap()
    };
    issue("2026-11-20T08:00", Some("held")).await;
    let issue = issue("2026-11-27T08:00", None).await;
    assert_ne!(issue.number, Some(issue.id.0), "a row is no number");
    // Whoever left by a link of an issue that is here no more is let go, too.
    for (row, said) in [(issue.id.0, "one click, issue 1"), (4711, "one click")] {
        let token = house.links.unsubscribe_token(hana.public_id, row);
        house.subscribers.unsubscribe(&token, &visit(), LeftBy::OneClick).await.unwrap();
        let events = house.store.consent_events(hana.id).await.unwrap();
        assert_eq!(events.last().unwrap().detail.as_deref(), Some(said));
        house.subscribers.resubscribe(&token, &visit()).await.unwrap();
    }
}

#[tokio::test]
async fn many_presses_at_the_same_moment_are_one() {
    let house = House::new().await;
    house.bring(HANA, Confirmed).await;
    let token = house.unsubscribe_token(HANA).await;
    let presses = (0..50).map(|_| {
        let (subscribers, token) = (house.subscribers.clone(), token.clone());
        tokio::spawn(async move { subscribers.unsubscribe(&token, &visit(), LeftBy::OneClick).await })
    });
    let mut now = 0;
    for press in presses.collect::<Vec<_>>() {
        now += usize::from(matches!(press.await.unwrap().unwrap(), Left::Now(_)));
    }
    assert_eq!(now, 1);
    assert_eq!(house.events(HANA).await.len(), 3);
}

#[tokio::test]
async fn coming_back_from_the_goodbye_page_needs_an_earlier_yes() {
    let house = House::new().await;
    house.bring(HANA, Unsubscribed).await;
    let token = house.unsubscribe_token(HANA).await;
    for _ in 0..2 {
        assert_eq!(house.subscribers.resubscribe(&token, &visit()).await.unwrap().state, Confirmed);
    }
    assert_eq!(house.events(HANA).await[2..], [ConsentKind::Unsubscribed, ConsentKind::Resubscribed]);

    for state in [Pending, Suppressed(SuppressReason::Operator)] {
        let house = House::new().await;
        house.bring(HANA, state).await;
        let token = house.unsubscribe_token(HANA).await;
        assert!(matches!(house.subscribers.resubscribe(&token, &visit()).await, Err(LinkError::NotAllowed(_))));
        if state == Pending {
            house.subscribers.unsubscribe(&token, &visit(), LeftBy::Button).await.unwrap();
            assert!(matches!(house.subscribers.resubscribe(&token, &visit()).await, Err(LinkError::NotAllowed(_))));
            assert_eq!(house.state(HANA).await, Some(Unsubscribed));
        }
    }
}

#[tokio::test]
async fn links_of_those_who_are_gone_lead_nowhere_and_leaving_still_succeeds() {
    let house = House::new().await;
    house.bring(HANA, Confirmed).await;
    let (leave, confirm) = (house.unsubscribe_token(HANA).await, house.confirm_token(HANA).await);
    house.subscribers.erase(&email(HANA)).await.unwrap();
    let left = house.subscribers.unsubscribe(&leave, &visit(), LeftBy::OneClick).await.unwrap();
    assert!(matches!(left, Left::Gone));
    assert!(matches!(house.subscribers.confirm(&confirm, &visit()).await, Err(LinkError::Gone)));
    assert!(matches!(house.subscribers.confirm(&leave, &visit()).await, Err(LinkError::Bad(_))));
    assert!(matches!(house.subscribers.unsubscribe(&confirm, &visit(), LeftBy::Button).await, Err(LinkError::Bad(_))));
}

#[tokio::test]
async fn a_link_from_before_somebody_left_confirms_nothing_whatever_happened_since() {
    let house = House::new().await;
    house.sign_up("a@example.jp").await;
    let old = house.confirm_token("a@example.jp").await;
    house.subscribers.confirm(&old, &visit()).await.unwrap();
    house.pass(SignedDuration::from_hours(1));
    let leave = house.unsubscribe_token("a@example.jp").await;
    house.subscribers.unsubscribe(&leave, &visit(), LeftBy::Button).await.unwrap();

    // A stranger signs the address up: at once, when no mail may be sent, and again when one may.
    house.sign_up("a@example.jp").await;
    assert_eq!(house.state("a@example.jp").await, Some(Unsubscribed));
    house.pass(days(2));
    house.sign_up("a@example.jp").await;
    assert_eq!(house.state("a@example.jp").await, Some(Pending));
    assert!(matches!(house.subscribers.confirm(&old, &visit()).await, Err(LinkError::Expired)));
    assert_eq!(house.state("a@example.jp").await, Some(Pending));
    let new = house.confirm_token("a@example.jp").await;
    house.subscribers.confirm(&new, &visit()).await.unwrap();
    assert_eq!(house.state("a@example.jp").await, Some(Confirmed));
}
