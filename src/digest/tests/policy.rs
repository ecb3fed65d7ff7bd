//! What goes into an issue by the policy of its edition, and what is put on record of the rest.

use std::time::Duration;

use super::*;
use crate::domain::article::NewArticle;
use crate::domain::article::{Article, Details, Image};
use crate::domain::edition::Edition;
use crate::domain::edition::Policy;
use crate::domain::ids::FeedId;
use crate::domain::issue::IssueState;
use crate::domain::set_aside::{CLOSED, SetAside, TOO_OLD};
use crate::store::Store;
use crate::store::{ArticleFilter, NewFeed};

fn with(store: &Store, max_per_section: usize, policy: Policy) -> House {
    House::with_editions(store, vec![Edition { policy, ..an_edition(EDITION, max_per_section, "0 8 * * Fri") }])
}

async fn feeds(store: &Store, house: &House) -> [FeedId; 2] {
    let mut ids = Vec::new();
    for name in ["one", "two"] {
        let url = format!("https://{name}.example.jp/feed");
        let feed = NewFeed {
            url,
            section: "news".to_owned(),
            category_sections: Default::default(),
            items: Default::default(),
        };
        ids.push(store.add_feed(&feed, house.now()).await.unwrap());
    }
    ids.try_into().unwrap()
}

async fn article(store: &Store, title: &str) -> Article {
    let all = store.articles(&ArticleFilter::default(), 100).await.unwrap();
    all.into_iter().find(|article| article.title == title).unwrap()
}

async fn reasons(store: &Store, title: &str) -> Vec<String> {
    let asides = store.set_asides_of(article(store, title).await.id).await.unwrap();
    asides.into_iter().map(|aside| aside.reason).collect()
}

#[tokio::test]
async fn below_the_minimum_a_slot_is_skipped_and_all_of_it_rolls_over() {
    on_each_engine(async |store| {
        let house = with(&store, 5, Policy { min_items: 3, ..Policy::default() });
        house.reader("a").await;
        house.store_articles(&[news("n1", 1), news("n2", 2)]).await;
        let slot = house.next_slot();
        let plan = house.digests.plan(EDITION, &slot).await.unwrap();
        assert_eq!((plan.item_count(), plan.sections[1].rolls_over), (0, 2));
        let skipped = house.compile(&slot).await;
        assert_eq!(skipped.issue.state, IssueState::Skipped("only 2 of at least 3 items".to_owned()));
        assert_eq!((skipped.sections[1].items, skipped.sections[1].rolls_over), (0, 2));
        assert_eq!(house.titles(&skipped.issue).await, [""; 0]);

        house.store_articles(&[news("n3", 3)]).await;
        let issue = house.publish(&house.next_slot()).await;
        assert_eq!((issue.number, house.titles(&issue).await.join(" ")), (Some(1), "n3 n2 n1".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn a_feed_that_floods_a_section_shares_it_and_limits_hold() {
    on_each_engine(async |store| {
        let section_limits = std::iter::once(("openings".to_owned(), 1)).collect();
        let house = with(&store, 4, Policy { max_items: Some(4), section_limits, ..Policy::default() });
        let [one, two] = feeds(&store, &house).await;
        let mut articles: Vec<_> =
            (0..9).map(|n| NewArticle { feed_id: Some(one), ..news(&format!("flood{n}"), n) }).collect();
        articles.extend((0..2).map(|n| NewArticle { feed_id: Some(two), ..news(&format!("calm{n}"), 100 + n) }));
        articles.extend((0..2).map(|n| opening(&format!("o{n}"), 200 + n, None)));
        house.store_articles(&articles).await;
        let compiled = house.compile(&house.next_slot()).await;
        assert_eq!(house.titles(&compiled.issue).await, ["calm0", "flood1", "flood0", "o0"]);
        let tallies: Vec<_> = compiled.sections.iter().map(|s| (s.items, s.rolls_over)).collect();
        assert_eq!(tallies, [(1, 1), (3, 8)]);
    })
    .await;
}

#[tokio::test]
async fn what_is_too_old_or_closed_is_on_record_and_comes_back_when_that_is_no_longer_true() {
    on_each_engine(async |store| {
        let day = 24 * 3600;
        let policy = Policy { max_age: Some(Duration::from_secs(20 * day)), ..Policy::default() };
        let house = with(&store, 5, policy);
        house.reader("a").await;
        // It is the 27th; the first article is from the first of the month.
        let soon = Some(house.now() + hours(2));
        let [feed, _] = feeds(&store, &house).await;
        let closing = NewArticle { feed_id: Some(feed), ..opening("closing", 24 * 20, soon) };
        house.store_articles(&[news("old", 1), news("new", 24 * 20), closing.clone()]).await;
        let slot = house.next_slot();
        house.digests.plan(EDITION, &slot).await.unwrap();
        assert!(reasons(&store, "old").await.is_empty(), "a plan writes nothing");
        let draft = house.compile(&slot).await.issue;
        assert_eq!(house.titles(&draft).await, ["new"]);
        assert_eq!(reasons(&store, "old").await, [TOO_OLD]);
        assert_eq!(reasons(&store, "closing").await, [CLOSED]);
        assert_eq!(store.set_aside_counts(EDITION).await.unwrap(), [(CLOSED.to_owned(), 1), (TOO_OLD.to_owned(), 1)]);
        house.digests.seal(draft.id).await.unwrap();
        house.digests.release(draft.id).await.unwrap();

        // The closing date is put off.
        house.store_articles(&[NewArticle { closes: None, ..closing }]).await;
        let issue = house.publish(&house.next_slot()).await;
        assert_eq!(house.titles(&issue).await, ["closing"]);
        assert!(reasons(&store, "closing").await.is_empty());
        let fate = store.article_fate(article(&store, "closing").await.id).await.unwrap().unwrap();
        assert_eq!((fate.printed[0].number, fate.told_first_by, fate.withdrawn), (Some(2), None, None));
        assert_eq!(store.article_fate(crate::domain::ids::ArticleId(999)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn what_closes_in_the_draft_is_on_record_once_it_is_sealed() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.reader("a").await;
        let slot = house.next_slot();
        house.store_articles(&[news("n1", 1), opening("soon", 1, Some(house.now() + hours(1)))]).await;
        let draft = house.compile(&slot).await.issue;
        house.pass(hours(1));
        assert_eq!(house.digests.seal(draft.id).await.unwrap().closed, 1);
        assert_eq!(reasons(&store, "soon").await, [CLOSED]);
    })
    .await;
}

#[tokio::test]
async fn what_the_editor_sets_aside_stays_out_until_it_is_taken_back() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.reader("a").await;
        house.store_articles(&[news("n1", 1), news("n2", 2)]).await;
        let id = article(&store, "n1").await.id;
        let aside =
            SetAside { edition: EDITION.to_owned(), article_id: id, reason: "not for us".to_owned(), at: house.now() };
        store.set_article_aside(&aside).await.unwrap();
        let issue = house.publish(&house.next_slot()).await;
        assert_eq!(house.titles(&issue).await, ["n2"]);
        assert_eq!(store.set_asides_of(id).await.unwrap(), [aside]);
        assert!(store.take_article_back(EDITION, id).await.unwrap());
        assert!(!store.take_article_back(EDITION, id).await.unwrap());
        let issue = house.publish(&house.next_slot()).await;
        assert_eq!(house.titles(&issue).await, ["n1"]);
    })
    .await;
}

#[tokio::test]
async fn an_issue_leads_with_the_first_story_that_has_a_picture() {
    on_each_engine(async |store| {
        let house = with(&store, 5, Policy::default());
        house.reader("a").await;
        let image = Some(Image { url: "https://example.jp/i.jpg".to_owned(), alt: String::new(), credit: None });
        let pictured = NewArticle { details: Details { image, ..Details::default() }, ..news("pictured", 1) };
        house.store_articles(&[pictured, news("newest", 9), opening("o1", 1, None)]).await;
        let draft = house.compile(&house.next_slot()).await.issue;
        house.digests.seal(draft.id).await.unwrap();
        let items = store.issue_items(draft.id).await.unwrap();
        let leads: Vec<_> = items.iter().filter(|item| item.lead).map(|item| item.title.as_str()).collect();
        assert_eq!(leads, ["pictured"]);
    })
    .await;
}

#[tokio::test]
async fn a_weekly_and_a_monthly_edition_each_print_everything_once() {
    on_each_engine(async |store| {
        let weekly = an_edition(EDITION, 2, "0 8 * * Fri");
        let monthly = Edition { sections: vec!["news".to_owned()], ..an_edition("monthly", 50, "0 9 1 * *") };
        let house = House::with_editions(&store, vec![weekly, monthly]);
        house.reader("a").await;
        let mut printed = Vec::new();
        for week in 0..6 {
            let articles: Vec<_> = (0..2).map(|n| news(&format!("w{week}n{n}"), week * 168 + n)).collect();
            house.store_articles(&articles).await;
            let issue = house.publish(&house.next_slot()).await;
            printed.extend(house.titles(&issue).await);
        }
        let mut again = printed.clone();
        again.sort_unstable();
        again.dedup();
        assert_eq!((printed.len(), again.len()), (12, 12), "each article in one weekly issue");

        let slot = house.digests.edition("monthly").unwrap().schedule.next_after(house.now()).unwrap();
        house.clock.set(slot.instant);
        let issue = house.digests.compile("monthly", &slot).await.unwrap().issue;
        assert_eq!(issue.number, Some(7), "numbers are the publication's");
        let mut monthly = house.titles(&issue).await;
        monthly.sort_unstable();
        assert_eq!(monthly, again, "and all of them in the monthly one");
        store.advance_edition("monthly", slot.instant).await.unwrap();
    })
    .await;
}
