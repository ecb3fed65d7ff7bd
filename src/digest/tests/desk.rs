//! The editor's week: drafts that are shown, edited, held and approved, and what the operator is told.

use jiff::SignedDuration;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::*;
use crate::digest::{DigestError, LinkError};
use crate::domain::delivery::{DeliveryKind, DeliveryState};
use crate::domain::desk::{Approval, Edit, Review, Waits};
use crate::domain::ids::ArticleId;
use crate::domain::issue::{Issue, IssueState};
use crate::domain::schedule::Slot;
use crate::store::{DeliveryFilter, Store};

/// Returns what was written to the operator so far: subject, text and HTML, oldest first.
async fn mails(store: &Store) -> Vec<crate::domain::issue::Letter> {
    let lines = store.deliveries(&DeliveryFilter::default(), 1000).await.unwrap();
    let mut letters = Vec::new();
    for line in lines.iter().filter(|line| line.kind == DeliveryKind::Notice) {
        assert_eq!(line.address.as_deref(), Some("editor@example.jp"));
        letters.push(store.letter_of(line.id).await);
    }
    letters
}

/// Returns a house with an operator who is shown drafts, a draft of three items, and the slot it is for.
async fn at_work(store: &Store, approval: Approval) -> (House, Issue, Slot) {
    let house = House::with_desk(store, Review { approval, ..Review::default() });
    house.reader("a").await;
    house.reader("ja-a").await;
    house.store_articles(&[news("n1", 1), news("n2", 2), opening("o1", 3, None)]).await;
    let slot = house.digests.editions()[0].schedule.next_after(house.now()).unwrap();
    let draft = house.digests.compile_ahead(EDITION, &slot).await.unwrap().issue;
    (house, draft, slot)
}

async fn ids(house: &House, draft: &Issue) -> Vec<ArticleId> {
    house.store.issue_items(draft.id).await.unwrap().into_iter().map(|item| item.article_id).collect()
}

/// Returns the token of the link to this page in a mail.
fn link(letter: &crate::domain::issue::Letter, page: &str) -> String {
    let (_, rest) = letter.text.split_once(&format!("/desk/{page}/")).unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_draft_made_by_hand_is_shown_as_one_that_goes_out_once_it_is_approved() {
    on_each_engine(async |store| {
        let (house, draft, next) = at_work(&store, Approval::Veto).await;
        house.digests.cancel(draft.id).await.unwrap();
        let minute = house.digests.editions()[0].schedule.slot_at(house.now());
        let draft = house.digests.compile(EDITION, &minute).await.unwrap().issue;
        assert!(house.digests.show_draft(draft.id, &next).await.unwrap());
        let text = mails(&store).await.pop().unwrap().text;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            text.contains("made by hand, for no time of the schedule: if you approve it, it goes out at once"),
            "{text}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_draft_is_shown_once_however_many_look_at_it() {
    on_each_engine(async |store| {
        let (house, draft, slot) = at_work(&store, Approval::Veto).await;
        let other = house.another_process();
        let (one, two) = tokio::join!(house.digests.show_draft(draft.id, &slot), other.show_draft(draft.id, &slot));
        assert_eq!(usize::from(one.unwrap()) + usize::from(two.unwrap()), 1);
        assert!(!house.digests.show_draft(draft.id, &slot).await.unwrap());
        let mails = mails(&store).await;
        assert_eq!(mails.len(), 1);
        assert!(mails[0].subject.starts_with("[preview] Japan Weekly No. 1"), "{}", mails[0].subject);
        let text = mails[0].text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("unless you hold it") && mails[0].text.contains("https://example.jp/n1"));
        assert!(mails[0].html.contains("/unsubscribe/preview") && mails[0].html.contains("Approve now"));
        assert!(!text.contains("made by hand"));
        let shown = house.store.issue(draft.id).await.unwrap();
        assert_eq!(shown.desk.previewed_revision, Some(shown.revision));
        assert_eq!(shown.desk.previewed, Some(house.now()));
    })
    .await;
}

#[tokio::test]
async fn a_changed_draft_is_shown_again_once_it_is_quiet_and_at_the_last_minute() {
    on_each_engine(async |store| {
        let (house, draft, slot) = at_work(&store, Approval::Veto).await;
        house.digests.show_draft(draft.id, &slot).await.unwrap();
        house.pass(hours(1));
        let items = ids(&house, &draft).await;
        house
            .digests
            .edit(draft.id, &Edit::Skip { article: items[0], reason: None, later: false }, "ed")
            .await
            .unwrap();
        assert!(!house.digests.show_draft(draft.id, &slot).await.unwrap(), "the editor is still at it");
        house.pass(SignedDuration::from_mins(6));
        assert!(house.digests.show_draft(draft.id, &slot).await.unwrap());
        let second = mails(&store).await.pop().unwrap();
        assert!(second.text.contains("* Struck for good: n2"), "{}", second.text);

        house.digests.edit(draft.id, &Edit::Subject(Some("Mine".to_owned())), "ed").await.unwrap();
        house.pass(SignedDuration::from_mins(10));
        assert!(!house.digests.show_draft(draft.id, &slot).await.unwrap(), "not so soon after the last one");
        house.clock.set(slot.instant - SignedDuration::from_secs(90));
        house.digests.edit(draft.id, &Edit::Subject(Some("Mine too".to_owned())), "ed").await.unwrap();
        assert!(house.digests.show_draft(draft.id, &slot).await.unwrap(), "what goes out has been shown");
        assert_eq!(mails(&store).await.pop().unwrap().subject, "[preview] Mine too");
    })
    .await;
}

#[tokio::test]
async fn an_opening_that_closes_drops_out_and_is_shown_to_be_gone() {
    on_each_engine(async |store| {
        let house = House::with_desk(&store, Review { approval: Approval::Veto, ..Review::default() });
        let soon = house.now() + hours(1);
        house.store_articles(&[news("n1", 1), opening("o1", 3, Some(soon))]).await;
        let slot = house.digests.editions()[0].schedule.next_after(house.now()).unwrap();
        let draft = house.digests.compile_ahead(EDITION, &slot).await.unwrap().issue;
        house.digests.show_draft(draft.id, &slot).await.unwrap();
        house.pass(hours(2));
        assert!(house.digests.show_draft(draft.id, &slot).await.unwrap());
        let text = mails(&store).await.pop().unwrap().text;
        assert!(text.contains("* Closed: o1"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn a_second_preview_says_what_happened_in_its_words() {
    on_each_engine(async |store| {
        let (house, draft, slot) = at_work(&store, Approval::Veto).await;
        let more = [news("n3", 4), news("n4", 5), news("n5", 6), news("n6", 7)];
        house.store_articles(&more).await;
        for article in what_waits(&store, EDITION, "news", house.now()).await {
            house.digests.add(draft.id, article.id, None, "ed").await.unwrap();
        }
        let titles = house.titles(&draft).await;
        let all = ids(&house, &draft).await;
        let id = |title: &str| all[titles.iter().position(|one| one == title).unwrap()];
        house.digests.show_draft(draft.id, &slot).await.unwrap();
        house.pass(hours(1));
        store.withdraw_article(id("n4"), house.now()).await.unwrap();
        for edit in [
            Edit::Skip { article: id("n1"), reason: None, later: true },
            Edit::Move { article: id("n6"), section: None, position: Some(0) },
            Edit::Move { article: id("n5"), section: Some("openings".to_owned()), position: None },
            Edit::Move { article: id("n3"), section: None, position: Some(0) },
        ] {
            house.digests.edit(draft.id, &edit, "ed").await.unwrap();
        }
        house.digests.undo(draft.id, "ed").await.unwrap();
        house.pass(SignedDuration::from_mins(6));
        assert!(house.digests.show_draft(draft.id, &slot).await.unwrap());
        let text = mails(&store).await.pop().unwrap().text;
        let (_, text) = text.split_once("What is different").unwrap();
        let mut told: Vec<_> = text.lines().filter(|line| line.starts_with("* ")).take(5).collect();
        told.sort_unstable();
        let expected = [
            "* Moved within its section: n6",
            "* Put off until the next issue: n1",
            "* Taken back by whoever published it: n4",
            "* The story it opens with",
            "* Under another heading: n5",
        ];
        assert_eq!(told, expected, "{text}");
    })
    .await;
}

#[tokio::test]
async fn what_was_shown_is_what_a_link_approves() {
    on_each_engine(async |store| {
        let (house, draft, slot) = at_work(&store, Approval::Required).await;
        house.digests.show_draft(draft.id, &slot).await.unwrap();
        let mail = mails(&store).await.pop().unwrap();
        let (approve, hold, open) = (link(&mail, "approve"), link(&mail, "hold"), link(&mail, "draft"));
        let sealed = house.digests.seal(draft.id).await;
        assert!(matches!(sealed, Err(DigestError::Waits { why: Waits::NotApproved, .. })));
        assert!(matches!(house.digests.approve_by_link(&hold).await, Err(LinkError::Bad(_))));

        let items = ids(&house, &draft).await;
        house.digests.edit(draft.id, &Edit::Pin(items[1]), "ed").await.unwrap();
        house.digests.edit(draft.id, &Edit::Lead(Some(items[1])), "ed").await.unwrap();
        assert!(house.digests.approve_by_link(&approve).await.unwrap().changed);
        assert_eq!(house.store.issue(draft.id).await.unwrap().desk.approved, None);
        house.digests.undo(draft.id, "ed").await.unwrap();
        house.digests.undo(draft.id, "ed").await.unwrap();
        for _ in 0..2 {
            assert!(!house.digests.approve_by_link(&approve).await.unwrap().changed);
        }
        assert!(house.store.issue(draft.id).await.unwrap().desk.approved.is_some());
        house.digests.hold_by_link(&hold).await.unwrap();
        assert!(matches!(house.digests.seal(draft.id).await, Err(DigestError::Waits { why: Waits::Held, .. })));
        house.digests.approve_by_link(&approve).await.unwrap();
        let log = house.digests.edits(draft.id).await.unwrap();
        let words: Vec<_> = log.iter().map(|line| (line.action.as_str(), line.undone.is_some())).collect();
        let pin = format!("pin {}", items[1]);
        let lead = format!("lead with {}", items[1]);
        let expected = [(&*pin, true), (&*lead, true), ("approve", false), ("hold", false), ("approve", false)];
        assert_eq!(words, expected);
        assert_eq!((log[0].who.as_str(), log[2].who.as_str()), ("ed", "link"));

        house.digests.open_draft(crate::domain::language::Language::Ja, &open).await.unwrap();
        house.digests.seal(draft.id).await.unwrap();
        assert!(matches!(house.digests.approve_by_link(&approve).await, Err(LinkError::Over(Some(_)))));
        assert!(matches!(
            house.digests.open_draft(crate::domain::language::Language::Ja, &open).await,
            Err(LinkError::Over(Some(_)))
        ));
    })
    .await;
}

#[tokio::test]
async fn an_edited_draft_is_printed_as_the_editor_left_it() {
    on_each_engine(async |store| {
        let (house, draft, _) = at_work(&store, Approval::Veto).await;
        let items = house.store.issue_items(draft.id).await.unwrap();
        let id = |title: &str| items.iter().find(|item| item.title == title).unwrap().article_id;
        let (n1, n2, o1) = (id("n1"), id("n2"), id("o1"));
        let rewrite =
            |title: &str| Edit::Rewrite { article: n1, title: Some(title.to_owned()), summary: Some(String::new()) };
        for edit in [
            rewrite("<b>Better</b>"),
            Edit::Move { article: o1, section: Some("news".to_owned()), position: Some(0) },
            Edit::Introduce(Some("Good *morning*.".to_owned())),
            Edit::Subject(Some("A subject of mine".to_owned())),
            Edit::Skip { article: n2, reason: Some("an advert".to_owned()), later: false },
        ] {
            house.digests.edit(draft.id, &edit, "ed").await.unwrap();
        }
        let elsewhere = Edit::Move { article: o1, section: Some("sports".to_owned()), position: None };
        assert!(matches!(
            house.digests.edit(draft.id, &elsewhere, "ed").await,
            Err(DigestError::UnknownSection { .. })
        ));
        let sealed = house.digests.seal(draft.id).await.unwrap().issue;
        assert_eq!(house.titles(&sealed).await, ["o1", "<b>Better</b>"]);
        let letter = house.digests.preview(draft.id).await.unwrap().letters.remove(0);
        assert_eq!(letter.subject, "A subject of mine");
        assert!(letter.text.contains("morning") && letter.html.contains("&lt;b&gt;Better&lt;/b&gt;"));
        let refused = house.digests.edit(draft.id, &Edit::Hold, "ed").await;
        assert!(matches!(refused, Err(DigestError::WrongState { .. })));

        // It was struck for good, and so does not wait.
        house.pass(hours(24 * 7));
        let next = house.digests.compile(EDITION, &house.next_slot()).await.unwrap().issue;
        assert!(matches!(next.state, IssueState::Skipped(_)), "{next:?}");
    })
    .await;
}

#[tokio::test]
async fn what_is_put_off_waits_and_what_was_added_comes_from_there() {
    on_each_engine(async |store| {
        let (house, draft, _) = at_work(&store, Approval::Veto).await;
        let items = ids(&house, &draft).await;
        house.digests.edit(draft.id, &Edit::Skip { article: items[0], reason: None, later: true }, "ed").await.unwrap();
        let waiting = what_waits(&store, EDITION, "news", house.now()).await;
        let open = what_waits(&store, EDITION, "openings", house.now()).await;
        assert_eq!(waiting.len() + open.len(), 1);
        house.digests.add(draft.id, items[0], Some("openings".to_owned()), "ed").await.unwrap();
        assert_eq!(ids(&house, &draft).await.len(), 3);
        assert!(matches!(
            house.digests.add(draft.id, ArticleId(999), None, "ed").await,
            Err(DigestError::NoSuchArticle(_))
        ));
        house.digests.undo(draft.id, "ed").await.unwrap();
        house.digests.undo(draft.id, "ed").await.unwrap();
        assert_eq!(ids(&house, &draft).await, items);
        assert!(matches!(house.digests.undo(draft.id, "ed").await, Err(DigestError::NothingToUndo)));
    })
    .await;
}

#[tokio::test]
async fn any_edits_and_as_many_undos_leave_the_draft_as_it_was() {
    on_each_engine(async |store| {
        let (house, draft, _) = at_work(&store, Approval::Veto).await;
        let items = ids(&house, &draft).await;
        let (_, before) = store.draft(draft.id).await.unwrap();
        let edits = proptest::collection::vec(crate::domain::desk::tests::any_edit(), 1..12);
        let mut runner = TestRunner::deterministic();
        let (mut done, mut refused) = (0, 0);
        for _ in 0..12 {
            let mut made = 0;
            for edit in edits.new_tree(&mut runner).unwrap().current() {
                house.pass(SignedDuration::from_secs(1));
                match house.digests.edit(draft.id, &edit.about(&items), "ed").await {
                    Ok(edited) => made += usize::from(edited.changed),
                    Err(_) => refused += 1,
                }
            }
            for _ in 0..made {
                house.digests.undo(draft.id, "ed").await.unwrap();
            }
            let (issue, after) = store.draft(draft.id).await.unwrap();
            assert_eq!(after, before);
            assert!(issue.revision > draft.revision);
            let waiting = what_waits(&store, EDITION, "news", house.now()).await;
            assert!(waiting.is_empty(), "nothing was lost on the way");
            done += made;
        }
        assert!(done > 20 && refused > 0, "{done} edits, {refused} refused");
    })
    .await;
}

#[tokio::test]
async fn the_operator_is_told_once_how_an_issue_went_and_what_was_skipped() {
    on_each_engine(async |store| {
        let (house, draft, _) = at_work(&store, Approval::Veto).await;
        house.digests.seal(draft.id).await.unwrap();
        house.digests.release(draft.id).await.unwrap();
        assert_eq!(house.digests.tell_operator().await.unwrap(), 0, "it is still going out");
        store.settle_all(draft.id, DeliveryState::Rejected, "550 5.1.1 <a@example.jp>: no such user").await;
        house.pass(SignedDuration::from_secs(90));
        house.digests.finish().await.unwrap();
        let other = house.another_process();
        let (one, two) = tokio::join!(house.digests.tell_operator(), other.tell_operator());
        assert_eq!(one.unwrap() + two.unwrap(), 1);
        let report = mails(&store).await.pop().unwrap();
        assert_eq!(report.subject, "Japan Weekly No. 1: 0 of 2 delivered");
        assert!(report.text.contains("2 × 550 5.1.1 <address> no such user"), "{}", report.text);
        assert!(!report.html.contains("a@example.jp") && report.text.contains("1 min 30 s"));

        house.next_slot();
        house.digests.compile(EDITION, &house.next_slot()).await.unwrap();
        assert_eq!(house.digests.tell_operator().await.unwrap(), 1);
        assert_eq!(house.digests.tell_operator().await.unwrap(), 0);
        let notice = mails(&store).await.pop().unwrap();
        let text = notice.text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("Nothing new had come since No. 1."), "{text}");
    })
    .await;
}

#[tokio::test]
async fn a_report_adds_up_though_somebody_is_being_welcomed() {
    on_each_engine(async |store| {
        let (house, draft, _) = at_work(&store, Approval::Veto).await;
        house.digests.seal(draft.id).await.unwrap();
        house.digests.release(draft.id).await.unwrap();
        store.settle_all(draft.id, DeliveryState::Accepted, "250 2.0.0 queued").await;
        house.pass(SignedDuration::from_secs(90));
        house.digests.finish().await.unwrap();
        welcome::confirms(&house, "new").await;
        let issue = store.issue(draft.id).await.unwrap();
        assert_eq!(store.welcome(&issue, house.now()).await.unwrap(), 1);
        assert_eq!(house.digests.tell_operator().await.unwrap(), 1);
        let report = mails(&store).await.pop().unwrap();
        assert_eq!(report.subject, "Japan Weekly No. 1: 2 of 2 delivered");
    })
    .await;
}

#[tokio::test]
async fn a_readers_copy_is_in_their_language_with_their_link() {
    on_each_engine(async |store| {
        let (house, draft, _) = at_work(&store, Approval::Veto).await;
        let email = |text: &str| crate::domain::address::EmailAddress::parse(text).unwrap();
        let copy = house.digests.copy_for(draft.id, &email("ja-a@example.jp")).await.unwrap();
        assert_eq!(copy.letter.language, crate::domain::language::Language::Ja);
        assert!(copy.claim.is_none());
        house.digests.seal(draft.id).await.unwrap();
        let copy = house.digests.copy_for(draft.id, &email("ja-a@example.jp")).await.unwrap();
        assert!(copy.claim.is_some());
        let nobody = house.digests.copy_for(draft.id, &email("who@example.jp")).await;
        assert!(matches!(nobody, Err(DigestError::NoReader(_))));
        house.person("monthly", crate::domain::subscriber::SubscriberState::Confirmed, "monthly").await;
        let other = house.digests.copy_for(draft.id, &email("monthly@example.jp")).await;
        assert!(matches!(other, Err(DigestError::NoReader(_))));
    })
    .await;
}
