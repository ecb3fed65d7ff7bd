//! What the calls answer.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::input::{ArticleInput, ImageInput};
use crate::domain::article::ArticleKind;
use crate::domain::pushed::{Origin, Pushed, PushedArticle};

/// An article, with all that is known of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Article)]
pub(super) struct ArticleAnswer {
    /// The number of the article here.
    #[schema(example = 42)]
    id: i64,
    /// What its owner knows it by; null if it was not pushed.
    #[schema(required = true, example = "job-4711")]
    external_id: Option<String>,
    /// Where it came from.
    origin: OriginAnswer,
    /// News or an opening.
    kind: KindAnswer,
    /// The heading it goes under.
    #[schema(example = "openings")]
    section: String,
    /// The headline.
    #[schema(example = "Rust engineer, Kyoto")]
    title: String,
    /// Where it leads.
    #[schema(format = "uri", example = "https://jobs.example.jp/4711")]
    url: String,
    /// A short text; may be empty.
    #[schema(example = "Remote two days a week.")]
    summary: String,
    /// The language it is in, where known.
    #[schema(required = true, example = "en")]
    language: Option<String>,
    /// The name of its source.
    #[schema(required = true, example = "Example Jobs")]
    source: Option<String>,
    /// When it was published.
    #[schema(format = DateTime, example = "2026-11-24T00:00:00Z")]
    published: String,
    /// When it closes.
    #[schema(required = true, format = DateTime, example = "2026-12-15T14:59:59.999Z")]
    closes: Option<String>,
    /// Where the work of an opening is.
    #[schema(required = true, example = "Kyoto")]
    place: Option<String>,
    /// Whose opening it is.
    #[schema(required = true, example = "Kamo Works")]
    company: Option<String>,
    /// What an opening pays.
    #[schema(required = true, example = "¥7,000,000 a year")]
    pay: Option<String>,
    /// A picture.
    #[schema(required = true)]
    image: Option<ImageInput>,
    /// When it was first seen here.
    #[schema(format = DateTime, example = "2026-11-24T00:05:00Z")]
    received: String,
    /// When it was last changed by whoever pushed it.
    #[schema(required = true, format = DateTime)]
    updated: Option<String>,
    /// When it was withdrawn: no issue takes it after that.
    #[schema(required = true, format = DateTime)]
    withdrawn: Option<String>,
    /// Whether an issue was sealed with it. It stays as it was printed then.
    printed: bool,
}

/// Where an article came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Origin)]
pub(super) enum OriginAnswer {
    /// Pushed.
    Api,
    /// Written by hand.
    Hand,
    /// From a feed.
    Feed,
}

/// News or an opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Kind)]
pub(super) enum KindAnswer {
    /// Something happened.
    News,
    /// A job, a call for entries, a residency.
    Opening,
}

impl From<PushedArticle> for ArticleAnswer {
    fn from(known: PushedArticle) -> Self {
        let PushedArticle { article, origin, updated, withdrawn, printed } = known;
        let text = |at: Timestamp| at.to_string();
        let (origin, external_id) = match origin {
            Origin::Api(id) => (OriginAnswer::Api, Some(id.as_str().to_owned())),
            Origin::Hand => (OriginAnswer::Hand, None),
            Origin::Feed => (OriginAnswer::Feed, None),
        };
        Self {
            id: article.id.0,
            external_id,
            origin,
            kind: match article.details.kind {
                ArticleKind::News => KindAnswer::News,
                ArticleKind::Opening => KindAnswer::Opening,
            },
            section: article.section,
            title: article.title,
            url: article.url,
            summary: article.summary,
            language: article.language,
            source: article.source,
            published: text(article.published),
            closes: article.closes.map(text),
            place: article.details.place,
            company: article.details.company,
            pay: article.details.pay,
            image: article.details.image.map(|image| ImageInput {
                url: image.url,
                alt: Some(image.alt),
                credit: image.credit,
            }),
            received: text(article.first_seen),
            updated: updated.map(text),
            withdrawn: withdrawn.map(text),
            printed,
        }
    }
}

impl ArticleAnswer {
    /// Returns the article as it would be sent, for a patch to change.
    pub(super) fn into_input(self) -> ArticleInput {
        let kind = match self.kind {
            KindAnswer::News => "news",
            KindAnswer::Opening => "opening",
        };
        ArticleInput {
            external_id: self.external_id.unwrap_or_default(),
            title: self.title,
            url: self.url,
            section: self.section,
            summary: Some(self.summary),
            kind: Some(kind.to_owned()),
            language: self.language,
            published: Some(self.published),
            closes: self.closes,
            place: self.place,
            company: self.company,
            pay: self.pay,
            source: self.source,
            image: self.image,
        }
    }
}

/// What became of an article that was pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// It is new.
    Created,
    /// It was here with other words.
    Updated,
    /// It was here just so.
    Unchanged,
    /// An issue was sealed with it: it stays as it was printed, and what was sent was not taken.
    Printed,
    /// It was withdrawn and stays so; what was sent was not taken.
    Withdrawn,
    /// Its closing date is past and it was never here: no issue would take it, and neither was it taken here.
    Closed,
}

impl From<Pushed> for Outcome {
    fn from(pushed: Pushed) -> Self {
        match pushed {
            Pushed::Created => Self::Created,
            Pushed::Updated => Self::Updated,
            Pushed::Unchanged => Self::Unchanged,
            Pushed::Printed => Self::Printed,
            Pushed::Withdrawn => Self::Withdrawn,
            Pushed::Closed => Self::Closed,
        }
    }
}

/// What became of one article.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct PushResult {
    /// What its owner knows it by.
    #[schema(example = "job-4711")]
    pub(super) external_id: String,
    /// `created`, `updated` or `unchanged`; `printed` or `withdrawn` if it stays as it is; `closed` if it came too late.
    pub(super) result: Outcome,
}

/// What became of a batch, in the order it was sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct BatchResult {
    /// One for each article.
    pub(super) results: Vec<PushResult>,
}

/// What became of what was pushed.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum PushAnswer {
    /// Of an article that was sent alone.
    One(PushResult),
    /// Of a list.
    Batch(BatchResult),
}

/// A page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ArticlePage {
    /// The articles, newest first.
    pub(super) articles: Vec<ArticleAnswer>,
    /// What to send as `cursor` for the next page; null on the last one.
    #[schema(required = true)]
    pub(super) next_cursor: Option<String>,
}
