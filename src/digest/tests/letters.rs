//! What readers get.

use super::*;
use crate::digest::DigestError;
use crate::domain::language::Language;

#[tokio::test]
async fn a_letter_is_written_in_its_readers_language_with_a_mark_for_their_link() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.reader("en").await;
        house.store_articles(&[news("地震", 1), news("Quiet", 3), opening("Cook wanted", 2, None)]).await;
        let draft = house.compile(&house.next_slot()).await.issue;
        let preview = house.digests.preview(draft.id).await.unwrap();
        let [english, japanese] = &preview.letters[..] else { panic!("one for each language") };
        assert_eq!((english.language, japanese.language), (Language::En, Language::Ja));
        assert!(english.text.contains("Friday 27 November 2026"), "{}", english.text);
        assert!(japanese.text.contains("2026年11月27日（金）"), "{}", japanese.text);
        let at = |needle: &str| english.text.find(needle).unwrap_or_else(|| panic!("{needle} is missing"));
        let order = ["* Quiet", "Openings", "Cook wanted", "News", "地震"].map(at);
        assert!(order.is_sorted(), "the lead, and section by section: {}", english.text);
        for letter in &preview.letters {
            let unsubscribe = format!("https://news.example.jp/unsubscribe/{}", letter.splice_key);
            assert_eq!((letter.splice_key.len(), letter.date), (35, house.now()));
            assert!(letter.text.contains(&unsubscribe) && letter.html.contains(&unsubscribe));
            assert!(letter.html.contains("https://news.example.jp/issues/1"));
            assert_eq!(letter.head.from_email, "news@example.jp");
            let list = letter.head.list.clone().unwrap();
            assert_eq!((list.id.as_str(), list.title.as_str()), ("weekly.news.example.jp", "Japan Weekly"));
            assert_eq!(list.unsubscribe_url, unsubscribe);
            assert_eq!(list.unsubscribe_mailto.as_deref(), Some("leave@example.jp"));
            assert_eq!(list.archive_url, "https://news.example.jp/issues");
        }
        assert_ne!(english.splice_key, japanese.splice_key);
    })
    .await;
}

#[tokio::test]
async fn looking_writes_nothing_and_shows_what_was_sealed() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        house.reader("a").await;
        house.store_articles(&[news("n1", 1)]).await;
        let draft = house.compile(&house.next_slot()).await.issue;
        house.digests.preview(draft.id).await.unwrap();
        assert_eq!(store.issue(draft.id).await.unwrap(), draft);
        assert!(store.issue_letter(draft.id, Language::En, "").await.unwrap().is_none());
        house.digests.seal(draft.id).await.unwrap();
        let (_, english) = store.issue_letter(draft.id, Language::En, "").await.unwrap().unwrap();
        let (_, japanese) = store.issue_letter(draft.id, Language::Ja, "").await.unwrap().unwrap();
        house.pass(hours(1));
        assert_eq!(house.digests.preview(draft.id).await.unwrap().letters, [english, japanese]);
    })
    .await;
}

#[tokio::test]
async fn an_issue_without_letters_cannot_be_looked_at() {
    on_each_engine(async |store| {
        let house = House::new(&store);
        let skipped = house.compile(&house.next_slot()).await.issue;
        let error = house.digests.preview(skipped.id).await.unwrap_err();
        assert!(matches!(error, DigestError::Empty { .. }));
        assert_eq!(error.to_string(), "the weekly issue of 2026-11-27T08:00 has nothing in it");
    })
    .await;
}
