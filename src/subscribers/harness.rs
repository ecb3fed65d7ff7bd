//! A service on a fresh SQLite file, at a time of our choosing, and the verbs tests use.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Publication, SignUp, Subscribers};
use crate::clock::ManualClock;
use crate::domain::address::EmailAddress;
use crate::domain::consent::{ConsentKind, Visit};
use crate::domain::delivery::{DeliveryKind, DeliveryState};
use crate::domain::issue::LetterHead;
use crate::domain::language::Language;
use crate::domain::links::Links;
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
    _folder: tempfile::TempDir,
}

impl House {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite://{}/test.db", folder.path().display()).into()).await.unwrap();
        store.migrate().await.unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_second(1_790_000_000).unwrap()));
        let signer = Signer::new(&"a secret of more than thirty-two letters".into(), &[]);
        let links = Links::new(&"https://news.example.jp/".parse().unwrap(), signer);
        // Loading proves every template, which takes a while; one proof is enough for all tests.
        static TEMPLATES: std::sync::OnceLock<Arc<Templates>> = std::sync::OnceLock::new();
        let templates = TEMPLATES.get_or_init(|| Arc::new(Templates::load(None).unwrap())).clone();
        let subscribers =
            Subscribers::new(store.clone(), clock.clone(), links.clone(), templates.clone(), publication());
        Self { subscribers, store, clock, links, templates, _folder: folder }
    }

    pub(crate) fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
    }

    /// Signs up and settles.
    pub(crate) async fn sign_up(&self, address: &str) {
        let sign_up = SignUp { address: email(address), language: Language::En, editions: Vec::new(), visit: visit() };
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

pub(crate) fn publication() -> Publication {
    Publication {
        title: "Japan Weekly".to_owned(),
        editions: vec!["weekly".to_owned()],
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
