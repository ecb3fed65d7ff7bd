//! A relay that does at every step what a script says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use kawaraban::domain::delivery::Reply;
use kawaraban::smtpd::{Answer, Behaviour, Envelope, Options, Peer, Server, Tls};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::journal::Journal;

/// A step of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum At {
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// Some of the content has arrived, and the end has not.
    Body,
    /// The final dot has arrived, and nobody has taken the message.
    Dot,
    /// The journal has the message; what is said now cannot change that.
    Taken,
}

/// One step of one conversation.
#[derive(Debug)]
pub(crate) struct Moment<'a> {
    pub(crate) at: At,
    pub(crate) peer: &'a Peer,
    /// The recipient; empty before RCPT.
    pub(crate) recipient: &'a str,
    /// How often this step was reached for this recipient, from 1; before RCPT, how often by anybody.
    pub(crate) nth: usize,
}

type Script = Box<dyn Fn(&Moment<'_>) -> Answer + Send + Sync>;

/// What was said to the relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    /// The command, in capitals.
    pub(crate) verb: String,
    pub(crate) encrypted: bool,
}

struct Scripted {
    script: Script,
    reached: Mutex<HashMap<(At, String), usize>>,
    heard: Mutex<Vec<Heard>>,
}

/// A relay on a port of its own, until it is dropped.
pub(crate) struct FaultServer {
    pub(crate) port: u16,
    pub(crate) journal: Arc<Journal>,
    scripted: Arc<Scripted>,
    _stop: DropGuard,
}

impl FaultServer {
    /// Starts a relay without TLS.
    pub(crate) async fn plain(script: impl Fn(&Moment<'_>) -> Answer + Send + Sync + 'static) -> Self {
        Self::start(Options::default(), script).await
    }

    /// Starts a relay with these certificates.
    pub(crate) async fn with_tls(tls: Tls, script: impl Fn(&Moment<'_>) -> Answer + Send + Sync + 'static) -> Self {
        let auth = Some(("me".to_owned(), "hunter2".into()));
        Self::start(Options { tls, auth, auth_in_clear: true, ..Options::default() }, script).await
    }

    async fn start(options: Options, script: impl Fn(&Moment<'_>) -> Answer + Send + Sync + 'static) -> Self {
        let scripted =
            Arc::new(Scripted { script: Box::new(script), reached: Mutex::default(), heard: Mutex::default() });
        let journal = Arc::new(Journal::new());
        let behaviour: Arc<dyn Behaviour> = Arc::clone(&scripted) as _;
        let options = Options { behaviour, max_connections: 500, ..options };
        let server = Server::bind("127.0.0.1:0".parse().unwrap(), options, Arc::clone(&journal) as _).await.unwrap();
        let port = server.local_addr().unwrap().port();
        let stop = CancellationToken::new();
        tokio::spawn(server.run(stop.clone()));
        Self { port, journal, scripted, _stop: stop.drop_guard() }
    }

    /// Returns every command it was given.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.scripted.heard.lock().unwrap().clone()
    }

    /// Returns how often a step was reached, for whomever.
    pub(crate) fn reached(&self, at: At) -> usize {
        self.scripted.reached.lock().unwrap().iter().filter(|((step, _), _)| *step == at).map(|(_, n)| n).sum()
    }
}

impl Scripted {
    fn answer(&self, at: At, peer: &Peer, recipient: &str) -> Answer {
        let nth = {
            let mut reached = self.reached.lock().unwrap();
            let nth = reached.entry((at, recipient.to_owned())).or_default();
            *nth += 1;
            *nth
        };
        (self.script)(&Moment { at, peer, recipient, nth })
    }
}

fn recipient(envelope: &Envelope) -> &str {
    envelope.to.first().map_or("", String::as_str)
}

impl Behaviour for Scripted {
    fn greeting(&self, peer: &Peer) -> Answer {
        self.answer(At::Greeting, peer, "")
    }

    fn heard(&self, peer: &Peer, verb: &str) {
        self.heard.lock().unwrap().push(Heard { verb: verb.to_owned(), encrypted: peer.encrypted });
    }

    fn on_ehlo(&self, peer: &Peer, _hello: &str) -> Answer {
        self.answer(At::Ehlo, peer, "")
    }

    fn on_starttls(&self, peer: &Peer) -> Answer {
        self.answer(At::StartTls, peer, "")
    }

    fn on_auth(&self, peer: &Peer, _user: &str, _password: &str) -> Answer {
        self.answer(At::Auth, peer, "")
    }

    fn on_mail(&self, peer: &Peer, _from: &str) -> Answer {
        self.answer(At::Mail, peer, "")
    }

    fn on_rcpt(&self, peer: &Peer, to: &str) -> Answer {
        self.answer(At::Rcpt, peer, to)
    }

    fn on_data(&self, peer: &Peer, envelope: &Envelope) -> Answer {
        self.answer(At::Data, peer, recipient(envelope))
    }

    fn on_content_so_far(&self, peer: &Peer, _bytes: usize) -> Answer {
        // To whom the content goes is not told here: the script of this step goes by the connection.
        self.answer(At::Body, peer, "")
    }

    fn on_content(&self, peer: &Peer, envelope: &Envelope, _content: &[u8]) -> Answer {
        self.answer(At::Dot, peer, recipient(envelope))
    }

    fn on_taken(&self, peer: &Peer, envelope: &Envelope, _reply: &Reply) -> Answer {
        self.answer(At::Taken, peer, recipient(envelope))
    }
}
