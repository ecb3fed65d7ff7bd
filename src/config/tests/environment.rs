//! What variables, files of secrets and credentials say.

use super::*;

#[test]
fn variables_win_over_the_file_and_address_relays_and_editions_by_name() {
    let text = "[[relays]]\nname = \"main-relay\"\nhost = \"smtp.example.jp\"\nusername = \"u\"\npassword_file = \"/nowhere\"\n\
                [http]\nlisten = \"127.0.0.1:1\"\n";
    let config = good(
        text,
        &[
            ("KAWARABAN_DATABASE__URL", "postgres://kawaraban:canary@db/kawaraban"),
            ("KAWARABAN_RELAYS__MAIN_RELAY__PASSWORD", "from the environment"),
            ("KAWARABAN_RELAYS__MAIN_RELAY__PORT", "2525"),
            ("KAWARABAN_HTTP__LISTEN", "[::1]:9"),
            ("KAWARABAN_HTTP__TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8"),
            ("KAWARABAN_EDITIONS__WEEKLY__SCHEDULE", "0 9 * * Mon"),
            ("KAWARABAN_CONFIG", "ignored here"),
            ("PATH", "/bin"),
        ],
    );
    let relay = &config.relays[0];
    assert_eq!(relay.password.as_ref().unwrap().expose_secret(), "from the environment");
    assert_eq!((relay.port, relay.tls), (2525, RelayTls::Implicit));
    assert_eq!(config.http.listen.port(), 9);
    assert_eq!(config.http.trusted_proxies.len(), 2);
    assert_eq!(config.editions[0].schedule.expression(), "0 9 * * Mon");
    assert_eq!(config.editions[0].title, default_editions()[0].title);
    assert_eq!(config.database.shown(), "postgres://kawaraban:***@db/kawaraban");
}

#[test]
fn the_environment_alone_is_a_configuration() {
    let config = load(
        "",
        &[
            ("KAWARABAN_BASE_URL", "https://news.example.jp"),
            ("KAWARABAN_SECRET", SECRET),
            ("KAWARABAN_RELAYS__MAIN__HOST", "127.0.0.1"),
            ("KAWARABAN_RELAYS__MAIN__TLS", "none"),
            ("KAWARABAN_RELAYS__MAIN__CONNECTIONS", "2"),
            ("KAWARABAN_SENDER__NAME", "瓦版"),
        ],
    )
    .unwrap();
    assert_eq!((config.relays[0].name.as_str(), config.relays[0].port), ("main", 25));
    assert_eq!(config.sender.name, "瓦版");
}

#[test]
fn wrong_variables_are_told_by_name() {
    let relay = "[[relays]]\nname = \"main\"\nhost = \"smtp.example.jp\"\n";
    for (text, name, value, expected) in [
        ("", "KAWARABAN_BASEURL", "x", "KAWARABAN_BASEURL: baseurl: there is no such key; did you mean base_url?"),
        (
            "",
            "KAWARABAN_DATABASE__URI",
            "x",
            "KAWARABAN_DATABASE__URI: database.uri: there is no such key; did you mean url?",
        ),
        ("", "KAWARABAN_DATABASE", "x", "KAWARABAN_DATABASE: database: this is a section: write [database]"),
        ("", "KAWARABAN_BASE_URL__X", "x", "KAWARABAN_BASE_URL__X: base_url.x: base_url has no keys of its own"),
        ("", "KAWARABAN_", "x", "KAWARABAN_: : names no key"),
        (
            relay,
            "KAWARABAN_RELAYS__MIAN__PORT",
            "25",
            "KAWARABAN_RELAYS__MIAN__PORT: relays.mian.port: none of the relays is named mian; there is main",
        ),
        (
            relay,
            "KAWARABAN_RELAYS__PORT",
            "25",
            "KAWARABAN_RELAYS__PORT: relays.port: name one of the relays and a key: KAWARABAN_RELAYS__NAME__KEY",
        ),
        (
            relay,
            "KAWARABAN_RELAYS__MAIN__PORT",
            "smtp",
            "KAWARABAN_RELAYS__MAIN__PORT: relays.main.port: write a whole number from 1 to 65535",
        ),
    ] {
        let problems = wrong(text, &[(name, value)]);
        assert_eq!(problems, [format!("environment variable {}", expected.replace(": : ", ": "))], "{name}");
    }
}

#[test]
fn secrets_may_come_from_files_and_lose_their_line_end() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), format!("{SECRET}\n")).unwrap();
    std::fs::write(folder.path().join("pw"), "canary\r\n").unwrap();
    let file = folder.path().join("kawaraban.toml");
    let text = "base_url = \"https://news.example.jp\"\nsecret_file = \"secret\"\n\
                [[relays]]\nname = \"main\"\nhost = \"a.example\"\nusername = \"u\"\npassword_file = \"pw\"\n\
                [templates]\ndir = \"mine\"\n";
    std::fs::write(&file, text).unwrap();
    let config = Config::load(Some(&file), &BTreeMap::new()).unwrap();
    assert_eq!(config.secret.expose_secret(), SECRET, "the path starts at the file's folder");
    assert_eq!(config.relays[0].password.as_ref().unwrap().expose_secret(), "canary");
    assert_eq!(config.templates.dir, Some(folder.path().join("mine")));
    assert!(!format!("{config:?}").contains("canary") && !format!("{config:?}").contains(SECRET));

    let both = wrong("secret_file = \"x\"", &[]);
    assert_eq!(both, ["k.toml:3:15: secret_file: set secret or secret_file, not both"]);
    let absent = load("base_url = \"https://a.example\"\nsecret_file = \"/nowhere\"", &[]).unwrap_err();
    assert!(absent.to_string().starts_with("k.toml:2:15: secret_file: cannot read /nowhere: "), "{absent}");
}

#[test]
fn systemd_credentials_win_over_the_file_and_lose_to_variables() {
    let folder = tempfile::tempdir().unwrap();
    let credential = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    credential("secret", "another secret of more than thirty-two characters\n");
    credential("database.url", "postgres://u:canary@db/k\n");
    credential("relays.main.password", "from systemd\n");
    let directory = ("CREDENTIALS_DIRECTORY", folder.path().to_str().unwrap());
    let relay = "[[relays]]\nname = \"main\"\nhost = \"a.example\"\nusername = \"u\"\npassword_file = \"/nowhere\"\n";

    let config = good(relay, &[directory]);
    assert!(config.secret.expose_secret().starts_with("another"));
    assert_eq!(config.database.shown(), "postgres://u:***@db/k");
    assert_eq!(config.relays[0].password.as_ref().unwrap().expose_secret(), "from systemd");

    let config = good(relay, &[directory, ("KAWARABAN_RELAYS__MAIN__PASSWORD", "from a variable")]);
    assert_eq!(config.relays[0].password.as_ref().unwrap().expose_secret(), "from a variable");

    credential("secret", "short");
    let problems = wrong(relay, &[directory]);
    assert!(problems[0].starts_with("credential ") && problems[0].contains("at least 32"), "{problems:?}");
}
