//! The description of the API, held against the routes and against real answers.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::api::{ARTICLES, MERGE_PATCH, Program, opening};
use super::harness::{JSON, Town};
use crate::articles::{MAX_ALT_CHARS, MAX_LABEL_CHARS, MAX_SUMMARY_CHARS, MAX_TITLE_CHARS, MAX_URL_CHARS};

const DOCUMENT: &str = "/api/v1/openapi.json";

async fn document(town: &Town) -> Value {
    let got = town.get(DOCUMENT).await;
    assert_eq!(got.status, StatusCode::OK);
    assert!(got.header("content-type").starts_with("application/openapi+json"));
    got.json()
}

/// Returns what is wrong with a value, as far as the words of JSON Schema go that the document uses.
fn faults(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("no {reference}"));
        return faults(document, target, value, at);
    }
    let mut found = Vec::new();
    let known = [
        "type",
        "oneOf",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "enum",
        "maxLength",
        "minLength",
        "minItems",
        "maxItems",
        "minimum",
        "format",
        "description",
        "example",
        "examples",
        "title",
    ];
    for word in schema.as_object().into_iter().flatten().map(|(word, _)| word) {
        assert!(known.contains(&word.as_str()), "{at}: this test does not know the word {word}");
    }
    if let Some(options) = schema["oneOf"].as_array() {
        let fitting = options.iter().filter(|option| faults(document, option, value, at).is_empty()).count();
        if fitting != 1 {
            found.push(format!("{at}: {fitting} of {} fit", options.len()));
        }
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let kinds = match &schema["type"] {
        Value::Null => vec![kind],
        Value::String(one) => vec![one.as_str()],
        several => several.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect(),
    };
    if !kinds.contains(&kind) {
        found.push(format!("{at}: {kind} is not {kinds:?}"));
    }
    if let (Some(words), Some(_)) = (schema["enum"].as_array(), value.as_str())
        && !words.contains(value)
    {
        found.push(format!("{at}: {value} is not one of {words:?}"));
    }
    if let (Some(most), Some(text)) = (schema["maxLength"].as_u64(), value.as_str())
        && text.chars().count() > usize::try_from(most).unwrap()
    {
        found.push(format!("{at}: too long"));
    }
    if let Some(fields) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                found.push(format!("{at}/{name}: missing"));
            }
        }
        for (name, value) in fields {
            match schema["properties"].get(name) {
                Some(property) => found.extend(faults(document, property, value, &format!("{at}/{name}"))),
                // What nobody promises, nobody may find.
                None if schema["type"] == "object" => found.push(format!("{at}/{name}: not described")),
                None => {}
            }
        }
    }
    if let (Some(items), false) = (value.as_array(), schema["items"].is_null()) {
        for (index, item) in items.iter().enumerate() {
            found.extend(faults(document, &schema["items"], item, &format!("{at}/{index}")));
        }
    }
    found
}

fn schema(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

#[tokio::test]
async fn every_call_is_described_and_what_is_described_can_be_called() {
    let program = Program::new().await;
    let document = document(&program.town).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["servers"][0]["url"], "https://news.example.jp");
    let mut described = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, call) in methods.as_object().unwrap() {
            described.insert(format!("{} {path}", method.to_uppercase()));
            let scope = call["security"][0]["token"][0].as_str().unwrap();
            assert_eq!(scope, if method == "get" { "articles:read" } else { "articles:write" });
            for word in ["summary", "description", "operationId"] {
                assert!(call[word].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}: {word}");
            }
        }
    }
    let mut called = BTreeSet::new();
    for path in [ARTICLES, "/api/v1/articles/{external_id}"] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
            let real = path.replace("{external_id}", "job-1");
            let status = program.send(method, &real, JSON, "{}").await.status;
            if status != StatusCode::METHOD_NOT_ALLOWED {
                called.insert(format!("{method} {path}"));
            }
        }
    }
    assert_eq!(described, called);
}

#[tokio::test]
async fn the_limits_in_the_description_are_those_that_hold() {
    let document = document(&Town::new().await).await;
    let schemas = &document["components"]["schemas"];
    let limit = |shape: &str, field: &str| schemas[shape]["properties"][field]["maxLength"].as_u64().unwrap();
    for (shape, field, most) in [
        ("ArticleInput", "title", MAX_TITLE_CHARS),
        ("ArticleInput", "summary", MAX_SUMMARY_CHARS),
        ("ArticleInput", "url", MAX_URL_CHARS),
        ("ArticleInput", "place", MAX_LABEL_CHARS),
        ("ArticleInput", "company", MAX_LABEL_CHARS),
        ("ArticleInput", "pay", MAX_LABEL_CHARS),
        ("ArticleInput", "source", MAX_LABEL_CHARS),
        ("Image", "url", MAX_URL_CHARS),
        ("Image", "alt", MAX_ALT_CHARS),
        ("Image", "credit", MAX_LABEL_CHARS),
    ] {
        assert_eq!(limit(shape, field), most as u64, "{shape}.{field}");
    }
    assert!("x".repeat(200).parse::<crate::domain::pushed::ExternalId>().is_ok());
    assert_eq!(limit("ArticleInput", "external_id"), 200);
}

#[tokio::test]
async fn real_answers_are_as_described() {
    let program = Program::new().await;
    let document = document(&program.town).await;
    let check = |got: super::harness::Got, path: &str, method: &str| {
        let status = got.status.as_u16().to_string();
        let answer = &document["paths"][path][method]["responses"][&status];
        let content_type = got.header("content-type").to_owned();
        let content = &answer["content"][&content_type];
        assert!(!content.is_null(), "{method} {path} {status} {content_type} is not described: {}", got.body);
        let found = faults(&document, &content["schema"], &got.json(), "");
        assert!(found.is_empty(), "{method} {path} {status}: {found:?}\n{}", got.body);
    };
    let one = "/api/v1/articles/{external_id}";
    let path = format!("{ARTICLES}/1");
    let example = &document["paths"][ARTICLES]["post"]["requestBody"]["content"][JSON]["example"];
    let input = &document["paths"][ARTICLES]["post"]["requestBody"]["content"][JSON]["schema"];
    for good in [example, &opening("1"), &json!([opening("1")]), &json!({"articles": [opening("1")]})] {
        assert_eq!(faults(&document, input, good, ""), Vec::<String>::new());
    }
    check(program.push(example).await, ARTICLES, "post");
    check(program.push(&opening("1")).await, ARTICLES, "post");
    check(program.push(&opening("1")).await, ARTICLES, "post");
    check(program.push(&json!([opening("1"), opening("2")])).await, ARTICLES, "post");
    let mut over = opening("3");
    over["closes"] = json!("2020-01-31");
    check(program.push(&over).await, ARTICLES, "post");
    check(program.push(&json!([over])).await, ARTICLES, "post");
    check(program.push(&json!({"title": 1})).await, ARTICLES, "post");
    check(program.send("POST", ARTICLES, JSON, "{").await, ARTICLES, "post");
    check(program.send("POST", ARTICLES, "text/plain", "{").await, ARTICLES, "post");
    check(program.get(ARTICLES).await, ARTICLES, "get");
    check(program.get(&format!("{ARTICLES}?limit=1")).await, ARTICLES, "get");
    check(program.get(&format!("{ARTICLES}?limit=x")).await, ARTICLES, "get");
    check(program.town.get(ARTICLES).await, ARTICLES, "get");
    check(program.get(&path).await, one, "get");
    check(program.get(&format!("{ARTICLES}/none")).await, one, "get");
    let patch = &document["paths"][one]["patch"]["requestBody"]["content"][MERGE_PATCH];
    assert_eq!(faults(&document, &patch["schema"], &patch["example"], ""), Vec::<String>::new());
    check(program.send("PATCH", &path, MERGE_PATCH, patch["example"].to_string()).await, one, "patch");
    let image = json!({"image": {"url": "https://example.jp/1.jpg"}});
    check(program.send("PATCH", &path, MERGE_PATCH, image.to_string()).await, one, "patch");
    check(program.send("PATCH", &path, MERGE_PATCH, "[]").await, one, "patch");
    check(program.send("DELETE", &path, JSON, "").await, one, "delete");
    check(program.send("PATCH", &path, MERGE_PATCH, "{}").await, one, "patch");
    assert!(!faults(&document, &schema("Article"), &json!({"id": "x"}), "").is_empty(), "this test finds faults");
}

#[tokio::test]
async fn the_page_says_what_the_document_says_and_needs_nothing_from_elsewhere() {
    let town = Town::new().await;
    let document = document(&town).await;
    let got = town.get("/api").await;
    assert_eq!(got.status, StatusCode::OK);
    for (path, methods) in document["paths"].as_object().unwrap() {
        assert!(got.body.contains(&format!("<code>{path}</code>")), "{path}");
        for call in methods.as_object().unwrap().values() {
            assert!(got.body.contains(&format!("id=\"{}\"", call["operationId"].as_str().unwrap())));
        }
    }
    for field in document["components"]["schemas"]["ArticleInput"]["properties"].as_object().unwrap().keys() {
        assert!(got.body.contains(&format!("<dt><code>{field}</code>")), "{field}");
    }
    for problem in ["no-token", "not-valid", "printed"] {
        assert!(got.body.contains(&format!("id=\"{problem}\"")), "a problem leads to {problem}");
    }
    assert!(got.body.contains("curl -X PATCH https://news.example.jp/api/v1/articles/job-4711"));
    let loaded = got.body.split("src=").count() + got.body.split("<link").count();
    assert_eq!(loaded, 6, "an icon and a stylesheet are fetched, two feeds are named; all are ours");
    // It is all in English, whoever reads it, and what its links lead to is not.
    let japanese = town.get("/api?lang=ja").await.body;
    assert!(japanese.contains("<html lang=\"en\"") && japanese.contains("Past issues"), "{japanese}");
    assert!(!japanese.contains("日本語") && japanese.contains("href=\"/?lang=ja\""), "{japanese}");
    let etag = got.header("etag").to_owned();
    let again = super::harness::asking("GET", "/api").header("if-none-match", etag);
    let again = town.send(again.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}
