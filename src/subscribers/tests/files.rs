//! Files in and out.

use crate::domain::consent::ConsentKind;
use crate::domain::language::Language;
use crate::domain::subscriber::SubscriberState::{Confirmed, Pending, Suppressed, Unsubscribed};
use crate::domain::subscriber::SuppressReason;
use crate::subscribers::harness::{House, days, email};
use crate::subscribers::{Basis, Import, ImportError, ImportReport};

fn confirmed() -> Import {
    let consent = "paper form at the spring fair, 2026-04-03".to_owned();
    Import { basis: Basis::Confirmed { consent }, language: Language::En, dry_run: false }
}

fn invite() -> Import {
    Import { basis: Basis::Invite, ..confirmed() }
}

async fn import(house: &House, file: &str, import: &Import) -> ImportReport {
    house.subscribers.import(file.as_bytes(), import, |_, _| {}).await.unwrap()
}

fn lines(report: &ImportReport) -> Vec<u64> {
    report.refused.iter().map(|refusal| refusal.line).collect()
}

#[tokio::test]
async fn an_import_counts_everything_and_can_be_repeated() {
    let house = House::new().await;
    let file = "\u{feff}email,language\r\nhana@example.jp,ja\r\nbad line\r\ntaro@example.jp,\r\nhana@EXAMPLE.jp,en\r\n";
    let report = import(&house, file, &confirmed()).await;
    assert_eq!((report.read, report.added, report.already, report.invited), (4, 2, 0, 0));
    assert_eq!(lines(&report), [3, 5]);
    let hana = house.find("hana@example.jp").await.unwrap();
    assert_eq!((hana.state, hana.language), (Confirmed, Language::Ja));
    assert!(hana.confirmed.is_some());
    assert_eq!(hana.editions, ["weekly"]);
    let events = house.store.consent_events(hana.id).await.unwrap();
    assert_eq!(events[0].kind, ConsentKind::Imported);
    let detail = "paper form at the spring fair, 2026-04-03; weekly “Japan Weekly” (everything); mails in ja";
    assert_eq!(events[0].detail.as_deref(), Some(detail));

    let again = import(&house, file, &confirmed()).await;
    assert_eq!((again.added, again.already, lines(&again)), (0, 2, vec![3, 5]));
    assert_eq!(house.events("hana@example.jp").await.len(), 1);
}

#[tokio::test]
async fn an_import_turns_nobody_back_on() {
    let house = House::new().await;
    house.bring("left@example.jp", Unsubscribed).await;
    house.bring("bounced@example.jp", Suppressed(SuppressReason::Bounced)).await;
    house.bring("erased@example.jp", Confirmed).await;
    house.subscribers.erase(&email("erased@example.jp")).await.unwrap();
    house.bring("waits@example.jp", Pending).await;
    house.pass(days(2));
    let file = "left@example.jp\nbounced@example.jp\nerased@example.jp\nwaits@example.jp\nnew@example.jp\n";
    for (how, added, invited) in [(invite(), 0, 2), (confirmed(), 2, 0)] {
        let report = import(&house, file, &how).await;
        assert_eq!((report.added, report.invited, lines(&report)), (added, invited, vec![1, 2, 3]));
        assert_eq!(house.state("left@example.jp").await, Some(Unsubscribed));
        assert_eq!(house.state("bounced@example.jp").await, Some(Suppressed(SuppressReason::Bounced)));
        assert_eq!(house.state("erased@example.jp").await, None);
    }
    assert_eq!(house.state("waits@example.jp").await, Some(Confirmed), "the operator has the consent");
    let reasons: Vec<_> = import(&house, file, &confirmed()).await.refused.into_iter().map(|r| r.reason).collect();
    assert!(reasons[0].contains("unsubscribed") && reasons[1].contains("bounced") && reasons[2].contains("erased"));
}

#[tokio::test]
async fn invited_addresses_are_asked_under_the_same_throttle() {
    let house = House::new().await;
    let report = import(&house, "hana@example.jp,ja\n", &invite()).await;
    assert_eq!((report.invited, house.confirmations().await.len()), (1, 1));
    assert_eq!(house.events("hana@example.jp").await, [ConsentKind::Invited]);
    let again = import(&house, "hana@example.jp\n", &invite()).await;
    assert_eq!((again.invited, lines(&again), house.confirmations().await.len()), (0, vec![1], 1));
}

#[tokio::test]
async fn a_dry_run_says_the_same_and_writes_nothing() {
    let house = House::new().await;
    house.bring("left@example.jp", Unsubscribed).await;
    let file = "new@example.jp\nleft@example.jp\nnonsense\n";
    let dry = import(&house, file, &Import { dry_run: true, ..confirmed() }).await;
    assert!(house.find("new@example.jp").await.is_none());
    let wet = import(&house, file, &confirmed()).await;
    assert_eq!(ImportReport { dry_run: false, ..dry }, wet);
}

#[tokio::test]
async fn a_large_file_goes_in_by_batches_and_tells_how_far_it_is() {
    let house = House::new().await;
    let file: String = (0..1203).map(|index| format!("r{index}@example.jp\n")).collect();
    let mut heard = Vec::new();
    let report =
        house.subscribers.import(file.as_bytes(), &confirmed(), |done, of| heard.push((done, of))).await.unwrap();
    assert_eq!(report.added, 1203);
    assert_eq!(heard, [(500, 1203), (1000, 1203), (1203, 1203)]);
}

#[tokio::test]
async fn files_that_cannot_be_imported_are_refused_whole() {
    let house = House::new().await;
    let try_it = async |file: &[u8], how: &Import| house.subscribers.import(file, how, |_, _| {}).await.unwrap_err();
    let silent = Import { basis: Basis::Confirmed { consent: "  ".to_owned() }, ..confirmed() };
    assert!(matches!(try_it(b"a@example.jp", &silent).await, ImportError::NoConsent));
    assert!(matches!(try_it(b"", &invite()).await, ImportError::Empty));
    assert!(matches!(try_it(b"email,language\r\n", &invite()).await, ImportError::Empty));
    assert!(matches!(try_it(b"PK\x03\x04\0\0\xff\xff", &invite()).await, ImportError::NotText));
}

#[tokio::test]
async fn shift_jis_is_recognised() {
    let house = House::new().await;
    let (file, _, _) = encoding_rs::SHIFT_JIS.encode("氏名,メールアドレス,言語\n山田花子,hana@example.jp,ja\n");
    let report = house.subscribers.import(&file, &confirmed(), |_, _| {}).await.unwrap();
    assert_eq!((report.encoding, report.added), ("Shift_JIS", 1));
}

#[tokio::test]
async fn what_was_exported_comes_back_the_same_and_never_wider() {
    let house = House::new().await;
    for address in ["=cmd@example.jp", "+81@example.jp", "-a--b-@docomo.ne.jp", "'=x@example.jp", "\"a,b\"@example.jp"]
    {
        house.bring(address, Confirmed).await;
    }
    house.bring("a..b@docomo.ne.jp", Confirmed).await;
    house.bring("left@example.jp", Unsubscribed).await;
    house.bring("waits@example.jp", Pending).await;
    let mut file = Vec::new();
    assert_eq!(house.subscribers.export(&mut file, None).await.unwrap(), 8);
    let text = String::from_utf8(file).unwrap();
    assert!(text.contains("\n'=cmd@example.jp,") && text.contains("\n''=x@example.jp,"));

    let other = House::new().await;
    let report = import(&other, &text, &confirmed()).await;
    assert_eq!((report.read, report.added, lines(&report)), (8, 6, vec![8, 9]));
    let mut second = Vec::new();
    other.subscribers.export(&mut second, None).await.unwrap();
    let addresses = |text: &str| -> Vec<String> {
        csv::Reader::from_reader(text.as_bytes()).records().map(|row| row.unwrap()[0].to_owned()).collect()
    };
    assert_eq!(addresses(&text)[..6], addresses(&String::from_utf8(second).unwrap()));
    let mut only = Vec::new();
    assert_eq!(house.subscribers.export(&mut only, Some("unsubscribed")).await.unwrap(), 1);
}

#[tokio::test]
async fn a_strangers_sign_up_does_not_open_the_door_to_an_import() {
    let house = House::new().await;
    house.bring("gone@example.jp", Unsubscribed).await;
    house.pass(days(2));
    house.sign_up("gone@example.jp").await;
    assert_eq!(house.state("gone@example.jp").await, Some(Pending));
    let report = import(&house, "gone@example.jp\n", &confirmed()).await;
    assert_eq!((report.added, lines(&report)), (0, vec![1]));
    assert_eq!(house.state("gone@example.jp").await, Some(Pending));
}

#[tokio::test]
async fn lines_that_end_as_on_an_old_macintosh_are_lines() {
    let house = House::new().await;
    let report = import(&house, "email\ra@example.jp\rb@example.jp\r", &confirmed()).await;
    assert_eq!((report.added, report.refused.len()), (2, 0));
}
