//! A relay that behaves as a test says.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    config::RelayConfig,
    domain::{
        delivery::Reply,
        issue::{Letter, LetterHead, ListHead},
        language::Language,
    },
    mail::{Deadlines, Relay, RelayTrouble, Session},
    smtpd::{Answer, Behaviour, Envelope, MemoryInbox, Options, Peer, Received, Server},
};

pub(super) const FROM: &str = "news@example.jp";
pub(in crate::mail) const TO: &str = "reader@example.com";
pub(super) const MESSAGE: &[u8] = b"Subject: x\r\n\r\nbody\r\n";

/// Where a [`Rude`] server does as it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum At {
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    SoFar,
    Content,
    Taken,
}

/// Answers as told at some steps, and writes down every verb it hears.
#[derive(Default)]
pub(super) struct Rude {
    told: Vec<(At, Answer)>,
    heard: Mutex<Vec<String>>,
}

impl Rude {
    fn answer(&self, at: At) -> Answer {
        self.told.iter().find(|(a, _)| *a == at).map_or(Answer::Usual, |(_, answer)| answer.clone())
    }
}

impl Behaviour for Rude {
    fn heard(&self, peer: &Peer, verb: &str) {
        self.heard.lock().unwrap().push(format!("{}{verb}", if peer.encrypted { "+" } else { "" }));
    }
    fn greeting(&self, _: &Peer) -> Answer {
        self.answer(At::Greeting)
    }
    fn on_ehlo(&self, _: &Peer, _: &str) -> Answer {
        self.answer(At::Ehlo)
    }
    fn on_starttls(&self, _: &Peer) -> Answer {
        self.answer(At::StartTls)
    }
    fn on_auth(&self, _: &Peer, _: &str, _: &str) -> Answer {
        self.answer(At::Auth)
    }
    fn on_mail(&self, _: &Peer, _: &str) -> Answer {
        self.answer(At::Mail)
    }
    /// Recipients that begin with `good` are always taken.
    fn on_rcpt(&self, _: &Peer, to: &str) -> Answer {
        if to.starts_with("good") { Answer::Usual } else { self.answer(At::Rcpt) }
    }
    fn on_data(&self, _: &Peer, _: &Envelope) -> Answer {
        self.answer(At::Data)
    }
    fn on_content_so_far(&self, _: &Peer, bytes: usize) -> Answer {
        if bytes > 0 { self.answer(At::SoFar) } else { Answer::Usual }
    }
    fn on_content(&self, _: &Peer, _: &Envelope, _: &[u8]) -> Answer {
        self.answer(At::Content)
    }
    fn on_taken(&self, _: &Peer, _: &Envelope, _: &Reply) -> Answer {
        self.answer(At::Taken)
    }
}

/// A server and the relay it is to us.
pub(super) struct Stage {
    pub(super) relay: Relay,
    inbox: Arc<MemoryInbox>,
    rude: Arc<Rude>,
    _stop: DropGuard,
}

impl Stage {
    pub(super) async fn polite() -> Self {
        Self::told([]).await
    }

    pub(super) async fn told<const N: usize>(told: [(At, Answer); N]) -> Self {
        Self::with(Options::default(), told).await
    }

    pub(super) async fn with<const N: usize>(options: Options, told: [(At, Answer); N]) -> Self {
        let rude = Arc::new(Rude { told: told.into(), heard: Mutex::default() });
        let inbox = Arc::new(MemoryInbox::new(1000));
        let options = Options { behaviour: rude.clone(), ..options };
        let server = Server::bind("127.0.0.1:0".parse().unwrap(), options, inbox.clone()).await.unwrap();
        let addr = server.local_addr().unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(server.run(stop.clone()));
        let relay = relay_at(addr);
        Self { relay, inbox, rude, _stop: stop.drop_guard() }
    }

    pub(super) async fn connect(&self) -> Result<Session, RelayTrouble> {
        Session::connect(&self.relay).await
    }

    pub(super) fn mails(&self) -> Vec<Received> {
        self.inbox.mails()
    }

    pub(super) fn heard(&self) -> Vec<String> {
        self.rude.heard.lock().unwrap().clone()
    }
}

pub(super) fn relay_at(addr: SocketAddr) -> Relay {
    Relay::new(RelayConfig::plain("main", "127.0.0.1", addr.port()), "news.example.jp")
}

pub(super) fn no(code: u16, text: &str) -> Answer {
    Answer::Reply(code, text.to_owned())
}

/// Deadlines that expire within a test's patience.
pub(super) fn short() -> Deadlines {
    let soon = Duration::from_millis(300);
    Deadlines {
        connect: soon,
        handshake: soon,
        greeting: soon,
        command: soon,
        mail: soon,
        rcpt: soon,
        data: soon,
        block: soon,
        final_dot: soon,
        quit: soon,
    }
}

pub(in crate::mail) fn letter() -> Letter {
    Letter {
        language: Language::ALL[0],
        subject: "瓦版 — the week in Japan".into(),
        text: "Hello\n.\n..two\n\nLeave: https://news.example.jp/u/SPLICE\n".into(),
        html: "<p>今週のニュース <a href=\"https://news.example.jp/u/SPLICE\">leave</a></p>\n".into(),
        splice_key: "SPLICE".into(),
        head: LetterHead {
            from_name: "瓦版".into(),
            from_email: FROM.into(),
            reply_to: Some("editor@example.jp".into()),
            list: Some(ListHead {
                title: "週刊".into(),
                id: "weekly.news.example.jp".into(),
                unsubscribe_url: "https://news.example.jp/u/SPLICE".into(),
                unsubscribe_mailto: None,
                archive_url: "https://news.example.jp/issues".into(),
            }),
        },
        date: "2026-11-26T23:00:00Z".parse::<Timestamp>().unwrap(),
        variant: String::new(),
    }
}
