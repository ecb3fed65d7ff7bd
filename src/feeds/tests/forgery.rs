//! Server-side request forgery: what must not be connected to is not, whoever asks and however it is spelt.

use super::super::{BlockRule, FeedError, MAX_REDIRECTS};
use super::fetch;
use super::server::{Reply, Server};

/// Spellings of addresses that are not the public's; `PORT` is the canary's.
const BLOCKED: [&str; 46] = [
    "http://127.0.0.1:PORT/",
    "http://127.1:PORT/",
    "http://0:PORT/",
    "http://0.0.0.0:PORT/",
    "http://2130706433:PORT/",
    "http://0x7f000001:PORT/",
    "http://0x7f.1:PORT/",
    "http://0177.0.0.1:PORT/",
    "http://[::]:PORT/",
    "http://[::1]:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/",
    "http://[::127.0.0.1]:PORT/",
    "http://[64:ff9b::7f00:1]:PORT/",
    "http://[64:ff9b:1::7f00:1]:PORT/",
    "http://[2002:7f00:1::]:PORT/",
    "http://[2001:0:7f00:1::]:PORT/",
    "http://localhost:PORT/",
    "http://LOCALHOST:PORT/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/",
    "http://１２７.0.0.1:PORT/",
    "http://127。0。0。1:PORT/",
    "http:127.0.0.1:PORT/",
    "http:\\\\127.0.0.1:PORT\\",
    "  http://127.0.0.1:PORT/\n",
    "ht\ttp://127.0.0.1:PORT/",
    "http://127.0.0.1/",
    "http://localhost/",
    "https://127.0.0.1/",
    "https://localhost/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://10.0.0.1/",
    "http://100.64.0.1/",
    "http://192.168.0.1/",
    "http://172.16.0.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[fd00::1]/",
    "http://[fe80::1]/",
    "http://[ff02::1]/",
    "http://127.1.1.1:80\\@127.2.2.2:80/",
    "http://127.0.0.1:PORT#@127.0.0.2/",
    "http://127.0.0.1:PORT?@127.0.0.2/",
    "http://127.0.0.3:PORT/",
];

/// What is not a request for a feed at all.
const REFUSED: [&str; 13] = [
    "file:///etc/passwd",
    "gopher://127.0.0.1:PORT/_x",
    "ftp://127.0.0.1:PORT/",
    "data:text/xml,<rss/>",
    "javascript:alert(1)",
    "unix:/run/docker.sock",
    "http://user@127.0.0.1:PORT/",
    "http://user:pass@news.example.jp/",
    "http://127.0.0.2:80@127.0.0.1:PORT/",
    "http://[fe80::1%25eth0]/",
    "http://",
    "//127.0.0.1:PORT/",
    "",
];

#[tokio::test]
async fn no_spelling_of_a_blocked_address_is_connected_to() {
    let canary = Server::canary().await;
    for url in BLOCKED {
        let url = url.replace("PORT", &canary.port().to_string());
        let error = fetch(&url).await.unwrap_err();
        assert!(matches!(error, FeedError::Blocked(BlockRule::Address(..))), "{url}: {error}");
    }
    for url in REFUSED {
        let url = url.replace("PORT", &canary.port().to_string());
        let error = fetch(&url).await.unwrap_err();
        assert!(matches!(error, FeedError::Blocked(_)), "{url}: {error}");
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn no_redirect_leads_to_a_blocked_address() {
    let canary = Server::canary().await;
    let targets: Vec<String> =
        BLOCKED.iter().map(|url| url.trim().replace("PORT", &canary.port().to_string())).collect();
    // A header cannot hold what a URL in a form can: those are left to the test above.
    let targets: Vec<String> = targets.into_iter().filter(|url| !url.contains(['\t', '\n'])).collect();
    let locations = targets.clone();
    let server = Server::start(move |path| {
        let (status, index) = path[1..].split_once('/').unwrap();
        Reply::redirect(status.parse().unwrap(), &locations[index.parse::<usize>().unwrap()])
    })
    .await;
    for status in [301, 302, 303, 307, 308] {
        for (index, target) in targets.iter().enumerate() {
            let error = fetch(&server.url(&format!("/{status}/{index}"))).await.unwrap_err();
            // "http:host" is relative to a page that is http itself, and so leads back to the server.
            if target.starts_with("http:1") {
                continue;
            }
            assert!(matches!(error, FeedError::Blocked(BlockRule::Address(..))), "{status} {target}: {error}");
        }
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn a_redirect_keeps_to_http_and_says_no_names() {
    let server = Server::start(|path| match path {
        "/file" => Reply::redirect(302, "file:///etc/passwd"),
        "/user" => Reply::redirect(302, "//user:pass@127.0.0.2/"),
        "/nowhere" => Reply::with("302 Found", "", ""),
        _ => Reply::redirect(302, "http://["),
    })
    .await;
    let error = |path| {
        let url = server.url(path);
        async move { fetch(&url).await.unwrap_err() }
    };
    assert!(matches!(error("/file").await, FeedError::Blocked(BlockRule::Scheme(_))));
    assert!(matches!(error("/user").await, FeedError::Blocked(BlockRule::UserInfo)));
    assert!(matches!(error("/nowhere").await, FeedError::Redirect(_)));
    assert!(matches!(error("/broken").await, FeedError::Redirect(_)));
}

#[tokio::test]
async fn redirects_come_to_an_end() {
    let server = Server::start(|path| match path.rsplit('/').next().unwrap().parse::<usize>() {
        Ok(0) => Reply::feed(super::small_feed("Arrived")),
        Ok(left) => Reply::redirect(302, &format!("/{}", left - 1)),
        Err(_) => Reply::redirect(307, "loop"),
    })
    .await;
    assert_eq!(fetch(&server.url(&format!("/{MAX_REDIRECTS}"))).await.unwrap().items[0].title, "Arrived");
    for path in ["/6", "/20", "/loop"] {
        let before = server.connections();
        assert!(matches!(fetch(&server.url(path)).await, Err(FeedError::Redirect(_))), "{path}");
        assert_eq!(server.connections() - before, MAX_REDIRECTS + 1);
    }
}

#[tokio::test]
async fn other_ports_are_for_allowed_networks_alone() {
    for url in ["http://1.1.1.1:22/", "http://news.invalid:8080/", "https://[2606:4700::1111]:8443/"] {
        let error = fetch(url).await.unwrap_err();
        // A name on such a port is looked up, because it might lead to an allowed network.
        assert!(matches!(error, FeedError::Blocked(BlockRule::Port(_)) | FeedError::Network(_)), "{url}: {error}");
    }
}
