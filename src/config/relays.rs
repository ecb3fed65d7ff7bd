//! `[[relays]]`: the SMTP servers mail is handed to.

use std::collections::BTreeSet;
use std::path::PathBuf;

use secrecy::SecretString;

use super::is_loopback_name;
use super::reader::Table;

/// More connections than this annoy any relay.
const MAX_CONNECTIONS: i64 = 100;
const DEFAULT_CONNECTIONS: usize = 4;
/// Few relays end a connection sooner by themselves.
const DEFAULT_MESSAGES: u32 = 1000;

/// How the conversation with a relay is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RelayTls {
    /// TLS from the first byte (RFC 8314 §3.3).
    #[default]
    Implicit,
    /// STARTTLS, and nothing is sent to a relay that does not offer it.
    StartTls,
    /// Not at all.
    None,
}

impl RelayTls {
    /// Returns the port that goes with it.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Implicit => 465,
            Self::StartTls => 587,
            Self::None => 25,
        }
    }
}

/// An SMTP server mail is handed to.
#[derive(Debug, Clone)]
pub struct RelayConfig {
    /// What it is called in the log and in variables.
    pub name: String,
    /// Its host name, or an IP address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the conversation is protected.
    pub tls: RelayTls,
    /// The user to log in as; never sent without TLS.
    pub username: Option<String>,
    /// Their password; set whenever `username` is.
    pub password: Option<SecretString>,
    /// How many connections are open at most.
    pub connections: usize,
    /// How many messages one connection carries at most.
    pub messages_per_connection: u32,
    /// Its share of the mail, in proportion to the others'; 0 for one that waits for the others to be in trouble.
    pub weight: u32,
    /// Whether `tls = "none"` is meant even though the relay is another machine.
    pub force_plain: bool,
    /// Certificates to trust instead of the system's, in PEM.
    pub ca_file: Option<PathBuf>,
}

impl RelayConfig {
    /// Returns a relay without TLS or a password: one on this machine.
    pub fn plain(name: &str, host: &str, port: u16) -> Self {
        Self {
            name: name.to_owned(),
            host: host.to_owned(),
            port,
            tls: RelayTls::None,
            username: None,
            password: None,
            connections: DEFAULT_CONNECTIONS,
            messages_per_connection: DEFAULT_MESSAGES,
            weight: 1,
            force_plain: false,
            ca_file: None,
        }
    }

    fn read(mut table: Table<'_>) -> Option<Self> {
        for key in ["name", "host"] {
            if !table.has(key) {
                table.report(None, key, "a relay must have this key");
            }
        }
        let tls_origin = table.origin_of("tls");
        let user_origin = table.origin_of("username");
        let has_password = table.has("password") || table.has("password_file");

        let name = table.parsed("name", name);
        let host = table.parsed("host", host);
        let tls = table.parsed("tls", tls).unwrap_or_default();
        let port = table.integer("port", 1..=65_535).and_then(|port| u16::try_from(port).ok());
        let username = table.text("username");
        let password = table.secret("password", "password_file", |text| {
            if text.is_empty() { Err("the password is empty".to_owned()) } else { Ok(()) }
        });
        let connections = table.integer("connections", 1..=MAX_CONNECTIONS);
        let messages_per_connection = table.integer("messages_per_connection", 1..=1_000_000);
        let weight = table.integer("weight", 0..=1000);
        let force_plain = table.boolean("force_plain").unwrap_or(false);
        let ca_file = table.path("ca_file");

        if tls == RelayTls::None {
            if user_origin.is_some() {
                table.report(tls_origin.as_ref(), "tls", "a password is never sent without TLS: write \"starttls\"");
            }
            if !force_plain && host.as_deref().is_some_and(|host| !is_loopback_name(host)) {
                table.report(
                    tls_origin.as_ref(),
                    "tls",
                    "mail to another machine needs TLS: write \"implicit\" or \"starttls\", or set force_plain = true",
                );
            }
        }
        if user_origin.is_some() && !has_password {
            table.report(user_origin.as_ref(), "username", "set password or password_file, too");
        } else if user_origin.is_none() && has_password {
            table.report(None, "username", "set it, too, or remove the password");
        }
        table.finish();
        Some(Self {
            name: name?,
            host: host?,
            port: port.unwrap_or(tls.default_port()),
            tls,
            username,
            password,
            connections: connections.and_then(|n| usize::try_from(n).ok()).unwrap_or(DEFAULT_CONNECTIONS),
            messages_per_connection: messages_per_connection.unwrap_or(DEFAULT_MESSAGES),
            weight: weight.unwrap_or(1),
            force_plain,
            ca_file,
        })
    }
}

pub(super) fn read_all(tables: Vec<Table<'_>>) -> Vec<RelayConfig> {
    let mut relays = Vec::new();
    let mut names = BTreeSet::new();
    for table in tables {
        super::editions::report_second(&table, &mut names);
        relays.extend(RelayConfig::read(table));
    }
    relays
}

fn name(text: &str) -> Result<String, &'static str> {
    let sound = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if sound { Ok(text.to_owned()) } else { Err("write a name of letters, digits, - and _") }
}

fn host(text: &str) -> Result<String, String> {
    match url::Host::parse(text) {
        // An IPv6 address stands in brackets in a URL, and without them everywhere else.
        Err(_) if text.parse::<std::net::Ipv6Addr>().is_ok() => Ok(text.to_owned()),
        Ok(host) => Ok(host.to_string()),
        Err(_) => Err(format!("{text:?} is no host: write a name such as \"smtp.example.jp\", without a port")),
    }
}

fn tls(text: &str) -> Result<RelayTls, String> {
    match text {
        "implicit" => Ok(RelayTls::Implicit),
        "starttls" => Ok(RelayTls::StartTls),
        "none" => Ok(RelayTls::None),
        _ => Err(format!("{text:?} is not one of \"implicit\", \"starttls\" and \"none\"")),
    }
}
