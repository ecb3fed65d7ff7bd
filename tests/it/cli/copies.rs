//! One reader's copy: as `issues preview` writes it, as the relay gets it, and as `issues test` sends it.

use std::collections::BTreeSet;

use kawaraban::mail::read;

use super::house::{House, SENDER, relay_section};
use super::relay::Relay;

/// Returns a house that signs its mail, with a draft and two readers.
fn a_draft(relay: &Relay) -> House {
    let house = House::with_relay(relay.port);
    let key = house.json(&["dkim", "generate", "--out", "dkim.pem"]);
    let key = key["configuration"].as_str().unwrap();
    house.configure(&format!("{SENDER}{key}{}", relay_section(relay.port)));
    house.write("readers.csv", "email,language\nhana@example.jp,ja\nbob@example.com,en\n".as_bytes());
    house.done(&["subscribers", "import", "readers.csv", "--confirmed", "--consent", "a fair in Kyoto"]);
    house.article("新幹線に個室 <b>Tea & cake</b>");
    house.done(&["issues", "compile", "weekly"]);
    house
}

/// Writes Hana's copy as it is now, and returns the message.
fn previewed(house: &House, folder: &str) -> Vec<u8> {
    house.done(&["issues", "preview", "1", "--as", "hana@example.jp", "--out", folder]);
    std::fs::read(house.path(folder).join("message.eml")).unwrap()
}

/// Returns the last mail to an address, as the relay got it.
fn got(relay: &Relay, address: &str) -> Vec<u8> {
    let mails = relay.inbox.mails();
    mails.into_iter().rev().find(|mail| mail.envelope.to == [address]).unwrap().content
}

/// Returns the names of the header fields in which two messages differ, byte by byte.
fn differing(one: &[u8], other: &[u8]) -> BTreeSet<String> {
    let fields = |message: &[u8]| -> BTreeSet<String> {
        let text = String::from_utf8(message.to_vec()).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        let mut fields: Vec<String> = Vec::new();
        for line in head.split("\r\n") {
            match fields.last_mut() {
                Some(last) if line.starts_with([' ', '\t']) => last.push_str(line),
                _ => fields.push(line.to_owned()),
            }
        }
        fields.into_iter().collect()
    };
    let (one, other) = (fields(one), fields(other));
    one.symmetric_difference(&other).map(|field| field.split(':').next().unwrap().to_owned()).collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Returns both parts, with nothing in the place of the tokens in the links that are each reader's own.
fn parts(message: &[u8]) -> [String; 2] {
    let mail = read(message);
    [mail.text, mail.html].map(|text| {
        let mut without = text;
        for page in ["/unsubscribe/", "/preferences/"] {
            let pieces: Vec<String> = without.split(page).map(str::to_owned).collect();
            let token = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
            let cut = pieces[1..].iter().map(|piece| piece.trim_start_matches(token).to_owned());
            without = std::iter::once(pieces[0].clone()).chain(cut).collect::<Vec<_>>().join(page);
        }
        without
    })
}

#[test]
fn a_preview_is_byte_by_byte_what_the_reader_gets_and_a_test_differs_where_it_must() {
    let relay = Relay::courteous();
    let house = a_draft(&relay);
    let of_draft = previewed(&house, "draft");
    house.done(&["issues", "seal", "1"]);
    let of_sealed = previewed(&house, "sealed");
    house.done(&["issues", "test", "1", "--to", "editor@example.jp", "--as", "hana@example.jp"]);
    let tested = got(&relay, "editor@example.jp");
    house.done(&["issues", "test", "1", "--to", "editor@example.com", "--lang", "ja"]);
    let tested_in_japanese = got(&relay, "editor@example.com");
    house.done(&["issues", "send", "1", "--wait"]);
    let real = got(&relay, "hana@example.jp");

    assert_eq!(String::from_utf8(of_sealed.clone()).unwrap(), String::from_utf8(real.clone()).unwrap());
    assert_eq!(previewed(&house, "sent"), real, "and afterwards it is still that");

    // A draft is written anew when it is sealed: another moment, and another random key of its own.
    let mut differ = differing(&of_draft, &real);
    differ.insert("Date".to_owned());
    assert_eq!(differ, names(&["Content-Type", "DKIM-Signature", "Date", "Message-ID"]), "the date may be the same");
    assert_eq!(parts(&of_draft), parts(&real));
    let leaving = |message: &[u8]| read(message).header("List-Unsubscribe").unwrap().to_owned();
    assert_eq!(leaving(&of_draft), leaving(&real), "the links are the reader's own");

    // A test goes to somebody else, as a mail of its own, and its links to leave are dead.
    for test in [&tested, &tested_in_japanese] {
        let expected = names(&["DKIM-Signature", "List-Unsubscribe", "Message-ID", "To"]);
        assert_eq!(differing(test, &real), expected);
        assert_eq!(parts(test), parts(&real));
        assert!(leaving(test).contains("/unsubscribe/preview>"), "{}", leaving(test));
        assert!(!read(test).html.contains(leaving(&real).trim_matches(['<', '>'])));
    }
}

#[test]
fn the_copy_of_a_reader_who_would_get_none_is_shown_and_it_is_said_why() {
    let relay = Relay::courteous();
    let house = a_draft(&relay);
    let looks: [&[&str]; 2] = [
        &["issues", "preview", "1", "--as", "hana@example.jp"],
        &["issues", "test", "1", "--to", "editor@example.jp", "--as", "hana@example.jp"],
    ];
    for words in looks {
        assert_eq!(house.run(words).err, "", "she gets it");
    }
    house.done(&["subscribers", "unsubscribe", "hana@example.jp"]);
    for sealed in [false, true] {
        if sealed {
            house.done(&["issues", "seal", "1"]);
        }
        for words in looks {
            let ran = house.run(words);
            let said = "hana@example.jp would be sent nothing: unsubscribed. This is the copy as it would be.";
            assert_eq!((ran.code, ran.err.trim_end()), (0, said), "{ran:#?}");
        }
    }
    house.subscribers(&["late@example.jp"]);
    let late = house.run(&["issues", "preview", "1", "--as", "late@example.jp"]);
    assert!(late.err.contains("would be sent nothing: came after it was sealed"), "{late:#?}");
}
