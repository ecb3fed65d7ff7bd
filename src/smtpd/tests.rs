//! The server, spoken to by hand.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;

use super::*;

struct Stage {
    addr: SocketAddr,
    inbox: Arc<MemoryInbox>,
    _stop: tokio_util::sync::DropGuard,
}

async fn stage(options: Options) -> Stage {
    let inbox = Arc::new(MemoryInbox::new(100));
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), options, inbox.clone()).await.unwrap();
    let addr = server.local_addr().unwrap();
    let stop = CancellationToken::new();
    tokio::spawn(server.run(stop.clone()));
    Stage { addr, inbox, _stop: stop.drop_guard() }
}

impl Stage {
    /// Says everything at once and returns all that was answered until the server hung up.
    async fn talk(&self, words: &str) -> String {
        let mut stream = TcpStream::connect(self.addr).await.unwrap();
        stream.write_all(words.as_bytes()).await.unwrap();
        let mut heard = String::new();
        stream.read_to_string(&mut heard).await.unwrap();
        heard
    }

    fn contents(&self) -> Vec<String> {
        self.inbox.mails().into_iter().map(|m| String::from_utf8(m.content).unwrap()).collect()
    }
}

fn codes(heard: &str) -> Vec<&str> {
    heard.lines().filter(|l| l.as_bytes().get(3) == Some(&b' ')).map(|l| &l[..3]).collect()
}

#[tokio::test]
async fn a_pipelined_message_is_taken_whole() {
    let stage = stage(Options::default()).await;
    let heard = stage
        .talk(
            "EHLO me\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c..d@docomo.ne.jp>\r\nDATA\r\n\
             Subject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n",
        )
        .await;
    assert_eq!(codes(&heard), ["220", "250", "250", "250", "354", "250", "221"], "{heard}");
    for extension in ["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "SIZE 10485760"] {
        assert!(heard.contains(extension), "{heard}");
    }
    assert!(!heard.contains("AUTH") && !heard.contains("STARTTLS"), "{heard}");
    assert_eq!(stage.contents(), ["Subject: x\r\n\r\n.dot\r\n"]);
    assert_eq!(stage.inbox.mails()[0].envelope.to, ["c..d@docomo.ne.jp"]);
}

#[tokio::test]
async fn only_crlf_dot_crlf_ends_a_message() {
    for ending in ["\n.\n", "\n.\r\n", "\r.\r", "\r\n.\r", "\r\n.\n", "\r.\r\n"] {
        let stage = stage(Options::default()).await;
        let smuggled = "MAIL FROM:<evil@b.example>\r\nRCPT TO:<victim@b.example>\r\nDATA\r\nsmuggled\r\n";
        let heard = stage
            .talk(&format!(
                "EHLO me\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@b.example>\r\nDATA\r\nhi{ending}{smuggled}.\r\nQUIT\r\n"
            ))
            .await;
        assert_eq!(codes(&heard).len(), 7, "{ending:?} {heard}");
        let contents = stage.contents();
        assert_eq!(contents.len(), 1, "{ending:?}");
        assert!(contents[0].contains("smuggled"), "{ending:?}");
    }
}

#[tokio::test]
async fn an_empty_message_ends_at_its_first_dot() {
    let stage = stage(Options::default()).await;
    let heard = stage.talk("EHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<c@b.example>\r\nDATA\r\n.\r\nQUIT\r\n").await;
    assert_eq!(codes(&heard), ["220", "250", "250", "250", "354", "250", "221"], "{heard}");
    assert_eq!(stage.contents(), [""]);
}

#[tokio::test]
async fn what_a_peer_can_send_is_bounded() {
    let options = Options { max_message_bytes: 1000, max_recipients: 2, ..Options::default() };
    let stage = stage(options).await;
    let long = "x".repeat(100_000);
    let heard = stage
        .talk(&format!(
            "EHLO me\r\nMAIL FROM:<a@b.example> SIZE=1001\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<1@b.example>\r\n\
             RCPT TO:<2@b.example>\r\nRCPT TO:<3@b.example>\r\nDATA\r\n{long}\r\n.\r\nNOOP\r\nQUIT\r\n"
        ))
        .await;
    assert_eq!(codes(&heard), ["220", "250", "552", "250", "250", "250", "452", "354", "552", "250", "221"], "{heard}");
    assert_eq!(stage.inbox.taken(), 0);

    let heard = stage.talk(&format!("EHLO {long}")).await;
    assert_eq!(codes(&heard), ["220", "500"]);
    let heard = stage.talk(&"FOO\r\n".repeat(30)).await;
    assert_eq!(codes(&heard).last(), Some(&"421"));
}

#[tokio::test]
async fn commands_out_of_order_are_refused() {
    let stage = stage(Options::default()).await;
    let heard = stage
        .talk("DATA\r\nRCPT TO:<a@b.example>\r\nMAIL FROM:<>\r\nDATA\r\nMAIL FROM:<>\r\nSTARTTLS\r\nAUTH PLAIN x\r\nBDAT 1\r\nQUIT\r\n")
        .await;
    assert_eq!(codes(&heard), ["220", "503", "503", "250", "554", "503", "502", "502", "502", "221"], "{heard}");
}

#[tokio::test]
async fn mail_waits_for_authentication_where_it_is_asked_for() {
    let options = Options { auth: Some(("me".into(), "secret".into())), auth_in_clear: true, ..Options::default() };
    let stage = stage(options).await;
    // base64 of NUL me NUL secret, and of NUL me NUL wrong
    let heard = stage
        .talk("EHLO me\r\nMAIL FROM:<>\r\nAUTH PLAIN AG1lAHdyb25n\r\nAUTH PLAIN AG1lAHNlY3JldA==\r\nMAIL FROM:<>\r\nQUIT\r\n")
        .await;
    assert!(heard.contains("AUTH PLAIN LOGIN"), "{heard}");
    assert_eq!(codes(&heard), ["220", "250", "530", "535", "235", "250", "221"], "{heard}");
    let heard = stage.talk("EHLO me\r\nAUTH LOGIN\r\nbWU=\r\nc2VjcmV0\r\nMAIL FROM:<>\r\nQUIT\r\n").await;
    assert_eq!(codes(&heard), ["220", "250", "334", "334", "235", "250", "221"], "{heard}");
}

#[tokio::test]
async fn a_silent_peer_is_shown_out() {
    let stage = stage(Options { idle_timeout: Duration::from_millis(50), ..Options::default() }).await;
    let heard = stage.talk("EHLO me\r\n").await;
    assert_eq!(codes(&heard), ["220", "250", "421"], "{heard}");
}

#[tokio::test]
async fn one_too_many_is_told_to_come_back() {
    let stage = stage(Options { max_connections: 1, ..Options::default() }).await;
    let mut first = TcpStream::connect(stage.addr).await.unwrap();
    let mut greeting = [0; 3];
    first.read_exact(&mut greeting).await.unwrap();
    assert_eq!(&greeting, b"220");
    let mut second = String::new();
    TcpStream::connect(stage.addr).await.unwrap().read_to_string(&mut second).await.unwrap();
    assert!(second.starts_with("421 "), "{second}");
}

#[tokio::test]
async fn it_stays_on_loopback_unless_told_otherwise() {
    let inbox = Arc::new(MemoryInbox::new(1));
    assert!(Server::bind("0.0.0.0:0".parse().unwrap(), Options::default(), inbox).await.is_err());
}

#[tokio::test]
async fn stopping_says_goodbye() {
    let inbox = Arc::new(MemoryInbox::new(1));
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), Options::default(), inbox).await.unwrap();
    let addr = server.local_addr().unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(server.run(stop.clone()));
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let mut greeting = [0; 3];
    stream.read_exact(&mut greeting).await.unwrap();
    stop.cancel();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(rest.contains("421 "), "{rest}");
    running.await.unwrap();
}

#[test]
fn a_memory_inbox_forgets_the_oldest() {
    let inbox = MemoryInbox::new(2);
    let envelope =
        Envelope { connection: 1, hello: String::new(), encrypted: false, user: None, from: String::new(), to: vec![] };
    for n in 1..=3 {
        drop(inbox.take(envelope.clone(), vec![n]));
    }
    assert_eq!(inbox.taken(), 3);
    assert_eq!(inbox.mails().iter().map(|m| m.number).collect::<Vec<_>>(), [2, 3]);
}
