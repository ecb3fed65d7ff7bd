use super::*;
use crate::domain::ids::FeedId;
use crate::domain::visits::{Failure, Health, Pause, PauseReason};
use crate::store::{FeedVisit, NewFeed, Store, StoreError};

async fn another_feed(store: &Store, url: &str) -> FeedId {
    let feed = NewFeed {
        url: url.to_owned(),
        section: "news".to_owned(),
        category_sections: Default::default(),
        items: Default::default(),
    };
    store.add_feed(&feed, minute(0)).await.unwrap()
}

#[tokio::test]
async fn a_pause_is_kept_until_the_feed_is_resumed_or_comes_back() {
    on_each_engine(async |store| {
        let id = a_feed(&store).await;
        let health = async || store.feeds().await.unwrap().remove(0).health;
        let paused = Some(Pause { since: minute(1), reason: PauseReason::ByHand });
        store.pause_feed(id, PauseReason::ByHand, minute(1)).await.unwrap();
        store.pause_feed(id, PauseReason::Gone, minute(2)).await.unwrap();
        assert_eq!(health().await.paused, paused);
        // A visit that was under way when it was paused does not undo it, nor does it change the reason.
        let good = FeedVisit::Good { title: None, validators: None };
        store.record_feed_visit(id, &good, &Health::default(), minute(3)).await.unwrap();
        let gone = Some(Pause { since: minute(4), reason: PauseReason::Gone });
        let bad = Health { failures: 7, failing_since: Some(minute(0)), next_visit: Some(minute(99)), paused: gone };
        store.record_feed_visit(id, &FeedVisit::Bad("410".to_owned()), &bad, minute(4)).await.unwrap();
        assert_eq!(health().await, Health { paused, ..bad.clone() });
        // Changing its section does not, either.
        a_feed(&store).await;
        assert_eq!(health().await.paused, paused);

        store.resume_feed(id).await.unwrap();
        assert_eq!(health().await, Health::default());
        store.record_feed_visit(id, &FeedVisit::Bad("410".to_owned()), &bad, minute(5)).await.unwrap();
        assert_eq!(health().await, bad);
        store.remove_feed(id, minute(6)).await.unwrap();
        assert!(matches!(store.resume_feed(id).await, Err(StoreError::NotFound(_))));
        a_feed(&store).await;
        assert_eq!(health().await, Health::default());
    })
    .await;
}

#[tokio::test]
async fn what_failed_is_resumed_together_and_what_is_gone_or_paused_by_hand_is_not() {
    on_each_engine(async |store| {
        let mut ids = Vec::new();
        for (name, reason) in [
            ("good", None),
            ("rests", None),
            ("failing", Some(PauseReason::Failing)),
            ("gone", Some(PauseReason::Gone)),
        ] {
            let id = another_feed(&store, &format!("https://example.jp/{name}")).await;
            let paused = reason.map(|reason| Pause { since: minute(4), reason });
            let bad = Health { failures: 7, failing_since: Some(minute(0)), next_visit: Some(minute(99)), paused };
            if name != "good" {
                store.record_feed_visit(id, &FeedVisit::Bad("500".to_owned()), &bad, minute(4)).await.unwrap();
            }
            ids.push(id);
        }
        // It failed, too, but somebody had paused it before.
        let by_hand = another_feed(&store, "https://example.jp/by-hand").await;
        store.pause_feed(by_hand, PauseReason::ByHand, minute(1)).await.unwrap();
        let bad = Health { failures: 1, ..Health::default() };
        store.record_feed_visit(by_hand, &FeedVisit::Bad("500".to_owned()), &bad, minute(4)).await.unwrap();

        assert_eq!(store.untold_pauses().await.unwrap().len(), 2);
        assert_eq!(store.resume_failed_feeds().await.unwrap(), 2);
        let feeds = store.feeds().await.unwrap();
        let paused: Vec<_> = feeds.iter().filter(|feed| feed.health.paused.is_some()).map(|feed| feed.id).collect();
        assert_eq!(paused, [ids[3], by_hand]);
        assert!(feeds[..3].iter().all(|feed| feed.health == Health::default()));
        assert_eq!(store.untold_pauses().await.unwrap().len(), 1);
        assert_eq!(store.resume_failed_feeds().await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_visit_that_began_and_never_ended_counts_as_failed_and_a_later_one_clears_it() {
    on_each_engine(async |store| {
        let id = a_feed(&store).await;
        let validators = Some(crate::domain::feed::Validators { etag: Some("\"a\"".to_owned()), last_modified: None });
        let good = FeedVisit::Good { title: None, validators: validators.clone() };
        store.record_feed_visit(id, &good, &Health::default(), minute(1)).await.unwrap();
        let begun = Health::default().after_failure(Failure::Passing { asked_to_wait: None }, 0.0, minute(2));
        store.begin_feed_visit(id, &begun, minute(2)).await.unwrap();
        let feed = store.feeds().await.unwrap().remove(0);
        assert_eq!((&feed.health, feed.last_fetch, feed.last_success), (&begun, Some(minute(2)), Some(minute(1))));
        assert!(feed.last_error.unwrap().contains("while it was reading"));
        assert_eq!(feed.health.rests_until(minute(3)), Some(minute(32)), "before an issue, too");
        let unchanged = FeedVisit::Good { title: None, validators: None };
        store.record_feed_visit(id, &unchanged, &Health::default(), minute(40)).await.unwrap();
        let feed = store.feeds().await.unwrap().remove(0);
        assert_eq!((feed.health, feed.last_error, Some(feed.validators)), (Health::default(), None, validators));
        // It pauses nothing: only what has failed does, and a good visit would not undo it.
        let last = Health { paused: Some(Pause { since: minute(50), reason: PauseReason::Failing }), ..begun };
        store.begin_feed_visit(id, &last, minute(50)).await.unwrap();
        assert_eq!(store.feeds().await.unwrap()[0].health.paused, None);
    })
    .await;
}

#[tokio::test]
async fn a_feed_moves_to_an_address_no_other_has_and_remembers_its_first() {
    on_each_engine(async |store| {
        let id = a_feed(&store).await;
        let other = another_feed(&store, "https://example.jp/taken").await;
        assert!(store.move_feed(id, "https://example.jp/a").await.unwrap());
        assert!(store.move_feed(id, "https://example.jp/b").await.unwrap());
        assert!(!store.move_feed(id, "https://example.jp/taken").await.unwrap());
        store.remove_feed(other, minute(1)).await.unwrap();
        assert!(!store.move_feed(id, "https://example.jp/taken").await.unwrap());
        let feed = store.feeds().await.unwrap().remove(0);
        assert_eq!(
            (feed.url.as_str(), feed.added_as.as_deref()),
            ("https://example.jp/b", Some("https://example.jp/feed"))
        );
    })
    .await;
}

#[tokio::test]
async fn what_a_feed_brought_is_counted_and_dated() {
    on_each_engine(async |store| {
        let (one, two) = (a_feed(&store).await, another_feed(&store, "https://example.jp/two").await);
        store.store_articles(&[article(Some(one), "old", 1)], minute(1)).await.unwrap();
        store.store_articles(&[article(Some(one), "a", 1), article(Some(two), "a", 1)], minute(5)).await.unwrap();
        store.store_articles(&[article(Some(one), "b", 1), article(None, "by-hand", 1)], minute(6)).await.unwrap();
        let counts = store.items_since(minute(5)).await.unwrap();
        assert_eq!((counts.len(), counts[&one], counts[&two]), (2, 2, 1));
        let seen = store.first_seen(one, &["old", "b", "never"]).await.unwrap();
        assert_eq!((seen.len(), seen["old"], seen["b"]), (2, minute(1), minute(6)));
    })
    .await;
}
