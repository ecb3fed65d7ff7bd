//! `[http]`: where the web server listens, and whose word about a visitor's address it takes.

use std::net::{Ipv4Addr, SocketAddr};

use ipnet::IpNet;

use super::network;
use super::reader::Table;

/// The web server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The reverse proxies whose `X-Forwarded-For` counts. None by default: anyone can write that header.
    pub trusted_proxies: Vec<IpNet>,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self { listen: (Ipv4Addr::LOCALHOST, 8080).into(), trusted_proxies: Vec::new() }
    }
}

impl HttpConfig {
    pub(super) fn read(mut table: Table<'_>) -> Self {
        let default = Self::default();
        let config = Self {
            listen: table
                .parsed("listen", |text| {
                    text.parse().map_err(|_| {
                        format!("{text:?} is no address with a port: write \"127.0.0.1:8080\" or \"[::1]:8080\"")
                    })
                })
                .unwrap_or(default.listen),
            trusted_proxies: table.list("trusted_proxies", network).unwrap_or_default(),
        };
        table.finish();
        config
    }
}
