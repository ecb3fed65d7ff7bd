//! A ledger with a list in it, a relay that misbehaves to order, and the service between them.
//!
//! `tests/kit` builds the like of it around the real program. What the two repeat is a reader, a letter and a release; they
//! meet in no crate, because the tests here are compiled into the program and those there are given it from outside.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::clock::ManualClock;
use crate::config::RelayConfig;
use crate::delivery::{Delivery, Pacing, Policy};
use crate::domain::choice::Choice;
use crate::domain::consent::{ConsentEvent, ConsentKind, Visit};
use crate::domain::delivery::OnUnknown;
use crate::domain::ids::IssueId;
use crate::domain::issue::{Letter, LetterHead, ListHead};
use crate::domain::language::Language;
use crate::domain::links::Links;
use crate::domain::subscriber::SubscriberState;
use crate::domain::token::Signer;
use crate::mail::{Deadlines, Dkim, Relay};
use crate::smtpd::{Answer, Behaviour, Envelope, MemoryInbox, Options, Peer, Server};
use crate::store::{DeliveryFilter, DeliveryRecord, Enrolment, NewIssue, SealedIssue, Store};

const SPLICE: &str = "kwb0123456789abcdef0123456789abcdef";

/// A ledger, a relay, and the service between them.
pub(super) struct House {
    pub(super) store: Store,
    pub(super) clock: Arc<ManualClock>,
    pub(super) links: Links,
    pub(super) inbox: Arc<MemoryInbox>,
    pub(super) relay: Relay,
    pub(super) policy: Policy,
    pub(super) dkim: Option<Arc<Dkim>>,
    pub(super) pacing: Pacing,
    stop: CancellationToken,
    _folder: tempfile::TempDir,
}

impl House {
    pub(super) async fn new(behaviour: impl Behaviour) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite://{}/test.db", folder.path().display()).into()).await.unwrap();
        store.migrate().await.unwrap();
        let inbox = Arc::new(MemoryInbox::new(1000));
        let options = Options { behaviour: Arc::new(behaviour), ..Options::default() };
        let server = Server::bind("127.0.0.1:0".parse().unwrap(), options, inbox.clone()).await.unwrap();
        let port = server.local_addr().unwrap().port();
        let stop = CancellationToken::new();
        tokio::spawn(server.run(stop.clone()));
        let signer = Signer::new(&"a secret of more than thirty-two letters".into(), &[]);
        Self {
            store,
            clock: Arc::new(ManualClock::at(Timestamp::from_second(1_790_000_000).unwrap())),
            links: Links::new(&"https://news.example.jp/".parse().unwrap(), signer),
            inbox,
            relay: relay(port),
            policy: Policy {
                on_unknown: OnUnknown::Resend,
                unknown_delay: Duration::from_secs(900),
                give_up_after: Duration::from_secs(48 * 3600),
                rate_per_minute: 0,
            },
            dkim: None,
            pacing: Pacing::default(),
            stop,
            _folder: folder,
        }
    }

    pub(super) fn delivery(&self) -> Arc<Delivery> {
        let relays = vec![self.relay.clone()];
        let (policy, dkim) = (self.policy.clone(), self.dkim.clone());
        let delivery = Delivery::new(self.store.clone(), self.clock.clone(), self.links.clone(), policy, relays, dkim);
        Arc::new(delivery.paced(self.pacing.clone()))
    }

    /// Delivers what is due, as a process that was just started.
    pub(super) async fn drain(&self) -> usize {
        self.delivery().drain(true).await.unwrap()
    }

    pub(super) fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
    }

    pub(super) async fn reader(&self, address: &str) {
        let now = self.now();
        let mut public_id = [0; 16];
        public_id.iter_mut().zip(address.bytes().cycle()).for_each(|(slot, byte)| *slot = byte);
        public_id[15] = u8::try_from(address.len()).unwrap();
        let enrolment = Enrolment {
            existing: None,
            public_id,
            address: address.to_owned(),
            address_key: address.to_owned(),
            address_hash: [0; 32],
            language: Language::En,
            editions: vec![("weekly".to_owned(), Choice::everything())],
            state: SubscriberState::Confirmed,
            pending_until: None,
            event: ConsentEvent::new(ConsentKind::Imported, now, &Visit::default()),
            confirmation: None,
        };
        self.store.enrol(&[enrolment], None).await.unwrap();
    }

    /// Puts an issue on its way to every reader there is.
    pub(super) async fn issue(&self) -> IssueId {
        let new = NewIssue {
            edition: "weekly".to_owned(),
            slot: self.now().to_string(),
            scheduled: self.now(),
            skipped: None,
            items: Vec::new(),
        };
        let issue = self.store.create_issue(&new, self.now()).await.unwrap().unwrap();
        let sealed = SealedIssue {
            id: issue.id,
            revision: issue.revision,
            items: Vec::new(),
            letters: vec![self.letter()],
            unserved: Vec::new(),
            without_readers: true,
        };
        self.store.seal_issue(&sealed, self.now()).await.unwrap();
        self.store.release_issue(issue.id, self.now()).await.unwrap().unwrap();
        issue.id
    }

    pub(super) fn letter(&self) -> Letter {
        Letter {
            language: Language::En,
            subject: "今週の瓦版".to_owned(),
            text: format!("Leave: {}\n", self.links.unsubscribe(SPLICE)),
            html: format!("<p><a href=\"{}\">Leave</a></p>", self.links.unsubscribe(SPLICE)),
            splice_key: SPLICE.to_owned(),
            head: LetterHead {
                from_name: "瓦版社".to_owned(),
                from_email: "news@example.jp".to_owned(),
                reply_to: None,
                list: Some(ListHead {
                    title: "Weekly".to_owned(),
                    id: "weekly.news.example.jp".to_owned(),
                    unsubscribe_url: self.links.unsubscribe(SPLICE),
                    unsubscribe_mailto: None,
                    archive_url: self.links.issues(),
                }),
            },
            date: self.now(),
            variant: String::new(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        use crate::clock::Clock;
        self.clock.now()
    }

    pub(super) async fn lines(&self) -> Vec<DeliveryRecord> {
        self.store.deliveries(&DeliveryFilter::default(), 1000).await.unwrap()
    }

    pub(super) async fn line_to(&self, address: &str) -> DeliveryRecord {
        self.lines().await.into_iter().find(|line| line.address.as_deref() == Some(address)).unwrap()
    }

    pub(super) async fn state(&self, address: &str) -> SubscriberState {
        self.store.subscriber_by_key(address).await.unwrap().unwrap().state
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(super) fn relay(port: u16) -> Relay {
    let mut config = RelayConfig::plain("main", "127.0.0.1", port);
    config.connections = 4;
    Relay { config, hello_name: "news.example.jp".to_owned(), deadlines: Deadlines::default() }
}

/// Misbehaves at the final dot for the first `times` messages, and keeps what it saw.
pub(super) struct AtTheDot {
    answer: Answer,
    times: AtomicUsize,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl AtTheDot {
    pub(super) fn new(times: usize, answer: Answer) -> (Self, Arc<Mutex<Vec<Vec<u8>>>>) {
        let seen = Arc::new(Mutex::new(Vec::new()));
        (Self { answer, times: AtomicUsize::new(times), seen: seen.clone() }, seen)
    }
}

impl Behaviour for AtTheDot {
    fn on_content(&self, _peer: &Peer, _envelope: &Envelope, content: &[u8]) -> Answer {
        self.seen.lock().unwrap().push(content.to_vec());
        let left = self.times.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_ok() { self.answer.clone() } else { Answer::Usual }
    }
}

/// Gives some recipients an answer of their own.
pub(super) struct AtTheRecipient(pub(super) Vec<(&'static str, Answer)>);

impl Behaviour for AtTheRecipient {
    fn on_rcpt(&self, _peer: &Peer, to: &str) -> Answer {
        self.0.iter().find(|(address, _)| *address == to).map_or(Answer::Usual, |(_, answer)| answer.clone())
    }
}

pub(super) struct Courteous;
impl Behaviour for Courteous {}

pub(super) fn refusal(code: u16, text: &str) -> Answer {
    Answer::Reply(code, text.to_owned())
}
