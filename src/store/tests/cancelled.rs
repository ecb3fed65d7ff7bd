//! A caller that stops waiting: a visitor who closes the page, a shutdown, a deadline.

use std::future::{Future, poll_fn};
use std::task::Poll;

use super::*;
use crate::store::{NewFeed, Store};

/// Waits for `work` so many times and then drops it. Returns whether it was through by then.
async fn dropped_after(waits: usize, work: impl Future) -> bool {
    let mut work = Box::pin(work);
    let mut left = waits;
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(_) => Poll::Ready(true),
        Poll::Pending => {
            left -= 1;
            if left == 0 { Poll::Ready(false) } else { Poll::Pending }
        }
    })
    .await
}

#[tokio::test]
async fn what_is_written_after_a_caller_went_away_is_committed() {
    on_each_database(async |store, url| {
        let another_process = Store::open(&url).await.unwrap();
        for waits in 1.. {
            let articles = [article(None, "one", 0), article(None, "two", 0)];
            let through = dropped_after(waits, store.store_articles(&articles, minute(0))).await;
            // The connection is on its way back to the pool; one of these writes is done on it.
            for write in 0..4 {
                let url = format!("https://example.jp/{waits}/{write}");
                let feed = NewFeed {
                    url,
                    section: "news".to_owned(),
                    category_sections: [].into(),
                    items: Default::default(),
                };
                store.add_feed(&feed, minute(1)).await.unwrap();
            }
            let seen = another_process.feeds().await.unwrap().len();
            assert_eq!(seen, 4 * waits, "after {waits} waits on {}", store.engine());
            if through {
                break;
            }
        }
        another_process.close().await;
    })
    .await;
}
