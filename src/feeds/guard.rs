//! Which addresses we may ask (server-side request forgery).
//!
//! An operator, and later a stranger through a redirect or a DNS record, decides where this machine connects to. It must
//! not be led to its own services, to the intranet or to a cloud's metadata service. Two checks together leave no gap:
//! names are resolved by [`GuardedResolver`], inside the connector, so that the address judged is the address connected
//! to (a record that changes in between cannot matter); literal addresses, which bypass every resolver, are judged on
//! the URL, at the first request and after each redirect.
//!
//! A name with public and other addresses keeps its public ones: the others are never connected to.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::error::BlockRule;

/// The IPv4 networks that are not the public internet (IANA special-purpose registry, and multicast).
const BLOCKED_V4: [(Ipv4Net, &str); 16] = [
    (v4(0, 0, 0, 0, 8), "this host"),
    (v4(10, 0, 0, 0, 8), "private"),
    (v4(100, 64, 0, 0, 10), "carrier-grade NAT"),
    (v4(127, 0, 0, 0, 8), "loopback"),
    (v4(169, 254, 0, 0, 16), "link-local"),
    (v4(172, 16, 0, 0, 12), "private"),
    (v4(192, 0, 0, 0, 24), "protocol assignments"),
    (v4(192, 0, 2, 0, 24), "documentation"),
    (v4(192, 52, 193, 0, 24), "multicast relay"),
    (v4(192, 88, 99, 0, 24), "6to4 relay"),
    (v4(192, 168, 0, 0, 16), "private"),
    (v4(198, 18, 0, 0, 15), "benchmarking"),
    (v4(198, 51, 100, 0, 24), "documentation"),
    (v4(203, 0, 113, 0, 24), "documentation"),
    (v4(224, 0, 0, 0, 4), "multicast"),
    (v4(240, 0, 0, 0, 4), "reserved"),
];

/// Of IPv6, only 2000::/3 is handed out to the public. These are its exceptions.
const BLOCKED_V6: [(Ipv6Net, &str); 4] = [
    // Teredo, ORCHID, benchmarking and their like: all that is inside 2001::/23.
    (v6(0x2001, 0, 23), "protocol assignments"),
    (v6(0x2001, 0xdb8, 32), "documentation"),
    (v6(0x2002, 0, 16), "6to4"),
    (v6(0x3fff, 0, 20), "documentation"),
];

const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 3);

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(first: u16, second: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0), prefix)
}

/// Returns why `ip` is not a public address, or `None` if it is one.
fn not_public(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(ip) => BLOCKED_V4.iter().find(|(net, _)| net.contains(&ip)).map(|(_, kind)| *kind),
        IpAddr::V6(ip) if !GLOBAL_V6.contains(&ip) => Some(match ip.segments() {
            // IPv4 in disguise is refused whatever it holds: no public feed needs it.
            [0, 0, 0, 0, 0, 0xffff, ..] => "IPv4-mapped",
            [0x64, 0xff9b, ..] => "NAT64",
            _ if ip.is_loopback() => "loopback",
            _ if ip.is_unspecified() => "this host",
            [0xfe80..=0xfebf, ..] => "link-local",
            [0xfc00..=0xfdff, ..] => "unique local",
            [0xff00..=0xffff, ..] => "multicast",
            _ => "reserved",
        }),
        IpAddr::V6(ip) => BLOCKED_V6.iter().find(|(net, _)| net.contains(&ip)).map(|(_, kind)| *kind),
    }
}

/// Judges URLs and addresses by the operator's policy.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    allow_networks: Arc<[IpNet]>,
}

/// Which addresses of a name may be connected to, given the port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Reach {
    /// Port 80 or 443: public ones, and those in the allowed networks.
    Public,
    /// Any other port: those in the allowed networks alone.
    AllowedNetworks,
}

impl Guard {
    pub(super) fn new(allow_networks: &[IpNet]) -> Self {
        Self { allow_networks: allow_networks.into() }
    }

    fn allows(&self, ip: IpAddr) -> bool {
        self.allow_networks.iter().any(|net| net.contains(&ip))
    }

    fn check_ip(&self, ip: IpAddr, reach: Reach, port: u16) -> Result<(), BlockRule> {
        if self.allows(ip) {
            return Ok(());
        }
        // The address is the graver reason, so it is the one that is told.
        if let Some(kind) = not_public(ip) {
            return Err(BlockRule::Address(ip, kind));
        }
        if reach == Reach::AllowedNetworks { Err(BlockRule::Port(port)) } else { Ok(()) }
    }

    /// Judges what a URL says by itself. A name's addresses are judged later, by the resolver of the returned reach.
    pub(super) fn check(&self, url: &Url) -> Result<Reach, BlockRule> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BlockRule::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BlockRule::UserInfo);
        }
        let port = url.port_or_known_default().unwrap_or(0);
        let reach = if matches!(port, 80 | 443) { Reach::Public } else { Reach::AllowedNetworks };
        match url.host() {
            Some(Host::Ipv4(ip)) => self.check_ip(ip.into(), reach, port)?,
            Some(Host::Ipv6(ip)) => self.check_ip(ip.into(), reach, port)?,
            // Where nothing is allowed, no address of any name can make that port right.
            Some(Host::Domain(_)) if reach == Reach::AllowedNetworks && self.allow_networks.is_empty() => {
                return Err(BlockRule::Port(port));
            }
            Some(Host::Domain(_)) => {}
            None => return Err(BlockRule::NotAUrl),
        }
        Ok(reach)
    }

    /// Returns whether all that `url` may lead to, at this reach, is in the operator's own networks.
    pub(super) fn is_own(&self, url: &Url, reach: Reach) -> bool {
        match url.host() {
            Some(Host::Ipv4(ip)) => self.allows(ip.into()),
            Some(Host::Ipv6(ip)) => self.allows(ip.into()),
            _ => reach == Reach::AllowedNetworks,
        }
    }

    /// Keeps the addresses of `host` that may be connected to.
    fn filter(
        &self,
        host: &str,
        reach: Reach,
        addresses: impl Iterator<Item = SocketAddr>,
    ) -> Result<Vec<SocketAddr>, BlockRule> {
        // The port of a name is checked by its reach; a resolver is not told it.
        let mut refused = None;
        let kept: Vec<_> = addresses
            .filter(|address| match self.check_ip(address.ip(), reach, address.port()) {
                Ok(()) => true,
                Err(rule) => {
                    refused.get_or_insert(rule);
                    false
                }
            })
            .collect();
        match (kept.is_empty(), refused) {
            (false, _) => Ok(kept),
            (true, Some(rule @ BlockRule::Address(..))) => Err(rule),
            (true, _) => Err(BlockRule::Host(host.to_owned())),
        }
    }
}

/// How a name becomes addresses; tests bring names of their own.
pub(super) type LookUp = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// Returns the look-up of the system.
pub(super) fn system_names() -> LookUp {
    Arc::new(|name| Box::pin(async move { Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.collect()) }))
}

/// A resolver, minus the addresses we may not ask.
pub(super) struct GuardedResolver {
    guard: Guard,
    reach: Reach,
    look_up: LookUp,
}

impl GuardedResolver {
    pub(super) fn new(guard: Guard, reach: Reach, look_up: LookUp) -> Self {
        Self { guard, reach, look_up }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.guard.clone();
        let reach = self.reach;
        let found = (self.look_up)(name.as_str().to_owned());
        Box::pin(async move {
            let kept = guard.filter(name.as_str(), reach, found.await?.into_iter())?;
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(allow: &[&str]) -> Guard {
        Guard::new(&allow.iter().map(|net| net.parse().unwrap()).collect::<Vec<IpNet>>())
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn special_addresses_are_not_public() {
        for blocked in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(not_public(ip(blocked)).is_some(), "{blocked} must not be asked");
        }
    }

    #[test]
    fn ordinary_addresses_are_public() {
        for open in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2400:4000::1",
            "2606:4700::1111",
            "2a00:1450::1",
        ] {
            assert_eq!(not_public(ip(open)), None, "{open} is public");
        }
    }

    #[test]
    fn a_name_keeps_its_public_addresses_only() {
        let addresses = |list: &[&str]| list.iter().map(|a| SocketAddr::new(ip(a), 0)).collect::<Vec<_>>().into_iter();
        let kept = guard(&[]).filter("a.example", Reach::Public, addresses(&["10.0.0.1", "8.8.8.8", "::1"])).unwrap();
        assert_eq!(kept, [SocketAddr::new(ip("8.8.8.8"), 0)]);
        assert_eq!(
            guard(&[]).filter("a.example", Reach::Public, addresses(&["169.254.169.254"])),
            Err(BlockRule::Address(ip("169.254.169.254"), "link-local"))
        );
        // On another port even a public address is refused; an allowed one is not.
        assert_eq!(
            guard(&["10.0.0.0/8"]).filter("a.example", Reach::AllowedNetworks, addresses(&["8.8.8.8"])),
            Err(BlockRule::Host("a.example".to_owned()))
        );
        let intranet = guard(&["10.0.0.0/8"]).filter("a", Reach::AllowedNetworks, addresses(&["10.0.0.1", "8.8.8.8"]));
        assert_eq!(intranet.unwrap(), [SocketAddr::new(ip("10.0.0.1"), 0)]);
    }

    #[test]
    fn an_allowed_network_opens_its_addresses_on_any_port_and_nothing_else() {
        let guard = guard(&["127.0.0.2/32", "fd00:1::/32"]);
        let check = |url: &str| guard.check(&Url::parse(url).unwrap());
        assert_eq!(check("http://127.0.0.2:8080/"), Ok(Reach::AllowedNetworks));
        assert_eq!(check("http://[fd00:1::5]/"), Ok(Reach::Public));
        assert!(matches!(check("http://127.0.0.1:8080/"), Err(BlockRule::Address(..))));
        assert!(matches!(check("http://[::ffff:127.0.0.2]/"), Err(BlockRule::Address(..))));
        assert_eq!(check("http://8.8.8.8:8080/"), Err(BlockRule::Port(8080)));
        assert_eq!(check("http://intranet.example:8080/"), Ok(Reach::AllowedNetworks));
    }
}
