//! A message, taken apart: for the demo's inbox and for tests.

use jiff::Timestamp;
use mail_parser::{Address, Header, MessageParser};

/// The parts of a message people look at. What is missing is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadMail {
    /// `Name <address>` or the bare address, decoded.
    pub from: String,
    /// The same for the recipients, separated by commas.
    pub to: String,
    /// The subject, decoded.
    pub subject: String,
    /// The date, if there is one that can be read.
    pub date: Option<Timestamp>,
    /// The plain text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// Every header in its order, unfolded but not decoded.
    pub headers: Vec<(String, String)>,
}

impl ReadMail {
    /// Returns the first header called `name`, unfolded but not decoded.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Takes a message apart. Bytes that are no message give an empty one.
pub fn read(message: &[u8]) -> ReadMail {
    let Some(parsed) = MessageParser::default().parse(message) else { return ReadMail::default() };
    let of_kind = |html: bool| {
        parsed.parts.iter().find(|part| if html { part.is_text_html() } else { part.is_text() && !part.is_text_html() })
    };
    let contents = |html| of_kind(html).and_then(|p| p.text_contents()).unwrap_or_default().to_owned();
    ReadMail {
        from: people(parsed.from()),
        to: people(parsed.to()),
        subject: parsed.subject().unwrap_or_default().to_owned(),
        date: parsed.date().and_then(|d| Timestamp::from_second(d.to_timestamp()).ok()),
        text: contents(false),
        html: contents(true),
        headers: parsed.headers().iter().map(|header| raw(message, header)).collect(),
    }
}

fn people(address: Option<&Address<'_>>) -> String {
    let one = |person: &mail_parser::Addr<'_>| match (person.name(), person.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (name, address) => name.or(address).unwrap_or_default().to_owned(),
    };
    address.map(|a| a.iter().map(one).collect::<Vec<_>>().join(", ")).unwrap_or_default()
}

/// Returns name and value as they stand in the message; the parser's own names are not spelt as ours are.
fn raw(message: &[u8], header: &Header<'_>) -> (String, String) {
    let text = |from: u32, to: u32| {
        let range = usize::try_from(from).unwrap_or(usize::MAX)..usize::try_from(to).unwrap_or(usize::MAX);
        String::from_utf8_lossy(message.get(range).unwrap_or_default()).into_owned()
    };
    let name = text(header.offset_field(), header.offset_start());
    let value = text(header.offset_start(), header.offset_end()).replace(['\r', '\n'], "");
    (name.trim_end().trim_end_matches(':').trim_end().to_owned(), value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_japanese_mail_is_taken_apart() {
        let mail = read(
            "From: =?utf-8?b?55Om54mI?= <a@example.jp>\r\nTo: <\"b..c\"@docomo.ne.jp>\r\nSubject:\r\n \
             =?utf-8?b?55Om54mI?=\r\nDate: Fri, 27 Nov 2026 08:00:00 +0900\r\nX-Long: one\r\n two\r\n\
             Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\ntext\r\n\
             --b\r\nContent-Type: text/html\r\n\r\n<p>html\r\n--b--\r\n"
                .as_bytes(),
        );
        assert_eq!(mail.from, "瓦版 <a@example.jp>");
        assert_eq!(mail.subject, "瓦版");
        assert_eq!(mail.date, Some("2026-11-26T23:00:00Z".parse().unwrap()));
        assert_eq!((mail.text.as_str(), mail.html.as_str()), ("text", "<p>html"));
        assert_eq!(mail.header("x-long"), Some("one two"));
    }

    #[test]
    fn anything_at_all_can_be_read() {
        assert_eq!(read(b""), ReadMail::default());
        for bytes in [&b"\r\n"[..], b"\xff\xfe", b"Subject", b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n"]
        {
            let _ = read(bytes);
        }
    }
}
