//! Telling the operator of feeds that are visited no more.

use std::collections::BTreeMap;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Returns where a server is that says of every feed that it is gone.
async fn where_all_is_gone() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(byte) = stream.read_u8().await else { break };
                head.push(byte);
            }
            let _ = stream.write_all(b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
        }
    });
    base
}

impl House {
    /// Returns a house with an operator and these feeds, of which one was paused by hand.
    async fn with_feeds(store: &Store, paths: &[&str], by_hand: &str) -> Self {
        let house = Self::on(store).await;
        let scheduler = reviewing(store, house.clock.clone(), Approval::Veto);
        let base = where_all_is_gone().await;
        for path in paths {
            scheduler.articles.add_feed(&format!("{base}{path}"), "news", &BTreeMap::new()).await.unwrap();
        }
        let by_hand = format!("{base}{by_hand}");
        scheduler.articles.add_feed(&by_hand, "news", &BTreeMap::new()).await.unwrap();
        scheduler.articles.pause_feed(&by_hand).await.unwrap();
        Self { scheduler, ..house }
    }

    /// Fetches all feeds as `feeds fetch` does: in a process that tells nobody.
    async fn fetch_by_hand(&self) -> usize {
        let collected = self.scheduler.articles.collect(|_| ()).await.unwrap();
        collected.feeds.iter().filter(|feed| feed.paused.is_some()).count()
    }
}

#[tokio::test]
async fn the_operator_is_told_once_of_each_pause_whoever_visited_the_feed() {
    on_each_engine(async |store| {
        let house = House::with_feeds(&store, &["/a", "/b"], "/by-hand").await;
        assert_eq!((house.fetch_by_hand().await, house.mails().await), (2, 0));
        house.scheduler.step().await.unwrap();
        house.scheduler.step().await.unwrap();
        assert_eq!(house.mails().await, 1);
        let lines = store.deliveries(&DeliveryFilter::default(), 10).await.unwrap();
        let text = store.letter_of(lines[0].id).await.text;
        for words in ["/a", "/b", "gone for good", "feeds resume 1", "feeds resume 2"] {
            assert!(text.contains(words), "{words} is not in {text}");
        }
        assert!(!text.contains("/by-hand"), "{text}");

        // Resumed and paused again, it is told again; the other is not.
        house.clock.advance(SignedDuration::from_hours(1));
        house.scheduler.articles.resume_feed("2").await.unwrap();
        assert_eq!(house.fetch_by_hand().await, 1);
        house.scheduler.step().await.unwrap();
        house.scheduler.step().await.unwrap();
        assert_eq!(house.mails().await, 2);

        // One that was resumed before anybody was told is no news.
        house.scheduler.articles.resume_feed("1").await.unwrap();
        assert_eq!((house.fetch_by_hand().await, store.untold_pauses().await.unwrap().len()), (1, 1));
        house.scheduler.articles.resume_feed("1").await.unwrap();
        assert_eq!(store.untold_pauses().await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn two_schedulers_tell_of_a_pause_once() {
    on_each_engine(async |store| {
        let house = House::with_feeds(&store, &["/a"], "/by-hand").await;
        house.fetch_by_hand().await;
        let other = reviewing(&store, house.clock.clone(), Approval::Veto);
        let (one, two) = tokio::join!(Box::pin(house.scheduler.step()), Box::pin(other.step()));
        one.unwrap();
        two.unwrap();
        assert_eq!(house.mails().await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_pause_is_told_once_there_is_somebody_to_tell() {
    on_each_engine(async |store| {
        let house = House::with_feeds(&store, &["/a"], "/by-hand").await;
        house.fetch_by_hand().await;
        scheduler(&store, house.clock.clone()).step().await.unwrap();
        assert_eq!(house.mails().await, 0, "there is no operator");
        house.clock.advance(SignedDuration::from_hours(1));
        house.scheduler.step().await.unwrap();
        assert_eq!(house.mails().await, 1);
    })
    .await;
}
