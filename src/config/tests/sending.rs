//! Signatures and paces.

use super::*;

#[test]
fn mail_is_signed_only_where_there_is_a_section() {
    assert!(good("", &[]).dkim.is_none());
    let text = "[sender]\nemail = \"news@mail.example.jp\"\n[dkim]\nselector = \"K1.a\"\nkey = \"canary\"\n";
    let dkim = good(text, &[]).dkim.unwrap();
    assert_eq!((dkim.domain.as_str(), dkim.rsa.selector.as_str(), dkim.oversign), ("mail.example.jp", "k1.a", true));
    assert_eq!((dkim.rsa.setting, dkim.rsa.file.is_none(), dkim.ed25519.is_none()), ("dkim.key", true, true));
    assert!(!format!("{dkim:?}").contains("canary"));

    // From the environment a key has its line ends, and replaces the file of the configuration.
    let variables = [("KAWARABAN_DKIM__KEY", "-----BEGIN\nx\n"), ("KAWARABAN_DKIM__DOMAIN", "Example.JP")];
    let dkim = good(&text.replace("key = \"canary\"", "key_file = \"/nowhere\""), &variables).dkim.unwrap();
    assert_eq!(dkim.rsa.pem.expose_secret(), "-----BEGIN\nx\n");
    assert_eq!(dkim.domain, "example.jp");

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("dkim.key"), "from\nsystemd\n").unwrap();
    let directory = ("CREDENTIALS_DIRECTORY", folder.path().to_str().unwrap());
    assert_eq!(good(text, &[directory]).dkim.unwrap().rsa.pem.expose_secret(), "from\nsystemd");
}

#[test]
fn a_signature_that_would_not_count_is_refused() {
    let section = |more: &str| format!("[sender]\nemail = \"news@mail.example.jp\"\n[dkim]\n{more}\n");
    let one = |more: &str| {
        let problems = wrong(&section(more), &[]);
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems[0].clone()
    };
    let whole = "selector = \"k\"\nkey = \"x\"";
    for domain in ["example.com", "xample.jp", "www.mail.example.jp", "jp"] {
        let said = one(&format!("{whole}\ndomain = \"{domain}\""));
        assert!(said.contains("k.toml:8:10: dkim.domain: ") && said.contains("does not count for DMARC"), "{said}");
    }
    assert!(one(&format!("{whole}\ndomain = \"192.0.2.1\"")).contains("is no domain"));
    assert!(one("key = \"x\"").contains("dkim.selector: this key must be set"));
    assert!(one("selector = \"k\"").contains("dkim.key: this key or key_file must be set"));
    assert!(one("selector = \"a_b\"\nkey = \"x\"").contains("dkim.selector: \"a_b\" is no selector"));
    assert!(one("selector = \"k\"\nkey = \" \"").contains("dkim.key: the key is empty"));
    assert!(one("selector = \"k\"\nkey_file = \"/nowhere\"").contains("dkim.key_file: cannot read /nowhere"));
    assert!(one(&format!("{whole}\ned25519_selector = \"e\"")).contains("set ed25519_key or ed25519_key_file, too"));
    assert!(one(&format!("{whole}\ned25519_key = \"y\"")).contains("dkim.ed25519_selector: set it, too"));
    let same = one(&format!("{whole}\ned25519_selector = \"K\"\ned25519_key = \"y\""));
    assert!(same.contains("a DNS record holds one key"), "{same}");

    let nobody = wrong(&format!("[dkim]\n{whole}\n"), &[]);
    assert_eq!(nobody, ["k.toml:3:2: dkim.domain: set it, or sender.email, whose domain it is otherwise"]);
}

#[test]
fn the_carriers_have_a_limit_that_the_operator_may_change() {
    let config = good("", &[]);
    assert_eq!(config.delivery.domains.len(), 5);
    assert_eq!(config.delivery.domains["docomo.ne.jp"], 300);
    let text = "[[delivery.domains]]\ndomain = \"DOCOMO.ne.jp\"\nper_minute = 0\n
        [[delivery.domains]]\ndomain = \"例え.jp\"\nper_minute = 7\n";
    let config = good(text, &[]);
    assert_eq!(config.delivery.domains["docomo.ne.jp"], 0);
    assert_eq!(config.delivery.domains["xn--r8jz45g.jp"], 7);
    assert_eq!(config.delivery.domains["au.com"], 300);
}

#[test]
fn a_pace_that_makes_no_sense_is_told_by_its_key() {
    for (text, expected) in [
        ("[[delivery.domains]]\nper_minute = 1\n", "delivery.domains[1].domain: a domain's pace must have this key"),
        (
            "[[delivery.domains]]\ndomain = \"a@b\"\nper_minute = 1\n",
            "delivery.domains[1].domain: \"a@b\" is no domain",
        ),
        ("[[delivery.domains]]\ndomain = \"a.jp\"\nper_minute = -1\n", "delivery.domains[1].per_minute: write a whole"),
        (
            "[[delivery.domains]]\ndomain = \"a.jp\"\nper_minute = 1\n[[delivery.domains]]\ndomain = \"A.jp\"\nper_minute = 2\n",
            "delivery.domains[2].domain: there is a pace for this domain already",
        ),
        ("[delivery.warm_up]\nfirst_day = 10\n", "delivery.warm_up.start: a warm-up must have this key"),
        ("[delivery.warm_up]\nstart = \"1.12.\"\nfirst_day = 10\n", "delivery.warm_up.start: \"1.12.\" is no day"),
        (
            "[delivery.warm_up]\nstart = \"2026-12-01\"\nfirst_day = 10\nuntil = 10\n",
            "delivery.warm_up.until: the warm-up ends at 10 mails a day: first_day must be fewer",
        ),
    ] {
        let problems = wrong(text, &[]);
        assert!(problems.len() == 1 && problems[0].contains(expected), "{problems:?}");
    }
}
