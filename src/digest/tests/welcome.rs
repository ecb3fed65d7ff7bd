//! The last issue, for whoever comes between two.

use super::*;
use crate::domain::consent::{ConsentEvent, ConsentKind, Visit};
use crate::domain::edition::Edition;
use crate::domain::edition::Policy;
use crate::domain::issue::IssueState;
use crate::domain::subscriber::SubscriberState;
use crate::store::{Existing, Store};

fn house(store: &Store) -> House {
    let policy = Policy { welcome_issue: true, publish_without_readers: true, ..Policy::default() };
    House::with_editions(store, vec![Edition { policy, ..an_edition(EDITION, 9, "0 8 * * Fri") }])
}

/// Somebody signs up and presses the button.
pub(super) async fn confirms(house: &House, name: &str) {
    house.person(name, SubscriberState::Pending, EDITION).await;
    let subscriber = house.store.subscriber_by_key(&format!("{name}@example.jp")).await.unwrap().unwrap();
    let event = ConsentEvent::new(ConsentKind::Confirmed, house.now(), &Visit::default());
    let existing = Existing { id: subscriber.id, state: SubscriberState::Pending };
    house.store.change_subscriber(existing, SubscriberState::Confirmed, &event).await.unwrap();
}

#[tokio::test]
async fn whoever_confirms_between_two_issues_is_sent_the_last_one_once() {
    on_each_engine(async |store| {
        let house = house(&store);
        house.reader("old").await;
        assert_eq!(house.digests.welcome().await.unwrap(), 0, "there is no issue yet");
        house.store_articles(&[news("n1", 1), opening("o1", 1, None)]).await;
        let issue = house.publish(&house.next_slot()).await;
        house.pass(hours(1));
        assert_eq!(house.digests.welcome().await.unwrap(), 0, "nobody has come");
        confirms(&house, "new").await;
        confirms(&house, "ja-new").await;
        confirms(&house, "part").await;
        confirms(&house, "elsewhere").await;
        house.chooses("part", EDITION, "s=openings").await;
        house.chooses("elsewhere", EDITION, "s=culture").await;
        // An import gives consent, too, but at no time of the reader's.
        house.reader("imported").await;
        let told = async |name: &str| {
            let subscriber = store.subscriber_by_key(&format!("{name}@example.jp")).await.unwrap().unwrap();
            let welcomes = house.digests.welcomes_of(subscriber.id).await.unwrap();
            welcomes.iter().map(|welcome| welcome.id).collect::<Vec<_>>()
        };
        for (name, expected) in
            [("new", vec![issue.id]), ("part", vec![issue.id]), ("old", vec![]), ("imported", vec![])]
        {
            assert_eq!(told(name).await, expected, "{name}");
        }
        assert_eq!(house.digests.welcome().await.unwrap(), 4);
        assert!(told("new").await.is_empty(), "it has been sent to them");
        assert_eq!(house.digests.welcome().await.unwrap(), 0, "once");
        let tally = store.issue_tally(issue.id).await.unwrap();
        assert_eq!((tally.recipients, tally.counts.queued, tally.adds_up()), (5, 5, true));

        // They are no longer new.
        house.store_articles(&[news("n2", 2)]).await;
        house.publish(&house.next_slot()).await;
        assert_eq!(house.digests.welcome().await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_welcome_is_not_sent_when_the_next_issue_is_due_nor_after_a_cancelled_one() {
    on_each_engine(async |store| {
        let house = house(&store);
        house.store_articles(&[news("n1", 1)]).await;
        let issue = house.publish(&house.next_slot()).await;
        house.digests.finish().await.unwrap();
        house.pass(hours(24));
        confirms(&house, "new").await;
        house.next_slot();
        assert_eq!(house.digests.welcome().await.unwrap(), 0, "the next one is due");
        house.clock.set(issue.scheduled + hours(48));
        assert_eq!(house.digests.welcome().await.unwrap(), 1, "a finished issue can be sent");
        assert_eq!(store.issue(issue.id).await.unwrap().state, IssueState::Finished);
        assert!(store.issue_tally(issue.id).await.unwrap().adds_up());

        confirms(&house, "later").await;
        house.store_articles(&[news("n2", 2)]).await;
        let second = house.compile(&house.by_hand()).await.issue;
        house.digests.seal(second.id).await.unwrap();
        house.digests.cancel(second.id).await.unwrap();
        confirms(&house, "last").await;
        assert_eq!(house.digests.welcome().await.unwrap(), 0, "the last issue was stopped");
    })
    .await;
}
