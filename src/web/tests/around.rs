//! What stands around every page: headers, limits, the words of errors, the log.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;

use super::harness::{FORM, Got, JSON, MULTIPART, Town, asking, send};
use crate::domain::subscriber::SubscriberState::Confirmed;
use crate::web::router::limited;

const HANA: &str = "hana@example.jp";

/// Every route, and addresses that are none.
async fn every_answer(town: &Town) -> Vec<(String, Got)> {
    town.house.bring(HANA, Confirmed).await;
    town.house.sign_up("pending@example.jp").await;
    let (confirm, leave) =
        (town.house.confirm_token("pending@example.jp").await, town.house.unsubscribe_token(HANA).await);
    let base = &town.state.base;
    let mut answers = Vec::new();
    for method in ["GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "TRACE", "PATCH"] {
        for path in [
            "/",
            "/subscribe",
            &format!("/confirm/{confirm}"),
            "/confirm/bad",
            &format!("/unsubscribe/{leave}"),
            "/unsubscribe/bad",
            &format!("/resubscribe/{leave}"),
            &format!("/preferences/{leave}"),
            "/preferences/bad",
            "/issues",
            "/issues/1",
            "/issues.atom",
            "/issues.json",
            "/sitemap.xml",
            "/embed",
            "/assets/site.css",
            "/assets/icon.svg",
            "/images/00000000000000000000000000000000.jpg",
            "/images/..%2fsite.css",
            "/assets/../Cargo.toml",
            "/healthz",
            "/readyz",
            "/robots.txt",
            "/api",
            "/nothing/here",
            "/%2e%2e/%2e%2e/etc/passwd",
        ] {
            let path = format!("{base}{path}");
            let body = Body::from("email=new%40example.jp");
            let request = asking(method, &path).header(CONTENT_TYPE, FORM).body(body).unwrap();
            answers.push((format!("{method} {path}"), town.send(request).await));
        }
    }
    answers
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let town = Town::new().await;
    for (what, got) in every_answer(&town).await {
        let data = ["/issues.atom", "/issues.json", "/sitemap.xml"].iter().any(|path| what.ends_with(path));
        let needs =
            if data { "default-src 'none'; form-action 'none'" } else { "default-src 'none'; style-src 'self'" };
        assert!(got.header("content-security-policy").starts_with(needs), "{what}");
        assert!(!got.header("content-security-policy").contains("unsafe"), "{what}");
        assert!(got.header("content-security-policy").ends_with("frame-ancestors 'none'"), "{what}");
        assert_eq!(got.header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(got.header("referrer-policy"), "no-referrer", "{what}");
        assert!(got.header("strict-transport-security").starts_with("max-age="), "{what}");
        assert!(!got.header("permissions-policy").is_empty(), "{what}");
        assert!(got.headers.get("set-cookie").is_none(), "{what}");
        // Only whoever wants nothing any more is sent anywhere: to the page that lets them leave.
        let onwards = got.header("location");
        assert!(onwards.is_empty() || what.starts_with("POST ") && onwards.starts_with("/unsubscribe/"), "{what}");
        assert!(!got.body.contains("<script") && !got.body.contains(" style="), "{what}");
        assert!(!got.status.is_server_error(), "{what}: {}", got.status);
        if ["/confirm/", "/unsubscribe/", "/resubscribe/", "/preferences/", "/subscribe"]
            .iter()
            .any(|page| what.contains(page))
        {
            assert_eq!(got.header("cache-control"), "no-store", "{what}");
            assert_eq!(got.header("x-robots-tag"), "noindex, nofollow", "{what}");
        }
        if got.status.is_client_error() && !what.starts_with("HEAD") {
            assert!(got.body.contains("<h1>"), "{what}: an error has words");
        }
    }
}

#[tokio::test]
async fn without_tls_nobody_is_sent_to_it() {
    let town = Town::at("http://127.0.0.1:8080/", &[]).await;
    assert!(town.get("/").await.headers.get("strict-transport-security").is_none());
}

#[tokio::test]
async fn unknown_addresses_and_wrong_methods_have_a_page() {
    let town = Town::new().await;
    let got = town.get("/nothing?lang=ja").await;
    assert_eq!((got.status, got.header("content-type")), (StatusCode::NOT_FOUND, "text/html; charset=utf-8"));
    assert!(got.body.contains("lang=\"ja\""));
    let got = town.post("/issues", FORM, "").await;
    assert_eq!((got.status, got.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD"));
    assert!(got.body.contains("There is no such page"));
}

#[tokio::test]
async fn a_base_url_with_a_path_works_whether_the_proxy_strips_it_or_not() {
    let town = Town::at("https://example.jp/letters/", &[]).await;
    for prefix in ["", "/letters"] {
        for page in ["/", "/issues", "/embed", "/assets/site.css", "/healthz"] {
            let got = town.get(&format!("{prefix}{page}")).await;
            assert_eq!(got.status, StatusCode::OK, "{prefix}{page}");
        }
    }
    assert_eq!(town.get("/letters").await.status, StatusCode::OK);
    let home = town.get("/letters/").await.body;
    assert!(home.contains("action=\"/letters/subscribe\"") && home.contains("href=\"/letters/assets/site.css?v"));
    assert!(town.get("/embed").await.body.contains("https://example.jp/letters/subscribe"));
    assert!(town.get("/robots.txt").await.body.contains("Disallow: /letters/unsubscribe/\n"));
    assert_eq!(town.get("/letters/nothing").await.status, StatusCode::NOT_FOUND);
    every_answer(&town).await.into_iter().for_each(|(what, got)| {
        assert!(!got.header("content-security-policy").is_empty(), "{what}");
    });
}

#[tokio::test]
async fn more_than_sixteen_kilobytes_are_not_read() {
    let town = Town::new().await;
    for (content_type, words) in [(FORM, "That was too much at once"), (JSON, "too_large"), (MULTIPART, "too much")] {
        let length = 16 * 1024 + 1;
        let request = asking("POST", "/subscribe").header(CONTENT_TYPE, content_type).header(CONTENT_LENGTH, length);
        let told = town.send(request.body(Body::from("x".repeat(length))).unwrap()).await;
        // The same without a length told in advance.
        let part = "--xx\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\na@example.jp\r\n".repeat(10);
        let chunks = (0..32).map(move |_| Ok::<_, std::io::Error>(part.clone()));
        let untold = town.post("/subscribe", content_type, Body::from_stream(futures_util::stream::iter(chunks))).await;
        for got in [told, untold] {
            assert_eq!(got.status, StatusCode::PAYLOAD_TOO_LARGE, "{content_type}");
            assert!(got.body.contains(words), "{content_type}");
        }
    }
    assert_eq!(town.sign_ups().await, 0);
}

async fn panics() -> &'static str {
    panic!("a page with {HANA} in its words")
}

async fn hangs() {
    std::future::pending::<()>().await;
}

async fn own_words() -> impl IntoResponse {
    (StatusCode::SERVICE_UNAVAILABLE, "words of its own")
}

#[tokio::test]
async fn a_page_that_panics_or_hangs_takes_nobody_down() {
    let town = Town::new().await;
    let routes = Router::new().route("/panics", get(panics)).route("/hangs", get(hangs)).route("/own", get(own_words));
    let router = limited(routes, &town.state).with_state(town.state.clone());
    let got = send(&router, asking("GET", "/panics").body(Body::empty()).unwrap()).await;
    assert_eq!(got.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(got.body.contains("Something went wrong") && !got.body.contains(HANA));
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    let got = send(&router, asking("GET", "/hangs").body(Body::empty()).unwrap()).await;
    assert_eq!((got.status, start.elapsed().as_secs()), (StatusCode::SERVICE_UNAVAILABLE, 10));
    assert!(got.body.contains("We will be back shortly"));
    assert_eq!(got.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn a_form_that_never_ends_is_given_up() {
    let town = Town::new().await;
    tokio::time::pause();
    let endless = futures_util::stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Some((Ok::<_, std::io::Error>("a"), ()))
    });
    let got = town.post("/subscribe", FORM, Body::from_stream(endless)).await;
    assert_eq!(got.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_the_name_of_their_version() {
    let town = Town::new().await;
    let home = town.get("/").await.body;
    let start = home.find("/assets/site.css?v").unwrap();
    let url = home[start..].split('"').next().unwrap().replace("&#x3D;", "=");
    let got = town.get(&url).await;
    assert_eq!(got.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(got.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(town.get("/assets/site.css?v=old").await.header("cache-control"), "no-cache");
    let etag = got.header("etag").to_owned();
    let again = asking("GET", "/assets/site.css").header("if-none-match", etag).body(Body::empty()).unwrap();
    assert_eq!(town.send(again).await.status, StatusCode::NOT_MODIFIED);
    assert_eq!(town.get("/assets/secrets.toml").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn health_is_told_plainly() {
    let town = Town::new().await;
    assert_eq!(town.get("/healthz").await.body, "alive\n");
    assert_eq!(town.get("/readyz").await.body, "ready\n");
    town.house.store.close().await;
    let got = town.get("/readyz").await;
    assert_eq!(
        (got.status, got.header("content-type")),
        (StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8")
    );
    assert_eq!(town.get("/healthz").await.status, StatusCode::OK);
    let got = town.post("/subscribe", FORM, "email=a%40example.jp").await;
    assert_eq!((got.status, got.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "30"));
    assert!(got.body.contains("We will be back shortly"));
}

#[tokio::test]
async fn pages_speak_the_visitors_language() {
    let town = Town::new().await;
    let accepting = async |path: &str, accept: &str| {
        town.send(asking("GET", path).header("accept-language", accept).body(Body::empty()).unwrap()).await.body
    };
    assert!(accepting("/", "ja-JP,ja;q=0.9").await.contains("<html lang=\"ja\""));
    assert!(accepting("/?lang=en", "ja").await.contains("<html lang=\"en\""));
    assert!(accepting("/", "fr").await.contains("<html lang=\"en\""));
}

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_address_and_no_token_is_logged_at_any_level() {
    let town = Town::new().await;
    town.house.bring(HANA, Confirmed).await;
    let token = town.house.unsubscribe_token(HANA).await;
    let paper = Paper::default();
    let writer = paper.clone();
    let log = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .finish();
    let guard = tracing::subscriber::set_default(log);
    // Other tests meet the same log lines without a log at this very moment, and may switch them off as they are first
    // met; the second round finds them met.
    for _ in 0..2 {
        town.post("/subscribe?canary-query", FORM, "email=canary-address%40example.jp&lang=en").await;
        town.post("/subscribe", FORM, "email=canary-address%40").await;
        town.get(&format!("/unsubscribe/{token}")).await;
        town.post(&format!("/unsubscribe/{token}"), FORM, "List-Unsubscribe=One-Click").await;
        town.get("/canary-path").await;
        tracing::callsite::rebuild_interest_cache();
    }
    town.house.settle().await;
    town.house.store.close().await;
    town.post("/subscribe", FORM, "email=canary-address%40example.jp").await;
    drop(guard);
    let log = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("POST /unsubscribe/{token} 200"), "{log}");
    for secret in ["canary", &token, HANA] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}
