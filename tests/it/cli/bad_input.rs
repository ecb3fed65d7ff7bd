//! What operators get wrong, and what they are told.

use std::sync::Arc;

use kawaraban::smtpd::{Options, Tls};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::house::{House, Ran, SECRET, SENDER, web_page};
use super::relay::Relay;

fn fails(ran: &Ran, code: i32, words: &[&str]) {
    assert_eq!(ran.code, code, "{ran:#?}");
    for word in words {
        assert!(ran.err.contains(word), "{word:?} is not in: {}", ran.err);
    }
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
}

#[test]
fn without_a_configuration_serve_says_how_to_make_one() {
    let ran = House::bare().run(&["serve"]);
    if std::path::Path::new("/etc/kawaraban/kawaraban.toml").exists() {
        return;
    }
    fails(&ran, 3, &["there is no configuration", "config/kawaraban.toml", "--config", "kawaraban demo"]);
    fails(&House::bare().run(&["check"]), 3, &["there is no configuration"]);
    fails(&House::bare().run(&["serve", "--config", "gone.toml"]), 3, &["gone.toml", "No such file"]);
}

#[test]
fn broken_toml_is_told_with_file_and_line() {
    let house = House::bare();
    house.write("kawaraban.toml", b"base_url = \"https://news.example.jp\"\nsecret = \n");
    fails(&house.run(&["serve"]), 3, &["kawaraban.toml:2:"]);
}

#[test]
fn an_unknown_key_is_told_with_its_line_and_every_mistake_at_once() {
    let house = House::with("[delivery]\nrate_per_hour = 5\non_unknown = \"forget\"\n");
    let ran = house.run(&["subscribers", "list"]);
    fails(&ran, 3, &["kawaraban.toml:6:", "delivery.rate_per_hour", "kawaraban.toml:7:", "\"resend\" and \"park\""]);
    let ran = house.run(&["check", "--json"]);
    assert_eq!(ran.code, 3);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["findings"].as_array().unwrap().iter().filter(|f| f["verdict"] == "wrong").count(), 2);
}

#[test]
fn no_secret_is_repeated_in_an_error() {
    let house = House::bare();
    house.write("kawaraban.toml", b"base_url = \"https://news.example.jp\"\nsecret = \"hunter2\"\n");
    let ran = house.run(&["check"]);
    assert_eq!(ran.code, 3);
    assert!(!format!("{ran:?}").contains("hunter2"));
    assert!(!house.done_even_if_wrong(&["--help"]).contains(SECRET));
}

impl House {
    fn done_even_if_wrong(&self, words: &[&str]) -> String {
        self.run(words).out
    }
}

#[test]
fn without_a_relay_or_a_sender_nothing_is_begun() {
    let house = House::with("");
    for words in [&["serve"][..], &["send", "weekly"]] {
        fails(&house.run(words), 3, &["sender.name", "sender.postal_address", "relays: there is no [[relays]]"]);
    }
    assert!(!house.path("data").exists(), "not even a database");
    house.configure(SENDER);
    fails(&house.run(&["send", "weekly"]), 3, &["relays"]);
}

#[test]
fn a_relay_that_is_down_keeps_the_mail_in_the_ledger() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let house = House::with_relay(port);
    let checked = house.run(&["check"]);
    assert_eq!(checked.code, 5);
    assert!(checked.out.contains("relay main cannot be reached"), "{}", checked.out);
    house.subscribers(&["hana@example.jp"]);
    house.article("Tea");
    let ran = house.run(&["send", "weekly"]);
    assert_eq!(ran.code, 5, "{ran:#?}");
    assert!(ran.out.contains("no relay takes them") && ran.out.contains("nothing is lost"), "{}", ran.out);
    assert_eq!(house.json(&["deliveries", "stats"])["queued"], 1);
}

#[test]
fn a_relay_that_refuses_the_password_is_told_apart_from_the_subscribers() {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let relay = Relay::with(Options {
        tls: Tls::StartTls(Arc::new(tls)),
        auth: Some(("news".to_owned(), "correct".into())),
        ..Options::default()
    });

    let house = House::bare();
    house.write("ca.pem", issuer.pem().as_bytes());
    house.configure(&format!(
        "{SENDER}[[relays]]\nname = \"main\"\nhost = \"localhost\"\nport = {}\ntls = \"starttls\"\n\
         username = \"news\"\npassword = \"guessed-it\"\nca_file = \"ca.pem\"\n",
        relay.port
    ));
    let checked = house.run(&["check"]);
    assert_eq!(checked.code, 5, "{checked:#?}");
    assert!(checked.out.contains("relay main did not let us authenticate: 535"), "{}", checked.out);
    house.subscribers(&["hana@example.jp"]);
    house.article("Tea");
    let ran = house.run(&["send", "weekly"]);
    assert_eq!(ran.code, 5, "{ran:#?}");
    assert!(ran.out.contains("did not let us authenticate"), "{}", ran.out);
    assert!(!format!("{checked:?}{ran:?}").contains("guessed-it"));
    assert_eq!(house.json(&["subscribers", "show", "hana@example.jp"])["state"], "confirmed");
}

#[test]
fn a_feed_that_is_a_web_page_is_named_as_one() {
    let port = web_page("<!DOCTYPE html><html><head><title>Our news</title></head><body>Hello</body></html>");
    let house = House::with("[feeds]\nallow_networks = [\"127.0.0.1\"]\n");
    let url = format!("http://127.0.0.1:{port}/");
    fails(&house.run(&["feeds", "add", &url, "--section", "news"]), 1, &["web page", "names no feed"]);
    house.done(&["feeds", "add", &url, "--section", "news", "--no-check"]);
    let ran = house.run(&["feeds", "fetch"]);
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert!(ran.err.contains("FAILED") && ran.err.contains("web page"), "{}", ran.err);
    assert_eq!(ran.err.matches("web page").count(), 1, "it is said once: {}", ran.err);
    let feeds = house.json(&["feeds", "list"]);
    assert!(feeds[0]["last_error"].as_str().unwrap().contains("web page"), "{feeds}");

    // All that failed are tried again together.
    assert!(house.done(&["feeds", "fetch"]).contains("1 feed failed before and must wait"));
    assert!(house.done(&["feeds", "resume", "--all"]).starts_with("1 feed is fetched again; `kawaraban feeds fetch`"));
    assert_eq!(house.run(&["feeds", "fetch"]).code, 1, "it is");
    house.done(&["feeds", "pause", "1"]);
    let told = house.done(&["feeds", "resume", "--all"]);
    assert!(told.starts_with("No feed has failed. 1 feed stays paused: it is gone, or was paused by hand."), "{told}");
    assert_eq!(house.json(&["feeds", "resume", "--all"])["still_paused"], 1);
    assert_eq!(house.run(&["feeds", "resume"]).code, 2);
}

#[test]
fn a_feed_in_the_intranet_or_in_no_section_is_refused() {
    let house = House::with("");
    let metadata = ["feeds", "add", "http://169.254.169.254/latest", "--section", "news"];
    fails(&house.run(&metadata), 1, &["169.254.169.254 is not a public address"]);
    house.done(&[&metadata[..], &["--no-check"]].concat());
    assert_eq!(house.run(&["feeds", "fetch"]).code, 1);
    let ran = house.run(&["feeds", "add", "https://example.jp/rss", "--section", "nwes"]);
    fails(&ran, 1, &["no edition has a section \"nwes\"; there are: news, openings"]);
    fails(&house.run(&["feeds", "add", "ftp://example.jp", "--section", "news"]), 1, &["not a web address"]);
    fails(&house.run(&["feeds", "remove", "7"]), 1, &["no feed \"7\""]);
}

#[test]
fn an_address_with_a_line_end_goes_nowhere() {
    let relay = Relay::courteous();
    let house = House::with_relay(relay.port);
    for address in ["hana@example.jp\r\nBcc: all@example.jp", "hana\n@example.jp", "hana@example.jp\0"] {
        if address.contains('\0') {
            // The operating system takes no such argument; a file may have it all the same.
            house.write("nul.csv", format!("email\n{address}\n").as_bytes());
            let ran = house.run(&["subscribers", "import", "nul.csv", "--invite"]);
            assert_eq!(ran.code, 1, "{ran:#?}");
            continue;
        }
        fails(&house.run(&["subscribers", "add", address]), 1, &["invisible character"]);
    }
    fails(&house.run(&["subscribers", "add", "ｈａｎａ@example.jp"]), 1, &["did you mean hana@example.jp?"]);
    assert_eq!(house.json(&["subscribers", "list"]), serde_json::json!([]));
}

#[test]
fn an_unknown_edition_or_issue_is_told_with_those_there_are() {
    let relay = Relay::courteous();
    let house = House::with_relay(relay.port);
    fails(&house.run(&["send", "wekly"]), 1, &["there is no edition \"wekly\"; the configuration has: weekly"]);
    fails(&house.run(&["issues", "show", "7"]), 1, &["there is no issue 7"]);
    fails(&house.run(&["articles", "list", "--waiting", "daily"]), 1, &["no edition \"daily\""]);
}

#[test]
fn a_template_with_a_typo_is_refused_before_anything_is_sent() {
    let house = House::with("[templates]\ndir = \"mine\"\n");
    std::fs::create_dir_all(house.path("mine/mail/digest")).unwrap();
    house.write("mine/mail/digest/subject.hbs", b"{{#if number}}\n{{nmber}}\n{{/if}}\n");
    let ran = house.run(&["issues", "list"]);
    fails(&ran, 3, &["mine/mail/digest/subject.hbs:2"]);
    let ran = house.run(&["check", "--offline"]);
    assert_eq!(ran.code, 3);
    assert!(ran.out.contains("subject.hbs:2"), "{}", ran.out);
}

#[test]
fn a_database_that_cannot_be_opened_is_exit_code_4() {
    let house = House::with("[database]\nurl = \"sqlite://kawaraban.toml\"\n");
    fails(&house.run(&["subscribers", "list"]), 4, &["database"]);
    assert_eq!(house.run(&["check"]).code, 3, "what must be mended first counts: there is no sender");
    house.configure("[database]\nurl = \"mysql://localhost\"\n");
    fails(&house.run(&["subscribers", "list"]), 3, &["kawaraban.toml:6:", "sqlite://data/kawaraban.db"]);
}

#[test]
fn a_port_that_is_taken_is_told_by_its_key() {
    let relay = Relay::courteous();
    let house = House::bare();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let head = format!("base_url = \"https://news.example.jp\"\nsecret = \"{SECRET}\"\n");
    let http = format!("[http]\nlisten = \"{}\"\n", taken.local_addr().unwrap());
    let more = format!("{SENDER}{}", super::house::relay_section(relay.port));
    house.write("kawaraban.toml", format!("{head}{http}{more}").as_bytes());
    fails(&house.run(&["serve"]), 3, &["http.listen: cannot listen on"]);
}
