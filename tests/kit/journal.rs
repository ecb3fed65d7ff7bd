//! What the relay took responsibility for. The test's own process keeps it, because the sender is another one and dies.

use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use kawaraban::domain::delivery::Reply;
use kawaraban::smtpd::{Envelope, Inbox, TakeFuture};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

/// One message the relay said yes to, or would have if the connection had held.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    /// Counts from 0.
    pub(crate) number: usize,
    /// The connection it came over, counted by the server.
    pub(crate) connection: u64,
    /// RCPT TO.
    pub(crate) recipient: String,
    /// The `Message-ID:` of the message.
    pub(crate) message_id: String,
    /// SHA-256 of the content as it arrived.
    pub(crate) hash: [u8; 32],
    /// When its last byte was here.
    pub(crate) at: Instant,
}

/// The list of everything taken, in the order in which it was taken.
#[derive(Debug)]
pub(crate) struct Journal {
    taken: Mutex<Vec<Taken>>,
    count: watch::Sender<usize>,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self { taken: Mutex::default(), count: watch::Sender::new(0) }
    }

    /// Returns everything from entry `start` on.
    pub(crate) fn since(&self, start: usize) -> Vec<Taken> {
        self.lock()[start..].to_vec()
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Waits until it has `count` entries, for `patience` at most, and returns whether it has.
    pub(crate) async fn reaches(&self, count: usize, patience: Duration) -> bool {
        let mut watched = self.count.subscribe();
        let reached = watched.wait_for(|now| *now >= count);
        tokio::time::timeout(patience, reached).await.is_ok()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Taken>> {
        self.taken.lock().expect("no holder of this lock panics")
    }
}

impl Inbox for Journal {
    fn take(&self, envelope: Envelope, content: Vec<u8>) -> TakeFuture<'_> {
        let at = Instant::now();
        let (hash, message_id) = (Sha256::digest(&content).into(), message_id(&content));
        let mut taken = self.lock();
        for recipient in envelope.to {
            let (number, message_id) = (taken.len(), message_id.clone());
            taken.push(Taken { number, connection: envelope.connection, recipient, message_id, hash, at });
        }
        let count = taken.len();
        drop(taken);
        self.count.send_replace(count);
        Box::pin(std::future::ready(Reply::new(250, &format!("2.0.0 taken as {count}"))))
    }
}

fn message_id(content: &[u8]) -> String {
    let head = content.windows(4).position(|w| w == b"\r\n\r\n").map_or(content, |end| &content[..end]);
    let head = String::from_utf8_lossy(head).replace("\r\n ", " ");
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("message-id:"));
    line.expect("every message has a Message-ID")["message-id:".len()..].trim().to_owned()
}
