//! No text makes a header, a line or a message of its own. Two parsers that are not ours are asked.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;

use super::stage::*;
use crate::{
    domain::issue::Letter,
    mail::{compose, read},
};

const ID: &str = "<i1.s2@news.example.jp>";

/// The texts that have broken other programs.
const NASTY: &[&str] = &[
    "",
    " ",
    "x\r\nBcc: x@y",
    "x\nBcc: x@y",
    "x\rBcc: x@y",
    "x\r\n\r\nBcc: x@y",
    "x\r\n Bcc: x@y",
    "x%0d%0aBcc: x@y",
    "x\u{2028}Bcc: x@y",
    "x\u{2029}Bcc: x@y",
    "x\u{85}Bcc: x@y",
    "x\0Bcc: x@y",
    "x\u{b}Bcc: x@y\u{c}",
    "=?utf-8?q?=0D=0ABcc:_x?=",
    "=?utf-8?b?DQpCY2M6IHhAeQ==?= =?utf-8?q?x?=",
    "a =?utf-8?q?x?= b",
    "=?",
    "?=",
    "<script>\"'\\",
    "Foo <a@b>, Bar <c@d>",
    "\"quoted\" \\ back",
    "(comment) ; : @ , . [ ]",
    "\u{202e}drawkcab",
    "two  spaces   and\ttab",
    "絵文字👨‍👩‍👧‍👦と旗🇯🇵",
    ".",
    "..",
    "--",
    "From me",
    ">From you",
];

fn letter_with(text: &str) -> Letter {
    let mut letter = letter();
    letter.subject = text.to_owned();
    letter.head.from_name = text.to_owned();
    letter.head.list.as_mut().unwrap().title = text.to_owned();
    letter.text = format!("{text}\n.\n{text}\r\n.\r\nMAIL FROM:<x@y>\n");
    letter.html = format!("<p>{text}</p>\r.\r<p>{text}</p>");
    letter
}

const EXPECTED: [&str; 13] = [
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
];

/// What a text must read as in a header: the same, on one line.
fn on_one_line(text: &str) -> String {
    let spaced: String =
        text.chars().map(|c| if c.is_control() || c == '\u{2028}' || c == '\u{2029}' { ' ' } else { c }).collect();
    spaced.trim().to_owned()
}

fn check(text: &str) -> Vec<u8> {
    let bytes = compose(&letter_with(text), TO, ID, Some("v1.token")).unwrap();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\n' => assert!(at > 0 && bytes[at - 1] == b'\r', "{text:?}: lone LF"),
            b'\r' => assert!(bytes.get(at + 1) == Some(&b'\n'), "{text:?}: lone CR"),
            b'\t' => {}
            _ => assert!((b' '..=b'~').contains(byte), "{text:?}: byte {byte}"),
        }
    }
    assert!(bytes.split(|b| *b == b'\n').all(|line| line.len() <= 999), "{text:?}: a line is too long");
    let mail = read(&bytes);
    assert_eq!(mail.headers.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), EXPECTED, "{text:?}");
    assert_eq!(mail.subject.trim(), on_one_line(text), "subject of {text:?}");
    bytes
}

#[test]
fn nasty_texts_stay_texts() {
    for text in NASTY {
        check(text);
    }
    check(&"x".repeat(10_000));
    check(&"漢".repeat(10_000));
    check(&"x y ".repeat(5_000));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_stays_a_text(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_mix_of_header_like_pieces_stays_a_text(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "\r\n", "\n", "\r", "Bcc: x@y", ": ", "=?utf-8?q?", "?=", "=?utf-8?b?", "\0", "\u{85}", "\u{2028}",
                " ", "  ", "\t", "<", ">", "\"", "\\", ",", ".", "a", "漢", "👨‍👩‍👧‍👦", "SPLICE", "--", "=_",
            ]),
            0..60,
        ),
    ) {
        // A splice key is replaced wherever it stands; the check wants the text as it was given.
        check(&pieces.concat().replace("SPLICE", ""));
    }

    #[test]
    fn no_address_makes_a_header_or_a_command(to in "[ -~\r\n\u{85}\u{2028}漢]{0,80}") {
        if let Ok(bytes) = compose(&letter(), &to, ID, None) {
            let mail = read(&bytes);
            prop_assert_eq!(mail.headers.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), EXPECTED);
        }
    }
}

const PYTHON: &str = r#"
import base64, email, email.policy, json, sys
out = []
for line in sys.stdin:
    message = email.message_from_bytes(base64.b64decode(line), policy=email.policy.default)
    sender = message["From"].addresses
    out.append({
        "headers": message.keys(),
        "defects": [str(d) for part in message.walk() for d in part.defects],
        "subject": message["Subject"],
        "senders": [["".join(a.display_name.split()), a.addr_spec] for a in sender],
        "to": [a.addr_spec for a in message["To"].addresses],
        "types": [part.get_content_type() for part in message.walk()],
        "text": message.get_body(("plain",)).get_content().replace("\r\n", "\n"),
    })
json.dump(out, sys.stdout)
"#;

/// What Python's `email` package reads in the messages.
fn python_reads(messages: &[Vec<u8>]) -> Vec<serde_json::Value> {
    let mut python = Command::new("python3")
        .args(["-c", PYTHON])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test asks Python's mail parser for a second opinion: install python3");
    let mut stdin = python.stdin.take().unwrap();
    for message in messages {
        writeln!(stdin, "{}", STANDARD.encode(message)).unwrap();
    }
    drop(stdin);
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn python_reads_what_was_written() {
    let texts: Vec<String> =
        NASTY.iter().map(|t| (*t).to_owned()).chain(["漢字".repeat(200), "x".repeat(2000)]).collect();
    let messages: Vec<_> = texts.iter().map(|text| check(text)).collect();
    for (text, read) in texts.iter().zip(python_reads(&messages)) {
        let one_line = on_one_line(text);
        assert_eq!(read["headers"], serde_json::json!(EXPECTED), "{text:?}");
        assert_eq!(read["defects"], serde_json::json!([]), "{text:?}");
        assert_eq!(read["subject"].as_str().unwrap().trim(), one_line, "{text:?}");
        // Python makes one space of two in a quoted name, and puts one between the encoded words of a name.
        let name = one_line.replace(' ', "");
        assert_eq!(read["senders"], serde_json::json!([[name, FROM]]), "{text:?}");
        assert_eq!(read["to"], serde_json::json!([TO]), "{text:?}");
        assert_eq!(read["types"], serde_json::json!(["multipart/alternative", "text/plain", "text/html"]), "{text:?}");
        let body = read["text"].as_str().unwrap();
        assert!(body.contains("\n.\n") && body.trim_end().ends_with(".\nMAIL FROM:<x@y>"), "{text:?}: {body:?}");
    }
}
