//! Feeds that fail, move, vanish and ask for time.

use super::*;
use crate::articles::FeedMove;
use crate::domain::feed::Feed;
use crate::domain::visits::{LONGEST_WAIT, PauseReason};

const HOUR: Duration = Duration::from_secs(3600);

impl House {
    async fn only_feed(&self) -> Feed {
        self.articles.feeds().await.unwrap().remove(0)
    }

    /// Lets the daemon's minutes pass, and returns how often `path` was asked for.
    async fn live_through(&self, path: &str, hours: i64) -> usize {
        let before = self.times_asked(path);
        for _ in 0..hours * 4 {
            self.clock.advance(SignedDuration::from_mins(15));
            self.articles.collect_due(HOUR).await.unwrap();
        }
        self.times_asked(path) - before
    }
}

#[tokio::test]
async fn a_feed_that_fails_is_asked_less_and_less_and_paused_after_a_week() {
    let house = House::new().await;
    house.answer("/news", "500 Broken", "");
    house.feed("/news", "news", &[]).await;
    assert!((4..=6).contains(&house.live_through("/news", 12).await));
    assert!((1..=3).contains(&house.live_through("/news", 24).await));
    house.live_through("/news", 24 * 6).await;
    let feed = house.only_feed().await;
    assert_eq!(feed.health.paused.unwrap().reason, PauseReason::Failing);
    assert!(house.times_asked("/news") < 25, "{}", house.times_asked("/news"));
    assert_eq!(house.live_through("/news", 24).await, 0);
    let collected = house.collect().await;
    assert_eq!((collected.feeds.len(), collected.paused), (0, 1));
    assert_eq!(house.store.untold_pauses().await.unwrap().len(), 1);

    // The operator had it mended.
    house.publish("/news", &rss(&[("1", "One", THIS_WEEK)]));
    house.articles.resume_feed(&feed.id.to_string()).await.unwrap();
    assert_eq!(house.collect().await.new_articles(), 1);
    assert_eq!(house.only_feed().await.health, Default::default());
}

#[tokio::test]
async fn a_feed_with_a_rest_is_left_alone_by_an_issue_too_and_this_is_said() {
    let house = House::new().await;
    house.feed("/news", "news", &[]).await;
    assert_eq!(house.collect().await.failed(), 1);
    let collected = house.collect().await;
    assert_eq!((collected.feeds.len(), collected.resting), (0, 1));
    house.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(house.collect().await.failed(), 1);
}

#[tokio::test]
async fn a_server_that_asks_for_time_gets_it() {
    for (status, headers, hours) in [
        ("429 Too Many Requests", "Retry-After: 14400\r\n", 4),
        ("503 Away", "Date: Tue, 24 Nov 2026 00:00:00 GMT\r\nRetry-After: Tue, 24 Nov 2026 06:00:00 GMT\r\n", 6),
        ("503 Away", "Retry-After: 99999999\r\n", 24),
    ] {
        let house = House::new().await;
        house.answer("/news", status, headers);
        house.feed("/news", "news", &[]).await;
        house.collect().await;
        let next = house.only_feed().await.health.next_visit.unwrap();
        assert_eq!(next, house.clock.now() + SignedDuration::from_hours(hours), "{status} {headers}");
        assert_eq!(house.live_through("/news", hours - 1).await, 0);
        assert_eq!(house.live_through("/news", 1).await, 1);
    }
    // Of other answers it says nothing.
    let house = House::new().await;
    house.answer("/news", "404 Not Found", "Retry-After: 14400\r\n");
    house.feed("/news", "news", &[]).await;
    house.collect().await;
    assert_eq!(house.live_through("/news", 1).await, 1);
}

#[tokio::test]
async fn an_answer_that_holds_for_hours_is_not_asked_for_before_except_for_an_issue() {
    let house = House::new().await;
    let body = rss(&[("1", "One", THIS_WEEK)]);
    house.publish(
        "/held",
        &format!("HTTP/1.1 200 OK\r\nCache-Control: max-age=18000\r\nConnection: close\r\n\r\n{body}"),
    );
    house.publish("/ttl", &body.replace("<link>https://example.jp/</link>", "<ttl>180</ttl>"));
    house.publish("/plain", &body);
    for path in ["/held", "/ttl", "/plain"] {
        house.feed(path, "news", &[]).await;
    }
    house.collect().await;
    assert_eq!(house.live_through("/held", 4).await, 0);
    assert_eq!((house.times_asked("/held"), house.times_asked("/plain")), (1, 5));
    // The first answer of /ttl held for three hours; a 304 has no body to say so.
    assert_eq!(house.times_asked("/ttl"), 3);
    house.collect().await;
    assert_eq!(house.times_asked("/held"), 2);
    assert_eq!(LONGEST_WAIT, 24 * HOUR);
}

#[tokio::test]
async fn a_feed_that_is_gone_is_asked_no_more() {
    let house = House::new().await;
    house.answer("/gone", "410 Gone", "");
    house.answer("/for-now", "302 Found", "Location: /gone\r\n");
    house.answer("/for-good", "301 Moved", "Location: /gone\r\n");
    for path in ["/gone", "/for-now", "/for-good"] {
        house.feed(path, "news", &[]).await;
    }
    let collected = house.collect().await;
    let paused: Vec<_> = collected.feeds.iter().filter_map(|feed| Some((feed.id.0, feed.paused?))).collect();
    // A redirect for the time being says nothing of what it redirects to.
    assert_eq!(paused, [(1, PauseReason::Gone), (3, PauseReason::Gone)]);
    assert_eq!(collected.failed(), 3);
    assert!(house.only_feed().await.last_error.unwrap().contains("gone for good"));
}

#[tokio::test]
async fn a_feed_that_moves_for_good_is_followed_and_still_known_by_its_old_address() {
    let house = House::new().await;
    house.publish("/new", &rss(&[("1", "One", THIS_WEEK)]));
    house.answer("/old", "301 Moved", "Location: /between\r\n");
    house.answer("/between", "308 Moved", "Location: /new\r\n");
    house.feed("/old", "news", &[]).await;
    let collected = house.collect().await;
    let new = format!("{}/new", house.base);
    assert_eq!(collected.feeds[0].moved, Some(FeedMove { to: new.clone(), followed: true }));
    let feed = house.only_feed().await;
    assert_eq!((feed.url, feed.added_as), (new, Some(format!("{}/old", house.base))));
    // The validators are those of the new address.
    assert_eq!(house.collect().await.feeds[0].outcome, FeedOutcome::NotModified);
    assert_eq!((house.times_asked("/old"), house.times_asked("/new")), (1, 2));

    house.feed("/old", "openings", &[]).await;
    let feeds = house.articles.feeds().await.unwrap();
    assert_eq!((feeds.len(), feeds[0].section.as_str()), (1, "openings"));
    house.articles.remove_feed(&format!("{}/old", house.base)).await.unwrap();
    assert!(house.articles.feeds().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_redirect_that_is_not_for_good_or_leads_to_no_feed_changes_nothing() {
    let house = House::new().await;
    house.publish("/new", &rss(&[("1", "One", THIS_WEEK)]));
    house.publish("/page", "<html><title>Parked</title></html>");
    for (path, status, to) in [
        ("/302", "302 Found", "/new"),
        ("/303", "303 See", "/new"),
        ("/307", "307 Temporary", "/new"),
        ("/mixed", "301 Moved", "/302"),
        ("/parked", "301 Moved", "/page"),
    ] {
        house.answer(path, status, &format!("Location: {to}\r\n"));
        house.feed(path, "news", &[]).await;
    }
    house.collect().await;
    for feed in house.articles.feeds().await.unwrap() {
        assert_eq!(feed.added_as, None, "{}", feed.url);
        assert!(!feed.url.ends_with("/new") && !feed.url.ends_with("/page"));
    }
}

#[tokio::test]
async fn two_feeds_that_move_to_one_address_stay_two_and_it_is_said() {
    let house = House::new().await;
    house.publish("/new", &rss(&[("1", "One", THIS_WEEK)]));
    for path in ["/a", "/b"] {
        house.answer(path, "301 Moved", "Location: /new\r\n");
        house.feed(path, "news", &[]).await;
    }
    let collected = house.collect().await;
    let mut followed: Vec<_> = collected.feeds.iter().map(|feed| feed.moved.as_ref().unwrap().followed).collect();
    followed.sort_unstable();
    assert_eq!(followed, [false, true]);
    assert_eq!(collected.failed(), 0);
}

#[tokio::test]
async fn a_feed_paused_by_hand_is_not_fetched_and_not_reported() {
    let house = House::new().await;
    house.publish("/news", &rss(&[("1", "One", THIS_WEEK)]));
    house.feed("/news", "news", &[]).await;
    let paused = house.articles.pause_feed("1").await.unwrap();
    assert_eq!(paused.health.paused.unwrap().reason, PauseReason::ByHand);
    assert_eq!(house.collect().await.paused, 1);
    assert_eq!(house.live_through("/news", 2).await, 0);
    assert_eq!(house.store.untold_pauses().await.unwrap(), []);
    house.articles.resume_feed("1").await.unwrap();
    assert_eq!(house.collect().await.new_articles(), 1);
    assert!(matches!(house.articles.pause_feed("9").await, Err(ArticlesError::NoFeed(_))));
    assert!(matches!(house.articles.resume_feed("9").await, Err(ArticlesError::NoFeed(_))));
}

#[tokio::test]
async fn what_a_feed_brings_is_counted_over_four_weeks() {
    let house = House::new().await;
    house.publish("/news", &rss(&[("1", "One", THIS_WEEK), ("2", "Two", THIS_WEEK)]));
    house.feed("/news", "news", &[]).await;
    house.collect().await;
    let a_week = async || house.articles.feed_health().await.unwrap()[0].items_a_week;
    assert!((a_week().await - 0.5).abs() < 1e-9);
    house.clock.advance(SignedDuration::from_hours(24 * 29));
    assert!(a_week().await.abs() < 1e-9);
}
