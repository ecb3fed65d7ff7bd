//! A wire tap between sender and relay: it keeps every byte the sender sent, and may change what the relay says.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};

/// What becomes of the bytes a relay sends; `None` passes them on as they are.
pub(crate) type Change = Option<fn(Vec<u8>) -> Vec<u8>>;

/// A tap on a port of its own, until it is dropped.
pub(crate) struct Tap {
    pub(crate) port: u16,
    sent: Arc<Mutex<Vec<u8>>>,
    _stop: DropGuard,
}

impl Tap {
    /// Listens in on what goes to the relay at `relay_port`.
    pub(crate) async fn on(relay_port: u16, change: Change) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sent, stop) = (Arc::new(Mutex::new(Vec::new())), CancellationToken::new());
        let (all, end) = (Arc::clone(&sent), stop.clone());
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = end.cancelled() => break,
                    accepted = listener.accept() => {
                        let Ok((sender, _)) = accepted else { break };
                        tokio::spawn(pass_on(sender, relay_port, Arc::clone(&all), change));
                    }
                }
            }
        });
        Self { port, sent, _stop: stop.drop_guard() }
    }

    /// Returns every byte the sender has sent, over all connections.
    pub(crate) fn sent(&self) -> Vec<u8> {
        self.sent.lock().unwrap().clone()
    }
}

async fn pass_on(sender: TcpStream, relay_port: u16, sent: Arc<Mutex<Vec<u8>>>, change: Change) {
    let Ok(relay) = TcpStream::connect(("127.0.0.1", relay_port)).await else { return };
    let ((mut from_sender, mut to_sender), (mut from_relay, mut to_relay)) = (sender.into_split(), relay.into_split());
    let there = async {
        let mut chunk = vec![0; 16 * 1024];
        while let Ok(n @ 1..) = from_sender.read(&mut chunk).await {
            sent.lock().unwrap().extend_from_slice(&chunk[..n]);
            if to_relay.write_all(&chunk[..n]).await.is_err() {
                break;
            }
        }
        let _ = to_relay.shutdown().await;
    };
    let back = async {
        let mut chunk = vec![0; 16 * 1024];
        while let Ok(n @ 1..) = from_relay.read(&mut chunk).await {
            let said = change.map_or_else(|| chunk[..n].to_vec(), |change| change(chunk[..n].to_vec()));
            if to_sender.write_all(&said).await.is_err() {
                break;
            }
        }
        let _ = to_sender.shutdown().await;
    };
    tokio::join!(there, back);
}
