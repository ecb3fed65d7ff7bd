//! Every "no", every hang-up and every lie, at every step.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::stage::*;
use crate::{
    domain::delivery::Outcome,
    mail::{Phase, Refusal, Session},
    smtpd::Answer,
};

fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted(_) => "accepted",
        Outcome::Deferred(_) => "deferred",
        Outcome::Rejected(_) => "rejected",
        Outcome::NotSent(_) => "not sent",
        Outcome::Unknown(_) => "unknown",
    }
}

fn answer_code(code: u16) -> Answer {
    no(code, &format!("{}.7.0 words", code / 100))
}

/// Tries one message. Returns how it ended, whether the relay is said to be in trouble (for good: `Some(true)`) and
/// whether the session can go on.
async fn attempt(session: &mut Session) -> (&'static str, Option<bool>, bool) {
    match session.begin(FROM, TO).await {
        Err(Refusal { outcome, trouble, usable, .. }) => {
            assert_eq!(usable, session.is_usable());
            (name(&outcome), trouble.map(|t| t.permanent), usable)
        }
        Ok(()) => {
            let outcome = session.finish(MESSAGE).await;
            (name(&outcome), None, session.is_usable())
        }
    }
}

async fn told(at: At, answer: Answer) -> (&'static str, Option<bool>, bool) {
    let stage = Stage::told([(at, answer)]).await;
    attempt(&mut stage.connect().await.unwrap()).await
}

#[tokio::test]
async fn a_refused_connection_is_the_relays_trouble() {
    for (at, phase) in [(At::Greeting, Phase::Greeting), (At::Ehlo, Phase::Hello)] {
        for code in [421, 450, 550, 554] {
            let stage = Stage::told([(at, answer_code(code))]).await;
            let trouble = stage.connect().await.unwrap_err();
            assert_eq!((trouble.phase, trouble.reply.code), (phase, Some(code)));
            assert_eq!(trouble.permanent, code >= 500);
            assert!(!stage.heard().contains(&"MAIL".to_owned()));
        }
    }
    let nobody: SocketAddr = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let trouble = Session::connect(&relay_at(nobody)).await.unwrap_err();
    assert_eq!((trouble.phase, trouble.permanent), (Phase::Connect, false));
    assert!(trouble.to_string().starts_with("relay main cannot be reached: 127.0.0.1:"), "{trouble}");
}

#[tokio::test]
async fn every_no_is_understood_at_every_step() {
    for code in [450, 451, 452] {
        assert_eq!(told(At::Mail, answer_code(code)).await, ("not sent", Some(false), true), "{code}");
        for at in [At::Rcpt, At::Data, At::Content] {
            assert_eq!(told(at, answer_code(code)).await, ("deferred", None, true), "{code} {at:?}");
        }
    }
    for code in [550, 553, 554, 571] {
        assert_eq!(told(At::Mail, answer_code(code)).await, ("not sent", Some(true), true), "{code}");
        for at in [At::Rcpt, At::Data, At::Content] {
            assert_eq!(told(at, answer_code(code)).await, ("rejected", None, true), "{code} {at:?}");
        }
    }
    for (code, words, ending) in
        [(552, "5.2.2 full", "deferred"), (552, "5.3.4 too big", "rejected"), (452, "4.2.2 full", "deferred")]
    {
        for at in [At::Rcpt, At::Content] {
            assert_eq!(told(at, no(code, words)).await, (ending, None, true), "{code} {at:?}");
        }
    }
}

#[tokio::test]
async fn a_goodbye_is_a_definite_no_and_ends_the_session() {
    for (at, expected) in [
        (At::Mail, ("not sent", Some(false), false)),
        (At::Rcpt, ("deferred", Some(false), false)),
        (At::Data, ("deferred", Some(false), false)),
        (At::Content, ("deferred", None, false)),
    ] {
        for answer in [answer_code(421), Answer::ReplyThenDrop(421, "4.3.2 bye".into())] {
            assert_eq!(told(at, answer).await, expected, "{at:?}");
        }
    }
}

#[tokio::test]
async fn a_hang_up_before_the_dot_is_not_sent_and_after_it_unknown() {
    for at in [At::Mail, At::Rcpt, At::Data] {
        assert_eq!(told(at, Answer::Drop).await, ("not sent", Some(false), false), "{at:?}");
    }
    assert_eq!(told(At::Content, Answer::Drop).await, ("unknown", None, false));
    for at in [At::Greeting, At::Ehlo] {
        let trouble = Stage::told([(at, Answer::Drop)]).await.connect().await.unwrap_err();
        assert_eq!((trouble.reply.code, trouble.permanent), (None, false));
    }

    // It took the message and hung up: the case for which "unknown" exists.
    let stage = Stage::told([(At::Taken, Answer::Drop)]).await;
    assert_eq!(attempt(&mut stage.connect().await.unwrap()).await, ("unknown", None, false));
    assert_eq!(stage.mails().len(), 1);
    // It took the message, said so and hung up: nothing unknown about that.
    let stage = Stage::told([(At::Taken, Answer::ReplyThenDrop(250, "2.0.0 ok".into()))]).await;
    assert_eq!(attempt(&mut stage.connect().await.unwrap()).await.0, "accepted");
}

#[tokio::test]
async fn half_a_reply_or_garbage_is_no_reply() {
    for raw in ["25", "250", "250-ok\r\n", "hello\r\n", "999 x\r\n", "250-a\r\n550 b\r\n", "\u{ff}\u{ff}\u{ff}\r\n"] {
        let mut stage = Stage::told([(At::Taken, Answer::Raw(raw.into()))]).await;
        stage.relay.deadlines = short();
        assert_eq!(attempt(&mut stage.connect().await.unwrap()).await, ("unknown", None, false), "{raw:?}");
        for at in [At::Mail, At::Rcpt, At::Data] {
            let mut stage = Stage::told([(at, Answer::Raw(raw.into()))]).await;
            stage.relay.deadlines = short();
            let ended = attempt(&mut stage.connect().await.unwrap()).await;
            assert_eq!(ended, ("not sent", Some(false), false), "{at:?} {raw:?}");
        }
    }
}

#[tokio::test]
async fn a_reply_that_makes_no_sense_ends_the_session() {
    assert_eq!(told(At::Data, answer_code(250)).await, ("not sent", Some(false), false));
    assert_eq!(told(At::Mail, answer_code(354)).await, ("not sent", Some(false), false));
    assert_eq!(told(At::Content, answer_code(354)).await, ("unknown", None, false));
}

#[tokio::test]
async fn two_replies_at_once_never_become_a_phantom_acceptance() {
    for (at, raw) in [
        (At::Mail, "250 ok\r\n250 ok\r\n"),
        (At::Rcpt, "250 ok\r\n354 go\r\n"),
        (At::Data, "354 go\r\n250 2.0.0 taken\r\n"),
        (At::Data, "354 go\r\n250 2.0.0 taken\r\n221 bye\r\n"),
    ] {
        let stage = Stage::told([(at, Answer::Raw(raw.into()))]).await;
        assert_eq!(attempt(&mut stage.connect().await.unwrap()).await.0, "not sent", "{at:?}");
        assert!(stage.mails().is_empty());
    }
    // Behind the reply to the dot it does no harm to this message, but the session cannot be trusted any more.
    let ended = told(At::Taken, Answer::Raw(b"250 ok\r\n250 ok\r\n".to_vec())).await;
    assert_eq!(ended, ("accepted", None, false));
}

/// A peer that waits for `cue`, says `words` and then listens without a word.
pub(super) async fn scripted(script: &'static [(&'static str, &'static str)]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = String::new();
        for (cue, words) in script {
            while !heard.contains(cue) {
                let mut chunk = [0; 4096];
                match stream.read(&mut chunk).await {
                    Ok(n) if n > 0 => heard.push_str(&String::from_utf8_lossy(&chunk[..n])),
                    _ => return,
                }
            }
            heard.clear();
            stream.write_all(words.as_bytes()).await.unwrap();
        }
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    addr
}

#[tokio::test]
async fn a_goodbye_while_nothing_was_said_is_heard_before_the_next_message() {
    let addr = scripted(&[
        ("", "220 hi\r\n"),
        ("EHLO", "250 hi\r\n"),
        ("MAIL", "250 ok\r\n"),
        ("RCPT", "550 5.1.1 no\r\n"),
        ("RSET", "250 ok\r\n421 4.4.2 idle\r\n"),
    ])
    .await;
    let mut session = Session::connect(&relay_at(addr)).await.unwrap();
    assert_eq!(attempt(&mut session).await.0, "rejected");
    assert_eq!(attempt(&mut session).await.0, "not sent");
}

#[tokio::test]
async fn an_early_no_in_the_middle_of_the_content_is_a_no() {
    let addr = scripted(&[
        ("", "220 hi\r\n"),
        ("EHLO", "250 hi\r\n"),
        ("MAIL", "250 ok\r\n"),
        ("RCPT", "250 ok\r\n"),
        ("DATA", "354 go\r\n"),
        ("Subject", "552 5.3.4 too big\r\n"),
    ])
    .await;
    let mut session = Session::connect(&relay_at(addr)).await.unwrap();
    session.begin(FROM, TO).await.unwrap();
    let long = [MESSAGE, "x\r\n".repeat(5_000_000).as_bytes()].concat();
    let outcome = session.finish(&long).await;
    assert_eq!(name(&outcome), "rejected", "{outcome:?}");
    assert!(!session.is_usable());
}

#[tokio::test]
async fn an_early_yes_in_the_middle_of_the_content_is_not_believed() {
    let addr = scripted(&[
        ("", "220 hi\r\n"),
        ("EHLO", "250 hi\r\n"),
        ("MAIL", "250 ok\r\n"),
        ("RCPT", "250 ok\r\n"),
        ("DATA", "354 go\r\n"),
        ("Subject", "250 2.0.0 taken\r\n"),
    ])
    .await;
    let mut session = Session::connect(&relay_at(addr)).await.unwrap();
    session.begin(FROM, TO).await.unwrap();
    let long = [MESSAGE, "x\r\n".repeat(5_000_000).as_bytes()].concat();
    let outcome = session.finish(&long).await;
    assert_eq!(name(&outcome), "not sent", "{outcome:?}");
}

#[tokio::test]
async fn a_hang_up_in_the_middle_of_the_content_is_not_sent() {
    let stage = Stage::told([(At::SoFar, Answer::Drop)]).await;
    let mut session = stage.connect().await.unwrap();
    session.begin(FROM, TO).await.unwrap();
    let long = [MESSAGE, "x\r\n".repeat(5_000_000).as_bytes()].concat();
    let outcome = session.finish(&long).await;
    assert_eq!(name(&outcome), "not sent", "{outcome:?}");
    assert!(stage.mails().is_empty());
}

#[tokio::test]
async fn endless_and_unreadable_replies_are_survived() {
    let megabyte = "x".repeat(1_000_000);
    // A long line is a reply as long as it ends before patience does; a megabyte is not a reply.
    for raw in [format!("250 {megabyte}\r\n"), megabyte.clone(), "250-x\r\n".repeat(100_000)] {
        let stage = Stage::told([(At::Taken, Answer::Raw(raw.into_bytes()))]).await;
        assert_eq!(attempt(&mut stage.connect().await.unwrap()).await, ("unknown", None, false));
    }
    let stage = Stage::told([(At::Content, Answer::Raw(format!("550 5.1.1 {}\r\n", "y".repeat(5000)).into()))]).await;
    assert_eq!(attempt(&mut stage.connect().await.unwrap()).await, ("rejected", None, true));
    let stage = Stage::told([(At::Taken, Answer::Raw(b"250 \xff\xfe\x00 ok\r\n".to_vec()))]).await;
    assert_eq!(attempt(&mut stage.connect().await.unwrap()).await, ("accepted", None, true));
    let stage = Stage::told([(At::Ehlo, Answer::Raw(b"250-\xff\r\n250-\r\n250 SIZE\r\n".to_vec()))]).await;
    assert_eq!(attempt(&mut stage.connect().await.unwrap()).await, ("accepted", None, true));
}

#[tokio::test]
async fn an_address_in_a_relays_words_stays_out_of_the_trouble() {
    let stage = Stage::told([(At::Rcpt, no(421, "4.3.2 <reader@example.com> not now"))]).await;
    let mut session = stage.connect().await.unwrap();
    let refusal = session.begin(FROM, TO).await.unwrap_err();
    assert!(!refusal.trouble.unwrap().to_string().contains('@'));
}
