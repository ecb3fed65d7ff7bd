//! Pictures: fetched once, from nowhere but where we may, and never a reason to be late.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::harness::{House, news, on_each_engine};
use crate::domain::article::{Details, Image, NewArticle};
use crate::domain::language::Language;
use crate::feeds::{FetchPolicy, PictureFetcher, paint};

/// A host of pictures, and how often it was asked for the good one.
struct Press {
    base: String,
    asked: Arc<AtomicUsize>,
}

/// Returns an answer, or nothing for one that never comes.
fn answer(path: &str) -> Option<Vec<u8>> {
    let ok = |body: Vec<u8>| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {}\r\n\r\n", body.len());
        [head.into_bytes(), body].concat()
    };
    match path {
        "/a.png" => Some(ok(paint(800, 450, |x, _| [40, 90, u8::try_from(x % 256).unwrap()]))),
        "/svg.png" => Some(ok(b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec())),
        "/metadata.png" => {
            Some(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/x.png\r\nContent-Length: 0\r\n\r\n".to_vec())
        }
        "/never.png" => None,
        _ => Some(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec()),
    }
}

impl Press {
    async fn open() -> Self {
        let asked = Arc::new(AtomicUsize::new(0));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut peer, _)) = listener.accept().await {
                let count = Arc::clone(&count);
                tokio::spawn(async move {
                    let mut request = vec![0; 4096];
                    let length = peer.read(&mut request).await.unwrap_or(0);
                    let request = String::from_utf8_lossy(&request[..length]).into_owned();
                    let path = request.split(' ').nth(1).unwrap_or_default();
                    count.fetch_add(usize::from(path == "/a.png"), Ordering::SeqCst);
                    match answer(path) {
                        Some(bytes) => drop(peer.write_all(&bytes).await),
                        None => std::future::pending().await,
                    }
                });
            }
        });
        Self { base, asked }
    }
}

fn fetcher(allowed: &[&str]) -> PictureFetcher {
    let allow_networks = allowed.iter().map(|net| net.parse().unwrap()).collect();
    PictureFetcher::new(&FetchPolicy { allow_networks, user_agent: "Test".to_owned() }, 1200).unwrap()
}

fn pictured(guid: &str, url: String) -> NewArticle {
    let image = Some(Image { url, alt: format!("what {guid} shows"), credit: None });
    NewArticle { details: Details { image, ..Details::default() }, ..news(guid, 1) }
}

#[tokio::test]
async fn a_picture_is_fetched_once_and_shown_from_our_host() {
    on_each_engine(async |store| {
        let press = Press::open().await;
        let mut house = House::new(&store);
        house.digests = house.digests.clone().with_pictures(Some(fetcher(&["127.0.0.0/8"])));
        house.reader("a").await;
        house.store_articles(&[pictured("a", format!("{}/a.png", press.base))]).await;
        let slot = house.next_slot();
        let draft = house.compile(&slot).await.issue;
        let preview = house.digests.preview(draft.id).await.unwrap();
        let html = &preview.letters[0].html;
        let name = html.split("/images/").nth(1).and_then(|rest| rest.split(".jpg").next()).expect(html);
        assert!(!html.contains(&press.base), "{html}");
        assert!(html.contains("alt=\"what a shows\""), "{html}");
        let image = store.image_file(name).await.unwrap().unwrap();
        assert_eq!((image.content_type.as_str(), &image.bytes[..2]), ("image/jpeg", &[0xff, 0xd8][..]));
        house.digests.seal(draft.id).await.unwrap();
        assert_eq!(press.asked.load(Ordering::SeqCst), 1);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_had_is_left_out_and_not_asked_for_again_and_again() {
    on_each_engine(async |store| {
        let press = Press::open().await;
        let mut house = House::with(&store, "weekly", 20);
        house.digests = house.digests.clone().with_pictures(Some(fetcher(&["127.0.0.0/8"])));
        house.reader("a").await;
        let urls = ["gone.png", "metadata.png", "svg.png"].map(|name| format!("{}/{name}", press.base));
        let elsewhere = ["http://10.0.0.1/a.png", "file:///etc/passwd", "http://[::1]:1/", "data:image/png;base64,AA"];
        let all: Vec<_> = urls.into_iter().chain(elsewhere.map(str::to_owned)).collect();
        let articles: Vec<_> = all.iter().enumerate().map(|(n, url)| pictured(&format!("a{n}"), url.clone())).collect();
        house.store_articles(&articles).await;
        let slot = house.next_slot();
        let draft = house.compile(&slot).await.issue;
        let preview = house.digests.preview(draft.id).await.unwrap();
        assert_eq!(
            preview.letters.iter().find(|l| l.language == Language::En).unwrap().html.matches("<img").count(),
            0
        );
        for url in &all {
            let known = store.image_of(url).await.unwrap().expect(url);
            assert!(known.renditions.is_empty(), "{url}");
        }
    })
    .await;
}

#[tokio::test]
async fn loopback_is_nobodys_picture_unless_the_operator_says_so() {
    let press = Press::open().await;
    let error = fetcher(&[]).fetch(&format!("{}/a.png", press.base)).await.unwrap_err();
    assert!(error.to_string().contains("not a public address"), "{error}");
    assert_eq!(press.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_server_that_never_answers_is_not_waited_for() {
    on_each_engine(async |store| {
        let press = Press::open().await;
        let mut house = House::new(&store);
        house.digests = house.digests.clone().with_pictures(Some(fetcher(&["127.0.0.0/8"])));
        let slow = [pictured("a", format!("{}/never.png", press.base)), pictured("b", format!("{}/a.png", press.base))];
        house.store_articles(&slow).await;
        let slot = house.by_hand();
        let draft = house.digests.clone().with_pictures(None).compile("weekly", &slot).await.unwrap().issue;
        let items = store.issue_items(draft.id).await.unwrap();
        let pictures = house.digests.pictures(&items, std::time::Duration::from_secs(2)).await;
        assert_eq!(pictures.len(), 1, "the other one is here");
    })
    .await;
}
