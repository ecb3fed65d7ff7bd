//! The process dies, anywhere.

use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::task::Poll;

use secrecy::SecretString;

use super::*;
use crate::domain::issue::IssueState;
use crate::store::{DeliveryFilter, Store};

/// What the dying process had under way when it died.
#[derive(Debug, Clone, Copy)]
enum Death {
    /// A statement was on its way to the database; nobody knows how it ended.
    MidStatement,
    /// A statement had ended; nobody had read its result.
    BetweenStatements,
}

/// Runs `work` until it has waited `waits` times, then drops it as it stands. `None` if it was not through by then.
async fn killed_after<T>(waits: usize, death: Death, work: impl Future<Output = T>) -> Option<T> {
    let mut work = Box::pin(work);
    let mut left = waits;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        match work.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending => {
                left -= 1;
                if left == 0 && matches!(death, Death::MidStatement) { Poll::Ready(None) } else { Poll::Pending }
            }
        }
    })
    .await
}

/// Publishes three issues, the process dying after `waits` in one of them and another one carrying on. Returns whether
/// it died at all.
async fn three_issues(house: &House, url: &SecretString, waits: usize, death: Death, beside: bool) -> bool {
    let mut died = false;
    for week in 0..3 {
        let slot = house.next_slot();
        if week == waits % 3 {
            // A process takes its connections with it when it dies.
            let connections = Store::open(url).await.unwrap();
            let doomed = house.process_on(&connections);
            let run = killed_after(waits, death, the_job(&doomed, &slot));
            let ended = if beside { tokio::join!(run, the_job(&house.digests, &slot)).0 } else { run.await };
            died |= ended.is_none();
            connections.close().await;
        }
        let issue = the_job(&house.another_process(), &slot).await;
        assert_eq!(issue.state, IssueState::Sending, "after {waits} waits");
    }
    died
}

/// Five articles, two an issue: each is in exactly one of three issues, and each reader gets each of them once.
async fn nothing_is_lost_or_repeated(house: &House, when: &str) {
    let issues = house.issues().await;
    assert_eq!(issues.len(), 3, "{when}");
    let mut printed = Vec::new();
    for issue in &issues {
        printed.extend(house.titles(issue).await);
        let filter = DeliveryFilter { issue: Some(issue.id), ..DeliveryFilter::default() };
        let lines = house.store.deliveries(&filter, 100).await.unwrap();
        let readers: BTreeSet<_> = lines.iter().map(|line| line.address.clone().unwrap()).collect();
        assert_eq!((lines.len(), readers.len(), issue.recipients), (2, 2, 2), "{when}");
        for language in crate::domain::language::Language::ALL {
            assert!(house.store.issue_letter(issue.id, language, "").await.unwrap().is_some(), "{when}");
        }
    }
    assert_eq!(printed, ["n2", "n1", "n4", "n3", "n5"], "{when}");
}

async fn dies_everywhere(store: &Store, url: &SecretString, death: Death, beside: bool) {
    let articles: Vec<_> = (1..=5).map(|n| news(&format!("n{n}"), n)).collect();
    House::new(store).store_articles(&articles).await;
    for waits in 1.. {
        // Each edition has every article before it.
        let name = format!("e{waits}");
        let house = House::with(store, &name, 2);
        house.reader(&format!("en-{name}")).await;
        house.reader(&format!("ja-{name}")).await;
        let died = three_issues(&house, url, waits, death, beside).await;
        nothing_is_lost_or_repeated(&house, &format!("{death:?} after {waits} waits on {}", store.engine())).await;
        if !died {
            assert!(waits > 10, "the job waits for the store more often than {waits} times");
            break;
        }
    }
}

#[tokio::test]
async fn dying_in_the_middle_of_a_statement_loses_and_repeats_nothing() {
    on_each_database(async |store, url| dies_everywhere(&store, &url, Death::MidStatement, false).await).await;
}

#[tokio::test]
async fn dying_between_two_statements_loses_and_repeats_nothing() {
    on_each_database(async |store, url| dies_everywhere(&store, &url, Death::BetweenStatements, false).await).await;
}

#[tokio::test]
async fn dying_beside_a_node_that_lives_loses_and_repeats_nothing() {
    on_each_database(async |store, url| dies_everywhere(&store, &url, Death::MidStatement, true).await).await;
}

#[tokio::test]
async fn stopping_after_any_step_and_starting_again_makes_one_issue() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.reader("en").await;
        house.reader("ja").await;
        let articles: Vec<_> = (1..=5).map(|n| news(&format!("n{n}"), n)).collect();
        house.store_articles(&articles).await;
        for steps in 1..=3 {
            let slot = house.next_slot();
            let draft = house.compile(&slot).await.issue;
            if steps > 1 {
                house.digests.seal(draft.id).await.unwrap();
            }
            if steps > 2 {
                house.digests.release(draft.id).await.unwrap();
            }
            let issue = the_job(&house.another_process(), &slot).await;
            assert_eq!(issue.id, draft.id);
        }
        nothing_is_lost_or_repeated(&house, "step by step").await;
    })
    .await;
}
