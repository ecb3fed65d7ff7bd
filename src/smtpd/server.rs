//! The listening side: accepts connections and sees each to its end.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    behaviour::Peer,
    conversation::{BoxedStream, Conversation},
    inbox::Inbox,
    options::{Options, Tls},
};

/// A TLS handshake takes a few round trips; whoever needs longer is not shaking hands.
const HANDSHAKE: Duration = Duration::from_secs(30);
/// After a failed accept (out of descriptors, say) trying again at once would only spin.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(100);

/// What every conversation of a server shares.
pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) inbox: Arc<dyn Inbox>,
    pub(super) stop: CancellationToken,
}

/// A server that has its port and does not answer yet.
pub struct Server {
    listener: TcpListener,
    options: Options,
    inbox: Arc<dyn Inbox>,
}

impl Server {
    /// Takes the port.
    ///
    /// # Errors
    /// If the port cannot be had, or if `addr` is not a loopback address and the options do not allow others.
    pub async fn bind(addr: SocketAddr, options: Options, inbox: Arc<dyn Inbox>) -> io::Result<Self> {
        if !addr.ip().is_loopback() && !options.beyond_loopback {
            let reason = format!("{addr} can be reached from outside this machine; this mail server stays on loopback");
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
        }
        Ok(Self { listener: TcpListener::bind(addr).await?, options, inbox })
    }

    /// Returns the address it listens on.
    ///
    /// # Errors
    /// If the operating system does not say.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is cancelled, then lets open conversations say goodbye.
    pub async fn run(self, stop: CancellationToken) {
        let Self { listener, options, inbox } = self;
        let places = Arc::new(Semaphore::new(options.max_connections));
        let shared = Arc::new(Shared { options, inbox, stop: stop.clone() });
        let connections = AtomicU64::new(0);
        let open = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = listener.accept() => accepted,
            };
            let Ok((stream, _)) = accepted else {
                time::sleep(AFTER_FAILED_ACCEPT).await;
                continue;
            };
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                open.spawn(turn_away(stream));
                continue;
            };
            let connection = connections.fetch_add(1, Ordering::Relaxed) + 1;
            let shared = Arc::clone(&shared);
            open.spawn(async move {
                // An error here is the peer's: it left, it was silent, it broke TLS. Nobody needs to hear of it.
                let _ = serve(stream, connection, &shared).await;
                drop(place);
            });
        }
        open.close();
        open.wait().await;
    }
}

async fn turn_away(mut stream: TcpStream) {
    let full = stream.write_all(b"421 4.7.0 too many connections, come back later\r\n");
    let _ = time::timeout(HANDSHAKE, full).await;
}

async fn serve(stream: TcpStream, connection: u64, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut peer = Peer { connection, hello: String::new(), encrypted: false, user: None };
    let stream: BoxedStream = match &shared.options.tls {
        Tls::Implicit(config) => {
            peer.encrypted = true;
            encrypt(Box::new(stream), config).await?
        }
        Tls::Off | Tls::StartTls(_) => Box::new(stream),
    };
    Box::pin(Conversation::new(stream, peer, shared).run()).await
}

/// Shakes hands as a server.
pub(super) async fn encrypt(stream: BoxedStream, config: &Arc<ServerConfig>) -> io::Result<BoxedStream> {
    let accepted = TlsAcceptor::from(Arc::clone(config)).accept(stream);
    Ok(Box::new(time::timeout(HANDSHAKE, accepted).await??))
}
