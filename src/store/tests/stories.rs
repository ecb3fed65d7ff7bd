//! One story, told by many.

use super::*;
use crate::domain::article::NewArticle;
use crate::domain::feed::ItemDefaults;
use crate::domain::ids::ArticleId;
use crate::store::{ArticleFilter, NewFeed, Store};

async fn feed(store: &Store, name: &str) -> crate::domain::ids::FeedId {
    let feed = NewFeed {
        url: format!("https://{name}.example.jp/feed"),
        section: "news".to_owned(),
        category_sections: Default::default(),
        items: ItemDefaults::default(),
    };
    store.add_feed(&feed, minute(0)).await.unwrap()
}

async fn told(store: &Store, name: &str, guid: &str, title: &str, url: &str, published: i64) -> NewArticle {
    let mut article = article(Some(feed(store, name).await), guid, published);
    article.source = Some(name.to_owned());
    article.title = title.to_owned();
    article.url = url.to_owned();
    store.store_articles(std::slice::from_ref(&article), minute(published + 1)).await.unwrap();
    article
}

async fn waiting(store: &Store) -> Vec<(i64, String)> {
    let articles = what_waits(store, "weekly", "news", minute(10)).await;
    articles.into_iter().map(|article| (article.id.0, article.source.unwrap())).collect()
}

const MARKET: &str = "港町の朝市、3年ぶりに再開";

#[tokio::test]
async fn a_story_told_by_three_waits_once_and_names_the_others() {
    on_each_engine(async |store| {
        told(&store, "a", "1", MARKET, "https://a.example.jp/2026/0001", 1).await;
        told(&store, "b", "x", "【速報】港町の朝市 3年ぶりに再開｜b", "https://b.example.jp/n/77", 2).await;
        told(&store, "c", "y", "別の見出し", "http://www.a.example.jp/2026/0001/?utm_source=c", 3).await;
        told(&store, "c", "z", "港町水族館でペンギンの赤ちゃん誕生", "https://c.example.jp/1", 3).await;
        assert_eq!(store.find_stories(minute(5)).await.unwrap(), 2);
        assert_eq!(store.find_stories(minute(5)).await.unwrap(), 0);
        assert_eq!(waiting(&store).await, [(1, "a".to_owned()), (4, "c".to_owned())]);
        let tellers = store.tellers(&[ArticleId(1), ArticleId(4)], minute(5)).await.unwrap();
        assert_eq!(tellers.len(), 1);
        let names: Vec<_> = tellers[&ArticleId(1)].iter().map(|also| also.source.as_str()).collect();
        assert_eq!(names, ["b", "c"]);
        let first = store.first_tellers(&[ArticleId(1), ArticleId(2), ArticleId(3)]).await.unwrap();
        assert_eq!(first.into_iter().collect::<Vec<_>>(), [(ArticleId(2), ArticleId(1)), (ArticleId(3), ArticleId(1))]);
    })
    .await;
}

#[tokio::test]
async fn what_is_printed_or_in_a_draft_is_not_told_again() {
    on_each_engine(async |store| {
        told(&store, "a", "1", MARKET, "https://a.example.jp/2026/0001", 1).await;
        store.find_stories(minute(5)).await.unwrap();
        let issue = a_draft(&store, "2026-11-27T08:00").await.unwrap();
        told(&store, "b", "x", MARKET, "https://b.example.jp/n/77", 2).await;
        store.find_stories(minute(6)).await.unwrap();
        assert!(waiting(&store).await.is_empty());
        seal(&store, &issue).await;
        told(&store, "a", "new-guid", MARKET, "https://a.example.jp/2026/0001", 1).await;
        told(&store, "c", "z", MARKET, "https://c.example.jp/n/78", 3).await;
        store.find_stories(minute(7)).await.unwrap();
        assert!(waiting(&store).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn of_two_stories_that_turn_out_to_be_one_the_printed_one_goes_on() {
    on_each_engine(async |store| {
        // Somebody made an issue of the second before anybody looked.
        told(&store, "b", "x", "港町水族館でペンギンの赤ちゃん誕生", "https://b.example.jp/n/77", 2).await;
        let mut first = told(&store, "a", "1", MARKET, "https://a.example.jp/2026/0001", 1).await;
        store.find_stories(minute(3)).await.unwrap();
        let candidates = what_waits(&store, "weekly", "news", minute(10)).await;
        assert_eq!(candidates.len(), 2);
        a_draft(&store, "2026-11-27T08:00").await.unwrap();
        // A third that tells what the draft has, and is corrected to tell it.
        first.guid = "2".to_owned();
        first.url = "https://a.example.jp/2026/0002".to_owned();
        first.title = "別の話です、港町から中継".to_owned();
        store.store_articles(std::slice::from_ref(&first), minute(4)).await.unwrap();
        store.find_stories(minute(5)).await.unwrap();
        assert_eq!(waiting(&store).await.len(), 1);
        first.title = "港町水族館でペンギンの赤ちゃん誕生".to_owned();
        store.store_articles(&[first], minute(6)).await.unwrap();
        store.find_stories(minute(7)).await.unwrap();
        assert!(waiting(&store).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn when_the_first_teller_closes_another_one_tells_it() {
    on_each_engine(async |store| {
        let mut first = told(&store, "a", "1", MARKET, "https://a.example.jp/2026/0001", 1).await;
        told(&store, "b", "x", MARKET, "https://b.example.jp/n/77", 2).await;
        told(&store, "c", "y", MARKET, "https://c.example.jp/n/78", 3).await;
        store.find_stories(minute(4)).await.unwrap();
        assert_eq!(waiting(&store).await, [(1, "a".to_owned())]);
        first.closes = Some(minute(6));
        store.store_articles(&[first], minute(5)).await.unwrap();
        store.find_stories(minute(7)).await.unwrap();
        assert_eq!(waiting(&store).await, [(2, "b".to_owned())]);
        let tellers = store.tellers(&[ArticleId(2)], minute(7)).await.unwrap();
        assert_eq!(tellers[&ArticleId(2)].iter().map(|also| also.source.as_str()).collect::<Vec<_>>(), ["c"]);
    })
    .await;
}

#[tokio::test]
async fn two_who_look_at_once_see_one_story() {
    on_each_engine(async |store| {
        let mut tasks = Vec::new();
        for name in ["a", "b", "c", "d"] {
            let store = store.clone();
            tasks.push(tokio::spawn(async move {
                told(&store, name, "1", MARKET, &format!("https://{name}.example.jp/n/1001"), 1).await;
                store.find_stories(minute(4)).await.unwrap();
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(waiting(&store).await.len(), 1);
        assert_eq!(store.articles(&ArticleFilter::default(), 9).await.unwrap().len(), 4);
    })
    .await;
}

#[tokio::test]
async fn the_language_of_an_article_that_says_none_is_detected() {
    on_each_engine(async |store| {
        let mut silent = article(None, "1", 1);
        silent.language = None;
        silent.title = MARKET.to_owned();
        let mut short = silent.clone();
        (short.guid, short.title, short.summary) = ("2".to_owned(), "v2.0".to_owned(), String::new());
        store.store_articles(&[silent, short], minute(2)).await.unwrap();
        let stored = store.articles(&ArticleFilter::default(), 9).await.unwrap();
        assert_eq!((stored[0].language.as_deref(), stored[1].language.as_deref()), (None, Some("ja")));
    })
    .await;
}

#[tokio::test]
async fn a_short_title_is_in_the_language_of_the_other_articles_of_its_feed() {
    on_each_engine(async |store| {
        let feeds = [feed(&store, "a").await, feed(&store, "b").await];
        let titled = |feed, guid: &str, title: &str| {
            let mut article = article(Some(feed), guid, 1);
            (article.language, article.title, article.summary) = (None, title.to_owned(), String::new());
            article
        };
        let mut articles: Vec<_> =
            (0..3).map(|n| titled(feeds[0], &n.to_string(), &format!("駅前で朝市、{n}万人"))).collect();
        articles.push(titled(feeds[0], "short", "臨時休館"));
        articles.push(titled(feeds[1], "alone", "臨時休館"));
        store.store_articles(&articles, minute(2)).await.unwrap();
        let stored = store.articles(&ArticleFilter::default(), 9).await.unwrap();
        let of = |guid: &str| stored.iter().find(|article| article.url.ends_with(guid)).unwrap().language.clone();
        assert_eq!((of("short").as_deref(), of("alone")), (Some("ja"), None));
    })
    .await;
}
