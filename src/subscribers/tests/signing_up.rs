//! Signing up: who is asked, how often, and what is kept of it.

use jiff::SignedDuration;

use crate::domain::consent::{ConsentKind, FORM_TEXT_VERSION, Visit};
use crate::domain::language::Language;
use crate::domain::subscriber::SubscriberState::{Confirmed, Pending, Suppressed, Unsubscribed};
use crate::domain::subscriber::SuppressReason;
use crate::store::SignUp as Line;
use crate::subscribers::SignUp;
use crate::subscribers::harness::{House, days, email, visit};

const HANA: &str = "hana@example.jp";

#[tokio::test]
async fn a_stranger_is_asked_once_and_the_record_says_what_was_agreed_to() {
    let house = House::new().await;
    let at = house.subscribers.clock.now();
    let sign_up =
        SignUp { address: email("Hana@Example.JP"), language: Language::Ja, editions: Vec::new(), visit: visit() };
    house.subscribers.sign_up(sign_up).await.unwrap();
    assert!(house.find(HANA).await.is_none(), "nothing is decided while the visitor waits");
    house.pass(SignedDuration::from_mins(3));
    house.settle().await;

    let hana = house.find(HANA).await.unwrap();
    assert_eq!((hana.state, hana.language, hana.address.as_str()), (Pending, Language::Ja, "Hana@example.jp"));
    assert_eq!(hana.editions, ["weekly"]);
    let events = house.store.consent_events(hana.id).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].kind, events[0].at), (ConsentKind::SignedUp, at));
    assert_eq!(events[0].text_version.as_deref(), Some(FORM_TEXT_VERSION));
    assert_eq!((&events[0].ip, &events[0].user_agent), (&visit().ip, &visit().user_agent));
    assert_eq!(house.confirmations().await.len(), 1);
}

#[tokio::test]
async fn the_letter_carries_the_link_and_belongs_to_no_list() {
    let house = House::new().await;
    house.sign_up(HANA).await;
    let letter = house.store.letter(crate::domain::ids::LetterId(1)).await.unwrap();
    let token = house.confirm_token(HANA).await;
    assert!(letter.text.contains(&token) && letter.html.contains(&token));
    assert!(!letter.text.contains(&letter.splice_key) && !letter.html.contains(&letter.splice_key));
    assert!(!letter.text.contains(HANA) && !letter.html.contains(HANA));
    assert!(letter.head.list.is_none());
    assert_eq!(letter.date, house.subscribers.clock.now());
}

#[tokio::test]
async fn every_state_answers_a_sign_up_in_its_way() {
    let reasons = [SuppressReason::Bounced, SuppressReason::Complained, SuppressReason::Operator];
    let rows = [(Pending, Pending, 2), (Confirmed, Confirmed, 1), (Unsubscribed, Pending, 2)]
        .into_iter()
        .chain(reasons.map(|reason| (Suppressed(reason), Suppressed(reason), 1)));
    for (before, after, mails) in rows {
        let house = House::new().await;
        house.bring(HANA, before).await;
        let events = house.events(HANA).await.len();
        house.pass(days(2));
        house.sign_up(HANA).await;
        assert_eq!(house.state(HANA).await, Some(after), "{before}");
        assert_eq!(house.confirmations().await.len(), mails, "{before}");
        assert_eq!(house.events(HANA).await.len(), events + mails - 1, "{before}");
    }
}

#[tokio::test]
async fn an_erased_reader_may_come_back_and_a_suppressed_one_may_not() {
    let house = House::new().await;
    house.bring(HANA, Confirmed).await;
    house.subscribers.erase(&email(HANA)).await.unwrap();
    house.pass(days(2));
    house.sign_up(HANA).await;
    assert_eq!(house.state(HANA).await, Some(Pending));

    let taro = "taro@example.jp";
    house.bring(taro, Suppressed(SuppressReason::Complained)).await;
    house.subscribers.erase(&email(taro)).await.unwrap();
    house.pass(days(2));
    house.sign_up(taro).await;
    assert_eq!(house.state(taro).await, None);
}

#[tokio::test]
async fn nobody_is_asked_twice_within_a_day() {
    let house = House::new().await;
    house.sign_up(HANA).await;
    house.pass(SignedDuration::from_mins(23 * 60 + 59));
    house.sign_up(HANA).await;
    assert_eq!(house.confirmations().await.len(), 1);
    house.pass(SignedDuration::from_mins(1));
    house.sign_up(HANA).await;
    assert_eq!(house.confirmations().await.len(), 2);
}

#[tokio::test]
async fn nobody_is_asked_four_times_within_thirty_days() {
    let house = House::new().await;
    for _ in 0..3 {
        house.sign_up(HANA).await;
        house.pass(days(9));
        house.subscribers.housekeeping().await.unwrap();
        assert!(house.find(HANA).await.is_none(), "the row is forgotten, what was sent is not");
    }
    house.sign_up(HANA).await;
    assert_eq!(house.confirmations().await.len(), 3);
    assert!(house.find(HANA).await.is_none(), "a row nobody could confirm is not kept");
    house.pass(days(3) - SignedDuration::from_millis(1));
    house.sign_up(HANA).await;
    assert_eq!(house.confirmations().await.len(), 3);
    house.pass(SignedDuration::from_millis(1));
    house.sign_up(HANA).await;
    assert_eq!(house.confirmations().await.len(), 4, "the first one is thirty days old");
}

#[tokio::test]
async fn erasing_does_not_make_an_address_askable_again() {
    let house = House::new().await;
    house.sign_up(HANA).await;
    house.subscribers.erase(&email(HANA)).await.unwrap();
    house.pass(SignedDuration::from_hours(23));
    house.sign_up(HANA).await;
    assert_eq!(house.confirmations().await.len(), 1);
    house.pass(SignedDuration::from_hours(1));
    house.sign_up(HANA).await;
    assert_eq!(house.confirmations().await.len(), 2);
}

#[tokio::test]
async fn a_victim_of_two_thousand_sign_ups_gets_one_mail_a_day() {
    let house = House::new().await;
    for index in 0..2000 {
        // Spellings of one mailbox.
        let address = if index % 2 == 0 { "victim@example.jp" } else { "\"VICTIM\"@EXAMPLE.jp" };
        let sign_up = SignUp { address: email(address), language: Language::En, editions: Vec::new(), visit: visit() };
        house.subscribers.sign_up(sign_up).await.unwrap();
        house.pass(SignedDuration::from_secs(43));
    }
    house.settle().await;
    assert_eq!(house.confirmations().await.len(), 1);
    assert_eq!(house.events("victim@example.jp").await.len(), 1, "nor does the record grow with the flood");
}

#[tokio::test]
async fn a_sign_up_that_cannot_be_settled_holds_up_nobody() {
    let house = House::new().await;
    let line = |address: &str| Line {
        editions: Vec::new(),
        address: address.to_owned(),
        language: Language::En,
        text_version: "1".to_owned(),
        visit: Visit::default(),
        at: house.subscribers.clock.now(),
    };
    for _ in 0..3 {
        house.store.record_sign_up(&line("no address at all")).await.unwrap();
    }
    house.store.record_sign_up(&line(HANA)).await.unwrap();
    assert_eq!(house.subscribers.settle_sign_ups(2).await.unwrap(), 2);
    house.settle().await;
    assert_eq!(house.state(HANA).await, Some(Pending));
}

#[tokio::test]
async fn two_nodes_settling_at_once_ask_once() {
    let house = House::new().await;
    for name in ["a", "b", "c", "a"] {
        let sign_up = SignUp {
            address: email(&format!("{name}@example.jp")),
            language: Language::En,
            editions: Vec::new(),
            visit: visit(),
        };
        house.subscribers.sign_up(sign_up).await.unwrap();
    }
    let (one, two) = (house.subscribers.clone(), house.subscribers.clone());
    let (one, two) = tokio::join!(one.settle_sign_ups(10), two.settle_sign_ups(10));
    one.unwrap();
    two.unwrap();
    house.settle().await;
    assert_eq!(house.confirmations().await.len(), 3);
}

#[tokio::test]
async fn whoever_waits_for_sign_ups_is_woken() {
    let house = House::new().await;
    let sign_up = SignUp { address: email(HANA), language: Language::En, editions: Vec::new(), visit: visit() };
    house.subscribers.sign_up(sign_up).await.unwrap();
    // The sign-up came before the wait, and still counts.
    house.subscribers.sign_up_arrived().await;
}
