//! Feeds of fifty items each on twenty hosts: fetched and stored, and then asked again when nothing has changed.

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use kawaraban::articles::Articles;
use kawaraban::clock::{Clock, SystemClock};
use kawaraban::feeds::{FetchPolicy, Fetcher};
use kawaraban::store::{ArticleFilter, Store};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::kit;

const HOSTS: u8 = 20;
const ITEMS: usize = 50;
const ROUNDS: usize = 3;

#[derive(Default)]
struct Seen {
    requests: AtomicUsize,
    unchanged: AtomicUsize,
    bytes: AtomicUsize,
}

pub(crate) async fn run(feeds: usize) {
    let (store, _folder) = kit::sqlite().await;
    let seen = Arc::new(Seen::default());
    let articles = newsroom(&store);
    let hosts = hosts(&seen).await;
    for n in 0..feeds {
        let url = format!("{}/{n}", hosts[n % hosts.len()]);
        articles.add_feed(&url, "news", &Default::default()).await.unwrap();
    }
    println!("feeds: {feeds} feeds of {ITEMS} items on {HOSTS} hosts, SQLite");
    let (first, new) = round(&articles, &seen, "fetched and stored").await;
    assert_eq!(new, feeds * ITEMS);
    assert_eq!(store.articles(&ArticleFilter::default(), usize::MAX).await.unwrap().len(), new);
    let mut again = Vec::new();
    for _ in 0..ROUNDS {
        let (taken, new) = round(&articles, &seen, "nothing changed").await;
        assert_eq!((new, seen.unchanged.swap(0, Ordering::SeqCst)), (0, feeds));
        again.push(taken);
    }
    again.sort_unstable();
    let middle = again[ROUNDS / 2];
    println!("  nothing changed takes {:.3} of the first time", middle.as_secs_f64() / first.as_secs_f64());
    println!("  peak memory {} MiB, the server's included", kit::peak_memory_mib());
}

async fn round(articles: &Articles, seen: &Seen, what: &str) -> (Duration, usize) {
    let begin = Instant::now();
    let collected = articles.collect(|_| ()).await.unwrap();
    let taken = begin.elapsed();
    assert_eq!((collected.failed(), collected.not_reached), (0, 0));
    println!(
        "  {what}: {} requests, {} bytes of feeds, {} new rows, {} ms",
        seen.requests.swap(0, Ordering::SeqCst),
        seen.bytes.swap(0, Ordering::SeqCst),
        collected.new_articles(),
        taken.as_millis()
    );
    (taken, collected.new_articles())
}

fn newsroom(store: &Store) -> Articles {
    let policy = FetchPolicy {
        allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
        user_agent: "Kawaraban (benchmark)".to_owned(),
    };
    let fortnight = Duration::from_secs(14 * 86400);
    Articles::new(store.clone(), Arc::new(SystemClock), Arc::new(Fetcher::new(policy).unwrap()), fortnight)
}

async fn hosts(seen: &Arc<Seen>) -> Vec<String> {
    let mut hosts = Vec::new();
    for n in 1..=HOSTS {
        let listener = TcpListener::bind((Ipv4Addr::new(127, 0, 0, n), 0)).await.unwrap();
        hosts.push(format!("http://{}", listener.local_addr().unwrap()));
        tokio::spawn(serve(listener, Arc::clone(seen)));
    }
    hosts
}

async fn serve(listener: TcpListener, seen: Arc<Seen>) {
    let today = SystemClock.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut head = vec![0; 4096];
        let mut length = 0;
        while !head[..length].ends_with(b"\r\n\r\n") {
            length += stream.read(&mut head[length..]).await.unwrap();
        }
        let head = String::from_utf8_lossy(&head[..length]).into_owned();
        seen.requests.fetch_add(1, Ordering::SeqCst);
        let answer = if head.contains("if-none-match: \"same\"") {
            seen.unchanged.fetch_add(1, Ordering::SeqCst);
            "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_owned()
        } else {
            let body = feed(head.split(' ').nth(1).unwrap_or_default(), &today);
            seen.bytes.fetch_add(body.len(), Ordering::SeqCst);
            format!(
                "HTTP/1.1 200 OK\r\nETag: \"same\"\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            )
        };
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}

fn feed(path: &str, today: &str) -> String {
    let mut items = String::new();
    for n in 0..ITEMS {
        let _ = write!(
            items,
            "<item><guid isPermaLink=\"false\">{path}-{n}</guid><title>港町の知らせ {path} の{n}番</title>\
             <link>https://news.example.jp{path}/{n}</link><pubDate>{today}</pubDate><category>くらし</category>\
             <description><![CDATA[<p>灯台のふもとで朝市が開かれます。<b>野菜</b>と魚、それに古い本も並びます。</p>\
             <p>The market opens at seven and ends when everything is sold.</p>]]></description></item>"
        );
    }
    format!("<rss version=\"2.0\"><channel><title>Feed {path}</title><language>ja</language>{items}</channel></rss>")
}
