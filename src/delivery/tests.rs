//! The service against a real SMTP conversation: our own receiver, told to misbehave.

mod signing;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::{Delivery, Pacing, Policy};
use crate::clock::ManualClock;
use crate::config::RelayConfig;
use crate::domain::consent::{ConsentEvent, ConsentKind, Visit};
use crate::domain::delivery::{DeliveryState, OnUnknown};
use crate::domain::ids::IssueId;
use crate::domain::issue::{IssueState, Letter, LetterHead, ListHead};
use crate::domain::language::Language;
use crate::domain::links::Links;
use crate::domain::subscriber::{SubscriberState, SuppressReason};
use crate::domain::token::{Purpose, Signer};
use crate::mail::{Deadlines, Dkim, Relay, read};
use crate::smtpd::{Answer, Behaviour, Envelope, MemoryInbox, Options, Peer, Server};
use crate::store::{DeliveryFilter, DeliveryRecord, Enrolment, NewIssue, SealedIssue, Store};

mod pace;
mod relays;

const SPLICE: &str = "kwb0123456789abcdef0123456789abcdef";

/// A ledger, a relay, and the service between them.
struct House {
    store: Store,
    clock: Arc<ManualClock>,
    links: Links,
    inbox: Arc<MemoryInbox>,
    relay: Relay,
    policy: Policy,
    dkim: Option<Arc<Dkim>>,
    pacing: Pacing,
    stop: CancellationToken,
    _folder: tempfile::TempDir,
}

impl House {
    async fn new(behaviour: impl Behaviour) -> Self {
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

    fn delivery(&self) -> Arc<Delivery> {
        let relays = vec![self.relay.clone()];
        let (policy, dkim) = (self.policy.clone(), self.dkim.clone());
        let delivery = Delivery::new(self.store.clone(), self.clock.clone(), self.links.clone(), policy, relays, dkim);
        Arc::new(delivery.paced(self.pacing.clone()))
    }

    /// Delivers what is due, as a process that was just started.
    async fn drain(&self) -> usize {
        self.delivery().drain(true).await.unwrap()
    }

    fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
    }

    async fn reader(&self, address: &str) {
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
            editions: vec!["weekly".to_owned()],
            state: SubscriberState::Confirmed,
            pending_until: None,
            event: ConsentEvent::new(ConsentKind::Imported, now, &Visit::default()),
            confirmation: None,
        };
        self.store.enrol(&[enrolment], None).await.unwrap();
    }

    /// Puts an issue on its way to every reader there is.
    async fn issue(&self) -> IssueId {
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
        };
        self.store.seal_issue(&sealed, self.now()).await.unwrap();
        self.store.release_issue(issue.id, self.now()).await.unwrap().unwrap();
        issue.id
    }

    fn letter(&self) -> Letter {
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

    fn now(&self) -> Timestamp {
        use crate::clock::Clock;
        self.clock.now()
    }

    async fn lines(&self) -> Vec<DeliveryRecord> {
        self.store.deliveries(&DeliveryFilter::default(), 1000).await.unwrap()
    }

    async fn line_to(&self, address: &str) -> DeliveryRecord {
        self.lines().await.into_iter().find(|line| line.address.as_deref() == Some(address)).unwrap()
    }

    async fn state(&self, address: &str) -> SubscriberState {
        self.store.subscriber_by_key(address).await.unwrap().unwrap().state
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn relay(port: u16) -> Relay {
    let mut config = RelayConfig::plain("main", "127.0.0.1", port);
    config.connections = 4;
    Relay { config, hello_name: "news.example.jp".to_owned(), deadlines: Deadlines::default() }
}

/// Misbehaves at the final dot for the first `times` messages, and keeps what it saw.
struct AtTheDot {
    answer: Answer,
    times: AtomicUsize,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl AtTheDot {
    fn new(times: usize, answer: Answer) -> (Self, Arc<Mutex<Vec<Vec<u8>>>>) {
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
struct AtTheRecipient(Vec<(&'static str, Answer)>);

impl Behaviour for AtTheRecipient {
    fn on_rcpt(&self, _peer: &Peer, to: &str) -> Answer {
        self.0.iter().find(|(address, _)| *address == to).map_or(Answer::Usual, |(_, answer)| answer.clone())
    }
}

struct Courteous;
impl Behaviour for Courteous {}

fn refusal(code: u16, text: &str) -> Answer {
    Answer::Reply(code, text.to_owned())
}

#[tokio::test]
async fn every_reader_gets_the_issue_with_a_link_of_their_own() {
    let house = House::new(Courteous).await;
    for address in ["a@example.jp", "a..b@docomo.ne.jp"] {
        house.reader(address).await;
    }
    let issue = house.issue().await;
    assert_eq!(house.drain().await, 2);

    let mails = house.inbox.mails();
    let recipients: Vec<_> = mails.iter().map(|mail| mail.envelope.to[0].as_str()).collect();
    assert_eq!(recipients, ["a@example.jp", "\"a..b\"@docomo.ne.jp"]);
    let mut ids = BTreeSet::new();
    for mail in &mails {
        let mail = read(&mail.content);
        let header = |name: &str| {
            let mut all = mail.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
            let value = all.next().unwrap_or_else(|| panic!("no {name}")).1.clone();
            assert!(all.next().is_none(), "{name} twice");
            value
        };
        ids.insert(header("Message-ID"));
        assert_eq!(header("List-Unsubscribe-Post").trim(), "List-Unsubscribe=One-Click");
        let url = header("List-Unsubscribe").trim().trim_matches(['<', '>']).to_owned();
        let token = url.rsplit_once('/').unwrap().1;
        let token = house.links.signer().verify(Purpose::Unsubscribe, token).unwrap();
        assert_eq!(token.context, issue.0);
        let reader = house.store.subscriber_by_public_id(token.public_id).await.unwrap().unwrap();
        assert_eq!(house.line_to(&reader.address).await.state, DeliveryState::Accepted);
        assert!(mail.text.contains(&url), "the text part has the link");
        assert!(mail.html.contains(&url), "the HTML part has the link");
    }
    assert_eq!(ids.len(), 2);
    assert_eq!(house.store.issue(issue).await.unwrap().state, IssueState::Finished);
}

#[tokio::test]
async fn a_deferred_mail_is_tried_again_later_with_the_same_bytes() {
    let (behaviour, seen) = AtTheDot::new(1, refusal(451, "4.7.1 come back later"));
    let house = House::new(behaviour).await;
    house.reader("a@example.jp").await;
    house.issue().await;
    assert_eq!(house.drain().await, 1);
    let line = house.line_to("a@example.jp").await;
    assert_eq!((line.state, line.attempts), (DeliveryState::Queued, 1));
    let wait = line.due.unwrap().duration_since(house.now());
    assert!((300..=360).contains(&wait.as_secs()), "{wait}");

    house.pass(SignedDuration::from_mins(4));
    assert_eq!(house.drain().await, 0, "it is not due yet");
    house.pass(SignedDuration::from_mins(3));
    assert_eq!(house.drain().await, 1);
    assert_eq!(house.line_to("a@example.jp").await.state, DeliveryState::Accepted);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_refused_recipient_is_refused_once_and_the_others_are_not_touched() {
    let house = House::new(AtTheRecipient(vec![
        ("gone@example.jp", refusal(550, "5.1.1 User unknown")),
        ("spam@example.jp", refusal(550, "5.7.1 we do not like this")),
    ]))
    .await;
    for address in ["gone@example.jp", "spam@example.jp", "fine@example.jp"] {
        house.reader(address).await;
    }
    house.issue().await;
    assert_eq!(house.drain().await, 3);
    assert_eq!(house.inbox.taken(), 1);
    let line = house.line_to("gone@example.jp").await;
    assert_eq!((line.state, line.reply.unwrap().code), (DeliveryState::Rejected, Some(550)));
    assert_eq!(house.state("gone@example.jp").await, SubscriberState::Suppressed(SuppressReason::Bounced));
    assert_eq!(house.state("spam@example.jp").await, SubscriberState::Confirmed, "policy is not the reader's fault");
    assert_eq!(house.drain().await, 0);
}

#[tokio::test]
async fn silence_after_the_dot_is_unknown_and_sent_again_with_the_same_bytes() {
    let (behaviour, seen) = AtTheDot::new(1, Answer::Drop);
    let house = House::new(behaviour).await;
    house.reader("a@example.jp").await;
    let issue = house.issue().await;
    house.drain().await;
    assert_eq!(house.line_to("a@example.jp").await.state, DeliveryState::Unknown);
    assert_eq!(house.store.issue(issue).await.unwrap().state, IssueState::Sending);
    house.pass(SignedDuration::from_mins(16));
    assert_eq!(house.drain().await, 1);
    assert_eq!(house.line_to("a@example.jp").await.state, DeliveryState::Accepted);
    assert_eq!(house.store.issue(issue).await.unwrap().state, IssueState::Finished);
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_parked_unknown_is_never_sent_again() {
    let (behaviour, seen) = AtTheDot::new(1, Answer::Raw(b"25".to_vec()));
    let mut house = House::new(behaviour).await;
    house.policy.on_unknown = OnUnknown::Park;
    house.relay.deadlines.final_dot = Duration::from_millis(200);
    house.reader("a@example.jp").await;
    let issue = house.issue().await;
    house.drain().await;
    house.pass(SignedDuration::from_hours(72));
    assert_eq!(house.drain().await, 0);
    assert_eq!(house.line_to("a@example.jp").await.state, DeliveryState::Unknown);
    assert_eq!(house.store.issue(issue).await.unwrap().state, IssueState::Finished);
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_relay_that_is_down_is_paused_and_nobody_is_blamed() {
    let mut house = House::new(Courteous).await;
    let works = house.relay.clone();
    // A port that was free a moment ago and that nobody listens on.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    house.relay = relay(closed);
    house.reader("a@example.jp").await;
    house.issue().await;
    let delivery = house.delivery();
    assert_eq!(delivery.drain(true).await.unwrap(), 1);
    assert_eq!(delivery.troubles().len(), 1, "{:?}", delivery.troubles());
    assert!(delivery.troubles()[0].contains("main"), "{:?}", delivery.troubles());
    let line = house.line_to("a@example.jp").await;
    assert_eq!((line.state, line.attempts), (DeliveryState::Queued, 0));
    assert_eq!(delivery.drain(true).await.unwrap(), 0, "it gets a pause");
    house.relay = works;
    assert_eq!(house.drain().await, 1);
    assert_eq!(house.line_to("a@example.jp").await.state, DeliveryState::Accepted);
}

#[tokio::test]
async fn what_is_never_taken_is_given_up_after_two_days() {
    let (behaviour, _) = AtTheDot::new(usize::MAX, refusal(452, "4.2.2 mailbox full"));
    let house = House::new(behaviour).await;
    house.reader("a@example.jp").await;
    let issue = house.issue().await;
    let mut attempts = 0;
    for _ in 0..72 {
        attempts += house.drain().await;
        house.pass(SignedDuration::from_hours(1));
    }
    let line = house.line_to("a@example.jp").await;
    assert_eq!(line.state, DeliveryState::Expired);
    assert_eq!(line.reply.unwrap().text, "4.2.2 mailbox full");
    assert!((15..30).contains(&attempts), "{attempts} attempts in 48 hours");
    assert_eq!(house.store.issue(issue).await.unwrap().state, IssueState::Finished);
    assert_eq!(house.state("a@example.jp").await, SubscriberState::Confirmed);
}

#[tokio::test]
async fn one_mail_that_cannot_be_made_does_not_stop_the_others() {
    let house = House::new(Courteous).await;
    for address in ["a@example.jp", "not an address", "b@example.jp"] {
        house.reader(address).await;
    }
    house.issue().await;
    assert_eq!(house.drain().await, 3);
    assert_eq!(house.inbox.taken(), 2);
    assert_eq!(house.line_to("not an address").await.state, DeliveryState::Rejected);
}

#[tokio::test]
async fn after_a_crash_what_was_claimed_is_sent_and_what_was_offered_is_doubted() {
    let house = House::new(Courteous).await;
    for address in ["a@example.jp", "b@example.jp", "c@example.jp"] {
        house.reader(address).await;
    }
    house.issue().await;
    let crashed = house.delivery();
    crashed.node.join(&house.store, &*house.clock).await.unwrap();
    let held = crashed.claim(2).await.unwrap();
    assert!(house.store.offer(&held[0].node, &held[0].claim, house.now()).await.unwrap());
    drop(crashed);

    assert_eq!(house.drain().await, 2, "at once, without waiting for the dead node's lease");
    assert_eq!(house.line_to("a@example.jp").await.state, DeliveryState::Unknown);
    house.pass(SignedDuration::from_mins(16));
    assert_eq!(house.drain().await, 1);
    assert!(house.lines().await.iter().all(|line| line.state == DeliveryState::Accepted));
}

/// Asks the relay to be slow, and counts how many mails are in its hands at once.
struct Slow {
    at_once: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Behaviour for Slow {
    fn on_data(&self, _peer: &Peer, _envelope: &Envelope) -> Answer {
        let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        Answer::Usual
    }

    fn on_content(&self, _peer: &Peer, _envelope: &Envelope, _content: &[u8]) -> Answer {
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        Answer::Stall(Duration::from_millis(5))
    }
}

#[tokio::test]
async fn the_daemon_sends_over_all_its_connections_and_stops_at_a_safe_point() {
    let most = Arc::new(AtomicUsize::new(0));
    let house = House::new(Slow { at_once: Arc::default(), most: most.clone() }).await;
    for n in 0..60 {
        house.reader(&format!("reader-{n}@example.jp")).await;
    }
    let issue = house.issue().await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(house.delivery().run(true, stop.clone()));
    while house.inbox.taken() < 20 {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    running.await.unwrap().unwrap();
    let counts = house.store.delivery_counts(issue).await.unwrap();
    assert_eq!((counts.claimed, counts.offered, counts.unknown), (0, 0, 0), "{counts:?}");
    assert_eq!(u64::try_from(counts.accepted).unwrap(), house.inbox.taken());
    assert!(counts.queued > 0, "it stopped before it was through");
    assert!(most.load(Ordering::SeqCst) > 1, "one connection did it all");

    house.drain().await;
    assert_eq!(house.inbox.taken(), 60);
    let recipients: BTreeSet<_> = house.inbox.mails().iter().map(|mail| mail.envelope.to[0].clone()).collect();
    assert_eq!(recipients.len(), 60, "nobody got it twice");
}

#[tokio::test]
async fn a_relay_that_dies_after_every_dot_is_paused_before_it_puts_the_list_in_doubt() {
    let (behaviour, seen) = AtTheDot::new(usize::MAX, Answer::Drop);
    let house = House::new(behaviour).await;
    for n in 0..20 {
        house.reader(&format!("reader-{n}@example.jp")).await;
    }
    house.issue().await;
    let delivery = house.delivery();
    assert_eq!(delivery.drain(true).await.unwrap(), 1);
    assert!(delivery.troubles()[0].contains("main"), "{:?}", delivery.troubles());
    house.pass(SignedDuration::from_secs(3));
    assert_eq!(delivery.drain(true).await.unwrap(), 1);
    house.pass(SignedDuration::from_secs(3));
    assert_eq!(delivery.drain(true).await.unwrap(), 0, "the pause grows");
    let unknown = house.lines().await.iter().filter(|line| line.state == DeliveryState::Unknown).count();
    assert_eq!((unknown, seen.lock().unwrap().len()), (2, 2));
}

#[tokio::test]
async fn a_mail_of_unknown_fate_is_sent_again_ever_more_rarely() {
    let (behaviour, seen) = AtTheDot::new(usize::MAX, Answer::Drop);
    let house = House::new(behaviour).await;
    house.reader("a@example.jp").await;
    house.issue().await;
    for _ in 0..(48 * 4) {
        house.drain().await;
        house.pass(SignedDuration::from_mins(15));
    }
    let copies = seen.lock().unwrap().len();
    assert!((6..=9).contains(&copies), "{copies} copies in two days");
}

#[tokio::test]
async fn a_recipient_who_upsets_the_relay_does_not_hold_up_the_others() {
    let house = House::new(AtTheRecipient(vec![("poison@example.jp", Answer::Drop)])).await;
    for address in ["poison@example.jp", "a@example.jp", "b@example.jp"] {
        house.reader(address).await;
    }
    house.issue().await;
    let delivery = house.delivery();
    delivery.drain(true).await.unwrap();
    house.pass(SignedDuration::from_secs(3));
    delivery.drain(true).await.unwrap();
    assert_eq!(house.inbox.taken(), 2);
    let line = house.line_to("poison@example.jp").await;
    assert_eq!((line.state, line.attempts), (DeliveryState::Queued, 1));
    assert_eq!(house.state("poison@example.jp").await, SubscriberState::Confirmed);
}

/// Hangs up after each message, as some relays do, without a word.
struct OneEach;

impl Behaviour for OneEach {
    fn on_taken(&self, _peer: &Peer, _envelope: &Envelope, reply: &crate::domain::delivery::Reply) -> Answer {
        Answer::ReplyThenDrop(reply.code.unwrap_or(250), reply.text.clone())
    }
}

#[tokio::test]
async fn a_connection_that_was_closed_between_two_mails_is_no_trouble() {
    let house = House::new(OneEach).await;
    for n in 0..5 {
        house.reader(&format!("reader-{n}@example.jp")).await;
    }
    house.issue().await;
    let delivery = house.delivery();
    assert_eq!(delivery.drain(true).await.unwrap(), 5);
    assert_eq!(house.inbox.taken(), 5);
    assert!(delivery.troubles().is_empty(), "{:?}", delivery.troubles());
}

#[tokio::test]
async fn what_a_node_lost_sight_of_is_recovered_while_it_lives() {
    let house = House::new(Courteous).await;
    for address in ["a@example.jp", "b@example.jp"] {
        house.reader(address).await;
    }
    house.issue().await;
    let delivery = house.delivery();
    delivery.node.join(&house.store, &*house.clock).await.unwrap();
    let held = delivery.claim(2).await.unwrap();
    assert!(house.store.offer(&held[0].node, &held[0].claim, house.now()).await.unwrap());
    // As after an outage of the database, in which nothing could be written.
    drop(held);
    delivery.node.begin_anew(&*house.clock);
    assert_eq!(delivery.drain(false).await.unwrap(), 0, "the old id still has its lease");
    house.pass(SignedDuration::from_secs(61));
    assert_eq!(delivery.drain(false).await.unwrap(), 1);
    assert_eq!(house.line_to("a@example.jp").await.state, DeliveryState::Unknown);
    assert_eq!(house.line_to("b@example.jp").await.state, DeliveryState::Accepted);
}

/// Waits at the final dot until the test lets it go on.
struct Held {
    reached: Arc<AtomicUsize>,
    stall: Duration,
}

impl Behaviour for Held {
    fn on_content(&self, _peer: &Peer, _envelope: &Envelope, _content: &[u8]) -> Answer {
        self.reached.fetch_add(1, Ordering::SeqCst);
        Answer::Stall(self.stall)
    }
}

/// Sends to thirty readers over a relay that stalls at the dot, and cancels as soon as every connection is there.
async fn cancelled_at_the_dot(stall: Duration, patience: Duration) -> (House, IssueId) {
    let reached = Arc::new(AtomicUsize::new(0));
    let mut house = House::new(Held { reached: reached.clone(), stall }).await;
    house.relay.deadlines.final_dot = patience;
    for n in 0..30 {
        house.reader(&format!("reader-{n}@example.jp")).await;
    }
    let issue = house.issue().await;
    let stop = CancellationToken::new();
    let run = tokio::spawn(house.delivery().run(true, stop.clone()));
    while reached.load(Ordering::SeqCst) < house.relay.config.connections {
        tokio::task::yield_now().await;
    }
    house.store.cancel_issue(issue, &IssueState::Sending, house.now()).await.unwrap();
    loop {
        let tally = house.store.issue_tally(issue).await.unwrap();
        assert!(tally.adds_up(), "{tally:?}");
        assert_eq!(tally.counts.queued, 0, "{tally:?}");
        // What is claimed may wait for a relay that gets a pause; stopping gives it back, and nobody wants it.
        if tally.counts.offered == 0 {
            break;
        }
        tokio::task::yield_now().await;
    }
    stop.cancel();
    run.await.unwrap().unwrap();
    assert_eq!(house.store.delivery_counts(issue).await.unwrap().open(), 0);
    (house, issue)
}

#[tokio::test]
async fn what_is_at_the_dot_when_its_issue_is_cancelled_is_finished_and_the_rest_withdrawn() {
    let (house, issue) = cancelled_at_the_dot(Duration::from_millis(500), Duration::from_secs(60)).await;
    let counts = house.store.delivery_counts(issue).await.unwrap();
    assert_eq!(u64::try_from(counts.accepted).unwrap(), house.inbox.taken(), "the ledger and the relay agree");
    assert!(counts.accepted >= 4 && counts.withdrawn > 0, "{counts:?}");
    assert_eq!(counts.accepted + counts.withdrawn, 30);
    assert_eq!(house.store.issue(issue).await.unwrap().state, IssueState::Cancelled);
    assert_eq!(house.drain().await, 0);
}

#[tokio::test]
async fn what_is_unknown_when_its_issue_is_cancelled_stays_so() {
    let (house, issue) = cancelled_at_the_dot(Duration::from_secs(60), Duration::from_millis(300)).await;
    let counts = house.store.delivery_counts(issue).await.unwrap();
    assert!(counts.unknown >= 4, "{counts:?}");
    assert_eq!(counts.unknown + counts.withdrawn, 30, "{counts:?}");
    house.pass(SignedDuration::from_hours(24));
    assert_eq!(house.drain().await, 0, "it is not sent again");
    assert_eq!(house.store.delivery_counts(issue).await.unwrap(), counts);
}
