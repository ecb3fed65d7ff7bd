//! From an article's title, an edition's name and a sender's name to the headers of a mail: whatever they hold, it is
//! one message with exactly the headers it should have.

use kawaraban::domain::issue::{Letter, LetterHead, ListHead};
use kawaraban::domain::language::Language;
use kawaraban::mail::{compose, read};
use kawaraban::render::{Digest, MailContext, Templates};
use proptest::prelude::*;

const EXPECTED: [&str; 12] = [
    "From",
    "To",
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

/// What ends a line somewhere, or is taken for something that does.
const BREAKS: &[&str] = &[
    "\r\n",
    "\n",
    "\r",
    "\n\r",
    "\r\r\n",
    "\r\n ",
    "\r\n\t",
    "\r\n\r\n",
    "\n\n",
    "\u{b}",
    "\u{c}",
    "\u{1c}",
    "\u{1d}",
    "\u{1e}",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\0",
    "\0\r\n",
    "%0d%0a",
    "%0D%0A",
    "%0a",
    "%E5%98%8A%E5%98%8D",
    "嘊嘍",
    "\\r\\n",
    "\\n",
    "&#13;&#10;",
    "&NewLine;",
    "=0D=0A",
    "=?utf-8?q?=0D=0A?=",
    "=?utf-8?b?DQo=?=",
    "\u{feff}\r\n",
    "\u{200b}",
    "\u{ad}",
    "\u{1b}[2J",
    "\u{7f}",
    "\t",
    " \r\n",
    "?=\r\n",
    "\u{10ffff}",
];

/// What somebody would like to have in the head of a mail.
const WISHES: &[&str] = &[
    "Bcc: everybody@example.jp",
    "Subject: another",
    "To: <other@example.jp>",
    "Content-Type: text/html; charset=utf-8",
    "List-Unsubscribe: <https://evil.example/>",
    "DKIM-Signature: v=1; a=rsa-sha256",
    "\r\n<script>alert(1)</script>",
    ".\r\nMAIL FROM:<x@y>\r\nRCPT TO:<z@y>",
];

/// Texts that trip programs up for other reasons.
const ODD: &[&str] = &[
    "",
    " ",
    "  ",
    "\t",
    ".",
    "..",
    "-",
    "--",
    "undefined",
    "null",
    "NaN",
    "0",
    "-1",
    "1e309",
    "true",
    "\u{0}",
    "\u{7}",
    "'",
    "\"",
    "\"\"",
    "\\",
    "\\\\",
    "`",
    "<",
    ">",
    "<>",
    "<<>>",
    "()",
    "((",
    "))",
    "[]",
    "{}",
    "{{",
    "}}",
    "{{{x}}}",
    "{{email}}",
    "${x}",
    "#{x}",
    "<%= x %>",
    "%s%n%x",
    "%",
    "%%",
    "%00",
    ":",
    ";",
    ",",
    "a, b <c@d>, e",
    "a@b.jp",
    "<a@b.jp>",
    "\"a\" <b@c.jp>",
    "=?",
    "?=",
    "=??=",
    "=?utf-8?q?a?=",
    "=?utf-8?Q?=41=42?= x",
    "=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=",
    "=?x?y?z?=",
    "=?utf-8?b?!!!?=",
    "a=?utf-8?q?b?=c",
    "日本",
    "日本語のとても長い題名",
    "ｆｕｌｌ　ｗｉｄｔｈ",
    "e\u{301}",
    "Z̸̢͑a̵l̶g̷o̵",
    "👨‍👩‍👧‍👦",
    "🇯🇵",
    "🏳️‍🌈",
    "\u{202e}evil\u{202c}",
    "\u{2066}x\u{2069}",
    "‏שלום",
    "مرحبا",
    "\u{fffd}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{e000}",
    "\u{1f4a9}",
    "\u{feff}",
    "ﷺ",
    "ﬃ",
    "İ",
    "ß",
    "ſ",
    "Ω",
    "½",
    "①",
    "㍿",
    "葛\u{e0100}",
    "From me",
    ">From you",
    "Received: x",
    "Re: Re: Fwd:",
    "[list] x",
    "; DROP TABLE issues;--",
    "' OR 1=1--",
    "../../etc/passwd",
    "C:\\x",
    "file:///etc/passwd",
    "$(id)",
    "`id`",
    "| id",
    "\u{1b}[31mred",
    "<script>alert(1)</script>",
    "<!-- x -->",
    "]]>",
    "&amp;",
    "&lt;",
    "&#x0d;&#x0a;",
    "AT&T",
    "a\u{a0}b",
    "a\u{3000}b",
    "a  b   c",
    " a ",
    "SPLICE",
];

/// Returns the strings, each once.
fn naughty() -> Vec<String> {
    let mixed = BREAKS.iter().flat_map(|end| WISHES.iter().map(move |wish| format!("Tea{end}{wish}")));
    let odd = ODD.iter().map(|text| (*text).to_owned());
    let long =
        ["x", "漢", "x y ", "\r\n", "=?", "\u{301}", "\u{202e}", "👨‍👩‍👧‍👦"].map(|text| text.repeat(10_000 / text.len()));
    let all: std::collections::BTreeSet<String> = mixed.chain(odd).chain(long).collect();
    all.into_iter().collect()
}

fn templates() -> &'static Templates {
    static TEMPLATES: std::sync::OnceLock<Templates> = std::sync::OnceLock::new();
    TEMPLATES.get_or_init(|| Templates::load(None).unwrap())
}

/// Makes the mail of an issue whose first title, edition and sender are these, and reads it.
fn check(title: &str, edition: &str, sender: &str, language: Language) {
    let mut digest = Digest::samples(language).remove(0);
    // The headline is the first of the sections, where no story leads.
    digest.lead = None;
    title.clone_into(&mut digest.sections[0].items[0].title);
    edition.clone_into(&mut digest.edition_title);
    sender.clone_into(&mut digest.sender.name);
    let mail = templates().mail(language, &digest).unwrap();
    let letter = Letter {
        language,
        subject: mail.subject.clone(),
        text: mail.text,
        html: mail.html,
        splice_key: "kwb0123456789abcdef".to_owned(),
        head: LetterHead {
            from_name: sender.to_owned(),
            from_email: "news@example.jp".to_owned(),
            reply_to: None,
            list: Some(ListHead {
                title: edition.to_owned(),
                id: "weekly.news.example.jp".to_owned(),
                unsubscribe_url: "https://news.example.jp/unsubscribe/kwb0123456789abcdef".to_owned(),
                unsubscribe_mailto: None,
                archive_url: "https://news.example.jp/issues".to_owned(),
            }),
        },
        date: "2026-11-27T08:00:00+09:00".parse().unwrap(),
        variant: String::new(),
    };
    let bytes = compose(&letter, "hana@example.jp", "<i1.s2@news.example.jp>", Some("v1.token")).unwrap();
    let what = format!("{title:?} {edition:?} {sender:?}");
    assert!(bytes.split(|b| *b == b'\n').all(|line| line.len() <= 999), "{what}: a line is too long");
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\n' => assert!(at > 0 && bytes[at - 1] == b'\r', "{what}: lone LF"),
            b'\r' => assert!(bytes.get(at + 1) == Some(&b'\n'), "{what}: lone CR"),
            b'\t' | b' '..=b'~' => {}
            _ => panic!("{what}: byte {byte}"),
        }
    }
    let read = read(&bytes);
    let names: Vec<_> = read.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, EXPECTED, "{what}");
    assert_eq!(read.subject.trim(), mail.subject.trim(), "{what}");
    assert!(
        !read.subject.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202e}')),
        "{what}"
    );
    assert!(read.subject.chars().count() <= 100, "{what}");
    assert_eq!(read.header("To"), Some("hana@example.jp"), "{what}");
    assert_eq!(read.header("List-Unsubscribe"), Some("<https://news.example.jp/unsubscribe/v1.token>"), "{what}");
}

#[test]
fn no_naughty_string_makes_a_header() {
    let strings = naughty();
    assert!(strings.len() >= 300, "{}", strings.len());
    for text in &strings {
        check(text, "Japan Weekly", "瓦版", Language::En);
        check("Tea", text, "瓦版", Language::Ja);
        check("Tea", "Japan Weekly", text, Language::En);
        check(text, text, text, Language::Ja);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn no_text_makes_a_header(
        title in text(), edition in text(), sender in text(), japanese in any::<bool>(),
    ) {
        check(&title, &edition, &sender, if japanese { Language::Ja } else { Language::En });
    }
}

/// Any text, or pieces of the strings above in any order.
fn text() -> impl Strategy<Value = String> {
    let pieces: Vec<&'static str> = [BREAKS, WISHES, ODD].concat();
    prop_oneof![
        any::<String>(),
        prop::collection::vec(prop::sample::select(pieces), 0..8).prop_map(|pieces| pieces.concat()),
    ]
}
