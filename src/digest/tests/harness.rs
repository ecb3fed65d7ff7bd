//! A printing house on an empty store, and the verbs tests use.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::clock::ManualClock;
use crate::digest::{Compiled, Digests, Imprint, Operator};
use crate::domain::article::{ArticleKind, Details, NewArticle};
use crate::domain::choice::Choice;
use crate::domain::consent::{ConsentEvent, ConsentKind, Visit};
use crate::domain::desk::Review;
use crate::domain::edition::{Edition, Policy};
use crate::domain::ids::IssueId;
use crate::domain::issue::{Issue, IssueState, LetterHead};
use crate::domain::language::Language;
use crate::domain::links::Links;
use crate::domain::schedule::{Schedule, Slot};
use crate::domain::subscriber::SubscriberState;
use crate::domain::token::Signer;
use crate::render::{Sender, Templates};
use crate::store::{Enrolment, Existing, Store};

pub(super) use crate::store::tests::harness::{on_each_database, on_each_engine, what_waits};

pub(super) const EDITION: &str = "weekly";

/// A service, and what it stands on.
pub(super) struct House {
    pub(super) digests: Digests,
    pub(super) store: Store,
    pub(super) clock: Arc<ManualClock>,
}

impl House {
    /// Returns a house with one weekly edition of two items a section. It is the evening before a Friday.
    pub(super) fn new(store: &Store) -> Self {
        Self::with(store, EDITION, 2)
    }

    /// Returns a house with these editions; the verbs speak of the first.
    pub(super) fn with_editions(store: &Store, editions: Vec<Edition>) -> Self {
        let clock = Arc::new(ManualClock::at("2026-11-26T20:00:00+09:00".parse().unwrap()));
        let digests = service_of(store, &clock, editions);
        Self { digests, store: store.clone(), clock }
    }

    /// Lets a reader of an edition take a part of it.
    pub(super) async fn chooses(&self, name: &str, edition: &str, key: &str) {
        let subscriber = self.store.subscriber_by_key(&format!("{name}@example.jp")).await.unwrap().unwrap();
        let taken = crate::store::Taken {
            language: subscriber.language,
            offered: Vec::new(),
            editions: vec![(edition.to_owned(), Choice::from_key(key).unwrap())],
        };
        let existing = Existing { id: subscriber.id, state: subscriber.state };
        let event = ConsentEvent::new(ConsentKind::Preferences, self.now(), &Visit::default());
        self.store.choose(existing, &taken, &event).await.unwrap();
    }

    pub(super) fn with(store: &Store, edition: &str, max_per_section: usize) -> Self {
        let clock = Arc::new(ManualClock::at("2026-11-26T20:00:00+09:00".parse().unwrap()));
        let digests = service(store, &clock, edition, max_per_section);
        Self { digests, store: store.clone(), clock }
    }

    /// Returns a house whose edition is published though nobody takes it.
    pub(super) fn for_the_web(store: &Store) -> Self {
        let policy = Policy { publish_without_readers: true, ..Policy::default() };
        Self::with_editions(store, vec![Edition { policy, ..an_edition(EDITION, 2, "0 8 * * Fri") }])
    }

    /// Returns a house with an operator, and an edition of nine items a section that is looked at like this.
    pub(super) fn with_desk(store: &Store, review: Review) -> Self {
        let mut house = Self::with(store, EDITION, 9);
        house.digests = desk(house.digests, review);
        house
    }

    /// Returns the service as another process would have it.
    pub(super) fn another_process(&self) -> Digests {
        self.process_on(&self.store)
    }

    /// Returns the service as a process with connections of its own would have it.
    pub(super) fn process_on(&self, store: &Store) -> Digests {
        let edition = &self.digests.editions()[0];
        let digests = service(store, &self.clock, &edition.name, edition.max_per_section);
        if edition.review == Review::default() { digests } else { desk(digests, edition.review) }
    }

    pub(super) fn edition(&self) -> &str {
        &self.digests.editions()[0].name
    }

    /// Waits for the next slot.
    pub(super) fn next_slot(&self) -> Slot {
        let slot = self.digests.editions()[0].schedule.next_after(self.now()).unwrap();
        self.clock.set(slot.instant);
        slot
    }

    /// Returns the slot of something done by hand, now.
    pub(super) fn by_hand(&self) -> Slot {
        self.digests.editions()[0].schedule.slot_at(self.now())
    }

    pub(super) fn now(&self) -> Timestamp {
        crate::clock::Clock::now(&*self.clock)
    }

    pub(super) fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
    }

    pub(super) async fn compile(&self, slot: &Slot) -> Compiled {
        self.digests.compile(self.edition(), slot).await.unwrap()
    }

    /// Compiles, seals and releases.
    pub(super) async fn publish(&self, slot: &Slot) -> Issue {
        the_job(&self.digests, slot).await
    }

    pub(super) async fn store_articles(&self, articles: &[NewArticle]) {
        self.store.store_articles(articles, self.now()).await.unwrap();
    }

    pub(super) async fn titles(&self, issue: &Issue) -> Vec<String> {
        self.store.issue_items(issue.id).await.unwrap().into_iter().map(|item| item.title).collect()
    }

    /// Returns every issue of the edition, oldest first.
    pub(super) async fn issues(&self) -> Vec<Issue> {
        let mut issues: Vec<Issue> = Vec::new();
        let mut before: Option<IssueId> = None;
        loop {
            let page = self.store.latest_issues(before, None, 100).await.unwrap();
            let Some(last) = page.last() else { break };
            before = Some(last.id);
            issues.extend(page.into_iter().filter(|issue| issue.edition == self.edition()));
        }
        issues.reverse();
        issues
    }

    /// Adds a confirmed reader of the edition, of English or, if the name begins with `ja`, of Japanese.
    pub(super) async fn reader(&self, name: &str) {
        self.person(name, SubscriberState::Confirmed, self.edition()).await;
    }

    pub(super) async fn person(&self, name: &str, state: SubscriberState, edition: &str) {
        let mut public_id = [0; 16];
        crate::clock::Clock::fill_random(&*self.clock, &mut public_id);
        // The clocks of two houses on one store hand out the same bytes.
        for (byte, letter) in public_id.iter_mut().zip(edition.bytes()) {
            *byte ^= letter;
        }
        let mut address_hash = [0; 32];
        address_hash[..16].copy_from_slice(&public_id);
        // Nobody enters suppressed.
        let entered = if state.suppress_reason().is_some() { SubscriberState::Confirmed } else { state };
        let enrolment = Enrolment {
            existing: None,
            public_id,
            address: format!("{name}@example.jp"),
            address_key: format!("{name}@example.jp"),
            address_hash,
            language: if name.starts_with("ja") { Language::Ja } else { Language::En },
            editions: vec![(edition.to_owned(), Choice::everything())],
            state: entered,
            pending_until: (state == SubscriberState::Pending).then(|| self.now() + SignedDuration::from_hours(1)),
            event: ConsentEvent::new(ConsentKind::SignedUp, self.now(), &Visit::default()),
            confirmation: None,
        };
        self.store.enrol(&[enrolment], None).await.unwrap();
        if state != entered {
            let subscriber = self.store.subscriber_by_key(&format!("{name}@example.jp")).await.unwrap().unwrap();
            let existing = Existing { id: subscriber.id, state: entered };
            let event = ConsentEvent::new(ConsentKind::Suppressed, self.now(), &Visit::default());
            self.store.change_subscriber(existing, state, &event).await.unwrap();
        }
    }
}

/// What the scheduler and the command line do with a slot.
pub(super) async fn the_job(digests: &Digests, slot: &Slot) -> Issue {
    let edition = digests.editions()[0].name.clone();
    let compiled = digests.compile_to_send(&edition, slot).await.unwrap();
    if matches!(compiled.issue.state, IssueState::Skipped(_) | IssueState::Cancelled) {
        return compiled.issue;
    }
    let sealed = digests.seal(compiled.issue.id).await.unwrap();
    if matches!(sealed.issue.state, IssueState::Skipped(_)) {
        return sealed.issue;
    }
    digests.release(sealed.issue.id).await.unwrap()
}

/// Gives a service an operator and drafts that are looked at.
fn desk(digests: Digests, review: Review) -> Digests {
    let editions = digests.editions.iter().map(|edition| Edition { review, ..edition.clone() }).collect();
    let operator = Operator { addresses: vec!["editor@example.jp".to_owned()], language: Language::En };
    Digests { editions, ..digests }.with_operator(operator)
}

fn service(store: &Store, clock: &Arc<ManualClock>, edition: &str, max_per_section: usize) -> Digests {
    service_of(store, clock, vec![an_edition(edition, max_per_section, "0 8 * * Fri")])
}

pub(super) fn an_edition(name: &str, max_per_section: usize, schedule: &str) -> Edition {
    Edition {
        name: name.to_owned(),
        title: "Japan Weekly".to_owned(),
        schedule: Schedule::parse(schedule, "Asia/Tokyo").unwrap(),
        sections: vec!["openings".to_owned(), "news".to_owned()],
        max_per_section,
        late_limit: Duration::from_secs(24 * 3600),
        policy: Default::default(),
        review: Default::default(),
    }
}

fn service_of(store: &Store, clock: &Arc<ManualClock>, editions: Vec<Edition>) -> Digests {
    let signer = Signer::new(&"a secret of more than thirty-two letters".into(), &[]);
    let links = Links::new(&"https://news.example.jp/".parse().unwrap(), signer);
    // Loading proves every template, which takes a while; one proof is enough for all tests.
    static TEMPLATES: OnceLock<Arc<Templates>> = OnceLock::new();
    let templates = TEMPLATES.get_or_init(|| Arc::new(Templates::load(None).unwrap())).clone();
    let imprint = Imprint {
        sender: Sender {
            name: "瓦版".to_owned(),
            postal_address: "1-1 Nihonbashi, Tokyo".to_owned(),
            contact: "info@example.jp".to_owned(),
        },
        head: LetterHead {
            from_name: "瓦版".to_owned(),
            from_email: "news@example.jp".to_owned(),
            reply_to: Some("desk@example.jp".to_owned()),
            list: None,
        },
        unsubscribe_mailto: Some("leave@example.jp".to_owned()),
    };
    Digests::new(store.clone(), clock.clone(), links, templates, editions, imprint)
}

/// Returns an item of news, published `hour` hours into November.
pub(super) fn news(title: &str, hour: i64) -> NewArticle {
    NewArticle {
        feed_id: None,
        guid: title.to_owned(),
        source: Some("Asahi".to_owned()),
        title: title.to_owned(),
        url: format!("https://example.jp/{title}"),
        summary: format!("About {title}."),
        section: "news".to_owned(),
        language: Some("ja".to_owned()),
        published: Some("2026-11-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hour)),
        closes: None,
        details: Default::default(),
    }
}

/// Returns an opening that closes at `closes`.
pub(super) fn opening(title: &str, hour: i64, closes: Option<Timestamp>) -> NewArticle {
    let details = Details { kind: ArticleKind::Opening, ..Details::default() };
    NewArticle { section: "openings".to_owned(), closes, details, ..news(title, hour) }
}

pub(super) fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}
