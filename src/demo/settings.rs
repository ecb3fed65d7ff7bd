//! The configuration of the demo: what an operator would write, with everything on this machine.

use std::net::SocketAddr;
use std::path::Path;

use secrecy::SecretString;
use url::Url;

use crate::clock::{Clock, random_bytes};
use crate::config::{
    Config, DatabaseConfig, DeliveryConfig, FeedsConfig, HttpConfig, ImagesConfig, LogConfig, OperatorConfig,
    RelayConfig, SenderConfig, TemplatesConfig, default_editions,
};

/// Returns the configuration of a demo whose pages are at `site` and whose mail goes to `relay`.
pub(super) fn config(site: SocketAddr, relay: SocketAddr, database: &Path, clock: &dyn Clock) -> Config {
    let secret = data_encoding::HEXLOWER.encode(&random_bytes::<32>(clock));
    Config {
        base_url: Url::parse(&format!("http://{site}/")).expect("a socket address is the host and port of a URL"),
        secret: SecretString::from(secret),
        previous_secrets: Vec::new(),
        database: DatabaseConfig { url: SecretString::from(format!("sqlite://{}", database.display())) },
        http: HttpConfig { listen: site, ..HttpConfig::default() },
        sender: SenderConfig {
            name: "Kawaraban Demo".to_owned(),
            email: "letters@kawaraban.example".to_owned(),
            reply_to: None,
            postal_address: "1-2-3 Kawara-machi, Chiyoda-ku, Tokyo 100-0000, Japan".to_owned(),
            contact: "desk@kawaraban.example".to_owned(),
            unsubscribe_mailto: None,
        },
        operator: OperatorConfig::default(),
        dkim: None,
        relays: vec![RelayConfig::plain("demo", &relay.ip().to_string(), relay.port())],
        delivery: DeliveryConfig::default(),
        feeds: FeedsConfig {
            // The sample feeds are on this machine, which no feed may be unless the operator says so.
            allow_networks: vec!["127.0.0.0/8".parse().expect("this is a network")],
            ..FeedsConfig::default()
        },
        images: ImagesConfig::default(),
        editions: default_editions(),
        templates: TemplatesConfig::default(),
        log: LogConfig::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn the_demo_is_a_sound_installation() {
        let clock = ManualClock::at("2026-11-27T00:00:00Z".parse().unwrap());
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let config = config(at(8080), at(2525), Path::new("/tmp/demo.db"), &clock);
        config.check_delivery().unwrap();
        assert_eq!(config.editions[0].schedule.expression(), "0 8 * * Fri");
        assert_eq!(config.editions[0].schedule.timezone_name(), "Asia/Tokyo");
    }
}
