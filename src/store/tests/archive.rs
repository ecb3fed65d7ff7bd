use super::*;
use crate::domain::issue::{Issue, IssueState};
use crate::store::{Neighbours, NewIssue, Store};

/// Makes a draft of one new article.
async fn drafted(store: &Store, edition: &str, slot: &str) -> Issue {
    let guid = format!("{edition} {slot}");
    store.store_articles(&[article(None, &guid, 0)], minute(0)).await.unwrap();
    let candidates = what_waits(store, edition, "news", minute(10)).await;
    let taken = candidates.iter().find(|article| article.title.ends_with(&guid)).unwrap().id;
    let new = NewIssue {
        edition: edition.to_owned(),
        slot: slot.to_owned(),
        scheduled: minute(10),
        skipped: None,
        items: vec![(taken, "news".to_owned(), 0)],
    };
    store.create_issue(&new, minute(10)).await.unwrap().unwrap()
}

/// Makes an issue and sends it on its way.
async fn out(store: &Store, edition: &str, slot: &str, at: i64) -> i64 {
    let issue = drafted(store, edition, slot).await;
    seal(store, &issue).await;
    store.release_issue(issue.id, minute(at)).await.unwrap().unwrap();
    issue.number.unwrap()
}

fn numbers(issues: &[Issue]) -> Vec<i64> {
    issues.iter().map(|issue| issue.number.unwrap()).collect()
}

#[tokio::test]
async fn an_issue_is_public_from_its_release_until_it_is_cancelled() {
    on_each_engine(async |store| {
        assert_eq!(store.archive_changed().await.unwrap(), None);
        let issue = drafted(&store, "weekly", "2026-11-27T08:00").await;
        let public = async || numbers(&store.public_issues(None, None, 10).await.unwrap());
        assert!(public().await.is_empty(), "a draft");
        seal(&store, &issue).await;
        assert!(public().await.is_empty(), "sealed");
        store.release_issue(issue.id, minute(12)).await.unwrap().unwrap();
        assert_eq!(public().await, [1]);
        assert_eq!(store.archive_changed().await.unwrap(), Some(minute(12)));
        store.cancel_issue(issue.id, &IssueState::Sending, minute(13)).await.unwrap();
        assert!(public().await.is_empty(), "cancelled");
        assert_eq!(store.archive_changed().await.unwrap(), Some(minute(13)));
        let skipped = drafted(&store, "weekly", "2026-12-04T08:00").await;
        store.skip_draft(skipped.id, skipped.revision, "nothing new").await.unwrap();
        assert!(public().await.is_empty(), "skipped");
    })
    .await;
}

#[tokio::test]
async fn the_archive_is_turned_over_page_by_page_and_edition_by_edition() {
    on_each_engine(async |store| {
        let mut weekly = Vec::new();
        for day in 10..15 {
            weekly.push(out(&store, "weekly", &format!("2026-11-{day}T08:00"), 20 + day).await);
        }
        let monthly = out(&store, "monthly", "2026-11-30T08:00", 50).await;
        drafted(&store, "weekly", "2026-12-01T08:00").await;
        let all = store.published(None, None, 100).await.unwrap();
        assert_eq!(all.iter().map(|one| one.issue.number.unwrap()).collect::<Vec<_>>(), [6, 5, 4, 3, 2, 1]);
        for one in &all {
            assert_eq!(one.items, store.issue_items(one.issue.id).await.unwrap());
            assert_eq!(one.items.len(), 1);
        }
        let mut before: Option<Issue> = None;
        let mut seen = Vec::new();
        loop {
            let page = store.published(Some("weekly"), before.as_ref(), 2).await.unwrap();
            let Some(last) = page.last() else { break };
            before = Some(last.issue.clone());
            seen.extend(page.iter().map(|one| one.issue.number.unwrap()));
        }
        seen.reverse();
        assert_eq!(seen, weekly, "every issue once");
        assert_eq!(numbers(&store.public_issues(Some("monthly"), None, 10).await.unwrap()), [monthly]);
        assert!(store.published(Some("daily"), None, 10).await.unwrap().is_empty());
        let around = async |edition: &str, number| store.neighbours(edition, number).await.unwrap();
        assert_eq!(around("weekly", 2).await, Neighbours { older: Some(1), newer: Some(3) });
        assert_eq!(around("weekly", 1).await, Neighbours { older: None, newer: Some(2) });
        assert_eq!(around("weekly", 5).await, Neighbours { older: Some(4), newer: None }, "a draft is no neighbour");
        assert_eq!(around("monthly", monthly).await, Neighbours::default());
    })
    .await;
}

#[tokio::test]
async fn the_archive_is_in_the_order_of_the_releases_whatever_the_numbers() {
    on_each_engine(async |store| {
        let early = drafted(&store, "monthly", "2026-11-30T08:00").await;
        let first = out(&store, "weekly", "2026-11-20T08:00", 20).await;
        let second = out(&store, "weekly", "2026-11-27T08:00", 27).await;
        seal(&store, &early).await;
        store.release_issue(early.id, minute(30)).await.unwrap().unwrap();
        // In the same moment the higher number is the newer one.
        let third = out(&store, "weekly", "2026-12-04T08:00", 30).await;
        let expected = [third, early.number.unwrap(), second, first];
        assert_eq!(expected, [4, 1, 3, 2]);
        for size in 1..=4 {
            let mut before: Option<Issue> = None;
            let mut seen = Vec::new();
            loop {
                let page = store.published(None, before.as_ref(), size).await.unwrap();
                let Some(last) = page.last() else { break };
                before = Some(last.issue.clone());
                assert!(page.iter().all(|one| one.items.len() == 1), "each with what it printed");
                seen.extend(page.iter().map(|one| one.issue.number.unwrap()));
            }
            assert_eq!(seen, expected, "{size} on a page");
        }
    })
    .await;
}
