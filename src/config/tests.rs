//! Every mistake with the sentence it must give, and the commented file against the built-in defaults.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::ExposeSecret;

use crate::domain::delivery::OnUnknown;

use super::*;

const SECRET: &str = "a secret of more than thirty-two characters";
const SHIPPED: &str = include_str!("../../config/kawaraban.toml");

/// What must be set.
const MINIMUM: &str =
    "base_url = \"https://news.example.jp\"\nsecret = \"a secret of more than thirty-two characters\"\n";

fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn load(text: &str, pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_text("k.toml", text, &environment(pairs))
}

fn good(text: &str, pairs: &[(&str, &str)]) -> Config {
    load(&format!("{MINIMUM}{text}"), pairs).unwrap_or_else(|e| panic!("{e}"))
}

/// Returns what is wrong, a line each.
fn wrong(text: &str, pairs: &[(&str, &str)]) -> Vec<String> {
    let error = load(&format!("{MINIMUM}{text}"), pairs).expect_err(text);
    error.problems().iter().map(ToString::to_string).collect()
}

#[test]
fn the_minimum_is_enough_and_the_rest_has_defaults() {
    let config = good("", &[]);
    assert_eq!(config.base_url.as_str(), "https://news.example.jp/");
    assert_eq!(config.secret.expose_secret(), SECRET);
    assert_eq!(config.database.url.expose_secret(), "sqlite://data/kawaraban.db");
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.delivery.on_unknown, OnUnknown::Resend);
    assert_eq!(config.delivery.unknown_delay, Duration::from_secs(15 * 60));
    assert_eq!(config.feeds.first_fetch_max_age, Duration::from_secs(14 * 86_400));
    let [weekly] = &config.editions[..] else { panic!("one edition") };
    assert_eq!((weekly.name.as_str(), weekly.sections.join(" ").as_str()), ("weekly", "news openings"));
    assert_eq!((weekly.schedule.expression(), weekly.schedule.timezone_name()), ("0 8 * * Fri", "Asia/Tokyo"));
    assert_eq!((weekly.max_per_section, weekly.late_limit), (20, Duration::from_secs(86_400)));
}

#[test]
fn the_shipped_file_says_the_built_in_defaults() {
    let must = [("KAWARABAN_BASE_URL", "https://news.example.jp"), ("KAWARABAN_SECRET", SECRET)];
    let shipped = load(SHIPPED, &must).unwrap_or_else(|e| panic!("{e}"));
    let built_in = load("", &must).unwrap();
    assert_eq!(format!("{shipped:?}"), format!("{built_in:?}"));
    assert_eq!(shipped.database.url.expose_secret(), built_in.database.url.expose_secret());

    let missing = load(SHIPPED, &[]).unwrap_err();
    let keys: Vec<&str> = missing.problems().iter().map(|p| p.key.as_str()).collect();
    assert_eq!(keys, ["base_url", "secret"], "these two and nothing else: {missing}");
}

/// Takes the # from the keys and leaves it on the sentences.
fn uncommented(text: &str) -> String {
    text.lines()
        .map(|line| match line.strip_prefix('#') {
            Some(key) if key.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => key,
            _ => line,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_shipped_file_holds_every_key_and_all_of_them_together_are_valid() {
    let all = uncommented(SHIPPED);
    // The file shows both ways to give a secret; nobody may use both.
    let usable: String = all.lines().filter(|l| !l.contains("_file = ")).map(|l| format!("{l}\n")).collect();
    let config = load(&usable, &[("KAWARABAN_SECRET", SECRET)]).unwrap_or_else(|e| panic!("{e}"));
    config.check_delivery().unwrap();
    assert_eq!(config.relays[0].port, 465);

    // Each section lists its keys when it meets one that is nothing like any of them.
    let probe = "zzzzzzzzzzzzzzzzzzzz = 1";
    let sections = [
        "",
        "[database]",
        "[http]",
        "[sender]",
        "[operator]",
        "[dkim]",
        "[[relays]]",
        "[delivery]",
        "[[delivery.domains]]",
        "[delivery.warm_up]",
        "[feeds]",
        "[[editions]]",
        "[templates]",
        "[log]",
    ];
    let mut seen = 0;
    for section in sections {
        let text =
            if section.is_empty() { format!("{probe}\n{MINIMUM}") } else { format!("{MINIMUM}{section}\n{probe}") };
        let error = load(&text, &[]).unwrap_err();
        let listed = error.problems().iter().find_map(|p| p.message.strip_prefix("there is no such key; there is "));
        for key in listed.unwrap_or_else(|| panic!("{section}: {error}")).split(", ") {
            let part = match all.split_once(&format!("\n{section}\n")) {
                Some((_, rest)) if !section.is_empty() => &format!("\n{}", rest.split("\n[").next().unwrap()),
                _ => &all,
            };
            let spellings = [format!("\n{key} = "), format!("\n[{key}]\n"), format!("\n[[{key}]]\n")];
            let parent = section.trim_matches(['[', ']']);
            let below = [format!("\n[{parent}.{key}]\n"), format!("\n[[{parent}.{key}]]\n")];
            let written = below.iter().any(|spelling| all.contains(spelling))
                || spellings.iter().any(|spelling| part.contains(spelling));
            assert!(written, "{section} {key} is not in config/kawaraban.toml");
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen} keys");
}

#[test]
fn the_policy_of_an_edition_is_read_and_checked() {
    let edition =
        |more: &str| format!("[[editions]]\nname = \"weekly\"\ntitle = \"Weekly\"\nschedule = \"0 8 * * Fri\"\n{more}");
    let text = edition(
        "min_items = 5\nmax_items = 30\nsection_limits = [\"openings = 10\"]\nmax_age = \"60d\"\nwelcome_issue = true\npublish_without_readers = true",
    );
    let weekly = &good(&text, &[]).editions[0];
    assert_eq!((weekly.limit_of("news"), weekly.limit_of("openings"), weekly.most_items()), (20, 10, 30));
    assert_eq!((weekly.policy.min_items, weekly.policy.welcome_issue), (5, true));
    assert!(weekly.policy.publish_without_readers);
    assert_eq!(weekly.policy.max_age, Some(Duration::from_secs(60 * 86_400)));
    for (keys, message) in [
        ("section_limits = [\"culture=3\"]", "section_limits: there is no section \"culture\" in sections"),
        ("section_limits = [\"news\"]", "section_limits: write a section and its number: \"openings=10\""),
        (
            "section_limits = [\"news=3\",\n  \"news = 4\"]",
            "k.toml:8:3: editions.weekly.section_limits: \"news\" has a number already: write each section once",
        ),
        ("max_items = 0", "max_items: write a whole number from 1 to 5000"),
        ("section_limits = [\"news=0\"]", "section_limits: write a whole number from 1 to 500 after the ="),
        ("min_items = 50", "min_items: an issue never has more than 40 items, so it would never appear"),
        ("min_items = 4\nmax_items = 3", "min_items: an issue never has more than 3 items, so it would never appear"),
        ("min_items = 0", "min_items: write a whole number from 1 to 500"),
        ("max_age = \"1h\"", "max_age: \"1h\" is no span of time from \"1d\" to \"3650d\""),
    ] {
        let wrong = wrong(&edition(keys), &[]);
        assert!(wrong.len() == 1 && wrong[0].contains(message), "{keys}: {wrong:?}");
    }
}

#[test]
fn mistakes_are_told_with_place_key_and_what_is_allowed() {
    // The minimum takes two lines, so these begin on the third.
    let table = [
        ("basurl = 1", "k.toml:3:1: basurl: there is no such key; did you mean base_url?"),
        ("[databse]\nurl = \"x\"", "k.toml:3:2: databse: there is no such key; did you mean database?"),
        ("[http]\nlsten = \"x\"", "k.toml:4:1: http.lsten: there is no such key; did you mean listen?"),
        ("[http]\ncolour = 1", "k.toml:4:1: http.colour: there is no such key; there is listen, trusted_proxies"),
        ("[http]\nlisten = 8080", "k.toml:4:10: http.listen: write a text in quotes"),
        (
            "[http]\nlisten = \"8080\"",
            "k.toml:4:10: http.listen: \"8080\" is no address with a port: write \"127.0.0.1:8080\" or \"[::1]:8080\"",
        ),
        (
            "[http]\ntrusted_proxies = [\"10.0.0.1\", \"proxy\"]",
            "k.toml:4:32: http.trusted_proxies: \"proxy\" is no network: write one such as \"10.0.0.0/8\", \
             \"127.0.0.1\" or \"fd00::/8\"",
        ),
        ("[http]\ntrusted_proxies = 1", "k.toml:4:19: http.trusted_proxies: write a list: [\"…\", \"…\"]"),
        ("http = 1", "k.toml:3:1: http: this is a section: write [http]"),
        ("[relays]\nname = \"x\"", "k.toml:3:2: relays: this is a list of tables: write [[relays]]"),
        (
            "[database]\nurl = \"mysql://x:canary@y/z\"",
            "k.toml:4:7: database.url: write a URL such as \"sqlite://data/kawaraban.db\" or \
             \"postgres://user:password@host/database\"",
        ),
        (
            "[delivery]\nunknown_delay = \"15 parsecs\"",
            "k.toml:4:17: delivery.unknown_delay: \"15 parsecs\" is no span of time from \"0s\" to \"1d\": write \
             \"15m\", \"24h\", \"14d\"",
        ),
        (
            "[delivery]\ngive_up_after = \"1s\"",
            "k.toml:4:17: delivery.give_up_after: \"1s\" is no span of time from \"1h\" to \"14d\": write \"15m\", \
             \"24h\", \"14d\"",
        ),
        (
            "[delivery]\nrate_per_minute = -1",
            "k.toml:4:19: delivery.rate_per_minute: write a whole number from 0 to 1000000",
        ),
        (
            "[delivery]\non_unknown = \"maybe\"",
            "k.toml:4:14: delivery.on_unknown: \"maybe\" is not one of \"resend\" and \"park\"",
        ),
        ("[log]\nformat = \"xml\"", "k.toml:4:10: log.format: \"xml\" is not one of \"auto\", \"pretty\" and \"json\""),
        (
            "[sender]\nemail = \"news＠example.jp\"",
            "k.toml:4:9: sender.email: the address has no @; did you mean news@example.jp?",
        ),
        (
            "[sender]\nname = \"\"\"two\nlines\"\"\"",
            "k.toml:4:8: sender.name: write it on one line, without control characters",
        ),
        (
            "[[editions]]\nname = \"weekly\"\ntitle = \"x\"\nschedule = \"0 0 8 * * Fri\"",
            "k.toml:6:12: editions.weekly.schedule: \"0 0 8 * * Fri\" has 6 fields: write five fields, minute hour \
             day-of-month month day-of-week, such as \"0 8 * * Fri\"",
        ),
        (
            "[[editions]]\nname = \"weekly\"\ntitle = \"x\"\nschedule = \"@weekly\"\ntimezone = \"Tokyo\"",
            "k.toml:7:12: editions.weekly.timezone: there is no time zone \"Tokyo\": write a name of the IANA database \
             such as \"Asia/Tokyo\"",
        ),
        (
            "[[editions]]\nname = \"weekly\"\nschedule = \"@weekly\"",
            "k.toml:3:1: editions.weekly.title: an edition must have this key",
        ),
        (
            "[[editions]]\nname = \"Weekly News\"\ntitle = \"x\"\nschedule = \"@weekly\"",
            "k.toml:4:8: editions.Weekly News.name: \"Weekly News\" is no name: write lower-case letters, digits and \
             -, at most 40",
        ),
        (
            "[[editions]]\nname = \"a\"\ntitle = \"x\"\nschedule = \"@weekly\"\nsections = []",
            "k.toml:7:12: editions.a.sections: write at least one section, and each of them once",
        ),
        ("[[relays]]\nname = \"main\"", "k.toml:3:1: relays.main.host: a relay must have this key"),
        ("[[relays]]\nhost = \"smtp.example.jp\"", "k.toml:3:1: relays[1].name: a relay must have this key"),
        (
            "[[relays]]\nname = \"main\"\nhost = \"smtp.example.jp:25\"",
            "k.toml:5:8: relays.main.host: \"smtp.example.jp:25\" is no host: write a name such as \
             \"smtp.example.jp\", without a port",
        ),
        (
            "[[relays]]\nname = \"main\"\nhost = \"smtp.example.jp\"\ntls = \"none\"",
            "k.toml:6:7: relays.main.tls: mail to another machine needs TLS: write \"implicit\" or \"starttls\", or \
             set force_plain = true",
        ),
        (
            "[[relays]]\nname = \"a\"\nhost = \"localhost\"\ntls = \"none\"\nusername = \"u\"\npassword = \"canary\"",
            "k.toml:6:7: relays.a.tls: a password is never sent without TLS: write \"starttls\"",
        ),
        (
            "[[relays]]\nname = \"a\"\nhost = \"smtp.example.jp\"\nusername = \"u\"",
            "k.toml:6:12: relays.a.username: set password or password_file, too",
        ),
        (
            "[[relays]]\nname = \"a\"\nhost = \"a.example\"\n[[relays]]\nname = \"A\"\nhost = \"b.example\"",
            "k.toml:7:8: relays.A.name: there is one of this name already",
        ),
        (
            "[[relays]]\nname = \"a\"\nhost = \"a.example\"\nport = 70000",
            "k.toml:6:8: relays.a.port: write a whole number from 1 to 65535",
        ),
        (
            "previous_secrets = [\"canary\"]",
            "k.toml:3:21: previous_secrets: a secret has at least 32 characters, this one has 6; `openssl rand -hex 32` makes one",
        ),
    ];
    for (text, expected) in table {
        assert_eq!(wrong(text, &[]), [expected], "{text}");
    }
}

#[test]
fn broken_toml_is_told_with_its_place_and_never_shown() {
    let error = load("base_url = \"https://news.example.jp\"\nsecret = \"canary-canary\nx = 1\n", &[]).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("k.toml:2:") && text.contains("this is not TOML"), "{text}");
    assert!(!text.contains("canary"), "{text}");
    let doubled = load("base_url = \"https://a.example\"\nbase_url = \"https://b.example\"\n", &[]).unwrap_err();
    assert!(doubled.to_string().contains("k.toml:2:1"), "{doubled}");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let error = load("secret = \"short\"\n[http]\nlisten = 1\n[feeds]\npoll = 2\n", &[]).unwrap_err();
    let keys: Vec<&str> = error.problems().iter().map(|p| p.key.as_str()).collect();
    assert_eq!(keys, ["base_url", "secret", "http.listen", "feeds.poll"]);
    assert!(error.to_string().starts_with("4 things are wrong with the configuration:\n  base_url: this key must"));
}

#[test]
fn the_base_url_is_https_except_at_home() {
    for url in ["http://127.0.0.1:8080", "http://localhost:8080", "http://192.168.1.5/news", "http://[::1]:8080"] {
        assert!(load(&format!("base_url = {url:?}\nsecret = {SECRET:?}"), &[]).is_ok(), "{url}");
    }
    for (url, words) in [
        ("http://news.example.jp", "https://"),
        ("news.example.jp", "is no URL"),
        ("ftp://news.example.jp", "begins with https://"),
        ("https://u:p@news.example.jp", "without a user name"),
        ("https://news.example.jp/?a=b", "without a user name, a query"),
    ] {
        let error = load(&format!("base_url = {url:?}\nsecret = {SECRET:?}"), &[]).unwrap_err();
        assert!(error.to_string().contains(words), "{url}: {error}");
    }
}

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

#[test]
fn without_a_file_there_is_a_hint_and_a_named_one_must_exist() {
    let error = Config::load(None, &BTreeMap::new()).unwrap_err().to_string();
    for words in ["kawaraban.toml and /etc/kawaraban/kawaraban.toml", "config/kawaraban.toml", "kawaraban demo"] {
        assert!(error.contains(words), "{error}");
    }
    let named = environment(&[("KAWARABAN_CONFIG", "/nowhere/kawaraban.toml")]);
    match Config::load(None, &named).unwrap_err() {
        ConfigError::Read { path, .. } => assert_eq!(path, PathBuf::from("/nowhere/kawaraban.toml")),
        other => panic!("{other}"),
    }
}

#[test]
fn nothing_is_sent_before_the_sender_says_who_they_are() {
    let error = good("", &[]).check_delivery().unwrap_err();
    let keys: Vec<&str> = error.problems().iter().map(|p| p.key.as_str()).collect();
    assert_eq!(keys, ["sender.name", "sender.email", "sender.postal_address", "sender.contact", "relays"]);
    assert!(error.to_string().contains("特定電子メール法"));
}

#[test]
fn a_default_port_follows_from_tls_and_a_relay_on_this_machine_needs_none() {
    let relay =
        |more: &str| good(&format!("[[relays]]\nname = \"a\"\nhost = \"127.0.0.1\"\n{more}"), &[]).relays.remove(0);
    assert_eq!(relay("").port, 465);
    assert_eq!(relay("tls = \"starttls\"").port, 587);
    assert_eq!(relay("tls = \"none\"").port, 25);
    assert_eq!(relay("tls = \"none\"\nport = 2525").port, 2525);
    let forced = good("[[relays]]\nname = \"a\"\nhost = \"mx.example\"\ntls = \"none\"\nforce_plain = true", &[]);
    assert!(forced.relays[0].force_plain);
}

#[test]
fn a_database_url_is_shown_without_its_password() {
    for (url, shown) in [
        ("sqlite://data/x.db", "sqlite://data/x.db"),
        ("postgres://u@h/d", "postgres://u@h/d"),
        ("postgres://u:canary@h:5432/d?sslmode=require&password=canary", "postgres://u:***@h:5432/d"),
        ("postgres:///d?host=/run/postgresql&password=canary", "postgres:///d"),
    ] {
        let database = DatabaseConfig { url: url.into() };
        assert_eq!(database.shown(), shown);
        assert!(!format!("{database:?}").contains("canary"));
    }
}

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
