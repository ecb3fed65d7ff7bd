//! `GET /api`: the description of the API for people, made from the one for programs. It needs nothing from elsewhere.

use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::Value;

use super::problem::Kind;
use super::{DOCUMENT, PAGE, document};
use crate::domain::language::Language;
use crate::render::{ApiAnswer, ApiCall, ApiField, ApiPage, ApiPiece, ApiProblem, ApiShape, Page};
use crate::web::WebState;
use crate::web::failure::Answer;
use crate::web::language::Asked;
use crate::web::public::cached;

/// What is shown of the shapes there are, in this order.
const SHAPES: [&str; 5] = ["ArticleInput", "Image", "Article", "Problem", "ErrorAt"];
const REFERENCE: &str = "#/components/schemas/";

/// Shows the page.
pub(super) async fn show(State(state): State<WebState>, asked: Asked, headers: HeaderMap) -> Answer {
    state.api().map_err(|_| crate::web::failure::Failure::NotFound)?;
    // It is in English, like the names of what it describes; so is what stands around it. What the links lead to is in
    // the visitor's language again.
    let language = Language::En;
    let theirs = state.frame(asked.language(), PAGE);
    let description = serde_json::to_value(document::whole(&state)).unwrap_or_default();
    let home = state.links.home();
    let context = ApiPage {
        page: Page {
            home_url: theirs.home_url,
            issues_url: theirs.issues_url,
            lang_links: Vec::new(),
            ..state.frame(language, PAGE)
        },
        document_url: state.path(DOCUMENT),
        about: text(&description["info"]["description"]),
        token_example: "kawaraban tokens create job-board --scope articles:read --scope articles:write".to_owned(),
        calls: calls(&description, home.trim_end_matches('/')),
        shapes: SHAPES.into_iter().filter_map(|name| shape(&description, name)).collect(),
        problems: Kind::ALL.into_iter().map(problem).collect(),
    };
    Ok(cached::page(&headers, state.templates.page(language, &context)?))
}

fn text(value: &Value) -> String {
    // What stands on several lines in the source is one paragraph here.
    value.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn pieces(value: &Value) -> Vec<ApiPiece> {
    ApiPiece::all(&text(value))
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn calls(description: &Value, base: &str) -> Vec<ApiCall> {
    let mut calls = Vec::new();
    for (path, methods) in entries(&description["paths"]) {
        for method in ["get", "post", "patch", "delete"] {
            if let Some(call) = methods.get(method) {
                calls.push(self::call(base, path, &method.to_uppercase(), call));
            }
        }
    }
    calls
}

fn call(base: &str, path: &str, method: &str, call: &Value) -> ApiCall {
    let scope = &call["security"][0]["token"][0];
    let responses = entries(&call["responses"]);
    ApiCall {
        id: text(&call["operationId"]),
        method: method.to_owned(),
        path: path.to_owned(),
        title: text(&call["summary"]),
        paragraphs: vec![pieces(&call["description"])],
        scope: text(scope),
        parameters: list(&call["parameters"]).map(parameter).collect(),
        example: example(base, path, method, call),
        answers: responses
            .map(|(status, answer)| ApiAnswer { status: status.clone(), text: pieces(&answer["description"]) })
            .collect(),
    }
}

fn parameter(parameter: &Value) -> ApiField {
    ApiField {
        name: text(&parameter["name"]),
        holds: format!("in the {}", text(&parameter["in"])),
        shape: None,
        required: parameter["required"].as_bool().unwrap_or_default(),
        text: pieces(&parameter["description"]),
    }
}

/// Returns the call as a line for a shell, as long as it may be.
fn example(base: &str, path: &str, method: &str, call: &Value) -> String {
    let mut url = format!("{base}{path}");
    let mut query = Vec::new();
    for parameter in list(&call["parameters"]) {
        let (name, example) = (text(&parameter["name"]), text(&parameter["example"]));
        match parameter["in"].as_str() {
            Some("path") => url = url.replace(&format!("{{{name}}}"), &example),
            Some("query") if !example.is_empty() => query.push(format!("{name}={example}")),
            _ => {}
        }
    }
    // In quotation marks a shell takes no sign of it for one of its own.
    let url = if query.is_empty() { url } else { format!("'{url}?{}'", query.join("&")) };
    let verb = if method == "GET" { String::new() } else { format!(" -X {method}") };
    let mut lines = vec![format!("curl{verb} {url}"), "-H \"Authorization: Bearer $TOKEN\"".to_owned()];
    if let Some((media_type, content)) = entries(&call["requestBody"]["content"]).next() {
        lines.push(format!("-H 'Content-Type: {media_type}'"));
        lines.push(format!("-d '{}'", serde_json::to_string_pretty(&content["example"]).unwrap_or_default()));
    }
    lines.join(" \\\n  ")
}

fn shape(description: &Value, name: &str) -> Option<ApiShape> {
    let schema = description["components"]["schemas"].get(name)?;
    let required: Vec<&str> = list(&schema["required"]).filter_map(Value::as_str).collect();
    let mut fields: Vec<ApiField> = entries(&schema["properties"])
        .map(|(name, property)| ApiField {
            name: name.clone(),
            holds: holds(property),
            shape: reference(property).filter(|name| SHAPES.contains(name)).map(place),
            required: required.contains(&name.as_str()),
            text: pieces(&property["description"]),
        })
        .collect();
    // What must be there comes first.
    fields.sort_by_key(|field| !field.required);
    Some(ApiShape { id: place(name), name: name.to_owned(), text: text(&schema["description"]), fields })
}

fn place(name: &str) -> String {
    format!("shape-{}", name.to_lowercase())
}

/// Returns the shape a property has, by itself, or unless it is null, or in a list.
fn reference(property: &Value) -> Option<&str> {
    let own = property["$ref"].as_str().or(property["items"]["$ref"].as_str());
    let other = || list(&property["oneOf"]).find_map(|one| one["$ref"].as_str());
    own.or_else(other)?.strip_prefix(REFERENCE)
}

fn holds(property: &Value) -> String {
    let kinds: Vec<&str> = match &property["type"] {
        Value::String(kind) => vec![kind],
        other => list(other).filter_map(Value::as_str).filter(|kind| *kind != "null").collect(),
    };
    let kind = match (kinds.first(), property["format"].as_str()) {
        (Some(&"string"), Some("uri")) => "URL".to_owned(),
        (Some(&"string"), Some("date-time")) => "moment".to_owned(),
        (Some(&"string"), _) => "text".to_owned(),
        (Some(&"integer"), _) => "number".to_owned(),
        (Some(&"boolean"), _) => "true or false".to_owned(),
        (Some(&"array"), _) => format!("list of {}", reference(property).unwrap_or("values")),
        _ => reference(property).unwrap_or("object").to_owned(),
    };
    match property["maxLength"].as_u64() {
        Some(most) => format!("{kind}, {most} characters at most"),
        None => kind,
    }
}

fn problem(kind: Kind) -> ApiProblem {
    let (status, id, title) = kind.about();
    ApiProblem { id: id.to_owned(), status: status.as_u16(), title: title.to_owned(), text: kind.advice().to_owned() }
}
