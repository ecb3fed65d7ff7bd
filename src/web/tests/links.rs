//! The pages behind the links in mails.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;

use super::harness::{FORM, JSON, MULTIPART, Town, asking};
use crate::domain::consent::ConsentKind;
use crate::domain::subscriber::SubscriberState::{Confirmed, Pending, Suppressed, Unsubscribed};
use crate::domain::subscriber::SuppressReason;
use crate::subscribers::harness::{days, email, visit};

const HANA: &str = "hana@example.jp";
const ONE_CLICK: &str = "List-Unsubscribe=One-Click";
const ONE_CLICK_PARTS: &str =
    "--xx\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--xx--\r\n";

#[tokio::test]
async fn a_reader_confirms_leaves_and_comes_back() {
    let town = Town::new().await;
    town.house.sign_up(HANA).await;
    let confirm = format!("/confirm/{}", town.house.confirm_token(HANA).await);
    let page = town.get(&confirm).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains(&format!("action=\"{confirm}\"")));
    assert_eq!(town.house.state(HANA).await, Some(Pending));
    assert_eq!(town.post(&confirm, FORM, "").await.status, StatusCode::OK);
    assert_eq!(town.house.state(HANA).await, Some(Confirmed));

    let token = town.house.unsubscribe_token(HANA).await;
    let leave = format!("/unsubscribe/{token}");
    let page = town.get(&format!("{leave}?lang=ja")).await;
    assert!(page.body.contains(&format!("action=\"{leave}?lang=ja\"")), "{}", page.body);
    assert_eq!(town.house.state(HANA).await, Some(Confirmed));
    let goodbye = town.post(&format!("{leave}?lang=ja"), FORM, "").await;
    assert_eq!(goodbye.status, StatusCode::OK);
    assert!(goodbye.body.contains(&format!("/resubscribe/{token}")) && goodbye.body.contains("lang=\"ja\""));
    assert_eq!(town.house.state(HANA).await, Some(Unsubscribed));
    assert_eq!(town.post(&format!("/resubscribe/{token}"), FORM, "").await.status, StatusCode::OK);
    assert_eq!(town.house.state(HANA).await, Some(Confirmed));
}

#[tokio::test]
async fn one_click_works_in_both_encodings_and_without_a_body() {
    let requests: [(Option<&str>, &str, &str); 5] = [
        (Some(FORM), ONE_CLICK, "one click"),
        (Some(MULTIPART), ONE_CLICK_PARTS, "one click"),
        (None, "", "button"),
        (Some("application/octet-stream"), "\u{0}\u{1}anything", "button"),
        (Some(MULTIPART), "not what it says it is", "button"),
    ];
    for (content_type, body, detail) in requests {
        let town = Town::new().await;
        town.house.bring(HANA, Confirmed).await;
        let path = format!("/unsubscribe/{}", town.house.unsubscribe_token(HANA).await);
        let mut request = asking("POST", &path);
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let got = town.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(got.status, StatusCode::OK);
        assert!(got.headers.get("location").is_none() && got.headers.get("set-cookie").is_none());
        assert!(got.body.len() < 8192, "a small page");
        assert_eq!(town.house.state(HANA).await, Some(Unsubscribed));
        let id = town.house.find(HANA).await.unwrap().id;
        let last = town.house.store.consent_events(id).await.unwrap().pop().unwrap();
        assert_eq!((last.kind, last.detail.as_deref()), (ConsentKind::Unsubscribed, Some(detail)));
        assert_eq!(last.ip.as_deref(), Some("192.0.2.1"));
    }
}

#[tokio::test]
async fn a_thousand_presses_are_one() {
    let town = Town::new().await;
    town.house.bring(HANA, Confirmed).await;
    let path = format!("/unsubscribe/{}", town.house.unsubscribe_token(HANA).await);
    for index in 0..1000 {
        let (content_type, body) = if index % 2 == 0 { (FORM, ONE_CLICK) } else { (MULTIPART, ONE_CLICK_PARTS) };
        assert_eq!(town.post(&path, content_type, body).await.status, StatusCode::OK);
    }
    let left = town.house.events(HANA).await.iter().filter(|kind| **kind == ConsentKind::Unsubscribed).count();
    assert_eq!(left, 1);
}

#[tokio::test]
async fn scanners_change_nothing() {
    let town = Town::new().await;
    town.house.sign_up("pending@example.jp").await;
    town.house.bring(HANA, Confirmed).await;
    let confirm = format!("/confirm/{}", town.house.confirm_token("pending@example.jp").await);
    let leave = format!("/unsubscribe/{}", town.house.unsubscribe_token(HANA).await);
    let back = leave.replace("unsubscribe", "resubscribe");
    let mut fetches = 0;
    for _ in 0..84 {
        for path in [&confirm, &leave, &back] {
            for (method, header) in [
                ("GET", ("accept", "*/*")),
                ("HEAD", ("accept", "*/*")),
                ("OPTIONS", ("origin", "https://scanner.example")),
                ("GET", ("sec-purpose", "prefetch;prerender")),
            ] {
                town.send(asking(method, path).header(header.0, header.1).body(Body::empty()).unwrap()).await;
                fetches += 1;
            }
        }
    }
    assert!(fetches > 1000);
    for path in [&confirm, &leave, "/subscribe"] {
        for header in [("sec-purpose", "prefetch"), ("purpose", "prefetch"), ("x-moz", "Prefetch")] {
            let request = asking("POST", path).header(header.0, header.1).header(CONTENT_TYPE, FORM);
            let got = town.send(request.body(Body::from("email=a%40example.jp")).unwrap()).await;
            assert_eq!(got.status, StatusCode::BAD_REQUEST);
        }
    }
    assert_eq!(town.sign_ups().await, 0);
    assert_eq!(town.house.events("pending@example.jp").await, [ConsentKind::SignedUp]);
    assert_eq!(town.house.events(HANA).await, [ConsentKind::SignedUp, ConsentKind::Confirmed]);
}

#[tokio::test]
async fn links_that_do_not_work_say_so() {
    let town = Town::new().await;
    town.house.sign_up(HANA).await;
    let confirm = town.house.confirm_token(HANA).await;
    let leave = town.house.unsubscribe_token(HANA).await;
    let mut flipped = leave.clone().into_bytes();
    flipped[20] ^= 1;
    let flipped = String::from_utf8(flipped).unwrap();
    let bad = [
        format!("/confirm/{leave}"),
        format!("/unsubscribe/{confirm}"),
        format!("/unsubscribe/{flipped}"),
        format!("/unsubscribe/{}", &leave[..leave.len() - 1]),
        "/confirm/x".to_owned(),
        "/unsubscribe/%ff%00".to_owned(),
    ];
    for path in &bad {
        for got in [town.get(path).await, town.post(path, FORM, ONE_CLICK).await] {
            assert_eq!(got.status, StatusCode::NOT_FOUND, "{path}");
            assert!(got.body.contains("This link does not work"), "{path}");
            assert!(got.header("x-robots-tag").contains("noindex"));
        }
    }
    town.house.pass(days(7));
    let got = town.get(&format!("/confirm/{confirm}")).await;
    assert_eq!((got.status, got.body.contains("This link does not work")), (StatusCode::GONE, true));
    assert_eq!(town.post(&format!("/confirm/{confirm}"), FORM, "").await.status, StatusCode::GONE);
}

#[tokio::test]
async fn an_old_confirmation_link_does_not_undo_an_unsubscribe() {
    let town = Town::new().await;
    town.house.sign_up(HANA).await;
    let confirm = format!("/confirm/{}", town.house.confirm_token(HANA).await);
    town.house.bring(HANA, Unsubscribed).await;
    assert_eq!(town.get(&confirm).await.status, StatusCode::GONE);
    assert_eq!(town.post(&confirm, FORM, "").await.status, StatusCode::GONE);
    assert_eq!(town.house.state(HANA).await, Some(Unsubscribed));
}

#[tokio::test]
async fn leaving_succeeds_when_nobody_is_there_any_more() {
    let town = Town::new().await;
    town.house.bring(HANA, Confirmed).await;
    let path = format!("/unsubscribe/{}", town.house.unsubscribe_token(HANA).await);
    town.house.subscribers.erase(&email(HANA)).await.unwrap();
    assert_eq!(town.get(&path).await.status, StatusCode::OK);
    assert_eq!(town.post(&path, FORM, ONE_CLICK).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_visitor_ticks_the_editions_they_want() {
    let town = Town::with_a_monthly().await;
    let page = town.get("/").await;
    assert!(page.body.contains("value=\"weekly\" checked") && page.body.contains("value=\"monthly\">"));
    let back = town.post("/subscribe", FORM, "email=x&edition=monthly&edition=daily").await;
    assert!(back.body.contains("value=\"weekly\">") && back.body.contains("value=\"monthly\" checked"));
    for (name, form, takes) in [
        ("a", "edition=weekly&edition=monthly", vec!["monthly", "weekly"]),
        ("b", "edition=monthly", vec!["monthly"]),
        ("c", "edition=&editions=monthly", vec!["monthly"]),
        ("d", "", vec!["weekly"]),
    ] {
        let address = format!("{name}@example.jp");
        town.post("/subscribe", FORM, format!("email={address}&{form}")).await;
        town.house.settle().await;
        assert_eq!(town.house.find(&address).await.unwrap().editions, takes, "{form}");
    }
    let json = r#"{"email": "e@example.jp", "editions": ["monthly"]}"#;
    assert_eq!(town.post("/subscribe", JSON, json).await.status, StatusCode::OK);
    town.house.settle().await;
    assert_eq!(town.house.find("e@example.jp").await.unwrap().editions, ["monthly"]);

    town.house.bring(HANA, Confirmed).await;
    let path = format!("/preferences/{}", town.house.unsubscribe_token(HANA).await);
    let page = town.get(&path).await;
    assert!(page.body.contains("name=\"edition\" value=\"weekly\" checked"), "{}", page.body);
    assert!(page.body.contains("name=\"edition\" value=\"monthly\">"), "{}", page.body);
    let form = "edition=monthly&section=monthly/news&language=monthly/en&language=monthly/ja";
    assert_eq!(town.post(&path, FORM, form).await.status, StatusCode::OK);
    let id = town.house.find(HANA).await.unwrap().id;
    let taken = town.house.store.subscriptions_of(id).await.unwrap();
    assert_eq!(taken, [("monthly".to_owned(), "s=news".to_owned())], "the weekly one was unticked");
}

#[tokio::test]
async fn every_page_on_the_way_names_what_was_asked_for() {
    let town = Town::with_a_monthly().await;
    let sent = town.post("/subscribe", FORM, "email=hana%40example.jp&edition=&edition=monthly").await;
    assert!(sent.body.contains("If you are subscribed already"), "{}", sent.body);
    town.house.settle().await;
    let confirm = format!("/confirm/{}", town.house.confirm_token(HANA).await);
    let asked = town.get(&confirm).await.body;
    let confirmed = town.post(&confirm, FORM, "").await.body;
    let token = town.house.unsubscribe_token(HANA).await;
    let leaving = town.get(&format!("/unsubscribe/{token}")).await.body;
    assert!(leaving.contains("Stop all our letters?"), "{leaving}");
    let left = town.post(&format!("/unsubscribe/{token}"), FORM, "").await.body;
    assert!(left.contains("any of our letters"), "{left}");
    let back = town.post(&format!("/resubscribe/{token}?lang=ja"), FORM, "").await.body;
    assert!(back.contains("次の号から、こちらをお届けします"), "{back}");
    for page in [asked, confirmed, back] {
        assert!(page.contains("<li>Japan Monthly</li>") && !page.contains("<li>Japan Weekly</li>"), "{page}");
        assert!(!page.contains("about once a week") && !page.contains("週に一度"), "{page}");
    }
    // Where there is one edition, it is all as it was.
    let town = Town::new().await;
    town.house.sign_up(HANA).await;
    let confirm = format!("/confirm/{}", town.house.confirm_token(HANA).await);
    let asked = town.get(&confirm).await.body;
    assert!(
        asked.contains("“Japan Weekly” comes to your inbox about once a week") && !asked.contains("<li>"),
        "{asked}"
    );
}

#[tokio::test]
async fn a_good_link_to_somebody_who_is_no_reader_says_what_is_the_case() {
    let town = Town::new().await;
    for (name, state, title, japanese) in [
        ("left", Unsubscribed, "You have unsubscribed", "配信は停止されています"),
        ("waits", Pending, "not confirmed yet", "登録がまだ確定していません"),
        ("bounced", Suppressed(SuppressReason::Bounced), "We do not write to this address", "配信していません"),
        ("erased", Confirmed, "Nobody is subscribed under this link", "登録はありません"),
    ] {
        let address = format!("{name}@example.jp");
        town.house.bring(&address, state).await;
        let (token, confirm) = (town.house.unsubscribe_token(&address).await, town.house.confirm_token(&address).await);
        if name == "erased" {
            town.house.subscribers.erase(&email(&address)).await.unwrap();
        }
        let mut pages = vec![format!("/preferences/{token}")];
        if state != Pending {
            pages.push(format!("/confirm/{confirm}"));
        }
        for path in pages {
            for got in [town.get(&path).await, town.post(&path, FORM, "edition=weekly").await] {
                assert_eq!(got.status, StatusCode::GONE, "{path}");
                assert!(got.body.contains(title) && !got.body.contains("This link does not work"), "{}", got.body);
                assert_eq!(got.header("cache-control"), "no-store");
            }
            let got = town.get(&format!("{path}?lang=ja")).await;
            assert!(got.body.contains(japanese), "{}", got.body);
        }
        if state != Unsubscribed {
            let back = town.post(&format!("/resubscribe/{token}"), FORM, "").await;
            assert!(back.status == StatusCode::GONE && back.body.contains(title), "{}", back.body);
        }
    }
}

#[tokio::test]
async fn words_about_a_link_are_in_the_language_of_whoever_it_was_made_for() {
    let town = Town::new().await;
    town.post("/subscribe", FORM, "email=hana%40example.jp&lang=ja").await;
    town.house.settle().await;
    let (token, confirm) = (town.house.unsubscribe_token(HANA).await, town.house.confirm_token(HANA).await);
    let says = async |path: &str, status: StatusCode, words: &str| {
        let got = town.get(path).await;
        assert!(got.status == status && got.body.contains(words), "{path}: {} {}", got.status, got.body);
        got.body
    };
    says(&format!("/preferences/{token}"), StatusCode::GONE, "登録がまだ確定していません").await;
    // The wrong door, with a good key.
    says(&format!("/confirm/{token}"), StatusCode::NOT_FOUND, "このリンクは使えません").await;
    town.post(&format!("/confirm/{confirm}"), FORM, "").await;
    town.post(&format!("/unsubscribe/{token}"), FORM, "").await;
    says(&format!("/preferences/{token}"), StatusCode::GONE, "配信は停止されています").await;
    says(&format!("/preferences/{token}?lang=en"), StatusCode::GONE, "You have unsubscribed").await;
    let accepting = asking("GET", &format!("/preferences/{token}")).header("accept-language", "en");
    let got = town.send(accepting.body(Body::empty()).unwrap()).await;
    assert!(got.body.contains("配信は停止されています"), "as on every page of theirs: {}", got.body);
    town.house.pass(days(8));
    says(&format!("/confirm/{confirm}"), StatusCode::GONE, "このリンクは使えません").await;
    // Of whom nothing is known, nothing is known.
    town.house.subscribers.erase(&email(HANA)).await.unwrap();
    says(&format!("/preferences/{token}"), StatusCode::GONE, "Nobody is subscribed under this link").await;
    says("/preferences/v1.0.AA.AA", StatusCode::NOT_FOUND, "This link does not work").await;
}

#[tokio::test]
async fn an_address_that_only_takes_a_button_says_what_to_do() {
    let town = Town::new().await;
    town.post("/subscribe", FORM, "email=hana%40example.jp&lang=ja").await;
    town.house.settle().await;
    let token = town.house.unsubscribe_token(HANA).await;
    let back = format!("/resubscribe/{token}");
    let says = async |path: &str, words: &str| {
        let got = town.get(path).await;
        assert_eq!((got.status, got.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"), "{path}");
        assert_eq!((got.header("cache-control"), got.header("x-robots-tag")), ("no-store", "noindex, nofollow"));
        assert!(got.body.contains(words), "{path}: {}", got.body);
        got.body
    };
    says("/subscribe", "Please enter your address on the front page").await;
    says("/subscribe?lang=ja", "トップページでメールアドレスを入力してください").await;
    says(&back, "もう一度登録するには").await;
    says("/resubscribe/nonsense", "To subscribe again").await;
    town.house.subscribers.confirm(&town.house.confirm_token(HANA).await, &visit()).await.unwrap();
    town.post(&format!("/unsubscribe/{token}"), FORM, "").await;
    // Whoever has left finds the button, and looking has changed nothing.
    let page = says(&back, "もう一度登録する</button>").await;
    assert!(page.contains(&format!("action=\"{back}\"")), "{page}");
    assert_eq!(town.house.state(HANA).await, Some(Unsubscribed));
    assert_eq!(town.post(&back, FORM, "").await.status, StatusCode::OK);
    says(&back, "手続きは済んでおり").await;
    let json = town.send(asking("GET", "/subscribe").header(CONTENT_TYPE, JSON).body(Body::empty()).unwrap()).await;
    assert_eq!(
        (json.status, json.body.as_str()),
        (StatusCode::METHOD_NOT_ALLOWED, r#"{"error":{"problem":"not_found"}}"#)
    );
}
