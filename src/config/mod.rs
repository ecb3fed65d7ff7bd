//! The configuration: one TOML file, what the environment adds to it, and every mistake in them at once.
//!
//! One file per section, each validating itself. `config/kawaraban.toml` in the source carries every key with its
//! default and a sentence. Nothing else in the program reads the environment.
//!
//! The file is the one named by `--config`, or by `KAWARABAN_CONFIG`, or `kawaraban.toml` in the working directory,
//! or `/etc/kawaraban/kawaraban.toml`. Without any, the environment alone may do. [`overlay`] says how variables and
//! systemd credentials address a key. Relative paths in the file start at the file's folder; that of a SQLite
//! database starts at the working directory.

mod database;
mod delivery;
mod dkim;
mod editions;
mod error;
mod feeds;
mod http;
mod images;
mod log;
mod operator;
mod overlay;
mod pacing;
mod reader;
mod relays;
mod sender;
mod templates;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use secrecy::SecretString;
use url::{Host, Url};

use crate::domain::edition::Edition;

pub use database::DatabaseConfig;
pub use delivery::DeliveryConfig;
pub use dkim::{DkimConfig, DkimKeyConfig};
pub use editions::default_editions;
pub use error::{ConfigError, Place, Problem};
pub use feeds::FeedsConfig;
pub use http::HttpConfig;
pub use images::{ImagesConfig, ImagesMode};
pub use log::{LogConfig, LogFormat};
pub use operator::OperatorConfig;
pub use relays::{RelayConfig, RelayTls};
pub use sender::SenderConfig;
pub use templates::TemplatesConfig;

use reader::Reading;
use tree::Source;

/// Where the file is looked for when nobody names one.
const USUAL_PLACES: [&str; 2] = ["kawaraban.toml", "/etc/kawaraban/kawaraban.toml"];

/// Anything shorter can be guessed: tokens are only as good as the secret behind them.
const MIN_SECRET_CHARS: usize = 32;

/// Everything an operator may decide.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where readers reach us; all links are built from it.
    pub base_url: Url,
    /// Signs the links in mails.
    pub secret: SecretString,
    /// Former secrets, whose links stay good.
    pub previous_secrets: Vec<SecretString>,
    /// The store.
    pub database: DatabaseConfig,
    /// The web server.
    pub http: HttpConfig,
    /// Who the letters are from.
    pub sender: SenderConfig,
    /// Who is told, and shown drafts.
    pub operator: OperatorConfig,
    /// How mail is signed; `None` if it is not.
    pub dkim: Option<DkimConfig>,
    /// The SMTP servers mail is handed to.
    pub relays: Vec<RelayConfig>,
    /// How mail is handed over.
    pub delivery: DeliveryConfig,
    /// How feeds are fetched.
    pub feeds: FeedsConfig,
    /// The pictures of articles.
    pub images: ImagesConfig,
    /// What is published, and when.
    pub editions: Vec<Edition>,
    /// The operator's own templates.
    pub templates: TemplatesConfig,
    /// The log.
    pub log: LogConfig,
}

/// Returns the process's environment, without the variables that are not Unicode.
pub fn process_environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

impl Config {
    /// Returns the configuration in the file at `path`, or in the usual places, under what `environment` adds.
    ///
    /// # Errors
    /// [`ConfigError`], with everything that is wrong at once.
    pub fn load(path: Option<&Path>, environment: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let named = path
            .map(PathBuf::from)
            .or_else(|| environment.get(overlay::CONFIG_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from));
        let found = named.or_else(|| USUAL_PLACES.iter().map(PathBuf::from).find(|p| p.is_file()));
        let source = match found {
            Some(path) => {
                let read = std::fs::read(&path);
                let bytes = read.map_err(|source| ConfigError::Read { path: path.clone(), source })?;
                let text = String::from_utf8(bytes).map_err(|error| not_utf8(&path, &error))?;
                // Windows editors begin a file with a mark that TOML does not know.
                Source { text: text.trim_start_matches('\u{feff}').to_owned(), path }
            }
            None if overlay::settings(environment).next().is_some() => Source::default(),
            None => return Err(ConfigError::NotFound { tried: USUAL_PLACES.map(PathBuf::from).to_vec() }),
        };
        Self::from_source(&source, environment)
    }

    /// Returns the configuration `text` says, as if it had been read from a file of that name.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`], with everything that is wrong at once.
    pub fn from_text(name: &str, text: &str, environment: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        Self::from_source(&Source { path: PathBuf::from(name), text: text.to_owned() }, environment)
    }

    fn from_source(source: &Source, environment: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut entries = source.parse().map_err(ConfigError::Invalid)?;
        let problems = overlay::apply(&mut entries, environment);
        let reading = Reading::new(source, problems);
        let mut root = reading.root(entries);

        if !root.has("base_url") {
            root.report(None, "base_url", "this key must be set, to a URL such as https://news.example.jp");
        }
        if !root.has("secret") && !root.has("secret_file") {
            root.report(None, "secret", "this key or secret_file must be set; `openssl rand -hex 32` makes a secret");
        }
        let base_url = root.parsed("base_url", base_url);
        let secret = root.secret("secret", "secret_file", check_secret);
        let previous_secrets =
            root.list("previous_secrets", |text| check_secret(text).map(|()| SecretString::from(text)));
        let database = DatabaseConfig::read(root.section("database"));
        let http = HttpConfig::read(root.section("http"));
        let sender = SenderConfig::read(root.section("sender"));
        let operator = OperatorConfig::read(root.section("operator"));
        let signs = root.has("dkim");
        let dkim_section = root.section("dkim");
        let dkim = if signs { DkimConfig::read(dkim_section, &sender.email) } else { None };
        let relays = relays::read_all(root.sections("relays").unwrap_or_default());
        let delivery = DeliveryConfig::read(root.section("delivery"));
        let feeds = FeedsConfig::read(root.section("feeds"));
        let images = ImagesConfig::read(root.section("images"));
        let approval = operator.approval();
        let editions = match root.sections("editions") {
            Some(tables) => editions::read_all(tables, approval),
            None => editions::defaults_with(approval),
        };
        let templates = TemplatesConfig::read(root.section("templates"));
        let log = LogConfig::read(root.section("log"));
        root.finish();

        let problems = reading.into_problems();
        match (base_url, secret) {
            (Some(base_url), Some(secret)) if problems.is_empty() => Ok(Self {
                base_url,
                secret,
                previous_secrets: previous_secrets.unwrap_or_default(),
                database,
                http,
                sender,
                operator,
                dkim,
                relays,
                delivery,
                feeds,
                images,
                editions,
                templates,
                log,
            }),
            _ => Err(ConfigError::Invalid(problems)),
        }
    }

    /// Returns the time zone of the first edition: that of whoever publishes here.
    pub fn first_zone(&self) -> TimeZone {
        self.editions.first().map_or(TimeZone::UTC, |edition| edition.schedule.zone().clone())
    }

    /// Checks that mail can be sent: that there is a relay, and that the sender says who they are.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`], naming each key that is missing and why it is needed.
    pub fn check_delivery(&self) -> Result<(), ConfigError> {
        let mut problems = sender::missing(&self.sender);
        if self.relays.is_empty() {
            problems.push(Problem {
                place: Place::Nowhere,
                key: "relays".to_owned(),
                message: "there is no [[relays]] to hand mail to: add one with a name and a host".to_owned(),
            });
        }
        if problems.is_empty() { Ok(()) } else { Err(ConfigError::Invalid(problems)) }
    }
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> ConfigError {
    let sound = error.utf8_error().valid_up_to();
    let source =
        Source { path: path.to_owned(), text: String::from_utf8_lossy(&error.as_bytes()[..sound]).into_owned() };
    let message = "this is not UTF-8: save the file as UTF-8".to_owned();
    ConfigError::Invalid(vec![Problem { place: source.place(&tree::Origin::File(sound)), key: String::new(), message }])
}

fn check_secret(text: &str) -> Result<(), String> {
    let length = text.chars().count();
    if length < MIN_SECRET_CHARS {
        return Err(format!(
            "a secret has at least {MIN_SECRET_CHARS} characters, this one has {length}; `openssl rand -hex 32` makes one"
        ));
    }
    Ok(())
}

fn base_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text)
        .map_err(|error| format!("{text:?} is no URL ({error}): write one such as https://news.example.jp"))?;
    let Some(host) = url.host() else {
        return Err("write a URL with a host, such as https://news.example.jp".to_owned());
    };
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err("write a URL without a user name, a query or a fragment".to_owned());
    }
    match url.scheme() {
        "https" => Ok(url),
        // RFC 8058 §3.1 wants HTTPS; only a trial at home can do without.
        "http" if is_at_home(&host) => Ok(url),
        "http" => Err("write an https:// URL; http:// is for a trial on this machine or a private network".to_owned()),
        _ => Err("write a URL that begins with https://".to_owned()),
    }
}

fn is_at_home(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_loopback_name(name) || name.ends_with(".localhost"),
        Host::Ipv4(ip) => ip.is_loopback() || ip.is_private(),
        Host::Ipv6(ip) => ip.is_loopback() || ip.is_unique_local(),
    }
}

/// Whether a host, as configured, is this machine.
fn is_loopback_name(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Reads an IP network, or an address for a network of one.
fn network(text: &str) -> Result<ipnet::IpNet, String> {
    text.parse()
        .or_else(|_| text.parse().map(|ip: IpAddr| ipnet::IpNet::from(ip)))
        .map_err(|_| format!("{text:?} is no network: write one such as \"10.0.0.0/8\", \"127.0.0.1\" or \"fd00::/8\""))
}
