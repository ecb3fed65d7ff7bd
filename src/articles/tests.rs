//! Feeds over real HTTP, from a server that says what each test wants.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{Articles, ArticlesError, Collected, FeedOutcome, Written};
use crate::clock::{Clock, ManualClock};
use crate::domain::article::Article;
use crate::feeds::{FetchPolicy, Fetcher};
use crate::store::{ArticleFilter, Store};

mod age;
mod crowd;
mod health;
mod lists;
mod openings;

/// Paths that were asked for, each with its `If-None-Match`.
type Asked = Arc<Mutex<Vec<(String, Option<String>)>>>;

/// The service, its clock, and a web server under its control.
struct House {
    articles: Articles,
    store: Store,
    clock: Arc<ManualClock>,
    /// What is answered at which path: the body, under an ETag of its own; or a whole answer, from `HTTP/` on.
    pages: Arc<Mutex<HashMap<String, String>>>,
    asked: Asked,
    base: String,
    _folder: tempfile::TempDir,
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite://{}/test.db", folder.path().display()).into()).await.unwrap();
        store.migrate().await.unwrap();
        let clock = Arc::new(ManualClock::at("2026-11-24T00:00:00Z".parse().unwrap()));
        let policy =
            FetchPolicy { allow_networks: vec!["127.0.0.0/8".parse().unwrap()], user_agent: "test".to_owned() };
        let articles = Articles::new(
            store.clone(),
            clock.clone(),
            Arc::new(Fetcher::new(policy).unwrap()),
            Duration::from_secs(14 * 86400),
        );
        let pages: Arc<Mutex<HashMap<String, String>>> = Arc::default();
        let asked: Asked = Arc::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(answer_all(listener, pages.clone(), asked.clone()));
        Self { articles, store, clock, pages, asked, base, _folder: folder }
    }

    fn publish(&self, path: &str, body: &str) {
        self.pages.lock().unwrap().insert(path.to_owned(), body.to_owned());
    }

    /// Answers at `path` with this status line and these headers.
    fn answer(&self, path: &str, status: &str, headers: &str) {
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n{headers}\r\n");
        self.publish(path, &answer);
    }

    fn times_asked(&self, path: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|(asked, _)| asked == path).count()
    }

    async fn feed(&self, path: &str, section: &str, categories: &[(&str, &str)]) {
        let categories = categories.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        self.articles.add_feed(&format!("{}{path}", self.base), section, &categories).await.unwrap();
    }

    async fn collect(&self) -> Collected {
        self.articles.collect(|_| ()).await.unwrap()
    }

    async fn stored(&self) -> Vec<Article> {
        let mut stored = self.articles.list(&ArticleFilter::default(), 100).await.unwrap();
        stored.reverse();
        stored
    }
}

async fn answer_all(listener: TcpListener, pages: Arc<Mutex<HashMap<String, String>>>, asked: Asked) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = stream.read_u8().await else { break };
            head.push(byte);
        }
        let head = String::from_utf8(head).unwrap();
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let known = head.lines().find_map(|line| line.strip_prefix("if-none-match: ")).map(str::to_owned);
        let page = pages.lock().unwrap().get(&path).cloned();
        let answer = match page {
            None => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
            Some(whole) if whole.starts_with("HTTP/") => whole,
            Some(body) => {
                let etag = format!("W/\"{}\"", body.len());
                if known.as_ref() == Some(&etag) {
                    "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_owned()
                } else {
                    format!(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: {etag}\r\nContent-Length: {}\r\n\
                         Connection: close\r\n\r\n{body}",
                        body.len()
                    )
                }
            }
        };
        asked.lock().unwrap().push((path, known));
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}

/// Returns an RSS feed of these items: guid, title, more elements.
fn rss(items: &[(&str, &str, &str)]) -> String {
    let items: String = items
        .iter()
        .map(|(guid, title, more)| {
            format!(
                "<item><guid>{guid}</guid><title>{title}</title><link>https://example.jp/{guid}</link>{more}</item>"
            )
        })
        .collect();
    format!(
        "<rss version=\"2.0\"><channel><title>港町だより</title><link>https://example.jp/</link>{items}</channel></rss>"
    )
}

const THIS_WEEK: &str = "<pubDate>Mon, 23 Nov 2026 09:00:00 +0900</pubDate>";
const LAST_MONTH: &str = "<pubDate>Mon, 26 Oct 2026 09:00:00 +0900</pubDate>";

#[tokio::test]
async fn a_feed_is_fetched_once_and_asked_whether_it_changed_after_that() {
    let house = House::new().await;
    house.publish("/news", &rss(&[("1", "港の朝市", THIS_WEEK)]));
    house.feed("/news", "news", &[]).await;
    let first = house.collect().await;
    assert_eq!(first.new_articles(), 1);
    assert_eq!(first.feeds[0].title.as_deref(), Some("港町だより"));
    let second = house.collect().await;
    assert_eq!(second.feeds[0].outcome, FeedOutcome::NotModified);
    let asked = house.asked.lock().unwrap().clone();
    assert!(asked[0].1.is_none() && asked[1].1.as_deref().is_some_and(|etag| etag.starts_with("W/\"")), "{asked:?}");

    let stored = house.stored().await;
    assert_eq!(stored.len(), 1);
    assert_eq!((stored[0].title.as_str(), stored[0].source.as_deref()), ("港の朝市", Some("港町だより")));
    assert_eq!(stored[0].published, "2026-11-23T00:00:00Z".parse().unwrap());
}

#[tokio::test]
async fn undated_and_future_items_count_from_when_they_were_first_seen() {
    let house = House::new().await;
    let ahead = "<pubDate>Sun, 20 Dec 2026 09:00:00 +0900</pubDate>";
    house.publish("/news", &rss(&[("1", "Undated", ""), ("2", "From the future", ahead)]));
    house.feed("/news", "news", &[]).await;
    let seen = house.clock.now();
    house.collect().await;
    house.clock.advance(SignedDuration::from_hours(5));
    house.publish("/news", &rss(&[("1", "Undated, corrected", ""), ("2", "From the future", ahead)]));
    house.collect().await;
    let stored = house.stored().await;
    assert_eq!(stored[0].title, "Undated, corrected");
    assert!(stored.iter().all(|article| article.published == seen), "{stored:?}");
}

#[tokio::test]
async fn categories_lead_to_sections() {
    let house = House::new().await;
    let job = "<category>募集</category>";
    house.publish("/all", &rss(&[("1", "News", "<category>Town</category>"), ("2", "A position", job)]));
    house.feed("/all", "news", &[("募集", "openings")]).await;
    house.collect().await;
    let sections: Vec<_> = house.stored().await.into_iter().map(|article| article.section).collect();
    assert_eq!(sections, ["news", "openings"]);
}

#[tokio::test]
async fn a_feed_that_fails_is_on_record_and_keeps_no_other_from_being_fetched() {
    let house = House::new().await;
    house.publish("/page", "<!DOCTYPE html><html><head><title>Not a feed</title></head><body></body></html>");
    house.publish("/good", &rss(&[("1", "Good", THIS_WEEK)]));
    for path in ["/gone", "/page", "/good"] {
        house.feed(path, "news", &[]).await;
    }
    let collected = house.collect().await;
    assert_eq!((collected.failed(), collected.new_articles()), (2, 1));
    let errors: Vec<_> = house.articles.feeds().await.unwrap().into_iter().map(|feed| feed.last_error).collect();
    assert!(errors[0].as_ref().unwrap().contains("404"), "{errors:?}");
    assert!(errors[1].as_ref().unwrap().contains("web page"), "{errors:?}");
    assert_eq!(errors[2], None);
}

#[tokio::test]
async fn a_feed_is_fetched_again_when_its_time_has_come() {
    let house = House::new().await;
    house.publish("/news", &rss(&[("1", "One", THIS_WEEK)]));
    house.feed("/news", "news", &[]).await;
    let hour = Duration::from_secs(3600);
    assert_eq!(house.articles.collect_due(hour).await.unwrap().feeds.len(), 1);
    house.clock.advance(SignedDuration::from_mins(59));
    assert_eq!(house.articles.collect_due(hour).await.unwrap().feeds.len(), 0);
    house.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(house.articles.collect_due(hour).await.unwrap().feeds.len(), 1);
}

#[tokio::test]
async fn feeds_are_added_and_removed_by_number_or_url() {
    let house = House::new().await;
    for (url, section, field) in [
        ("ftp://example.jp/x", "news", "url"),
        ("https://me:secret@example.jp/", "news", "url"),
        ("not a url", "news", "url"),
        ("https://example.jp/", " ", "section"),
    ] {
        let refused = house.articles.add_feed(url, section, &BTreeMap::new()).await;
        assert!(matches!(&refused, Err(ArticlesError::Field { field: f, .. }) if *f == field), "{refused:?}");
    }
    house.feed("/a", "news", &[]).await;
    house.feed("/a#again", "news", &[]).await;
    house.feed("/b", "news", &[]).await;
    assert_eq!(house.articles.feeds().await.unwrap().len(), 2);
    let first = house.articles.feeds().await.unwrap().remove(0);
    house.articles.remove_feed(&first.id.to_string()).await.unwrap();
    house.articles.remove_feed(&format!("{}/b", house.base)).await.unwrap();
    assert!(house.articles.feeds().await.unwrap().is_empty());
    assert!(matches!(house.articles.remove_feed("7").await, Err(ArticlesError::NoFeed(_))));
}

#[tokio::test]
async fn an_article_by_hand_is_checked_field_by_field() {
    let house = House::new().await;
    let good = Written {
        title: "  Rust engineer,\n Kyoto ".to_owned(),
        url: "https://jobs.example.jp/1".to_owned(),
        section: "openings".to_owned(),
        closes: Some("2026-12-15T15:00:00Z".to_owned()),
        ..Written::default()
    };
    house.articles.add_by_hand(&good).await.unwrap();
    house.articles.add_by_hand(&good).await.unwrap();
    let stored = house.stored().await;
    assert_eq!((stored.len(), stored[0].title.as_str()), (2, "Rust engineer, Kyoto"));
    assert_eq!(stored[0].published, house.clock.now());
    let bad = Written { title: " ".to_owned(), section: String::new(), ..good };
    let refused = house.articles.add_by_hand(&bad).await.unwrap_err();
    assert_eq!(refused.to_string(), "title: this must not be empty\nsection: this must not be empty");
    assert_eq!(house.store.articles(&ArticleFilter::default(), 9).await.unwrap().len(), 2);
}
