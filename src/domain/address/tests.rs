//! One table says it all; a property says the rest.

use proptest::prelude::*;

use super::*;

/// What is typed, what goes on the wire, what it is looked up by.
const TAKEN: &[(&str, &str, &str)] = &[
    ("reader@example.jp", "reader@example.jp", "reader@example.jp"),
    ("  reader@example.jp\t", "reader@example.jp", "reader@example.jp"),
    ("Reader.Name@Example.JP", "Reader.Name@example.jp", "reader.name@example.jp"),
    ("a+news@example.jp", "a+news@example.jp", "a+news@example.jp"),
    ("a@b.co", "a@b.co", "a@b.co"),
    ("a@sub.sub.example.jp", "a@sub.sub.example.jp", "a@sub.sub.example.jp"),
    ("!#$%&'*+-/=?^_`{|}~@example.jp", "!#$%&'*+-/=?^_`{|}~@example.jp", "!#$%&'*+-/=?^_`{|}~@example.jp"),
    ("a_b@example.jp", "a_b@example.jp", "a_b@example.jp"),
    ("info@example.jp", "info@example.jp", "info@example.jp"),
    ("noreply@example.jp", "noreply@example.jp", "noreply@example.jp"),
    ("abuser@example.jp", "abuser@example.jp", "abuser@example.jp"),
    ("1@123.example.jp", "1@123.example.jp", "1@123.example.jp"),
    ("a@3com.example", "a@3com.example", "a@3com.example"),
    ("a@r3---sn.example.jp", "a@r3---sn.example.jp", "a@r3---sn.example.jp"),
    // Odd dots, at the carriers that gave them out.
    ("a..b@docomo.ne.jp", "\"a..b\"@docomo.ne.jp", "a..b@docomo.ne.jp"),
    ("a..B@DOCOMO.ne.jp", "\"a..B\"@docomo.ne.jp", "a..b@docomo.ne.jp"),
    ("\"a..b\"@docomo.ne.jp", "\"a..b\"@docomo.ne.jp", "a..b@docomo.ne.jp"),
    (".a@ezweb.ne.jp", "\".a\"@ezweb.ne.jp", ".a@ezweb.ne.jp"),
    ("a.@ezweb.ne.jp", "\"a.\"@ezweb.ne.jp", "a.@ezweb.ne.jp"),
    ("a...@ezweb.ne.jp", "\"a...\"@ezweb.ne.jp", "a...@ezweb.ne.jp"),
    ("a..@au.com", "\"a..\"@au.com", "a..@au.com"),
    ("a..b@softbank.ne.jp", "\"a..b\"@softbank.ne.jp", "a..b@softbank.ne.jp"),
    ("a.@i.softbank.jp", "\"a.\"@i.softbank.jp", "a.@i.softbank.jp"),
    ("-a--b-@docomo.ne.jp", "-a--b-@docomo.ne.jp", "-a--b-@docomo.ne.jp"),
    ("a/b@docomo.ne.jp", "a/b@docomo.ne.jp", "a/b@docomo.ne.jp"),
    // Quotes.
    ("\"reader\"@example.jp", "reader@example.jp", "reader@example.jp"),
    ("\"r\\eader\"@example.jp", "reader@example.jp", "reader@example.jp"),
    ("\"a b\"@example.jp", "\"a b\"@example.jp", "\"a b\"@example.jp"),
    ("\"a@b\"@example.jp", "\"a@b\"@example.jp", "\"a@b\"@example.jp"),
    ("\"a\\\"b\\\\c\"@example.jp", "\"a\\\"b\\\\c\"@example.jp", "\"a\\\"b\\\\c\"@example.jp"),
    ("\"a..b\"@gmail.com", "\"a..b\"@gmail.com", "a..b@gmail.com"),
    // Domains in other scripts.
    ("a@例え.jp", "a@xn--r8jz45g.jp", "a@xn--r8jz45g.jp"),
    ("a@日本語.example", "a@xn--wgv71a119e.example", "a@xn--wgv71a119e.example"),
    ("a@BÜCHER.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
    ("a@xn--r8jz45g.jp", "a@xn--r8jz45g.jp", "a@xn--r8jz45g.jp"),
];

fn local(reason: LocalProblem) -> AddressProblem {
    AddressProblem::Local { reason }
}

fn domain(reason: DomainProblem) -> AddressProblem {
    AddressProblem::Domain { reason }
}

/// What is typed, what is wrong with it, what was probably meant.
fn refused() -> Vec<(String, AddressProblem, Option<&'static str>)> {
    use AddressProblem::{ControlCharacter, Empty, NoAt, NotAscii, RoleBlocked, TooLong};
    use DomainProblem as D;
    use LocalProblem as L;
    let table: &[(&str, AddressProblem, Option<&'static str>)] = &[
        ("", Empty, None),
        ("   ", Empty, None),
        ("reader", NoAt, None),
        ("reader.example.jp", NoAt, None),
        ("@example.jp", local(L::Empty), None),
        ("\"\"@example.jp", local(L::Empty), None),
        ("reader@", domain(D::Empty), None),
        ("@", domain(D::Empty), None),
        ("a..b@gmail.com", local(L::Dots), None),
        (".a@example.jp", local(L::Dots), None),
        ("a.@example.jp", local(L::Dots), None),
        ("..@docomo.ne.jp", local(L::Dots), None),
        ("a..b@mail.docomo.ne.jp", local(L::Dots), None),
        ("a b@example.jp", local(L::Character(' ')), None),
        ("a@b@example.jp", local(L::Character('@')), None),
        ("a(comment)@example.jp", local(L::Character('(')), None),
        ("a,b@example.jp", local(L::Character(',')), None),
        ("a\"b\"@example.jp", local(L::Character('"')), None),
        ("\"a@example.jp", local(L::Quoting), None),
        ("\"a\"b@example.jp", local(L::Quoting), None),
        ("\"a\\\"@example.jp", local(L::Quoting), None),
        ("\"a\"", NoAt, None),
        // Not a whole domain, or none at all.
        ("reader@localhost", domain(D::SingleLabel), None),
        ("reader@jp", domain(D::SingleLabel), None),
        ("reader@[127.0.0.1]", domain(D::IpLiteral), None),
        ("reader@[IPv6:::1]", domain(D::IpLiteral), None),
        ("reader@127.0.0.1", domain(D::IpLiteral), None),
        ("reader@.example.jp", domain(D::Dots), Some("reader@example.jp")),
        ("reader@example..jp", domain(D::Dots), None),
        ("reader@example.jp.", domain(D::Dots), Some("reader@example.jp")),
        ("reader@exa_mple.jp", domain(D::Character('_')), None),
        ("reader@exa mple.jp", domain(D::Character(' ')), None),
        ("reader@-example.jp", domain(D::Invalid), None),
        ("reader@example-.jp", domain(D::Invalid), None),
        ("reader@xn--zzzzzzzzz.jp", domain(D::Invalid), None),
        ("reader@example.jp:25", domain(D::Character(':')), None),
        // What hands, input methods and clipboards do.
        ("ａ@docomo.ne.jp", NotAscii, Some("a@docomo.ne.jp")),
        ("ｒｅａｄｅｒ＠ｅｘａｍｐｌｅ．ｊｐ", NoAt, Some("reader@example.jp")),
        ("a＠docomo.ne.jp", NoAt, Some("a@docomo.ne.jp")),
        ("a@docomo.ne.jp。", NotAscii, Some("a@docomo.ne.jp")),
        ("a@docomo。ne。jp", NotAscii, Some("a@docomo.ne.jp")),
        ("a@ｄｏｃｏｍｏ.ne.jp", NotAscii, Some("a@docomo.ne.jp")),
        ("a@docomo.ne,jp", domain(D::Character(',')), Some("a@docomo.ne.jp")),
        ("a @docomo.ne.jp", local(L::Character(' ')), Some("a@docomo.ne.jp")),
        ("a@ docomo.ne.jp", domain(D::Character(' ')), Some("a@docomo.ne.jp")),
        ("a@docomo.ne. jp", domain(D::Character(' ')), Some("a@docomo.ne.jp")),
        ("a\u{3000}@docomo.ne.jp", NotAscii, Some("a@docomo.ne.jp")),
        ("\u{3000}a@docomo.ne.jp", NotAscii, Some("a@docomo.ne.jp")),
        ("a@docomo.ne.jp\u{3000}", domain(D::Character('\u{3000}')), Some("a@docomo.ne.jp")),
        ("a\u{200b}@docomo.ne.jp", ControlCharacter, Some("a@docomo.ne.jp")),
        ("\u{feff}a@docomo.ne.jp", ControlCharacter, Some("a@docomo.ne.jp")),
        ("a\u{202e}b@docomo.ne.jp", ControlCharacter, Some("ab@docomo.ne.jp")),
        ("a@doco\u{ad}mo.ne.jp", ControlCharacter, Some("a@docomo.ne.jp")),
        ("mailto:a@example.jp", local(L::Character(':')), Some("a@example.jp")),
        ("Taro Yamada <a@example.jp>", domain(D::Character('>')), Some("a@example.jp")),
        ("読者@example.jp", NotAscii, None),
        ("用户@例え.jp", NotAscii, None),
        ("é@example.jp", NotAscii, None),
        // Attacks on the conversation with the relay.
        ("a@b.jp\r\n", ControlCharacter, Some("a@b.jp")),
        ("a@b.jp\r\nBcc: x@y.jp", ControlCharacter, None),
        ("a@b>\r\nRCPT TO:<x@y", ControlCharacter, None),
        ("a\n@b.jp", ControlCharacter, None),
        ("\"a\r\n\"@b.jp", ControlCharacter, None),
        ("a\0@b.jp", ControlCharacter, None),
        ("a@b.jp\0", ControlCharacter, Some("a@b.jp")),
        ("a@b.jp\u{2028}DATA", ControlCharacter, None),
        ("a@b.jp\u{85}DATA", ControlCharacter, None),
        ("a@b.jp SIZE=1", domain(D::Character(' ')), None),
        ("a@b SIZE=1", domain(D::Character(' ')), None),
        ("<a@b.jp>", domain(D::Character('>')), Some("a@b.jp")),
        // Mailboxes of those who run the domain.
        ("abuse@example.jp", RoleBlocked, None),
        ("Postmaster@example.jp", RoleBlocked, None),
        ("postmaster+list@example.jp", RoleBlocked, None),
        ("\"mailer-daemon\"@example.jp", RoleBlocked, None),
    ];
    let mut all: Vec<_> = table.iter().map(|(t, p, s)| ((*t).to_owned(), p.clone(), *s)).collect();
    let label = "d".repeat(60);
    let long_domain = [label.as_str(); 5].join(".");
    all.extend([
        (format!("{}@example.jp", "a".repeat(65)), local(L::TooLong), None),
        // 63 characters, but two quotes on the wire.
        (format!(".{}@docomo.ne.jp", "a".repeat(62)), local(L::TooLong), None),
        (format!("a@{long_domain}"), domain(D::TooLong), None),
        (format!("a@{}.jp", "d".repeat(64)), domain(D::Invalid), None),
        (format!("{}@{}", "a".repeat(64), [label.as_str(); 4].join(".")), TooLong, None),
        ("a".repeat(100_000), TooLong, None),
    ]);
    all
}

#[test]
fn addresses_people_have_are_taken_and_go_on_the_wire_correctly() {
    for (typed, wire, key) in TAKEN {
        let address = EmailAddress::parse(typed).unwrap_or_else(|e| panic!("{typed:?}: {e}"));
        assert_eq!(address.wire(), *wire, "{typed:?}");
        assert_eq!(address.key(), *key, "{typed:?}");
        let again = EmailAddress::parse(&address.as_typed()).unwrap();
        assert_eq!(again.as_typed(), address.as_typed(), "{typed:?}");
    }
}

#[test]
fn wrong_addresses_are_refused_with_what_was_probably_meant() {
    let table = refused();
    for (typed, problem, suggestion) in &table {
        let error = EmailAddress::parse(typed).expect_err(typed);
        assert_eq!(error.problem(), problem, "{typed:?}");
        assert_eq!(error.suggestion().as_deref(), *suggestion, "{typed:?}");
    }
    assert!(table.len() + TAKEN.len() >= 60);
}

#[test]
fn the_form_as_typed_stays_and_only_the_domain_is_lowered() {
    let address = EmailAddress::parse(" A..B@Docomo.NE.jp ").unwrap();
    assert_eq!(address.as_typed(), "A..B@docomo.ne.jp");
    assert_eq!(address.domain(), "docomo.ne.jp");
}

#[test]
fn the_longest_parts_allowed_are_taken() {
    assert!(EmailAddress::parse(&format!("{}@example.jp", "a".repeat(64))).is_ok());
    assert!(EmailAddress::parse(&format!("a@{}.jp", "d".repeat(63))).is_ok());
}

#[test]
fn an_operator_may_use_a_role_address() {
    assert!(EmailAddress::parse_mailbox("postmaster@example.jp").is_ok());
}

#[test]
fn neither_an_address_nor_an_error_can_be_logged_by_accident() {
    let address = EmailAddress::parse("canary@example.jp").unwrap();
    assert!(!format!("{address:?}").contains("canary"));
    let error = EmailAddress::parse("canary＠example.jp").unwrap_err();
    assert!(error.suggestion().is_some());
    assert!(!format!("{error:?} {error}").contains("canary"));
}

/// Text that is often nearly an address.
fn near_address() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[a-zA-Z0-9]{1,8}".prop_map(String::from),
        3 => Just("@".to_owned()),
        3 => Just(".".to_owned()),
        2 => Just("\"".to_owned()),
        1 => Just("\\".to_owned()),
        1 => prop::sample::select(vec![" ", "\r", "\n", "\r\n", "\0", "<", ">", ",", "＠", "。", "\u{3000}", "\u{200b}", "é"])
            .prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    let domain = prop::sample::select(vec!["@docomo.ne.jp", "@example.jp", "@例え.jp", ""]);
    (prop::collection::vec(piece, 0..8), domain).prop_map(|(pieces, domain)| pieces.concat() + domain)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn whatever_is_taken_is_safe_on_the_wire_and_keeps_its_key(text in near_address()) {
        let parsed = EmailAddress::parse(&text);
        if let Err(error) = &parsed && let Some(suggestion) = error.suggestion() {
            let suggested = EmailAddress::parse_mailbox(&suggestion).unwrap();
            prop_assert_eq!(suggested.as_typed(), suggestion);
        }
        if let Ok(address) = parsed {
            let wire = address.wire();
            prop_assert!(wire.bytes().all(|b| (0x20..0x7f).contains(&b)), "{wire:?}");
            let (local, domain) = wire.rsplit_once('@').unwrap();
            prop_assert!(local.starts_with('"') || !local.contains([' ', '<', '>', '@', '"', '\\']), "{wire:?}");
            prop_assert!(domain.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b)), "{wire:?}");
            let again = EmailAddress::parse(&wire).unwrap();
            prop_assert_eq!(again.key(), address.key());
            prop_assert_eq!(again.wire(), wire);
            let typed = EmailAddress::parse(&address.as_typed()).unwrap();
            prop_assert_eq!(typed.key(), address.key());
        }
    }
}
