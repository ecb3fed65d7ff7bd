//! The stream under lettre's connection, which knows what was said and what was answered.
//!
//! SMTP is a conversation in lockstep, and whether a message was handed over hangs on which reply answers what. lettre
//! reads replies without looking at the clock or at what else has arrived, so this stream sits below it and:
//!
//! - holds back what lettre writes until lettre wants to read, so that the content and its final dot leave together
//!   instead of waiting for one another's acknowledgement;
//! - puts a deadline on every reply and on every block of content that the network takes;
//! - looks for a reply before it says anything: one that comes before the question answers no question of ours. To a
//!   message in the middle it may be an early "no"; otherwise it is a goodbye (421) or nonsense. A "250" of that kind
//!   must never be taken for "accepted";
//! - gives lettre one reply for each thing said, of a pipelined group one after the other (RFC 2920), and notices when
//!   there is one too many;
//! - says, in one breath with the content, what is to be said behind it;
//! - cuts long lines, mends what is not UTF-8 and gives up on endless replies, so that no relay can fill the memory
//!   (lettre reads a line to its end, however long);
//! - knows whether the final dot has left, which decides between "not sent" and "nobody knows";
//! - becomes a TLS stream in the middle of a conversation.
//!
//! The replies are kept here, whole. What lettre makes of them does not matter beyond its taking them.

use std::{
    collections::VecDeque,
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll},
    time::Duration,
};

use lettre::transport::smtp::client::AsyncTokioStream;
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};
use tokio_rustls::TlsConnector;

pub(super) use super::reply::WireReply;
use super::{
    reply::ReplyReader,
    transport::{Transport, handshake},
};
use crate::crash;

const CHUNK: usize = 4096;

/// A handle on the stream. lettre holds one, the session the other; only one of them is used at a time.
#[derive(Clone)]
pub(super) struct Wire(Arc<Mutex<Inner>>);

struct Inner {
    /// None while a handshake has it.
    transport: Option<Transport>,
    peer: SocketAddr,
    deadline: Pin<Box<Sleep>>,
    /// How long the reply to what is written next may take.
    patience: Duration,
    /// While content is written: how long each block may take.
    block: Option<Duration>,
    /// What lettre has written; `gone` bytes of it have left.
    out: Vec<u8>,
    gone: usize,
    flushing: bool,
    /// What is said behind the content in one breath with it.
    postscript: Vec<u8>,
    /// Where in `out` the content ends, if something stands behind it.
    content_end: Option<usize>,
    /// How many replies to what was said lettre has not got yet.
    owed: usize,
    /// Those of them that have arrived.
    heard: VecDeque<WireReply>,
    /// How many times something was said completely.
    said: u32,
    reader: ReplyReader,
    /// A reply in the form lettre gets, and how much of it lettre has.
    ready: Vec<u8>,
    taken: usize,
    reply: Option<WireReply>,
    /// The reply came before what was being said had left.
    early: bool,
    /// More arrived than was asked for.
    surplus: bool,
    /// Why nothing more will come of this stream.
    failure: Option<(io::ErrorKind, String)>,
}

/// Why there is no reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lost {
    /// What was seen, for an operator.
    pub(super) words: String,
    /// Whether everything we had to say has left.
    pub(super) all_said: bool,
    /// Whether the relay is still there and says nothing.
    pub(super) silent: bool,
}

impl Wire {
    /// Returns a wire that waits for a greeting no longer than `greeting`, and no longer than `patience` for the reply
    /// to what is said first.
    pub(super) fn new(transport: Transport, greeting: Duration, patience: Duration) -> io::Result<Self> {
        let peer = transport.tcp().peer_addr()?;
        Ok(Self(Arc::new(Mutex::new(Inner {
            transport: Some(transport),
            peer,
            deadline: Box::pin(sleep(greeting)),
            patience,
            block: None,
            out: Vec::new(),
            gone: 0,
            flushing: false,
            postscript: Vec::new(),
            content_end: None,
            // The greeting.
            owed: 1,
            heard: VecDeque::new(),
            said: 0,
            reader: ReplyReader::default(),
            ready: Vec::new(),
            taken: 0,
            reply: None,
            early: false,
            surplus: false,
            failure: None,
        }))))
    }

    /// Gets ready for a group of commands with so many replies, the first of which may take as long as `patience`.
    pub(super) fn expect_replies(&self, replies: usize, patience: Duration) {
        self.lock().expect(replies, patience, None);
    }

    /// Gets ready for content: `block` for each block, `patience` for the reply to the final dot. Behind the dot goes
    /// `postscript`, a group of commands with so many `replies`.
    pub(super) fn expect_content(&self, block: Duration, patience: Duration, postscript: Vec<u8>, replies: usize) {
        let mut inner = self.lock();
        inner.expect(1 + replies, patience, Some(block));
        inner.postscript = postscript;
    }

    /// Gets ready for the next reply to the same group, which may take as long as `patience`.
    pub(super) fn expect_next(&self, patience: Duration) {
        let mut inner = self.lock();
        inner.reply = None;
        inner.block = None;
        inner.patience = patience;
        inner.deadline.as_mut().reset(Instant::now() + patience);
    }

    /// Returns the reply to what was said last.
    pub(super) fn answer(&self) -> Result<WireReply, Lost> {
        let inner = self.lock();
        let lost = |words: &str| Lost {
            words: words.to_owned(),
            all_said: inner.all_said(),
            silent: matches!(inner.failure, Some((io::ErrorKind::TimedOut, _))),
        };
        match (&inner.reply, &inner.failure) {
            // Nothing but a goodbye or a "no" makes sense before we have said what we had to say.
            (Some(reply), _) if inner.early && !reply.is_early_no(inner.block.is_some()) => {
                Err(lost("it sent a reply to something we had not said"))
            }
            (Some(reply), _) => Ok(reply.clone()),
            (None, Some((_, words))) => Err(lost(words)),
            (None, None) => Err(lost("no reply")),
        }
    }

    /// Returns how many commands have been said completely.
    pub(super) fn said(&self) -> u32 {
        self.lock().said
    }

    /// Returns whether the relay spoke before all of what it was told had left. The rest is not said then.
    pub(super) fn is_interrupted(&self) -> bool {
        self.lock().early
    }

    /// Returns whether the next reply will answer the next command.
    pub(super) fn is_in_step(&self) -> bool {
        let inner = self.lock();
        !inner.surplus && !inner.early && inner.owed == 0 && inner.failure.is_none()
    }

    /// Shakes hands, no longer than `patience`.
    pub(super) async fn encrypt(
        &self,
        connector: &TlsConnector,
        name: ServerName<'static>,
        patience: Duration,
    ) -> io::Result<()> {
        let clear = {
            let mut inner = self.lock();
            // Bytes that came in the clear behind the 220 were not said under TLS and must not be taken for it.
            if inner.surplus || !inner.all_said() {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "more than a go-ahead came before the handshake",
                ));
            }
            inner.transport.take()
        };
        let Some(Transport::Plain(tcp)) = clear else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "encrypted already"));
        };
        let encrypted = handshake(connector, name, tcp, patience).await?;
        self.lock().transport = Some(encrypted);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("no holder of this lock panics")
    }
}

impl Inner {
    fn expect(&mut self, replies: usize, patience: Duration, block: Option<Duration>) {
        self.patience = patience;
        self.block = block;
        self.reply = None;
        self.owed = replies;
        // Saying the whole may take as long as the answer, unless it is content, of which every block has its own time.
        self.deadline.as_mut().reset(Instant::now() + block.unwrap_or(patience));
    }

    /// Returns whether what the next reply answers has left.
    fn all_said(&self) -> bool {
        self.gone >= self.content_end.unwrap_or(self.out.len())
    }

    fn fail(&mut self, kind: io::ErrorKind, words: String) -> io::Error {
        self.failure.get_or_insert((kind, words));
        self.failed().expect("a failure was just recorded")
    }

    fn failed(&self) -> Option<io::Error> {
        self.failure.as_ref().map(|(kind, words)| io::Error::new(*kind, words.clone()))
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(error) = self.failed() {
            return Err(error);
        }
        if self.surplus || self.early {
            return Err(self.fail(io::ErrorKind::InvalidData, "it sent more replies than we asked for".into()));
        }
        // lettre says QUIT when it does not like a reply to EHLO. The reply is worth more than the goodbye.
        if self.said < 2 && self.reply.as_ref().is_some_and(|r| r.code >= 400) {
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "there is nothing more to say"));
        }
        if self.gone == self.out.len() {
            self.out.clear();
            self.gone = 0;
            self.content_end = None;
            self.reply = None;
            // Whoever announces nothing says one thing at a time.
            self.owed = self.owed.max(1);
        }
        self.out.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn poll_reply(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            if self.taken < self.ready.len() {
                let n = buf.remaining().min(self.ready.len() - self.taken);
                buf.put_slice(&self.ready[self.taken..self.taken + n]);
                self.taken += n;
                return Poll::Ready(Ok(()));
            }
            if let Some(reply) = self.heard.pop_front() {
                self.owed -= 1;
                self.ready = reply.for_lettre();
                self.taken = 0;
                self.reply = Some(reply);
                continue;
            }
            if let Some(error) = self.failed() {
                return Poll::Ready(Err(error));
            }
            match self.poll_step(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => {
                    let error = self.fail(error.kind(), words_for(&error));
                    return Poll::Ready(Err(error));
                }
                Poll::Pending => {
                    if self.deadline.as_mut().poll(cx).is_pending() {
                        return Poll::Pending;
                    }
                    let error = self.fail(io::ErrorKind::TimedOut, "it did not answer in time".into());
                    return Poll::Ready(Err(error));
                }
            }
        }
    }

    /// Listens, says what is to be said, listens again.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(transport) = &mut self.transport else {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        };
        let mut chunk = [0; CHUNK];
        let mut arrived = ReadBuf::new(&mut chunk);
        if transport.poll_read(cx, &mut arrived)?.is_ready() {
            if arrived.filled().is_empty() {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            return Poll::Ready(self.hear(arrived.filled()));
        }
        // Somebody who talks before we have finished does not hear the rest.
        if self.gone < self.out.len() && !self.early {
            if !self.postscript.is_empty() {
                self.content_end = Some(self.out.len());
                self.out.append(&mut self.postscript);
            }
            if self.block.is_some() && self.gone == 0 && crash::strikes("content.in_the_middle") {
                let _ = transport.poll_write(cx, &self.out[..self.out.len() / 2]);
                std::process::abort();
            }
            let n = std::task::ready!(transport.poll_write(cx, &self.out[self.gone..]))?;
            if n == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            // Under TLS "left" means "given to the TLS layer", which may still hold it. It errs on the side of "nobody
            // knows".
            let first = !self.all_said();
            self.gone += n;
            self.flushing = true;
            if self.all_said() {
                self.said += u32::from(first);
                if self.block.is_some() {
                    crash::point("content.after_dot");
                }
                self.deadline.as_mut().reset(Instant::now() + self.patience);
            } else if let Some(block) = self.block {
                self.deadline.as_mut().reset(Instant::now() + block);
            }
            return Poll::Ready(Ok(()));
        }
        if self.flushing {
            std::task::ready!(transport.poll_flush(cx))?;
            self.flushing = false;
            return Poll::Ready(Ok(()));
        }
        Poll::Pending
    }

    fn hear(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.early |= !self.all_said();
        let mut rest = bytes;
        while let Some((reply, used)) = self.reader.push(rest)? {
            rest = &rest[used..];
            if self.heard.len() == self.owed {
                self.surplus = true;
                return Ok(());
            }
            self.heard.push_back(reply);
            if rest.is_empty() {
                return Ok(());
            }
        }
        // The beginning of a reply nobody waits for.
        self.surplus |= self.heard.len() == self.owed;
        Ok(())
    }
}

fn words_for(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it closed the connection".into(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
            "it broke the connection".into()
        }
        _ => error.to_string(),
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.lock().poll_reply(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.lock().write(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Dropping the transport closes it; nothing is gained by waiting.
        Poll::Ready(Ok(()))
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.lock().peer)
    }
}

/// Shows nothing of what was said: lettre wants the trait, and a log must not have an address.
impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}
