//! The service itself: what it is built from, and what can go wrong.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::clock::Clock;
use crate::domain::address::EmailAddress;
use crate::domain::choice::Choice;
use crate::domain::consent::agreed_to;
use crate::domain::edition::Edition;
use crate::domain::issue::LetterHead;
use crate::domain::language::Language;
use crate::domain::links::Links;
use crate::domain::subscriber::Subscriber;
use crate::render::{RenderError, Sender, Templates};
use crate::store::{Existing, Store, StoreError};

/// How often a decision is made anew when what it was made on changes under it. A reader presses two buttons at the
/// same moment, not ten.
pub(super) const LOOKS: usize = 5;

/// What people subscribe to, and who sends it.
#[derive(Debug, Clone)]
pub struct Publication {
    /// The name readers know it by.
    pub title: String,
    /// What there is to subscribe to. Who names none takes the first.
    pub editions: Vec<Edition>,
    /// Who sends it, as shown in the mails.
    pub sender: Sender,
    /// The headers of the confirmation mail. It belongs to no list: its reader has not joined one.
    pub head: LetterHead,
}

/// Everything that is done with subscribers. Cheap to clone.
#[derive(Clone)]
pub struct Subscribers {
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) links: Links,
    pub(super) templates: Arc<Templates>,
    pub(super) publication: Arc<Publication>,
    pub(super) arrived: Arc<Notify>,
}

/// What can go wrong, whoever asks.
#[derive(Debug, thiserror::Error)]
pub enum SubscribersError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The confirmation mail.
    #[error("the confirmation mail cannot be rendered: {0}")]
    Render(#[from] RenderError),
}

impl Publication {
    /// Returns what somebody takes who names no edition: all of the first.
    pub(super) fn usual(&self) -> Vec<(String, Choice)> {
        self.editions.first().map(|edition| (edition.name.clone(), Choice::everything())).into_iter().collect()
    }

    /// Returns how the record of consent says what somebody takes.
    pub(super) fn agreed_to(&self, taken: &[(String, Choice)], language: Language) -> String {
        agreed_to(&self.editions, taken, language)
    }
}

impl std::fmt::Debug for Subscribers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscribers").field("title", &self.publication.title).finish_non_exhaustive()
    }
}

impl Subscribers {
    /// Returns the service.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        links: Links,
        templates: Arc<Templates>,
        publication: Publication,
    ) -> Self {
        Self { store, clock, links, templates, publication: Arc::new(publication), arrived: Arc::new(Notify::new()) }
    }

    /// Returns the subscriber with this address.
    pub async fn find(&self, address: &EmailAddress) -> Result<Option<Subscriber>, StoreError> {
        self.store.subscriber_by_key(&address.key()).await
    }
}

/// Returns the row as it was read, for a change that is to count on it.
pub(super) fn as_read(subscriber: &Subscriber) -> Existing {
    Existing { id: subscriber.id, state: subscriber.state }
}
