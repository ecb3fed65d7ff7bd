//! The room as a whole: fixtures through the parser, and the fetcher against a server that does as it is told.

mod forgery;
mod formats;
mod hostile;
mod pictures;
mod server;
mod visits;

use super::{FeedError, FetchPolicy, Fetched, FetchedFeed, Fetcher};
use crate::domain::feed::Validators;

/// Where a [`server`] may be asked: it is told to listen on 127.0.0.2. All else of loopback stays blocked.
const ALLOWED: &str = "127.0.0.2/32";

fn policy() -> FetchPolicy {
    FetchPolicy {
        allow_networks: vec![ALLOWED.parse().unwrap()],
        user_agent: "Kawaraban/0.0 (+https://news.example.jp)".to_owned(),
    }
}

fn fetcher() -> Fetcher {
    Fetcher::new(policy()).unwrap()
}

async fn fetch(url: &str) -> Result<FetchedFeed, FeedError> {
    match fetcher().fetch(url, &Validators::default()).await? {
        Fetched::Modified(feed) => Ok(feed),
        Fetched::NotModified { .. } => panic!("nothing was asked that could be unmodified"),
    }
}

/// A feed with one item of that title.
fn small_feed(title: &str) -> String {
    format!(
        "<rss version=\"2.0\"><channel><title>F</title><item><title>{title}</title><link>/1</link></item></channel></rss>"
    )
}
