//! No address, token or body in the log, at any level: a whole send at `trace`, with a relay that repeats addresses in
//! its replies, searched for what must not be there.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use assert_cmd::cargo::cargo_bin;
use kawaraban::smtpd::{Answer, Behaviour, MemoryInbox, Options, Peer, Server};
use tokio_util::sync::CancellationToken;

/// Refuses one reader and puts another off, each with the address in its words.
struct Chatty;

impl Behaviour for Chatty {
    fn on_rcpt(&self, _peer: &Peer, to: &str) -> Answer {
        match to {
            "canary-refused@example.jp" => Answer::Reply(550, format!("5.1.1 <{to}>: no such user")),
            "canary-later@example.jp" => Answer::Reply(450, format!("4.2.0 <{to}>: greylisted")),
            _ => Answer::Usual,
        }
    }
}

#[tokio::test]
async fn the_log_of_a_send_at_trace_names_nobody() {
    let inbox = Arc::new(MemoryInbox::new(10));
    let options = Options { behaviour: Arc::new(Chatty), ..Options::default() };
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), options, inbox.clone()).await.unwrap();
    let port = server.local_addr().unwrap().port();
    let stop = CancellationToken::new();
    tokio::spawn(server.run(stop.clone()));

    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("kawaraban.toml");
    fs::write(
        &config,
        format!(
            "base_url = \"https://news.example.jp\"
secret = \"canary-secret of more than thirty-two letters\"
[database]
url = \"sqlite://{}/kawaraban.db\"
[sender]
name = \"Press\"
email = \"news@example.jp\"
postal_address = \"Tokyo\"
contact = \"https://news.example.jp/\"
[[relays]]
name = \"main\"
host = \"127.0.0.1\"
port = {port}
tls = \"none\"
[log]
filter = \"trace\"
format = \"json\"
",
            folder.path().display()
        ),
    )
    .unwrap();
    let list = folder.path().join("list.csv");
    fs::write(&list, "canary-fine@example.jp\ncanary-refused@example.jp\ncanary-later@example.jp\n").unwrap();

    let mut log = String::new();
    for words in [
        &["subscribers", "import", list.to_str().unwrap(), "--confirmed", "--consent", "canary-consent"][..],
        &[
            "articles",
            "add",
            "--section",
            "news",
            "--title",
            "canary-title",
            "--url",
            "https://example.jp/1",
            "--summary",
            "canary-summary",
        ],
        &["send", "weekly", "--no-fetch"],
    ] {
        let (config, words) = (config.clone(), words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        let run = tokio::task::spawn_blocking(move || {
            Command::new(cargo_bin!("kawaraban")).arg("--config").arg(config).args(words).output().unwrap()
        });
        let output = tokio::time::timeout(Duration::from_secs(60), run).await.unwrap().unwrap();
        log += &String::from_utf8_lossy(&output.stderr);
    }
    stop.cancel();

    assert_eq!(inbox.taken(), 1, "the send did what it should: {log}");
    assert!(log.contains("\"level\":\"DEBUG\""), "the filter was not heeded: {log}");
    let token = kawaraban::mail::read(&inbox.mails()[0].content);
    let token =
        token.header("List-Unsubscribe").unwrap().rsplit_once("/v1.").unwrap().1.trim_end_matches('>').to_owned();
    let canaries = ["canary-fine", "canary-refused", "canary-later", "canary-secret", "canary-summary", "canary-title"];
    for canary in canaries.iter().copied().chain([token.as_str()]) {
        let seen = log.lines().find(|line| line.contains(canary));
        assert!(seen.is_none(), "{canary} is in the log: {}", seen.unwrap_or_default());
    }
}
