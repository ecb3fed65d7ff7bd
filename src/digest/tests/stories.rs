//! One story, told under headings that not every edition has.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::domain::article::NewArticle;
use crate::domain::desk::Edit;
use crate::domain::edition::Edition;
use crate::domain::issue::{Issue, IssueState};
use crate::domain::subscriber::SubscriberState;
use crate::store::{ArticleFilter, Store};

const STORIES: [&str; 5] = [
    "港町の朝市、3年ぶりに再開",
    "水族館でペンギンの赤ちゃん誕生",
    "金沢に二十四時間開館の図書館",
    "北海道に早い雪、平年より十日早く",
    "東京と青森を結ぶ夜行列車、来春運行へ",
];

/// The headings of each edition.
const EDITIONS: [(&str, &[&str]); 3] = [("weekly", &["news"]), ("sports", &["sports"]), ("both", &["sports", "news"])];

async fn house(store: &Store) -> House {
    let edition = |(name, sections): (&str, &[&str])| Edition {
        sections: sections.iter().map(|section| (*section).to_owned()).collect(),
        ..an_edition(name, 9, "0 8 * * Fri")
    };
    let house = House::with_editions(store, EDITIONS.map(edition).into());
    for (name, _) in EDITIONS {
        house.person(&format!("reader-of-{name}"), SubscriberState::Confirmed, name).await;
    }
    house
}

/// Returns a telling of a story, under a heading.
fn telling(story: usize, section: &str, nth: usize) -> NewArticle {
    NewArticle {
        guid: format!("telling {nth}"),
        source: Some(format!("Paper {nth}")),
        url: format!("https://example.jp/2026/100{story}"),
        section: section.to_owned(),
        published: None,
        ..news(STORIES[story], 0)
    }
}

/// Makes an edition's issue of this minute and lets it go.
async fn publish(house: &House, edition: &str) -> Issue {
    let slot = house.digests.edition(edition).unwrap().schedule.slot_at(house.now());
    let issue = house.digests.compile_to_send(edition, &slot).await.unwrap().issue;
    if issue.state == IssueState::Draft {
        house.digests.seal(issue.id).await.unwrap();
        return house.digests.release(issue.id).await.unwrap();
    }
    issue
}

/// Returns who tells each item, and who else does.
async fn tellers(house: &House, issue: &Issue) -> Vec<(String, Vec<String>)> {
    let items = house.store.issue_items(issue.id).await.unwrap();
    let others = |item: &crate::domain::issue::IssueItem| item.also_at.iter().map(|also| also.source.clone()).collect();
    items.iter().map(|item| (item.source.clone().unwrap(), others(item))).collect()
}

#[tokio::test]
async fn an_edition_prints_the_first_telling_it_has_a_heading_for_and_names_the_others() {
    on_each_engine(async |store| {
        let house = house(&store).await;
        for (nth, section) in ["sports", "news", "news"].into_iter().enumerate() {
            house.store_articles(&[telling(0, section, nth)]).await;
            house.pass(hours(1));
        }
        let told = |by: usize, others: [usize; 2]| {
            vec![(format!("Paper {by}"), others.map(|other| format!("Paper {other}")).to_vec())]
        };
        for (edition, expected) in [("weekly", told(1, [0, 2])), ("sports", told(0, [1, 2])), ("both", told(0, [1, 2]))]
        {
            assert_eq!(tellers(&house, &publish(&house, edition).await).await, expected, "{edition}");
        }
        // Whoever tells it next, nobody prints it again.
        house.store_articles(&[telling(0, "news", 3), telling(0, "sports", 4)]).await;
        house.pass(hours(1));
        for (edition, _) in EDITIONS {
            assert!(matches!(publish(&house, edition).await.state, IssueState::Skipped(_)), "{edition}");
        }
        let first = store.articles(&ArticleFilter::default(), 9).await.unwrap().pop().unwrap().id;
        assert_eq!(store.others_of_story(first).await.unwrap().len(), 4);
    })
    .await;
}

#[tokio::test]
async fn a_story_the_editor_has_struck_is_not_printed_by_another_teller() {
    on_each_engine(async |store| {
        let house = house(&store).await;
        house.store_articles(&[telling(0, "sports", 0), telling(0, "news", 1), telling(1, "news", 2)]).await;
        let slot = house.by_hand();
        let draft = house.digests.compile("weekly", &slot).await.unwrap().issue;
        let items = store.issue_items(draft.id).await.unwrap();
        assert_eq!(items.len(), 2);
        let article = items.iter().find(|item| item.title == STORIES[0]).unwrap().article_id;
        house.digests.edit(draft.id, &Edit::Skip { article, reason: None, later: false }, "ed").await.unwrap();
        house.store_articles(&[telling(0, "news", 3)]).await;
        store.find_stories(house.now()).await.unwrap();
        assert!(what_waits(&store, "weekly", "news", house.now()).await.is_empty());
        assert_eq!(what_waits(&store, "sports", "sports", house.now()).await.len(), 1, "others print it");
    })
    .await;
}

#[tokio::test]
async fn when_the_first_telling_closes_after_one_edition_has_it_the_others_take_the_next() {
    on_each_engine(async |store| {
        let house = house(&store).await;
        let closing = NewArticle { closes: Some(house.now() + hours(2)), ..telling(0, "news", 0) };
        house.store_articles(&[closing, telling(0, "news", 1)]).await;
        assert_eq!(tellers(&house, &publish(&house, "weekly").await).await[0].0, "Paper 0");
        house.pass(hours(3));
        assert_eq!(tellers(&house, &publish(&house, "both").await).await[0].0, "Paper 1");
        assert!(matches!(publish(&house, "weekly").await.state, IssueState::Skipped(_)));
    })
    .await;
}

#[tokio::test]
async fn a_draft_takes_no_story_that_its_edition_has_whoever_tells_it() {
    on_each_engine(async |store| {
        let house = house(&store).await;
        house.store_articles(&[telling(0, "news", 0)]).await;
        // Chosen, and before the draft is made, somebody else has printed another telling.
        let chosen = what_waits(&store, "weekly", "news", house.now()).await[0].id;
        house.store_articles(&[telling(0, "news", 1)]).await;
        store.find_stories(house.now()).await.unwrap();
        let slot = house.by_hand();
        let late = |article| crate::store::NewIssue {
            edition: "weekly".to_owned(),
            slot: slot.key(),
            scheduled: slot.instant,
            skipped: None,
            items: vec![(article, "news".to_owned(), 0)],
        };
        let other = store.others_of_story(chosen).await.unwrap()[0];
        let first = store.create_issue(&late(other), house.now()).await.unwrap().unwrap();
        let (_, draft) = store.draft(first.id).await.unwrap();
        assert_eq!(draft.items.len(), 1);
        house.digests.seal(first.id).await.unwrap();
        house.pass(hours(1));
        let slot = house.by_hand();
        let again = crate::store::NewIssue { slot: slot.key(), ..late(chosen) };
        assert!(matches!(store.create_issue(&again, house.now()).await, Err(crate::store::StoreError::Stale)));
    })
    .await;
}

#[tokio::test]
async fn no_story_is_printed_twice_by_an_edition_and_none_it_has_a_heading_for_is_lost() {
    on_each_engine(async |store| {
        let house = house(&store).await;
        let section = || prop_oneof![Just("news"), Just("sports"), Just("weather")];
        let week = prop::collection::vec((0..STORIES.len(), section(), any::<bool>()), 2..8);
        let weeks = prop::collection::vec(week, 10);
        let mut runner = TestRunner::deterministic();
        let mut nth = 0;
        // Story and edition, and whether a telling was there that stays open.
        let mut open: BTreeMap<(usize, &str), bool> = BTreeMap::new();
        for week in weeks.new_tree(&mut runner).unwrap().current() {
            for (story, section, closes) in week {
                nth += 1;
                let closes = closes.then(|| house.now() + hours(24));
                house.store_articles(&[NewArticle { closes, ..telling(story, section, nth) }]).await;
                for (edition, sections) in EDITIONS {
                    *open.entry((story, edition)).or_default() |= closes.is_none() && sections.contains(&section);
                }
            }
            for (edition, _) in EDITIONS {
                publish(&house, edition).await;
            }
            house.pass(hours(7 * 24));
        }
        let mut printed: BTreeMap<(usize, String), usize> = BTreeMap::new();
        for issue in store.latest_issues(None, None, 1000).await.unwrap() {
            for item in store.issue_items(issue.id).await.unwrap() {
                let story = STORIES.iter().position(|title| *title == item.title).unwrap();
                *printed.entry((story, issue.edition.clone())).or_default() += 1;
            }
        }
        assert!(printed.values().all(|times| *times == 1), "{printed:?}");
        assert!(open.values().filter(|open| **open).count() > 8, "{open:?}");
        for ((story, edition), _) in open.into_iter().filter(|(_, open)| *open) {
            assert!(printed.contains_key(&(story, edition.to_owned())), "{story} was lost in {edition}");
        }
    })
    .await;
}
