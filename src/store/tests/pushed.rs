use super::*;
use crate::domain::article::{ArticleKind, Details, Image, NewArticle};
use crate::domain::ids::ArticleId;
use crate::domain::pushed::{ExternalId, Origin, Pushed, PushedArticle};
use crate::store::{ArticleFilter, NewIssue, PushedFilter, Store, StoreError};

fn pushed(id: &str, title: &str) -> (ExternalId, NewArticle) {
    (id.parse().unwrap(), NewArticle { title: title.to_owned(), ..article(None, id, 1) })
}

async fn push(store: &Store, articles: &[(ExternalId, NewArticle)], at: i64) -> Vec<Pushed> {
    store.push_articles(articles, minute(at)).await.unwrap()
}

async fn found(store: &Store, id: &str) -> PushedArticle {
    store.pushed_article(&id.parse().unwrap()).await.unwrap().unwrap()
}

async fn listed(store: &Store, filter: &PushedFilter) -> Vec<String> {
    store.pushed_articles(filter, 10).await.unwrap().into_iter().map(|one| one.article.title).collect()
}

#[tokio::test]
async fn an_article_pushed_again_is_the_same_article() {
    on_each_engine(async |store| {
        let mut opening = pushed("job/1", "Cook");
        opening.1.details = Details {
            kind: ArticleKind::Opening,
            place: Some("Kyoto".to_owned()),
            company: Some("Inn".to_owned()),
            pay: Some("¥300,000".to_owned()),
            image: Some(Image { url: "https://example.jp/1.jpg".to_owned(), alt: String::new(), credit: None }),
        };
        let batch = [opening.clone(), pushed("2", "News")];
        assert_eq!(push(&store, &batch, 2).await, [Pushed::Created, Pushed::Created]);
        assert_eq!(push(&store, &batch, 3).await, [Pushed::Unchanged, Pushed::Unchanged]);
        let first = found(&store, "job/1").await;
        assert_eq!((&first.article.details, first.updated), (&opening.1.details, None));
        assert_eq!((first.origin, first.article.first_seen), (Origin::Api("job/1".parse().unwrap()), minute(2)));

        opening.1.details.image = None;
        opening.1.published = None;
        assert_eq!(push(&store, &[pushed("2", "News"), opening], 4).await, [Pushed::Unchanged, Pushed::Updated]);
        let second = found(&store, "job/1").await;
        assert_eq!((second.article.details.image, second.updated), (None, Some(minute(4))));
        assert_eq!(second.article.published, minute(1), "who does not say when keeps the date");
        assert_eq!(store.pushed_article(&"none".parse().unwrap()).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn what_is_over_is_not_made_anew_and_what_is_here_may_end() {
    on_each_engine(async |store| {
        let mut over = pushed("1", "Cook");
        over.1.closes = Some(minute(2));
        assert_eq!(push(&store, &[over.clone(), pushed("2", "News")], 2).await, [Pushed::Closed, Pushed::Created]);
        assert_eq!(store.pushed_article(&"1".parse().unwrap()).await.unwrap(), None);
        assert_eq!(push(&store, &[pushed("1", "Cook")], 3).await, [Pushed::Created]);
        assert_eq!(push(&store, &[over.clone()], 3).await, [Pushed::Updated]);
        assert_eq!(push(&store, &[over], 4).await, [Pushed::Unchanged]);
        assert_eq!(found(&store, "1").await.article.closes, Some(minute(2)));
        assert_eq!(what_waits(&store, "weekly", "news", minute(4)).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn two_who_push_the_same_at_once_make_one_article() {
    on_each_engine(async |store| {
        let batches: Vec<Vec<_>> = (0..8)
            .map(|n| {
                let mut batch: Vec<_> = (0..20).map(|id| pushed(&format!("job-{id}"), &format!("By {n}"))).collect();
                if n % 2 == 1 {
                    batch.reverse();
                }
                batch
            })
            .collect();
        let all = batches.iter().map(|batch| push(&store, batch, 2));
        let results: Vec<Pushed> = futures_util::future::join_all(all).await.into_iter().flatten().collect();
        let count = |result| results.iter().filter(|one| **one == result).count();
        assert_eq!((count(Pushed::Created), count(Pushed::Updated)), (20, 140));
        assert_eq!(store.articles(&ArticleFilter::default(), 100).await.unwrap().len(), 20);
    })
    .await;
}

#[tokio::test]
async fn what_is_printed_stays_and_what_is_in_a_draft_is_rendered_again() {
    on_each_engine(async |store| {
        push(&store, &[pushed("1", "First words")], 2).await;
        let draft = a_draft(&store, "2026-11-27T08:00").await.unwrap();
        assert_eq!(push(&store, &[pushed("1", "Second words")], 11).await, [Pushed::Updated]);
        let newer = store.issue(draft.id).await.unwrap();
        assert!(newer.revision > draft.revision, "whoever rendered the first words cannot seal them");
        assert_eq!(store.issue_items(draft.id).await.unwrap()[0].title, "Second words");

        seal(&store, &newer).await;
        assert_eq!(push(&store, &[pushed("1", "Third words")], 12).await, [Pushed::Printed]);
        assert_eq!(push(&store, &[pushed("1", "Second words")], 12).await, [Pushed::Unchanged]);
        let printed = found(&store, "1").await;
        assert_eq!((printed.article.title.as_str(), printed.printed), ("Second words", true));
    })
    .await;
}

#[tokio::test]
async fn a_change_is_written_over_what_its_author_saw_and_nothing_else() {
    on_each_engine(async |store| {
        push(&store, &[pushed("1", "First words")], 2).await;
        let (seen, new) = (found(&store, "1").await, pushed("1", "Mine").1);
        let changed = store.change_article(&seen, &new, minute(3)).await.unwrap();
        assert_eq!((changed.article.title.as_str(), changed.updated), ("Mine", Some(minute(3))));
        let late = store.change_article(&seen, &pushed("1", "Theirs").1, minute(4)).await;
        assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
        assert_eq!(store.change_article(&changed, &new, minute(5)).await.unwrap(), changed, "nothing to change");

        let draft = a_draft(&store, "2026-11-27T08:00").await.unwrap();
        let mut moved = new.clone();
        moved.section = "openings".to_owned();
        store.change_article(&changed, &moved, minute(11)).await.unwrap();
        assert_eq!(store.issue_items(draft.id).await.unwrap()[0].section, "openings");
    })
    .await;
}

#[tokio::test]
async fn what_is_withdrawn_is_in_no_issue_after_that() {
    on_each_engine(async |store| {
        push(&store, &[pushed("1", "Stays"), pushed("2", "Goes"), pushed("3", "Goes later")], 2).await;
        let waiting = async || what_waits(&store, "weekly", "news", minute(10)).await.len();
        let two = found(&store, "2").await.article.id;
        let gone = store.withdraw_article(two, minute(3)).await.unwrap().unwrap();
        assert_eq!((gone.withdrawn, gone.printed), (Some(minute(3)), false));
        let again = store.withdraw_article(two, minute(4)).await.unwrap().unwrap();
        assert_eq!(again.withdrawn, Some(minute(3)));
        assert_eq!(waiting().await, 2);
        assert_eq!(listed(&store, &PushedFilter::default()).await, ["Goes later", "Stays"]);
        assert_eq!(store.articles(&ArticleFilter::default(), 9).await.unwrap().len(), 2);
        assert_eq!(push(&store, &[pushed("2", "Back?")], 5).await, [Pushed::Withdrawn]);

        let draft = a_draft(&store, "2026-11-27T08:00").await.unwrap();
        let three = found(&store, "3").await.article.id;
        store.withdraw_article(three, minute(11)).await.unwrap();
        let newer = store.issue(draft.id).await.unwrap();
        assert!(newer.revision > draft.revision);
        let items = store.issue_items(draft.id).await.unwrap();
        assert_eq!(items.iter().map(|item| item.title.as_str()).collect::<Vec<_>>(), ["Stays"]);
        seal(&store, &newer).await;
        let one = found(&store, "1").await.article.id;
        let printed = store.withdraw_article(one, minute(12)).await.unwrap().unwrap();
        assert!(printed.printed && printed.withdrawn.is_some());
        assert_eq!(store.issue_items(draft.id).await.unwrap().len(), 1, "what is printed stays printed");
        assert_eq!(store.withdraw_article(ArticleId(99), minute(12)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_draft_that_was_made_at_the_same_moment_does_not_show_what_is_withdrawn() {
    on_each_engine(async |store| {
        push(&store, &[pushed("1", "Chosen"), pushed("2", "Stays")], 2).await;
        let chosen = what_waits(&store, "weekly", "news", minute(10)).await;
        store.withdraw_article(found(&store, "1").await.article.id, minute(10)).await.unwrap();
        let items = chosen.iter().zip(0..).map(|(article, n)| (article.id, "news".to_owned(), n)).collect();
        let new = NewIssue {
            edition: "weekly".to_owned(),
            slot: "2026-11-27T08:00".to_owned(),
            scheduled: minute(10),
            skipped: None,
            items,
        };
        let draft = store.create_issue(&new, minute(10)).await.unwrap().unwrap();
        assert_eq!(store.issue_items(draft.id).await.unwrap()[0].title, "Stays");
        seal(&store, &draft).await;
        assert!(!found(&store, "1").await.printed);
    })
    .await;
}

#[tokio::test]
async fn the_list_has_pages_and_can_be_narrowed_down() {
    on_each_engine(async |store| {
        let feed = a_feed(&store).await;
        let mut closed = pushed("closed", "Closed");
        closed.1.closes = Some(minute(9));
        closed.1.details.kind = ArticleKind::Opening;
        let mut elsewhere = pushed("elsewhere", "Elsewhere");
        elsewhere.1.section = "new".to_owned();
        push(&store, &[closed, pushed("1", "One"), elsewhere], 2).await;
        let feed_item = NewArticle { title: "Of a feed".to_owned(), ..article(Some(feed), "f", 1) };
        let by_hand = NewArticle { title: "By hand".to_owned(), ..article(None, "0123abcd", 1) };
        store.store_articles(&[feed_item, by_hand], minute(3)).await.unwrap();

        let all = PushedFilter::default();
        assert_eq!(listed(&store, &all).await, ["By hand", "Of a feed", "Elsewhere", "One", "Closed"]);
        let origins: Vec<_> = store.pushed_articles(&all, 2).await.unwrap().into_iter().map(|one| one.origin).collect();
        assert_eq!(origins, [Origin::Hand, Origin::Feed]);
        let before = Some(found(&store, "elsewhere").await.article.id);
        assert_eq!(listed(&store, &PushedFilter { before, ..all.clone() }).await, ["One", "Closed"]);
        let section = Some("new".to_owned());
        assert_eq!(listed(&store, &PushedFilter { section, ..all.clone() }).await, ["Elsewhere"]);
        let kind = Some(ArticleKind::Opening);
        assert_eq!(listed(&store, &PushedFilter { kind, ..all.clone() }).await, ["Closed"]);

        let among = |ids: &[ArticleId]| PushedFilter { among: Some(ids.to_vec()), ..PushedFilter::default() };
        let one = found(&store, "1").await.article.id;
        assert_eq!(listed(&store, &among(&[one])).await, ["One"]);
        assert!(listed(&store, &among(&[])).await.is_empty());
    })
    .await;
}
