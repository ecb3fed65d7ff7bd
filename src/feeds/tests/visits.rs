//! Conditional GET, redirects, statuses and the bounds of a visit.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::super::fetcher::Limits;
use super::super::{FeedError, Fetched, Fetcher, MAX_BODY_BYTES};
use super::server::{Reply, Server};
use super::{fetch, fetcher, policy, small_feed};
use crate::domain::feed::Validators;

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let server = Server::start(|path| match path {
        "/304" => Reply::with("304 Not Modified", "", ""),
        _ => Reply::with(
            "200 OK",
            "ETag: W/\"v7 \u{e9}~\"\r\nLast-Modified: Fri, 06 Nov 2026 08:00:00 GMT\r\n",
            small_feed("One"),
        ),
    })
    .await;
    let first = fetch(&server.url("/")).await.unwrap();
    assert_eq!(first.validators.last_modified.as_deref(), Some("Fri, 06 Nov 2026 08:00:00 GMT"));
    let again = fetcher().fetch(&server.url("/304"), &first.validators).await.unwrap();
    assert!(matches!(again, Fetched::NotModified { .. }));
    let [plain, conditional] = &server.requests()[..] else { panic!("two requests") };
    assert!(!plain.contains("if-none-match") && !plain.contains("if-modified-since"));
    assert!(plain.contains("user-agent: Kawaraban/0.0 (+https://news.example.jp)\r\n"), "{plain}");
    assert!(!plain.to_lowercase().contains("cookie") && !plain.contains("zstd"));
    // The server's bytes, which were UTF-8 here, come back as they were.
    assert!(conditional.contains("if-none-match: W/\"v7 \u{c3}\u{a9}~\"\r\n"), "{conditional}");
    assert!(conditional.contains("if-modified-since: Fri, 06 Nov 2026 08:00:00 GMT\r\n"));
}

#[tokio::test]
async fn a_304_that_was_not_asked_for_is_an_error() {
    let server = Server::start(|_| Reply::with("304 Not Modified", "", "")).await;
    assert!(matches!(fetch(&server.url("/")).await, Err(FeedError::Http { status: 304, .. })));
}

#[tokio::test]
async fn links_belong_to_where_the_feed_was_found() {
    let server = Server::start(|path| match path {
        "/a" => Reply::redirect(301, "/b/"),
        "/b/" => Reply::redirect(308, "feed"),
        "/c" => Reply::redirect(302, "/a"),
        _ => Reply::feed(small_feed("One").replace("/1", "1")),
    })
    .await;
    let feed = fetch(&server.url("/a")).await.unwrap();
    assert_eq!(feed.final_url, server.url("/b/feed"));
    assert_eq!(feed.items[0].url, server.url("/b/1"));
    assert!(feed.moved_for_good);
    assert!(!fetch(&server.url("/c")).await.unwrap().moved_for_good);
    assert!(!fetch(&server.url("/b/feed")).await.unwrap().moved_for_good);
}

#[tokio::test]
async fn statuses_are_told_apart() {
    let server = Server::start(|path| match path {
        "/410" => Reply::with("410 Gone", "", ""),
        "/429" => Reply::with("429 Slow", "Retry-After: 90\r\n", ""),
        "/404" => Reply::with("404 Not Found", "", small_feed("no")),
        "/garbage" => Reply::Bytes(b"SSH-2.0-OpenSSH\r\n".to_vec()),
        _ => Reply::Bytes(Vec::new()),
    })
    .await;
    let error = |path: &str| {
        let url = server.url(path);
        async move { fetch(&url).await.unwrap_err() }
    };
    assert!(matches!(error("/410").await, FeedError::Gone));
    assert!(matches!(error("/404").await, FeedError::Http { status: 404, retry_after: None }));
    let wait = Some(Duration::from_secs(90));
    assert!(matches!(error("/429").await, FeedError::Http { status: 429, retry_after } if retry_after == wait));
    for path in ["/garbage", "/closed"] {
        let error = error(&format!("{path}?token=secret")).await;
        assert!(matches!(error, FeedError::Network(_)), "{error}");
        assert!(!error.to_string().contains("secret") && !format!("{error:?}").contains("secret"), "{error}");
    }
    let closed = server.url("/");
    drop(server);
    let refused = fetch(&closed).await;
    assert!(matches!(refused, Err(FeedError::Network(_)) | Err(FeedError::Timeout(_))), "{refused:?}");
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit_whatever_its_length_says() {
    let server = Server::start(|path| match path {
        "/honest" => Reply::Stall(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 50 << 20).into_bytes()),
        "/chunked" => Reply::Endless(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
            [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat(),
        ),
        "/unsaid" => Reply::Endless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b' '; 0x10000]),
        "/short" => Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n<rss>".to_vec()),
        // What comes after the declared length is not the body.
        _ => Reply::Bytes(format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n{}", small_feed("x")).into_bytes()),
    })
    .await;
    for path in ["/honest", "/chunked", "/unsaid"] {
        let error = fetch(&server.url(path)).await.unwrap_err();
        assert!(matches!(error, FeedError::TooLarge { limit_bytes: MAX_BODY_BYTES }), "{path}: {error}");
    }
    assert!(matches!(fetch(&server.url("/short")).await, Err(FeedError::Network(_))));
    assert!(matches!(fetch(&server.url("/empty")).await, Err(FeedError::NotAFeed { .. })));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// 64 MiB of spaces, in brotli.
const BROTLI_BOMB: &[u8] = include_bytes!("../../../tests/fixtures/feeds/spaces-64-mib.br");

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_bomb_is_put_out_by_the_decompressed_size() {
    // 64 MiB in 64 KiB; in a second layer, in 200 bytes.
    let bomb = gzip(&vec![b' '; 64 << 20]);
    let nested = gzip(&bomb);
    let deflate = deflated(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 100_000 && nested.len() < 2_000);
    let server = Server::start(move |path| match path {
        "/feed" => Reply::with("200 OK", "Content-Encoding: gzip\r\n", gzip(small_feed("Packed").as_bytes())),
        "/bomb" => Reply::with("200 OK", "Content-Encoding: gzip\r\n", &bomb),
        "/brotli" => Reply::with("200 OK", "Content-Encoding: br\r\n", BROTLI_BOMB),
        "/deflate" => Reply::with("200 OK", "Content-Encoding: deflate\r\n", &deflate),
        "/nested" => Reply::with("200 OK", "Content-Encoding: gzip, gzip\r\n", &nested),
        "/torn" => Reply::with("200 OK", "Content-Encoding: gzip\r\n", &bomb[..1000]),
        _ => Reply::with("200 OK", "Content-Encoding: zstd\r\n", b"\x28\xb5\x2f\xfd"),
    })
    .await;
    assert_eq!(fetch(&server.url("/feed")).await.unwrap().items[0].title, "Packed");
    for path in ["/bomb", "/brotli", "/deflate"] {
        let error = fetch(&server.url(path)).await.unwrap_err();
        assert!(matches!(error, FeedError::TooLarge { .. }), "{path}: {error}");
    }
    for path in ["/nested", "/torn", "/zstd"] {
        let error = fetch(&server.url(path)).await.unwrap_err();
        assert!(!matches!(error, FeedError::Blocked(_)), "{path}: {error}");
    }
}

#[tokio::test]
async fn a_slow_server_is_left() {
    let wait = Duration::from_millis(200);
    let limits = Limits { connect: wait, total: wait, body_bytes: 1000, ..Limits::default() };
    let fetcher = Fetcher::with_limits(policy(), limits).unwrap();
    let server = Server::start(|path| match path {
        "/head" => Reply::Stall(b"HTTP/1.1 200 OK\r\n".to_vec()),
        "/body" => Reply::Stall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<rss>".to_vec()),
        _ => Reply::Stall(Vec::new()),
    })
    .await;
    for path in ["/silent", "/head", "/body"] {
        let error = fetcher.fetch(&server.url(path), &Validators::default()).await.unwrap_err();
        assert!(matches!(error, FeedError::Timeout(_)), "{path}: {error}");
    }
}

#[tokio::test]
async fn the_charset_of_the_header_counts() {
    let server = Server::start(|path| {
        let (kind, body): (_, &[u8]) = match path {
            "/sjis" => (
                "application/rss+xml; charset=Shift_JIS",
                include_bytes!("../../../tests/fixtures/feeds/shift_jis-undeclared.xml"),
            ),
            _ => {
                ("text/xml; charset=\"euc-jp\"", include_bytes!("../../../tests/fixtures/feeds/euc-jp-undeclared.rdf"))
            }
        };
        Reply::with("200 OK", &format!("Content-Type: {kind}\r\n"), body)
    })
    .await;
    assert_eq!(fetch(&server.url("/sjis")).await.unwrap().title.unwrap(), "古書店街の知らせ");
    assert_eq!(fetch(&server.url("/euc")).await.unwrap().title.unwrap(), "沿線ニュース");
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_is_refused() {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.2".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.2:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        tokio_rustls::TlsAcceptor::from(Arc::new(config)).accept(stream).await.is_ok()
    });
    let error = fetch(&format!("https://127.0.0.2:{port}/")).await.unwrap_err();
    assert!(matches!(&error, FeedError::Network(cause) if cause.contains("certificate")), "{error}");
    assert!(!server.await.unwrap());
}
