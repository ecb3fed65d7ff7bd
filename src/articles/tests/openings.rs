//! Feeds of openings: when they close, and what they show.

use super::*;
use crate::domain::article::ArticleKind;
use crate::domain::feed::ItemDefaults;

const MONTH: Duration = Duration::from_secs(30 * 86400);

fn openings() -> ItemDefaults {
    ItemDefaults { kind: ArticleKind::Opening, opening_life: Some(MONTH), language: Some("JA".to_owned()) }
}

impl House {
    async fn feed_with(&self, path: &str, items: ItemDefaults) -> Result<(), ArticlesError> {
        let url = format!("{}{path}", self.base);
        self.articles.add_feed_with(&url, "openings", &BTreeMap::new(), items).await.map(|_| ())
    }
}

#[tokio::test]
async fn an_opening_closes_when_it_says_or_a_life_after_it_opened() {
    let house = House::new().await;
    let says = format!("{THIS_WEEK}<expirationDate>Tue, 15 Dec 2026 18:00:00 +0900</expirationDate>");
    let items = [("1", "Says", says.as_str()), ("2", "Dated", THIS_WEEK), ("3", "Silent", "")];
    house.publish("/jobs", &rss(&items));
    house.feed_with("/jobs", openings()).await.unwrap();
    let seen = house.clock.now();
    house.collect().await;
    let month = SignedDuration::try_from(MONTH).unwrap();
    let expected = [
        "2026-12-15T09:00:00Z".parse().unwrap(),
        "2026-11-23T00:00:00Z".parse::<Timestamp>().unwrap() + month,
        seen + month,
    ];
    let closes = async || house.stored().await.into_iter().map(|one| one.closes.unwrap()).collect::<Vec<_>>();
    assert_eq!(closes().await, expected);
    // Seen again with other words a week later, it does not close later.
    house.clock.advance(SignedDuration::from_hours(7 * 24));
    house.publish("/jobs", &rss(&items).replace("Silent", "Silent still"));
    house.collect().await;
    assert_eq!(closes().await, expected);
    let stored = house.stored().await;
    assert!(stored.iter().all(|one| one.details.kind == ArticleKind::Opening && one.language.as_deref() == Some("ja")));
}

#[tokio::test]
async fn news_does_not_close_by_itself_and_an_item_may_bring_a_picture() {
    let house = House::new().await;
    let picture = format!(
        "{THIS_WEEK}<media:content url=\"https://example.jp/a.jpg?w=1&amp;h=2\" medium=\"image\">\
         <media:description>灯台</media:description><media:credit>佐藤</media:credit></media:content>"
    );
    house.publish("/news", &rss(&[("1", "One", &picture)]));
    house.feed("/news", "news", &[]).await;
    house.collect().await;
    let article = house.stored().await.remove(0);
    assert_eq!(article.closes, None);
    let image = article.details.image.unwrap();
    assert_eq!(
        (image.url.as_str(), image.alt.as_str(), image.credit.as_deref()),
        ("https://example.jp/a.jpg?w=1&h=2", "灯台", Some("佐藤"))
    );
}

#[tokio::test]
async fn what_holds_for_the_items_of_a_feed_is_checked() {
    let house = House::new().await;
    for (field, items) in [
        ("life", ItemDefaults { kind: ArticleKind::News, ..openings() }),
        ("life", ItemDefaults { opening_life: Some(Duration::from_secs(60)), ..openings() }),
        ("language", ItemDefaults { language: Some("japanese".to_owned()), ..openings() }),
    ] {
        let refused = house.feed_with("/jobs", items).await;
        assert!(matches!(&refused, Err(ArticlesError::Field { field: f, .. }) if *f == field), "{refused:?}");
    }
}
