//! The demo, seen from outside: the journey it makes by itself, and an inbox that shows any mail and obeys none.

use kawaraban::demo::{Addresses, Demo, DemoOptions, Form, run};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// Fetches `path` of the inbox: the head of the answer, and its body.
async fn get(addresses: &Addresses, path: &str) -> (String, String) {
    ask(addresses, &format!("GET {path} HTTP/1.1\r\nHost: inbox\r\nConnection: close\r\n\r\n")).await
}

async fn ask(addresses: &Addresses, request: &str) -> (String, String) {
    let address = addresses.inbox.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_lowercase(), body.to_owned())
}

/// Hands a message to the demo's mail server.
async fn deliver(addresses: &Addresses, message: &str) {
    let (reading, mut writing) = TcpStream::connect(addresses.relay).await.unwrap().into_split();
    let mut replies = BufReader::new(reading).lines();
    let mut expect = async |code: &str| {
        let reply = replies.next_line().await.unwrap().unwrap();
        assert!(reply.starts_with(code), "{reply}");
    };
    expect("220").await;
    for (line, code) in [
        ("HELO localhost", "250"),
        ("MAIL FROM:<a@example.jp>", "250"),
        ("RCPT TO:<b@example.jp>", "250"),
        ("DATA", "354"),
        (&format!("{message}\r\n."), "250"),
        ("QUIT", "221"),
    ] {
        writing.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        expect(code).await;
    }
}

/// Runs a demo while `visit` looks at it.
async fn with_demo(visit: impl AsyncFnOnce(&Addresses)) {
    let demo = Demo::set_up(0).await.unwrap();
    let addresses = demo.addresses().clone();
    let stop = CancellationToken::new();
    let serving = tokio::spawn(demo.serve(stop.clone()));
    visit(&addresses).await;
    stop.cancel();
    serving.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journey_of_two_readers_goes_well() {
    let options = DemoOptions { once: true, port: 0, form: Form::Words, stop: CancellationToken::new() };
    Box::pin(run(options)).await.unwrap();
}

#[tokio::test]
async fn a_demo_that_is_stopped_ends_well() {
    let stop = CancellationToken::new();
    stop.cancel();
    Box::pin(run(DemoOptions { once: false, port: 0, form: Form::Words, stop: stop.clone() })).await.unwrap();
    let error = Box::pin(run(DemoOptions { once: true, port: 0, form: Form::Words, stop })).await.unwrap_err();
    assert!(error.to_string().starts_with("stopped in the middle of the journey"), "{error}");
}

#[tokio::test]
async fn a_malicious_mail_is_shown_and_not_obeyed() {
    const SCRIPT: &str = "<script>alert(1)</script>";
    let message = format!(
        "From: \"{SCRIPT}\" <a@example.jp>\r\nTo: \"'><img src=x onerror=alert(1)>\" <b@example.jp>\r\n\
         Subject: {SCRIPT}\"><iframe src=//evil.example>\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\n{SCRIPT} http://evil.example/\"onclick=\"alert(1)\r\n\
         --b\r\nContent-Type: text/html\r\n\r\n<head><base target=_top></head>{SCRIPT}<form action=/send method=post>\r\n\
         --b--"
    );
    with_demo(async |addresses| {
        deliver(addresses, &message).await;
        for path in ["/", "/mail/1", "/mail/1/text", "/mail/1/source"] {
            let (head, body) = get(addresses, path).await;
            assert!(head.starts_with("http/1.1 200"), "{path}: {head}");
            assert!(head.contains("content-security-policy: default-src 'none'; style-src 'self'"), "{path}: {head}");
            assert!(body.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{path}: {body}");
            for obeyed in ["<script", "<img", "<iframe src=//", "<iframe src=\"//", "\"onclick"] {
                assert!(!body.contains(obeyed), "{path}: {obeyed} in {body}");
            }
        }
        let (_, page) = get(addresses, "/mail/1").await;
        let frame = "<iframe src=\"/mail/1/frame\" title=\"&lt;script";
        assert!(page.contains(frame), "{page}");
        assert!(page.contains("sandbox=\"allow-popups allow-popups-to-escape-sandbox\""), "{page}");
        let (_, text) = get(addresses, "/mail/1/text").await;
        assert!(
            text.contains("<a href=\"http://evil.example/\" target=\"_blank\" rel=\"noopener noreferrer\">"),
            "{text}"
        );

        // The HTML part comes as it is, with nothing it could do.
        let (head, body) = get(addresses, "/mail/1/frame").await;
        for limit in [
            "default-src 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
            "sandbox allow-popups allow-popups-to-escape-sandbox;",
        ] {
            assert!(head.contains(limit), "{limit} in {head}");
        }
        assert!(!head.contains("script"), "{head}");
        assert!(body.starts_with("<head><base target=\"_blank\"><base target=_top>"), "{body}");
        assert!(body.contains(SCRIPT));
    })
    .await;
}

#[tokio::test]
async fn the_buttons_say_what_they_did() {
    let press = async |addresses: &Addresses, button: &str, extra: &str| {
        let request =
            format!("POST {button} HTTP/1.1\r\nHost: inbox\r\nContent-Length: 0\r\nConnection: close\r\n{extra}\r\n");
        let (head, _) = ask(addresses, &request).await;
        (head, get(addresses, "/").await.1)
    };
    with_demo(async |addresses| {
        let (head, page) = press(addresses, "/send", "Sec-Fetch-Site: cross-site\r\n").await;
        assert!(head.starts_with("http/1.1 403"), "{head}");
        assert!(page.contains("No mail yet.") && !page.contains("role=\"status\""), "{page}");

        let (head, page) = press(addresses, "/send", "").await;
        assert!(head.starts_with("http/1.1 303") && head.contains("location: /"), "{head}");
        assert!(page.contains("Nobody is subscribed yet, so nothing was sent."), "{page}");

        let (_, page) = press(addresses, "/readers", "Sec-Fetch-Site: same-origin\r\n").await;
        assert!(page.contains("5 sample readers are subscribed from now on."), "{page}");
        let (_, page) = press(addresses, "/readers", "").await;
        assert!(page.contains("The sample readers were added before"), "{page}");

        let (_, page) = press(addresses, "/send", "").await;
        assert!(page.contains("Issue 1 "), "{page}");
        assert!(page.contains("5 readers subscribed. 0 articles wait"), "{page}");
        let (_, page) = press(addresses, "/send", "").await;
        assert!(page.contains("No mail was sent: nothing new since issue 1."), "{page}");
        let (head, _) = get(addresses, "/mail/0").await;
        assert!(head.starts_with("http/1.1 404"), "{head}");
    })
    .await;
}

#[tokio::test]
async fn sample_articles_can_be_opened_and_their_feeds_are_fetched_only_when_they_changed() {
    with_demo(async |addresses| {
        let feeds = Addresses { inbox: addresses.feeds.clone(), ..addresses.clone() };
        let (head, body) = get(&feeds, "/minatomachi/1").await;
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(body.contains("<article class=\"sheet sample\" lang=\"ja\">"), "{body}");
        for missing in ["/minatomachi/0", "/minatomachi/99", "/nowhere/1", "/minatomachi/feed.atom"] {
            assert!(get(&feeds, missing).await.0.starts_with("http/1.1 404"), "{missing}");
        }
        let (head, _) = get(&feeds, "/minatomachi/rss.xml").await;
        let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
        let request = "GET /minatomachi/rss.xml HTTP/1.1\r\nHost: feeds\r\nConnection: close\r\n";
        let (head, _) = ask(&feeds, &format!("{request}If-None-Match: {tag}\r\n\r\n")).await;
        assert!(head.starts_with("http/1.1 304"), "{head}");
    })
    .await;
}
