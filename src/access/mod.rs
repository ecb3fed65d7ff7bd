//! Who may use the API: tokens are made, recognised and revoked.
//!
//! A token is shown once, when it is made; what is kept is its hash. An unknown token and a revoked one are the same to
//! whoever shows them.

use std::sync::Arc;

use crate::clock::{Clock, random_bytes};
use crate::domain::api_token::{ApiToken, Bearer, Scope};
use crate::store::{Store, StoreError};

/// A name is for people; it stands on one line of a list.
const MAX_NAME_CHARS: usize = 60;

/// A token cannot be made or revoked.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The name cannot be one.
    #[error("a token has a name of 1 to {MAX_NAME_CHARS} characters, so that you know it again")]
    Name,
    /// The name is taken.
    #[error("there is a token {0:?} already; revoke it first, or take another name")]
    Taken(String),
    /// It allows nothing.
    #[error("a token without a scope is good for nothing; give it articles:read or articles:write")]
    NoScope,
    /// There is none in use.
    #[error("there is no token {0:?} in use; `kawaraban tokens list` shows those there are")]
    NoToken(String),
}

/// Everything that is done with tokens. Cheap to clone.
#[derive(Clone)]
pub struct Access {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl Access {
    /// Returns the service.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Makes a token. This is the only time it can be seen.
    ///
    /// # Errors
    /// [`AccessError`], naming what is wrong.
    pub async fn create(&self, name: &str, scopes: &[Scope]) -> Result<Bearer, AccessError> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
            return Err(AccessError::Name);
        }
        let mut scopes = scopes.to_vec();
        scopes.sort_unstable();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(AccessError::NoScope);
        }
        let token = Bearer::new(random_bytes(&*self.clock));
        match self.store.create_api_token(name, &token.hash(), &scopes, self.clock.now()).await {
            Ok(()) => Ok(token),
            Err(StoreError::Stale) => Err(AccessError::Taken(name.to_owned())),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the tokens there are, revoked ones too, oldest first.
    ///
    /// # Errors
    /// [`AccessError::Store`].
    pub async fn list(&self) -> Result<Vec<ApiToken>, AccessError> {
        Ok(self.store.api_tokens().await?)
    }

    /// Revokes a token: from this moment on it is unknown.
    ///
    /// # Errors
    /// [`AccessError::NoToken`].
    pub async fn revoke(&self, name: &str) -> Result<(), AccessError> {
        let revoked = self.store.revoke_api_token(name.trim(), self.clock.now()).await?;
        if revoked { Ok(()) } else { Err(AccessError::NoToken(name.to_owned())) }
    }

    /// Returns whose token this is, and keeps that it was used. `None` if it is nobody's.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn recognise(&self, shown: &Bearer) -> Result<Option<ApiToken>, StoreError> {
        // Looked up by its hash: how long that takes says nothing about the tokens there are.
        let found = self.store.api_token_by_hash(&shown.hash()).await?;
        if let Some(token) = &found {
            self.store.api_token_used(token, self.clock.now()).await?;
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::store::tests::harness::on_each_engine;

    #[tokio::test]
    async fn a_token_is_good_from_when_it_is_made_until_it_is_revoked() {
        on_each_engine(async |store| {
            let clock = Arc::new(ManualClock::at("2026-11-24T00:00:00Z".parse().unwrap()));
            let access = Access::new(store, clock);
            let (read, write) = (Scope::ArticlesRead, Scope::ArticlesWrite);
            let token = access.create(" jobs ", &[write, read, write]).await.unwrap();
            let other = access.create("cms", &[read]).await.unwrap();
            assert_ne!(token.reveal(), other.reveal());
            let known = access.recognise(&token).await.unwrap().unwrap();
            assert_eq!((known.name.as_str(), &known.scopes[..]), ("jobs", &[read, write][..]));
            assert!(access.list().await.unwrap()[0].last_used.is_some());
            assert!(!access.recognise(&other).await.unwrap().unwrap().allows(write));

            assert!(matches!(access.create("jobs", &[read]).await, Err(AccessError::Taken(_))));
            assert!(matches!(access.create("x\n", &[]).await, Err(AccessError::NoScope)));
            for bad in ["", "a\u{7}b", &"x".repeat(61)] {
                assert!(matches!(access.create(bad, &[read]).await, Err(AccessError::Name)), "{bad:?}");
            }
            access.revoke("jobs").await.unwrap();
            assert_eq!(access.recognise(&token).await.unwrap(), None);
            assert_eq!(access.recognise(&Bearer::new([7; 32])).await.unwrap(), None);
            assert!(matches!(access.revoke("jobs").await, Err(AccessError::NoToken(_))));
        })
        .await;
    }
}
