//! The server of the sample feeds and of the articles in them.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;

use super::{SOURCES, Sample, Source, formats, pictures};
use crate::demo::frame::{self, Frame, Oops};
use crate::domain::language::Language;
use crate::render::DemoArticle;

/// The feeds stand still from the start of the demo on, so one tag does for all of them.
const TAG: &str = "\"as-of-the-start\"";

#[derive(Clone)]
struct Press {
    frame: Frame,
    /// Where it is served, without a slash at the end.
    base: Arc<str>,
    started: Timestamp,
}

/// Returns the server of the feeds as they stand at `started`.
pub(in crate::demo) fn router(frame: Frame, base: &str, started: Timestamp) -> Router {
    let assets = frame.assets();
    Router::new()
        .route("/{folder}/{file}", get(feed_or_article))
        .with_state(Press { frame, base: base.into(), started })
        .merge(assets)
        .layer(from_fn(frame::headers))
}

async fn feed_or_article(
    State(press): State<Press>,
    Path((folder, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Oops> {
    let Some(source) = SOURCES.into_iter().find(|source| source.folder == folder) else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    if file == source.file {
        return Ok(press.feed(source, &headers));
    }
    if let Some(index) = file.strip_suffix(".jpg").and_then(|number| number.parse::<usize>().ok()?.checked_sub(1)) {
        let picture = source.picture(index).map(|_| ([(CONTENT_TYPE, "image/jpeg")], pictures::picture(index)));
        return Ok(picture.map_or_else(|| StatusCode::NOT_FOUND.into_response(), IntoResponse::into_response));
    }
    let item = file.parse::<usize>().ok().and_then(|number| source.items.get(number.checked_sub(1)?));
    item.map_or_else(|| Ok(StatusCode::NOT_FOUND.into_response()), |item| press.article(source, item))
}

impl Press {
    fn feed(&self, source: &Source, headers: &HeaderMap) -> Response {
        if headers.get(IF_NONE_MATCH).is_some_and(|tag| tag == TAG) {
            return (StatusCode::NOT_MODIFIED, [(ETAG, TAG)]).into_response();
        }
        let document = formats::document(source, &self.base, self.started);
        ([(CONTENT_TYPE, document.content_type), (ETAG, TAG)], document.body).into_response()
    }

    fn article(&self, source: &Source, item: &Sample) -> Result<Response, Oops> {
        let context = DemoArticle {
            page: self.frame.page(None),
            article_language: source.language.to_owned(),
            source: source.title.to_owned(),
            category: item.category.to_owned(),
            title: item.title.to_owned(),
            paragraphs: item.text.iter().map(|&paragraph| paragraph.to_owned()).collect(),
            feed_url: format!("/{}/{}", source.folder, source.file),
        };
        Ok(Html(self.frame.templates.page(Language::En, &context)?).into_response())
    }
}
