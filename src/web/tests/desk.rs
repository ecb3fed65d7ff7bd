//! The links in a preview: a page with a button, and the button.

use std::sync::Arc;

use axum::http::StatusCode;
use jiff::Timestamp;

use super::harness::{FORM, Town};
use crate::digest::{Digests, Imprint};
use crate::domain::article::NewArticle;
use crate::domain::desk::{Approval, Edit, Review};
use crate::domain::edition::{Edition, Policy};
use crate::domain::ids::{ArticleId, IssueId};
use crate::domain::issue::LetterHead;
use crate::domain::language::Language;
use crate::domain::schedule::{Schedule, Slot};
use crate::domain::subscriber::SubscriberState;
use crate::store::Store;
use crate::store::tests::harness::on_each_engine;
use crate::subscribers::harness::sender;
use crate::web::router;

/// Returns a town with a draft of two items for the next slot, the paths of its links, and its service.
async fn with_draft(store: Store) -> (Town, IssueId, [String; 3], Digests) {
    with_draft_for(store, |schedule, now| schedule.next_after(now).unwrap()).await
}

async fn with_draft_for(
    store: Store,
    slot: impl FnOnce(&Schedule, Timestamp) -> Slot,
) -> (Town, IssueId, [String; 3], Digests) {
    let mut town = Town::on(store);
    let house = &town.house;
    house.bring("reader@example.jp", SubscriberState::Confirmed).await;
    let mut articles = Vec::new();
    for title in ["One", "Two"] {
        articles.push(NewArticle {
            feed_id: None,
            guid: title.to_owned(),
            source: None,
            title: title.to_owned(),
            url: format!("https://example.jp/{title}"),
            summary: String::new(),
            section: "news".to_owned(),
            language: None,
            published: None,
            closes: None,
            details: Default::default(),
        });
    }
    let now = crate::clock::Clock::now(&*house.clock);
    house.store.store_articles(&articles, now).await.unwrap();
    let review = Review { approval: Approval::Required, ..Review::default() };
    let policy = Policy { welcome_issue: true, ..Policy::default() };
    let edition = |edition: &Edition| Edition { review, policy: policy.clone(), ..edition.clone() };
    let editions: Vec<Edition> = town.state.site.editions.iter().map(edition).collect();
    let slot = slot(&editions[0].schedule, now);
    let head =
        LetterHead { from_name: "S".to_owned(), from_email: "news@example.jp".to_owned(), reply_to: None, list: None };
    let digests = Digests::new(
        house.store.clone(),
        Arc::clone(&house.clock) as Arc<dyn crate::clock::Clock>,
        house.links.clone(),
        house.templates.clone(),
        editions,
        Imprint { sender: sender(), head, unsubscribe_mailto: None },
    );
    let draft = digests.compile_ahead("weekly", &slot).await.unwrap().issue;
    let unseen = house.links.open_draft(draft.id.0, [0; 16]);
    let token = unseen.rsplit('/').next().unwrap();
    let shown = digests.open_link(crate::domain::token::Purpose::OpenDraft, token).await.unwrap().fingerprint;
    let path = |url: String| url.strip_prefix("https://news.example.jp").unwrap().to_owned();
    let links = &house.links;
    let paths = [links.approve(draft.id.0, shown), links.hold(draft.id.0, shown), links.open_draft(draft.id.0, shown)];
    town.state = town.state.clone().with_desk(digests.clone());
    town.router = router(town.state.clone());
    (town, draft.id, paths.map(path), digests)
}

#[tokio::test]
async fn scanners_change_nothing_and_the_button_does() {
    on_each_engine(async |store| {
        let (town, id, [approve, hold, open], _) = with_draft(store).await;
        for path in [&approve, &hold, &open] {
            for _ in 0..20 {
                let got = town.get(path).await;
                assert_eq!(got.status, StatusCode::OK, "{path}");
                assert_eq!(got.header("cache-control"), "no-store");
                assert!(got.header("x-robots-tag").contains("noindex"));
                assert!(got.header("content-security-policy").contains("default-src 'none'"));
            }
        }
        assert!(town.get(&open).await.body.contains("One"));
        let desk = town.house.store.issue(id).await.unwrap().desk;
        assert_eq!((desk.held, desk.approved), (None, None));
        assert_eq!(town.post(&open, FORM, "").await.status, StatusCode::NOT_FOUND);
        for _ in 0..2 {
            let got = town.post(&format!("{approve}?lang=ja"), FORM, "").await;
            assert!(got.status == StatusCode::OK && got.body.contains("承認しました"), "{}", got.body);
        }
        assert!(town.house.store.issue(id).await.unwrap().desk.approved.is_some());
        assert!(town.post(&hold, FORM, "").await.body.contains("is held"));
        assert!(town.house.store.issue(id).await.unwrap().desk.held.is_some());
    })
    .await;
}

#[tokio::test]
async fn an_old_mail_does_not_approve_what_it_did_not_show() {
    on_each_engine(async |store| {
        let (town, id, [approve, hold, open], digests) = with_draft(store).await;
        let items = town.house.store.issue_items(id).await.unwrap();
        let article: ArticleId = items[0].article_id;
        digests.edit(id, &Edit::Skip { article, reason: None, later: true }, "ed").await.unwrap();
        let question = town.get(&approve).await;
        assert!(question.body.contains("has changed since that mail") && !question.body.contains("<form"));
        let answer = town.post(&approve, FORM, "").await;
        assert!(answer.body.contains("has changed since that mail"), "{}", answer.body);
        assert_eq!(town.house.store.issue(id).await.unwrap().desk.approved, None);
        // The draft as it is now can be approved from its page.
        let page = town.get(&open).await.body;
        let action = page.split("action=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(town.post(action, FORM, "").await.body.contains("is approved"));

        digests.seal(id).await.unwrap();
        for path in [&approve, &hold, &open] {
            let got = town.get(path).await;
            assert_eq!((got.status, got.header("cache-control")), (StatusCode::GONE, "no-store"), "{path}");
            assert!(got.body.contains("is sealed") && got.body.contains("kawaraban issues cancel 1"), "{}", got.body);
            assert!(!got.body.contains("This link does not work"), "{}", got.body);
        }
        assert_eq!(town.post(&hold, FORM, "").await.status, StatusCode::GONE);
    })
    .await;
}

#[tokio::test]
async fn a_draft_past_its_slot_is_not_said_to_go_out_then() {
    on_each_engine(async |store| {
        let (town, id, [_, _, open], digests) = with_draft(store).await;
        assert!(town.get(&open).await.body.contains("It goes out on"));
        let slot = town.house.store.issue(id).await.unwrap().scheduled;
        town.house.clock.set(slot + jiff::SignedDuration::from_mins(10));
        for (edit, said, ja) in [
            (None, "Approve it, and it goes out within a minute.", "承認すると、一分以内に配信します。"),
            (Some(Edit::Hold), "It is held; approve it, and it goes out within a minute.", "保留中です。"),
            (Some(Edit::Approve), "It is approved, and goes out within a minute.", "承認済みで、"),
        ] {
            if let Some(edit) = edit {
                digests.edit(id, &edit, "ed").await.unwrap();
            }
            let page = town.get(&open).await.body;
            assert!(page.contains("It was due on") && page.contains(said), "{page}");
            assert!(!page.contains("goes out on"), "{page}");
            assert!(town.get(&format!("{open}?lang=ja")).await.body.contains(ja));
        }
    })
    .await;
}

#[tokio::test]
async fn a_draft_made_by_hand_is_said_to_go_out_once_it_is_approved() {
    on_each_engine(async |store| {
        let (town, id, [approve, _, open], digests) = with_draft_for(store, Schedule::slot_at).await;
        let issue = town.house.store.issue(id).await.unwrap();
        let made = digests.moment_in_words(Language::En, &issue, issue.scheduled);
        let page = town.get(&open).await.body;
        assert!(page.contains("Approve it, and it goes out within a minute."), "{page}");
        let page = town.get(&approve).await.body;
        assert!(page.contains(&format!("goes out on {made}, or at once if that has passed")), "{page}");
    })
    .await;
}

#[tokio::test]
async fn links_of_another_purpose_or_made_up_are_bad() {
    on_each_engine(async |store| {
        let (town, _, [approve, hold, _], _) = with_draft(store).await;
        let cut = approve[..approve.len() - 1].to_owned();
        let others = [approve.replace("approve", "hold"), hold.replace("hold", "draft")];
        let made_up = ["/desk/approve/x".to_owned(), "/desk/draft/%ff%00".to_owned()];
        for path in others.into_iter().chain(made_up).chain([cut]) {
            let post = if path.contains("draft") { None } else { Some(town.post(&path, FORM, "").await) };
            for got in [town.get(&path).await].into_iter().chain(post) {
                assert_eq!((got.status, got.header("cache-control")), (StatusCode::NOT_FOUND, "no-store"), "{path}");
                // The words are for whoever runs this, and not for readers.
                assert!(got.body.contains("This link does not work"), "{path}: {}", got.body);
                assert!(got.body.contains("“kawaraban issues approve N” approves it"), "{path}: {}", got.body);
                assert!(!got.body.contains("confirm a subscription"), "{path}: {}", got.body);
            }
            let japanese = town.get(&format!("{path}?lang=ja")).await.body;
            assert!(japanese.contains("「kawaraban issues approve 番号」で承認"), "{japanese}");
        }
        for room in ["unsubscribe", "preferences"] {
            let got = town.get(&format!("/{room}/preview")).await;
            assert!(got.status == StatusCode::OK && got.body.contains("This was a preview"), "{}", got.body);
        }
        assert_eq!(town.post("/unsubscribe/preview", FORM, "List-Unsubscribe=One-Click").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_link_to_what_is_no_draft_any_more_says_what_it_is_now() {
    on_each_engine(async |store| {
        let (town, id, paths, digests) = with_draft(store).await;
        let say = async |english: &str, japanese: &str| {
            for path in &paths {
                let got = town.get(path).await;
                assert!(got.status == StatusCode::GONE && got.body.contains(english), "{english}: {}", got.body);
                let got = town.get(&format!("{path}?lang=ja")).await;
                assert!(got.status == StatusCode::GONE && got.body.contains(japanese), "{japanese}: {}", got.body);
            }
            let got = town.post(&paths[1], FORM, "").await;
            assert!(got.status == StatusCode::GONE && got.body.contains(english), "{}", got.body);
        };
        town.post(&paths[0], FORM, "").await;
        digests.seal(id).await.unwrap();
        say("No. 1 is sealed", "第1号は校了しました").await;
        digests.release(id).await.unwrap();
        say("No. 1 is on its way", "第1号は配信中です").await;
        assert!(town.get(&paths[0]).await.body.contains("href=\"/issues/1?lang=en\""));
        digests.cancel(id).await.unwrap();
        say("No. 1 was cancelled", "第1号は取りやめになりました").await;
        let made_up = town.house.links.approve(4711, [0; 16]);
        let got = town.get(made_up.strip_prefix("https://news.example.jp").unwrap()).await;
        assert!(got.status == StatusCode::GONE && got.body.contains("There is no such draft any more"), "{}", got.body);
    })
    .await;
}

#[tokio::test]
async fn a_link_to_a_draft_that_was_skipped_says_why() {
    on_each_engine(async |store| {
        let (town, id, [approve, hold, open], _) = with_draft(store).await;
        let draft = town.house.store.issue(id).await.unwrap();
        assert!(town.house.store.skip_draft(id, draft.revision, "not approved").await.is_ok());
        for path in [approve, hold, open] {
            let got = town.get(&path).await;
            assert!(
                got.status == StatusCode::GONE && got.body.contains("does not appear: not approved."),
                "{}",
                got.body
            );
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_confirms_is_told_of_the_issue_that_comes_at_once() {
    on_each_engine(async |store| {
        let (town, id, [approve, ..], digests) = with_draft(store).await;
        town.post(&approve, FORM, "").await;
        let confirmed = async |name: &str| {
            let address = format!("{name}@example.jp");
            town.house.sign_up(&address).await;
            let confirm = format!("/confirm/{}", town.house.confirm_token(&address).await);
            town.house.pass(jiff::SignedDuration::from_mins(1));
            (town.post(&format!("{confirm}?lang=ja"), FORM, "").await.body, town.post(&confirm, FORM, "").await.body)
        };
        let english = "the latest issue of “Japan Weekly”, No. 1, is on its way to you now";
        let (ja, en) = confirmed("early").await;
        assert!(!en.contains("is on its way") && en.contains("The next issue comes to your inbox"), "{en}");
        assert!(!ja.contains("最新号"), "{ja}");
        digests.seal(id).await.unwrap();
        digests.release(id).await.unwrap();
        let (ja, en) = confirmed("new").await;
        assert!(en.contains(english) && ja.contains("「Japan Weekly」の最新号（第1号）をただいま"), "{en}{ja}");
        // It is said of just those who get it.
        assert_eq!(digests.welcome().await.unwrap(), 1);
        digests.cancel(id).await.unwrap();
        let (_, en) = confirmed("late").await;
        assert!(!en.contains("is on its way"), "{en}");
    })
    .await;
}
