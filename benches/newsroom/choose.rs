//! Ten thousand articles wait, and an issue is made of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use kawaraban::clock::{Clock, SystemClock};
use kawaraban::config::default_editions;
use kawaraban::digest::{Digests, Imprint};
use kawaraban::domain::article::NewArticle;
use kawaraban::domain::issue::LetterHead;
use kawaraban::domain::links::Links;
use kawaraban::domain::token::Signer;
use kawaraban::render::{Sender, Templates};
use kawaraban::store::{ArticleFilter, NewFeed, Store};

const ARTICLES: i64 = 10_000;
const FEEDS: i64 = 200;

/// Returns how long it takes to choose and compile an issue out of 10,000 candidates of 200 feeds, and how long to read
/// the rows of those articles plainly, each the best of three.
pub(crate) async fn choose(store: &Store) -> (Duration, Duration) {
    let now = SystemClock.now();
    fill(store, now).await;
    let digests = digests(store);
    let edition = &digests.editions()[0];
    let (mut made, mut read) = (Duration::MAX, Duration::MAX);
    for round in 0..3 {
        let start = Instant::now();
        let rows = store.articles(&ArticleFilter::default(), usize::MAX).await.expect("the articles can be read");
        read = read.min(start.elapsed());
        assert_eq!(i64::try_from(rows.len()), Ok(ARTICLES));

        let slot = edition.schedule.slot_at(now + SignedDuration::from_hours(round));
        let start = Instant::now();
        let compiled = digests.compile(&edition.name, &slot).await.expect("an issue can be made");
        made = made.min(start.elapsed());
        assert_eq!(compiled.sections.iter().map(|section| section.items).sum::<i64>(), 40);
        digests.cancel(compiled.issue.id).await.expect("a draft can be cancelled");
    }
    (made, read)
}

async fn fill(store: &Store, now: Timestamp) {
    let mut feeds = Vec::new();
    for n in 0..FEEDS {
        let feed = NewFeed {
            url: format!("https://feed-{n}.example.jp/rss"),
            section: "news".to_owned(),
            category_sections: std::collections::BTreeMap::new(),
            items: Default::default(),
        };
        feeds.push(store.add_feed(&feed, now).await.expect("a feed can be added"));
    }
    let article = |n: i64| NewArticle {
        feed_id: usize::try_from(n % FEEDS).ok().map(|feed| feeds[feed]),
        guid: format!("article-{n}"),
        source: Some("A newspaper".to_owned()),
        title: format!("Headline number {n}"),
        url: format!("https://example.jp/articles/{n}"),
        summary: "Two hundred letters of text. ".repeat(7),
        section: if n % 2 == 0 { "news" } else { "openings" }.to_owned(),
        language: Some("ja".to_owned()),
        published: Some(now - SignedDuration::from_mins(n)),
        closes: None,
        details: Default::default(),
    };
    let articles: Vec<NewArticle> = (0..ARTICLES).map(article).collect();
    store.store_articles(&articles, now).await.expect("articles can be stored");
}

fn digests(store: &Store) -> Digests {
    let text = |text: &str| text.to_owned();
    let sender =
        Sender { name: text("Kawaraban"), postal_address: text("1-1 Nihonbashi"), contact: text("desk@example.jp") };
    let head =
        LetterHead { from_name: text("Kawaraban"), from_email: text("news@example.jp"), reply_to: None, list: None };
    let signer = Signer::new(&"a secret of more than thirty-two letters".into(), &[]);
    Digests::new(
        store.clone(),
        Arc::new(SystemClock),
        Links::new(&"https://news.example.jp/".parse().expect("it is a URL"), signer),
        Arc::new(Templates::load(None).expect("the built-in templates are sound")),
        default_editions(),
        Imprint { sender, head, unsubscribe_mailto: None },
    )
}
