//! The context of the page that describes the API. It is in English only, as are the names of what it describes.

use serde::Serialize;
use serde_json::{Map, Value};

use super::page::Page;
use super::{PageContext, field, samples, seal};
use crate::domain::language::Language;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiPiece {
    /// The words.
    pub text: String,
    /// Whether they are a name that is written as code.
    pub code: bool,
}

impl ApiPiece {
    /// Returns the pieces of a text in which names stand between backticks.
    pub fn all(text: &str) -> Vec<Self> {
        let pieces = text.split('`').enumerate().filter(|(_, text)| !text.is_empty());
        pieces.map(|(index, text)| Self { text: text.to_owned(), code: index % 2 == 1 }).collect()
    }
}

/// How to push articles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiPage {
    /// The frame.
    pub page: Page,
    /// The description for programs.
    pub document_url: String,
    /// What the API is for, in a sentence or two.
    pub about: String,
    /// A line for a shell that makes sure of a token.
    pub token_example: String,
    /// The calls.
    pub calls: Vec<ApiCall>,
    /// What is sent and answered.
    pub shapes: Vec<ApiShape>,
    /// What can go wrong.
    pub problems: Vec<ApiProblem>,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiCall {
    /// Its place on the page.
    pub id: String,
    /// The method, in capitals.
    pub method: String,
    /// The path, with names in braces.
    pub path: String,
    /// What it does, in two or three words.
    pub title: String,
    /// What it does.
    pub paragraphs: Vec<Vec<ApiPiece>>,
    /// The scope it needs.
    pub scope: String,
    /// What stands in the path and the query.
    pub parameters: Vec<ApiField>,
    /// The call as a line for a shell.
    pub example: String,
    /// What is answered.
    pub answers: Vec<ApiAnswer>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiAnswer {
    /// The status.
    pub status: String,
    /// What it means.
    pub text: Vec<ApiPiece>,
}

/// What an object looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiShape {
    /// Its place on the page.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub text: String,
    /// Its fields.
    pub fields: Vec<ApiField>,
}

/// A field or a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiField {
    /// Its name.
    pub name: String,
    /// What it may hold, in a few words.
    pub holds: String,
    /// The shape it has, if it is one of the page's: its place.
    pub shape: Option<String>,
    /// Whether it must be there.
    pub required: bool,
    /// What it is.
    pub text: Vec<ApiPiece>,
}

/// Something that can go wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiProblem {
    /// Its place on the page, to which `type` leads.
    pub id: String,
    /// The status.
    pub status: u16,
    /// What it is.
    pub title: String,
    /// What to do about it.
    pub text: String,
}

impl PageContext for ApiPage {
    const NAME: &'static str = "api";

    fn samples(language: Language) -> Vec<Self> {
        let text = str::to_owned;
        let parameter = ApiField {
            name: text("external_id"),
            holds: text("text"),
            shape: None,
            required: true,
            text: ApiPiece::all("What its owner knows the article by."),
        };
        let image = ApiField {
            name: text("image"),
            holds: text("object"),
            shape: Some(text("shape-image")),
            required: false,
            text: ApiPiece::all("A picture: `http` or `https`."),
        };
        let call = ApiCall {
            id: text("show_article"),
            method: text("GET"),
            path: text("/api/v1/articles/{external_id}"),
            title: text("Look at an article"),
            paragraphs: vec![ApiPiece::all("One that was pushed: `origin` says so.")],
            scope: text("articles:read"),
            parameters: vec![parameter.clone()],
            example: text("curl https://news.example.jp/api/v1/articles/job-4711"),
            answers: vec![ApiAnswer { status: text("200"), text: ApiPiece::all("The article, by its `id`.") }],
        };
        let bare = ApiCall { id: text("list"), parameters: Vec::new(), ..call.clone() };
        vec![Self {
            page: Page { lang_links: Vec::new(), ..samples::page(language, "/api") },
            document_url: text("/api/v1/openapi.json"),
            about: text("Articles for the digest."),
            token_example: text("TOKEN=$(kawaraban tokens create job-board --scope articles:write)"),
            calls: vec![call, bare],
            shapes: vec![ApiShape {
                id: text("shape-article"),
                name: text("Article"),
                text: text("An article."),
                fields: vec![parameter, image],
            }],
            problems: vec![ApiProblem {
                id: text("not-valid"),
                status: 422,
                title: text("Something in the request is not valid"),
                text: text("errors has an entry for everything that is wrong."),
            }],
        }]
    }

    fn derived(&self) -> Map<String, Value> {
        field("seal", seal(&self.page.site_title))
    }
}
