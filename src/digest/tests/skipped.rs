//! The mails that tell the operator of skipped slots and paused feeds.

use super::*;
use crate::clock::Clock;
use crate::digest::Operator;
use crate::domain::desk::{Approval, Edit, Review};
use crate::domain::edition::Edition;
use crate::domain::issue::Letter;
use crate::domain::language::Language;
use crate::domain::visits::{Failure, Health};
use crate::store::{DeliveryFilter, FeedVisit, NewFeed, Store};

/// Returns a house with a weekly and a monthly edition, and an operator who reads this language.
fn house_of(store: &Store, language: Language) -> House {
    let titled = |name: &str, title: &str, schedule: &str| Edition {
        title: title.to_owned(),
        review: Review { approval: Approval::Veto, ..Review::default() },
        ..an_edition(name, 9, schedule)
    };
    let editions =
        vec![titled(EDITION, "Japan Weekly", "0 8 * * Fri"), titled("monthly", "Japan Monthly", "0 9 1 * *")];
    let mut house = House::with_editions(store, editions);
    let operator = Operator { addresses: vec!["editor@example.jp".to_owned()], language };
    house.digests = house.digests.with_operator(operator);
    house
}

/// Returns the text of a mail without its line breaks.
fn text(mail: &Letter) -> String {
    mail.text.split_whitespace().collect::<Vec<_>>().join(if mail.language == Language::Ja { "" } else { " " })
}

async fn mails(store: &Store) -> Vec<Letter> {
    let mut letters = Vec::new();
    for line in store.deliveries(&DeliveryFilter::default(), 100).await.unwrap() {
        letters.push(store.letter_of(line.id).await);
    }
    letters
}

#[tokio::test]
async fn a_skipped_slot_is_told_with_its_own_edition_and_its_day_in_the_operators_language() {
    on_each_engine(async |store| {
        let house = house_of(&store, Language::En);
        house.reader("a").await;
        let slot = house.digests.edition("monthly").unwrap().schedule.next_after(house.now()).unwrap();
        house.clock.set(slot.instant);
        house.digests.compile_to_send("monthly", &slot).await.unwrap();
        assert_eq!(house.digests.tell_operator().await.unwrap(), 1);
        assert_eq!(house.digests.tell_operator().await.unwrap(), 0);
        let mail = mails(&store).await.pop().unwrap();
        assert_eq!(mail.subject, "Japan Monthly: the issue of Tuesday 1 December 2026 was skipped");
        let line = "* Tuesday 1 December 2026, 09:00 (Asia/Tokyo): There was nothing to publish yet.";
        assert!(text(&mail).contains(line), "{}", mail.text);
        assert!(!mail.text.contains("2026-12-01T") && !mail.text.contains("Japan Weekly"), "{}", mail.text);
    })
    .await;
}

#[tokio::test]
async fn each_edition_has_a_mail_of_its_own_about_all_that_was_skipped() {
    on_each_engine(async |store| {
        let house = house_of(&store, Language::Ja);
        house.store_articles(&[news("n1", 1)]).await;
        for _ in 0..2 {
            house.publish(&house.next_slot()).await;
        }
        let by_hand = house.digests.edition("monthly").unwrap().schedule.slot_at(house.now());
        let draft = house.digests.compile("monthly", &by_hand).await.unwrap().issue;
        house.digests.edit(draft.id, &Edit::Hold, "ed").await.unwrap();
        let held = store.issue(draft.id).await.unwrap();
        store.skip_draft(held.id, held.revision, "held").await.unwrap();
        assert_eq!(house.digests.tell_operator().await.unwrap(), 3);
        let mails = mails(&store).await;
        assert_eq!(mails.len(), 2);
        let monthly = mails.iter().find(|mail| text(mail).contains("JapanMonthly")).unwrap();
        assert_eq!(monthly.subject, "Japan Monthly：2026年12月4日（金）の号を見送りました");
        assert!(text(monthly).contains("保留されたままでした"), "{}", monthly.text);
        let weekly = mails.iter().find(|mail| text(mail).contains("JapanWeekly")).unwrap();
        assert_eq!(weekly.subject, "Japan Weekly：見送りとなった号が2件あります");
        assert_eq!(text(weekly).matches("この版を受け取る読者がいません").count(), 2, "{}", weekly.text);
        assert!(text(weekly).contains("2026年11月27日（金）08:00（Asia/Tokyo）"), "{}", weekly.text);
    })
    .await;
}

#[tokio::test]
async fn a_paused_feed_is_told_in_the_operators_language() {
    for (language, subject) in
        [(Language::En, "瓦版: a feed is visited no more"), (Language::Ja, "瓦版：取得をやめたフィードがあります")]
    {
        on_each_engine(async |store| {
            let house = house_of(&store, language);
            let now = house.clock.now();
            let feed = NewFeed {
                url: "https://example.jp/feed".to_owned(),
                section: "news".to_owned(),
                category_sections: Default::default(),
                items: Default::default(),
            };
            let id = store.add_feed(&feed, now).await.unwrap();
            let titled = FeedVisit::Good { title: Some("The Daily".to_owned()), validators: None };
            store.record_feed_visit(id, &titled, &Health::default(), now).await.unwrap();
            let gone = FeedVisit::Bad("the server says that it is gone (410)".to_owned());
            let health = Health::default().after_failure(Failure::Gone, 0.0, now);
            store.record_feed_visit(id, &gone, &health, now).await.unwrap();
            assert_eq!(house.digests.tell_operator().await.unwrap(), 1);
            let mail = mails(&store).await.remove(0);
            assert_eq!((mail.language, mail.subject.as_str()), (language, subject));
            for words in ["The Daily", "(410)", "kawaraban feeds resume 1"] {
                assert!(mail.text.contains(words), "{words} is not in {}", mail.text);
            }
        })
        .await;
    }
}
