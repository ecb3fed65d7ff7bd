//! What is signed and how it is written, held against a second reading of RFC 6376 that shares no code with the first.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use aws_lc_rs::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use proptest::prelude::*;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::*;
use crate::domain::issue::Letter;
use crate::mail::compose;
use crate::mail::tests::stage::{TO, letter};

const ID: &str = "<i1.s2@news.example.jp>";
/// Shorter than any signer may use today. No mail was ever signed with it.
const SHORT: &str = include_str!("../../../tests/fixtures/dkim/rsa-1024.pem");

static RSA: LazyLock<SecretString> = LazyLock::new(|| generate(Algorithm::Rsa, "s", "example.jp").unwrap().0);
static ED25519_KEY: LazyLock<SecretString> =
    LazyLock::new(|| generate(Algorithm::Ed25519, "s", "example.jp").unwrap().0);

fn config(with_ed25519: bool, oversign: bool) -> DkimConfig {
    let key = |selector: &str, pem: &SecretString, setting| DkimKeyConfig {
        selector: selector.to_owned(),
        pem: pem.clone(),
        file: None,
        setting,
    };
    DkimConfig {
        domain: "example.jp".to_owned(),
        rsa: key("k2026", &RSA, "dkim.key"),
        ed25519: with_ed25519.then(|| key("e2026", &ED25519_KEY, "dkim.ed25519_key")),
        oversign,
    }
}

fn dkim() -> Dkim {
    Dkim::load(&config(true, true)).unwrap()
}

fn at() -> Timestamp {
    letter().date
}

fn composed(letter: &Letter) -> Vec<u8> {
    compose(letter, TO, ID, Some("v1.token")).unwrap()
}

/// Returns the tags of the first field in `fields`.
fn tags(fields: &[u8]) -> BTreeMap<String, String> {
    let text = std::str::from_utf8(fields).unwrap();
    let first = text.split("\r\nDKIM-Signature").next().unwrap();
    let value = first.strip_prefix("DKIM-Signature:").unwrap();
    value
        .split(';')
        .map(|tag| tag.split_once('=').unwrap())
        .map(|(name, value)| (name.trim().to_owned(), value.split_whitespace().collect()))
        .collect()
}

fn names(fields: &[u8]) -> String {
    tags(fields)["h"].clone()
}

#[test]
fn the_fields_of_a_list_mail_are_signed_and_the_important_ones_once_more() {
    let fields = dkim().fields(&composed(&letter()), at()).unwrap();
    assert_eq!(
        names(&fields),
        "From:To:Subject:Date:Message-ID:Reply-To:MIME-Version:Content-Type:List-Id:List-Unsubscribe:\
         List-Unsubscribe-Post:From:Subject:To:Date:Message-ID:Reply-To:Cc:Content-Type"
    );
}

#[test]
fn what_is_not_there_is_named_only_to_keep_it_out() {
    let mut letter = letter();
    letter.head.list = None;
    letter.head.reply_to = None;
    let message = composed(&letter);
    let plain = Dkim::load(&config(false, false)).unwrap();
    assert_eq!(
        names(&plain.fields(&message, at()).unwrap()),
        "From:To:Subject:Date:Message-ID:MIME-Version:Content-Type"
    );
    assert_eq!(
        names(&dkim().fields(&message, at()).unwrap()),
        "From:To:Subject:Date:Message-ID:MIME-Version:Content-Type:From:Subject:To:Date:Message-ID:Reply-To:Cc:\
         Content-Type"
    );
}

#[test]
fn the_tags_say_what_was_done() {
    let fields = dkim().fields(&composed(&letter()), at()).unwrap();
    let text = String::from_utf8(fields.clone()).unwrap();
    let tags = tags(&fields);
    let tag = |name: &str| tags.get(name).map(String::as_str);
    assert_eq!((tag("v"), tag("a"), tag("c")), (Some("1"), Some("rsa-sha256"), Some("relaxed/relaxed")));
    assert_eq!((tag("d"), tag("s"), tag("t")), (Some("example.jp"), Some("k2026"), Some("1795734000")));
    assert_eq!((tag("l"), tag("x"), tag("i")), (None, None, None));
    assert_eq!(text.matches("DKIM-Signature:").count(), 2);
    assert!(text.find("a=rsa-sha256").unwrap() < text.find("a=ed25519-sha256").unwrap(), "RSA comes first");
    assert!(text.ends_with("\r\n") && !text.contains("\r\n\r\n"));
}

#[test]
fn the_same_message_has_the_same_signatures_whenever_they_are_made() {
    let message = composed(&letter());
    let first = dkim().signed(&message, at()).unwrap();
    // Loaded anew, as after a restart.
    assert_eq!(first, dkim().signed(&message, at()).unwrap());
    let later = at() + jiff::SignedDuration::from_secs(1);
    assert_ne!(first, dkim().signed(&message, later).unwrap(), "t= is signed, too");
    assert!(first.ends_with(&message));
}

#[test]
fn lines_are_short_and_words_stay_whole() {
    let long = "a".repeat(60);
    for (domain, selector) in [("example.jp", "k2026"), (&*format!("{long}.{long}.{long}.example"), &*long)] {
        let mut config = config(true, true);
        config.domain = domain.to_owned();
        config.rsa.selector = selector.to_owned();
        let fields = Dkim::load(&config).unwrap().fields(&composed(&letter()), at()).unwrap();
        let text = String::from_utf8(fields).unwrap();
        for line in text.lines() {
            // A domain cannot be folded.
            assert!(line.len() <= 78 || line.contains("d="), "{line}");
            assert!(!line.trim().is_empty(), "a line of white space: {text}");
            // What is at the start of a line and looks like a tag is one.
            let head = line.trim_start().split('=').next().unwrap();
            let signature = line.trim_start().bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
            assert!(!signature || head == "b" || line.trim().len() > 4, "{line}");
        }
        for word in ["c=relaxed/relaxed;", &format!("d={domain};"), &format!("s={selector};"), "t=1795734000;", "; bh="]
        {
            assert!(text.replace("\r\n ", " ").contains(word), "{word}: {text}");
        }
        let hash = text.split("bh=").nth(1).unwrap().split(';').next().unwrap();
        assert_eq!(hash.len(), 44, "the hash is in one piece");
    }
}

#[test]
fn a_longer_domain_or_key_never_makes_the_last_line_a_word_like_a_tag() {
    for width in 1..80 {
        let mut config = config(true, true);
        config.rsa.selector = "s".repeat(width % 60 + 1);
        config.domain = format!("{}.jp", "d".repeat(width % 50 + 1));
        let fields = Dkim::load(&config).unwrap().fields(&composed(&letter()), at()).unwrap();
        let text = String::from_utf8(fields).unwrap();
        for field in text.split("DKIM-Signature:").skip(1) {
            let last = field.trim_end().lines().last().unwrap().trim();
            assert!(last.len() >= 4, "{field}");
        }
    }
}

#[test]
fn our_bodies_never_end_in_lines_of_white_space() {
    for end in ["", " ", "\n", "\n \t\n", "\r\n \r\n\r\n", "\u{3000}\n"] {
        let mut letter = letter();
        letter.text.push_str(end);
        letter.html.push_str(end);
        assert!(composed(&letter).ends_with(b"--\r\n"), "{end:?}");
    }
}

#[test]
fn a_body_that_ends_in_lines_of_white_space_has_the_right_hash_all_the_same() {
    for body in
        ["", "\r\n", " \r\n", "x", "x\r\n", "x \r\n \r\n\t\r\n", " \r\nx\r\n  \r\n\r\n", "a \t b\t\r\n\r\n  c\r\n \r\n"]
    {
        let expected = Sha256::digest(relaxed_body(body.as_bytes()));
        assert_eq!(body::relaxed_hash(body.as_bytes()), expected.as_slice(), "{body:?}");
    }
}

#[test]
fn of_two_fields_of_a_name_the_last_one_is_first() {
    let message = b"From: a@example.jp\r\nTo: one\r\nX: y\r\nto : two\r\n more\r\n\r\nbody\r\n";
    let fields = dkim().fields(message, at()).unwrap();
    assert_eq!(names(&fields), "From:To:To:From:Subject:To:Date:Message-ID:Reply-To:Cc:Content-Type");
    verify(&dkim(), message);
}

#[test]
fn what_is_no_message_is_not_signed() {
    for bytes in [&b""[..], b"From: x", b"From: x\r\n", b"From: x\n\nbody"] {
        assert_eq!(dkim().fields(bytes, at()), Err(DkimError::NoMessage));
    }
}

#[test]
fn keys_come_in_both_forms_and_say_what_is_wrong_with_them() {
    let load = |algorithm, pem: &str| Key::from_pem(algorithm, "s", &SecretString::from(pem)).map(|_| ());
    let pkcs8 = RSA.expose_secret();
    let der = STANDARD.decode(pkcs8.lines().filter(|l| !l.starts_with('-')).collect::<String>()).unwrap();
    // PKCS#8 puts 26 octets in front of the PKCS#1 of a key of this size.
    let pkcs1 =
        format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n", STANDARD.encode(&der[26..]));
    assert_eq!(load(Algorithm::Rsa, pkcs8), Ok(()));
    assert_eq!(load(Algorithm::Rsa, &pkcs1), Ok(()));
    let (a, b) = (Key::from_pem(Algorithm::Rsa, "s", &RSA), Key::from_pem(Algorithm::Rsa, "s", &pkcs1.clone().into()));
    assert_eq!(a.unwrap().record("d"), b.unwrap().record("d"));

    let wrong = |algorithm, pem: &str| load(algorithm, pem).unwrap_err();
    assert!(wrong(Algorithm::Rsa, SHORT).contains("fewer than 2048 bits"), "{}", wrong(Algorithm::Rsa, SHORT));
    assert!(wrong(Algorithm::Rsa, ED25519_KEY.expose_secret()).contains("no RSA key"));
    assert!(wrong(Algorithm::Ed25519, pkcs8).contains("no Ed25519 key"));
    assert!(wrong(Algorithm::Ed25519, &pkcs1).contains("no Ed25519 key"));
    assert!(wrong(Algorithm::Rsa, &pkcs8[..300]).contains("no private key in PEM"));
    assert!(wrong(Algorithm::Rsa, &pkcs8.replace("PRIVATE", "PUBLIC")).contains("public key"));
    assert!(wrong(Algorithm::Rsa, &pkcs8.replace("PRIVATE", "ENCRYPTED PRIVATE")).contains("passphrase"));

    let mut bad = config(true, true);
    bad.ed25519.as_mut().unwrap().pem = "nonsense".into();
    let error = Dkim::load(&bad).unwrap_err().to_string();
    assert!(error.starts_with("dkim.ed25519_key: there is no private key") && !error.contains("nonsense"), "{error}");
}

#[test]
fn a_record_is_cut_into_strings_the_dns_can_hold() {
    let [rsa, ed25519] = &dkim().records()[..] else { panic!("two records") };
    assert_eq!((rsa.name.as_str(), rsa.bits), ("k2026._domainkey.example.jp", 2048));
    assert!(rsa.value.starts_with("v=DKIM1; k=rsa; p=MIIB"), "{}", rsa.value);
    assert_eq!(rsa.strings().iter().map(|s| s.len()).collect::<Vec<_>>(), [255, rsa.value.len() - 255]);
    assert_eq!(rsa.strings().concat(), rsa.value);
    assert!(rsa.zone_line().starts_with("k2026._domainkey.example.jp. IN TXT ( \"v=DKIM1; k=rsa; p=MIIB"));
    assert_eq!(ed25519.strings(), [ed25519.value.as_str()]);
    assert_eq!(ed25519.value.len(), "v=DKIM1; k=ed25519; p=".len() + 44);
}

#[test]
fn nothing_shows_a_key() {
    let shown = format!("{:?} {:?}", dkim(), config(true, true));
    let inside = RSA.expose_secret().lines().nth(3).unwrap();
    assert!(!shown.contains(inside) && shown.contains("k2026"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_composed_is_signed_and_verifies(
        subject in ".{0,120}",
        text in "(.|\n|\r\n|[ \t]{1,3}\n){0,200}",
        html in "(.|\n| \t){0,200}",
        name in ".{0,60}",
        reply in proptest::bool::ANY,
        list in proptest::bool::ANY,
        oversign in proptest::bool::ANY,
    ) {
        let mut letter = Letter { subject, text, html, ..letter() };
        letter.head.from_name = name;
        letter.head.reply_to = letter.head.reply_to.filter(|_| reply);
        letter.head.list = letter.head.list.filter(|_| list);
        verify(&Dkim::load(&config(true, oversign)).unwrap(), &composed(&letter));
    }

    #[test]
    fn any_body_at_all_has_the_hash_of_its_relaxed_form(body in "([ \t]|\r\n|[a-c]){0,40}") {
        let expected = Sha256::digest(relaxed_body(body.as_bytes()));
        prop_assert_eq!(body::relaxed_hash(body.as_bytes()), expected.to_vec());
    }
}

/// Signs `message` and verifies every signature, and that a changed octet breaks it.
fn verify(dkim: &Dkim, message: &[u8]) {
    let fields = String::from_utf8(dkim.fields(message, at()).unwrap()).unwrap();
    let records = dkim.records();
    let all: Vec<&str> = fields.split_inclusive("\r\n").fold(Vec::new(), |mut all: Vec<&str>, line| {
        match all.last_mut() {
            // The lines of a field stand one behind the other in the same text.
            Some(last) if line.starts_with(' ') => {
                let start = last.as_ptr() as usize - fields.as_ptr() as usize;
                *last = &fields[start..start + last.len() + line.len()];
            }
            _ => all.push(line),
        }
        all
    });
    assert_eq!(all.len(), records.len());
    for (field, record) in all.into_iter().zip(&records) {
        assert!(is_good(field, message, record), "{field}");
        let mut changed = message.to_vec();
        let middle = changed.len() - 20;
        changed[middle] ^= 1;
        assert!(!is_good(field, &changed, record), "a changed body is taken");
        let mut changed = b"Subject: another\r\n".to_vec();
        changed.extend_from_slice(message);
        if dkim.oversign {
            assert!(!is_good(field, &changed, record), "a second subject is taken");
        }
    }
}

fn is_good(field: &str, message: &[u8], record: &DkimRecord) -> bool {
    let tags = tags(field.as_bytes());
    let message = String::from_utf8(message.to_vec()).unwrap();
    let (head, body) = message.split_once("\r\n\r\n").unwrap();
    if STANDARD.encode(Sha256::digest(relaxed_body(body.as_bytes()))) != tags["bh"] {
        return false;
    }
    // Unfolding first makes one line of each field.
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", "\t");
    let mut left: Vec<(String, String)> = unfolded
        .split("\r\n")
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| {
            (
                name.trim().to_lowercase(),
                value.split([' ', '\t']).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" "),
            )
        })
        .collect();
    let mut data = String::new();
    for name in tags["h"].split(':') {
        if let Some(last) = left.iter().rposition(|(n, _)| n.eq_ignore_ascii_case(name)) {
            let (name, value) = left.remove(last);
            data += &format!("{name}:{value}\r\n");
        }
    }
    let own = field.split_once(':').unwrap().1.replace("\r\n ", " ");
    let own = &own[..own.rfind(" b=").unwrap() + 3];
    data += &format!("dkim-signature:{}", own.trim());
    let signature = STANDARD.decode(&tags["b"]).unwrap();
    let public = STANDARD.decode(record.value.split("p=").nth(1).unwrap()).unwrap();
    match record.algorithm {
        Algorithm::Rsa => {
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public).verify(data.as_bytes(), &signature)
        }
        // RFC 8463 §3: what is signed is the hash.
        Algorithm::Ed25519 => UnparsedPublicKey::new(&ED25519, public).verify(&Sha256::digest(data), &signature),
    }
    .is_ok()
}

/// RFC 6376 §3.4.4, step by step.
fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(body.to_vec()).unwrap();
    let mut lines: Vec<String> = text
        .split("\r\n")
        .map(|line| {
            let indented = line.starts_with([' ', '\t']);
            let words: Vec<&str> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
            let joined = words.join(" ");
            if indented && !joined.is_empty() { format!(" {joined}") } else { joined }
        })
        .collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    if lines.is_empty() { Vec::new() } else { (lines.join("\r\n") + "\r\n").into_bytes() }
}
