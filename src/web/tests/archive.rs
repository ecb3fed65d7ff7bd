//! The archive as programs see it: pages of the list, feeds, the map, dates and tags.

use axum::body::Body;
use axum::http::StatusCode;
use jiff::SignedDuration;
use serde_json::Value;

use super::harness::{Got, Town, asking};
use super::issues::{draft, draft_of, finished, moment, release, seal};
use crate::domain::article::{ArticleKind, Details, Image};
use crate::domain::desk::Draft;
use crate::domain::issue::IssueState;
use crate::domain::subscriber::SubscriberState::Confirmed;
use crate::store::{ImageSize, NewImage};

const EVERYTHING: [&str; 6] = ["/issues", "/issues/1", "/issues.atom", "/issues.json", "/sitemap.xml", "/robots.txt"];

async fn with(town: &Town, method: &str, path: &str, header: (&str, &str)) -> Got {
    town.send(asking(method, path).header(header.0, header.1).body(Body::empty()).unwrap()).await
}

/// Returns a town with a monthly edition besides the weekly one.
async fn two_editions() -> Town {
    Town::new().await.but(|site| {
        let mut monthly = site.editions[0].clone();
        monthly.name = "monthly".to_owned();
        monthly.title = "Japan & <Monthly>".to_owned();
        site.editions.push(monthly);
    })
}

async fn out(town: &Town, edition: &str, slot: &str) -> i64 {
    let issue = draft_of(town, edition, slot, |article| article.title = format!("{edition} on {slot}")).await;
    seal(town, &issue).await;
    release(town, &issue).await;
    town.house.store.finish_issues(moment()).await.unwrap();
    issue.number.unwrap()
}

/// Returns the values of `attribute` in the tags of `html` that contain `tag`.
fn links(html: &str, tag: &str) -> Vec<String> {
    let tags = html.split('<').filter(|part| part.contains(tag));
    tags.filter_map(|part| Some(part.split_once("href=\"")?.1.split_once('"')?.0.replace("&amp;", "&"))).collect()
}

#[tokio::test]
async fn every_issue_is_on_one_page_of_the_list_and_of_the_feeds() {
    let town = Town::new().await;
    for n in 0..45 {
        finished(&town, &format!("2026-{:02}-{:02}T08:00", 1 + n / 28, 1 + n % 28)).await;
    }
    let mut path = "/issues?lang=ja".to_owned();
    let mut seen = Vec::new();
    for page in 1.. {
        let got = town.get(&path).await;
        assert_eq!(got.status, StatusCode::OK);
        let issues = links(&got.body, "a href=\"/issues/");
        seen.extend(issues);
        assert_eq!(links(&got.body, "rel=\"first\"").len(), usize::from(page > 1));
        let Some(next) = links(&got.body, "rel=\"next\"").first().cloned() else { break };
        path = next;
    }
    let expected: Vec<_> = (1..=45).rev().map(|n| format!("/issues/{n}?lang=ja")).collect();
    assert_eq!(seen, expected);

    let mut url = "https://news.example.jp/issues.json?lang=en".to_owned();
    let mut ids = Vec::new();
    loop {
        let got = town.get(url.strip_prefix("https://news.example.jp").unwrap()).await;
        let feed: Value = serde_json::from_str(&got.body).unwrap();
        assert_eq!(feed["feed_url"], url.as_str());
        ids.extend(feed["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(next) = feed["next_url"].as_str() else { break };
        next.clone_into(&mut url);
    }
    assert_eq!(ids.len(), 45);
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), 45, "no two have one id");
    let atom = town.get("/issues.atom").await.body;
    assert_eq!((atom.matches("<entry>").count(), atom.matches("rel=\"next\"").count()), (20, 1));
}

#[tokio::test]
async fn what_has_not_gone_out_or_was_stopped_is_nowhere() {
    let town = Town::new().await;
    let cancelled = draft(&town, "2026-11-13T08:00").await;
    seal(&town, &cancelled).await;
    release(&town, &cancelled).await;
    assert_eq!(town.get("/issues/1").await.status, StatusCode::OK);
    town.house.store.cancel_issue(cancelled.id, &IssueState::Sending, moment()).await.unwrap();
    let skipped = draft(&town, "2026-11-20T08:00").await;
    town.house.store.skip_draft(skipped.id, skipped.revision, "nothing new").await.unwrap();
    let sealed = draft(&town, "2026-11-27T08:00").await;
    seal(&town, &sealed).await;
    for number in 1..=3 {
        assert_eq!(town.get(&format!("/issues/{number}")).await.status, StatusCode::NOT_FOUND, "{number}");
    }
    for path in ["/issues", "/issues.atom", "/issues.json", "/sitemap.xml"] {
        let got = town.get(path).await;
        assert_eq!(got.status, StatusCode::OK, "{path}");
        assert!(!got.body.contains("2026-11-") && !got.body.contains("/issues/"), "{path}: {}", got.body);
    }
}

#[tokio::test]
async fn several_editions_are_read_one_by_one_or_together() {
    let town = two_editions().await;
    let weekly = out(&town, "weekly", "2026-11-20T08:00").await;
    let monthly = out(&town, "monthly", "2026-11-25T08:00").await;
    let later = out(&town, "weekly", "2026-11-27T08:00").await;
    let all = town.get("/issues").await.body;
    assert!(all.contains("Japan &amp; &lt;Monthly&gt;") && all.contains("weekly on") && all.contains("monthly on"));
    let narrowed = town.get("/issues?edition=monthly&lang=en").await.body;
    assert!(narrowed.contains("monthly on") && !narrowed.contains("weekly on"));
    assert!(narrowed.contains("href=\"/issues?edition=monthly&amp;lang=ja\""), "the language switch keeps the edition");
    assert_eq!(links(&narrowed, "rel=\"canonical\""), ["https://news.example.jp/issues?edition=monthly&lang=en"]);
    for path in ["/issues.atom?edition=weekly", "/issues.json?edition=weekly"] {
        let feed = town.get(path).await.body;
        assert!(feed.contains("weekly on") && !feed.contains("monthly on"), "{path}");
    }
    assert!(town.get("/issues.atom?edition=monthly").await.body.contains("<title>Japan &amp; &lt;Monthly&gt;</title>"));
    // Next to a weekly issue stands a weekly issue.
    let page = town.get(&format!("/issues/{later}")).await.body;
    assert_eq!(links(&page, "rel=\"prev\""), [format!("/issues/{weekly}?lang=en")]);
    assert!(links(&page, "type=\"application/atom+xml\"").contains(&"/issues.atom?edition=weekly&lang=en".to_owned()));
    assert!(links(&town.get(&format!("/issues/{monthly}")).await.body, "rel=\"prev\"").is_empty());
    for odd in ["edition=daily", "before=x", "edition=%00", "before="] {
        for path in ["/issues", "/issues.atom", "/issues.json"] {
            assert_eq!(town.get(&format!("{path}?{odd}")).await.status, StatusCode::NOT_FOUND, "{path}?{odd}");
        }
    }
}

#[tokio::test]
async fn a_page_says_where_it_is_in_each_language_and_where_the_feeds_are() {
    let town = Town::at("https://example.jp/letters/", &[]).await;
    finished(&town, "2026-11-20T08:00").await;
    let got = with(&town, "GET", "/issues/1", ("accept-language", "ja")).await;
    assert_eq!((got.header("content-language"), got.header("vary")), ("ja", "accept-language"));
    let base = "https://example.jp/letters/issues/1";
    assert_eq!(links(&got.body, "rel=\"canonical\""), [format!("{base}?lang=ja")]);
    assert_eq!(
        links(&got.body, "rel=\"alternate\" hreflang="),
        [format!("{base}?lang=en"), format!("{base}?lang=ja"), base.to_owned()]
    );
    let feeds = links(&got.body, "rel=\"alternate\" type=");
    assert_eq!(feeds, ["/letters/issues.atom?lang=ja", "/letters/issues.json?lang=ja"]);
    for feed in feeds {
        assert_eq!(town.get(&feed).await.status, StatusCode::OK, "{feed}");
    }
    for meta in [
        "property=\"og:type\" content=\"article\"",
        "property=\"og:locale\" content=\"ja_JP\"",
        "property=\"og:url\" content=\"https://example.jp/letters/issues/1?lang=ja\"",
        "name=\"twitter:card\" content=\"summary\"",
        "property=\"article:published_time\"",
        "name=\"description\"",
    ] {
        assert!(got.body.contains(meta), "{meta}");
    }
    let map = town.get("/sitemap.xml").await.body;
    assert!(map.contains(&format!("<loc>{base}?lang=ja</loc>")) && map.contains("hreflang=\"x-default\""));
    assert!(town.get("/robots.txt").await.body.ends_with("Sitemap: https://example.jp/letters/sitemap.xml\n"));
    let feed: Value = serde_json::from_str(&town.get("/issues.json?lang=en").await.body).unwrap();
    assert_eq!(feed["items"][0]["url"], "https://example.jp/letters/issues/1?lang=en");
    assert!(feed["items"][0]["id"].as_str().unwrap().starts_with("tag:example.jp,"), "{feed}");
}

#[tokio::test]
async fn an_opening_is_marked_from_the_moment_it_closes() {
    let town = Town::new().await;
    let closes = moment() + SignedDuration::from_hours(48);
    let issue = draft_of(&town, "weekly", "2026-11-27T08:00", |article| {
        if article.section == "openings" {
            article.closes = Some(closes);
            article.details = Details {
                kind: ArticleKind::Opening,
                place: Some("Sendai <b>".to_owned()),
                company: Some("River & Co.".to_owned()),
                pay: Some("¥6 million".to_owned()),
                image: None,
            };
        }
    })
    .await;
    seal(&town, &issue).await;
    release(&town, &issue).await;
    let open = town.get("/issues/1").await;
    for shown in ["Sendai &lt;b&gt;", "River &amp; Co.", "¥6 million", "Closes "] {
        assert!(open.body.contains(shown), "{shown}");
    }
    assert!(!open.body.contains("Closed "));
    let feed = town.get("/issues.atom").await.body;
    town.house.pass(SignedDuration::from_hours(49));
    // Whoever asks by tag or by date is told.
    for header in [("if-none-match", open.header("etag")), ("if-modified-since", open.header("last-modified"))] {
        let closed = with(&town, "GET", "/issues/1", header).await;
        assert_eq!(closed.status, StatusCode::OK, "{header:?}");
        assert!(closed.body.contains("Closed ") && !closed.body.contains("Closes "));
        assert_eq!(
            with(&town, "GET", "/issues/1", ("if-modified-since", closed.header("last-modified"))).await.status,
            304
        );
    }
    assert_eq!(town.get("/issues.atom").await.body, feed, "an entry stays as it was printed");
}

/// Returns a picture of ours, named by `digit`.
fn drawn(size: ImageSize, digit: &str, width: u32) -> NewImage {
    NewImage { size, hash: digit.repeat(32), width, height: width / 2, content_type: "image/jpeg", bytes: vec![255] }
}

#[tokio::test]
async fn the_pictures_of_the_mail_are_on_the_page_and_in_the_feeds() {
    let town = Town::at("https://example.jp/letters/", &[]).await;
    let source = |section: &str| format!("https://pictures.example.com/{section}.jpg");
    let issue = draft_of(&town, "weekly", "2026-11-27T08:00", |article| {
        article.details.image = Some(Image {
            url: source(&article.section),
            alt: "A bridge, \"at <night>\"".to_owned(),
            credit: Some("T. Mori & sons".to_owned()),
        });
    })
    .await;
    // That of the opening could not be had.
    let images = [drawn(ImageSize::Large, "a", 1040), drawn(ImageSize::Small, "b", 224)];
    town.house.store.keep_image(&source("news"), &images, moment()).await.unwrap();
    town.house.store.image_failed(&source("openings"), "404", moment()).await.unwrap();
    seal(&town, &issue).await;
    release(&town, &issue).await;
    let (large, small) = ("a".repeat(32), "b".repeat(32));
    let got = town.get("/issues/1").await;
    assert!(got.header("content-security-policy").contains("img-src 'self';"));
    let shown = format!(
        "<img src=\"/letters/images/{small}.jpg\" width=\"128\" height=\"64\" alt=\"A bridge, &quot;at &lt;night&gt;&quot;\""
    );
    for part in [&*shown, "T. Mori &amp; sons", "name=\"twitter:card\" content=\"summary_large_image\""] {
        assert!(got.body.contains(part), "{part} in {}", got.body);
    }
    let cover = format!("https://example.jp/letters/images/{large}.jpg");
    assert!(got.body.contains(&format!("property=\"og:image\" content=\"{cover}\"")));
    assert_eq!(got.body.matches("<img").count(), 1, "what is not here is not shown");
    assert_eq!(town.house.store.image_file(&small).await.unwrap().unwrap().bytes, [255]);
    let feed: Value = serde_json::from_str(&town.get("/issues.json").await.body).unwrap();
    assert_eq!(feed["items"][0]["image"], cover.as_str());
    let html = feed["items"][0]["content_html"].as_str().unwrap();
    assert!(
        html.contains(&format!("<img src=\"https://example.jp/letters/images/{small}.jpg\" width=\"128\"")),
        "{html}"
    );
    assert!(town.get("/issues.atom").await.body.contains(&format!("https://example.jp/letters/images/{small}.jpg")));
    for path in ["/issues/1", "/issues.json", "/issues.atom"] {
        assert!(!town.get(path).await.body.contains("pictures.example.com"), "{path} asks us alone");
    }
}

#[tokio::test]
async fn an_issue_is_called_what_its_editor_called_it() {
    let town = Town::new().await;
    let issue = draft(&town, "2026-11-27T08:00").await;
    let (issue, before) = town.house.store.draft(issue.id).await.unwrap();
    let own = Some("Bridges, and <em>who</em> mends them".to_owned());
    let after = Draft { subject: own, ..before.clone() };
    town.house.store.edit_draft(issue.id, issue.revision, &before, &after, "ed", "subject", moment()).await.unwrap();
    let issue = town.house.store.issue(issue.id).await.unwrap();
    seal(&town, &issue).await;
    release(&town, &issue).await;
    let page = town.get("/issues/1").await.body;
    let escaped = "Bridges, and &lt;em&gt;who&lt;/em&gt; mends them";
    assert!(page.contains(&format!("<title>{escaped} | Japan Weekly</title>")), "{page}");
    assert!(page.contains(&format!("property=\"og:title\" content=\"{escaped}\"")));
    assert!(town.get("/issues.atom").await.body.contains(&format!("<title>{escaped}</title>")));
    let feed: Value = serde_json::from_str(&town.get("/issues.json").await.body).unwrap();
    assert_eq!(feed["items"][0]["title"], "Bridges, and <em>who</em> mends them");
}

#[tokio::test]
async fn nothing_is_sent_twice_and_head_says_the_same_as_get() {
    let town = Town::new().await;
    finished(&town, "2026-11-20T08:00").await;
    for path in &EVERYTHING[..5] {
        let got = town.get(path).await;
        assert_eq!((got.status, got.header("cache-control")), (StatusCode::OK, "public, max-age=300"), "{path}");
        let head = town.send(asking("HEAD", path).body(Body::empty()).unwrap()).await;
        assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""), "{path}");
        for name in ["etag", "last-modified", "content-type", "vary", "content-security-policy", "content-length"] {
            assert!(!got.header(name).is_empty() || name == "content-length", "{path}: {name}");
            assert!(head.header(name) == got.header(name) || name == "content-length", "{path}: {name}");
        }
        assert!(got.header("etag").starts_with('"'), "a strong one");
        let (etag, date) = (got.header("etag"), got.header("last-modified"));
        for method in ["GET", "HEAD"] {
            for header in [("if-none-match", etag), ("if-modified-since", date)] {
                let again = with(&town, method, path, header).await;
                assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path} {header:?}");
                assert_eq!((again.header("etag"), again.header("last-modified")), (etag, date));
            }
        }
        // A tag outweighs a date.
        let request = asking("GET", path).header("if-none-match", "\"other\"").header("if-modified-since", date);
        assert_eq!(town.send(request.body(Body::empty()).unwrap()).await.status, StatusCode::OK, "{path}");
        assert_eq!(with(&town, "GET", path, ("if-modified-since", "garbage")).await.status, StatusCode::OK);
    }
    assert_eq!(town.get("/issues.atom").await.header("content-type"), "application/atom+xml; charset=utf-8");
    assert_eq!(town.get("/issues.json").await.header("content-type"), "application/feed+json; charset=utf-8");
}

#[tokio::test]
async fn nobody_is_named_on_any_of_them() {
    let town = Town::new().await;
    town.house.bring("hana@example.jp", Confirmed).await;
    let token = town.house.unsubscribe_token("hana@example.jp").await;
    finished(&town, "2026-11-20T08:00").await;
    for path in EVERYTHING {
        let got = town.get(path).await;
        assert_eq!(got.status, StatusCode::OK, "{path}");
        for private in ["hana", &token, "/unsubscribe/v1", "/confirm/v1", "kwb"] {
            assert!(!got.body.contains(private), "{private} on {path}");
        }
        assert!(got.headers.get("set-cookie").is_none() && got.headers.get("x-robots-tag").is_none());
    }
}

#[tokio::test]
async fn titles_are_words_in_every_format() {
    let town = Town::new().await;
    let title = "</title><script>alert(1)</script>\u{0}\u{b}\u{fffe}\u{202e} & \"{{x}}\" ]]>";
    let issue = draft_of(&town, "weekly", "2026-11-27T08:00", |article| {
        title.clone_into(&mut article.title);
        title.clone_into(&mut article.summary);
        article.url = "javascript:alert(1)".to_owned();
    })
    .await;
    seal(&town, &issue).await;
    release(&town, &issue).await;
    for path in EVERYTHING {
        let got = town.get(path).await;
        assert_eq!(got.status, StatusCode::OK, "{path}");
        let control = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{fffe}' | '\u{202e}');
        let forbidden = if path.ends_with(".atom") || path.ends_with(".xml") { &[][..] } else { &['\u{fffe}'][..] };
        assert!(!got.body.contains(|c| control(c) && !forbidden.contains(&c)), "{path}");
        assert!(!got.body.contains("<script") && !got.body.contains("href=\"javascript:"), "{path}");
    }
    let feed: Value = serde_json::from_str(&town.get("/issues.json").await.body).unwrap();
    let html = feed["items"][0]["content_html"].as_str().unwrap();
    assert!(html.contains("&lt;script&gt;") && html.contains("{{x}}"), "{html}");
    assert!(feed["items"][0]["title"].as_str().unwrap().contains("<script>alert(1)</script>"), "plain text, as it was");
}
