//! Ports on this machine, for this machine.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;

use super::DemoError;

/// A listener, and where it listens.
pub(super) struct Port {
    pub(super) listener: TcpListener,
    pub(super) address: SocketAddr,
    /// The port that was wanted, if it was not to be had.
    pub(super) taken: Option<u16>,
}

/// Listens on the port that is `wanted`, or, if it is taken, on a free one. 0 wants a free one.
pub(super) async fn listen(wanted: u16, what: &'static str) -> Result<Port, DemoError> {
    let bound = match bind(wanted).await {
        // Below 1024 a port may be refused to all but root.
        Err(error) if matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied) => {
            bind(0).await.map(|listener| (listener, Some(wanted)))
        }
        other => other.map(|listener| (listener, None)),
    };
    let named = |(listener, taken): (TcpListener, _)| Ok(Port { address: listener.local_addr()?, listener, taken });
    bound.and_then(named).map_err(|error| DemoError::Listen { what, error })
}

async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_gives_way_to_a_free_one() {
        let first = listen(0, "a test").await.unwrap();
        assert_eq!(first.taken, None);
        let second = listen(first.address.port(), "a test").await.unwrap();
        assert_eq!(second.taken, Some(first.address.port()));
        assert_ne!(second.address, first.address);
        assert!(second.address.ip().is_loopback());
    }
}
