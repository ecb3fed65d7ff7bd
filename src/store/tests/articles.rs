use super::*;
use crate::domain::feed::Validators;
use crate::domain::ids::ArticleId;
use crate::domain::visits::Health;
use crate::store::{ArticleFilter, FeedVisit, StoreError};

#[tokio::test]
async fn a_feed_is_added_once_and_keeps_what_it_learned() {
    on_each_engine(async |store| {
        let id = a_feed(&store).await;
        assert_eq!(a_feed(&store).await, id);
        let validators = Validators { etag: Some("W/\"x\"".to_owned()), last_modified: None };
        let good = FeedVisit::Good { title: Some("新聞".to_owned()), validators: Some(validators.clone()) };
        store.record_feed_visit(id, &good, &Health::default(), minute(1)).await.unwrap();
        let failing = Health { failures: 2, failing_since: Some(minute(1)), next_visit: Some(minute(9)), paused: None };
        store.record_feed_visit(id, &FeedVisit::Bad("404".to_owned()), &failing, minute(2)).await.unwrap();
        let feed = &store.feeds().await.unwrap()[0];
        assert_eq!(feed.title.as_deref(), Some("新聞"));
        assert_eq!(feed.validators, validators);
        assert_eq!((feed.last_fetch, feed.last_success), (Some(minute(2)), Some(minute(1))));
        assert_eq!(feed.last_error.as_deref(), Some("404"));
        assert_eq!(feed.health, failing);
        assert_eq!(feed.section_of(&["Jobs".to_owned()]), "openings");

        let unchanged = FeedVisit::Good { title: None, validators: None };
        store.record_feed_visit(id, &unchanged, &failing.after_success(None, minute(3)), minute(3)).await.unwrap();
        let feed = &store.feeds().await.unwrap()[0];
        assert_eq!((&feed.validators, feed.last_error.as_deref()), (&validators, None));
        assert_eq!(feed.health, Health::default());
    })
    .await;
}

#[tokio::test]
async fn a_removed_feed_comes_back_as_itself() {
    on_each_engine(async |store| {
        let id = a_feed(&store).await;
        store.remove_feed(id, minute(1)).await.unwrap();
        assert!(store.feeds().await.unwrap().is_empty());
        assert!(matches!(store.remove_feed(id, minute(1)).await, Err(StoreError::NotFound(_))));
        assert_eq!(a_feed(&store).await, id);
        assert_eq!(store.feeds().await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_article_is_corrected_until_it_is_printed() {
    on_each_engine(async |store| {
        let feed = a_feed(&store).await;
        let mut item = article(Some(feed), "one", 1);
        assert_eq!(store.store_articles(std::slice::from_ref(&item), minute(2)).await.unwrap(), 1);
        item.title = "Corrected".to_owned();
        assert_eq!(store.store_articles(std::slice::from_ref(&item), minute(3)).await.unwrap(), 0);
        let stored = store.articles(&ArticleFilter::default(), 10).await.unwrap();
        assert_eq!((stored.len(), stored[0].title.as_str()), (1, "Corrected"));
        assert_eq!(stored[0].first_seen, minute(2));

        let issue = a_draft(&store, "2026-11-27T08:00").await.unwrap();
        item.title = "Corrected while in the draft".to_owned();
        store.store_articles(std::slice::from_ref(&item), minute(11)).await.unwrap();
        assert_eq!(store.issue_items(issue.id).await.unwrap()[0].title, "Corrected while in the draft");

        seal(&store, &issue).await;
        item.title = "Too late".to_owned();
        store.store_articles(&[item], minute(12)).await.unwrap();
        assert_eq!(store.issue_items(issue.id).await.unwrap()[0].title, "Corrected while in the draft");
        assert_eq!(
            store.articles(&ArticleFilter::default(), 10).await.unwrap()[0].title,
            "Corrected while in the draft"
        );
    })
    .await;
}

#[tokio::test]
async fn an_item_without_a_date_keeps_the_time_it_was_first_seen() {
    on_each_engine(async |store| {
        let feed = a_feed(&store).await;
        let mut item = article(Some(feed), "one", 1);
        item.published = None;
        store.store_articles(std::slice::from_ref(&item), minute(2)).await.unwrap();
        store.store_articles(&[item], minute(9)).await.unwrap();
        assert_eq!(store.articles(&ArticleFilter::default(), 10).await.unwrap()[0].published, minute(2));
    })
    .await;
}

#[tokio::test]
async fn candidates_are_the_open_articles_of_a_section_nobody_has_printed() {
    on_each_engine(async |store| {
        let mut closed = article(None, "closed", 0);
        closed.closes = Some(minute(10));
        let mut elsewhere = article(None, "opening", 0);
        elsewhere.section = "openings".to_owned();
        let articles = [article(None, "young", 5), closed, article(None, "old", 1), elsewhere];
        store.store_articles(&articles, minute(6)).await.unwrap();

        let news = ArticleFilter { section: Some("news".to_owned()), ..ArticleFilter::default() };
        assert_eq!(store.article_count(&news).await.unwrap(), 3);
        let newest = store.articles(&news, 1).await.unwrap()[0].id;
        let before = ArticleFilter { before: Some(newest), ..news };
        assert_eq!(store.article_count(&before).await.unwrap(), 2);
        let waiting = what_waits(&store, "weekly", "news", minute(10)).await;
        let titles: Vec<_> = waiting.iter().map(|article| article.title.as_str()).collect();
        assert_eq!(titles, ["Title of old", "Title of young"]);
        a_draft(&store, "2026-11-27T08:00").await.unwrap();
        assert_eq!(what_waits(&store, "weekly", "news", minute(10)).await.len(), 0);
        assert_eq!(what_waits(&store, "monthly", "news", minute(10)).await.len(), 2);

        let filter = ArticleFilter { section: Some("news".to_owned()), ..ArticleFilter::default() };
        assert_eq!(store.articles(&filter, 10).await.unwrap().len(), 3);
        let all: Vec<_> = store.articles(&ArticleFilter::default(), 10).await.unwrap().iter().map(|a| a.id).collect();
        let among = |ids: &[ArticleId]| ArticleFilter { among: Some(ids.to_vec()), ..ArticleFilter::default() };
        for (filter, expected) in [
            (among(&all[1..3]), &all[1..3]),
            (ArticleFilter { before: Some(all[1]), ..among(&all[1..3]) }, &all[2..3]),
            (among(&[]), &[]),
        ] {
            let found: Vec<_> = store.articles(&filter, 10).await.unwrap().iter().map(|a| a.id).collect();
            assert_eq!(found, expected);
            assert_eq!(store.article_count(&filter).await.unwrap(), i64::try_from(expected.len()).unwrap());
        }
    })
    .await;
}
