//! Feeds found from pages, and lists of feeds.

use super::*;
use crate::articles::{Discovered, OpmlOutcome};

fn page(links: &[(&str, &str)]) -> String {
    let links: String = links
        .iter()
        .map(|(href, title)| format!("<link rel=alternate type=application/rss+xml href='{href}' title='{title}'>"))
        .collect();
    format!("<!DOCTYPE html><html><head>{links}</head><body></body></html>")
}

#[tokio::test]
async fn a_feed_is_found_from_the_page_that_names_it() {
    let house = House::new().await;
    house.publish("/news", &rss(&[("1", "One", THIS_WEEK)]));
    house.publish("/one", &page(&[("/news", "Posts"), ("/comments/feed/", "Comments")]));
    house.publish("/two", &page(&[("/news", "Posts"), ("/jobs", "Jobs")]));
    house.publish("/none", &page(&[]));
    house.publish("/circle", &page(&[("/two", "Itself")]));
    house.publish("/inside", &page(&[("http://169.254.169.254/latest", "Inside")]));
    house.answer("/busy", "503 Busy", "");
    let discover = async |path: &str| house.articles.discover(&format!("{}{path}", house.base)).await;
    let url = format!("{}/news", house.base);
    let feed = Discovered::Feed { url, title: Some("港町だより".to_owned()), items: 1 };
    assert_eq!(discover("/news").await.unwrap(), feed);
    assert_eq!(discover("/one").await.unwrap(), feed);
    let Discovered::Several(feeds) = discover("/two").await.unwrap() else { panic!("there are two") };
    assert_eq!(feeds.iter().map(|feed| feed.title.as_deref().unwrap()).collect::<Vec<_>>(), ["Posts", "Jobs"]);
    assert!(matches!(discover("/busy").await.unwrap(), Discovered::Unknown { .. }));
    for (path, words) in [
        ("/none", "names no feed"),
        ("/circle", "is another"),
        ("/inside", "not a public address"),
        ("/missing", "404"),
    ] {
        let error = discover(path).await.unwrap_err().to_string();
        assert!(error.contains(words), "{path}: {error}");
    }
    assert!(house.articles.feeds().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_list_is_taken_entry_by_entry_and_comes_out_again() {
    let house = House::new().await;
    let list = "<opml version='2.0'><body>\n\
        <outline text='Japan'><outline text='Openings'>\n\
        <outline type='rss' text='Jobs' xmlUrl='https://jobs.example.jp/rss' kawaraban:kind='opening' kawaraban:life='720h' \
          language='ja' kawaraban:categories='column=news'/>\n\
        </outline>\n\
        <outline text='Else' xmlUrl='https://else.example.jp/'/>\n\
        <outline text='Again' xmlUrl='https://jobs.example.jp/rss#x'/>\n\
        <outline text='Bad' xmlUrl='ftp://a.example/'/>\n\
        <outline text='Empty' type='rss'/></outline></body></opml>";
    let sections = ["news".to_owned(), "openings".to_owned()];
    let import = async |list: &str, dry_run| {
        house.articles.import_opml(list.as_bytes(), &sections, Some("news"), dry_run).await.unwrap()
    };
    let dry = import(list, true).await;
    assert!(house.articles.feeds().await.unwrap().is_empty());
    let report = import(list, false).await;
    assert_eq!(report.feeds, dry.feeds);
    let told: Vec<_> = report
        .feeds
        .iter()
        .map(|feed| match &feed.outcome {
            OpmlOutcome::Added { section } => (feed.line, section.clone()),
            OpmlOutcome::Duplicate => (feed.line, "duplicate".to_owned()),
            OpmlOutcome::Bad { reason } => (feed.line, reason.split(':').next().unwrap().to_owned()),
        })
        .collect();
    let told: Vec<_> = told.iter().map(|(line, what)| (*line, what.as_str())).collect();
    assert_eq!(
        told,
        [
            (3, "openings"),
            (5, "news"),
            (6, "duplicate"),
            (7, "xmlUrl"),
            (8, "it says that it is a feed, but has no xmlUrl"),
        ]
    );
    let before = house.articles.feeds().await.unwrap();
    assert_eq!((before.len(), before[0].items.opening_life), (2, Some(Duration::from_secs(720 * 3600))));
    assert!(import(list, false).await.feeds.iter().all(|feed| !matches!(feed.outcome, OpmlOutcome::Added { .. })));

    let out = house.articles.export_opml("Feeds <of> \"us\"").await.unwrap();
    for feed in &before {
        house.articles.remove_feed(&feed.id.to_string()).await.unwrap();
    }
    let other = House::new().await;
    other.articles.import_opml(out.as_bytes(), &sections, None, false).await.unwrap();
    let after = other.articles.feeds().await.unwrap();
    let told = |feeds: &[crate::domain::feed::Feed]| {
        let mut told: Vec<_> = feeds
            .iter()
            .map(|f| (f.url.clone(), f.section.clone(), f.category_sections.clone(), f.items.clone()))
            .collect();
        told.sort_by(|a, b| a.0.cmp(&b.0));
        told
    };
    assert_eq!(told(&after), told(&before));
    assert!(matches!(
        house.articles.import_opml(b"<rss/>", &sections, None, false).await,
        Err(ArticlesError::Field { field: "file", .. })
    ));
}
