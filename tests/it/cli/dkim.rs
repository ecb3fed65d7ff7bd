//! From a new key to a signed mail.

use std::os::unix::fs::PermissionsExt;

use super::house::{House, SENDER, relay_section};
use super::relay::Relay;
use crate::dkim::{judge, records_shown, tampered};

fn mode(house: &House, name: &str) -> u32 {
    std::fs::metadata(house.path(name)).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_generate_says_is_all_it_takes_to_sign() {
    let relay = Relay::courteous();
    let house = House::with_relay(relay.port);
    let rsa = house.json(&["dkim", "generate", "--out", "dkim.pem"]);
    let second = house.json(&["dkim", "generate", "--ed25519", "--selector", "E2026", "--out", "second.pem"]);
    assert_eq!((mode(&house, "dkim.pem"), mode(&house, "second.pem")), (0o600, 0o600));
    assert_eq!(rsa["record"]["name"], "kawaraban._domainkey.example.jp");
    assert_eq!(second["record"]["name"], "e2026._domainkey.example.jp");
    assert_eq!(rsa["record"]["strings"].as_array().unwrap().len(), 2, "strings of 255 octets");

    let lines = [&rsa, &second].map(|made| made["configuration"].as_str().unwrap().to_owned());
    let section = lines.concat().replacen("[dkim]", "[first]", 1).replace("[dkim]\n", "").replace("[first]", "[dkim]");
    house.configure(&format!("{SENDER}{section}{}", relay_section(relay.port)));
    let check = house.done(&["check"]);
    assert!(check.contains("signs for example.jp with kawaraban._domainkey.example.jp (rsa) and"), "{check}");
    assert!(!check.contains("others"), "{check}");

    house.subscribers(&["hanako@example.com", "bob@example.com"]);
    house.article("新幹線に個室");
    house.done(&["send", "weekly", "--no-fetch"]);
    let mails: Vec<Vec<u8>> = relay.inbox.mails().into_iter().map(|mail| mail.content).collect();
    assert_eq!(mails.len(), 2);
    let bad: Vec<_> = mails.iter().flat_map(|mail| tampered(mail)).collect();
    judge(&records_shown(&house.json(&["dkim", "show"])), &mails, &bad);

    std::fs::set_permissions(house.path("dkim.pem"), std::fs::Permissions::from_mode(0o640)).unwrap();
    let check = house.done(&["check"]);
    assert!(check.contains("dkim.key_file: ") && check.contains("others than its owner can read it"), "{check}");
}

#[test]
fn a_key_is_made_without_a_configuration_and_never_over_another() {
    let house = House::bare();
    let words = ["dkim", "generate", "--domain", "Example.JP", "--selector", "k2026", "--out", "dkim.pem"];
    let said = house.done(&words);
    for part in ["k2026._domainkey.example.jp", "v=DKIM1; k=rsa; p=MIIB", "IN TXT ( \"v=DKIM1", "selector = \"k2026\""]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let key = std::fs::read(house.path("dkim.pem")).unwrap();
    assert!(!said.contains(std::str::from_utf8(&key).unwrap().lines().nth(2).unwrap()), "the private key is shown");
    let again = house.run(&words);
    assert_eq!(again.code, 1);
    assert!(again.err.contains("is there already"), "{again:?}");
    assert_eq!(std::fs::read(house.path("dkim.pem")).unwrap(), key);
    assert_eq!(std::fs::read_dir(house.path(".")).unwrap().count(), 1, "nothing is left behind");

    let nameless = house.run(&["dkim", "generate", "--out", "other.pem"]);
    assert!(nameless.err.contains("name the domain with --domain"), "{nameless:?}");
    assert_eq!(house.run(&["dkim", "generate", "--selector", "a b", "--out", "other.pem"]).code, 2);
}

#[test]
fn a_key_that_is_none_is_told_by_its_setting_before_anything_starts() {
    let section = "[dkim]\nselector = \"k\"\nkey_file = \"key.pem\"\n";
    let house = House::with(&format!("{SENDER}{section}{}", relay_section(1)));
    house.write("key.pem", b"nonsense");
    for words in [&["serve"][..], &["check", "--offline"], &["dkim", "show"], &["issues", "list"]] {
        let ran = house.run(words);
        assert_eq!(ran.code, 3, "{words:?}: {ran:?}");
        let said = format!("{}{}", ran.out, ran.err);
        assert!(said.contains("dkim.key_file: there is no private key in PEM in it"), "{words:?}: {said}");
        assert!(!said.contains("nonsense"), "{said}");
    }
    house.configure(SENDER);
    assert!(house.run(&["dkim", "show"]).err.contains("there is no [dkim]"));
}
