use super::*;
use crate::domain::api_token::Scope;
use crate::store::StoreError;

const READ: &[Scope] = &[Scope::ArticlesRead];

#[tokio::test]
async fn a_token_is_found_by_its_hash_until_it_is_revoked() {
    on_each_engine(async |store| {
        store.create_api_token("jobs", &[1; 32], &Scope::ALL, minute(0)).await.unwrap();
        let token = store.api_token_by_hash(&[1; 32]).await.unwrap().unwrap();
        assert_eq!((token.name.as_str(), &token.scopes[..], token.last_used), ("jobs", &Scope::ALL[..], None));
        assert_eq!(store.api_token_by_hash(&[2; 32]).await.unwrap(), None);
        assert!(store.revoke_api_token("jobs", minute(1)).await.unwrap());
        assert_eq!(store.api_token_by_hash(&[1; 32]).await.unwrap(), None);
        assert!(!store.revoke_api_token("jobs", minute(2)).await.unwrap());
        assert!(!store.revoke_api_token("none", minute(2)).await.unwrap());
        assert_eq!(store.api_tokens().await.unwrap()[0].revoked, Some(minute(1)));
    })
    .await;
}

#[tokio::test]
async fn a_name_is_one_tokens_until_that_is_revoked() {
    on_each_engine(async |store| {
        store.create_api_token("jobs", &[1; 32], READ, minute(0)).await.unwrap();
        let taken = store.create_api_token("jobs", &[2; 32], READ, minute(1)).await;
        assert!(matches!(taken, Err(StoreError::Stale)), "{taken:?}");
        assert_eq!(store.api_token_by_hash(&[2; 32]).await.unwrap(), None);
        store.revoke_api_token("jobs", minute(2)).await.unwrap();
        store.create_api_token("jobs", &[3; 32], READ, minute(3)).await.unwrap();
        assert_eq!(store.api_token_by_hash(&[1; 32]).await.unwrap(), None);
        assert_eq!(store.api_token_by_hash(&[3; 32]).await.unwrap().unwrap().created, minute(3));
        assert_eq!(store.api_tokens().await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_last_use_is_kept_to_the_minute() {
    on_each_engine(async |store| {
        store.create_api_token("jobs", &[1; 32], READ, minute(0)).await.unwrap();
        let used = async |at| {
            let token = store.api_token_by_hash(&[1; 32]).await.unwrap().unwrap();
            store.api_token_used(&token, at).await.unwrap();
            store.api_tokens().await.unwrap()[0].last_used
        };
        assert_eq!(used(minute(5)).await, Some(minute(5)));
        assert_eq!(used(minute(6) - jiff::SignedDuration::from_millis(1)).await, Some(minute(5)));
        assert_eq!(used(minute(6)).await, Some(minute(6)));
        assert_eq!(used(minute(2)).await, Some(minute(2)), "a clock that was set back is believed again");
    })
    .await;
}
