//! One round trip a message, and what happens when a group is answered in parts (RFC 2920).

use super::stage::*;
use crate::{
    domain::delivery::{Outcome, Reply},
    mail::{Finished, Phase, Session},
    smtpd::{Answer, Options},
};

const TWO: &[u8] = b"Subject: two\r\n\r\nbody\r\n";

async fn begun(stage: &Stage) -> Session {
    let mut session = stage.connect().await.unwrap();
    session.begin(FROM, "good@example.com").await.unwrap();
    session
}

/// The two steps at once.
async fn finish_and_begin(session: &mut Session, message: &[u8], next: Option<(&str, &str)>) -> Finished {
    let mut finished = session.finish_and_announce(message, next).await;
    if finished.next == Some(Ok(())) {
        finished.next = Some(session.hear_next().await);
    }
    finished
}

#[tokio::test]
async fn the_next_message_is_begun_in_one_breath_with_the_content() {
    let stage = Stage::polite().await;
    let mut session = begun(&stage).await;
    for n in 0..20 {
        let finished = finish_and_begin(&mut session, MESSAGE, Some((FROM, &format!("r{n}@example.com")))).await;
        assert!(matches!(finished.outcome, Outcome::Accepted(_)));
        assert_eq!(finished.next, Some(Ok(())));
    }
    assert!(matches!(session.finish(TWO).await, Outcome::Accepted(_)));
    assert!(session.is_usable());
    let mails = stage.mails();
    assert_eq!(mails.len(), 21);
    assert_eq!((&*mails[0].content, &*mails[20].content), (MESSAGE, TWO));
    assert_eq!(mails[20].envelope.to, ["r19@example.com"]);
}

#[tokio::test]
async fn without_the_extension_each_command_waits_for_its_reply() {
    let plain = Answer::Reply(250, "relay.example\nSMTPUTF8".into());
    let stage = Stage::told([(At::Ehlo, plain)]).await;
    let mut session = begun(&stage).await;
    assert!(!session.pipelines());
    let finished = finish_and_begin(&mut session, MESSAGE, Some((FROM, TO))).await;
    assert!(matches!(finished.outcome, Outcome::Accepted(_)));
    assert_eq!(finished.next, None, "it was not begun");
    session.begin(FROM, TO).await.unwrap();
    assert!(matches!(session.finish(TWO).await, Outcome::Accepted(_)));
    assert_eq!(stage.mails().len(), 2);
}

#[tokio::test]
async fn a_refused_recipient_behind_an_accepted_message_costs_neither_it_nor_the_connection() {
    let stage = Stage::told([(At::Rcpt, no(550, "5.1.1 no such user"))]).await;
    let mut session = begun(&stage).await;
    let finished = finish_and_begin(&mut session, MESSAGE, Some((FROM, "bad@example.com"))).await;
    assert!(matches!(finished.outcome, Outcome::Accepted(_)));
    let refusal = finished.next.unwrap().unwrap_err();
    assert_eq!(refusal.outcome, Outcome::Rejected(Reply::new(550, "5.1.1 no such user")));
    assert!(refusal.usable && refusal.trouble.is_none());
    session.begin(FROM, "good@example.com").await.unwrap();
    assert!(matches!(session.finish(TWO).await, Outcome::Accepted(_)));
    assert_eq!(stage.mails().len(), 2);
}

#[tokio::test]
async fn a_relay_that_wants_data_for_a_refused_recipient_gets_a_dot_and_no_message() {
    let script: &[(&str, &str)] = &[
        ("", "220 relay\r\n"),
        ("EHLO", "250-relay\r\n250 PIPELINING\r\n"),
        ("DATA", "250 ok\r\n550 5.1.1 no\r\n354 go on\r\n"),
        (".\r\n", "554 5.5.1 no valid recipients\r\n"),
        ("DATA", "250 ok\r\n250 ok\r\n354 go on\r\n"),
    ];
    let relay = relay_at(super::replies::scripted(script).await);
    let mut session = Session::connect(&relay).await.unwrap();
    let refusal = session.begin(FROM, TO).await.unwrap_err();
    assert_eq!(refusal.outcome, Outcome::Rejected(Reply::new(550, "5.1.1 no")));
    assert!(refusal.usable);
    session.begin(FROM, TO).await.unwrap();
}

#[tokio::test]
async fn a_message_refused_at_the_dot_leaves_the_next_one_alone() {
    let stage = Stage::told([(At::Content, no(554, "5.7.1 spam"))]).await;
    let mut session = begun(&stage).await;
    let finished = finish_and_begin(&mut session, MESSAGE, Some((FROM, TO))).await;
    assert_eq!(finished.outcome, Outcome::Rejected(Reply::new(554, "5.7.1 spam")));
    assert_eq!(finished.next, Some(Ok(())));
}

#[tokio::test]
async fn a_hang_up_behind_the_reply_is_no_news_about_the_message() {
    let stage = Stage::told([(At::Taken, Answer::ReplyThenDrop(250, "2.0.0 taken, and goodbye".into()))]).await;
    let mut session = begun(&stage).await;
    let finished = finish_and_begin(&mut session, MESSAGE, Some((FROM, TO))).await;
    assert!(matches!(finished.outcome, Outcome::Accepted(_)));
    let refusal = finished.next.unwrap().unwrap_err();
    assert!(matches!(refusal.outcome, Outcome::NotSent(_)) && !refusal.usable);
    assert_eq!(stage.mails().len(), 1);
}

#[tokio::test]
async fn silence_after_the_dot_leaves_the_next_message_unsent() {
    let stage = Stage::told([(At::Taken, Answer::Drop)]).await;
    let mut session = begun(&stage).await;
    let finished = finish_and_begin(&mut session, MESSAGE, Some((FROM, TO))).await;
    assert!(matches!(finished.outcome, Outcome::Unknown(_)));
    let refusal = finished.next.unwrap().unwrap_err();
    assert!(matches!(refusal.outcome, Outcome::NotSent(_)));
    assert_eq!(refusal.trouble.unwrap().phase, Phase::Mail);
}

#[tokio::test]
async fn one_reply_too_many_never_opens_the_next_message() {
    for extra in ["250 2.0.0 taken\r\n250 2.0.0 taken\r\n", "250 2.0.0 taken\r\n354 go on\r\n"] {
        let stage = Stage::told([(At::Taken, Answer::Raw(extra.as_bytes().to_vec()))]).await;
        let mut session = begun(&stage).await;
        let finished = finish_and_begin(&mut session, MESSAGE, Some((FROM, TO))).await;
        assert!(matches!(finished.outcome, Outcome::Accepted(_)), "{extra:?}");
        assert!(finished.next.unwrap().is_err(), "{extra:?}");
        assert!(!session.is_usable());
        assert_eq!(stage.mails().len(), 1);
    }
}

#[tokio::test]
async fn an_address_the_relay_cannot_read_is_refused_without_asking() {
    let plain = Answer::Reply(250, "relay.example\nPIPELINING".into());
    let stage = Stage::with(Options::default(), [(At::Ehlo, plain)]).await;
    let mut session = begun(&stage).await;
    let finished = finish_and_begin(&mut session, MESSAGE, Some((FROM, "利用者@example.jp"))).await;
    assert!(matches!(finished.outcome, Outcome::Accepted(_)));
    let refusal = finished.next.unwrap().unwrap_err();
    assert!(matches!(refusal.outcome, Outcome::Rejected(_)) && refusal.usable);
}

#[tokio::test]
async fn an_early_no_is_not_followed_by_a_wait_for_what_was_never_said() {
    let script: &[(&str, &str)] = &[
        ("", "220 relay\r\n"),
        ("EHLO", "250-relay\r\n250 PIPELINING\r\n"),
        ("DATA", "250 ok\r\n250 ok\r\n354 go on\r\n"),
        ("Subject", "552 5.3.4 too big\r\n"),
    ];
    let mut session = Session::connect(&relay_at(super::replies::scripted(script).await)).await.unwrap();
    session.begin(FROM, TO).await.unwrap();
    let long = [MESSAGE, "x\r\n".repeat(5_000_000).as_bytes()].concat();
    let finishing = finish_and_begin(&mut session, &long, Some((FROM, TO)));
    let finished = tokio::time::timeout(std::time::Duration::from_secs(20), finishing).await.expect("a no is a no");
    assert_eq!(finished.outcome, Outcome::Rejected(Reply::new(552, "5.3.4 too big")));
    let refusal = finished.next.unwrap().unwrap_err();
    assert!(matches!(refusal.outcome, Outcome::NotSent(_)) && !refusal.usable, "{refusal:?}");
}

/// Writes `words` one byte a packet.
async fn dribble(stream: &mut tokio::net::TcpStream, words: &str) {
    use tokio::io::AsyncWriteExt;
    stream.set_nodelay(true).unwrap();
    for byte in words.bytes() {
        stream.write_all(&[byte]).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn replies_that_come_byte_by_byte_or_all_at_once_are_told_apart() {
    use tokio::io::AsyncReadExt;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = String::new();
        for (cue, words) in [
            ("", "220 relay\r\n"),
            ("EHLO", "250-relay\r\n250 PIPELINING\r\n"),
            ("DATA", "250 ok\r\n250 ok\r\n354 go on\r\n"),
            ("DATA", "250-2.0.0 one\r\n250 taken\r\n250 ok\r\n250 ok\r\n354 go on\r\n"),
            ("DATA", "451 4.3.0 two\r\n250 ok\r\n452 4.2.2 full\r\n503 no\r\n"),
            ("RSET", "250 ok\r\n"),
            ("DATA", "250 ok\r\n250 ok\r\n354 go on\r\n"),
        ] {
            while !heard.contains(cue) {
                let mut chunk = [0; 4096];
                let Ok(n @ 1..) = stream.read(&mut chunk).await else { return };
                heard.push_str(&String::from_utf8_lossy(&chunk[..n]));
            }
            heard.clear();
            dribble(&mut stream, words).await;
        }
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    let mut session = Session::connect(&relay_at(addr)).await.unwrap();
    session.begin(FROM, TO).await.unwrap();
    let finished = finish_and_begin(&mut session, MESSAGE, Some((FROM, TO))).await;
    assert_eq!(finished.outcome, Outcome::Accepted(Reply::new(250, "2.0.0 one taken")));
    assert_eq!(finished.next, Some(Ok(())));
    let finished = finish_and_begin(&mut session, TWO, Some((FROM, TO))).await;
    assert_eq!(finished.outcome, Outcome::Deferred(Reply::new(451, "4.3.0 two")));
    let refusal = finished.next.unwrap().unwrap_err();
    assert_eq!(refusal.outcome, Outcome::Deferred(Reply::new(452, "4.2.2 full")));
    assert!(refusal.usable);
    session.begin(FROM, TO).await.unwrap();
}
