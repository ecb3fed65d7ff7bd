//! The way to a relay, up to the first byte: its address, our name, whom we trust, and whether we may speak at all.

use std::{io, net::IpAddr};

use lettre::transport::smtp::extension::ClientId;
use rustls::pki_types::ServerName;
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{
    relay::{Phase, Relay, RelayTrouble},
    tls,
};
use crate::config::RelayTls;

pub(super) fn hello(relay: &Relay) -> Result<ClientId, RelayTrouble> {
    let name = relay.hello_name.as_str();
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(match address {
            IpAddr::V4(v4) => ClientId::Ipv4(v4),
            IpAddr::V6(v6) => ClientId::Ipv6(v6),
        });
    }
    let sound = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
    if !sound {
        let words = "the name for EHLO is neither a host name nor an address";
        return Err(relay.own_trouble(Phase::Configuration, words, true));
    }
    Ok(ClientId::Domain(name.to_owned()))
}

pub(super) async fn connector(relay: &Relay) -> Result<TlsConnector, RelayTrouble> {
    let ca_file = relay.config.ca_file.clone();
    // Reads certificates from disk.
    let made = tokio::task::spawn_blocking(move || tls::connector(ca_file.as_deref())).await;
    made.unwrap_or_else(|e| Err(e.to_string())).map_err(|words| relay.own_trouble(Phase::Configuration, &words, true))
}

pub(super) fn server_name(relay: &Relay) -> Result<ServerName<'static>, RelayTrouble> {
    tls::server_name(&relay.config.host).map_err(|words| relay.own_trouble(Phase::Configuration, &words, true))
}

pub(super) fn shaken(relay: &Relay, error: &io::Error) -> RelayTrouble {
    let (words, permanent) = tls::handshake_trouble(&relay.config.host, error);
    relay.own_trouble(Phase::Tls, &words, permanent)
}

/// Connects to the first address of the host that answers.
pub(super) async fn reach(relay: &Relay) -> Result<TcpStream, RelayTrouble> {
    let unreachable = |words: String| relay.own_trouble(Phase::Connect, &words, false);
    let patience = relay.deadlines.connect;
    let found = timeout(patience, lookup_host((relay.config.host.as_str(), relay.config.port))).await;
    let addresses = match found {
        Ok(Ok(addresses)) => addresses,
        Ok(Err(error)) => return Err(unreachable(format!("{} is not found: {error}", relay.config.host))),
        Err(_) => return Err(unreachable(format!("looking up {} took too long", relay.config.host))),
    };
    let mut last = format!("{} has no address", relay.config.host);
    for address in addresses {
        match timeout(patience, TcpStream::connect(address)).await {
            Ok(Ok(tcp)) => {
                // Without it the last piece of each message waits for an acknowledgement the relay is in no hurry to
                // send: 40 ms a message.
                tcp.set_nodelay(true).map_err(|e| unreachable(e.to_string()))?;
                return Ok(tcp);
            }
            Ok(Err(error)) => last = format!("{address}: {error}"),
            Err(_) => last = format!("{address}: no answer in time"),
        }
    }
    Err(unreachable(last))
}

pub(super) fn guard_plain(relay: &Relay, to_ourselves: bool) -> Result<(), RelayTrouble> {
    if relay.config.tls != RelayTls::None || to_ourselves {
        return Ok(());
    }
    let forbidden = |words| Err(relay.own_trouble(Phase::Configuration, words, true));
    if !relay.config.force_plain {
        return forbidden("it is on another machine and TLS is off; addresses would travel in the clear");
    }
    if relay.credentials().is_some() {
        return forbidden("it is on another machine and TLS is off; a password is never sent in the clear");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RelayConfig;

    #[test]
    fn nothing_leaves_this_machine_in_the_clear_unless_it_is_meant_and_a_password_never() {
        let relay = |force_plain, user: Option<&str>, tls| {
            let config = RelayConfig {
                force_plain,
                username: user.map(str::to_owned),
                password: user.map(|_| "hunter2".into()),
                tls,
                ..RelayConfig::plain("main", "smtp.example.jp", 25)
            };
            Relay::new(config, "news.example.jp")
        };
        let allowed = |r: &Relay, to_ourselves| guard_plain(r, to_ourselves).is_ok();
        assert!(!allowed(&relay(false, None, RelayTls::None), false));
        assert!(allowed(&relay(true, None, RelayTls::None), false));
        assert!(!allowed(&relay(true, Some("me"), RelayTls::None), false));
        assert!(allowed(&relay(false, Some("me"), RelayTls::None), true));
        assert!(allowed(&relay(false, Some("me"), RelayTls::StartTls), false));
    }

    #[test]
    fn the_name_for_ehlo_is_a_name_or_an_address() {
        let named = |name: &str| {
            hello(&Relay::new(RelayConfig::plain("main", "localhost", 25), name)).map(|id| id.to_string()).ok()
        };
        assert_eq!(named("news.example.jp").as_deref(), Some("news.example.jp"));
        assert_eq!(named("192.0.2.1").as_deref(), Some("[192.0.2.1]"));
        assert_eq!(named("2001:db8::1").as_deref(), Some("[IPv6:2001:db8::1]"));
        for name in ["", "a b", "a\r\nMAIL", "瓦版"] {
            assert_eq!(named(name), None, "{name:?}");
        }
    }
}
