//! Drafts as they are edited, and what the operator is mailed, each mail with the mark it stands for.

use super::*;
use crate::domain::delivery::{DeliveryKind, DeliveryState};
use crate::domain::desk::{Draft, Edit, Shown};
use crate::domain::ids::ArticleId;
use crate::domain::issue::{Issue, IssueState};
use crate::domain::language::Language;
use crate::domain::subscriber::SubscriberState::Confirmed;
use crate::store::{DeliveryFilter, NewIssue, OperatorMail, SealedIssue, Store, StoreError};

/// Returns a draft of two items, and the articles in it.
async fn two_items(store: &Store) -> (Issue, [ArticleId; 2]) {
    store.store_articles(&[article(None, "one", 1), article(None, "two", 2)], minute(3)).await.unwrap();
    let issue = a_draft(store, "2026-11-27T08:00").await.unwrap();
    let items = store.issue_items(issue.id).await.unwrap();
    (issue, [items[0].article_id, items[1].article_id])
}

/// Does something to a draft as it is now.
async fn edit(store: &Store, issue: &Issue, edit: &Edit, at: i64) -> Result<Draft, StoreError> {
    let (now, before) = store.draft(issue.id).await?;
    let after = edit.apply(&before, minute(at)).unwrap();
    store.edit_draft(issue.id, now.revision, &before, &after, "ed", &edit.in_words(), minute(at)).await?;
    Ok(after)
}

fn mail(to: &[&str]) -> OperatorMail {
    OperatorMail { letter: letter(Language::En), to: to.iter().map(|address| (*address).to_owned()).collect() }
}

async fn notices(store: &Store) -> Vec<String> {
    let lines = store.deliveries(&DeliveryFilter::default(), 100).await.unwrap();
    let notices = lines.into_iter().filter(|line| line.kind == DeliveryKind::Notice);
    notices.map(|line| line.address.unwrap()).collect()
}

#[tokio::test]
async fn an_edit_is_kept_whole_and_undone_in_one_step() {
    on_each_engine(async |store| {
        let (issue, [one, two]) = two_items(&store).await;
        let (_, before) = store.draft(issue.id).await.unwrap();
        assert_eq!(store.last_edited(issue.id).await.unwrap(), None);
        edit(&store, &issue, &Edit::Pin(two), 11).await.unwrap();
        let strike = Edit::Skip { article: one, reason: Some("an advert".to_owned()), later: false };
        edit(&store, &issue, &strike, 12).await.unwrap();
        let last = edit(&store, &issue, &Edit::Subject(Some("Mine".to_owned())), 13).await.unwrap();

        let (now, draft) = store.draft(issue.id).await.unwrap();
        assert_eq!((&draft, now.revision), (&last, issue.revision + 3));
        assert_eq!((draft.items.len(), draft.items[0].pinned, draft.subject.as_deref()), (1, true, Some("Mine")));
        assert_eq!(store.set_asides_of(one).await.unwrap()[0].reason, "an advert");
        assert_eq!(store.last_edited(issue.id).await.unwrap(), Some(minute(13)));

        for _ in 0..3 {
            let (now, _) = store.draft(issue.id).await.unwrap();
            assert!(store.undo_edit(issue.id, now.revision, "mari", minute(20)).await.unwrap().is_some());
        }
        let (now, draft) = store.draft(issue.id).await.unwrap();
        assert_eq!(draft, before);
        assert!(store.set_asides_of(one).await.unwrap().is_empty());
        assert_eq!(store.undo_edit(issue.id, now.revision, "mari", minute(21)).await.unwrap(), None);
        let edits = store.edits(issue.id).await.unwrap();
        assert_eq!(edits.len(), 3, "the record keeps what was undone");
        assert!(edits.iter().all(|line| line.who == "ed" && line.undone == Some(minute(20))));
        assert!(edits.iter().all(|line| line.undone_by.as_deref() == Some("mari")));
        assert_eq!((edits[0].at, edits[0].action.clone()), (minute(11), format!("pin {two}")));
        assert_eq!(store.last_edited(issue.id).await.unwrap(), Some(minute(20)));
    })
    .await;
}

#[tokio::test]
async fn of_two_edits_of_one_revision_the_second_changes_nothing() {
    on_each_engine(async |store| {
        let (issue, [one, two]) = two_items(&store).await;
        let (now, before) = store.draft(issue.id).await.unwrap();
        let pinned = Edit::Pin(two).apply(&before, minute(11)).unwrap();
        let held = Edit::Hold.apply(&before, minute(11)).unwrap();
        store.edit_draft(issue.id, now.revision, &before, &pinned, "a", "pin", minute(11)).await.unwrap();
        let second = store.edit_draft(issue.id, now.revision, &before, &held, "b", "hold", minute(11)).await;
        assert!(matches!(second, Err(StoreError::Stale)));
        assert_eq!(store.draft(issue.id).await.unwrap().1, pinned);
        assert_eq!(store.edits(issue.id).await.unwrap().len(), 1);
        let old = store.undo_edit(issue.id, now.revision, "mari", minute(12)).await;
        assert!(matches!(old, Err(StoreError::Stale)));

        // What is sealed is edited no more.
        let (now, _) = store.draft(issue.id).await.unwrap();
        seal(&store, &now).await;
        let late = edit(&store, &issue, &Edit::Lead(Some(one)), 13).await;
        assert!(matches!(late, Err(StoreError::Stale)));
    })
    .await;
}

#[tokio::test]
async fn an_article_of_another_issue_is_not_taken_in() {
    on_each_engine(async |store| {
        store.store_articles(&[article(None, "printed", 1)], minute(2)).await.unwrap();
        let printed = a_draft(&store, "2026-11-20T08:00").await.unwrap();
        seal(&store, &printed).await;
        let taken = store.issue_items(printed.id).await.unwrap()[0].article_id;
        let (issue, [one, _]) = two_items(&store).await;
        assert!(store.is_taken("weekly", taken).await.unwrap() && store.is_taken("weekly", one).await.unwrap());
        assert!(!store.is_taken("monthly", taken).await.unwrap());
        let (_, before) = store.draft(issue.id).await.unwrap();
        let add = Edit::Add { article: taken, section: "news".to_owned() };
        assert!(matches!(edit(&store, &issue, &add, 12).await, Err(StoreError::Stale)));
        assert_eq!(store.draft(issue.id).await.unwrap().1, before, "nothing is half done");
        assert!(store.edits(issue.id).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_draft_is_marked_as_shown_with_its_mail_or_not_at_all() {
    on_each_engine(async |store| {
        let (issue, [one, _]) = two_items(&store).await;
        assert_eq!(store.shown(issue.id).await.unwrap(), None);
        let shown = Shown::of(&issue, &store.issue_items(issue.id).await.unwrap());
        let to = mail(&["a@example.jp", "b@example.jp"]);
        assert!(store.show_draft(&issue, &shown, &to, minute(11)).await.unwrap());
        assert!(!store.show_draft(&issue, &shown, &to, minute(12)).await.unwrap(), "somebody else has shown it");
        assert_eq!(notices(&store).await, ["a@example.jp", "b@example.jp"]);
        assert_eq!(store.shown(issue.id).await.unwrap(), Some(shown.clone()));
        let now = store.issue(issue.id).await.unwrap();
        assert_eq!((now.desk.previewed, now.desk.previewed_revision), (Some(minute(11)), Some(issue.revision)));
        edit(&store, &issue, &Edit::Pin(one), 13).await.unwrap();
        assert!(!store.show_draft(&now, &shown, &to, minute(14)).await.unwrap(), "it is another by now");
        assert_eq!(notices(&store).await.len(), 2);
        // With nobody to mail, it is marked all the same.
        let newest = store.issue(issue.id).await.unwrap();
        assert!(store.show_draft(&newest, &shown, &mail(&[]), minute(15)).await.unwrap());
        assert_eq!(notices(&store).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_issue_that_ended_is_reported_once_and_with_all_that_are_told_of_with_it() {
    on_each_engine(async |store| {
        let slot = |slot: &str, edition: &str| NewIssue {
            edition: edition.to_owned(),
            slot: slot.to_owned(),
            scheduled: minute(10),
            skipped: Some("nothing new".to_owned()),
            items: Vec::new(),
        };
        let mut skipped = Vec::new();
        for edition in ["weekly", "monthly"] {
            let new = slot("2026-11-20T08:00", edition);
            skipped.push(store.create_issue(&new, minute(10)).await.unwrap().unwrap().id);
        }
        let finished = an_issue_on_its_way(&store).await;
        assert_eq!(store.unreported_issues(minute(0), 9).await.unwrap(), skipped, "one is still going out");
        assert_eq!(store.unreported_issues(minute(11), 9).await.unwrap(), [], "that is history");
        store.finish_issues(minute(20)).await.unwrap();
        let all = [skipped.clone(), vec![finished]].concat();
        assert_eq!(store.unreported_issues(minute(0), 9).await.unwrap(), all);
        assert_eq!(store.unreported_issues(minute(0), 1).await.unwrap(), skipped[..1]);

        assert!(store.report_issues(&skipped[1..], &mail(&["a@example.jp"]), minute(21)).await.unwrap());
        assert!(!store.report_issues(&all, &mail(&["a@example.jp"]), minute(22)).await.unwrap(), "one was told of");
        assert_eq!(notices(&store).await.len(), 1);
        assert_eq!(store.unreported_issues(minute(0), 9).await.unwrap(), [skipped[0], finished], "all or none");
    })
    .await;
}

#[tokio::test]
async fn the_commonest_last_words_come_first_and_what_arrived_has_none() {
    on_each_engine(async |store| {
        for name in ["a", "b", "c", "d"] {
            enrolled(&store, name, Confirmed).await;
        }
        let issue = an_issue_on_its_way(&store).await;
        store.settle_all(issue, DeliveryState::Accepted, "250 ok").await;
        assert!(store.refusals(issue, 9).await.unwrap().is_empty());
        store.settle_all(issue, DeliveryState::Expired, "450 busy").await;
        let refusals = store.refusals(issue, 9).await.unwrap();
        assert_eq!((refusals.len(), refusals[0].reply.as_str(), refusals[0].count), (1, "450 busy", 4));
        assert!(store.refusals(issue, 0).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_readers_copy_is_their_line_and_their_part() {
    on_each_engine(async |store| {
        let reader = enrolled(&store, "a", Confirmed).await;
        let issue = an_issue_on_its_way(&store).await;
        let late = enrolled(&store, "late", Confirmed).await;
        let copy = store.copy_of(issue, reader, [7; 16], "a@example.jp").await.unwrap().unwrap();
        assert_eq!((copy.issue_id, copy.subscriber_id, copy.kind), (Some(issue), Some(reader), DeliveryKind::Issue));
        let (id, _) = store.issue_letter(issue, Language::En, "").await.unwrap().unwrap();
        assert_eq!(copy.letter_id, id);
        assert!(store.copy_of(issue, late, [7; 16], "late@example.jp").await.unwrap().is_none());
        assert_eq!(store.variant_of(reader, "weekly").await.unwrap().as_deref(), Some(""));
        assert_eq!(store.variant_of(reader, "monthly").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn what_nobody_gets_is_not_sealed_unless_it_is_for_the_web() {
    on_each_engine(async |store| {
        let (issue, _) = two_items(&store).await;
        assert!(!store.somebody_takes_all("weekly").await.unwrap());
        let mut sealed = SealedIssue {
            id: issue.id,
            revision: issue.revision,
            items: store.issue_items(issue.id).await.unwrap(),
            letters: Language::ALL.map(letter).into(),
            unserved: Vec::new(),
            without_readers: false,
        };
        assert!(matches!(store.seal_issue(&sealed, minute(11)).await, Err(StoreError::Unread)));
        let now = store.issue(issue.id).await.unwrap();
        assert_eq!((&now.state, now.revision), (&IssueState::Draft, issue.revision), "nothing was written");
        assert!(store.issue_letter(issue.id, Language::En, "").await.unwrap().is_none());
        enrolled(&store, "a", Confirmed).await;
        assert!(store.somebody_takes_all("weekly").await.unwrap());
        assert!(!store.somebody_takes_all("monthly").await.unwrap());
        sealed.without_readers = true;
        assert_eq!(store.seal_issue(&sealed, minute(12)).await.unwrap(), 1, "and whoever is there gets it");
    })
    .await;
}
