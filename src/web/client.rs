//! Who is calling. Anybody can write an `X-Forwarded-For`, so it counts only as far as trusted proxies wrote it.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

use super::WebState;
use crate::domain::consent::Visit;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Enough for every browser; the rest is padding.
const MAX_USER_AGENT_CHARS: usize = 256;

/// A visitor, as far as the connection tells.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    pub(super) ip: Option<IpAddr>,
    user_agent: Option<String>,
}

impl Visitor {
    /// Returns what is kept with the consent the visitor expresses.
    pub(super) fn visit(&self) -> Visit {
        Visit { ip: self.ip.map(|ip| ip.to_string()), user_agent: self.user_agent.clone() }
    }
}

impl FromRequestParts<WebState> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        let ip = peer.map(|peer| client_ip(peer, &parts.headers, &state.site.trusted_proxies));
        let user_agent = parts.headers.get(USER_AGENT).map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes());
            text.chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT_CHARS).collect()
        });
        Ok(Self { ip, user_agent })
    }
}

/// Returns the address of whoever is calling: the peer, or, if that is a trusted proxy, the last address in
/// `X-Forwarded-For` that is not. What stands further left was written by who knows whom.
fn client_ip(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |ip: IpAddr| trusted.iter().any(|network| network.contains(&ip));
    let mut client = peer.to_canonical();
    // Several headers of one name are one list (RFC 9110 §5.3).
    for value in headers.get_all(FORWARDED_FOR).iter().rev() {
        for entry in value.to_str().unwrap_or_default().rsplit(',') {
            if !is_trusted(client) {
                return client;
            }
            match parse_entry(entry.trim()) {
                Some(ip) => client = ip.to_canonical(),
                None => return client,
            }
        }
    }
    client
}

/// Some proxies add the port.
fn parse_entry(entry: &str) -> Option<IpAddr> {
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VISITOR: &str = "203.0.113.9";

    fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        client_ip(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn nobody_is_believed_who_is_not_trusted() {
        assert_eq!(client(VISITOR, &["1.2.3.4"], &[]), VISITOR);
        assert_eq!(client(VISITOR, &["1.2.3.4"], &["10.0.0.0/8"]), VISITOR);
        assert_eq!(client("::ffff:203.0.113.9", &[], &[]), VISITOR);
    }

    #[test]
    fn the_last_untrusted_address_counts_whatever_stands_before_it() {
        let one = ["10.0.0.0/8"];
        assert_eq!(client("10.0.0.1", &["1.2.3.4, 203.0.113.9"], &one), VISITOR);
        assert_eq!(client("10.0.0.1", &["1.2.3.4", "203.0.113.9"], &one), VISITOR);
        assert_eq!(client("10.0.0.1", &["203.0.113.9:5123"], &one), VISITOR);
        assert_eq!(client("10.0.0.1", &["[2001:db8::1]:443"], &one), "2001:db8::1");
        assert_eq!(client("::ffff:10.0.0.1", &["::ffff:203.0.113.9"], &one), VISITOR);
        assert_eq!(client("10.0.0.1", &[&format!("{}203.0.113.9", "1.2.3.4,".repeat(10_000))], &one), VISITOR);
        let two = ["10.0.0.0/8", "2001:db8::/32"];
        assert_eq!(client("10.0.0.1", &["1.2.3.4, 203.0.113.9, 2001:db8::7"], &two), VISITOR);
    }

    #[test]
    fn what_is_no_address_ends_the_walk() {
        let one = ["10.0.0.0/8"];
        for forged in ["", "unknown", "1.2.3.4, ", "203.0.113.9, evil", "1.2.3.4\t,_hidden"] {
            assert_eq!(client("10.0.0.1", &[forged], &one), "10.0.0.1", "{forged:?}");
        }
        assert_eq!(client("10.0.0.1", &["10.0.0.2, 10.0.0.3"], &one), "10.0.0.2");
    }
}
