//! How old an item may be.

use super::*;

async fn titles(house: &House) -> Vec<String> {
    house.stored().await.into_iter().map(|article| article.title).collect()
}

#[tokio::test]
async fn a_new_feed_brings_two_weeks_and_its_old_items_stay_out_for_good() {
    let house = House::new().await;
    let old = ("2", "Old", LAST_MONTH);
    house.publish("/news", &rss(&[("1", "New", THIS_WEEK), old, ("3", "Undated", "")]));
    house.feed("/news", "news", &[]).await;
    let collected = house.collect().await;
    assert!(matches!(collected.feeds[0].outcome, FeedOutcome::Items { new: 2, seen: 3, too_old: 1, .. }));
    assert_eq!(titles(&house).await, ["New", "Undated"]);

    house.clock.advance(SignedDuration::from_hours(1));
    house.publish("/news", &rss(&[("4", "Newer", THIS_WEEK), ("1", "New", THIS_WEEK), old, ("3", "Undated", "")]));
    let collected = house.collect().await;
    assert!(matches!(collected.feeds[0].outcome, FeedOutcome::Items { new: 1, seen: 4, too_old: 1, .. }));
    assert_eq!(titles(&house).await, ["New", "Undated", "Newer"]);
}

#[tokio::test]
async fn what_appeared_while_we_were_away_is_taken_however_long_that_was() {
    let house = House::new().await;
    house.publish("/news", &rss(&[("1", "One", THIS_WEEK)]));
    house.feed("/news", "news", &[]).await;
    house.collect().await;
    let next_day = "<pubDate>Wed, 25 Nov 2026 09:00:00 +0900</pubDate>";
    house.publish("/news", &rss(&[("2", "The day after", next_day), ("1", "One", THIS_WEEK)]));
    house.clock.advance(SignedDuration::from_hours(24 * 90));
    assert_eq!(house.collect().await.new_articles(), 1);
    assert_eq!(titles(&house).await, ["One", "The day after"]);
}

#[tokio::test]
async fn a_feed_that_failed_at_first_is_still_new() {
    let house = House::new().await;
    house.feed("/news", "news", &[]).await;
    assert_eq!(house.collect().await.failed(), 1);
    house.clock.advance(SignedDuration::from_hours(1));
    house.publish("/news", &rss(&[("1", "New", THIS_WEEK), ("2", "Old", LAST_MONTH)]));
    house.collect().await;
    assert_eq!(titles(&house).await, ["New"]);
}
