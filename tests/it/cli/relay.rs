//! A relay for the program under test: our own receiver, in a thread of the test.

use std::sync::Arc;

use kawaraban::smtpd::{Answer, Behaviour, Courteous, Envelope, MemoryInbox, Options, Peer, Server};
use tokio::runtime::Runtime;
use tokio_util::sync::{CancellationToken, DropGuard};

/// A relay that keeps what it gets.
pub(super) struct Relay {
    pub(super) port: u16,
    pub(super) inbox: Arc<MemoryInbox>,
    _stop: DropGuard,
    _runtime: Runtime,
}

impl Relay {
    /// Starts a relay that takes everything.
    pub(super) fn courteous() -> Self {
        Self::with(Options { behaviour: Arc::new(Courteous), ..Options::default() })
    }

    /// Starts a relay that answers `RCPT TO` as `picky` says.
    pub(super) fn picky(picky: Picky) -> Self {
        Self::with(Options { behaviour: Arc::new(picky), ..Options::default() })
    }

    /// Starts a relay with these options.
    pub(super) fn with(options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let inbox = Arc::new(MemoryInbox::new(1000));
        let address = "127.0.0.1:0".parse().unwrap();
        let server = runtime.block_on(Server::bind(address, options, inbox.clone())).unwrap();
        let port = server.local_addr().unwrap().port();
        let stop = CancellationToken::new();
        runtime.spawn(server.run(stop.clone()));
        Self { port, inbox, _stop: stop.drop_guard(), _runtime: runtime }
    }

    /// Returns whom mail has come for, in order of their names.
    pub(super) fn recipients(&self) -> Vec<String> {
        let mut recipients: Vec<String> = self.inbox.mails().into_iter().flat_map(|mail| mail.envelope.to).collect();
        recipients.sort();
        recipients
    }
}

/// Has something against certain addresses.
#[derive(Default)]
pub(super) struct Picky {
    pub(super) refused: Option<&'static str>,
    pub(super) put_off: Option<&'static str>,
}

impl Behaviour for Picky {
    fn on_rcpt(&self, _: &Peer, to: &str) -> Answer {
        match to {
            to if Some(to) == self.refused => Answer::Reply(550, "5.7.1 not from you".to_owned()),
            to if Some(to) == self.put_off => Answer::Reply(450, "4.2.1 come back later".to_owned()),
            _ => Answer::Usual,
        }
    }
}

/// Stalls every message until the test lets it go, so that a test can look at what is half done.
pub(super) struct Stalling(pub(super) std::time::Duration);

impl Behaviour for Stalling {
    fn on_data(&self, _: &Peer, _: &Envelope) -> Answer {
        Answer::Stall(self.0)
    }
}
