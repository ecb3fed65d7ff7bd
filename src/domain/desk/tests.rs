//! Edits one by one, and any number of them undone.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::domain::ids::ArticleId;

fn item(article: i64, section: &str, position: i64) -> DraftItem {
    DraftItem {
        article,
        section: section.to_owned(),
        position,
        pinned: false,
        lead: false,
        title: None,
        summary: None,
        also_at: None,
    }
}

fn draft() -> Draft {
    let items = vec![item(1, "news", 0), item(2, "news", 1), item(3, "news", 2), item(9, "openings", 0)];
    Draft { items, ..Draft::default() }
}

fn now() -> Timestamp {
    Timestamp::from_second(1_790_000_000).unwrap()
}

fn after(edits: &[Edit]) -> Draft {
    edits.iter().fold(draft(), |draft, edit| edit.apply(&draft, now()).unwrap())
}

fn order(draft: &Draft) -> Vec<(&str, i64, i64)> {
    draft.items.iter().map(|item| (item.section.as_str(), item.position, item.article)).collect()
}

#[test]
fn a_pinned_item_stands_on_top_and_the_next_one_under_it() {
    let draft = after(&[Edit::Pin(ArticleId(3)), Edit::Pin(ArticleId(2))]);
    assert_eq!(order(&draft), [("news", 0, 3), ("news", 1, 2), ("news", 2, 1), ("openings", 0, 9)]);
    let unpinned = Edit::Unpin(ArticleId(3)).apply(&draft, now()).unwrap();
    assert_eq!(order(&unpinned), order(&draft));
}

#[test]
fn an_item_moves_within_its_section_and_to_another() {
    let to = |article, section: Option<&str>, position| Edit::Move {
        article: ArticleId(article),
        section: section.map(str::to_owned),
        position,
    };
    assert_eq!(
        order(&after(&[to(1, None, Some(2))])),
        [("news", 0, 2), ("news", 1, 3), ("news", 2, 1), ("openings", 0, 9)]
    );
    assert_eq!(
        order(&after(&[to(2, Some("openings"), Some(0))])),
        [("news", 0, 1), ("news", 1, 3), ("openings", 0, 2), ("openings", 1, 9)]
    );
    assert_eq!(
        order(&after(&[to(2, Some("openings"), None)])),
        [("news", 0, 1), ("news", 1, 3), ("openings", 0, 9), ("openings", 1, 2)]
    );
    assert_eq!(order(&after(&[to(2, None, None)])), order(&draft()));
}

#[test]
fn a_move_is_told_with_the_place_it_came_to() {
    let told = |article, section: Option<&str>, position| {
        let edit = Edit::Move { article: ArticleId(article), section: section.map(str::to_owned), position };
        let after = edit.apply(&draft(), now()).unwrap();
        let turned_out = edit.as_it_turned_out(&after);
        (turned_out.in_words(), turned_out.told())
    };
    let cases = [
        ((1, None, Some(98)), "move 1 at place 3", "article 1 stands at place 3 of its section."),
        ((2, Some("openings"), Some(98)), "move 2 to openings at place 2", "article 2 stands at place 2 of openings."),
        ((2, Some("openings"), None), "move 2 to openings", "article 2 stands at the end of openings."),
        ((1, Some("news"), None), "move 1 to news at place 1", "article 1 stands at place 1 of news."),
    ];
    for ((article, section, position), done, is) in cases {
        assert_eq!(told(article, section, position), (done.to_owned(), is.to_owned()));
    }
    let pinned = after(&[Edit::Pin(ArticleId(3))]);
    let above = Edit::Move { article: ArticleId(2), section: None, position: Some(0) };
    let above = above.clone().as_it_turned_out(&above.apply(&pinned, now()).unwrap());
    assert_eq!(above.told(), "article 2 stands at place 2 of its section.");
}

#[test]
fn what_is_struck_is_set_aside_unless_it_waits_and_the_last_one_stays() {
    let skip = |article, later| Edit::Skip { article: ArticleId(article), reason: Some("an advert".to_owned()), later };
    let struck = after(&[skip(1, false), skip(2, true)]);
    assert_eq!(struck.set_aside.iter().collect::<Vec<_>>(), [(&1, &"an advert".to_owned())]);
    assert_eq!(order(&struck), [("news", 0, 3), ("openings", 0, 9)]);
    let alone = after(&[skip(1, true), skip(2, true), skip(3, true)]);
    assert_eq!(skip(9, true).apply(&alone, now()), Err(EditError::Last(ArticleId(9))));
    assert_eq!(skip(7, true).apply(&alone, now()), Err(EditError::NotThere(ArticleId(7))));
}

#[test]
fn an_approval_is_for_what_was_approved() {
    let approved = after(&[Edit::Approve]);
    assert!(approved.approved_ms.is_some());
    let edited = Edit::Pin(ArticleId(3)).apply(&approved, now()).unwrap();
    assert_eq!(edited.approved_ms, None);
    let same = Edit::Unpin(ArticleId(3)).apply(&approved, now()).unwrap();
    assert_eq!(same, approved, "nothing was changed");
    let held = Edit::Hold.apply(&approved, now()).unwrap();
    assert_eq!((held.approved_ms, held.held_ms.is_some()), (None, true));
    assert_eq!(Edit::Approve.apply(&held, now()).unwrap().held_ms, None);
}

#[test]
fn texts_have_bounds() {
    let rewrite = |title: &str| Edit::Rewrite { article: ArticleId(1), title: Some(title.to_owned()), summary: None };
    assert_eq!(rewrite(" ").apply(&draft(), now()), Err(EditError::Empty("title")));
    assert_eq!(rewrite("a\nb").apply(&draft(), now()), Err(EditError::Control("title")));
    assert!(matches!(rewrite(&"題".repeat(301)).apply(&draft(), now()), Err(EditError::TooLong { .. })));
    assert_eq!(Edit::Subject(Some(" \n ".to_owned())).apply(&draft(), now()).unwrap().subject, None);
}

#[test]
fn an_edit_is_told_as_it_is_and_an_empty_text_takes_away() {
    let told = |edit: Edit| (edit.in_words(), edit.told());
    let text = |text: &str| Some(text.to_owned());
    let (done, is) = told(Edit::Introduce(text("  ")));
    assert_eq!((&*done, &*is), ("remove the introduction", "it has no introduction."));
    let (done, is) = told(Edit::Subject(text(" Snow ")));
    assert_eq!((&*done, &*is), ("set the subject: Snow", "its subject is \"Snow\", for readers of every language."));
    let (done, is) = told(Edit::Add { article: ArticleId(7), section: "news".to_owned() });
    assert_eq!((&*done, &*is), ("add 7 to news", "article 7 stands at the end of news."));
    let moved = |section, position| Edit::Move { article: ArticleId(7), section, position };
    assert_eq!(moved(text("news"), None).told(), "article 7 stands at the end of news.");
    assert_eq!(moved(None, Some(0)).told(), "article 7 stands at place 1 of its section.");
}

#[test]
fn the_record_says_what_was_moved() {
    let seven = ArticleId(7);
    let to_news = Edit::Move { article: seven, section: Some("news".to_owned()), position: Some(2) };
    for edit in [Edit::Pin(seven), Edit::Unpin(seven), to_news] {
        assert_eq!(moved(&edit.in_words()), Some(seven));
    }
    let put_off = Edit::Skip { article: seven, reason: None, later: true };
    let rewritten = Edit::Rewrite { article: seven, title: Some("x".to_owned()), summary: None };
    for edit in [put_off, rewritten, Edit::Lead(Some(seven)), Edit::Hold, Edit::Subject(Some("move 7".to_owned()))] {
        assert_eq!(moved(&edit.in_words()), None);
    }
}

#[test]
fn what_must_wait_waits() {
    let desk =
        |held: bool, approved: bool| Desk { held: held.then(now), approved: approved.then(now), ..Desk::default() };
    let review = |approval| Review { approval, ..Review::default() };
    for approval in Approval::ALL {
        assert_eq!(review(approval).waits(&desk(true, false)), Some(Waits::Held));
        assert_eq!(review(approval).waits(&desk(false, true)), None);
    }
    assert_eq!(review(Approval::Veto).waits(&desk(false, false)), None);
    assert_eq!(review(Approval::Required).waits(&desk(false, false)), Some(Waits::NotApproved));
}

impl Edit {
    /// Returns the edit about one of these articles instead of the one it names.
    pub(crate) fn about(mut self, articles: &[ArticleId]) -> Self {
        let real = |id: &mut ArticleId| *id = articles.get(usize::try_from(id.0 - 1).unwrap()).copied().unwrap_or(*id);
        match &mut self {
            Self::Pin(article) | Self::Unpin(article) | Self::Lead(Some(article)) => real(article),
            Self::Skip { article, .. }
            | Self::Move { article, .. }
            | Self::Rewrite { article, .. }
            | Self::Add { article, .. } => real(article),
            Self::Lead(None) | Self::Introduce(_) | Self::Subject(_) | Self::Hold | Self::Approve => {}
        }
        self
    }
}

/// Any edit of a few articles, whether it makes sense or not.
pub(crate) fn any_edit() -> impl Strategy<Value = Edit> {
    let article = || prop_oneof![Just(1), Just(2), Just(3), Just(4), Just(9)].prop_map(ArticleId);
    let section = || prop_oneof![Just("news".to_owned()), Just("openings".to_owned())];
    prop_oneof![
        article().prop_map(Edit::Pin),
        article().prop_map(Edit::Unpin),
        (article(), any::<bool>()).prop_map(|(article, later)| Edit::Skip { article, reason: None, later }),
        (article(), proptest::option::of(section()), proptest::option::of(0_usize..5))
            .prop_map(|(article, section, position)| Edit::Move { article, section, position }),
        proptest::option::of(article()).prop_map(Edit::Lead),
        (article(), proptest::option::of("[a-z]{1,8}"), proptest::option::of("[a-z]{0,8}"))
            .prop_map(|(article, title, summary)| Edit::Rewrite { article, title, summary }),
        proptest::option::of("[a-z ]{0,8}").prop_map(Edit::Introduce),
        proptest::option::of("[a-z ]{0,8}").prop_map(Edit::Subject),
        (article(), section()).prop_map(|(article, section)| Edit::Add { article, section }),
        Just(Edit::Hold),
        Just(Edit::Approve),
    ]
}

proptest! {
    #[test]
    fn no_edit_loses_or_doubles_an_item_and_places_have_no_gaps(edits in proptest::collection::vec(any_edit(), 0..30)) {
        let mut draft = draft();
        for edit in edits {
            let Ok(new) = edit.apply(&draft, now()) else { continue };
            let mut articles: Vec<_> = new.items.iter().map(|item| item.article).collect();
            articles.sort_unstable();
            let there = articles.len();
            articles.dedup();
            prop_assert_eq!(articles.len(), there);
            prop_assert!(there > 0);
            let change = there.cast_signed() - draft.items.len().cast_signed();
            let allowed = match edit { Edit::Skip { .. } => -1, Edit::Add { .. } => 1, _ => 0 };
            prop_assert_eq!(change, allowed);
            for section in ["news", "openings"] {
                let places = new.items.iter().filter(|item| item.section == section).map(|item| item.position);
                prop_assert!(places.eq(0..i64::try_from(new.items.iter().filter(|i| i.section == section).count()).unwrap()));
            }
            prop_assert!(new.items.iter().filter(|item| item.lead).count() <= 1);
            draft = new;
        }
    }
}
