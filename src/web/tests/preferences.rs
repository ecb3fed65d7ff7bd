//! The page where a reader chooses.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::harness::{FORM, JSON, Town};
use crate::domain::consent::ConsentKind;
use crate::domain::subscriber::SubscriberState::Confirmed;
use crate::domain::token::{Purpose, Token};

const HANA: &str = "hana@example.jp";

#[tokio::test]
async fn a_reader_chooses_with_the_link_that_lets_them_leave() {
    let town = Town::new().await;
    town.house.bring(HANA, Confirmed).await;
    let token = town.house.unsubscribe_token(HANA).await;
    let path = format!("/preferences/{token}");
    let events = town.house.events(HANA).await.len();
    let page = town.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
    assert_eq!(page.header("x-robots-tag"), "noindex, nofollow");
    assert!(!page.body.contains("hana") && page.body.contains("h•••@e•••.jp"), "{}", page.body);
    assert!(page.body.contains("value=\"weekly/news\" checked") && page.body.contains("value=\"weekly/ja\" checked"));
    assert_eq!(town.house.events(HANA).await.len(), events, "looking changes nothing");

    let form = "edition=weekly&section=weekly/news&language=weekly/ja&mail_language=ja&x=y";
    let saved = town.post(&path, FORM, form).await;
    assert_eq!(saved.status, StatusCode::OK);
    assert!(saved.body.contains("lang=\"ja\"") && saved.body.contains("class=\"saved\""), "{}", saved.body);
    assert!(saved.body.contains("value=\"weekly/openings\">"), "{}", saved.body);
    let subscriber = town.house.find(HANA).await.unwrap();
    let taken = town.house.store.subscriptions_of(subscriber.id).await.unwrap();
    assert_eq!(taken, [("weekly".to_owned(), "s=news;l=ja".to_owned())]);
    let last = town.house.store.consent_events(subscriber.id).await.unwrap().pop().unwrap();
    assert_eq!((last.kind, last.ip.as_deref()), (ConsentKind::Preferences, Some("192.0.2.1")));
    assert_eq!(last.detail.as_deref(), Some("weekly “Japan Weekly” (news; ja); mails in ja"));

    // All of it again, and with it whatever is added later.
    let form = "edition=weekly&section=weekly/news&section=weekly/openings&language=weekly/ja&language=weekly/en";
    assert_eq!(town.post(&path, FORM, form).await.status, StatusCode::OK);
    let taken = town.house.store.subscriptions_of(subscriber.id).await.unwrap();
    assert_eq!(taken, [("weekly".to_owned(), String::new())]);
}

#[tokio::test]
async fn choosing_nothing_leads_to_the_way_out_and_saves_nothing() {
    let town = Town::new().await;
    town.house.bring(HANA, Confirmed).await;
    let token = town.house.unsubscribe_token(HANA).await;
    let path = format!("/preferences/{token}");
    let events = town.house.events(HANA).await.len();
    for body in ["", "section=weekly/news&language=weekly/ja&mail_language=ja", "\u{0}\u{1}"] {
        let got = town.post(&format!("{path}?lang=ja"), FORM, body).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER);
        assert_eq!(got.header("location"), format!("/unsubscribe/{token}?lang=ja"));
    }
    let got = town.post(&path, FORM, "edition=weekly&language=weekly/ja").await;
    assert!(got.status == StatusCode::OK && got.body.contains("role=\"alert\""), "{}", got.body);
    assert_eq!(town.house.events(HANA).await.len(), events);
    assert_eq!(town.house.state(HANA).await, Some(Confirmed));

    let leave = format!("/unsubscribe/{token}");
    town.post(&leave, FORM, "").await;
    let got = town.get(&path).await;
    assert_eq!(got.status, StatusCode::GONE, "who has left has nothing to choose");
    assert!(
        got.body.contains("You have unsubscribed") && !got.body.contains("This link does not work"),
        "{}",
        got.body
    );
    assert_eq!(town.post(&path, FORM, "edition=weekly").await.status, StatusCode::GONE);
    let confirm = town.house.links.signer().sign(Purpose::Confirm, &Token::unsubscribe([1; 16], 0));
    assert_eq!(town.get(&format!("/preferences/{confirm}")).await.status, StatusCode::NOT_FOUND);
}

/// Returns a town with a reader, and the path of the page where she chooses.
async fn with_reader() -> (Town, String) {
    let town = Town::with_a_monthly().await;
    town.house.bring(HANA, Confirmed).await;
    let path = format!("/preferences/{}", town.house.unsubscribe_token(HANA).await);
    (town, path)
}

#[tokio::test]
async fn what_there_is_not_is_named_at_its_field_and_nothing_is_saved() {
    let (town, path) = with_reader().await;
    let before = (town.house.events(HANA).await.len(), town.house.taken(HANA).await);
    for (field, value, problem, english, japanese) in [
        ("editions", "daily", "unknown_edition", "no letter called “daily”", "「daily」というメールはありません"),
        ("sections", "weekly/sport", "unknown_section", "no section “weekly/sport”", "「weekly/sport」という分野は"),
        ("sections", "sport", "unknown_section", "no section “sport”", "「sport」という分野は"),
        ("sections", "daily/news", "unknown_section", "no section “daily/news”", "「daily/news」という分野は"),
        ("languages", "weekly/tlh", "unknown_language", "no choice “weekly/tlh”", "「weekly/tlh」という選択肢は"),
        ("mail_language", "tlh", "unknown_language", "in the language “tlh”", "言語「tlh」のメールは"),
    ] {
        let singular = field.trim_end_matches('s');
        let form = format!("edition=monthly&section=monthly/news&language=monthly/ja&{singular}={value}");
        for (query, words) in [("", english), ("?lang=ja", japanese)] {
            let got = town.post(&format!("{path}{query}"), FORM, form.clone()).await;
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
            assert!(got.body.contains(words) && got.body.contains("role=\"alert\""), "{words}: {}", got.body);
            assert!(!got.body.contains("class=\"saved\""));
            // What was ticked is ticked still.
            for ticked in ["\"monthly\" checked", "\"monthly/news\" checked", "\"monthly/openings\">", "\"weekly\">"] {
                assert!(got.body.contains(&format!("value={ticked}")), "{ticked}: {}", got.body);
            }
        }
        let mut body = json!({"editions": ["monthly"], "sections": ["monthly/news"], "languages": "monthly/ja"});
        body[field] = json!([value]);
        let got = town.post(&path, JSON, body.to_string()).await;
        assert_eq!((got.status, got.header("content-type")), (StatusCode::UNPROCESSABLE_ENTITY, JSON), "{body}");
        let error = &serde_json::from_str::<Value>(&got.body).unwrap()["error"];
        assert_eq!(
            (&error["problem"], &error["field"], &error["value"]),
            (&json!(problem), &json!(field), &json!(value))
        );
        assert!(error["message"].as_str().unwrap().contains("there are: "), "{error}");
    }
    let long = town.post(&path, FORM, format!("edition=%3Cscript%3E{}", "x".repeat(9000))).await;
    assert!(long.body.contains("&lt;script&gt;xxx") && !long.body.contains(&"x".repeat(60)), "{}", long.body);
    assert_eq!((town.house.events(HANA).await.len(), town.house.taken(HANA).await), before);
}

#[tokio::test]
async fn a_program_chooses_with_json() {
    let (town, path) = with_reader().await;
    let body = json!({"edition": "monthly", "sections": ["monthly/news"], "languages": ["monthly/en", "monthly/ja"],
        "mail_language": "ja", "utm_source": 1});
    let got = town.post(&path, JSON, body.to_string()).await;
    assert_eq!((got.status, got.body.as_str()), (StatusCode::OK, r#"{"status":"saved"}"#));
    assert_eq!(town.house.taken(HANA).await, [("monthly".to_owned(), "s=news".to_owned())]);
    assert_eq!(town.house.find(HANA).await.unwrap().language.tag(), "ja");
    let events = town.house.events(HANA).await.len();
    for (body, problem, field) in [
        (json!({}), "no_edition", "editions"),
        (json!({"editions": []}), "no_edition", "editions"),
        (json!({"editions": ["weekly"], "languages": ["weekly/ja"]}), "nothing_left", "sections"),
        (json!({"editions": ["weekly"], "sections": ["weekly/news"]}), "nothing_left", "languages"),
    ] {
        let got = town.post(&path, JSON, body.to_string()).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let error = &serde_json::from_str::<Value>(&got.body).unwrap()["error"];
        assert_eq!((&error["problem"], &error["field"]), (&json!(problem), &json!(field)), "{error}");
    }
    for body in ["", "[]", "{", "\"monthly\"", r#"{"editions": 1}"#, r#"{"sections": [["monthly/news"]]}"#] {
        assert_eq!(town.post(&path, JSON, body).await.status, StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(town.house.events(HANA).await.len(), events);
}
