//! The public pages of issues.

use axum::body::Body;
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};

use super::harness::{Town, asking};
use crate::domain::article::NewArticle;
use crate::domain::issue::Issue;
use crate::domain::schedule::Schedule;
use crate::store::tests::harness::what_waits;
use crate::store::{ArticleFilter, NewIssue, SealedIssue};

pub(super) fn moment() -> Timestamp {
    Timestamp::from_second(1_790_000_000).unwrap()
}

/// Makes a draft with one item in each section.
pub(super) async fn draft(town: &Town, slot: &str) -> Issue {
    draft_of(town, "weekly", slot, |_| {}).await
}

/// Makes the same for an edition, its articles changed.
pub(super) async fn draft_of(town: &Town, edition: &str, slot: &str, change: impl Fn(&mut NewArticle)) -> Issue {
    let article = |section: &str| {
        let mut article = article(slot, section);
        article.guid = format!("{edition} {slot} {section}");
        change(&mut article);
        article
    };
    // An article waits for every edition: those of other drafts stay where they are.
    let before = town.house.store.articles(&ArticleFilter::default(), 10_000).await.unwrap();
    town.house.store.store_articles(&[article("news"), article("openings")], moment()).await.unwrap();
    let mut items = Vec::new();
    for section in ["news", "openings"] {
        let candidates = what_waits(&town.house.store, edition, section, moment()).await;
        let new = candidates.into_iter().filter(|one| before.iter().all(|other| other.id != one.id));
        items.extend(new.zip(0..).map(|(article, n)| (article.id, section.to_owned(), n)));
    }
    let (edition, slot) = (edition.to_owned(), slot.to_owned());
    let new = NewIssue { edition, slot, scheduled: moment(), skipped: None, items };
    town.house.store.create_issue(&new, moment()).await.unwrap().unwrap()
}

fn article(slot: &str, section: &str) -> NewArticle {
    NewArticle {
        feed_id: None,
        guid: format!("{slot} {section}"),
        source: None,
        title: format!("<b>{section}</b> of {slot}"),
        url: "https://example.jp/article".to_owned(),
        summary: "Summary".to_owned(),
        section: section.to_owned(),
        language: None,
        published: Some(moment()),
        closes: None,
        details: Default::default(),
    }
}

pub(super) async fn seal(town: &Town, issue: &Issue) {
    let items = town.house.store.issue_items(issue.id).await.unwrap();
    let sealed = SealedIssue {
        id: issue.id,
        revision: issue.revision,
        items,
        letters: Vec::new(),
        unserved: Vec::new(),
        without_readers: true,
    };
    town.house.store.seal_issue(&sealed, moment()).await.unwrap();
}

pub(super) async fn release(town: &Town, issue: &Issue) {
    town.house.store.release_issue(issue.id, moment()).await.unwrap().unwrap();
}

pub(super) async fn finished(town: &Town, slot: &str) -> i64 {
    let issue = draft(town, slot).await;
    seal(town, &issue).await;
    release(town, &issue).await;
    town.house.store.finish_issues(moment()).await.unwrap();
    issue.number.unwrap()
}

#[tokio::test]
async fn an_issue_is_public_once_its_mails_are_on_their_way() {
    let town = Town::new().await;
    let issue = draft(&town, "2026-11-27T08:00").await;
    let path = format!("/issues/{}", issue.number.unwrap());
    assert_eq!(town.get(&path).await.status, StatusCode::NOT_FOUND);
    assert!(!town.get("/issues").await.body.contains(&path));
    seal(&town, &issue).await;
    assert_eq!(town.get(&path).await.status, StatusCode::NOT_FOUND, "nobody can have a mail that links to it");
    assert!(!town.get("/issues").await.body.contains(&path));
    release(&town, &issue).await;
    assert_eq!(town.get(&path).await.status, StatusCode::OK, "the first mails link to it");
    assert!(town.get("/issues").await.body.contains(&path));
    town.house.store.finish_issues(moment()).await.unwrap();
    let got = town.get(&path).await;
    assert_eq!(got.status, StatusCode::OK);
    assert!(got.body.contains("Friday 27 November 2026"));
    assert!(got.body.contains("&lt;b&gt;news&lt;/b&gt;") && !got.body.contains("<b>"));
    assert!(got.body.find("openings").unwrap() < got.body.find("&lt;b&gt;news").unwrap(), "in the edition's order");
    assert!(town.get(&format!("{path}?lang=ja")).await.body.contains("2026年11月27日（金）"));
    for path in [
        "/issues/0",
        "/issues/-1",
        "/issues/99",
        "/issues/abc",
        "/issues/1/2",
        "/issues/99999999999999999999",
        "/issues/+1",
        "/issues/01",
    ] {
        assert_eq!(town.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn issues_lead_to_their_neighbours_and_are_listed_newest_first() {
    let town = Town::new().await;
    let (a, b, c) = (
        finished(&town, "2026-11-13T08:00").await,
        finished(&town, "2026-11-20T08:00").await,
        finished(&town, "2026-11-27T08:00").await,
    );
    let middle = town.get(&format!("/issues/{b}")).await.body;
    assert!(middle.contains(&format!("/issues/{a}?")) && middle.contains(&format!("/issues/{c}?")));
    let newest = town.get(&format!("/issues/{c}")).await.body;
    assert!(newest.contains("rel=\"prev\"") && !newest.contains("rel=\"next\""));
    let oldest = town.get(&format!("/issues/{a}")).await.body;
    assert!(!oldest.contains("rel=\"prev\"") && oldest.contains("rel=\"next\""));
    let list = town.get("/issues").await.body;
    let place = |number: i64| list.find(&format!("/issues/{number}?")).unwrap();
    assert!(place(c) < place(b) && place(b) < place(a));
    assert!(list.contains("openings&lt;/b&gt; of 2026-11-27"), "the first item of the first section");
}

#[tokio::test]
async fn a_page_is_not_sent_twice_until_it_changes() {
    let town = Town::new().await;
    let number = finished(&town, "2026-11-20T08:00").await;
    let path = format!("/issues/{number}");
    let first = town.get(&path).await;
    assert_eq!(first.header("cache-control"), "public, max-age=300");
    assert_eq!(first.header("vary"), "accept-language");
    let again = async |etag: &str, path: &str| {
        town.send(asking("GET", path).header("if-none-match", etag).body(Body::empty()).unwrap()).await
    };
    let etag = first.header("etag").to_owned();
    for tag in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
        let got = again(&tag, &path).await;
        assert_eq!((got.status, got.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
        assert_eq!(got.header("etag"), etag);
    }
    assert_eq!(again(&etag, &format!("{path}?lang=ja")).await.status, StatusCode::OK);
    finished(&town, "2026-11-27T08:00").await;
    assert_eq!(again(&etag, &path).await.status, StatusCode::OK, "it has a newer neighbour now");
}

#[tokio::test]
async fn the_list_and_the_feeds_are_in_the_order_in_which_issues_went_out() {
    let town = Town::with_a_monthly().await;
    let hours = |hours| moment() + SignedDuration::from_hours(hours);
    let waits = draft_of(&town, "monthly", "2026-11-01T08:00", |_| {}).await;
    for (slot, at) in [("2026-11-06T08:00", 1), ("2026-11-13T08:00", 2)] {
        let issue = draft(&town, slot).await;
        seal(&town, &issue).await;
        town.house.store.release_issue(issue.id, hours(at)).await.unwrap().unwrap();
    }
    seal(&town, &waits).await;
    town.house.store.release_issue(waits.id, hours(3)).await.unwrap().unwrap();
    let order = |text: &str| {
        let mut order: Vec<_> = (1..=3).map(|n| (text.find(&format!("/issues/{n}?")), n)).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, n)| n).collect::<Vec<_>>()
    };
    for path in ["/issues", "/issues.atom", "/issues.json", "/sitemap.xml"] {
        assert_eq!(order(&town.get(path).await.body), [1, 3, 2], "{path}");
    }
    let updated = format!("<updated>{}</updated>", hours(3));
    let atom = town.get("/issues.atom").await.body;
    assert!(atom.find(&updated).unwrap() < atom.find("<entry>").unwrap(), "{atom}");
    let map = town.get("/sitemap.xml").await.body;
    assert!(map.contains(&format!("/issues?lang=en</loc><lastmod>{}</lastmod>", hours(3))), "{map}");
    // A page goes on where the one before ended, whatever the numbers.
    let rest = town.get("/issues?before=3").await.body;
    assert!(rest.contains("/issues/2?") && !rest.contains("/issues/1?") && !rest.contains("/issues/3?"), "{rest}");
    let draft = draft(&town, "2026-11-20T08:00").await.number.unwrap();
    for (nothing, path) in [(99, "/issues"), (draft, "/issues.atom"), (0, "/issues.json")] {
        let got = town.get(&format!("{path}?before={nothing}")).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{nothing} ended no page");
    }
}

#[tokio::test]
async fn pages_say_how_often_an_edition_comes_where_there_is_a_word_for_it() {
    let scheduled = async |expression: &str| {
        let schedule = Schedule::parse(expression, "Asia/Tokyo").unwrap();
        let town = Town::new().await.but(|site| site.editions[0].schedule = schedule);
        finished(&town, "2026-11-20T08:00").await;
        town.house.sign_up("hana@example.jp").await;
        let confirm = format!("/confirm/{}", town.house.confirm_token("hana@example.jp").await);
        (town, ["/".to_owned(), "/issues".to_owned(), "/issues/1".to_owned(), "/embed".to_owned(), confirm])
    };
    for (expression, english, japanese) in [
        ("0 7 * * *", Some("once a day"), Some("一日に一度")),
        ("0 8 * * Tue", Some("once a week"), Some("週に一度")),
        ("0 8 1 * *", Some("once a month"), Some("月に一度")),
        ("0 8 * * Mon-Fri", None, None),
    ] {
        let (town, pages) = scheduled(expression).await;
        for page in pages {
            for (lang, said, words) in [
                ("en", english, ["once a day", "once a week", "once a month"]),
                ("ja", japanese, ["一日に一度", "週に一度", "月に一度"]),
            ] {
                let body = town.get(&format!("{page}?lang={lang}")).await.body;
                let found: Vec<_> = words.into_iter().filter(|words| body.contains(words)).collect();
                assert_eq!(found, said.into_iter().collect::<Vec<_>>(), "{expression}: {page} in {lang}: {body}");
            }
        }
    }
    // Of several editions a page says it of the one it is about.
    let monthly = Schedule::parse("0 8 1 * *", "Asia/Tokyo").unwrap();
    let town = Town::with_a_monthly().await.but(|site| site.editions[1].schedule = monthly);
    let number = draft_of(&town, "monthly", "2026-11-01T08:00", |_| {}).await;
    seal(&town, &number).await;
    release(&town, &number).await;
    let button = "<a class=\"button\" href=\"/?edition=monthly&amp;lang=en\">";
    for path in ["/issues/1", "/issues?edition=monthly"] {
        assert!(town.get(path).await.body.contains(button), "what is subscribed to is what was read: {path}");
    }
    let form = town.get("/?edition=monthly&lang=en").await.body;
    assert!(form.contains("value=\"monthly\" checked") && form.contains("value=\"weekly\">"), "{form}");
    assert!(form.contains("href=\"/?edition=monthly&amp;lang=ja\""), "the language switch keeps it: {form}");
    let gone = town.get("/?edition=daily").await;
    assert!(gone.status == StatusCode::OK && gone.body.contains("value=\"weekly\" checked"), "{}", gone.body);
    for path in ["/issues/1", "/issues?edition=monthly", "/embed?edition=monthly"] {
        let body = town.get(path).await.body.to_lowercase();
        assert!(body.contains("about once a month") && !body.contains("once a week"), "{path}: {body}");
    }
    for path in ["/issues?edition=weekly", "/embed"] {
        assert!(town.get(path).await.body.to_lowercase().contains("about once a week"), "{path}");
    }
    for path in ["/", "/issues"] {
        assert!(!town.get(path).await.body.to_lowercase().contains("once a "), "{path}");
    }
}
