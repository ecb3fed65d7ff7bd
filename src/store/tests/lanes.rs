//! Lanes: what waits for its domain is moved once and is in nobody's way.

use std::collections::BTreeMap;

use super::*;
use crate::domain::issue::IssueState;
use crate::domain::subscriber::SubscriberState;
use crate::store::{Among, Enrolment, Store};

/// Enrols readers at these domains in turn.
async fn readers(store: &Store, domains: &[&str], each: usize) {
    let mut enrolments = Vec::new();
    for n in 0..each {
        for domain in domains {
            let address = format!("reader-{n}@{domain}");
            let mut public_id = [0; 16];
            public_id[..8].copy_from_slice(&u64::try_from(enrolments.len()).unwrap().to_be_bytes());
            let mut address_hash = [0; 32];
            address_hash[..16].copy_from_slice(&public_id);
            let base = enrolment("x", SubscriberState::Confirmed);
            let keys = (address.clone(), address);
            enrolments.push(Enrolment { public_id, address_hash, address: keys.0, address_key: keys.1, ..base });
        }
    }
    store.enrol(&enrolments, None).await.unwrap();
}

#[tokio::test]
async fn a_lane_takes_what_is_of_its_domain_and_nothing_else() {
    on_each_engine(async |store| {
        readers(&store, &["docomo.ne.jp", "example.jp", "notdocomo.ne.jp"], 5).await;
        an_issue_on_its_way(&store).await;
        store.join(NODE, minute(12), LEASE).await.unwrap();
        let claims = store.claim(NODE, 4, minute(12), LEASE).await.unwrap().unwrap();
        let slow: Vec<_> = claims.iter().filter(|claim| claim.address.ends_with("@docomo.ne.jp")).cloned().collect();
        assert_eq!(slow.len(), 2);
        let by_domain = BTreeMap::from([("docomo.ne.jp".to_owned(), slow)]);
        assert_eq!(store.put_aside(NODE, &by_domain, 1000, minute(12)).await.unwrap(), 5);
        assert_eq!(store.put_aside(NODE, &by_domain, 1000, minute(12)).await.unwrap(), 0, "they are held no more");
        assert_eq!(store.lanes().await.unwrap(), ["docomo.ne.jp"]);
        assert_eq!(store.lane_lengths().await.unwrap(), BTreeMap::from([("docomo.ne.jp".to_owned(), 5)]));

        let rest = store.claim(NODE, 100, minute(12), LEASE).await.unwrap().unwrap();
        assert_eq!(rest.len(), 8, "ten others, of which two are held");
        assert!(rest.iter().all(|claim| !claim.address.ends_with("@docomo.ne.jp")));

        let among = Among { lane: Some("docomo.ne.jp"), least_priority: 0 };
        let lane = store.claim_among(NODE, among, 3, minute(12), LEASE).await.unwrap().unwrap();
        let mut addresses: Vec<_> = lane.iter().map(|claim| claim.address.as_str()).collect();
        addresses.sort_unstable();
        assert_eq!(addresses, [0, 1, 2].map(|n| format!("reader-{n}@docomo.ne.jp")), "in their order");
        assert!(lane.iter().all(|claim| claim.attempts == 0));
        let urgent = Among { lane: Some("docomo.ne.jp"), least_priority: 10 };
        assert!(store.claim_among(NODE, urgent, 3, minute(12), LEASE).await.unwrap().unwrap().is_empty());
        let other = Among { lane: Some("example.jp"), least_priority: 0 };
        assert!(store.claim_among(NODE, other, 3, minute(12), LEASE).await.unwrap().unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn who_leaves_while_their_mail_waits_in_a_lane_gets_none() {
    on_each_engine(async |store| {
        readers(&store, &["docomo.ne.jp"], 2).await;
        let issue = an_issue_on_its_way(&store).await;
        store.join(NODE, minute(12), LEASE).await.unwrap();
        let claims = store.claim(NODE, 2, minute(12), LEASE).await.unwrap().unwrap();
        store.cancel_issue(issue, &IssueState::Sending, minute(12)).await.unwrap();
        let by_domain = BTreeMap::from([("docomo.ne.jp".to_owned(), claims)]);
        assert_eq!(store.put_aside(NODE, &by_domain, 1000, minute(12)).await.unwrap(), 2);
        let counts = store.delivery_counts(issue).await.unwrap();
        assert_eq!((counts.queued, counts.withdrawn), (0, 2));
    })
    .await;
}

#[tokio::test]
async fn a_claim_finds_its_index() {
    on_each_engine(async |store| {
        let crate::store::Pools::Sqlite { readers, .. } = store.pools() else { return };
        for (statement, index) in [
            (crate::store::deliveries::CLAIM, "deliveries_due"),
            (crate::store::deliveries::CLAIM_LANE, "deliveries_lane"),
        ] {
            let explain = format!("EXPLAIN QUERY PLAN {}", statement.sqlite);
            let plan: Vec<(i64, i64, i64, String)> =
                sqlx::query_as(sqlx::AssertSqlSafe(explain)).fetch_all(readers).await.unwrap();
            let plan: Vec<String> = plan.into_iter().map(|(.., detail)| detail).collect();
            assert!(plan.iter().any(|step| step.contains(&format!("USING INDEX {index}"))), "{plan:#?}");
            assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
        }
    })
    .await;
}

/// Every two seconds a sender asks whether an issue is finished. What it has accepted by then must not be read for that.
#[tokio::test]
async fn the_end_of_an_issue_is_found_without_reading_all_of_it() {
    on_each_engine(async |store| {
        let crate::store::Pools::Sqlite { readers, .. } = store.pools() else { return };
        let explain = format!("EXPLAIN QUERY PLAN {}", crate::store::issues::FINISH.sqlite);
        let plan: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(sqlx::AssertSqlSafe(explain)).fetch_all(readers).await.unwrap();
        assert!(plan.iter().any(|(.., step)| step.contains("(issue_id=? AND state=?)")), "{plan:#?}");
    })
    .await;
}
