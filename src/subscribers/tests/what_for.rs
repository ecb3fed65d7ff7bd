//! What somebody signs up for: the mail asks about that, and the record of consent says that.

use crate::domain::choice::Choice;
use crate::domain::consent::ConsentKind;
use crate::domain::issue::Letter;
use crate::domain::language::Language;
use crate::domain::subscriber::SubscriberState::{Confirmed, Pending, Unsubscribed};
use crate::store::Taken;
use crate::store::tests::harness::on_each_engine;
use crate::subscribers::LeftBy;
use crate::subscribers::harness::{House, days, email, two_editions, visit};

const HANA: &str = "hana@example.jp";
const WEEKLY: &str = "weekly “Japan Weekly” (everything); mails in en";
const MONTHLY: &str = "monthly “Japan Monthly” (everything); mails in en";
const BOTH: &str = "weekly “Japan Weekly” (everything), monthly “Japan Monthly” (everything); mails in en";

async fn with_a_monthly() -> House {
    let mut house = House::new().await;
    house.publish(two_editions());
    house
}

/// Returns the confirmation mail that was written last.
async fn letter(house: &House) -> Letter {
    let last = house.confirmations().await.into_iter().max_by_key(|delivery| delivery.id).unwrap();
    house.store.letter_of(last.id).await
}

#[tokio::test]
async fn the_mail_and_the_record_name_what_was_asked_for() {
    for (ticked, subject, named, silent, detail) in [
        (&[][..], "to Japan Weekly", vec!["“Japan Weekly”"], vec!["Monthly"], WEEKLY),
        (&["weekly"], "to Japan Weekly", vec!["“Japan Weekly”"], vec!["Monthly"], WEEKLY),
        (&["monthly"], "to Japan Monthly", vec!["“Japan Monthly”"], vec!["Weekly"], MONTHLY),
        (
            &["weekly", "monthly"],
            ": Japan Weekly, Japan Monthly",
            vec!["- Japan Weekly", "- Japan Monthly"],
            vec![],
            BOTH,
        ),
    ] {
        let house = with_a_monthly().await;
        house.sign_up_for(HANA, ticked).await;
        let letter = letter(&house).await;
        assert!(letter.subject.ends_with(subject), "{}", letter.subject);
        for title in named {
            assert!(letter.text.contains(title), "{title} is not in {}", letter.text);
            assert!(letter.html.contains(title.trim_start_matches("- ")), "{title} is not in {}", letter.html);
        }
        for title in silent {
            assert!(!letter.text.contains(title) && !letter.html.contains(title), "{}", letter.text);
        }
        assert_eq!(house.last_detail(HANA).await, detail);
        house.subscribers.confirm(&house.confirm_token(HANA).await, &visit()).await.unwrap();
        assert_eq!(house.events(HANA).await, [ConsentKind::SignedUp, ConsentKind::Confirmed]);
        assert_eq!(house.last_detail(HANA).await, detail, "what was confirmed");
    }
}

#[tokio::test]
async fn of_two_sign_ups_the_later_counts_and_the_mail_says_so() {
    on_each_engine(async |store| {
        let mut house = House::on(store);
        house.publish(two_editions());
        house.sign_up_for(HANA, &["weekly"]).await;
        let first = house.confirm_token(HANA).await;
        // On the same day no second mail is sent, so what the first one says is what counts.
        house.sign_up_for(HANA, &["monthly"]).await;
        assert_eq!(house.taken(HANA).await, [("weekly".to_owned(), String::new())]);
        house.pass(days(2));
        house.sign_up_for(HANA, &["monthly"]).await;
        assert_eq!(house.taken(HANA).await, [("monthly".to_owned(), String::new())]);
        assert!(letter(&house).await.subject.ends_with("to Japan Monthly"));
        house.subscribers.confirm(&first, &visit()).await.unwrap();
        assert_eq!(house.last_detail(HANA).await, MONTHLY, "the page with the button said the same");
    })
    .await;
}

#[tokio::test]
async fn who_comes_back_for_an_edition_takes_the_part_they_chose_and_is_told_which() {
    on_each_engine(async |store| {
        let mut house = House::on(store);
        house.publish(two_editions());
        house.bring(HANA, Confirmed).await;
        let part = Taken {
            language: Language::En,
            offered: vec!["weekly".to_owned(), "monthly".to_owned()],
            editions: vec![("weekly".to_owned(), Choice::from_key("l=ja").unwrap())],
        };
        let token = house.unsubscribe_token(HANA).await;
        house.subscribers.choose(&token, &part, &visit()).await.unwrap();
        house.subscribers.unsubscribe(&token, &visit(), LeftBy::Button).await.unwrap();
        assert_eq!(house.state(HANA).await, Some(Unsubscribed));
        house.pass(days(2));
        house.sign_up_for(HANA, &["weekly"]).await;
        assert_eq!(house.state(HANA).await, Some(Pending));
        assert_eq!(house.taken(HANA).await, [("weekly".to_owned(), "l=ja".to_owned())]);
        let letter = letter(&house).await;
        assert!(letter.text.contains("- Japan Weekly\n  Articles in: 日本語"), "{}", letter.text);
        assert_eq!(house.last_detail(HANA).await, "weekly “Japan Weekly” (all sections; ja); mails in en");
    })
    .await;
}

#[tokio::test]
async fn coming_back_from_the_goodbye_page_is_on_record_with_what_comes_back() {
    let house = with_a_monthly().await;
    house.sign_up_for(HANA, &["monthly"]).await;
    house.subscribers.confirm(&house.confirm_token(HANA).await, &visit()).await.unwrap();
    let token = house.unsubscribe_token(HANA).await;
    house.subscribers.unsubscribe(&token, &visit(), LeftBy::Button).await.unwrap();
    house.subscribers.resubscribe(&token, &visit()).await.unwrap();
    assert_eq!(house.last_detail(HANA).await, MONTHLY);
}

#[tokio::test]
async fn who_is_invited_is_asked_about_what_they_signed_up_for() {
    let house = with_a_monthly().await;
    house.sign_up_for(HANA, &["monthly"]).await;
    house.pass(days(2));
    house.subscribers.invite(&email(HANA), Language::En).await.unwrap();
    assert_eq!(house.taken(HANA).await, [("monthly".to_owned(), String::new())]);
    assert_eq!(house.last_detail(HANA).await, MONTHLY);
    let taro = "taro@example.jp";
    house.subscribers.invite(&email(taro), Language::En).await.unwrap();
    assert_eq!(house.last_detail(taro).await, WEEKLY);
    let yuki = "yuki@example.jp";
    house.subscribers.invite_to(&["monthly".to_owned()], &email(yuki), Language::En).await.unwrap();
    assert_eq!(house.last_detail(yuki).await, MONTHLY);
}

#[tokio::test]
async fn the_record_of_a_change_says_all_that_is_taken_after_it() {
    let house = with_a_monthly().await;
    house.sign_up_for(HANA, &["weekly", "monthly"]).await;
    house.subscribers.confirm(&house.confirm_token(HANA).await, &visit()).await.unwrap();
    let hana = house.find(HANA).await.unwrap();
    let leave = Taken { language: Language::Ja, offered: vec!["weekly".to_owned()], editions: Vec::new() };
    house.subscribers.choose_by_operator(&hana, &leave).await.unwrap();
    let said = house.last_detail(HANA).await;
    assert_eq!(said, "by the operator: monthly “Japan Monthly” (everything); mails in ja");
}
