//! Every mistake with the sentence it must give, and the commented file against the built-in defaults.

mod environment;
mod sending;

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
