use super::*;
use crate::domain::delivery::Reply;
use crate::domain::issue::IssueState;
use crate::domain::language::Language;
use crate::domain::subscriber::SubscriberState::{Confirmed, Pending};
use crate::store::{Entry, NewIssue, SealedIssue, StoreError};

#[tokio::test]
async fn a_slot_becomes_one_issue_and_an_edition_has_one_draft() {
    on_each_engine(async |store| {
        let first = a_draft(&store, "2026-11-27T08:00").await.unwrap();
        assert_eq!((first.number, first.revision, &first.state), (Some(1), 1, &IssueState::Draft));
        assert!(a_draft(&store, "2026-11-27T08:00").await.is_none(), "the slot is taken");
        assert!(a_draft(&store, "2026-12-04T08:00").await.is_none(), "there is a draft already");
        store.skip_draft(first.id, 1, "nothing new").await.unwrap();
        assert!(a_draft(&store, "2026-11-27T08:00").await.is_none(), "a skipped slot stays skipped");
        let second = a_draft(&store, "2026-12-04T08:00").await.unwrap();
        assert_eq!(second.number, Some(2));
        assert_eq!(store.issue_by_number(2).await.unwrap().unwrap(), second);
        assert_eq!(store.issue_by_slot("weekly", "2026-12-04T08:00").await.unwrap().unwrap(), second);
        assert_eq!(store.issue(second.id).await.unwrap(), second);
        assert_eq!(store.issues_in_state(&IssueState::Draft).await.unwrap(), std::slice::from_ref(&second));
        let skipped = store.latest_issues(Some(second.id), None, 5).await.unwrap();
        assert_eq!(skipped[0].state, IssueState::Skipped("nothing new".to_owned()));
        assert!(store.latest_issues(None, Some("finished"), 5).await.unwrap().is_empty());
        assert_eq!(store.issue_count().await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_skipped_slot_takes_no_number() {
    on_each_engine(async |store| {
        let skipped = NewIssue {
            edition: "weekly".to_owned(),
            slot: "2026-11-20T08:00".to_owned(),
            scheduled: minute(0),
            skipped: Some("nothing new".to_owned()),
            items: Vec::new(),
        };
        let issue = store.create_issue(&skipped, minute(1)).await.unwrap().unwrap();
        assert_eq!((issue.number, issue.state), (None, IssueState::Skipped("nothing new".to_owned())));
        assert_eq!(a_draft(&store, "2026-11-27T08:00").await.unwrap().number, Some(1));
    })
    .await;
}

#[tokio::test]
async fn an_article_is_in_one_issue_of_an_edition() {
    on_each_engine(async |store| {
        store.store_articles(&[article(None, "one", 0)], minute(0)).await.unwrap();
        let issue = a_draft(&store, "2026-11-27T08:00").await.unwrap();
        seal(&store, &issue).await;
        let taken = store.issue_items(issue.id).await.unwrap()[0].article_id;
        let again = NewIssue {
            edition: "weekly".to_owned(),
            slot: "2026-12-04T08:00".to_owned(),
            scheduled: minute(0),
            skipped: None,
            items: vec![(taken, "news".to_owned(), 0)],
        };
        assert!(matches!(store.create_issue(&again, minute(20)).await, Err(StoreError::Stale)));
        assert!(store.issue_by_slot("weekly", "2026-12-04T08:00").await.unwrap().is_none(), "nothing half-made");
        let elsewhere = NewIssue { edition: "monthly".to_owned(), ..again };
        assert!(store.create_issue(&elsewhere, minute(20)).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn sealing_freezes_items_texts_and_recipients() {
    on_each_engine(async |store| {
        enrolled(&store, "en", Confirmed).await;
        enrolled(&store, "ja", Confirmed).await;
        enrolled(&store, "nobody", Pending).await;
        store.store_articles(&[article(None, "one", 0)], minute(0)).await.unwrap();
        let draft = a_draft(&store, "2026-11-27T08:00").await.unwrap();
        assert_eq!(seal(&store, &draft).await, 2);

        let sealed = store.issue(draft.id).await.unwrap();
        assert_eq!((sealed.state.as_str(), sealed.recipients, sealed.sealed), ("sealed", 2, Some(minute(11))));
        let (id, japanese) = store.issue_letter(draft.id, Language::Ja, "").await.unwrap().unwrap();
        assert_eq!(japanese, letter(Language::Ja));
        assert_eq!(store.letter(id).await.unwrap(), japanese);
        assert_eq!(store.delivery_counts(draft.id).await.unwrap().queued, 2);
        assert_eq!(store.issue_items(draft.id).await.unwrap().len(), 1);

        enrolled(&store, "late", Confirmed).await;
        assert_eq!(store.delivery_counts(draft.id).await.unwrap().total(), 2);
        let twice = SealedIssue {
            id: draft.id,
            revision: 1,
            items: Vec::new(),
            letters: Vec::new(),
            unserved: Vec::new(),
            without_readers: true,
        };
        assert!(matches!(store.seal_issue(&twice, minute(12)).await, Err(StoreError::Stale)));
        assert_eq!(store.issue_items(draft.id).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_draft_that_changed_is_not_sealed() {
    on_each_engine(async |store| {
        let draft = a_draft(&store, "2026-11-27T08:00").await.unwrap();
        let old = SealedIssue {
            id: draft.id,
            revision: 0,
            items: Vec::new(),
            letters: Vec::new(),
            unserved: Vec::new(),
            without_readers: true,
        };
        assert!(matches!(store.seal_issue(&old, minute(12)).await, Err(StoreError::Stale)));
        assert!(matches!(store.skip_draft(draft.id, 0, "x").await, Err(StoreError::Stale)));
        assert_eq!(store.issue(draft.id).await.unwrap().state, IssueState::Draft);
    })
    .await;
}

#[tokio::test]
async fn nothing_of_a_sealed_issue_is_claimed_before_its_release() {
    on_each_engine(async |store| {
        enrolled(&store, "en", Confirmed).await;
        let draft = a_draft(&store, "2026-11-27T08:00").await.unwrap();
        seal(&store, &draft).await;
        store.join(NODE, minute(11), LEASE).await.unwrap();
        assert!(claim_one(&store, minute(20)).await.is_none());
        assert!(store.release_issue(draft.id, minute(20)).await.unwrap().is_some());
        assert!(store.release_issue(draft.id, minute(20)).await.unwrap().is_none());
        let claim = claim_one(&store, minute(20)).await.unwrap();
        assert!(store.finish_issues(minute(21)).await.unwrap().is_empty(), "one delivery is claimed");
        assert!(store.offer(NODE, &claim, minute(21)).await.unwrap());
        let entry = Entry::Accepted(Reply::new(250, "ok"));
        assert!(store.record(NODE, &claim, "main", &entry, minute(22)).await.unwrap());
        assert_eq!(store.finish_issues(minute(23)).await.unwrap()[0].finished, Some(minute(23)));
        assert!(store.finish_issues(minute(24)).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn cancelling_before_anybody_read_it_gives_the_articles_back() {
    on_each_engine(async |store| {
        enrolled(&store, "en", Confirmed).await;
        store.store_articles(&[article(None, "one", 0)], minute(0)).await.unwrap();
        let draft = a_draft(&store, "2026-11-27T08:00").await.unwrap();
        seal(&store, &draft).await;
        assert!(matches!(store.cancel_issue(draft.id, &IssueState::Draft, minute(12)).await, Err(StoreError::Stale)));
        assert_eq!(store.cancel_issue(draft.id, &IssueState::Sealed, minute(12)).await.unwrap(), 1);
        assert_eq!(store.issue(draft.id).await.unwrap().state, IssueState::Cancelled);
        assert_eq!(store.delivery_counts(draft.id).await.unwrap().withdrawn, 1);
        assert_eq!(what_waits(&store, "weekly", "news", minute(13)).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn cancelling_in_the_middle_withdraws_what_is_queued_and_lets_the_rest_end() {
    on_each_engine(async |store| {
        enrolled(&store, "a", Confirmed).await;
        enrolled(&store, "b", Confirmed).await;
        let issue = an_issue_on_its_way(&store).await;
        store.join(NODE, minute(12), LEASE).await.unwrap();
        let claim = claim_one(&store, minute(12)).await.unwrap();
        assert_eq!(store.cancel_issue(issue, &IssueState::Sending, minute(13)).await.unwrap(), 1);
        let later = Entry::Later(Reply::new(450, "busy"), minute(20));
        assert!(store.record(NODE, &claim, "main", &later, minute(14)).await.unwrap());
        let counts = store.delivery_counts(issue).await.unwrap();
        assert_eq!(
            (counts.withdrawn, counts.open()),
            (2, 0),
            "a deferred mail of a cancelled issue is not tried again"
        );
        assert_eq!(what_waits(&store, "weekly", "news", minute(13)).await.len(), 0, "some may have read it");
    })
    .await;
}

#[tokio::test]
async fn an_editions_cursor_never_goes_back() {
    on_each_engine(async |store| {
        assert_eq!(store.edition_cursor("weekly", minute(5)).await.unwrap(), minute(5));
        store.advance_edition("weekly", minute(9)).await.unwrap();
        store.advance_edition("weekly", minute(7)).await.unwrap();
        assert_eq!(store.edition_cursor("weekly", minute(20)).await.unwrap(), minute(9));
    })
    .await;
}
