//! Reading articles from JSON: what is missing, unknown or of the wrong kind is noted with its place, and the rest is read
//! all the same, so that everything that is wrong can be said at once.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::openapi::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::problem::ErrorAt;
use crate::articles::{Written, WrittenImage};

/// As many articles as a batch may have.
pub(super) const MAX_BATCH: usize = 1000;
/// A longer name of a field is not one of ours, and not repeated.
const MAX_SHOWN_CHARS: usize = 60;

/// An article, as it is sent.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ArticleInput {
    /// What you know the article by: ASCII without spaces. Sent again, it is the same article.
    #[schema(min_length = 1, max_length = 200, example = "job-4711")]
    pub(super) external_id: String,
    /// The headline: plain text on one line.
    #[schema(min_length = 1, max_length = 300, example = "Rust engineer, Kyoto")]
    pub(super) title: String,
    /// Where it leads: http or https.
    #[schema(format = "uri", max_length = 2000, example = "https://jobs.example.jp/4711")]
    pub(super) url: String,
    /// The heading it goes under: one of the sections of the editions here.
    #[schema(example = "openings")]
    pub(super) section: String,
    /// A short text.
    #[schema(max_length = 400, example = "Remote two days a week.")]
    pub(super) summary: Option<String>,
    /// `news` or `opening`; without it, news.
    #[schema(example = "opening")]
    pub(super) kind: Option<String>,
    /// The language it is in: a BCP 47 tag.
    #[schema(example = "en")]
    pub(super) language: Option<String>,
    /// When it was published (RFC 3339); without it, when it was first sent.
    #[schema(format = DateTime, example = "2026-11-24T09:00:00+09:00")]
    pub(super) published: Option<String>,
    /// When it closes: a moment (RFC 3339), or the last day. No issue takes it after that.
    #[schema(example = "2026-12-15")]
    pub(super) closes: Option<String>,
    /// Where the work of an opening is.
    #[schema(max_length = 120, example = "Kyoto")]
    pub(super) place: Option<String>,
    /// Whose opening it is.
    #[schema(max_length = 120, example = "Kamo Works")]
    pub(super) company: Option<String>,
    /// What an opening pays, in your words.
    #[schema(max_length = 120, example = "¥7,000,000 a year")]
    pub(super) pay: Option<String>,
    /// The name of your site, shown beside the headline.
    #[schema(max_length = 120, example = "Example Jobs")]
    pub(super) source: Option<String>,
    /// A picture.
    pub(super) image: Option<ImageInput>,
}

/// A picture, as it is sent.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Image)]
pub(super) struct ImageInput {
    /// Where it is: http or https.
    #[schema(format = "uri", max_length = 2000, example = "https://jobs.example.jp/4711.jpg")]
    pub(super) url: String,
    /// What it shows, for whoever does not see it.
    #[schema(max_length = 300)]
    pub(super) alt: Option<String>,
    /// Who made it.
    #[schema(max_length = 120)]
    pub(super) credit: Option<String>,
}

impl ArticleInput {
    /// Returns the article without its id.
    pub(super) fn written(&self) -> Written {
        let image = self.image.as_ref().map(|image| WrittenImage {
            url: image.url.clone(),
            alt: image.alt.clone(),
            credit: image.credit.clone(),
        });
        let ArticleInput { title, url, section, summary, kind, language, published, closes, .. } = self.clone();
        let ArticleInput { place, company, pay, source, .. } = self.clone();
        Written { title, url, section, summary, kind, language, published, closes, place, company, pay, source, image }
    }
}

/// What may be pushed: an article, a list of articles, or an object with one.
pub(super) struct PushInput;

impl PartialSchema for PushInput {
    fn schema() -> RefOr<Schema> {
        let list = || {
            let one = Ref::from_schema_name("ArticleInput");
            ArrayBuilder::new().items(one).min_items(Some(1)).max_items(Some(MAX_BATCH))
        };
        let named = ObjectBuilder::new().property("articles", list()).required("articles");
        OneOfBuilder::new().item(Ref::from_schema_name("ArticleInput")).item(named).item(list()).into()
    }
}

impl ToSchema for PushInput {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push(("ArticleInput".to_owned(), ArticleInput::schema()));
        ArticleInput::schemas(schemas);
    }
}

/// What may be changed: any of the fields, and none has to be there.
pub(super) struct ArticlePatch;

impl PartialSchema for ArticlePatch {
    fn schema() -> RefOr<Schema> {
        let mut schema = ArticleInput::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.required.clear();
            object.properties.remove("external_id");
            object.description = Some("What is to be different (RFC 7396): null takes a field out.".to_owned());
        }
        schema
    }
}

impl ToSchema for ArticlePatch {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        ArticleInput::schemas(schemas);
    }
}

/// What was found wrong so far.
#[derive(Debug, Default)]
pub(super) struct Errors {
    list: Vec<ErrorAt>,
    places: HashSet<String>,
}

impl Errors {
    pub(super) fn add(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        let pointer = pointer.into();
        self.places.insert(pointer.clone());
        self.list.push(ErrorAt { pointer: Some(pointer), parameter: None, message: message.into() });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn into_list(self) -> Vec<ErrorAt> {
        self.list
    }

    /// Returns whether something is wrong at this very place.
    pub(super) fn has(&self, pointer: &str) -> bool {
        self.places.contains(pointer)
    }
}

/// What was pushed.
pub(super) struct Push {
    /// The articles, each with the pointer to it.
    pub(super) articles: Vec<(String, ArticleInput)>,
    /// Whether it is one article that stands for itself.
    pub(super) single: bool,
}

/// Reads what was pushed.
pub(super) fn push(document: Value, errors: &mut Errors) -> Push {
    let (list, at) = match document {
        Value::Array(list) => (list, ""),
        Value::Object(mut fields) if fields.contains_key("articles") => {
            let list = fields.remove("articles").unwrap_or_default();
            Fields { fields, at: String::new() }.finish(errors);
            match list {
                Value::Array(list) => (list, "/articles"),
                _ => {
                    errors.add("/articles", "this must be a list of articles");
                    return Push { articles: Vec::new(), single: false };
                }
            }
        }
        one => return Push { articles: vec![(String::new(), article(one, "", errors))], single: true },
    };
    if list.is_empty() || list.len() > MAX_BATCH {
        errors.add(at, format!("{} articles; a batch has 1 to {MAX_BATCH}", list.len()));
        return Push { articles: Vec::new(), single: false };
    }
    let articles = list.into_iter().enumerate().map(|(index, value)| {
        let at = format!("{at}/{index}");
        let read = article(value, &at, errors);
        (at, read)
    });
    Push { articles: articles.collect(), single: false }
}

/// Reads an article that stands at `at`.
pub(super) fn article(value: Value, at: &str, errors: &mut Errors) -> ArticleInput {
    let Some(mut fields) = Fields::of(value, at, errors) else { return ArticleInput::default() };
    let input = ArticleInput {
        external_id: fields.need("external_id", errors),
        title: fields.need("title", errors),
        url: fields.need("url", errors),
        section: fields.need("section", errors),
        summary: fields.text("summary", errors),
        kind: fields.text("kind", errors),
        language: fields.text("language", errors),
        published: fields.text("published", errors),
        closes: fields.text("closes", errors),
        place: fields.text("place", errors),
        company: fields.text("company", errors),
        pay: fields.text("pay", errors),
        source: fields.text("source", errors),
        image: fields.image(errors),
    };
    fields.finish(errors);
    input
}

/// The fields of an object that were not read yet.
struct Fields {
    fields: Map<String, Value>,
    at: String,
}

impl Fields {
    fn of(value: Value, at: &str, errors: &mut Errors) -> Option<Self> {
        if let Value::Object(fields) = value {
            return Some(Self { fields, at: at.to_owned() });
        }
        errors.add(at, format!("this must be an object, and is {}", kind_of(&value)));
        None
    }

    fn text(&mut self, name: &str, errors: &mut Errors) -> Option<String> {
        match self.fields.remove(name)? {
            Value::Null => None,
            Value::String(text) => Some(text),
            other => {
                errors.add(format!("{}/{name}", self.at), format!("this must be a string, and is {}", kind_of(&other)));
                None
            }
        }
    }

    fn need(&mut self, name: &str, errors: &mut Errors) -> String {
        let missing = self.fields.get(name).is_none_or(Value::is_null);
        if missing {
            errors.add(format!("{}/{name}", self.at), "this is missing");
        }
        self.text(name, errors).unwrap_or_default()
    }

    fn image(&mut self, errors: &mut Errors) -> Option<ImageInput> {
        let value = self.fields.remove("image").filter(|value| !value.is_null())?;
        let mut fields = Self::of(value, &format!("{}/image", self.at), errors)?;
        let url = fields.need("url", errors);
        let (alt, credit) = (fields.text("alt", errors), fields.text("credit", errors));
        fields.finish(errors);
        Some(ImageInput { url, alt, credit })
    }

    /// Whatever is left has no name that we know.
    fn finish(self, errors: &mut Errors) {
        for name in self.fields.keys() {
            if name.chars().count() > MAX_SHOWN_CHARS {
                errors.add(&*self.at, "there is an unknown field with a very long name");
            } else {
                let step = name.replace('~', "~0").replace('/', "~1");
                errors.add(format!("{}/{step}", self.at), "there is no such field");
            }
        }
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Changes a document as RFC 7396 §2 says.
pub(super) fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(fields) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            fields.remove(&name);
        } else {
            merge(fields.entry(name).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_examples_of_the_rfc_come_out_as_it_says() {
        for (target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!(["a", "b"]), json!(["c"]), json!(["c"])),
            (json!({"a": "foo"}), json!("bar"), json!("bar")),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let mut merged = target.clone();
            merge(&mut merged, patch.clone());
            assert_eq!(merged, result, "{target} {patch}");
        }
    }

    #[test]
    fn everything_that_is_wrong_has_its_place() {
        let mut errors = Errors::default();
        let document = json!({"articles": [
            {"external_id": 7, "title": "A", "url": "https://example.jp/", "section": null, "a/b~c": 1},
            {"external_id": "2", "title": "A", "url": "x", "section": "news", "image": {"src": "x"}},
            "three",
        ], "more": true});
        let read = push(document, &mut errors);
        assert_eq!((read.articles.len(), read.single), (3, false));
        let mut places: Vec<_> = errors.places.iter().map(String::as_str).collect();
        places.sort_unstable();
        let expected = [
            "/articles/0/a~1b~0c",
            "/articles/0/external_id",
            "/articles/0/section",
            "/articles/1/image/src",
            "/articles/1/image/url",
            "/articles/2",
            "/more",
        ];
        assert_eq!(places, expected);
    }
}
