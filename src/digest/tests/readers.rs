//! Issues that nobody would get.

use super::*;
use crate::digest::{DigestError, PlannedIssue};
use crate::domain::desk::{Approval, Edit, Review};
use crate::domain::issue::IssueState;
use crate::domain::skip::Skip;
use crate::domain::subscriber::SubscriberState;

fn skipped(reason: Skip) -> IssueState {
    IssueState::Skipped(reason.to_string())
}

#[tokio::test]
async fn a_slot_nobody_would_get_is_skipped_without_a_number_and_its_articles_wait() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.person("new", SubscriberState::Pending, EDITION).await;
        house.person("elsewhere", SubscriberState::Confirmed, "monthly").await;
        house.store_articles(&[news("n1", 1)]).await;
        let slot = house.next_slot();
        let plan = house.digests.plan(EDITION, &slot).await.unwrap();
        assert_eq!(plan.unread, Some(Skip::Nobody.to_string()));
        assert!(matches!(plan.issue, PlannedIssue::New { .. }) && plan.item_count() == 1, "what it would be is shown");

        let issue = house.publish(&slot).await;
        assert_eq!((issue.number, &issue.state), (None, &skipped(Skip::Nobody)));
        assert_eq!(what_waits(&store, EDITION, "news", house.now()).await.len(), 1);

        house.reader("a").await;
        let issue = house.publish(&house.next_slot()).await;
        assert_eq!(
            (issue.number, issue.recipients, house.titles(&issue).await.join(" ")),
            (Some(1), 1, "n1".to_owned())
        );
    })
    .await;
}

#[tokio::test]
async fn a_slot_with_nothing_of_what_its_readers_take_is_skipped() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.reader("jobs").await;
        house.reader("english").await;
        house.chooses("jobs", EDITION, "s=openings").await;
        house.chooses("english", EDITION, "l=en").await;
        // The harness's articles are in Japanese.
        house.store_articles(&[news("n1", 1)]).await;
        let slot = house.next_slot();
        assert_eq!(house.digests.plan(EDITION, &slot).await.unwrap().unread, Some(Skip::NothingForAnybody.to_string()));
        assert_eq!(house.publish(&slot).await.state, skipped(Skip::NothingForAnybody));
        house.store_articles(&[opening("o1", 1, None)]).await;
        let issue = house.publish(&house.next_slot()).await;
        assert_eq!((issue.recipients, house.titles(&issue).await.join(" ")), (1, "n1 o1".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn a_draft_can_be_made_and_looked_at_before_anybody_reads_and_is_skipped_when_it_is_due() {
    on_each_engine(async |store| {
        let review = Review { approval: Approval::Required, ..Review::default() };
        let house = House::with_desk(&store, review);
        house.store_articles(&[news("n1", 1)]).await;
        let slot = house.digests.editions()[0].schedule.next_after(house.now()).unwrap();
        let draft = house.digests.compile_ahead(EDITION, &slot).await.unwrap().issue;
        assert!(house.digests.show_draft(draft.id, &slot).await.unwrap());
        let mail = store.letter_of(store.deliveries(&Default::default(), 9).await.unwrap()[0].id).await;
        let text = mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("Nobody takes this edition so far.") && text.contains("it is skipped"), "{text}");

        assert_eq!(house.digests.unread(&draft).await.unwrap(), Some(Skip::Nobody));
        let sealed = house.digests.seal(draft.id).await;
        assert!(matches!(sealed, Err(DigestError::Waits { .. })), "the operator decides first");
        house.digests.edit(draft.id, &Edit::Approve, "ed").await.unwrap();
        let sealed = house.digests.seal(draft.id).await.unwrap();
        assert_eq!((&sealed.issue.state, sealed.recipients(), sealed.by_us), (&skipped(Skip::Nobody), 0, true));
        assert_eq!(house.digests.seal(draft.id).await.unwrap().issue, sealed.issue, "again, it is the same");
        assert_eq!(house.digests.unread(&sealed.issue).await.unwrap(), None);
        assert_eq!(what_waits(&store, EDITION, "news", house.now()).await.len(), 1);
        assert_eq!(house.digests.tell_operator().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn whoever_leaves_or_comes_while_the_letters_are_written_decides() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.store_articles(&[news("n1", 1)]).await;
        let draft = house.compile(&house.next_slot()).await.issue;
        let other = house.another_process();
        let (sealed, ()) = tokio::join!(other.seal(draft.id), house.reader("late"));
        let issue = sealed.unwrap().issue;
        match issue.state {
            IssueState::Sealed => assert_eq!(issue.recipients, 1),
            state => assert_eq!(state, skipped(Skip::Nobody)),
        }
        assert!(store.issue_tally(issue.id).await.unwrap().adds_up());
    })
    .await;
}

#[tokio::test]
async fn an_edition_published_without_readers_is_on_the_web_and_sent_to_nobody() {
    on_each_engine(async |store| {
        let house = House::for_the_web(&store);
        house.store_articles(&[news("n1", 1)]).await;
        let slot = house.next_slot();
        assert_eq!(house.digests.plan(EDITION, &slot).await.unwrap().unread, None);
        let issue = house.publish(&slot).await;
        assert_eq!((issue.state.as_str(), issue.recipients), ("sending", 0));
        assert!(issue.state.is_public());
        let finished = house.digests.finish().await.unwrap();
        assert_eq!((finished[0].id, finished[0].state.as_str()), (issue.id, "finished"));
        assert!(house.digests.finish().await.unwrap().is_empty());
        assert_eq!(house.digests.release(issue.id).await.unwrap().state, IssueState::Finished);
    })
    .await;
}
