//! Pictures: what a feed may not be led to, a picture may not be led to either.

use super::super::{BlockRule, PictureError, PictureFetcher};
use super::forgery::{BLOCKED, REFUSED};
use super::policy;
use super::server::{Reply, Server};

fn fetcher() -> PictureFetcher {
    PictureFetcher::new(&policy(), 1200).unwrap()
}

#[tokio::test]
async fn no_spelling_of_a_blocked_address_is_connected_to_for_a_picture() {
    let canary = Server::canary().await;
    let fetcher = fetcher();
    for url in BLOCKED.iter().chain(&REFUSED) {
        let is_address = BLOCKED.contains(url);
        let url = url.replace("PORT", &canary.port().to_string());
        let error = fetcher.fetch(&url).await.unwrap_err();
        assert!(matches!(error, PictureError::Blocked(_)), "{url}: {error}");
        assert_eq!(matches!(error, PictureError::Blocked(BlockRule::Address(..))), is_address, "{url}: {error}");
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn no_redirect_leads_a_picture_to_a_blocked_address() {
    let canary = Server::canary().await;
    let targets: Vec<String> = BLOCKED
        .iter()
        .map(|url| url.trim().replace("PORT", &canary.port().to_string()))
        // A header cannot hold all that a URL in a feed can, and "http:host" leads back to a page that is http itself.
        .filter(|url| !url.contains(['\t', '\n']) && !url.starts_with("http:1"))
        .collect();
    let locations = targets.clone();
    let server = Server::start(move |path| {
        let (status, index) = path[1..].split_once('/').unwrap();
        Reply::redirect(status.parse().unwrap(), &locations[index.parse::<usize>().unwrap()])
    })
    .await;
    let fetcher = fetcher();
    for status in [301, 302, 303, 307, 308] {
        for (index, target) in targets.iter().enumerate() {
            let error = fetcher.fetch(&server.url(&format!("/{status}/{index}"))).await.unwrap_err();
            assert!(matches!(error, PictureError::Blocked(BlockRule::Address(..))), "{status} {target}: {error}");
        }
    }
    assert_eq!(server.connections(), 5 * targets.len(), "each was asked once, and told the way");
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn a_redirect_of_a_picture_keeps_to_http_and_comes_to_an_end() {
    let server = Server::start(|path| match path {
        "/file" => Reply::redirect(302, "file:///etc/passwd"),
        "/user" => Reply::redirect(302, "//user:pass@127.0.0.2/"),
        "/broken" => Reply::redirect(302, "http://["),
        _ => Reply::redirect(302, "loop"),
    })
    .await;
    let fetcher = fetcher();
    let error = async |path| fetcher.fetch(&server.url(path)).await.unwrap_err();
    assert!(matches!(error("/file").await, PictureError::Blocked(BlockRule::Scheme(_))));
    assert!(matches!(error("/user").await, PictureError::Blocked(BlockRule::UserInfo)));
    assert!(matches!(error("/broken").await, PictureError::Refused(_)));
    let before = server.connections();
    assert!(matches!(error("/loop").await, PictureError::Refused(_)));
    assert_eq!(server.connections() - before, 4, "the first, and three more");
}
