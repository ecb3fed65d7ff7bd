//! Many feeds at once, slow ones among them, and a process that dies among them.

use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;

use tokio::net::TcpStream;
use tokio::sync::{Barrier, Notify};

use super::*;

/// Reads a request and returns its path.
async fn request(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap().split(' ').nth(1).unwrap().to_owned()
}

async fn answer(stream: &mut TcpStream, body: &str) {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nConnection: close\r\n\r\n";
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
}

/// Starts servers at this many hosts, which do with each connection what `serve` does, and returns their addresses.
async fn hosts<F>(count: u8, serve: impl Fn(TcpStream) -> F + Send + Clone + 'static) -> Vec<String>
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut hosts = Vec::new();
    for n in 1..=count {
        let listener = TcpListener::bind((std::net::Ipv4Addr::new(127, 0, 0, n), 0)).await.unwrap();
        hosts.push(format!("http://{}", listener.local_addr().unwrap()));
        let serve = serve.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream));
            }
        });
    }
    hosts
}

#[tokio::test]
async fn four_hosts_are_asked_at_once_and_never_more() {
    let mut house = House::new().await;
    // Nobody is answered before four have asked: three at a time would wait for ever.
    let four = Arc::new(Barrier::new(4));
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = most.clone();
    let hosts = hosts(12, move |mut stream| {
        let (four, now, most) = (four.clone(), now.clone(), most.clone());
        async move {
            let path = request(&mut stream).await;
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            four.wait().await;
            now.fetch_sub(1, Ordering::SeqCst);
            answer(&mut stream, &rss(&[(&path[1..], "One", THIS_WEEK)])).await;
        }
    })
    .await;
    for (n, host) in hosts.into_iter().enumerate() {
        house.base = host;
        house.feed(&format!("/{n}"), "news", &[]).await;
    }
    assert_eq!(house.collect().await.new_articles(), 12);
    assert_eq!(seen.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_host_with_many_feeds_is_asked_for_one_at_a_time() {
    let mut house = House::new().await;
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = most.clone();
    let hosts = hosts(2, move |mut stream| {
        let (now, most) = (now.clone(), most.clone());
        async move {
            let path = request(&mut stream).await;
            // The second host only redirects to the first, which makes one queue of both.
            if path.starts_with("/away") {
                let (_, to) = path.split_once('@').unwrap();
                let answer = format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
                return;
            }
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            now.fetch_sub(1, Ordering::SeqCst);
            answer(&mut stream, &rss(&[(&path[1..], "One", THIS_WEEK)])).await;
        }
    })
    .await;
    for n in 0..8 {
        house.base = hosts[0].clone();
        house.feed(&format!("/{n}"), "news", &[]).await;
        house.base = hosts[1].clone();
        house.feed(&format!("/away@{}/r{n}", hosts[0]), "news", &[]).await;
    }
    assert_eq!(house.collect().await.new_articles(), 16);
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_host_that_asks_for_time_is_asked_for_nothing_more_in_the_round() {
    let house = House::new().await;
    for n in 0..5 {
        house.answer(&format!("/{n}"), "429 Too Many Requests", "Retry-After: 14400\r\n");
        house.feed(&format!("/{n}"), "news", &[]).await;
    }
    let round = house.collect().await;
    assert_eq!((round.failed(), round.not_reached), (1, 4));
    assert_eq!(house.asked.lock().unwrap().len(), 1);
    // The one that was asked rests for as long as it was told to; the others may be luckier.
    let round = house.collect().await;
    assert_eq!((round.failed(), round.not_reached, round.resting), (1, 3, 1));
    assert_eq!(house.asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_feed_that_hangs_keeps_no_other_waiting() {
    let mut house = House::new().await;
    let hosts = hosts(9, |mut stream| async move {
        let path = request(&mut stream).await;
        if path == "/0" {
            std::future::pending::<()>().await;
        }
        answer(&mut stream, &rss(&[(&path[1..], "One", THIS_WEEK)])).await;
    })
    .await;
    for (n, host) in hosts.into_iter().enumerate() {
        house.base = host;
        house.feed(&format!("/{n}"), "news", &[]).await;
    }
    let eight = Notify::new();
    let mut done = 0;
    let told = |_: &_| {
        done += 1;
        if done == 8 {
            eight.notify_one();
        }
    };
    tokio::select! {
        _ = house.articles.collect(told) => panic!("one never answers"),
        () = eight.notified() => {}
    }
    assert_eq!(house.stored().await.len(), 8);
    // Those that have not been fetched come first next time.
    let feeds = house.articles.feeds().await.unwrap();
    assert_eq!(feeds.iter().filter(|feed| feed.last_fetch.is_none()).count(), 1);
}

#[tokio::test]
async fn a_process_that_dies_while_it_collects_neither_loses_nor_repeats_an_article() {
    let house = House::new().await;
    let mut rested = 0;
    for waits in 1.. {
        let path = format!("/{waits}");
        house.publish(&path, &rss(&[("a", "A", THIS_WEEK), ("b", "B", THIS_WEEK)]));
        house.feed(&path, "news", &[]).await;
        let feed = house.articles.feeds().await.unwrap().remove(0);
        let mut left = waits;
        let mut run = Box::pin(house.articles.collect(|_| ()));
        let ended = poll_fn(|context| match run.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending if left == 0 => Poll::Ready(false),
            Poll::Pending => {
                left -= 1;
                Poll::Pending
            }
        })
        .await;
        drop(run);
        // Had the answer killed the process, it would do so again: one that was in hand is not asked for at once.
        rested += house.collect().await.resting;
        house.clock.advance(SignedDuration::from_hours(1));
        house.collect().await;
        let again = house.collect().await;
        assert_eq!(again.feeds[0].outcome, FeedOutcome::NotModified, "after {waits} waits");
        let mut titles: Vec<_> = house.articles.list(&ArticleFilter::default(), 1000).await.unwrap();
        titles.retain(|article| article.feed_id == Some(feed.id));
        assert_eq!(titles.len(), 2, "after {waits} waits");
        let feed = house.articles.feeds().await.unwrap().remove(0);
        assert_eq!((feed.health, feed.last_error), Default::default(), "a good visit forgets the one that never ended");
        house.articles.remove_feed(&feed.id.to_string()).await.unwrap();
        if ended {
            assert!(waits > 5, "a visit waits more often than {waits} times");
            assert!(rested > 0, "no visit was begun");
            break;
        }
    }
}

#[tokio::test]
async fn a_round_ends_after_its_time_and_the_next_begins_with_those_it_did_not_reach() {
    let mut house = House::new().await;
    assert_eq!(house.articles.budget, Duration::from_secs(120), "docs/operating.md says so");
    house.articles.budget = Duration::from_secs(2);
    let silent = Arc::new(AtomicBool::new(true));
    let silence = silent.clone();
    let mut hosts = hosts(1, move |mut stream| {
        let silence = silence.clone();
        async move {
            let path = request(&mut stream).await;
            if path == "/slow" && silence.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            answer(&mut stream, &rss(&[(&path[1..], &path[1..], THIS_WEEK)])).await;
        }
    })
    .await;
    house.base = hosts.remove(0);
    for path in ["/prompt", "/slow", "/behind-it"] {
        house.feed(path, "news", &[]).await;
    }
    let visited = |collected: &Collected| -> Vec<String> {
        collected.feeds.iter().map(|feed| feed.url.rsplit('/').next().unwrap().to_owned()).collect()
    };
    // The visit alone would be waited for half a minute.
    let first = tokio::time::timeout(Duration::from_secs(15), house.collect()).await.expect("the round ends in time");
    assert_eq!(visited(&first), ["prompt"]);
    assert_eq!(first.not_reached, 2);
    assert_eq!(house.stored().await.len(), 1, "what is there is kept");

    silent.store(false, Ordering::SeqCst);
    house.articles.budget = Duration::from_secs(120);
    house.clock.advance(SignedDuration::from_mins(40));
    let next = house.articles.collect_due(Duration::from_secs(1800)).await.unwrap();
    assert_eq!(visited(&next), ["slow", "behind-it", "prompt"]);
    assert_eq!(house.stored().await.len(), 3);
}
