//! What readers chose, out to a file and in again.

use crate::domain::choice::Choice;
use crate::domain::language::Language;
use crate::domain::subscriber::SubscriberState::{Confirmed, Unsubscribed};
use crate::store::Taken;
use crate::store::tests::harness::on_each_engine;
use crate::subscribers::harness::{House, two_editions, visit};
use crate::subscribers::{Basis, Import, ImportReport};

fn confirmed() -> Import {
    let basis = Basis::Confirmed { consent: "moved house".to_owned() };
    Import { basis, language: Language::En, dry_run: false }
}

fn two_on(store: crate::store::Store) -> House {
    let mut house = House::on(store);
    house.publish(two_editions());
    house
}

async fn import(house: &House, file: &str, import: &Import) -> ImportReport {
    house.subscribers.import(file.as_bytes(), import, |_, _| {}).await.unwrap()
}

/// Returns an export without the moments, which are those of the import in another house.
async fn exported(house: &House) -> Vec<Vec<String>> {
    let mut file = Vec::new();
    house.subscribers.export(&mut file, Some("confirmed")).await.unwrap();
    let mut reader = csv::Reader::from_reader(file.as_slice());
    let moments = ["created", "confirmed"];
    let kept: Vec<bool> = reader.headers().unwrap().iter().map(|name| !moments.contains(&name)).collect();
    let without = |row: csv::StringRecord| {
        row.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(cell, _)| cell.to_owned()).collect()
    };
    reader.records().map(|row| without(row.unwrap())).collect()
}

#[tokio::test]
async fn an_export_is_read_back_as_it_was() {
    on_each_engine(async |store| {
        let house = two_on(store);
        for (name, language, editions) in [
            ("all", Language::En, vec![("weekly", ""), ("monthly", "")]),
            ("one", Language::Ja, vec![("monthly", "")]),
            ("part", Language::Ja, vec![("weekly", "s=news;l=fr,ja"), ("monthly", "l=en")]),
            ("none", Language::En, vec![]),
        ] {
            let address = format!("{name}@example.jp");
            house.bring(&address, Confirmed).await;
            let taken = Taken {
                language,
                offered: vec!["weekly".to_owned(), "monthly".to_owned()],
                editions: editions
                    .into_iter()
                    .map(|(edition, key)| (edition.to_owned(), Choice::from_key(key).unwrap()))
                    .collect(),
            };
            let token = house.unsubscribe_token(&address).await;
            house.subscribers.choose(&token, &taken, &visit()).await.unwrap();
        }
        house.bring("left@example.jp", Unsubscribed).await;
        let mut file = Vec::new();
        house.subscribers.export(&mut file, None).await.unwrap();
        let file = String::from_utf8(file).unwrap();

        let mut other = House::new().await;
        other.publish(two_editions());
        let report = import(&other, &file, &confirmed()).await;
        assert_eq!((report.read, report.added, report.without_edition), (5, 4, 1));
        assert_eq!(report.refused.len(), 1, "who left stays away");
        assert_eq!(exported(&other).await, exported(&house).await);
        assert_eq!(
            other.last_detail("part@example.jp").await,
            "moved house; weekly “Japan Weekly” (news; fr, ja), monthly “Japan Monthly” (all sections; en); mails in ja"
        );
        let again = import(&other, &file, &confirmed()).await;
        assert_eq!((again.added, again.already), (0, 4));
    })
    .await;
}

#[tokio::test]
async fn a_word_that_names_nothing_refuses_its_line_and_no_other() {
    let mut house = House::new().await;
    house.publish(two_editions());
    let file = "email,Editions,choices,language\n\
        a@example.jp,daily,,\n\
        b@example.jp,weekly,weekly:s=sport,\n\
        c@example.jp,weekly,monthly:l=ja,\n\
        d@example.jp,weekly,weekly:l=日本語,\n\
        e@example.jp,weekly,news,\n\
        f@example.jp,weekly,weekly:s=,\n\
        g@example.jp,weekly,,tlh\n\
        h@example.jp,\"monthly, weekly\",monthly:s=news,ja\n\
        i@example.jp\n";
    let report = import(&house, file, &confirmed()).await;
    let told: Vec<_> =
        report.refused.iter().map(|r| (r.line, r.column.as_deref().unwrap_or_default(), r.reason.as_str())).collect();
    assert_eq!(
        told,
        [
            (2, "Editions", "there is no edition \"daily\"; there are: weekly, monthly"),
            (3, "choices", "weekly has no section \"sport\"; it has: openings, news"),
            (4, "choices", "monthly is not among the editions of this line"),
            (5, "choices", "\"日本語\" is no language; write tags such as ja or en"),
            (6, "choices", "\"news\" is no choice; write one as in weekly:s=news;l=ja, with a space between two"),
            (7, "choices", "\"weekly:s=\" leaves nothing of weekly"),
            (8, "language", "unknown language \"tlh\" (en or ja)"),
        ]
    );
    assert_eq!(report.added, 2);
    let taken = |edition: &str, key: &str| (edition.to_owned(), key.to_owned());
    assert_eq!(house.taken("h@example.jp").await, [taken("monthly", "s=news"), taken("weekly", "")]);
    assert_eq!(house.taken("i@example.jp").await, [taken("weekly", "")], "a line that does not say takes the first");
}

#[tokio::test]
async fn who_is_invited_is_asked_about_what_their_line_says() {
    let mut house = House::new().await;
    house.publish(two_editions());
    let invite = Import { basis: Basis::Invite, ..confirmed() };
    let file = "email,editions\nhana@example.jp,monthly\ntaro@example.jp,\n";
    let report = import(&house, file, &invite).await;
    assert_eq!((report.invited, report.refused.len(), report.refused[0].line), (1, 1, 3));
    assert_eq!(house.last_detail("hana@example.jp").await, "monthly “Japan Monthly” (everything); mails in en");
    let only = import(&house, "email,choices\nyuki@example.jp,monthly:l=ja\n", &confirmed()).await;
    assert_eq!(only.added, 1);
    assert_eq!(house.taken("yuki@example.jp").await, [("monthly".to_owned(), "l=ja".to_owned())]);
}
