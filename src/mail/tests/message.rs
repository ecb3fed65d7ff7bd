//! What a finished message looks like.

use super::stage::*;
use crate::mail::{ComposeError, compose, message_id, read};

const ID: &str = "<i1.s2@news.example.jp>";

fn composed(letter: &crate::domain::issue::Letter) -> Vec<u8> {
    compose(letter, TO, ID, Some("v1.token")).unwrap()
}

fn names(bytes: &[u8]) -> Vec<String> {
    read(bytes).headers.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn a_list_mail_carries_the_headers_of_a_list() {
    let bytes = composed(&letter());
    assert_eq!(
        names(&bytes),
        [
            "From",
            "To",
            "Reply-To",
            "Subject",
            "Date",
            "Message-ID",
            "List-Id",
            "List-Unsubscribe",
            "List-Unsubscribe-Post",
            "List-Archive",
            "List-Post",
            "MIME-Version",
            "Content-Type",
        ]
    );
    let mail = read(&bytes);
    assert_eq!(mail.from, format!("瓦版 <{FROM}>"));
    assert_eq!(mail.to, TO);
    assert_eq!(mail.subject, letter().subject);
    assert_eq!(mail.date, Some(letter().date));
    assert_eq!(mail.header("Date"), Some("Thu, 26 Nov 2026 23:00:00 +0000"));
    assert_eq!(mail.header("Message-ID"), Some(ID));
    assert_eq!(mail.header("Reply-To"), Some("editor@example.jp"));
    assert_eq!(mail.header("List-Id"), Some("=?utf-8?b?6YCx5YiK?= <weekly.news.example.jp>"));
    assert_eq!(mail.header("List-Unsubscribe"), Some("<https://news.example.jp/u/v1.token>"));
    assert_eq!(mail.header("List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
    assert_eq!(mail.header("List-Archive"), Some("<https://news.example.jp/issues>"));
    assert_eq!(mail.header("List-Post"), Some("NO"));
    assert_eq!(mail.header("MIME-Version"), Some("1.0"));
}

#[test]
fn a_mailto_stands_beside_the_url_and_never_in_its_place() {
    let mut letter = letter();
    for given in ["leave@example.jp", "mailto:leave@example.jp"] {
        letter.head.list.as_mut().unwrap().unsubscribe_mailto = Some(given.into());
        assert_eq!(
            read(&composed(&letter)).header("List-Unsubscribe"),
            Some("<https://news.example.jp/u/v1.token>, <mailto:leave@example.jp>")
        );
    }
}

#[test]
fn a_mail_without_a_list_says_that_a_machine_wrote_it() {
    let mut letter = letter();
    letter.head.list = None;
    letter.head.reply_to = None;
    let bytes = composed(&letter);
    assert_eq!(
        names(&bytes),
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
    );
    assert_eq!(read(&bytes).header("Auto-Submitted"), Some("auto-generated"));
}

#[test]
fn the_same_letter_gives_the_same_bytes() {
    assert_eq!(composed(&letter()), composed(&letter()));
    // The boundary is the letter's, so that its body is encoded once for all readers.
    let other = compose(&letter(), TO, "<i1.s3@news.example.jp>", Some("v1.token")).unwrap();
    assert_eq!(read(&other).header("Content-Type"), read(&composed(&letter())).header("Content-Type"));
}

#[test]
fn every_splice_key_becomes_the_readers_token() {
    let mut letter = letter();
    letter.subject = "for SPLICE".into();
    let bytes = composed(&letter);
    let mail = read(&bytes);
    assert_eq!(mail.subject, "for v1.token");
    assert!(mail.text.contains("/u/v1.token") && mail.html.contains("/u/v1.token"));
    assert!(!String::from_utf8(bytes).unwrap().contains("SPLICE"));

    let sample = compose(&letter, TO, ID, None).unwrap();
    assert_eq!(read(&sample).subject, "for sample");
    letter.splice_key = String::new();
    assert_eq!(read(&composed(&letter)).subject, "for SPLICE");
}

#[test]
fn both_parts_come_back_as_they_were_written() {
    let mut letter = letter();
    letter.text = "one\n.\n..\nFrom me\n\ntwo  \n三\nend".into();
    letter.html = format!("<p>{}</p>\r\n<p>四</p>\r", "x".repeat(3000));
    let mail = read(&composed(&letter));
    assert_eq!(mail.text, "one\r\n.\r\n..\r\nFrom me\r\n\r\ntwo  \r\n三\r\nend");
    assert_eq!(mail.html, format!("<p>{}</p>\r\n<p>四</p>\r\n", "x".repeat(3000)));
}

#[test]
fn a_wire_form_with_quotes_stands_in_to_as_given() {
    for to in ["\"a..b\"@docomo.ne.jp", "\"a.\"@docomo.ne.jp", "\".a\"@ezweb.ne.jp", "-a--b-@docomo.ne.jp"] {
        let bytes = compose(&letter(), to, ID, None).unwrap();
        assert_eq!(read(&bytes).header("To"), Some(to));
    }
}

#[test]
fn a_long_name_and_subject_are_folded() {
    let mut letter = letter();
    letter.subject = "新".repeat(500) + &"y".repeat(2000);
    letter.head.from_name = "名".repeat(100);
    letter.head.list.as_mut().unwrap().title = "題".repeat(100);
    let bytes = composed(&letter);
    let head = String::from_utf8(bytes.clone()).unwrap();
    let head = head.split_once("\r\n\r\n").unwrap().0;
    assert!(head.lines().all(|l| l.len() <= 100), "{head}");
    assert_eq!(read(&bytes).subject, letter.subject);
    assert_eq!(read(&bytes).from, format!("{} <{FROM}>", letter.head.from_name));
}

#[test]
fn what_cannot_be_a_header_is_an_error_and_not_a_mail() {
    let mut broken = letter();
    broken.head.from_email = "no address".into();
    assert_eq!(compose(&broken, TO, ID, None), Err(ComposeError::Address("from")));
    assert_eq!(compose(&letter(), "a@b>\r\nBcc: <x@y", ID, None), Err(ComposeError::Address("to")));
    for id in ["", "<>", "<a>", "<a@b@c>", "<a@b>\r\nBcc: x", "<a b@c>"] {
        assert_eq!(compose(&letter(), TO, id, None), Err(ComposeError::Field("message id")), "{id:?}");
    }
    for token in ["", "a b", "a\r\nb", "a>b", "a\"b"] {
        assert_eq!(compose(&letter(), TO, ID, Some(token)), Err(ComposeError::Field("token")), "{token:?}");
    }
    for url in ["", "https://x/a b", "https://x/>,<https://y/", "https://x/\r\nBcc: y", "https://x/é"] {
        let mut broken = letter();
        broken.head.list.as_mut().unwrap().unsubscribe_url = url.into();
        assert_eq!(compose(&broken, TO, ID, None), Err(ComposeError::Field("list unsubscribe URL")), "{url:?}");
    }
    let mut broken = letter();
    broken.head.list.as_mut().unwrap().id = "a>\r\nb".into();
    assert_eq!(compose(&broken, TO, ID, None), Err(ComposeError::Field("list id")));
}

#[test]
fn a_message_id_is_stable_and_always_one_word() {
    assert_eq!(message_id("i1.s2", "news.example.jp"), ID);
    assert_eq!(message_id("i1\r\nBcc: x", "a b>c"), "<i1--Bcc--x@a-b-c>");
}

#[test]
fn a_boundary_that_an_article_guesses_is_not_used() {
    let bytes = composed(&letter());
    let boundary = |bytes: &[u8]| {
        let mail = read(bytes);
        mail.header("Content-Type").unwrap().split('"').nth(1).unwrap().to_owned()
    };
    let mut guessing = letter();
    guessing.text = format!("--{}\n\nhello\n", boundary(&bytes));
    let guessed = composed(&guessing);
    assert_ne!(boundary(&bytes), boundary(&guessed));
    assert_eq!(read(&guessed).text, guessing.text.replace('\n', "\r\n"));
}
