//! Signatures, looked at by two programs that are not ours and share no code: dkimpy and Perl's Mail::DKIM.
//!
//! Needs Debian's `python3-dkim` and `libmail-dkim-perl`, which `make test` installs. Neither asks the DNS: the records
//! are given to them. Mail::DKIM before 2024 does not know Ed25519; dkimpy does.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use base64::{Engine, engine::general_purpose::STANDARD};
use kawaraban::config::{DkimConfig, DkimKeyConfig};
use kawaraban::domain::issue::{Letter, LetterHead, ListHead};
use kawaraban::domain::language::Language;
use kawaraban::mail::dkim::{Algorithm, Dkim, generate};
use kawaraban::mail::{compose, message_id};
use serde_json::{Value, json};

/// Reads `{records, mails}` and writes, for each mail, what became of each of its signatures.
const DKIMPY: &str = r"
import sys, json, base64, dkim
given = json.load(sys.stdin)
def txt(name, timeout=5):
    name = (name.decode() if isinstance(name, bytes) else name).rstrip('.')
    return given['records'].get(name, '').encode() or None
def verdict(mail, index):
    d = dkim.DKIM(mail)
    try:
        good = bool(d.verify(idx=index, dnsfunc=txt))
    except dkim.DKIMException:
        good = False
    return [d.signature_fields[b'a'].decode().split('-')[0], 'pass' if good else 'fail']
def verdicts(mail):
    d = dkim.DKIM(mail)
    count = len([h for h, _ in d.headers if h.lower() == b'dkim-signature'])
    return [verdict(mail, index) for index in range(count)]
json.dump([verdicts(base64.b64decode(m)) for m in given['mails']], sys.stdout)
";

/// The same with Mail::DKIM. What it does not know it calls invalid.
const MAIL_DKIM: &str = r"
use strict; use warnings; use JSON::PP; use MIME::Base64; use Net::DNS; use Mail::DKIM::Verifier;
my $given = decode_json(do { local $/; <STDIN> });
{
    no warnings 'redefine';
    *Mail::DKIM::DNS::query = sub {
        my ($name) = @_;
        my $value = $given->{records}{$name} or return;
        return Net::DNS::RR->new(name => $name, type => 'TXT', txtdata => [unpack '(A255)*', $value]);
    };
}
my @all;
for my $mail (@{ $given->{mails} }) {
    my $verifier = Mail::DKIM::Verifier->new;
    $verifier->PRINT(decode_base64($mail));
    $verifier->CLOSE;
    push @all, [map { [(split /-/, $_->algorithm)[0], $_->result] } $verifier->signatures];
}
print encode_json(\@all);
";

/// Whether a signature of each algorithm is good, in the words of a verifier; one map a mail.
type Verdicts = Vec<BTreeMap<String, String>>;

/// A program that verifies.
struct Verifier {
    name: &'static str,
    command: Vec<&'static str>,
}

impl Verifier {
    fn verdicts(&self, records: &BTreeMap<String, String>, mails: &[Vec<u8>]) -> Verdicts {
        let mails: Vec<String> = mails.iter().map(|mail| STANDARD.encode(mail)).collect();
        let mut child = Command::new(self.command[0])
            .args(&self.command[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let given = json!({ "records": records, "mails": mails }).to_string();
        child.stdin.take().unwrap().write_all(given.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {words}", self.name);
        let said: Vec<Vec<[String; 2]>> = serde_json::from_slice(&output.stdout).unwrap();
        said.into_iter()
            .map(|signatures| signatures.into_iter().map(|[name, verdict]| (name, verdict)).collect())
            .collect()
    }
}

/// Returns both verifiers, or none if one of them is not here; where everything is required, both must be.
fn verifiers() -> Vec<Verifier> {
    // A Python that somebody put in front of the system's does not see Debian's packages.
    let python = ["/usr/bin/python3", "python3"].into_iter().find(|python| runs(python, &["-c", "import dkim, nacl"]));
    let perl = runs("perl", &["-MMail::DKIM::Verifier", "-e", "1"]);
    assert!(
        (python.is_some() && perl) || std::env::var_os("CI_REQUIRE_ALL").is_none(),
        "this test needs python3-dkim and libmail-dkim-perl: run the tests with `make test` as root on Debian"
    );
    let Some(python) = python.filter(|_| perl) else { return Vec::new() };
    vec![
        Verifier { name: "dkimpy", command: vec![python, "-c", DKIMPY] },
        Verifier { name: "Mail::DKIM", command: vec!["perl", "-e", MAIL_DKIM] },
    ]
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    let output = Command::new(program).args(arguments).output();
    output.is_ok_and(|output| output.status.success())
}

/// Sees to it that both verifiers take every signature of every one of `good`, and none of one of `bad`.
pub(crate) fn judge(records: &BTreeMap<String, String>, good: &[Vec<u8>], bad: &[(&str, Vec<u8>)]) {
    let second = records.values().any(|value| value.contains("k=ed25519"));
    for verifier in verifiers() {
        for (verdicts, mail) in verifier.verdicts(records, good).iter().zip(good) {
            let seen = || format!("{}: {verdicts:?}\n{}", verifier.name, String::from_utf8_lossy(mail));
            assert_eq!(verdicts.len(), 1 + usize::from(second), "{}", seen());
            assert_eq!(verdicts["rsa"], "pass", "{}", seen());
            let unknown = verifier.name == "Mail::DKIM" && second && verdicts["ed25519"] == "invalid";
            assert!(!second || unknown || verdicts["ed25519"] == "pass", "{}", seen());
        }
        let mails: Vec<Vec<u8>> = bad.iter().map(|(_, mail)| mail.clone()).collect();
        for (verdicts, (how, mail)) in verifier.verdicts(records, &mails).iter().zip(bad) {
            let seen = || format!("{}, {how}: {verdicts:?}\n{}", verifier.name, String::from_utf8_lossy(mail));
            assert!(!verdicts.is_empty() && verdicts.values().all(|verdict| verdict != "pass"), "{}", seen());
        }
    }
}

/// Returns `mail` in every way in which somebody on the way might change it, with what was done.
pub(crate) fn tampered(mail: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let text = String::from_utf8(mail.to_vec()).unwrap();
    let body = text.find("\r\n\r\n").unwrap() + 4;
    let mut ways = Vec::new();
    // A letter of the text, not of what stands in front of the first part or behind the last one.
    let part = body + text[body..].find("\r\n\r\n").unwrap() + 4;
    let mut changed = mail.to_vec();
    changed[part] = if changed[part] == b'Q' { b'R' } else { b'Q' };
    ways.push(("a changed letter in the body", changed));
    ways.push(("a longer body", [mail, b"more\r\n"].concat()));
    ways.push(("another sender", text.replacen("\r\nFrom: ", "\r\nFrom: x", 1).into_bytes()));
    for field in ["Subject: another", "From: x@example.org", "Reply-To: x@example.org", "Cc: x@example.org"] {
        // A reader sees the first of two, a verifier begins with the last.
        ways.push(("a field in front", format!("{field}\r\n{text}").into_bytes()));
        ways.push(("a field behind", format!("{}{field}\r\n{}", &text[..body - 2], &text[body - 2..]).into_bytes()));
    }
    let link = text.replacen("\r\nList-Unsubscribe: <https://news", "\r\nList-Unsubscribe: <https://evil", 1);
    if link != text {
        ways.push(("another link", link.into_bytes()));
    }
    ways
}

fn dkim(second: bool, oversign: bool) -> (Dkim, BTreeMap<String, String>) {
    let key = |algorithm, selector: &str, setting| {
        let (pem, record) = generate(algorithm, selector, "example.jp").unwrap();
        (DkimKeyConfig { selector: selector.to_owned(), pem, file: None, setting }, (record.name, record.value))
    };
    let (rsa, rsa_record) = key(Algorithm::Rsa, "k2026.one", "dkim.key");
    let (ed25519, ed25519_record) = key(Algorithm::Ed25519, "e2026", "dkim.ed25519_key");
    let records = [Some(rsa_record), second.then_some(ed25519_record)].into_iter().flatten().collect();
    let config = DkimConfig { domain: "example.jp".to_owned(), rsa, ed25519: second.then_some(ed25519), oversign };
    (Dkim::load(&config).unwrap(), records)
}

/// Returns letters in both languages, with and without what may be missing.
fn letters() -> Vec<Letter> {
    let languages =
        [("en", "The week in Japan", "Trains, and a festival."), ("ja", "今週の日本", "新幹線に個室ができます。")];
    let mut letters = Vec::new();
    for (language, subject, text) in languages {
        for with_reply_to in [false, true] {
            for with_list in [false, true] {
                let list = ListHead {
                    title: format!("{subject}: a title that has to be folded because it is long"),
                    id: "weekly.news.example.jp".to_owned(),
                    unsubscribe_url: "https://news.example.jp/unsubscribe/SPLICE".to_owned(),
                    unsubscribe_mailto: with_reply_to.then(|| "leave@example.jp".to_owned()),
                    archive_url: "https://news.example.jp/issues".to_owned(),
                };
                letters.push(Letter {
                    language: language.parse::<Language>().unwrap(),
                    subject: format!("{subject} {}", "and more ".repeat(12)),
                    text: format!("{}\n.\n\n  indented  \n{}", format!("{text}\n").repeat(40), " \n\t\n\n"),
                    html: format!("<p>{}</p>\n", text.repeat(60)),
                    splice_key: "SPLICE".to_owned(),
                    head: LetterHead {
                        from_name: subject.to_owned(),
                        from_email: "news@example.jp".to_owned(),
                        reply_to: with_reply_to.then(|| "editor@example.jp".to_owned()),
                        list: with_list.then_some(list),
                    },
                    date: "2026-11-20T08:00:00+09:00".parse().unwrap(),
                    variant: String::new(),
                });
            }
        }
    }
    letters
}

fn composed(letter: &Letter) -> Vec<u8> {
    compose(letter, "\"a..b\"@docomo.ne.jp", &message_id("issue.1.key", "news.example.jp"), Some("v1.token")).unwrap()
}

#[test]
fn two_foreign_verifiers_take_every_mail_of_ours_and_no_changed_one() {
    let letters = letters();
    for second in [false, true] {
        let (dkim, records) = dkim(second, true);
        let good: Vec<Vec<u8>> =
            letters.iter().map(|letter| dkim.signed(&composed(letter), letter.date).unwrap()).collect();
        assert!(good.iter().any(|mail| String::from_utf8_lossy(mail).contains("Content-Transfer-Encoding: base64")));
        let bad: Vec<_> = good.iter().flat_map(|mail| tampered(mail)).collect();
        assert_eq!(bad.len(), 8 * 11 + 4);
        judge(&records, &good, &bad);
    }
}

#[test]
fn without_oversigning_a_changed_mail_is_refused_and_an_added_field_is_not_seen() {
    let (dkim, records) = dkim(true, false);
    let letter = &letters()[3];
    let mail = dkim.signed(&composed(letter), letter.date).unwrap();
    let (added, changed): (Vec<_>, Vec<_>) =
        tampered(&mail).into_iter().partition(|(how, _)| *how == "a field in front");
    let changed: Vec<_> = changed.into_iter().filter(|(how, _)| *how != "a field behind").collect();
    // This is what the switch costs: the reader sees the added subject, and the signature stays good.
    let subject = added.into_iter().next().unwrap().1;
    assert!(subject.starts_with(b"Subject: another"));
    judge(&records, &[mail, subject], &changed);
}

#[test]
fn a_body_that_ends_in_lines_of_white_space_is_taken_too() {
    let (dkim, records) = dkim(true, true);
    let date = letters()[0].date;
    let mails =
        ["", "\r\n", "body\r\n \r\n\t\r\n", "body  \r\n \t \r\n\r\n", " \r\n\r\n a\tb  c \r\n \r\n"].map(|body| {
            format!("From: news@example.jp\r\nTo: a@example.com\r\nDate: Fri, 20 Nov 2026 08:00:00 +0900\r\n\r\n{body}")
        });
    let good: Vec<Vec<u8>> = mails.iter().map(|mail| dkim.signed(mail.as_bytes(), date).unwrap()).collect();
    judge(&records, &good, &[]);
}

/// Returns name and value of the records `dkim show --json` prints.
pub(crate) fn records_shown(shown: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let records = shown["records"].as_array().unwrap().iter();
    records.map(|record| (text(&record["name"]), text(&record["value"]))).collect()
}
