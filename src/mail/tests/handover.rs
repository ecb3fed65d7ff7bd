//! Messages that arrive, and connections that live through refusals.

use std::{future::Future, pin::pin, task::Poll};

use super::stage::*;
use crate::{
    config::RelayConfig,
    domain::delivery::{Outcome, Reply},
    mail::{Phase, compose, message_id, read},
    smtpd::{Answer, Options},
};

#[tokio::test]
async fn a_message_arrives_as_it_was_made() {
    let stage = Stage::polite().await;
    let mut session = stage.connect().await.unwrap();
    let id = message_id("i1.s2", "news.example.jp");
    let bytes = compose(&letter(), "\"a..b\"@docomo.ne.jp", &id, Some("v1.token")).unwrap();
    session.begin(FROM, "\"a..b\"@docomo.ne.jp").await.unwrap();
    assert!(stage.mails().is_empty());
    let Outcome::Accepted(reply) = session.finish(&bytes).await else { panic!() };
    assert_eq!(reply, Reply::new(250, "2.0.0 taken as 1"));
    assert!(session.is_usable());
    session.quit().await;

    let mails = stage.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].content, bytes);
    assert_eq!(mails[0].envelope.from, FROM);
    assert_eq!(mails[0].envelope.to, ["\"a..b\"@docomo.ne.jp"]);
    assert_eq!(mails[0].envelope.hello, "news.example.jp");
    let mail = read(&mails[0].content);
    assert_eq!(mail.header("To"), Some("\"a..b\"@docomo.ne.jp"));
    assert_eq!(stage.heard(), ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]);
}

#[tokio::test]
async fn many_messages_share_a_connection() {
    let stage = Stage::polite().await;
    let mut session = stage.connect().await.unwrap();
    for n in 0..50 {
        session.begin(FROM, &format!("reader{n}@example.com")).await.unwrap();
        assert!(matches!(session.finish(MESSAGE).await, Outcome::Accepted(_)));
    }
    let mails = stage.mails();
    assert_eq!(mails.len(), 50);
    assert!(mails.iter().all(|m| m.envelope.connection == 1 && m.content == MESSAGE));
}

#[tokio::test]
async fn two_hundred_refusals_cost_one_connection() {
    let stage = Stage::told([(At::Rcpt, no(550, "5.1.1 no such user"))]).await;
    let mut session = stage.connect().await.unwrap();
    for n in 0..200 {
        let refusal = session.begin(FROM, &format!("bad{n}@example.com")).await.unwrap_err();
        assert_eq!(refusal.outcome, Outcome::Rejected(Reply::new(550, "5.1.1 no such user")));
        assert!(refusal.usable && refusal.trouble.is_none());
    }
    session.begin(FROM, "good@example.com").await.unwrap();
    assert!(matches!(session.finish(MESSAGE).await, Outcome::Accepted(_)));
    assert_eq!(stage.mails()[0].envelope.connection, 1);
}

#[tokio::test]
async fn a_body_cannot_smuggle_a_second_message() {
    let stage = Stage::polite().await;
    let mut session = stage.connect().await.unwrap();
    for body in [".", "\r\n.\r\nMAIL FROM:<evil@example.com>", "..\r\n...\r\n.\r\n", "a\r\n.", "a\r\n.\r\n.\r\nb", ""] {
        let message = format!("Subject: x\r\n\r\n{body}\r\n");
        session.begin(FROM, TO).await.unwrap();
        assert!(matches!(session.finish(message.as_bytes()).await, Outcome::Accepted(_)), "{body:?}");
        assert_eq!(String::from_utf8(stage.mails().last().unwrap().content.clone()).unwrap(), message);
    }
    assert_eq!(stage.mails().len(), 6);
    assert_eq!(stage.heard().iter().filter(|v| *v == "MAIL").count(), 6);
}

#[tokio::test]
async fn a_message_with_a_lone_line_feed_stays_here() {
    for bytes in [&b"Subject: x\n\nbody\n.\n"[..], b"Subject: x\r\n\r\n\n.\nMAIL FROM:<>\r\n", b"x\r.\r\n"] {
        let stage = Stage::polite().await;
        let mut session = stage.connect().await.unwrap();
        session.begin(FROM, TO).await.unwrap();
        assert!(matches!(session.finish(bytes).await, Outcome::Rejected(_)));
        assert!(!session.is_usable());
        assert!(stage.mails().is_empty());
    }
}

#[tokio::test]
async fn an_address_that_would_be_a_command_stays_here() {
    let stage = Stage::polite().await;
    let mut session = stage.connect().await.unwrap();
    for to in ["a@b>\r\nRCPT TO:<x@y", "\"a\r\n\"@b.jp", "a@b SIZE=1", "a b@c.jp", ""] {
        let refusal = session.begin(FROM, to).await.unwrap_err();
        assert!(matches!(refusal.outcome, Outcome::Rejected(_)) && refusal.usable, "{to:?}");
    }
    assert!(session.begin("a@b>\r\nDATA", TO).await.unwrap_err().trouble.is_some_and(|t| t.permanent));
    assert_eq!(stage.heard(), ["EHLO"]);
}

#[tokio::test]
async fn a_local_part_beyond_ascii_needs_smtputf8() {
    let stage = Stage::polite().await;
    let mut session = stage.connect().await.unwrap();
    session.begin(FROM, "利用者@例え.jp").await.unwrap();
    assert!(matches!(session.finish(MESSAGE).await, Outcome::Accepted(_)));
    assert_eq!(stage.mails()[0].envelope.to, ["利用者@xn--r8jz45g.jp"]);

    let stage = Stage::told([(At::Ehlo, no(250, "old\n8BITMIME"))]).await;
    let mut session = stage.connect().await.unwrap();
    let refusal = session.begin(FROM, "利用者@例え.jp").await.unwrap_err();
    assert!(matches!(refusal.outcome, Outcome::Rejected(_)) && refusal.usable);
    session.begin(FROM, TO).await.unwrap();
}

#[tokio::test]
async fn dropping_between_the_two_steps_hands_nothing_over() {
    let stage = Stage::polite().await;
    let mut session = stage.connect().await.unwrap();
    session.begin(FROM, TO).await.unwrap();
    drop(session);
    let mut session = stage.connect().await.unwrap();
    assert!(matches!(session.finish(MESSAGE).await, Outcome::NotSent(_)));
    session.begin(FROM, TO).await.unwrap();
    assert!(matches!(session.finish(MESSAGE).await, Outcome::Accepted(_)));
    assert_eq!(stage.mails().len(), 1);
}

#[tokio::test]
async fn a_cancelled_session_is_never_used_again() {
    let stage = Stage::polite().await;
    let mut session = stage.connect().await.unwrap();
    {
        let mut beginning = pin!(session.begin(FROM, TO));
        let once = std::future::poll_fn(|cx| Poll::Ready(beginning.as_mut().poll(cx).is_pending()));
        assert!(once.await, "one poll cannot be enough for three round trips");
    }
    assert!(!session.is_usable());
    let refusal = session.begin(FROM, TO).await.unwrap_err();
    assert!(matches!(refusal.outcome, Outcome::NotSent(_)) && !refusal.usable);
}

#[tokio::test]
async fn plain_and_login_authenticate_and_a_wrong_password_says_so() {
    let auth = || Options { auth: Some(("me".into(), "hunter2".into())), auth_in_clear: true, ..Options::default() };
    let with_password = |stage: &mut Stage, password: &str| {
        stage.relay.config =
            RelayConfig { username: Some("me".into()), password: Some(password.into()), ..stage.relay.config.clone() };
    };
    for ehlo in [Answer::Usual, no(250, "relay\nAUTH LOGIN")] {
        let mut stage = Stage::with(auth(), [(At::Ehlo, ehlo)]).await;
        with_password(&mut stage, "hunter2");
        let mut session = stage.connect().await.unwrap();
        session.begin(FROM, TO).await.unwrap();
        assert!(matches!(session.finish(MESSAGE).await, Outcome::Accepted(_)));
        assert_eq!(stage.mails()[0].envelope.user.as_deref(), Some("me"));

        with_password(&mut stage, "letmein");
        let trouble = stage.connect().await.unwrap_err();
        assert_eq!((trouble.phase, trouble.reply.code, trouble.permanent), (Phase::Auth, Some(535), true));
        assert!(!format!("{trouble} {trouble:?}").contains("letmein"));
    }

    let mut stage = Stage::with(auth(), [(At::Ehlo, no(250, "relay\nAUTH XOAUTH2"))]).await;
    with_password(&mut stage, "hunter2");
    assert_eq!(stage.connect().await.unwrap_err().phase, Phase::Auth);
}
