//! From articles to issues.

use super::*;
use crate::digest::How;
use crate::domain::ids::FeedId;
use crate::domain::issue::IssueState;
use crate::store::NewFeed;

fn skipped(reason: &str) -> IssueState {
    IssueState::Skipped(reason.to_owned())
}

#[tokio::test]
async fn an_issue_takes_what_waited_longest_and_shows_the_newest_first() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.store_articles(&[news("n1", 1), news("n3", 3), news("n2", 2), opening("o1", 9, None)]).await;
        let slot = house.next_slot();
        let compiled = house.compile(&slot).await;
        assert_eq!(compiled.how, How::Made);
        assert_eq!((compiled.issue.number, &compiled.issue.state), (Some(1), &IssueState::Draft));
        assert_eq!((compiled.issue.slot.as_str(), compiled.issue.scheduled), ("2026-11-27T08:00", slot.instant));
        let tallies: Vec<_> = compiled.sections.iter().map(|s| (s.section.as_str(), s.items, s.rolls_over)).collect();
        assert_eq!(tallies, [("openings", 1, 0), ("news", 2, 1)]);
        assert_eq!(house.titles(&compiled.issue).await, ["n2", "n1", "o1"]);

        let again = house.compile(&slot).await;
        assert_eq!((again.how, &again.issue, &again.sections), (How::OfTheSlot, &compiled.issue, &compiled.sections));
    })
    .await;
}

#[tokio::test]
async fn what_does_not_fit_rolls_over_until_all_is_printed() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.reader("a").await;
        let articles: Vec<_> = (1..=5).map(|n| news(&format!("n{n}"), n)).collect();
        house.store_articles(&articles).await;
        house.store_articles(&[opening("o1", 1, None)]).await;
        let mut printed = Vec::new();
        for _ in 0..4 {
            let issue = house.publish(&house.next_slot()).await;
            printed.push((issue.number, house.titles(&issue).await.join(" ")));
        }
        let expected = [(Some(1), "n2 n1 o1"), (Some(2), "n4 n3"), (Some(3), "n5"), (None, "")];
        assert_eq!(printed, expected.map(|(number, titles)| (number, titles.to_owned())));
        assert_eq!(house.issues().await[3].state, skipped("nothing new since issue 3"));

        house.store_articles(&[news("late", 0)]).await;
        let issue = house.publish(&house.next_slot()).await;
        assert_eq!((issue.number, house.titles(&issue).await), (Some(4), vec!["late".to_owned()]));
    })
    .await;
}

#[tokio::test]
async fn with_nothing_to_publish_a_slot_is_skipped_with_the_reason() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.reader("a").await;
        let slot = house.next_slot();
        let compiled = house.compile(&slot).await;
        assert_eq!((compiled.issue.number, &compiled.issue.state), (None, &skipped("nothing to publish yet")));
        // What comes a minute later waits for the next issue: the slot has been dealt with.
        house.store_articles(&[news("n1", 1)]).await;
        assert_eq!(house.compile(&slot).await.issue, compiled.issue);
        assert_eq!(house.publish(&house.next_slot()).await.number, Some(1));
    })
    .await;
}

#[tokio::test]
async fn what_closes_before_the_seal_is_left_out() {
    on_each_engine(async |store| {
        let house = House::with(&store, EDITION, 5);
        house.reader("a").await;
        let slot = house.next_slot();
        let soon = Some(house.now() + hours(1));
        house
            .store_articles(&[
                opening("closed", 1, Some(house.now())),
                opening("soon", 3, soon),
                opening("open", 2, None),
            ])
            .await;
        house.store_articles(&[opening("open later", 4, Some(house.now() + hours(2)))]).await;
        let draft = house.compile(&slot).await.issue;
        assert_eq!(house.titles(&draft).await, ["open later", "soon", "open"]);
        house.pass(hours(1));
        let sealed = house.digests.seal(draft.id).await.unwrap();
        assert_eq!((sealed.closed, sealed.by_us, sealed.recipients()), (1, true, 1));
        let items = store.issue_items(draft.id).await.unwrap();
        let places: Vec<_> = items.iter().map(|item| (item.title.as_str(), item.position)).collect();
        assert_eq!(places, [("open later", 0), ("open", 1)]);
        let letters = house.digests.preview(draft.id).await.unwrap().letters;
        assert!(letters.iter().all(|letter| !letter.text.contains("soon") && letter.text.contains("open later")));
    })
    .await;
}

#[tokio::test]
async fn a_draft_of_which_nothing_is_left_becomes_a_skipped_issue() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        let slot = house.next_slot();
        house.store_articles(&[opening("soon", 1, Some(house.now() + hours(1)))]).await;
        let draft = house.compile(&slot).await.issue;
        house.pass(hours(1));
        let sealed = house.digests.seal(draft.id).await.unwrap();
        assert_eq!(sealed.issue.state, skipped("everything in it closed before it was sealed"));
        assert_eq!((sealed.closed, sealed.recipients()), (1, 0));
        assert_eq!(house.digests.seal(draft.id).await.unwrap().issue, sealed.issue, "again, it is the same");
        let refusal = house.digests.release(draft.id).await.unwrap_err().to_string();
        assert!(refusal.contains("skipped: everything in it closed"), "{refusal}");
        assert_eq!(house.compile(&slot).await.issue, sealed.issue);
    })
    .await;
}

#[tokio::test]
async fn a_slot_takes_the_draft_that_is_there_and_then_makes_no_other() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.reader("a").await;
        house.store_articles(&[news("n1", 1)]).await;
        let draft = house.compile(&house.by_hand()).await.issue;
        house.store_articles(&[news("n2", 2)]).await;
        let friday = house.next_slot();
        let taken = house.compile(&friday).await;
        assert_eq!((taken.how, &taken.issue), (How::DraftTaken, &draft));
        assert_eq!((taken.sections[1].items, taken.sections[1].rolls_over), (1, 1));
        house.publish(&friday).await;
        // Killed before it was written down that Friday is done, the scheduler comes back to it.
        let again = house.compile(&friday).await;
        assert_eq!((again.how, again.issue.id), (How::SealedSince, draft.id));
        let next = house.publish(&house.next_slot()).await;
        assert_eq!((next.number, house.titles(&next).await), (Some(2), vec!["n2".to_owned()]));
    })
    .await;
}

#[tokio::test]
async fn an_article_is_corrected_until_it_is_sealed() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.reader("a").await;
        let feed = NewFeed {
            url: "https://example.jp/feed".into(),
            section: "news".into(),
            category_sections: [].into(),
            items: Default::default(),
        };
        let feed: Option<FeedId> = Some(store.add_feed(&feed, house.now()).await.unwrap());
        let told =
            |title: &str| crate::domain::article::NewArticle { feed_id: feed, guid: "1".into(), ..news(title, 1) };
        house.store_articles(&[told("frist")]).await;
        let draft = house.compile(&house.next_slot()).await.issue;
        house.store_articles(&[told("first")]).await;
        assert!(house.digests.preview(draft.id).await.unwrap().letters[0].subject.contains("first"));
        house.digests.seal(draft.id).await.unwrap();
        house.store_articles(&[told("second thoughts")]).await;
        assert_eq!(house.titles(&draft).await, ["first"]);
        assert!(house.digests.preview(draft.id).await.unwrap().letters[0].subject.contains("first"));
    })
    .await;
}

#[tokio::test]
async fn ten_thousand_articles_are_no_burden() {
    on_each_engine(async |store| {
        let house = House::with(&store, EDITION, 20);
        let articles: Vec<_> = (0..10_000).map(|n| news(&format!("n{n}"), n)).collect();
        house.store_articles(&articles).await;
        let compiled = house.compile(&house.next_slot()).await;
        assert_eq!((compiled.sections[1].items, compiled.sections[1].rolls_over), (20, 9980));
        assert_eq!(house.titles(&compiled.issue).await[0], "n19");
    })
    .await;
}
