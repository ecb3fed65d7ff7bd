//! A service on a fresh SQLite file, at a time of our choosing, and the verbs tests use.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Publication, SignUp, Subscribers};
use crate::clock::ManualClock;
use crate::domain::address::EmailAddress;
use crate::domain::consent::{ConsentKind, Visit};
use crate::domain::delivery::{DeliveryKind, DeliveryState};
use crate::domain::edition::Edition;
use crate::domain::issue::LetterHead;
use crate::domain::language::Language;
use crate::domain::links::Links;
use crate::domain::schedule::Schedule;
use crate::domain::subscriber::{Subscriber, SubscriberState};
use crate::domain::token::Signer;
use crate::render::{Sender, Templates};
use crate::store::{DeliveryFilter, DeliveryRecord, Store};

/// A service, and what it stands on.
pub(crate) struct House {
    pub(crate) subscribers: Subscribers,
    pub(crate) store: Store,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) links: Links,
    pub(crate) templates: Arc<Templates>,
    /// Where the database is, if it is ours.
    _folder: Option<tempfile::TempDir>,
}

impl House {
    /// Returns a house on a SQLite file of its own.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite://{}/test.db", folder.path().display()).into()).await.unwrap();
        store.migrate().await.unwrap();
        Self { _folder: Some(folder), ..Self::on(store) }
    }

    /// Returns a house on a store.
    pub(crate) fn on(store: Store) -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_second(1_790_000_000).unwrap()));
        let signer = Signer::new(&"a secret of more than thirty-two letters".into(), &[]);
        let links = Links::new(&"https://news.example.jp/".parse().unwrap(), signer);
        // Loading proves every template, which takes a while; one proof is enough for all tests.
        static TEMPLATES: std::sync::OnceLock<Arc<Templates>> = std::sync::OnceLock::new();
        let templates = TEMPLATES.get_or_init(|| Arc::new(Templates::load(None).unwrap())).clone();
        let subscribers =
            Subscribers::new(store.clone(), clock.clone(), links.clone(), templates.clone(), publication());
        Self { subscribers, store, clock, links, templates, _folder: None }
    }

    /// Builds the service anew, for this publication.
    pub(crate) fn publish(&mut self, publication: Publication) {
        let (store, clock) = (self.store.clone(), self.clock.clone());
        self.subscribers = Subscribers::new(store, clock, self.links.clone(), self.templates.clone(), publication);
    }

    pub(crate) fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
    }

    /// Signs up and settles.
    pub(crate) async fn sign_up(&self, address: &str) {
        self.sign_up_for(address, &[]).await;
    }

    /// Signs up for these editions and settles.
    pub(crate) async fn sign_up_for(&self, address: &str, editions: &[&str]) {
        let editions = editions.iter().map(|name| (*name).to_owned()).collect();
        let sign_up = SignUp { address: email(address), language: Language::En, editions, visit: visit() };
        self.subscribers.sign_up(sign_up).await.unwrap();
        self.settle().await;
    }

    pub(crate) async fn settle(&self) {
        while self.subscribers.settle_sign_ups(100).await.unwrap() > 0 {}
        assert!(self.store.unsettled_sign_ups(1).await.unwrap().is_empty(), "a sign-up was left behind");
    }

    pub(crate) async fn find(&self, address: &str) -> Option<Subscriber> {
        self.subscribers.find(&email(address)).await.unwrap()
    }

    pub(crate) async fn state(&self, address: &str) -> Option<SubscriberState> {
        self.find(address).await.map(|subscriber| subscriber.state)
    }

    /// Returns the token of the confirmation link, as it would be made now.
    pub(crate) async fn confirm_token(&self, address: &str) -> String {
        let id = self.find(address).await.unwrap().public_id;
        last_segment(&self.links.confirm(id, self.subscribers.clock.now()))
    }

    pub(crate) async fn unsubscribe_token(&self, address: &str) -> String {
        self.links.unsubscribe_token(self.find(address).await.unwrap().public_id, 0)
    }

    /// Brings an address into a state, the way it would get there.
    pub(crate) async fn bring(&self, address: &str, state: SubscriberState) {
        self.sign_up(address).await;
        if state != SubscriberState::Pending {
            self.subscribers.confirm(&self.confirm_token(address).await, &visit()).await.unwrap();
        }
        match state {
            SubscriberState::Unsubscribed => {
                let token = self.unsubscribe_token(address).await;
                self.subscribers.unsubscribe(&token, &visit(), super::LeftBy::Button).await.unwrap();
            }
            SubscriberState::Suppressed(reason) => {
                self.subscribers.suppress(&email(address), reason).await.unwrap();
            }
            SubscriberState::Pending | SubscriberState::Confirmed => {}
        }
        assert_eq!(self.state(address).await, Some(state));
    }

    /// Returns the editions somebody takes, and the key of which part of each.
    pub(crate) async fn taken(&self, address: &str) -> Vec<(String, String)> {
        self.store.subscriptions_of(self.find(address).await.unwrap().id).await.unwrap()
    }

    /// Returns what the record of consent says of the last thing that happened.
    pub(crate) async fn last_detail(&self, address: &str) -> String {
        let id = self.find(address).await.unwrap().id;
        self.store.consent_events(id).await.unwrap().pop().unwrap().detail.unwrap_or_default()
    }

    pub(crate) async fn events(&self, address: &str) -> Vec<ConsentKind> {
        let id = self.find(address).await.unwrap().id;
        self.store.consent_events(id).await.unwrap().into_iter().map(|event| event.kind).collect()
    }

    /// Returns every confirmation mail in the ledger, whatever became of it.
    pub(crate) async fn confirmations(&self) -> Vec<DeliveryRecord> {
        let mut all = self.store.deliveries(&DeliveryFilter::default(), 10_000).await.unwrap();
        all.retain(|delivery| delivery.kind == DeliveryKind::Confirmation);
        all
    }

    pub(crate) async fn waiting_confirmations(&self) -> usize {
        self.confirmations().await.iter().filter(|delivery| delivery.state == DeliveryState::Queued).count()
    }
}

pub(crate) fn edition(name: &str, title: &str) -> Edition {
    Edition {
        name: name.to_owned(),
        title: title.to_owned(),
        schedule: Schedule::parse("0 8 * * Fri", "Asia/Tokyo").unwrap(),
        sections: vec!["openings".to_owned(), "news".to_owned()],
        max_per_section: 10,
        late_limit: Duration::from_secs(3600),
        policy: Default::default(),
        review: Default::default(),
    }
}

/// Returns a publication of two editions.
pub(crate) fn two_editions() -> Publication {
    let editions = vec![edition("weekly", "Japan Weekly"), edition("monthly", "Japan Monthly")];
    Publication { editions, ..publication() }
}

pub(crate) fn publication() -> Publication {
    Publication {
        title: "Japan Weekly".to_owned(),
        editions: vec![edition("weekly", "Japan Weekly")],
        sender: sender(),
        head: LetterHead {
            from_name: "Japan Weekly".to_owned(),
            from_email: "news@example.jp".to_owned(),
            reply_to: None,
            list: None,
        },
    }
}

pub(crate) fn sender() -> Sender {
    Sender {
        name: "瓦版社".to_owned(),
        postal_address: "1-1 Nihonbashi, Tokyo".to_owned(),
        contact: "help@example.jp".to_owned(),
    }
}

pub(crate) fn email(address: &str) -> EmailAddress {
    EmailAddress::parse(address).unwrap()
}

pub(crate) fn visit() -> Visit {
    Visit { ip: Some("192.0.2.7".to_owned()), user_agent: Some("Test/1".to_owned()) }
}

pub(crate) const fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn last_segment(url: &str) -> String {
    url.rsplit('/').next().unwrap().to_owned()
}
