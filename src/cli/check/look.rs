//! Looking at one thing after the other.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use jiff::Timestamp;
use secrecy::ExposeSecret;
use tokio::time::timeout;

use super::editions::Spent;
use super::finding::Report;
use super::{Exit, PATIENCE, editions};
use crate::app::App;
use crate::cli::migrate::schema_word;
use crate::cli::words::{count, number};
use crate::config::{Config, RelayTls};
use crate::mail::{Relay, Session};
use crate::store::{SchemaState, Store, StoreError};

/// Says what is configured, section by section, and what is missing before mail can be sent.
pub(super) fn at_configuration(config: &Config, report: &mut Report) {
    if config.base_url.scheme() == "https" {
        report.fine("base_url", config.base_url.as_str());
    } else {
        let hint = "readers' mail programs offer one-click unsubscribe over https only";
        report.warning("base_url", format!("{}: {hint}", config.base_url));
    }
    report.fine("http", http(config));
    match config.check_delivery() {
        Err(error) => report.problems("sender and relays", Exit::Configuration, &error),
        Ok(()) => report.fine("sender", format!("{} <{}>", config.sender.name, config.sender.email)),
    }
    report.fine("delivery", delivery(config));
    report.fine("feeds", format!("fetched every {} minutes", config.feeds.poll_every.as_secs() / 60));
}

fn http(config: &Config) -> String {
    let proxies = match config.http.trusted_proxies.len() {
        0 => "no trusted proxy".to_owned(),
        n => count(number(n), "trusted proxy", "trusted proxies"),
    };
    format!("listens on {}, {proxies}", config.http.listen)
}

fn delivery(config: &Config) -> String {
    let pace = match config.delivery.rate_per_minute {
        0 => "as fast as the relays take it".to_owned(),
        rate => format!("{} a minute at most", count(rate, "mail", "mails")),
    };
    format!("{pace}, given up after {} hours", config.delivery.give_up_after.as_secs() / 3600)
}

/// Loads the keys mail is signed with, and looks at who else can read them.
pub(super) fn at_dkim(config: &Config, report: &mut Report) {
    let Some(section) = &config.dkim else {
        return report.fine("dkim", "nothing is signed here; the relay has to sign for the sender's domain");
    };
    match App::load_dkim(config) {
        Err(error) => report.wrong("dkim", Exit::Configuration, error.to_string()),
        Ok(dkim) => {
            let records = dkim.iter().flat_map(|dkim| dkim.records());
            let keys: Vec<String> = records.map(|key| format!("{} ({})", key.name, key.algorithm.as_str())).collect();
            report.fine("dkim", format!("signs for {} with {}", section.domain, keys.join(" and ")));
        }
    }
    for key in [Some(&section.rsa), section.ed25519.as_ref()].into_iter().flatten() {
        if let Some(file) = key.file.as_deref().filter(|file| others_can_read(file)) {
            let hint = "others than its owner can read it; `chmod 600` keeps it a secret";
            report.warning("dkim", format!("{}: {}: {hint}", key.setting, file.display()));
        }
    }
}

fn others_can_read(file: &Path) -> bool {
    const GROUP_OR_WORLD_READS: u32 = 0o044;
    std::fs::metadata(file).is_ok_and(|data| data.permissions().mode() & GROUP_OR_WORLD_READS != 0)
}

/// Loads the templates and renders every one of them with every sample.
pub(super) fn at_templates(config: &Config, report: &mut Report) {
    let folder = config.templates.dir.as_deref().map(Path::display);
    match App::load_templates(config) {
        Ok(_) => report.fine(
            "templates",
            folder.map_or_else(|| "the built-in ones".to_owned(), |folder| format!("with those in {folder}")),
        ),
        Err(error) => report.wrong("templates", Exit::Configuration, error.to_string()),
    }
}

/// Opens the database, without making one that is not there. Returns the slots to come of which it knows that they have had
/// their issue.
pub(super) async fn at_database(config: &Config, now: Timestamp, report: &mut Report) -> Spent {
    let shown = config.database.shown();
    if sqlite_file(config).is_some_and(|file| !file.exists()) {
        report.fine("database", format!("{shown}: not there yet; `serve` or `migrate` makes it"));
        return Spent::new();
    }
    let (state, spent) = match timeout(PATIENCE, seen(config, now)).await {
        Ok(Ok(seen)) => seen,
        Ok(Err(error)) => {
            report.wrong("database", Exit::Database, format!("{shown}: {error}"));
            return Spent::new();
        }
        Err(_) => {
            report.wrong("database", Exit::Database, format!("{shown}: it does not answer"));
            return Spent::new();
        }
    };
    let text = format!("{shown}: the schema is {}", schema_word(state));
    match state {
        SchemaState::Current => report.fine("database", text),
        SchemaState::Empty => report.fine("database", format!("{text}; `serve` or `migrate` makes the tables")),
        SchemaState::Behind => {
            report.wrong("database", Exit::Database, format!("{text}: `kawaraban migrate` brings it up to date"));
        }
        SchemaState::Ahead => {
            report.wrong("database", Exit::Database, format!("{text}: use the version of kawaraban that made it"));
        }
    }
    spent
}

async fn seen(config: &Config, now: Timestamp) -> Result<(SchemaState, Spent), StoreError> {
    let store = Store::open(&config.database.url).await?;
    let state = store.schema().await;
    let spent = match &state {
        Ok(SchemaState::Current) => editions::spent(config, &store, now).await,
        _ => Ok(Spent::new()),
    };
    store.close().await;
    Ok((state?, spent?))
}

fn sqlite_file(config: &Config) -> Option<&Path> {
    let url = config.database.url.expose_secret();
    url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).map(Path::new)
}

/// Talks to every relay, up to the point where it would take a mail.
pub(super) async fn at_relays(config: &Config, report: &mut Report) {
    let hello = config.base_url.host_str().unwrap_or("localhost");
    for relay in &config.relays {
        let subject = format!("relay {}", relay.name);
        let place = format!("{}:{}", relay.host, relay.port);
        match timeout(PATIENCE, Session::connect(&Relay::new(relay.clone(), hello))).await {
            Ok(Ok(session)) => {
                session.quit().await;
                let tls = match relay.tls {
                    RelayTls::Implicit => "TLS",
                    RelayTls::StartTls => "STARTTLS",
                    RelayTls::None => "without TLS",
                };
                let login = if relay.username.is_some() { "logged in" } else { "no login" };
                report.fine(&subject, format!("{place}: {tls}, {login}"));
            }
            Ok(Err(trouble)) => report.wrong(&subject, Exit::MailLeft, trouble.to_string()),
            Err(_) => report.wrong(&subject, Exit::MailLeft, format!("{place}: it does not answer")),
        }
    }
}
