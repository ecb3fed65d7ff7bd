//! Leaving. It works from every state, at once, for ever, and as often as one likes.

use super::desk::{LOOKS, as_read};
use super::{LinkError, Subscribers};
use crate::domain::address::EmailAddress;
use crate::domain::consent::{ConsentEvent, ConsentKind, Visit};
use crate::domain::ids::IssueId;
use crate::domain::subscriber::Subscriber;
use crate::domain::token::Purpose;
use crate::store::StoreError;

/// How a reader left, kept on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftBy {
    /// The button on the page.
    Button,
    /// The mail program's own button (RFC 8058).
    OneClick,
}

/// What leaving came to. In every case nothing more is sent.
#[derive(Debug, Clone)]
pub enum Left {
    /// The reader has left just now.
    Now(Subscriber),
    /// There was nothing left to leave.
    Before(Subscriber),
    /// The subscriber is not there any more: forgotten or erased.
    Gone,
}

impl LeftBy {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Button => "button",
            Self::OneClick => "one click",
        }
    }
}

impl Subscribers {
    /// Unsubscribes whoever the link speaks of. Leaving twice is leaving once, and is on record once.
    ///
    /// # Errors
    /// [`LinkError::Bad`] if the link is not one of ours. There is no other reason not to let somebody go.
    pub async fn unsubscribe(&self, token: &str, visit: &Visit, by: LeftBy) -> Result<Left, LinkError> {
        let token = self.verify(Purpose::Unsubscribe, token)?;
        let detail = match self.number_of(IssueId(token.context)).await? {
            Some(number) => format!("{}, issue {number}", by.as_str()),
            None => by.as_str().to_owned(),
        };
        for _ in 0..LOOKS {
            let subscriber = match self.subscriber_of(&token).await {
                Err(LinkError::Gone) => return Ok(Left::Gone),
                other => other?,
            };
            match self.leave(subscriber, visit, &detail).await {
                Err(StoreError::Stale) => {}
                other => return Ok(other?),
            }
        }
        Err(StoreError::Stale.into())
    }

    /// Unsubscribes an address whose owner told the operator to. `None` if nobody has it.
    pub async fn unsubscribe_by_operator(&self, address: &EmailAddress) -> Result<Option<Left>, StoreError> {
        for _ in 0..LOOKS {
            let Some(subscriber) = self.find(address).await? else { return Ok(None) };
            match self.leave(subscriber, &Visit::default(), "by the operator").await {
                Err(StoreError::Stale) => {}
                other => return other.map(Some),
            }
        }
        Err(StoreError::Stale)
    }

    /// Returns the number of the issue that a link stood in, if it is still here. A link of no issue names the row 0.
    async fn number_of(&self, issue: IssueId) -> Result<Option<i64>, StoreError> {
        match self.store.issue(issue).await {
            Ok(issue) => Ok(issue.number),
            Err(StoreError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn leave(&self, mut subscriber: Subscriber, visit: &Visit, detail: &str) -> Result<Left, StoreError> {
        let next = subscriber.state.unsubscribe();
        if next == subscriber.state {
            return Ok(Left::Before(subscriber));
        }
        let event = ConsentEvent::new(ConsentKind::Unsubscribed, self.clock.now(), visit).detail(detail);
        self.store.change_subscriber(as_read(&subscriber), next, &event).await?;
        subscriber.state = next;
        Ok(Left::Now(subscriber))
    }
}
