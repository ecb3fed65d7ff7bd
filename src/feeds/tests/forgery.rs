//! Server-side request forgery: what must not be connected to is not, whoever asks and however it is spelt.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::super::fetcher::Limits;
use super::super::guard::LookUp;
use super::super::{BlockRule, FeedError, Fetcher, Found, MAX_REDIRECTS};
use super::server::{Reply, Server};
use super::{fetch, fetcher, policy};
use crate::domain::feed::Validators;

/// So often each spelling is tried.
const TRIES: usize = 1000;

/// Spellings of addresses that are not the public's; `PORT` is the canary's.
pub(super) const BLOCKED: [&str; 46] = [
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
pub(super) const REFUSED: [&str; 13] = [
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
    // Not every one of a thousand tries is to wait for its turn.
    let limits = Limits { gap: Duration::ZERO, ..Limits::default() };
    let fetcher = Fetcher::with_limits(policy(), limits).unwrap();
    for url in BLOCKED.iter().chain(&REFUSED) {
        let is_address = BLOCKED.contains(url);
        let url = url.replace("PORT", &canary.port().to_string());
        for _ in 0..TRIES {
            let error = fetcher.fetch(&url, &Validators::default()).await.unwrap_err();
            assert!(matches!(error, FeedError::Blocked(_)), "{url}: {error}");
            assert_eq!(matches!(error, FeedError::Blocked(BlockRule::Address(..))), is_address, "{url}: {error}");
        }
    }
    assert_eq!(canary.connections(), 0);
}

/// Names that lead where `answer` says, given how often it was asked.
fn names(answer: impl Fn(usize) -> Vec<Ipv4Addr> + Send + Sync + 'static) -> (LookUp, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let look_up: LookUp = Arc::new(move |_| {
        let found = answer(count.fetch_add(1, Ordering::SeqCst));
        Box::pin(async move { Ok(found.into_iter().map(|ip| SocketAddr::new(ip.into(), 0)).collect()) })
    });
    (look_up, asked)
}

const OPEN: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const CLOSED: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 1);

fn fetcher_with(names: &LookUp) -> Fetcher {
    Fetcher::with_names(policy(), Limits::default(), names).unwrap()
}

#[tokio::test]
async fn of_a_name_with_open_and_blocked_addresses_only_the_open_ones_are_asked() {
    let server = Server::start(|_| Reply::feed(super::small_feed("One"))).await;
    let canary = Server::canary_at(server.port()).await;
    let (look_up, _) = names(|n| if n % 2 == 0 { vec![CLOSED, OPEN] } else { vec![OPEN, CLOSED] });
    let fetcher = fetcher_with(&look_up);
    let url = format!("http://mixed.example:{}/", server.port());
    for _ in 0..20 {
        fetcher.fetch(&url, &Validators::default()).await.unwrap();
    }
    assert_eq!((server.connections(), canary.connections()), (20, 0));
}

#[tokio::test]
async fn a_name_that_leads_inside_the_second_time_is_not_followed_there() {
    // It answers with the open address first, and with the blocked one whenever it is asked again.
    let server = Server::start(|path| match path {
        "/hop" => Reply::redirect(302, "/again"),
        _ => Reply::feed(super::small_feed("One")),
    })
    .await;
    let canary = Server::canary_at(server.port()).await;
    for path in ["/", "/hop"] {
        let (look_up, asked) = names(|n| vec![if n == 0 { OPEN } else { CLOSED }]);
        let fetcher = fetcher_with(&look_up);
        let url = format!("http://rebinding.example:{}{path}", server.port());
        let first = fetcher.fetch(&url, &Validators::default()).await;
        // The address that was judged is the one that is asked: one look-up for one connection.
        assert_eq!(first.is_ok(), path == "/");
        for _ in 0..50 {
            let again = fetcher.fetch(&url, &Validators::default()).await;
            assert!(matches!(again, Err(FeedError::Blocked(BlockRule::Address(..)))), "{again:?}");
        }
        assert_eq!(asked.load(Ordering::SeqCst), if path == "/" { 51 } else { 52 });
    }
    assert_eq!((server.connections(), canary.connections()), (2, 0));
}

#[tokio::test]
async fn a_page_cannot_lead_a_search_for_feeds_inside() {
    let canary = Server::canary().await;
    let links: String = BLOCKED
        .iter()
        .map(|url| {
            let href = url.trim().replace("PORT", &canary.port().to_string());
            format!("<link rel=alternate type='application/rss+xml' href='{href}'>")
        })
        .collect();
    let server = Server::start(move |_| Reply::feed(format!("<html><head>{links}</head>"))).await;
    let fetcher = fetcher();
    let Found::Page(feeds) = fetcher.look(&server.url("/")).await.unwrap() else { panic!("it is a page") };
    assert!(feeds.len() > 20, "{}", feeds.len());
    for feed in feeds {
        // Some are relative to the page, and lead back to it.
        if !feed.url.starts_with(&server.url("")) {
            let error = fetcher.look(&feed.url).await.unwrap_err();
            assert!(matches!(error, FeedError::Blocked(_)), "{}: {error}", feed.url);
        }
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
