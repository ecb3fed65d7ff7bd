//! Where messages go.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Mutex, MutexGuard},
};

use crate::domain::delivery::Reply;

/// Who sent a message to whom, as the SMTP commands said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The connection it came over, counted from 1.
    pub connection: u64,
    /// The name the peer gave in EHLO.
    pub hello: String,
    /// Whether it came encrypted.
    pub encrypted: bool,
    /// The user who authenticated, if one did.
    pub user: Option<String>,
    /// MAIL FROM, byte for byte, without the angle brackets; empty for a report.
    pub from: String,
    /// RCPT TO, byte for byte, without the angle brackets.
    pub to: Vec<String>,
}

/// What [`Inbox::take`] returns.
pub type TakeFuture<'a> = Pin<Box<dyn Future<Output = Reply> + Send + 'a>>;

/// Takes messages.
pub trait Inbox: Send + Sync + 'static {
    /// Takes one message and returns the reply to its final dot. With a 2xx the message is the inbox's; a reply
    /// without a code counts as 451.
    fn take(&self, envelope: Envelope, content: Vec<u8>) -> TakeFuture<'_>;
}

/// A message as a [`MemoryInbox`] holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Counts the messages of this inbox, from 1.
    pub number: u64,
    /// Who sent it to whom.
    pub envelope: Envelope,
    /// The message.
    pub content: Vec<u8>,
}

/// An inbox that keeps the newest messages in memory.
#[derive(Debug)]
pub struct MemoryInbox {
    capacity: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    taken: u64,
    mails: VecDeque<Received>,
}

impl MemoryInbox {
    /// Returns an inbox that forgets the oldest message when it holds more than `capacity`.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, kept: Mutex::default() }
    }

    /// Returns the messages it holds, oldest first.
    pub fn mails(&self) -> Vec<Received> {
        self.lock().mails.iter().cloned().collect()
    }

    /// Returns how many messages it has taken, forgotten ones included.
    pub fn taken(&self) -> u64 {
        self.lock().taken
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("no holder of this lock panics")
    }
}

impl Inbox for MemoryInbox {
    fn take(&self, envelope: Envelope, content: Vec<u8>) -> TakeFuture<'_> {
        let mut kept = self.lock();
        kept.taken += 1;
        let number = kept.taken;
        kept.mails.push_back(Received { number, envelope, content });
        while kept.mails.len() > self.capacity {
            kept.mails.pop_front();
        }
        Box::pin(std::future::ready(Reply::new(250, &format!("2.0.0 taken as {number}"))))
    }
}
