//! Readers who take a part of an edition.

use jiff::Timestamp;

use super::*;
use crate::digest::Listed;
use crate::digest::letters::Print;
use crate::domain::article::NewArticle;
use crate::domain::choice::Choice;
use crate::domain::consent::{ConsentEvent, ConsentKind, Visit};
use crate::domain::delivery::DeliveryState;
use crate::domain::edition::Edition;
use crate::domain::ids::SubscriberId;
use crate::domain::issue::Issue;
use crate::domain::language::Language;
use crate::domain::subscriber::SubscriberState;
use crate::render::Pictures;
use crate::store::Existing;
use crate::store::{DeliveryFilter, SealedIssue, Standing};

/// What the letters of an issue without pictures have in common.
fn print<'a>(edition: &'a Edition, issue: &'a Issue, now: Timestamp) -> Print<'a> {
    static NONE: Pictures = Pictures::new();
    Print { edition, issue, pictures: &NONE, now }
}

fn english(article: NewArticle) -> NewArticle {
    NewArticle { language: Some("en-GB".to_owned()), ..article }
}

/// Returns what each reader's letter of the issue brings, by name.
async fn letters(house: &House, issue: &Issue) -> Vec<(String, String)> {
    let titles = house.titles(issue).await;
    let lines =
        house.store.deliveries(&DeliveryFilter { issue: Some(issue.id), ..Default::default() }, 100).await.unwrap();
    let mut got = Vec::new();
    for line in lines {
        let name = line.address.unwrap();
        let name = name.split('@').next().unwrap().to_owned();
        let letter = house.store.letter_of(line.id).await;
        let shown: Vec<_> =
            titles.iter().filter(|title| letter.text.contains(&format!("* {title}"))).cloned().collect();
        got.push((name, shown.join(" ")));
    }
    got.sort_unstable();
    got
}

async fn draft(house: &House) -> Issue {
    house.store_articles(&[news("jan", 3), english(news("enn", 2)), english(opening("eno", 1, None))]).await;
    house.compile(&house.next_slot()).await.issue
}

#[tokio::test]
async fn one_mail_a_person_with_just_their_sections_and_languages() {
    on_each_engine(async |store| {
        let house = House::with(&store, EDITION, 9);
        for name in ["all", "ja-all", "news", "ja-news", "english", "nothing"] {
            house.reader(name).await;
        }
        house.chooses("news", EDITION, "s=news").await;
        house.chooses("ja-news", EDITION, "s=news;l=ja").await;
        house.chooses("english", EDITION, "l=en").await;
        house.chooses("nothing", EDITION, "s=openings;l=ja").await;
        let issue = draft(&house).await;
        let plan = house.digests.plan_issue(&issue).await.unwrap();
        assert_eq!(plan.recipient_count(), 5);
        let not: Vec<_> = plan.not_reached.iter().map(|n| (n.reason.as_str(), n.count)).collect();
        assert_eq!(not, [("nothing left for their choice", 1)]);

        let sealed = house.digests.seal(issue.id).await.unwrap();
        assert_eq!(sealed.recipients(), 5);
        let all = "jan enn eno".to_owned();
        let expected =
            [("all", &*all), ("english", "enn eno"), ("ja-all", &*all), ("ja-news", "jan"), ("news", "jan enn")];
        let mut got = letters(&house, &issue).await;
        for (_, shown) in &mut got {
            let mut words: Vec<&str> = shown.split(' ').collect();
            words.sort_by_key(|word| all.find(word));
            *shown = words.join(" ");
        }
        assert_eq!(got, expected.map(|(name, shown)| (name.to_owned(), shown.to_owned())));
        assert!(store.issue_tally(issue.id).await.unwrap().adds_up());
        assert_eq!(store.unserved_by(issue.id).await.unwrap(), ["s=openings;l=ja"]);
        let whole = house.digests.preview(issue.id).await.unwrap().letters;
        assert_eq!(whole.len(), 2, "looking at the issue shows all of it, whoever takes it");

        let plan = house.digests.plan_issue(&store.issue(issue.id).await.unwrap()).await.unwrap();
        assert_eq!(plan.recipient_count(), 5);
        let (listed, next) = house.digests.listed(&plan, SubscriberId(0), 100).await.unwrap();
        assert_eq!(next, None);
        let not: Vec<&Listed> = listed.iter().filter(|one| !one.gets).collect();
        assert_eq!((listed.len(), not.len(), not[0].address.as_str()), (6, 1, "nothing@example.jp"));
        assert_eq!(not[0].reason.as_deref(), Some("nothing left for their choice"));
        assert_eq!(not[0].choice.as_deref(), Some("openings; ja"));
        let (page, next) = house.digests.listed(&plan, SubscriberId(0), 4).await.unwrap();
        let (rest, end) = house.digests.listed(&plan, next.unwrap(), 4).await.unwrap();
        assert_eq!((page.len(), rest.len(), end), (4, 2, None));

        let english = Choice::from_key("l=en").unwrap();
        let letter = house.digests.preview_for(issue.id, Language::En, &english).await.unwrap().unwrap();
        assert_eq!(letter.variant, "l=en");
        let nothing = Choice::from_key("s=openings;l=ja").unwrap();
        assert!(house.digests.preview_for(issue.id, Language::En, &nothing).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn whoever_chooses_while_the_letters_are_written_gets_all_of_the_issue() {
    on_each_engine(async |store| {
        let house = House::with(&store, EDITION, 9);
        house.reader("late").await;
        house.reader("none").await;
        let issue = draft(&house).await;
        // The letters are written for what readers took; then they choose, and only then it is sealed.
        let edition = house.digests.edition(EDITION).unwrap();
        let (items, _) = house.digests.open_items(edition, &issue, house.now()).await.unwrap();
        let letters_made = house.digests.all_letters(print(edition, &issue, house.now()), &items).await.unwrap();
        house.chooses("late", EDITION, "s=news").await;
        let sealed = SealedIssue {
            id: issue.id,
            revision: issue.revision,
            items,
            letters: letters_made.letters,
            unserved: letters_made.unserved.into_iter().collect(),
            without_readers: false,
        };
        assert_eq!(store.seal_issue(&sealed, house.now()).await.unwrap(), 2);
        let got = letters(&house, &issue).await;
        assert_eq!(got.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["late", "none"]);
        assert!(got.iter().all(|(_, shown)| shown.split(' ').count() == 3), "{got:?}");
    })
    .await;
}

#[tokio::test]
async fn many_choices_are_no_burden_and_what_reads_the_same_is_written_once() {
    on_each_engine(async |store| {
        let house = House::with(&store, EDITION, 9);
        for n in 0..140 {
            house.reader(&format!("r{n}")).await;
            house.chooses(&format!("r{n}"), EDITION, &format!("s=news,section-{n}")).await;
        }
        let issue = draft(&house).await;
        let edition = house.digests.edition(EDITION).unwrap();
        let (items, _) = house.digests.open_items(edition, &issue, house.now()).await.unwrap();
        let made = house.digests.all_letters(print(edition, &issue, house.now()), &items).await.unwrap();
        assert_eq!((made.letters.len(), made.unserved.len()), (2 + 128, 0));
        let mut keys: Vec<_> = made.letters.iter().map(|letter| &letter.splice_key).collect();
        keys.dedup();
        assert_eq!(keys.len(), 3);
        assert_eq!(house.digests.seal(issue.id).await.unwrap().recipients(), 140);
    })
    .await;
}

#[tokio::test]
async fn an_edition_that_is_left_sends_nothing_more() {
    on_each_engine(async |store| {
        let house = House::with(&store, EDITION, 9);
        house.reader("a").await;
        let issue = draft(&house).await;
        house.digests.seal(issue.id).await.unwrap();
        let subscriber = store.subscriber_by_key("a@example.jp").await.unwrap().unwrap();
        let taken = crate::store::Taken {
            language: Language::Ja,
            offered: vec![EDITION.to_owned(), "monthly".to_owned()],
            editions: vec![("monthly".to_owned(), Choice::everything())],
        };
        let event = ConsentEvent::new(ConsentKind::Preferences, house.now(), &Visit::default());
        let mut existing = Existing { id: subscriber.id, state: subscriber.state };
        store.choose(existing, &taken, &event).await.unwrap();
        assert_eq!(store.delivery_counts(issue.id).await.unwrap().withdrawn, 1);
        assert_eq!(store.subscriptions_of(subscriber.id).await.unwrap(), [("monthly".to_owned(), String::new())]);
        let subscriber = store.subscriber(subscriber.id).await.unwrap().unwrap();
        assert_eq!(subscriber.language, Language::Ja);
        let standing = Standing {
            state: SubscriberState::Confirmed,
            language: Language::Ja,
            choice: None,
            delivery: Some(DeliveryState::Withdrawn),
        };
        assert_eq!(store.standings(EDITION, Some(issue.id)).await.unwrap(), [(standing, 1)]);
        existing.state = SubscriberState::Pending;
        assert!(matches!(store.choose(existing, &taken, &event).await, Err(crate::store::StoreError::Stale)));
    })
    .await;
}
