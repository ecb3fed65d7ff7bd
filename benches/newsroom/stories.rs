//! Ten thousand articles of two hundred feeds come in, and the stories among them are found.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use kawaraban::domain::article::NewArticle;
use kawaraban::store::{NewFeed, Store};

const FEEDS: usize = 200;
const PLACES: [&str; 10] = ["神戸", "長野", "高知", "弘前", "奄美", "函館", "佐渡", "尾道", "金沢", "別府"];
const THINGS: [&str; 20] = [
    "朝市",
    "図書館",
    "植物園",
    "路面電車",
    "水族館",
    "温泉街",
    "棚田",
    "映画祭",
    "天文台",
    "養蜂場",
    "灯台",
    "市場",
    "小学校",
    "診療所",
    "港",
    "美術館",
    "駅前広場",
    "商店街",
    "公園",
    "劇場",
];
const EVENTS: [&str; 10] = [
    "が再開",
    "に新しい屋根",
    "で写真展始まる",
    "の改修を発表",
    "に来館者1万人",
    "で音楽会",
    "の存続を求める署名",
    "が移転へ",
    "に若者が集まる",
    "の歴史を本に",
];

/// Returns how long it takes to store `articles` articles, to find the stories among them, and to find that there is
/// nothing new. Every tenth article tells what the one before it tells, in other words and at another place.
///
/// # Panics
/// If not every tenth is found.
pub(crate) async fn find(store: &Store, articles: usize, now: Timestamp) -> (Duration, Duration, Duration) {
    let mut feeds = Vec::new();
    for n in 0..FEEDS {
        let feed = NewFeed {
            url: format!("https://stories-{n}.example.jp/rss"),
            section: "news".to_owned(),
            category_sections: std::collections::BTreeMap::new(),
            items: Default::default(),
        };
        feeds.push(store.add_feed(&feed, now).await.expect("a feed can be added"));
    }
    let title = |n: usize| {
        format!("{}の{}{}、{}人が参加", PLACES[n % 10], THINGS[n / 10 % 20], EVENTS[n / 200 % 10], n / 2000 * 37 + 12)
    };
    let all: Vec<NewArticle> = (0..articles)
        .map(|n| NewArticle {
            feed_id: Some(feeds[n % FEEDS]),
            guid: format!("story-{n}"),
            source: Some(format!("新聞{}", n % FEEDS)),
            title: if n % 10 == 9 { format!("【速報】{}｜新聞{}", title(n - 1), n % FEEDS) } else { title(n) },
            url: format!("https://stories-{}.example.jp/articles/{n}", n % FEEDS),
            summary: "短い要約です。".to_owned(),
            section: "news".to_owned(),
            language: None,
            published: Some(now),
            closes: None,
            details: Default::default(),
        })
        .collect();
    let start = Instant::now();
    store.store_articles(&all, now).await.expect("articles can be stored");
    let stored = start.elapsed();
    let start = Instant::now();
    let joined = store.find_stories(now).await.expect("stories can be found");
    let found = start.elapsed();
    assert_eq!(joined, articles / 10, "every tenth article tells what was told before");
    let start = Instant::now();
    assert_eq!(store.find_stories(now).await.expect("stories can be found"), 0);
    (stored, found, start.elapsed())
}
