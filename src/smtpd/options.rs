//! What a server offers and how much it puts up with.

use std::{fmt, sync::Arc, time::Duration};

use secrecy::SecretString;
use tokio_rustls::rustls::ServerConfig;

use super::behaviour::{Behaviour, Courteous};

/// How connections are encrypted.
#[derive(Clone, Default)]
pub enum Tls {
    /// Not at all.
    #[default]
    Off,
    /// After STARTTLS.
    StartTls(Arc<ServerConfig>),
    /// From the first byte.
    Implicit(Arc<ServerConfig>),
}

/// A server's settings.
#[derive(Clone)]
pub struct Options {
    /// The name in the greeting.
    pub hostname: String,
    /// Whether it may listen on an address other machines can reach.
    pub beyond_loopback: bool,
    /// How many connections are served at once; more are told to come back later.
    pub max_connections: usize,
    /// The largest message, announced with SIZE.
    pub max_message_bytes: usize,
    /// The most recipients of one message.
    pub max_recipients: usize,
    /// How long a peer may say nothing (RFC 5321 §4.5.3.2.7 asks for five minutes).
    pub idle_timeout: Duration,
    /// How connections are encrypted.
    pub tls: Tls,
    /// The user and password without which no mail is taken.
    pub auth: Option<(String, SecretString)>,
    /// Whether AUTH is offered on a connection that is not encrypted.
    pub auth_in_clear: bool,
    /// Who may answer in the server's place.
    pub behaviour: Arc<dyn Behaviour>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            hostname: "localhost".into(),
            beyond_loopback: false,
            max_connections: 64,
            max_message_bytes: 10 * 1024 * 1024,
            max_recipients: 100,
            idle_timeout: Duration::from_secs(300),
            tls: Tls::Off,
            auth: None,
            auth_in_clear: false,
            behaviour: Arc::new(Courteous),
        }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "Off",
            Self::StartTls(_) => "StartTls",
            Self::Implicit(_) => "Implicit",
        })
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("hostname", &self.hostname)
            .field("max_connections", &self.max_connections)
            .field("max_message_bytes", &self.max_message_bytes)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}
