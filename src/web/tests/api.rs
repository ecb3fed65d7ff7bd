//! The API, as programs use it, and as those do who mean harm.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::harness::{Got, JSON, Town, asking, send};
use crate::access::Access;
use crate::domain::api_token::Scope;
use crate::store::tests::harness::what_waits;
use crate::store::{NewIssue, SealedIssue};

pub(super) const ARTICLES: &str = "/api/v1/articles";
pub(super) const MERGE_PATCH: &str = "application/merge-patch+json";

/// A program with a token, and the site it talks to.
pub(super) struct Program {
    pub(super) town: Town,
    pub(super) token: String,
}

impl Program {
    pub(super) async fn new() -> Self {
        Self::with(&Scope::ALL).await
    }

    pub(super) async fn with(scopes: &[Scope]) -> Self {
        let town = Town::new().await;
        let token = access(&town).create("program", scopes).await.unwrap().reveal().to_owned();
        Self { town, token }
    }

    pub(super) async fn send(&self, method: &str, path: &str, content_type: &str, body: impl Into<Body>) -> Got {
        let request = asking(method, path).header(AUTHORIZATION, format!("Bearer {}", self.token));
        self.town.send(request.header(CONTENT_TYPE, content_type).body(body.into()).unwrap()).await
    }

    pub(super) async fn push(&self, document: &Value) -> Got {
        self.send("POST", ARTICLES, JSON, document.to_string()).await
    }

    pub(super) async fn get(&self, path: &str) -> Got {
        self.send("GET", path, JSON, "").await
    }

    async fn patch(&self, id: &str, document: &Value) -> Got {
        self.send("PATCH", &format!("{ARTICLES}/{id}"), MERGE_PATCH, document.to_string()).await
    }

    async fn delete(&self, id: &str) -> Got {
        self.send("DELETE", &format!("{ARTICLES}/{id}"), JSON, "").await
    }

    /// Prints what waits for the weekly edition.
    async fn print(&self) {
        let (store, now) = (&self.town.house.store, self.now());
        let waiting = what_waits(store, "weekly", "openings", now).await;
        let items = waiting.iter().zip(0..).map(|(article, n)| (article.id, "openings".to_owned(), n)).collect();
        let slot = "2026-11-27T08:00".to_owned();
        let new = NewIssue { edition: "weekly".to_owned(), slot, scheduled: now, skipped: None, items };
        let draft = store.create_issue(&new, now).await.unwrap().unwrap();
        let items = store.issue_items(draft.id).await.unwrap();
        let sealed = SealedIssue {
            id: draft.id,
            revision: draft.revision,
            items,
            letters: Vec::new(),
            unserved: Vec::new(),
            without_readers: true,
        };
        store.seal_issue(&sealed, now).await.unwrap();
    }

    fn now(&self) -> jiff::Timestamp {
        use crate::clock::Clock;
        self.town.house.clock.now()
    }
}

fn access(town: &Town) -> Access {
    Access::new(town.house.store.clone(), town.house.clock.clone())
}

pub(super) fn opening(id: &str) -> Value {
    json!({
        "external_id": id,
        "title": format!("Cook {id}"),
        "url": format!("https://jobs.example.jp/{id}"),
        "section": "openings",
        "kind": "opening",
        "closes": "2026-12-15",
        "place": "京都",
    })
}

impl Got {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// Returns the places of the errors, and makes sure that the rest of the refusal is in order.
    pub(super) fn refused(&self, status: u16) -> Vec<String> {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.header("cache-control"), "no-store");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
        assert!(problem["type"].as_str().unwrap().starts_with("https://news.example.jp/api#"), "{problem}");
        let place = |error: &Value| error["pointer"].as_str().or(error["parameter"].as_str()).unwrap().to_owned();
        let mut places: Vec<_> = problem["errors"].as_array().into_iter().flatten().map(place).collect();
        places.sort_unstable();
        places
    }
}

#[tokio::test]
async fn an_article_is_pushed_looked_at_changed_and_withdrawn() {
    let program = Program::new().await;
    let got = program.push(&opening("job/1")).await;
    assert_eq!((got.status, got.json()), (StatusCode::CREATED, json!({"external_id": "job/1", "result": "created"})));
    let path = got.header("location").to_owned();
    assert_eq!(path, "/api/v1/articles/job%2F1");
    let again = program.push(&opening("job/1")).await;
    assert_eq!((again.status, &again.json()["result"]), (StatusCode::OK, &json!("unchanged")));

    let article = program.get(&path).await.json();
    assert_eq!(
        (&article["place"], &article["kind"], &article["origin"]),
        (&json!("京都"), &json!("opening"), &json!("api"))
    );
    assert_eq!(article["closes"], "2026-12-15T14:59:59.999Z", "a day ends where the edition is");

    program.town.house.pass(SignedDuration::from_mins(5));
    let changed = program
        .patch("job%2F1", &json!({"place": null, "pay": "¥300,000", "image": {"url": "https://example.jp/1.jpg"}}))
        .await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    let changed = changed.json();
    assert_eq!(
        (&changed["place"], &changed["pay"], &changed["title"]),
        (&Value::Null, &json!("¥300,000"), &json!("Cook job/1"))
    );
    assert!(changed["updated"].is_string() && changed["image"]["url"] == "https://example.jp/1.jpg");

    let gone = program.delete("job%2F1").await.json();
    assert!(gone["withdrawn"].is_string() && gone["printed"] == false);
    assert_eq!(program.delete("job%2F1").await.json(), gone, "twice is once");
    assert_eq!(program.push(&opening("job/1")).await.json()["result"], "withdrawn");
    assert!(program.patch("job%2F1", &json!({"pay": null})).await.refused(409).is_empty());
    assert_eq!(program.get(ARTICLES).await.json()["articles"], json!([]));
    assert_eq!(program.get(&path).await.json()["withdrawn"], gone["withdrawn"]);
}

#[tokio::test]
async fn what_is_printed_stays_and_the_answer_says_so() {
    let program = Program::new().await;
    program.push(&opening("1")).await;
    program.print().await;
    let mut other = opening("1");
    other["title"] = json!("Chef");
    assert_eq!(
        program.push(&json!([other, opening("2")])).await.json()["results"],
        json!([
            {"external_id": "1", "result": "printed"},
            {"external_id": "2", "result": "created"},
        ])
    );
    assert!(program.patch("1", &json!({"title": "Chef"})).await.refused(409).is_empty());
    let gone = program.delete("1").await;
    assert_eq!((gone.status, &gone.json()["printed"]), (StatusCode::OK, &json!(true)));
    assert_eq!(gone.json()["title"], "Cook 1");
}

#[tokio::test]
async fn a_batch_is_taken_whole_or_not_at_all() {
    let program = Program::new().await;
    let mut bad = opening("3");
    bad["section"] = json!("sport");
    bad["colour"] = json!("red");
    bad["title"] = json!(7);
    let twice = json!({"articles": [opening("1"), opening("2"), bad, opening("1")]});
    let got = program.push(&twice).await;
    let places = ["/articles/2/colour", "/articles/2/section", "/articles/2/title", "/articles/3/external_id"];
    assert_eq!(got.refused(422), places);
    assert!(got.body.contains("there are: news, openings"));
    assert_eq!(program.get(ARTICLES).await.json()["articles"], json!([]));

    let many: Vec<Value> = (0..1000).map(|n| opening(&n.to_string())).collect();
    let got = program.push(&json!({"articles": many})).await;
    assert_eq!(got.status, StatusCode::OK);
    assert_eq!(got.json()["results"].as_array().unwrap().len(), 1000);
    let more: Vec<Value> = (0..1001).map(|n| opening(&n.to_string())).collect();
    assert_eq!(program.push(&json!(more)).await.refused(422), [""]);
    assert_eq!(program.push(&json!([])).await.refused(422), [""]);
    assert_eq!(program.push(&json!({"articles": []})).await.refused(422), ["/articles"]);
    assert_eq!(program.push(&json!({"articles": 1, "x": 2})).await.refused(422), ["/articles", "/x"]);

    let nothing = json!(vec![json!({}); 1000]);
    let got = program.push(&nothing).await;
    assert_eq!(got.refused(422).len(), 100);
    assert!(got.json()["detail"].as_str().unwrap().starts_with("There are 4000 errors; the first 100 are listed."));
}

/// A job board sends all it has, every night.
#[tokio::test]
async fn an_opening_that_is_over_holds_up_no_batch() {
    let program = Program::new().await;
    let results = async |documents: &[Value]| {
        let got = program.push(&json!(documents)).await;
        assert_eq!(got.status, StatusCode::OK, "{}", got.body);
        let results = got.json()["results"].clone();
        let result = |one: &Value| one["result"].as_str().unwrap().to_owned();
        results.as_array().unwrap().iter().map(result).collect::<Vec<_>>()
    };
    let mut over = opening("2");
    over["closes"] = json!("2020-01-31");
    assert_eq!(results(&[opening("1"), over.clone(), opening("3")]).await, ["created", "closed", "created"]);
    program.get(&format!("{ARTICLES}/2")).await.refused(404);
    assert_eq!(program.push(&over).await.json(), json!({"external_id": "2", "result": "closed"}));

    // What waits and is closed early is in no issue after that.
    over["external_id"] = json!("1");
    assert_eq!(results(&[over.clone()]).await, ["updated"]);
    let waiting = program.get(&format!("{ARTICLES}?waiting_for=weekly")).await.json();
    assert_eq!(waiting["articles"].as_array().unwrap().len(), 1);

    // What closed in its own time is as it was.
    program.town.house.pass(SignedDuration::from_hours(24 * 365));
    assert_eq!(results(&[over, opening("2"), opening("3")]).await, ["unchanged", "closed", "unchanged"]);
    // Of the changes of one article, that one is told.
    assert_eq!(program.patch("3", &json!({"closes": "2020-01-31"})).await.refused(422), ["/closes"]);
    // It is no excuse for what is wrong besides.
    let mut wrong = opening("4");
    (wrong["title"], wrong["closes"]) = (json!(""), json!("2020-02-31"));
    let got = program.push(&json!([opening("2"), wrong])).await;
    assert_eq!(got.refused(422), ["/1/closes", "/1/title"]);
}

#[tokio::test]
async fn the_list_is_read_page_by_page() {
    let program = Program::new().await;
    let articles: Vec<Value> = (0..5).map(|n| opening(&n.to_string())).collect();
    program.push(&json!(articles)).await;
    program.push(&json!({"external_id": "n", "title": "N", "url": "https://example.jp/", "section": "news"})).await;
    let mut seen = Vec::new();
    let mut path = format!("{ARTICLES}?kind=opening&limit=2");
    loop {
        let page = program.get(&path).await.json();
        seen.extend(page["articles"].as_array().unwrap().iter().map(|a| a["external_id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("{ARTICLES}?kind=opening&limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ["4", "3", "2", "1", "0"]);
    let count = async |query: &str| {
        program.get(&format!("{ARTICLES}?{query}")).await.json()["articles"].as_array().unwrap().len()
    };
    assert_eq!((count("section=news").await, count("waiting_for=weekly").await), (1, 6));
    for section in ["sport", "%E6%B1%82", "", "a%00"] {
        let got = program.get(&format!("{ARTICLES}?section={section}")).await;
        assert_eq!(got.refused(422), ["section"], "{section}");
    }
    let got = program.get(&format!("{ARTICLES}?section=sport")).await.json();
    assert_eq!(got["errors"][0]["message"], "no edition has a section \"sport\"; there are: news, openings");
    program.print().await;
    assert_eq!(count("waiting_for=weekly").await, 1);
    program.push(&json!({"external_id": "again", "title": "N", "url": "https://example.jp/", "section": "news"})).await;
    program.town.house.store.find_stories(program.now()).await.unwrap();
    assert_eq!((count("section=news").await, count("waiting_for=weekly").await), (2, 1), "it tells the same story");
    let bad = "limit=0&cursor=x&kind=job&waiting_for=daily&section=a%00&colour=red&limit=5";
    let places = ["colour", "cursor", "kind", "limit", "section", "waiting_for"];
    assert_eq!(program.get(&format!("{ARTICLES}?{bad}")).await.refused(422), places[..].to_vec());
}

#[tokio::test]
async fn a_token_is_needed_and_every_bad_one_gets_the_same_answer() {
    let program = Program::with(&[Scope::ArticlesRead]).await;
    let town = &program.town;
    let none = town.get(ARTICLES).await;
    none.refused(401);
    assert_eq!(none.header("www-authenticate"), "Bearer realm=\"kawaraban\"");
    let revoked = access(town).create("old", &Scope::ALL).await.unwrap().reveal().to_owned();
    access(town).revoke("old").await.unwrap();
    let unknown = format!("kwb_{}", "A".repeat(43));
    let mut answers = Vec::new();
    for token in [&revoked, &unknown, "kwb_x", "", "Basic", &program.token[..46]] {
        let request = asking("GET", ARTICLES).header(AUTHORIZATION, format!("Bearer {token}"));
        let got = town.send(request.body(Body::empty()).unwrap()).await;
        got.refused(401);
        answers.push((got.headers, got.body));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let basic = asking("GET", ARTICLES).header(AUTHORIZATION, "Basic a2F3YTpiYW4=").body(Body::empty()).unwrap();
    town.send(basic).await.refused(401);
    let twice = asking("GET", ARTICLES).header(AUTHORIZATION, "Bearer x").header(AUTHORIZATION, "Bearer y");
    town.send(twice.body(Body::empty()).unwrap()).await.refused(401);

    let lower = asking("GET", ARTICLES).header(AUTHORIZATION, format!("bearer {}", program.token));
    assert_eq!(town.send(lower.body(Body::empty()).unwrap()).await.status, StatusCode::OK);
    let refused = program.push(&opening("1")).await;
    refused.refused(403);
    assert!(refused.header("www-authenticate").contains("scope=\"articles:write\""));
    assert_eq!(program.get(&format!("{ARTICLES}?access_token={}", program.token)).await.refused(422), ["access_token"]);
    assert!(town.house.store.api_tokens().await.unwrap()[0].last_used.is_some());
}

#[tokio::test]
async fn a_token_makes_sixty_calls_at_once_and_then_one_a_second() {
    let program = Program::new().await;
    for _ in 0..60 {
        assert_eq!(program.get(ARTICLES).await.status, StatusCode::OK);
    }
    let got = program.get(ARTICLES).await;
    got.refused(429);
    assert_eq!(got.header("retry-after"), "1");
    let other = access(&program.town).create("other", &Scope::ALL).await.unwrap().reveal().to_owned();
    let request = asking("GET", ARTICLES).header(AUTHORIZATION, format!("Bearer {other}")).body(Body::empty()).unwrap();
    assert_eq!(program.town.send(request).await.status, StatusCode::OK, "every token has its own");
    program.town.house.pass(SignedDuration::from_secs(1));
    assert_eq!(program.get(ARTICLES).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_no_json_is_told_by_line_and_column() {
    let program = Program::new().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let cases: [(&[u8], u64); 9] = [
        (b"", 1),
        (b"{\"title\": \"a\",\n  oops}", 2),
        (b"{\"title\": \"\\ud800\"}", 1),
        (b"{\"title\": 1e999}", 1),
        (b"{\"title\": \"a\nb\"}", 2),
        (b"{\"title\": \"\xff\"}", 1),
        (b"{} {}", 1),
        (b"{\"title\": NaN}", 1),
        (deep.as_bytes(), 1),
    ];
    for (body, line) in cases {
        let got = program.send("POST", ARTICLES, JSON, body.to_vec()).await;
        got.refused(400);
        let problem = got.json();
        assert_eq!(problem["line"], line, "{problem}");
        assert!(problem["column"].is_u64() && got.body.len() < 1000, "{problem}");
    }
    for body in ["null", "7", "\"x\"", "true", "123456789012345678901234567890"] {
        assert_eq!(program.send("POST", ARTICLES, JSON, body).await.refused(422), [""], "{body}");
    }
}

#[tokio::test]
async fn hostile_fields_are_refused_or_harmless() {
    let program = Program::new().await;
    let long = "x".repeat(10_000);
    for (field, value) in [
        ("title", json!("a\u{0}b")),
        ("title", json!(long)),
        ("title", json!("pay\u{202e}drawer")),
        ("title", json!(["a"])),
        ("url", json!("javascript:alert(1)")),
        ("url", json!(format!("https://example.jp/{long}"))),
        ("url", json!("https://me:secret@example.jp/")),
        ("external_id", json!("a\r\nb")),
        ("external_id", json!("..")),
        ("external_id", json!(long)),
        ("section", json!("news\u{0}")),
        ("language", json!("../../etc/passwd")),
        ("published", json!(1_790_000_000_i64)),
        ("closes", json!("2020-01-32")),
        ("closes", json!("99999-01-01")),
        ("kind", json!("NEWS")),
        ("image", json!("https://example.jp/1.jpg")),
    ] {
        let mut article = opening("1");
        article[field] = value;
        let got = program.push(&article).await;
        assert_eq!(got.refused(422), [format!("/{field}")], "{}", got.body);
        assert!(got.body.len() < 1000 && !got.body.contains("xxxxx"), "{field} is told again");
    }
    let mut named = opening("1");
    named[&long] = json!(1);
    assert_eq!(program.push(&named).await.refused(422), [""]);

    let mut sly = opening("1");
    sly["title"] = json!("Cook\r\nBcc: everybody@example.jp");
    sly["summary"] = json!("<script>alert(1)</script>{{title}}");
    assert_eq!(program.push(&sly).await.status, StatusCode::CREATED);
    let stored = program.get(&format!("{ARTICLES}/1")).await.json();
    assert_eq!(stored["title"], "Cook Bcc: everybody@example.jp");
    assert_eq!(stored["summary"], "<script>alert(1)</script>{{title}}", "text is text, and escaped where it is shown");
}

#[tokio::test]
async fn a_change_must_be_right_as_a_whole() {
    let program = Program::new().await;
    program.push(&opening("1")).await;
    for (patch, places) in [
        (json!({"title": null, "url": "x"}), vec!["/title", "/url"]),
        (json!({"external_id": "2"}), vec!["/external_id"]),
        (json!({"colour": "red"}), vec!["/colour"]),
        (json!({"kind": "news"}), vec!["/place"]),
        (json!({"image": {"alt": "x"}}), vec!["/image/url"]),
        (json!([1]), vec![""]),
        (json!("x"), vec![""]),
    ] {
        assert_eq!(program.patch("1", &patch).await.refused(422), places, "{patch}");
    }
    assert_eq!(program.patch("1", &json!({})).await.json()["updated"], Value::Null, "nothing to change");
    assert_eq!(program.patch("1", &json!({"external_id": "1", "none": null})).await.status, StatusCode::OK);
    for id in ["2", "%00", "%ff", "%F0%9F%8D%A3", "a%20b", ".%2e", &"x".repeat(5000)] {
        for method in ["GET", "PATCH", "DELETE"] {
            let got = program.send(method, &format!("{ARTICLES}/{id}"), MERGE_PATCH, "{}").await;
            assert!(got.refused(404).is_empty(), "{method} {id}");
        }
    }
}

#[tokio::test]
async fn two_who_change_one_article_at_once_both_succeed() {
    let program = Program::new().await;
    program.push(&opening("1")).await;
    let (pay, company) = (json!({"pay": "¥1"}), json!({"company": "Inn"}));
    let (one, two) = tokio::join!(program.patch("1", &pay), program.patch("1", &company));
    assert_eq!((one.status, two.status), (StatusCode::OK, StatusCode::OK));
    let article = program.get(&format!("{ARTICLES}/1")).await.json();
    assert_eq!((&article["pay"], &article["company"]), (&json!("¥1"), &json!("Inn")));
    let pushes = (0..8).map(|_| async { program.push(&opening("2")).await.json()["result"].clone() });
    let results = futures_util::future::join_all(pushes).await;
    assert_eq!(results.iter().filter(|result| **result == "created").count(), 1, "{results:?}");
    assert_eq!(results.iter().filter(|result| **result == "unchanged").count(), 7);
}

#[tokio::test]
async fn other_methods_types_and_addresses_are_refused_in_the_same_words() {
    let program = Program::new().await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""] {
        let got = program.send("POST", ARTICLES, content_type, "{}").await;
        got.refused(415);
        assert_eq!(got.header("accept-post"), JSON);
        assert!(got.json()["detail"].as_str().unwrap().contains(content_type), "{}", got.body);
        let got = program.send("PATCH", &format!("{ARTICLES}/1"), content_type, "{}").await;
        got.refused(415);
        assert_eq!(got.header("accept-patch"), MERGE_PATCH);
    }
    let charset = program.send("POST", ARTICLES, "application/json; charset=utf-8", opening("1").to_string()).await;
    assert_eq!(charset.status, StatusCode::CREATED);
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
        let got = program.send(method, ARTICLES, JSON, "{}").await;
        got.refused(405);
        assert_eq!(got.header("allow"), "GET,HEAD,POST", "{method}");
        let detail = format!("{method} cannot be done at this address; the header Allow says what can.");
        assert_eq!(got.json()["detail"], detail);
        assert!(got.headers.keys().all(|name| !name.as_str().starts_with("access-control")), "{method}");
    }
    program.send("POST", &format!("{ARTICLES}/1"), JSON, "{}").await.refused(405);
    for path in
        ["/api/v1", "/api/v1/", "/api/v1/articles/", "/api/v1/nothing", "/api/v1/articles/1/2", "/api/v2", "/api/"]
    {
        let got = program.get(path).await;
        got.refused(404);
        assert_eq!(got.json()["detail"], "There is no call at this address.");
    }
    let got = program.get(&format!("{ARTICLES}/job-9")).await;
    got.refused(404);
    assert_eq!(got.json()["detail"], "No article was pushed under the id \"job-9\".");
    let head = program.send("HEAD", &format!("{ARTICLES}/1"), JSON, "").await;
    assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
    assert_eq!(head.header("cache-control"), "no-store");
    assert!(program.town.get("/apiary").await.header("content-type").starts_with("text/html"));
}

#[tokio::test]
async fn a_body_has_a_mebibyte_at_most() {
    let program = Program::new().await;
    let most = 1024 * 1024;
    program.send("POST", ARTICLES, JSON, " ".repeat(most)).await.refused(400);
    program.send("POST", ARTICLES, JSON, " ".repeat(most + 1)).await.refused(413);
    let chunks = (0..1025).map(|_| Ok::<_, std::io::Error>(" ".repeat(1024)));
    let stream = Body::from_stream(futures_util::stream::iter(chunks));
    program.send("POST", ARTICLES, JSON, stream).await.refused(413);
}

#[tokio::test]
async fn under_a_path_the_api_is_there_too_and_without_it_it_is_nowhere() {
    let town = Town::at("https://example.jp/letters/", &[]).await;
    let token = access(&town).create("program", &Scope::ALL).await.unwrap().reveal().to_owned();
    for (prefix, id) in [("", "1"), ("/letters", "2")] {
        let request = asking("POST", &format!("{prefix}{ARTICLES}")).header(AUTHORIZATION, format!("Bearer {token}"));
        let request = request.header(CONTENT_TYPE, JSON).body(Body::from(opening(id).to_string())).unwrap();
        let got = town.send(request).await;
        assert_eq!(got.header("location"), format!("/letters/api/v1/articles/{id}"), "{}", got.body);
        let problem = town.get(&format!("{prefix}{ARTICLES}")).await.json();
        assert_eq!(problem["type"], "https://example.jp/letters/api#no-token");
    }
    let mut state = town.state.clone();
    state.forget_api();
    let router = crate::web::router(state);
    for path in [ARTICLES, "/api"] {
        let got = send(&router, asking("GET", path).body(Body::empty()).unwrap()).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND);
    }
}
