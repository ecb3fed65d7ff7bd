//! What the sign-up form answers.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use jiff::SignedDuration;

use super::harness::{FORM, Got, JSON, MULTIPART, Town, asking};
use crate::domain::language::Language;
use crate::domain::subscriber::SubscriberState::{Confirmed, Pending, Suppressed, Unsubscribed};
use crate::domain::subscriber::SuppressReason;
use crate::subscribers::harness::{House, days};

const CLASSES: [&str; 5] = ["new", "pending", "confirmed", "unsubscribed", "suppressed"];

async fn bring_all(house: &House) {
    house.bring("pending@example.jp", Pending).await;
    house.bring("confirmed@example.jp", Confirmed).await;
    house.bring("unsubscribed@example.jp", Unsubscribed).await;
    house.bring("suppressed@example.jp", Suppressed(SuppressReason::Bounced)).await;
}

fn multipart(fields: &[(&str, &str)]) -> String {
    let parts = fields
        .iter()
        .map(|(name, value)| format!("--xx\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    format!("{}--xx--\r\n", parts.collect::<String>())
}

#[tokio::test]
async fn the_answer_is_the_same_for_every_address() {
    equal_for_everybody(Town::new().await).await;
    equal_for_everybody(Town::with_a_monthly().await).await;
}

async fn equal_for_everybody(town: Town) {
    bring_all(&town.house).await;
    for content_type in [FORM, MULTIPART, JSON] {
        let mut answers = Vec::new();
        for class in CLASSES {
            let address = format!("{class}@example.jp");
            let body = match content_type {
                FORM => format!("email={class}%40example.jp&lang=en"),
                MULTIPART => multipart(&[("email", &address), ("website", ""), ("lang", "en")]),
                _ => format!("{{\"email\":\"{address}\",\"lang\":\"en\"}}"),
            };
            let before = town.sign_ups().await;
            answers.push(town.post("/subscribe", content_type, body).await);
            assert_eq!(town.sign_ups().await, before + 1, "the same work is done for everybody");
            town.house.pass(SignedDuration::from_mins(10));
        }
        let first = &answers[0];
        assert_eq!(first.status, StatusCode::OK);
        for answer in &answers {
            assert_eq!((answer.status, &answer.headers, &answer.body), (first.status, &first.headers, &first.body));
        }
        let expected = if content_type == JSON { JSON } else { "text/html; charset=utf-8" };
        assert_eq!(first.header("content-type"), expected);
    }
}

#[tokio::test]
async fn a_sign_up_keeps_its_language_and_where_it_came_from() {
    let town = Town::new().await;
    let request = asking("POST", "/subscribe")
        .header(CONTENT_TYPE, FORM)
        .header("user-agent", "x".repeat(400))
        .body(Body::from("email=+hana%40example.jp&lang=ja"))
        .unwrap();
    let got = town.send(request).await;
    assert!(got.body.contains("lang=\"ja\""));
    let (_, sign_up) = town.house.store.unsettled_sign_ups(1).await.unwrap().remove(0);
    assert_eq!((sign_up.address.as_str(), sign_up.language), ("hana@example.jp", Language::Ja));
    assert_eq!(sign_up.visit.ip.as_deref(), Some("192.0.2.1"));
    assert_eq!(sign_up.visit.user_agent.unwrap().len(), 256);
}

#[tokio::test]
async fn what_is_no_address_comes_back_with_the_reason_and_a_suggestion() {
    let town = Town::new().await;
    let got = town.post("/subscribe", FORM, "email=%EF%BD%81%40docomo.ne.jp%22%3E%3Cscript%3E").await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.body.contains("role=\"alert\"") && !got.body.contains("<script"));
    let got = town.post("/subscribe", FORM, "email=hana%40docomo.ne%2Cjp").await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.body.contains("Did you mean hana@docomo.ne.jp?") && got.body.contains("value=\"hana@docomo.ne,jp\""));
    let got = town.post("/subscribe", JSON, r#"{"email":"hana@docomo.ne,jp"}"#).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    let error: serde_json::Value = serde_json::from_str(&got.body).unwrap();
    assert_eq!(error["error"]["field"], "email");
    assert_eq!(error["error"]["problem"], "domain");
    assert_eq!(error["error"]["suggestion"], "hana@docomo.ne.jp");
    for (body, problem) in [
        (r#"{}"#, "empty"),
        (r#"{"email":"hana"}"#, "no_at"),
        (r#"{"email":"abuse@example.jp"}"#, "not_allowed"),
        (r#"{"email":"a\r\nBcc: b@example.jp"}"#, "invisible"),
    ] {
        let got = town.post("/subscribe", JSON, body).await;
        assert!(got.body.contains(problem), "{body}: {}", got.body);
    }
    assert_eq!(town.sign_ups().await, 0);
}

#[tokio::test]
async fn what_there_is_not_is_named_at_its_field_and_nothing_is_stored() {
    let address = "hana@example.jp";
    for (field, value, problem, english, japanese) in [
        ("edition", "daily", "unknown_edition", "no letter called “daily”", "「daily」というメールはありません"),
        ("edition", "", "no_edition", "No letter was chosen", "メールが選ばれていません"),
        ("lang", "tlh", "unknown_language", "in the language “tlh”", "言語「tlh」には対応していません"),
        ("section", "sport", "no_part", "“sport” cannot be chosen here", "「sport」はここでは選べません"),
        ("languages", "fr", "no_part", "“fr” cannot be chosen here", "「fr」はここでは選べません"),
    ] {
        let town = Town::new().await;
        for (query, words) in [("", english), ("?lang=ja", japanese)] {
            let path = format!("/subscribe{query}");
            let form = town.post(&path, FORM, format!("email={address}&{field}={value}")).await;
            let parts = town.post(&path, MULTIPART, multipart(&[("email", address), (field, value)])).await;
            for got in [form, parts] {
                assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}={value}");
                assert!(got.body.contains(words) && got.body.contains("role=\"alert\""), "{words}: {}", got.body);
                assert!(got.body.contains("value=\"hana@example.jp\""), "what was typed is still there");
                assert!(!got.body.contains("aria-invalid"), "the address is not to blame");
            }
        }
        let value = if value.is_empty() { serde_json::json!([]) } else { serde_json::json!([value]) };
        let (field, value) = match field {
            "edition" => ("editions", value),
            "lang" => ("lang", "tlh".into()),
            field => (field, value),
        };
        let got = town.post("/subscribe", JSON, serde_json::json!({"email": address, field: value}).to_string()).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", got.body);
        let error = &serde_json::from_str::<serde_json::Value>(&got.body).unwrap()["error"];
        assert_eq!((&error["problem"], &error["field"]), (&problem.into(), &field.into()), "{error}");
        assert!(!error["message"].as_str().unwrap().is_empty());
        if problem != "no_edition" {
            assert_eq!(error["value"], value.get(0).unwrap_or(&value).clone(), "{error}");
        }
        assert_eq!(town.sign_ups().await, 0);
    }
}

#[tokio::test]
async fn a_choice_that_comes_back_is_as_it_was_ticked() {
    let town = Town::with_a_monthly().await;
    let page = town.get("/").await.body;
    assert!(page.contains("<input type=\"hidden\" name=\"edition\" value=\"\">") && page.contains("you have ticked"));
    assert!(!page.contains("once a week. The letter"), "the sentence about one edition is not there");
    let none = town.post("/subscribe", FORM, "email=a%40example.jp&edition=").await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.body.contains("Please tick at least one letter") && !none.body.contains("checked"), "{}", none.body);
    assert!(none.body.contains("aria-describedby=\"edition-error\"") && none.body.contains("id=\"edition-error\""));
    let both = town.post("/subscribe", FORM, "email=a&edition=&edition=monthly&edition=daily").await.body;
    assert!(both.contains("no @") || both.contains("has an @ in it"), "{both}");
    assert!(both.contains("no letter called “daily”") && both.contains("value=\"monthly\" checked"), "{both}");
    let long =
        town.post("/subscribe", FORM, format!("email=a%40example.jp&edition=%3Cscript%3E{}", "x".repeat(9000))).await;
    assert!(long.body.contains("&lt;script&gt;xxx") && !long.body.contains(&"x".repeat(60)), "{}", long.body);
    // A word by itself, a language of a country, and a form that does not know of editions are understood.
    for body in [
        r#"{"email": "a@example.jp", "edition": "monthly"}"#,
        r#"{"email": "b@example.jp", "editions": ["weekly"], "lang": "ja-JP", "utm_source": "x"}"#,
        r#"{"email": "c@example.jp", "editions": null}"#,
    ] {
        assert_eq!(town.post("/subscribe", JSON, body).await.status, StatusCode::OK, "{body}");
    }
    let lines: Vec<_> =
        town.house.store.unsettled_sign_ups(9).await.unwrap().into_iter().map(|(_, line)| line).collect();
    assert_eq!(lines.iter().map(|line| line.editions.join(" ")).collect::<Vec<_>>(), ["monthly", "weekly", ""]);
    assert_eq!(lines[1].language, Language::Ja);
}

#[tokio::test]
async fn a_program_that_fills_in_everything_is_told_what_people_are_told() {
    let town = Town::new().await;
    for (content_type, honest, trapped) in [
        (FORM, "email=a%40example.jp".to_owned(), "email=a%40example.jp&website=http%3A%2F%2Fx".to_owned()),
        (
            MULTIPART,
            multipart(&[("email", "a@example.jp")]),
            multipart(&[("email", "a@example.jp"), ("website", "http://x")]),
        ),
        (JSON, r#"{"email":"a@example.jp"}"#.to_owned(), r#"{"email":"a@example.jp","website":"x"}"#.to_owned()),
    ] {
        let person = town.post("/subscribe", content_type, honest).await;
        let before = town.sign_ups().await;
        let program = town.post("/subscribe", content_type, trapped).await;
        assert_eq!(town.sign_ups().await, before);
        assert_eq!((person.status, person.body), (program.status, program.body));
    }
}

#[tokio::test]
async fn a_form_that_cannot_be_read_is_refused_in_its_own_language() {
    let town = Town::new().await;
    let cases = [
        ("text/plain", "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (JSON, "{", StatusCode::BAD_REQUEST),
        (JSON, "[1]", StatusCode::BAD_REQUEST),
        (JSON, "[\"a@example.jp\"]", StatusCode::BAD_REQUEST),
        ("multipart/form-data", "x", StatusCode::BAD_REQUEST),
        (MULTIPART, "no boundary", StatusCode::BAD_REQUEST),
    ];
    for (content_type, body, status) in cases {
        let got = town.post("/subscribe?lang=ja", content_type, body).await;
        assert_eq!(got.status, status, "{content_type}");
        if content_type == JSON {
            assert_eq!(got.body, r#"{"error":{"problem":"bad_request"}}"#);
        } else {
            assert!(got.body.contains("lang=\"ja\""), "{content_type}");
        }
    }
    assert_eq!(town.sign_ups().await, 0);
}

#[tokio::test]
async fn a_form_on_another_site_may_send_here() {
    let town = Town::new().await;
    let request = asking("POST", "/subscribe")
        .header(CONTENT_TYPE, FORM)
        .header("origin", "https://elsewhere.example")
        .header("sec-fetch-site", "cross-site")
        .body(Body::from("email=a%40example.jp"))
        .unwrap();
    assert_eq!(town.send(request).await.status, StatusCode::OK);
    assert_eq!(town.sign_ups().await, 1);
}

async fn from(town: &Town, peer: [u8; 4], forwarded: Option<&str>) -> Got {
    let mut request = asking("POST", "/subscribe").header(CONTENT_TYPE, FORM);
    if let Some(forwarded) = forwarded {
        request = request.header("x-forwarded-for", forwarded);
    }
    let mut request = request.body(Body::from("email=a%40example.jp")).unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from((peer, 1))));
    town.send(request).await
}

#[tokio::test]
async fn the_eleventh_sign_up_of_a_network_waits_a_minute() {
    let town = Town::new().await;
    let visitor = [203, 0, 113, 9];
    for index in 0..10 {
        // Nobody trusts what the visitor writes here.
        let forged = format!("198.51.100.{index}");
        assert_eq!(from(&town, visitor, Some(&forged)).await.status, StatusCode::OK);
    }
    let got = from(&town, visitor, Some("198.51.100.99")).await;
    assert_eq!((got.status, got.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "60"));
    assert!(got.body.contains("Too many attempts"));
    assert_eq!(from(&town, [203, 0, 113, 10], None).await.status, StatusCode::OK);
    assert_eq!(town.sign_ups().await, 11);
    town.house.pass(SignedDuration::from_mins(1));
    assert_eq!(from(&town, visitor, None).await.status, StatusCode::OK);
    let json = town.post("/subscribe", JSON, r#"{"email":"a@example.jp"}"#).await;
    assert_eq!(json.status, StatusCode::OK, "another network");
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_visitor_counts_and_not_the_proxy() {
    let town = Town::at("https://news.example.jp/", &["10.0.0.0/8"]).await;
    let proxy = [10, 0, 0, 1];
    for index in 0..30 {
        let got = from(&town, proxy, Some(&format!("203.0.113.{index}"))).await;
        assert_eq!(got.status, StatusCode::OK);
    }
    for index in 0..10 {
        from(&town, proxy, Some(&format!("198.51.100.{index}, 203.0.113.200"))).await;
    }
    let got = from(&town, proxy, Some("198.51.100.77, 203.0.113.200")).await;
    assert_eq!(got.status, StatusCode::TOO_MANY_REQUESTS);
    let (_, last) = town.house.store.unsettled_sign_ups(100).await.unwrap().pop().unwrap();
    assert_eq!(last.visit.ip.as_deref(), Some("203.0.113.200"));
}

#[tokio::test]
async fn sign_ups_lead_to_one_mail_per_address() {
    let town = Town::new().await;
    bring_all(&town.house).await;
    town.house.pass(days(2));
    let before = town.house.confirmations().await.len();
    for class in CLASSES {
        town.post("/subscribe", FORM, format!("email={class}%40example.jp")).await;
    }
    town.house.settle().await;
    // New, pending and unsubscribed ones are asked; nobody else hears of it.
    assert_eq!(town.house.confirmations().await.len(), before + 3);
}
